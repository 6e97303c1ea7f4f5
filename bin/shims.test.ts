import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { folder, isWindows, run, scratch } from '../fixtures/command-line.ts'
import { shimHeader } from '../rules/shims/header.ts'
import { shimList } from '../rules/shims/index.ts'

/** `abi3lint shims` as users start it. */

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe.concurrent('abi3lint shims', () => {
  test('without names: all shims, what they are for, and what differs', async () => {
    const { code, stdout, stderr } = await run(folder({}), ['shims'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const words = new Set(stdout.split(/\s+/))
    for (const { provides, replaces } of shimList)
      for (const name of [...provides, ...replaces]) expect(words, name).toContain(name)
    expect(stdout).toContain('PepLong_AsInt\n    for PyLong_AsInt _PyLong_AsInt\n    from 3.2, needless from 3.13 on\n')
    expect(stdout).toContain('\ndatetime.h\n')
    expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([])
  })

  test('with names: a header to stdout, by the name of the shim or the real one', async () => {
    const header = shimHeader(['PepRun_String', 'PepType_GetTpName'], 9)
    expect(await run(folder({}), ['shims', 'PyRun_String', 'PepType_GetTpName'])).toEqual({
      code: 0,
      stdout: header,
      stderr: '',
    })
    expect(await run(folder({}), ['shims', 'PepRun_String', 'PyTypeObject.tp_name'])).toEqual({
      code: 0,
      stdout: header,
      stderr: '',
    })
  })

  test('-t: the level that the header is for', async () => {
    for (const [target, level] of [
      ['3.2', 2],
      ['3.13', 13],
      ['abi3t', 15],
    ] as const) {
      const { stdout } = await run(folder({}), ['shims', '-t', target, 'PepLong_AsInt'])
      expect(stdout).toBe(shimHeader(['PepLong_AsInt'], level))
    }
  })

  test('-o: a header into a file', async () => {
    const cwd = folder({})
    expect(await run(cwd, ['shims', 'PepRun_String', '-o', 'pep_shims.h'])).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(readFileSync(join(cwd, 'pep_shims.h'), 'utf8')).toBe(shimHeader(['PepRun_String'], 9))
  })

  test('2 for a name that no shim has, with names that are near', async () => {
    expect(await run(folder({}), ['shims', 'PepRun_Strng'])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: there is no shim for PepRun_Strng; did you mean PepRun_String, PyRun_String?\n',
    })
    expect(await run(folder({}), ['shims', 'nothing_that_is'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'error: there is no shim for nothing_that_is\n',
    })
  })

  test('2 for a level that is too low, no target, a file that cannot be written, -o without names', async () => {
    const cwd = folder({})
    expect(await run(cwd, ['shims', '-t', '3.7', 'PepCell_New'])).toMatchObject({
      code: 2,
      stderr: 'error: the shim for PepCell_New works from level 3.8 on, and the target is 3.7\n',
    })
    expect(await run(cwd, ['shims', '-t', '4.0', 'PepCell_New'])).toMatchObject({ code: 2, stdout: '' })
    const unwritten = await run(cwd, ['shims', 'PepCell_New', '-o', 'no/such/folder.h'])
    expect(unwritten).toMatchObject({ code: 2, stdout: '' })
    expect(unwritten.stderr).toContain('error: no/such/folder.h cannot be written: ')
    expect(await run(cwd, ['shims', '-o', 'a.h'])).toMatchObject({
      code: 2,
      stderr: 'error: -o needs the names of the shims; abi3lint shims lists them\n',
    })
  })
})

test.skipIf(isWindows)('a header that cannot be written is not named in MANIFEST.in', async () => {
  const setup = 'from setuptools import setup, Extension\nsetup(ext_modules=[Extension("spam", ["spam.c"])])\n'
  const cwd = folder({
    'setup.py': setup,
    'spam.c': '#include <Python.h>\nint f(PyObject *o) { return PyMethod_Check(o); }\n',
  })
  symlinkSync('nowhere', join(cwd, 'pep_shims.h'))
  const { code, stderr } = await run(cwd, ['check', '-t', '3.11', '--fix', '--unsafe-fixes', '.'])
  expect([code, existsSync(join(cwd, 'MANIFEST.in'))]).toEqual([2, false])
  expect(stderr).toContain('MANIFEST.in: needs pep_shims.h, which is left out')
})
