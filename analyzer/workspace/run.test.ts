import { expect, test } from 'vitest'
import { rules } from '../../rules/index.ts'
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

test('names that are not ASCII are told as they are written', async () => {
  const text = `#define Py_LIMITED_API 0x030B0000
#include <Python.h>
static PyObject *größe;
static PyTypeObject größe_Type = { PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "\u{1f600}", .tp_dealloc = \u{1f600}(1) };
PyMODINIT_FUNC PyInit_m(void) { größe = PyList_New(0); return PyModule_Create(&def); }
`
  const files = new Map([['grüße.c', text]])
  const workspace = await openWorkspace(memoryStore(files, readAsset), [...files.keys()])
  const told = JSON.stringify([workspace.check({ rules }).run.diagnostics, workspace.modules()])
  for (const each of ['größe_Type', '"größe"', 'grüße.c', '\u{1f600}(1)']) expect(told).toContain(each)
  expect(told).not.toMatch(/[\x80-\x9f]|\xc3/)
})
