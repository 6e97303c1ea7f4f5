import { expect, test } from 'vitest'
import { parseTarget } from '../knowledge/target.ts'
import { readAsset } from '../store/assets.ts'
import { memoryStore } from '../store/memory.ts'
import { port, takeBack } from './port.ts'
import { openWorkspace } from './workspace.ts'

const files = {
  'setup.py': `from setuptools import setup, Extension
setup(ext_modules=[Extension("a", ["a.c"]), Extension("b", ["b.c"])])
`,
  'a.c': `#include <Python.h>
static PyTypeObject A = {PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "a.A"};
PyMODINIT_FUNC PyInit_a(void) { return PyType_Ready(&A) < 0 ? NULL : PyModule_New("a"); }
`,
  'b.c': `#include <Python.h>
PyObject *f(PyObject *t) { return Py_NewRef(PyTuple_GET_ITEM(t, 0)); }
PyMODINIT_FUNC PyInit_b(void) { return PyModule_New("b"); }
`,
}

test('steps that are taken back leave the others, and a build of the modules that are ready without them', async () => {
  const workspace = await openWorkspace(memoryStore(new Map(Object.entries(files)), readAsset), Object.keys(files))
  const options = { targets: [parseTarget('3.12')!] }
  const text = (file: string): string | null => {
    const bytes = workspace.read(file)
    return bytes && new TextDecoder().decode(bytes)
  }
  const kinds = ({ steps }: { readonly steps: readonly { readonly kind: string }[] }): string[] =>
    steps.map(({ kind }) => kind)
  const all = await port(workspace, 12, options)
  expect([kinds(all), all.modules]).toEqual([['safe fixes', 'static types', 'build'], { all: 2, limited: 2 }])

  const some = await takeBack(workspace, 12, options, all, 1, true)
  expect([kinds(some), some.modules]).toEqual([['safe fixes', 'build'], { all: 2, limited: 1 }])
  expect(text('setup.py')).toContain('Extension("a", ["a.c"])')
  expect(text('a.c')).toBe(files['a.c'])
  expect(text('b.c')).toContain('PyTuple_GetItem')
  expect(some.run.diagnostics.map(({ rule }) => rule)).toContain('static-type-object')

  const none = await takeBack(workspace, 12, options, all, 0, false)
  expect([kinds(none), none.modules]).toEqual([[], { all: 2, limited: 0 }])
  expect(Object.keys(files).map(text)).toEqual(Object.values(files))
  expect(text('pep_shims.h')).toBeNull()
})
