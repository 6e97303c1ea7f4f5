import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { folder, run, scratch } from '../fixtures/command-line.ts'

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const read = (cwd: string, file: string): string => readFileSync(join(cwd, file), 'latin1')
const git = (cwd: string, ...words: string[]): string =>
  execFileSync('git', ['-c', 'core.autocrlf=false', ...words], { cwd, encoding: 'utf8', stdio: 'pipe' })

const files = {
  'setup.py': `from setuptools import setup, Extension
setup(ext_modules=[Extension("spam", ["spam.c"]), Extension("egg", ["egg.c"])])
`,
  'spam.c': `#include <Python.h>

static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_new = PyType_GenericNew,
};

static PyObject *first(PyObject *self, PyObject *args) { return Py_NewRef(PyTuple_GET_ITEM(args, 0)); }

static PyMethodDef methods[] = {{"first", first, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "spam", NULL, -1, methods};

PyMODINIT_FUNC
PyInit_spam(void)
{
    return PyType_Ready(&Spam_Type) < 0 ? NULL : PyModule_Create(&module);
}
`,
  'egg.c': `#include <Python.h>

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "egg", NULL, -1, NULL};

PyMODINIT_FUNC
PyInit_egg(void)
{
    (void)((PyListObject *)PyList_New(0))->allocated;
    return PyModule_Create(&module);
}
`,
}

test('ports what it can, makes the build limited where nothing is left, and says what is', async () => {
  const cwd = folder(files)
  const { code, stdout, stderr } = await run(cwd, ['port', '-t', '3.12'])
  expect([code, stderr]).toEqual([1, ''])
  expect(stdout).toContain('made heap types of static types: 1 finding less in ')
  expect(stdout).toContain('made the build limited for 1 module in 1 file')
  expect(stdout).toMatch(/error\[unavailable-type\] PyListObject/)
  expect(stdout).toContain('1 of the 2 modules is built for it.')
  expect(read(cwd, 'setup.py')).toContain(
    'Extension("spam", ["spam.c"], define_macros=[*limited_api_macros], py_limited_api=limited_api), ' +
      'Extension("egg", ["egg.c"])',
  )
  expect(read(cwd, 'spam.c')).toContain('PyTuple_GetItem(args, 0)')
  expect(read(cwd, 'spam.c')).toContain('static PyTypeObject *Spam_Type;')
})

test('a build is left alone where no source was read', async () => {
  for (const [name, code] of [
    ['nope', 2],
    ['README.md', 0],
  ] as const) {
    const cwd = folder({ ...files, 'README.md': '' })
    const outcome = await run(cwd, ['port', '-t', '3.12', '--allow-dirty', name])
    expect([outcome.code, outcome.stdout]).toEqual([code, 'No C or C++ files to port.\n'])
    expect(outcome.stderr).toMatch(new RegExp(`^(?:error|warning): ${name}: `))
    expect(read(cwd, 'setup.py')).toBe(files['setup.py'])
  }
})

test('says which unsafe fixes it made, and where they are now', async () => {
  const item = 'PyObject *f(PyObject *s, Py_ssize_t i) { return PySequence_ITEM(s, i); }\n'
  const set = 'void g(PyObject *l, PyObject *o) { PyList_SET_ITEM(l, 0, o); }\n'
  const cwd = folder({ 'a.c': `#include <Python.h>\n${item}${set}` })
  const { stdout } = await run(cwd, ['port', '-t', '3.11', '--allow-dirty'])
  expect(stdout).toContain(
    'made 2 unsafe fixes, to be read, in 2 files\n' +
      '  PySequence_ITEM: write `PySequence_GetItem(o, i)`\n' +
      '      at a.c:3:49\n' +
      '      differs: a negative index counts from the end\n' +
      '  PyList_SET_ITEM: use the shim `PepList_SET_ITEM(l, i, o)`\n' +
      '      at a.c:4:36\n',
  )
  expect(read(cwd, 'a.c').split('\n')[2]).toContain('PySequence_GetItem')
  expect(read(cwd, 'a.c').split('\n')[3]).toContain('PepList_SET_ITEM')
})

test('--diff shows all of it and changes nothing', async () => {
  const cwd = folder(files)
  const { code, stdout } = await run(cwd, ['port', '-t', '3.12', '--diff'])
  expect(code).toBe(1)
  expect(stdout.match(/^\+\+\+ .*$/gm)).toEqual([
    '+++ b/MANIFEST.in',
    '+++ b/pep_shims.h',
    '+++ b/setup.py',
    '+++ b/spam.c',
  ])
  expect(read(cwd, 'spam.c')).toBe(files['spam.c'])
})

test('--commits commits each step, and nothing that is not clean', async () => {
  const cwd = folder(files)
  expect((await run(cwd, ['port', '-t', '3.12', '--commits'])).stderr).toContain('no git repository')
  git(cwd, 'init', '-q')
  git(cwd, 'config', 'user.name', 'a')
  git(cwd, 'config', 'user.email', 'a@b.c')
  git(cwd, 'add', '-A')
  expect((await run(cwd, ['port', '-t', '3.12', '--commits'])).stderr).toContain('something is staged already')
  git(cwd, 'commit', '-q', '-m', 'All')
  await run(cwd, ['port', '-t', '3.12', '--commits'])
  expect(git(cwd, 'log', '--format=%s', '--reverse').trim().split('\n')).toEqual([
    'All',
    'Use what the Limited API of Python 3.12 has',
    'Make heap types of static types',
    'Build for the stable ABI of Python 3.12 and later',
  ])
  expect(git(cwd, 'status', '--porcelain')).toBe('')
})

test('refuses what is no single level', async () => {
  const cwd = folder(files)
  expect((await run(cwd, ['port', '-t', '3.12', '-t', '3.13'])).stderr).toContain('a build has one level')
  expect((await run(cwd, ['port', '-t', 'abi3t'])).stderr).toContain('--target abi3t')
})
