import { expect, test } from 'vitest'
import { parseTarget } from '../knowledge/target.ts'
import { asByteText } from '../source/text.ts'
import { readAsset } from '../store/assets.ts'
import { memoryStore } from '../store/memory.ts'
import { openWorkspace } from './workspace.ts'

test('calls of macros without a semicolon, which no grammar knows, are no reason to take types back', async () => {
  const calls = ['T, &T', 'T2, &T', 'U, &U'].map((each) => `NEW_FROM(From${each}, Spam*)\n`).join('')
  const text = `#include <Python.h>
struct Spam { int x; };
struct Holder { PyObject_HEAD Spam *spam; };
static PyTypeObject T = { PyVarObject_HEAD_INIT(NULL, 0) "m.T", sizeof(Holder), };
static PyTypeObject U = { PyVarObject_HEAD_INIT(NULL, 0) "m.U", sizeof(Holder), };
#define NEW_FROM(name, type, ptr) PyObject *name(ptr p) { return make<ptr>(type, p); }
${calls}PyMODINIT_FUNC PyInit_m(void) {
    if (PyType_Ready(&T) < 0 || PyType_Ready(&U) < 0) return NULL;
    return PyModule_Create(&def);
}
`
  const workspace = await openWorkspace(memoryStore(new Map([['a.cpp', text]]), readAsset), ['a.cpp'])
  const { changes, run } = await workspace.rewrite('types', { targets: [parseTarget('3.11')!] })
  expect(run.problems).toEqual([])
  expect(asByteText(changes.get('a.cpp')!)).toContain(calls.replaceAll('&', ''))
})
