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
