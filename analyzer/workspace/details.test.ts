import { expect, test } from 'vitest'
import { rules } from '../../rules/index.ts'
import { parseTarget } from '../knowledge/target.ts'
import { readAsset } from '../store/assets.ts'
import { memoryStore } from '../store/memory.ts'
import { lineHashes } from './line-hashes.ts'
import { openWorkspace } from './workspace.ts'

const target = parseTarget('3.11', null)!

async function detailsIn(code: string | Uint8Array, details = true) {
  const workspace = await openWorkspace(memoryStore(new Map([['a.c', code]]), readAsset), ['a.c'])
  const { run } = workspace.check({ targets: [target], rules, details })
  return run.diagnostics.filter(({ symbol }) => symbol.startsWith('PyTuple_')).map((each) => each.details)
}

test('columns in bytes and in UTF-16 code units, and a fix as one change', async () => {
  const code = '#include <Python.h>\nPyObject *f(PyObject *a) { /* 漢🐍 */ return PyTuple_GET_ITEM(a, 0); }\n'
  const [found] = await detailsIn(code)
  expect(found).toMatchObject({
    byteColumn: 49,
    endByteColumn: 65,
    lineHash: expect.stringMatching(/^[\da-f]+:1$/),
    substitution: { line: 2, endLine: 2, utf16Column: 45, byteColumn: 49, text: 'PyTuple_GetItem' },
  })
})

test('of a file that is no UTF-8 the bytes are counted as they are', async () => {
  const code = '#include <Python.h>\nPyObject *f(PyObject *a) { /* \xe9 */ return PyTuple_GET_ITEM(a, 0); }\n'
  const [found] = await detailsIn(Buffer.from(code, 'latin1'))
  expect(found).toMatchObject({ byteColumn: 43, substitution: { byteColumn: 43, utf16Column: 43 } })
})

test('what needs an include or a shim is no single change, and nobody is told unasked', async () => {
  const code = '#include <Python.h>\nint f(PyObject *a) { return PyTuple_GET_SIZE(a) > 0; }\n'
  expect((await detailsIn(code, false)).every((each) => each === null)).toBe(true)
  const lookup = '#include <Python.h>\nPyObject *f(PyObject *d) { return _PyDict_GetItemStringWithError(d, "x"); }\n'
  const shim = await openWorkspace(memoryStore(new Map([['a.c', lookup]]), readAsset), ['a.c'])
  const { run } = shim.check({ targets: [target], rules, details: true })
  const found = run.diagnostics.filter(({ fix }) => fix?.kind === 'file' && fix.shims.length > 0)
  expect(found.length).toBeGreaterThan(0)
  for (const { details } of found) expect(details!.substitution).toBeNull()
})

test('a build file has hashes of its own lines', async () => {
  const setup =
    'from setuptools import Extension, setup\n' +
    "setup(ext_modules=[Extension('a', ['a.c'], define_macros=[('Py_LIMITED_API', '0x03100000')])])\n"
  const texts = new Map([
    ['a.c', '#include <Python.h>\n'],
    ['setup.py', setup],
  ])
  const workspace = await openWorkspace(memoryStore(texts, readAsset), [...texts.keys()])
  const { diagnostics } = workspace.check({ targets: [target], rules, details: true }).run
  const found = diagnostics.filter(({ file }) => file === 'setup.py')
  expect(found.length).toBeGreaterThan(0)
  for (const { line, details } of found) expect(details!.lineHash).toBe(lineHashes(setup)[line - 1])
})
