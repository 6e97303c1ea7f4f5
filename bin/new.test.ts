import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { folder, isWindows, run, scratch } from '../fixtures/command-line.ts'

/** The command `new`. */

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const make = (cwd: string, ...args: readonly string[]): ReturnType<typeof run> =>
  run(cwd, ['new', 'native-interface', ...args])

describe.concurrent('new native-interface', () => {
  test('two headers, and what to do with them', async () => {
    const cwd = folder({})
    const { code, stdout, stderr } = await make(cwd, 'pkg._spam_eggs')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(readdirSync(cwd).sort()).toEqual(['spam_eggs_api.h', 'spam_eggs_export.h'])
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      'spam_eggs_api.h: the table, for pkg._spam_eggs and for all modules that use it; to be published',
      'spam_eggs_export.h: how it is offered, for pkg._spam_eggs alone',
      '',
    ])
    expect(stdout).toContain('SpamEggsApi_Export()')
    const table = readFileSync(join(cwd, 'spam_eggs_api.h'), 'utf8')
    expect(table).toContain('#define SPAM_EGGS_API_CAPSULE "pkg._spam_eggs._native_api"\n')
    expect(table).not.toContain('ObjectApi')
    expect(await run(cwd, ['check', '-t', '3.5', '-f', 'concise'])).toMatchObject({ code: 0, stdout: '' })
  })

  test('into a directory, with tables of single objects', async () => {
    const cwd = folder({})
    mkdirSync(join(cwd, 'include'))
    const { code, stdout } = await make(cwd, 'spam', '-o', 'include', '--objects')
    expect(code).toBe(0)
    expect(readdirSync(join(cwd, 'include')).sort()).toEqual(['spam_api.h', 'spam_export.h'])
    expect(stdout).toContain(`${join('include', 'spam_api.h')}: the table, `)
    expect(stdout).toContain('in the place of those in SpamApi and SpamObjectApi')
    expect(readFileSync(join(cwd, 'include/spam_export.h'), 'utf8')).toContain('SpamObjectApi_New(')
  })

  test('2 where the name of the module makes none of a file', async () => {
    const { code, stderr } = await make(folder({}), 'a'.repeat(300))
    expect(code).toBe(2)
    expect(stderr).toBe(`error: ${'a'.repeat(300)}_api.h cannot be written: its path is too long\n`)
  })

  test('2 where one of them is there: nothing is written', async () => {
    const cwd = folder({ 'spam_export.h': 'mine\n' })
    expect(await make(cwd, 'spam')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: spam_export.h is there already: it is not written over, and nothing is written\n',
    })
    expect([readdirSync(cwd), readFileSync(join(cwd, 'spam_export.h'), 'utf8')]).toEqual([['spam_export.h'], 'mine\n'])
  })

  test.skipIf(isWindows)('2 where a link that leads nowhere is there', async () => {
    const cwd = folder({})
    symlinkSync('nowhere', join(cwd, 'spam_api.h'))
    expect((await make(cwd, 'spam')).code).toBe(2)
    expect(readdirSync(cwd)).toEqual(['spam_api.h'])
  })

  test('2 for no directory', async () => {
    const cwd = folder({})
    writeFileSync(join(cwd, 'file'), '')
    for (const output of ['nowhere', 'file'])
      expect(await make(cwd, 'spam', '-o', output)).toEqual({
        code: 2,
        stdout: '',
        stderr: `error: ${output} is no directory\n`,
      })
  })

  test('2 for what is no name of a module, for nothing, and for something else', async () => {
    const cwd = folder({})
    for (const name of ['pkg.', '1', 'a-b', '../spam', '_', 'pkg._1', 'späm', ''])
      expect(await make(cwd, name), name).toMatchObject({ code: 2, stdout: '' })
    expect((await make(cwd)).code).toBe(2)
    expect((await run(cwd, ['new', 'module', 'spam'])).code).toBe(2)
    expect(readdirSync(cwd)).toEqual([])
  })
})

describe.concurrent('new pep-state', () => {
  test('the header, and what to do with it', async () => {
    const cwd = folder({})
    mkdirSync(join(cwd, 'include'))
    const { code, stdout, stderr } = await run(cwd, ['new', 'pep-state', '-o', 'include'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`${join('include', 'pep_state.h')}: macros for functions that get the state`)
    expect(stdout.replace(/\s+/g, ' ')).toContain('needs the header, too: MANIFEST.in')
    expect(readFileSync(join(cwd, 'include/pep_state.h'), 'utf8')).toContain('#define PepState_MODULE(State, ')
    expect(await run(cwd, ['new', 'pep-state', '-o', 'include'])).toMatchObject({ code: 2, stdout: '' })
    expect(await run(cwd, ['new', 'pep-state', '-o', 'nowhere'])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: nowhere is no directory\n',
    })
  })

  test('modules are rewritten with it', async () => {
    const module = `#include <Python.h>
static PyObject *last;
static PyObject *
keep(PyObject *self, PyObject *value)
{
    Py_INCREF(value);
    Py_XDECREF(last);
    last = value;
    Py_RETURN_NONE;
}
static PyMethodDef methods[] = {{"keep", keep, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "spam", NULL, -1, methods};
PyMODINIT_FUNC
PyInit_spam(void)
{
    return PyModule_Create(&definition);
}
`
    const cwd = folder({ 'spam.c': module })
    const rewritten = (...args: readonly string[]): ReturnType<typeof run> =>
      run(cwd, ['rewrite', 'module', '-t', '3.11', ...args, '.'])
    const setup = "from setuptools import setup, Extension\nsetup(ext_modules=[Extension('spam', ['spam.c'])])\n"
    expect((await rewritten('--style', 'macros')).stdout).toContain('there is no `pep_state.h`')
    expect(readFileSync(join(cwd, 'spam.c'), 'utf8')).toBe(module)
    expect((await run(cwd, ['new', 'pep-state'])).code).toBe(0)
    await rewritten('--style', 'macros', '--allow-dirty')
    expect(readFileSync(join(cwd, 'spam.c'), 'utf8')).toContain('PepState_FUNCTION(spam_state, keep, "keep", O)\n')
    expect(await run(cwd, ['rewrite', 'types', '--style', 'macros', '.'])).toMatchObject({ code: 2, stdout: '' })
    expect(existsSync(join(cwd, 'MANIFEST.in'))).toBe(false)
    const built = folder({ 'spam.c': module, 'setup.py': setup })
    await run(built, ['new', 'pep-state'])
    await run(built, ['rewrite', 'module', '-t', '3.11', '--style', 'macros', '--allow-dirty', '.'])
    expect(readFileSync(join(built, 'MANIFEST.in'), 'utf8')).toBe('include pep_state.h\n')
  })

  test('2 with a name', async () => {
    const cwd = folder({})
    expect(await run(cwd, ['new', 'pep-state', 'spam'])).toMatchObject({ code: 2, stdout: '' })
    expect(readdirSync(cwd)).toEqual([])
  })
})
