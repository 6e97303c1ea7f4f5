import { rmSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { folder, run, scratch } from '../fixtures/command-line.ts'

/** The command `targets`. */

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe('targets', () => {
  const sources = {
    'setup.py': 'Extension("spam", ["spam.c", "eggs.c"])\n',
    'spam.c': '#include <Python.h>\nPyMODINIT_FUNC PyInit_spam(void) { return 0; }\n',
    'eggs.c': '#include <Python.h>\nPyObject *f(PyObject *o) { return PyType_GetName(Py_TYPE(o)); }\n',
  }
  test('says per file and module what keeps it from which level, and what raising the floor buys', async () => {
    const { code, stdout, stderr } = await run(folder(sources), ['targets'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(
      / 3\.2-3\.10 {2}3\.11-3\.15 {2}abi3t {2}reaches\nspam \(2 files\) +1 +- +- +3\.11, abi3t\n {2}eggs\.c /,
    )
    expect(stdout).toContain('to 3.11  frees 1: PyType_GetName\n')
    expect(stdout).toContain('The lowest level without blockers is 3.11; abi3t has none either.\n')
  })
  test('as JSON, and only of what was asked for', async () => {
    const { code, stdout } = await run(folder(sources), ['targets', '-f', 'json', 'spam.c'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      files: [{ file: 'spam.c', lowest: '3.2' }],
      project: { abi3t: true },
    })
  })
  test('headers that were not read keep a file from what their library cannot do', async () => {
    const survey = async (header: string, build = 'nanobind_add_module(a STABLE_ABI a.cpp)\n') => {
      const path = folder({ 'a.cpp': `#include <${header}>\nint f(int a) { return a; }\n`, 'CMakeLists.txt': build })
      return JSON.parse((await run(path, ['targets', '-f', 'json'])).stdout)
    }
    expect(await survey('pybind11/pybind11.h')).toMatchObject({
      project: { lowest: null, abi3t: false },
      libraries: [{ name: 'pybind11', lowest: null, abi3t: false }],
    })
    expect(await survey('boost/python/module.hpp')).toMatchObject({ project: { lowest: null, abi3t: false } })
    expect(await survey('nanobind/nanobind.h')).toMatchObject({
      project: { lowest: '3.12', abi3t: false },
      libraries: [{ name: 'nanobind', lowest: '3.12', abi3t: false }],
    })
    expect(await survey('nanobind/nanobind.h', 'nanobind_add_module(a BACKEND_MODULE x a.cpp)\n')).toMatchObject({
      project: { lowest: '3.10', abi3t: true },
    })
    expect(await survey('vector.h')).toMatchObject({ libraries: [] })
  })
  test('a missing path', async () => {
    expect(await run(folder(sources), ['targets', 'nowhere', 'spam.c'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('nowhere: cannot be read'),
    })
  })
})
