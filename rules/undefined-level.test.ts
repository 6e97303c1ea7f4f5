import { expect, test } from 'vitest'
import { check } from '../fixtures/rules.ts'
import { mismatchedLimitedApi } from './mismatched-limited-api.ts'

/** Builds that claim the stable ABI, and whether something defines the level. */

const target = { level: 9, headers: 15, abi3t: false }
const include = '#include <Python.h>\nint f(PyObject *o);\n'
const limited = `#define Py_LIMITED_API 0x03090000\n${include}`
const found = async (texts: Readonly<Record<string, string>>) =>
  (await check(texts, [mismatchedLimitedApi], [target])).map(
    ({ file, line, severity, message }) => `${severity} ${file}:${line} ${message}`,
  )

const module = 'the module is named for the stable ABI, and nothing defines `Py_LIMITED_API`'
const wheel = 'the wheel is made for the stable ABI, and nothing defines `Py_LIMITED_API`'

test.each<readonly [string, Readonly<Record<string, string>>, string]>([
  ['an Extension', { 'setup.py': 'Extension("a", ["a.c"], py_limited_api=True)' }, `warning setup.py:1 ${module}`],
  [
    'other macros',
    { 'setup.py': 'Extension("a", ["a.c"], define_macros=[("X", "1")], py_limited_api=True)' },
    `warning setup.py:1 ${module}`,
  ],
  [
    'a name that is set once',
    {
      'setup.py':
        'abi3 = True\nmacros = [("X", "1")]\nExtension("a", ["a.c"], define_macros=macros, py_limited_api = abi3)',
    },
    `warning setup.py:3 ${module}`,
  ],
  [
    'the tag of the wheel',
    {
      'setup.py': 'setup(ext_modules=[Extension("a", ["a.c"])],\n options={"bdist_wheel": {"py_limited_api": "cp38"}})',
    },
    `warning setup.py:2 ${wheel}`,
  ],
  [
    'setup.cfg',
    {
      'setup.py': 'setup(ext_modules=[Extension("a", ["a.c"])])',
      'setup.cfg': '[bdist_wheel]\npy_limited_api = cp38\n',
    },
    `warning setup.cfg:2 ${wheel}`,
  ],
  [
    'bdist_wheel in pyproject.toml',
    {
      'setup.py': 'setup(ext_modules=[Extension("a", ["a.c"])])',
      'pyproject.toml': '[tool.distutils.bdist_wheel]\npy-limited-api = "cp38"\n',
    },
    `warning pyproject.toml:2 ${wheel}`,
  ],
  [
    'modules in pyproject.toml',
    {
      'pyproject.toml':
        '[[tool.setuptools.ext-modules]]\nname = "a"\nsources = ["a.c"]\npy-limited-api = true\n' +
        '[project]\nname = "a"\n',
    },
    `warning pyproject.toml:4 ${module}`,
  ],
  [
    'inline tables',
    { 'pyproject.toml': '[tool.setuptools]\next-modules = [{name = "a", sources = ["a.c"], py-limited-api = true}]\n' },
    `warning pyproject.toml:2 ${module}`,
  ],
  [
    'scikit-build-core',
    {
      'CMakeLists.txt': 'Python_add_library(a MODULE a.c WITH_SOABI)\n',
      'pyproject.toml': '[tool.scikit-build]\nwheel.py-api = "cp39"\n',
    },
    `warning pyproject.toml:2 ${wheel}`,
  ],
  [
    'meson-python',
    {
      'meson.build': "py.extension_module('a', 'a.c', install: true)\n",
      'pyproject.toml': '[tool.meson-python]\nlimited-api = true\n',
    },
    `warning pyproject.toml:2 ${wheel}`,
  ],
  [
    'the value depends',
    { 'setup.py': 'Extension("a", ["a.c"], py_limited_api=not os.environ.get("FULL"))' },
    `info setup.py:1 ${module}`,
  ],
  [
    'macros that code makes',
    { 'setup.py': 'Extension("a", ["a.c"], define_macros=macros(), py_limited_api=True)' },
    `info setup.py:1 ${module}`,
  ],
  [
    'arguments that code makes',
    { 'setup.py': 'Extension("a", ["a.c"], py_limited_api=True, **common)' },
    `info setup.py:1 ${module}`,
  ],
  [
    'a source that was not read',
    { 'setup.py': 'Extension("a", ["b.pyx"], py_limited_api=True)' },
    `info setup.py:1 ${module}`,
  ],
  [
    'a header that was not read',
    { 'a.c': `#include "config.h"\n${include}`, 'setup.py': 'Extension("a", ["a.c"], py_limited_api=True)' },
    `info setup.py:1 ${module}`,
  ],
  [
    'one of two sources',
    { 'a.c': limited, 'b.c': include, 'setup.py': 'Extension("a", ["a.c", "b.c"], py_limited_api=True)' },
    'warning setup.py:1 the module is named for the stable ABI, and `b.c` is compiled without `Py_LIMITED_API`',
  ],
  [
    'one of two modules',
    {
      'b.c': include,
      'setup.py':
        'Extension("a", ["a.c"], define_macros=[("Py_LIMITED_API", "0x03090000")], py_limited_api=True)\n' +
        'Extension("b", ["b.c"], py_limited_api=True)\n',
    },
    `warning setup.py:2 ${module}`,
  ],
  [
    'one of two modules in a wheel',
    {
      'b.c': include,
      'setup.cfg': '[bdist_wheel]\npy-limited-api = cp39\n',
      'setup.py':
        'Extension("a", ["a.c"], define_macros=[("Py_LIMITED_API", "0x03090000")])\nExtension("b", ["b.c"])\n',
    },
    'warning setup.cfg:2 the wheel is made for the stable ABI, and `b.c` is compiled without `Py_LIMITED_API`',
  ],
])('%s', async (_, texts, expected) => {
  expect(await found({ 'a.c': include, ...texts })).toEqual([expected])
})

test.each<readonly [string, Readonly<Record<string, string>>]>([
  ['the source defines it', { 'a.c': limited, 'setup.py': 'Extension("a", ["a.c"], py_limited_api=True)' }],
  [
    'a header defines it',
    {
      'a.c': '#include "a.h"\nint g(void);\n',
      'a.h': `#ifndef Py_LIMITED_API\n${limited}#endif\n`,
      'setup.py': 'Extension("a", ["a.c"], py_limited_api=True)',
    },
  ],
  [
    'a condition that is not known',
    {
      'a.c': `#ifdef USE_ABI3\n#define Py_LIMITED_API 0x03090000\n#endif\n${include}`,
      'setup.py': 'Extension("a", ["a.c"], define_macros=[("USE_ABI3", None)], py_limited_api=True)',
    },
  ],
  [
    'an option',
    { 'setup.py': 'Extension("a", ["a.c"], extra_compile_args=["-DPy_LIMITED_API=0x03090000"], py_limited_api=True)' },
  ],
  [
    'an option in the environment of wheels',
    {
      'setup.py': 'Extension("a", ["a.c"], py_limited_api=True)',
      'pyproject.toml': '[tool.cibuildwheel]\nenvironment = { CFLAGS = "-DPy_LIMITED_API=0x03090000" }\n',
    },
  ],
  [
    'macros that are changed',
    {
      'setup.py':
        'macros = []\nmacros.append(("Py_LIMITED_API", level))\n' +
        'Extension("a", ["a.c"], define_macros=macros, py_limited_api=True)',
    },
  ],
  [
    'a method that defines it',
    {
      'setup.py':
        'class build(build_ext):\n  def build_extension(self, ext):\n' +
        '    ext.define_macros.append(("Py_LIMITED_API", "0x03090000"))\n' +
        'Extension("a", ["a.c"], py_limited_api=True)',
    },
  ],
  [
    'a name made of parts',
    {
      'setup.py':
        'name = "Py_LIMITED_API"\nExtension("a", ["a.c"], define_macros=[(name, "0x03090000")], py_limited_api=True)',
    },
  ],
  [
    'the environment',
    { 'setup.py': 'os.environ["CFLAGS"] += " -DPy_LIMITED_API=3"\nExtension("a", ["a.c"], py_limited_api=True)' },
  ],
  ['no claim', { 'setup.py': 'Extension("a", ["a.c"], py_limited_api=False)' }],
  ['Rust', { 'setup.py': 'RustExtension("a", py_limited_api=True)', 'a.c': 'int x;\n' }],
  [
    'CMake',
    {
      'CMakeLists.txt': 'Python_add_library(a MODULE a.c WITH_SOABI USE_SABI $' + '{SKBUILD_SABI_VERSION})\n',
      'pyproject.toml': '[tool.scikit-build]\nwheel.py-api = "cp39"\n',
    },
  ],
  [
    'CMake in another command',
    {
      'CMakeLists.txt':
        'Python_add_library(a MODULE a.c)\ntarget_compile_definitions(a PRIVATE Py_LIMITED_API=0x03090000)\n',
      'pyproject.toml': '[tool.scikit-build.wheel]\npy-api = "cp39"\n',
    },
  ],
  [
    'nanobind',
    {
      'CMakeLists.txt': 'nanobind_add_module(a STABLE_ABI a.c)\n',
      'pyproject.toml': '[tool.scikit-build]\nwheel.py-api = "cp312"\n',
    },
  ],
  [
    'a wheel without modules',
    { 'CMakeLists.txt': 'add_library(a a.c)\n', 'pyproject.toml': '[tool.scikit-build]\nwheel.py-api = "py3"\n' },
  ],
  [
    'Meson',
    {
      'meson.build': "py.extension_module('a', 'a.c', limited_api: '3.9', install: true)\n",
      'pyproject.toml': '[tool.meson-python]\nlimited-api = true\n',
    },
  ],
  [
    'Meson with keywords',
    {
      'meson.build': "kw = {'limited_api': '3.9'}\npy.extension_module('a', 'a.c', kwargs: kw)\n",
      'pyproject.toml': '[tool.meson-python]\nlimited-api = true\n',
    },
  ],
  [
    'another package beside it',
    {
      'x/a.c': include,
      'x/setup.py': 'Extension("a", ["a.c"])',
      'setup.cfg': '[bdist_wheel]\npy_limited_api = cp38\n',
      'a.c': 'int x;\n',
    },
  ],
])('silent: %s', async (_, texts) => {
  expect(await found({ 'a.c': include, ...texts })).toEqual([])
})

const meson = (options: string, more = "limited_api: '3.9'") =>
  `project('a', 'c'${options})\npy.extension_module('a', 'a.c', ${more})\n`
const ofCi = '[tool.cibuildwheel]\nconfig-settings = '
const claims = '[tool.meson-python]\nlimited-api = true\n'

test.each<readonly [string, Readonly<Record<string, string>>, number]>([
  [
    'in a list',
    { 'meson.build': meson(", default_options: ['warning_level=2', 'python.allow_limited_api=false']") },
    1,
  ],
  ['alone', { 'meson.build': meson(", default_options: 'python.allow_limited_api=false'") }, 1],
  ['in a dictionary', { 'meson.build': meson(", default_options: {'python.allow_limited_api': false}") }, 1],
  ['allowed', { 'meson.build': meson(", default_options: ['python.allow_limited_api=true']") }, 0],
  [
    'nothing to switch off',
    { 'meson.build': meson(", default_options: ['python.allow_limited_api=false']", 'install: true') },
    0,
  ],
  [
    'an argument of meson-python',
    {
      'meson.build': meson(''),
      'pyproject.toml': `${claims}[tool.meson-python.args]\nsetup = ["-Dpython.allow_limited_api=false"]\n`,
    },
    1,
  ],
  [
    'an argument that allows it',
    {
      'meson.build': meson(", default_options: ['python.allow_limited_api=false']"),
      'pyproject.toml': `${claims}args.setup = ['-Dpython.allow_limited_api=true']\n`,
    },
    0,
  ],
  [
    'cibuildwheel',
    {
      'meson.build': meson(''),
      'pyproject.toml': `${claims}${ofCi}{setup-args = ["-Dpython.allow_limited_api=false"]}\n`,
    },
    1,
  ],
  [
    'cibuildwheel for free-threaded Pythons',
    {
      'meson.build': meson(''),
      'pyproject.toml':
        `${claims}[[tool.cibuildwheel.overrides]]\nselect = "cp313t-*"\n` +
        'config-settings = {setup-args = ["-Dpython.allow_limited_api=false"]}\n',
    },
    0,
  ],
])('python.allow_limited_api: %s', async (_, texts, count) => {
  const messages = await found({ 'a.c': include, ...texts })
  expect(messages).toHaveLength(count)
  for (const message of messages) expect(message).toContain('cancels `limited_api`')
})
