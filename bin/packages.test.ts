import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { folder, run, scratch } from '../fixtures/command-line.ts'

/** Packages below the current directory: whatever of them is named, their own build files count. */

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const source = '#include <Python.h>\nint f(PyObject *t) { return PyMethod_Check(t); }\n'
const setup = 'from setuptools import setup, Extension\nsetup(ext_modules=[Extension("a", ["src/a.c"], define_macros=['
const limited = `${setup}("Py_LIMITED_API", "0x030B0000")], py_limited_api=True)])\n`
const files = { 'one/setup.py': limited, 'one/src/a.c': source, 'two/setup.py': `${setup}])])\n`, 'two/b.c': source }
const prefixed = (directory: string, given: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(given).map(([file, text]) => [`${directory}/${file}`, text]))
const read = (cwd: string, file: string): string => readFileSync(join(cwd, file), 'utf8')

test.each(['one/src/a.c', 'one/src', 'one', '.'])(
  'the level and the distribution of the package of %s',
  async (path) => {
    const cwd = folder(files)
    mkdirSync(join(cwd, '.git'))
    const { stderr } = await run(cwd, ['check', '--fix', '--allow-dirty', path])
    expect(stderr).toContain('target 3.11, from `Py_LIMITED_API` in one/setup.py')
    expect(read(cwd, 'one/MANIFEST.in')).toBe('include src/pep_shims.h\n')
    expect(read(cwd, 'one/src/a.c')).toContain('PepMethod_Check')
    expect(existsSync(join(cwd, 'two/MANIFEST.in'))).toBe(path === '.')
  },
)

test('the build of another repository is not that of what is asked for', async () => {
  const cwd = folder({ 'here/setup.py': limited, 'there/setup.py': `${setup}])])\n`, 'there/src/a.c': source })
  for (const name of ['here', 'there']) mkdirSync(join(cwd, name, '.git'))
  const here = join(cwd, 'here')
  expect((await run(here, ['check', '../there'])).stderr).not.toContain('Py_LIMITED_API')
  await run(here, ['port', '-t', '3.12', '--allow-dirty', '../there'])
  expect(read(cwd, 'here/setup.py')).toBe(limited)
  expect(read(cwd, 'there/setup.py')).toContain('py_limited_api=')
})

const sdist = {
  'src/a.h': '#include <Python.h>\nstatic inline int am(PyObject *o) { return PyMethod_Check(o); }\n',
  'src/a.c': '#include "a.h"\nint x(PyObject *o) { return am(o); }\n',
  'src/b/b.c':
    '#include <Python.h>\n#include "../a.h"\n' +
    'PyObject *g(PyObject *d) { return PyRun_String("1", Py_eval_input, d, d); }\n',
}

test.each(['setup.py', 'pyproject.toml', 'meson.build', 'CMakeLists.txt'])(
  'the package of a directory without a repository begins at %s above it, and has one header of shims',
  async (name) => {
    const cwd = folder({ [`all/${name}`]: '', ...prefixed('all', sdist) })
    const all = join(cwd, 'all')
    await run(all, ['check', '--fix', '-t', '3.9', 'src/a.h'])
    const { stderr } = await run(join(all, 'src/b'), ['check', '--fix', '-t', '3.9', '.'])
    expect(stderr).toBe('')
    expect(read(all, 'src/pep_shims.h')).toMatch(/PepMethod_Check\([\s\S]*PepRun_String\(/)
    expect([existsSync(join(all, 'src/b/pep_shims.h')), existsSync(join(all, 'pep_shims.h'))]).toEqual([false, false])
    expect(read(all, 'src/b/b.c')).toContain('#include "../pep_shims.h"\n')
  },
)

test('a header that the including file finds in another directory is extended, or fixes are left', async () => {
  const cwd = folder({
    'pkg/setup.py': `${setup}])], include_dirs=["../common"])\n`,
    'pkg/a.c':
      '#include <Python.h>\n#include "pep_shims.h"\nint f(PyObject *o) { return PepMethod_Check(o); }\n' +
      'PyObject *g(PyObject *d) { return PyRun_String("1", Py_eval_input, d, d); }\n',
  })
  for (const name of ['.git', 'common']) mkdirSync(join(cwd, name))
  await run(cwd, ['shims', 'PyMethod_Check', '-t', '3.9', '-o', 'common/pep_shims.h'])
  const before = read(cwd, 'common/pep_shims.h')
  const { code, stderr } = await run(join(cwd, 'pkg'), ['check', '--fix', '-t', '3.9', '--allow-dirty', '.'])
  expect([code, stderr.split('\n')[0]]).toEqual([
    2,
    expect.stringContaining('a.c: has fixes, but includes `pep_shims.h`, which was not found'),
  ])
  expect([existsSync(join(cwd, 'pkg/pep_shims.h')), read(cwd, 'common/pep_shims.h')]).toEqual([false, before])
  await run(cwd, ['check', '--fix', '-t', '3.9', '--allow-dirty', '.'])
  expect(read(cwd, 'common/pep_shims.h')).toMatch(/PepMethod_Check\([\s\S]*PepRun_String\(/)
  expect(existsSync(join(cwd, 'pkg/pep_shims.h'))).toBe(false)
  expect(read(cwd, 'pkg/a.c').match(/#include/g)?.length).toBe(2)
})

test('a header outside of what was asked for is neither changed nor made again', async () => {
  const cwd = folder({
    'pkg/setup.py': `${setup}])])\n`,
    'pkg/a.c': '#include <Python.h>\n#include "pep_shims.h"\nint f(PyObject *t) { return PyMethod_Check(t); }\n',
  })
  for (const name of ['pkg/.git', 'common']) mkdirSync(join(cwd, name))
  await run(cwd, ['shims', 'PyRun_String', '-t', '3.9', '-o', 'common/pep_shims.h'])
  const before = ['common/pep_shims.h', 'pkg/a.c'].map((file) => read(cwd, file))
  const said = '../common/pep_shims.h: has fixes, but is outside of what was asked for'
  for (const words of [['check', '--fix'], ['port']]) {
    const { stderr } = await run(join(cwd, 'pkg'), [...words, '-t', '3.9', '--allow-dirty', '-I', '../common', '.'])
    expect(stderr).toContain(said)
    expect(['common/pep_shims.h', 'pkg/a.c'].map((file) => read(cwd, file))).toEqual(before)
    expect(existsSync(join(cwd, 'pkg/pep_shims.h'))).toBe(false)
  }
})

test('a list of files for distributions that lacks the new header is told of', async () => {
  const cwd = folder({
    'pyproject.toml':
      '[build-system]\nbuild-backend = "hatchling.build"\n[tool.hatch.build.targets.sdist]\ninclude = ["src/*.c"]\n',
    'src/a.c': source,
  })
  const { stderr } = await run(cwd, ['check', '--fix', '-t', '3.9', 'src/a.c'])
  expect(stderr).toContain(
    'src/pep_shims.h: is new: `tool.hatch.build.targets.sdist.include` in pyproject.toml has to name it',
  )
  expect((await run(cwd, ['check', '--fix', '-t', '3.9', 'src/a.c'])).stderr).toBe('')
})

const type = (name: string, dealloc: string): string => `PyTypeObject ${name} = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.${name}",
    .tp_basicsize = sizeof(PyObject),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_dealloc = ${dealloc},
};
`
const free = (name: string): string => `static void ${name}_free(PyObject *self) { Py_TYPE(self)->tp_free(self); }\n`
const ready = (name: string): string => `int init_${name}(void) { return PyType_Ready(&${name}); }\n`

test('what is rewritten in files that are named is right for those that are not, and these stay', async () => {
  const files = {
    'setup.py': `${setup}])])\n`,
    // Deallocates in a header that is not named.
    'free.h': `#include <Python.h>\n${free('spam')}`,
    'a.c': `#include "free.h"\nstatic ${type('A', 'spam_free')}${ready('A')}`,
    // Used in a source that is not named, by a header that is.
    'b.h': '#include <Python.h>\nextern PyTypeObject B;\n',
    'b.c': `#include "b.h"\n${free('b')}${type('B', 'b_free')}${ready('B')}`,
    'use.c': '#include "b.h"\nint look(PyObject *o) { return Py_TYPE(o) == &B; }\n',
    // And without any header.
    'c.c': `#include <Python.h>\n${free('c')}${type('C', 'c_free')}${ready('C')}`,
    'd.c': '#include <Python.h>\nextern PyTypeObject C;\nint call(PyObject *o) { return PyObject_TypeCheck(o, &C); }\n',
    // Nobody else's.
    'e.c': `#include <Python.h>\n${free('e')}static ${type('E', 'e_free')}${ready('E')}`,
  }
  const cwd = folder(files)
  mkdirSync(join(cwd, '.git'))
  const rewrite = (...names: string[]): Promise<unknown> =>
    run(cwd, ['rewrite', 'types', '-t', '3.12', '--allow-dirty', ...names])
  await rewrite('a.c', 'b.h', 'b.c', 'c.c', 'e.c')
  const changed = Object.entries(files).flatMap(([file, text]) => (read(cwd, file) === text ? [] : [file]))
  expect(changed).toEqual(['e.c'])
  await rewrite('.')
  const whole = folder(files)
  await run(whole, ['rewrite', 'types', '-t', '3.12', '--allow-dirty', '.'])
  for (const file of [...Object.keys(files), 'pep_shims.h']) expect(read(cwd, file)).toBe(read(whole, file))
  expect(read(whole, 'use.c')).toContain('Py_TYPE(o) == B')
  expect(read(whole, 'd.c')).toContain('PyObject_TypeCheck(o, C)')
})

test('a module is not limited for a source that was not asked for', async () => {
  const text = 'from setuptools import setup, Extension\nsetup(ext_modules=[Extension("a", ["a.c", "b.c"])])\n'
  const bad = '#include <Python.h>\nvoid *g(PyObject *t) { return ((PyListObject *)t)->ob_item; }\n'
  const cwd = folder({ 'setup.py': text, 'a.c': source, 'b.c': bad })
  mkdirSync(join(cwd, '.git'))
  const { stdout } = await run(cwd, ['port', '-t', '3.12', '--allow-dirty', 'a.c'])
  expect(stdout).toContain('b.c: was not asked for, so modules that it may be built into stay as they are')
  expect([read(cwd, 'setup.py'), read(cwd, 'b.c')]).toEqual([text, bad])
})
