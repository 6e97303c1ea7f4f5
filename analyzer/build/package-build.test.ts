import { expect, test } from 'vitest'
import { showVersion } from '../knowledge/version.ts'
import type { BuildFile } from './build-file.ts'
import type { Read } from './built-modules.ts'
import { fits } from './file-patterns.ts'
import { packageBuilds } from './package-build.ts'

const kindOf = (path: string): BuildFile['kind'] => {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const kinds = ['setup.cfg', 'pyproject.toml', 'meson.build', 'CMakeLists.txt', 'Cargo.toml'] as const
  if (name === 'meson.options' || name === 'meson_options.txt') return 'meson.options'
  return kinds.find((kind) => kind === name) ?? (name.endsWith('.cmake') ? 'CMakeLists.txt' : 'setup.py')
}

const shown = <T>(what: Read<T>, text: (value: T) => string): string =>
  what.kind === 'known' ? text(what.value) : `? ${what.why}`

const version = (level: number | 'floating' | null): string =>
  level === null ? '-' : level === 'floating' ? level : showVersion(level)

/** What is read of files, a line for each module, then the tag. @param sources files that are there besides */
function read(files: Readonly<Record<string, string>>, sources: readonly string[] = []): string[] {
  const given = Object.entries(files).map(([path, text]): BuildFile => ({ kind: kindOf(path), path, text }))
  const names = [...Object.keys(files), ...sources]
  const find = (pattern: string): readonly string[] => names.filter((name) => fits(pattern, name))
  return packageBuilds(given, { python: 13, find }).flatMap(({ modules, otherModules, tag }) => [
    ...modules.map(({ name, level, isNamedStable, maker, sources: own, otherSources }) =>
      [
        shown(name, (each) => each),
        shown(level, version),
        shown(isNamedStable, (is) => (is ? 'stable' : 'plain')),
        ...(maker === null ? [] : [maker]),
        own.join(' '),
        ...(otherSources === null ? [] : [`? ${otherSources}`]),
      ].join(', '),
    ),
    ...(otherModules === null ? [] : [`others: ${otherModules}`]),
    `tag: ${shown(tag, version)}`,
  ])
}

const project = (backend: string, more = ''): string => `[build-system]\nbuild-backend = "${backend}"\n${more}`

test('setup.py is read as CPython on Linux runs it', () => {
  const script = `
import sys, sysconfig
from setuptools import Extension, setup
limited = sys.implementation.name == "cpython" and not sysconfig.get_config_var("Py_GIL_DISABLED")
macros, options = [("A", "1")], {}
if limited:
    macros.append(("Py_LIMITED_API", "0x03%02X0000" % 10))
    options["bdist_wheel"] = {"py_limited_api": "cp310"}
def extension(name, *sources, **kwargs):
    return Extension(f"spam.{name}", [f"src/{each}" for each in sources], define_macros=macros, **kwargs)
names = ["_linux"] if sys.platform.startswith("linux") else ["_other"]
setup(ext_modules=[extension(name, name + ".c", "a.c", py_limited_api=limited) for name in names], options=options)
`
  expect(read({ 'setup.py': script })).toEqual(['spam._linux, 3.10, stable, src/_linux.c src/a.c', 'tag: 3.10'])
})

test('a backend of the project that goes on from that of setuptools is one of those', () => {
  const files = {
    'pyproject.toml': project('backend', 'backend-path = ["_own"]\n'),
    'setup.py': 'from setuptools import Extension, setup\nsetup(ext_modules=[Extension("a", ["a.c"])])\n',
  }
  const own = 'from setuptools import build_meta\nbuild_wheel = build_meta.build_wheel\n'
  expect(read({ ...files, '_own/backend.py': own })).toEqual(['a, -, plain, a.c', 'tag: -'])
  const other = read({ ...files, '_own/backend.py': 'def build_wheel(*_): ...\n' })
  expect(other[0]).toBe('others: what `backend` does')
  expect(read({ 'pyproject.toml': project('flit_core.buildapi') })).toEqual(['tag: -'])
})

test('what a turn of a loop may leave out is certain behind the loop', () => {
  const script = `
from typing import cast
from setuptools import Extension, setup
def all(names):
    found = cast("list[Extension]", [Extension("a", ["a.c"])])
    for name in names:
        if newer(name):
            continue
        found.append(Extension(name, [name + ".c"]))
    return found
def first(names):
    for name in names:
        if newer(name):
            return [Extension(name, ["b.c"])]
    return [Extension("c", ["c.c"])]
`
  const certain = `${script}for each in ["x"]:\n    if newer(each):\n        continue\nsetup(ext_modules=all([]))\n`
  expect(read({ 'setup.py': certain })).toEqual(['a, -, plain, a.c', 'tag: -'])
  expect(read({ 'setup.py': `${script}setup(ext_modules=all(["b"]))\n` })).toEqual([
    'a, -, plain, a.c',
    'others: `newer()`',
    'tag: -',
  ])
  expect(read({ 'setup.py': `${script}setup(ext_modules=first(["b"]))\n` })).toEqual(['others: `newer()`', 'tag: -'])
})

test('what a command may leave out, and what it may add, is certain no more', () => {
  const script = `
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
class Build(build_ext):
    def _remove(self, name):
        for extension in self.extensions:
            if extension.name == name:
                self.extensions.remove(extension)
                break
    def build_extensions(self):
        BODY
        build_ext.build_extensions(self)
setup(ext_modules=[Extension("a", ["a.c"]), Extension("b", ["b.c"])], cmdclass={"build_ext": Build})
`
  const built = (body: string): string[] => read({ 'setup.py': script.replace('BODY', body) })
  const both = ['a, -, plain, a.c', 'b, -, plain, b.c']
  expect(built('if not find_library("a"): self._remove("a")')).toEqual([both[1], 'others: `find_library()`', 'tag: -'])
  expect(built('self._remove("a")')).toEqual([both[1], 'tag: -'])
  expect(built('self.extensions.append(Extension("c", ["c.c"]))')).toEqual([...both, 'c, -, plain, c.c', 'tag: -'])
  expect(built('if find_library("c"): self.extensions.append(Extension("c", ["c.c"]))')).toEqual([
    ...both,
    'others: `find_library()`',
    'tag: -',
  ])
  // Which options there are is known of those of a wheel alone.
  expect(built('if self.inplace: self._remove("a")')).toEqual([...both, 'tag: -'])
  expect(built('if self.plat_name: self._remove("a")')).toEqual([both[1], 'others: an option of `build_ext`', 'tag: -'])
})

test('what a function changes that may not be called is certain no more, and what it makes is', () => {
  const script = `
from setuptools import Extension, setup
macros = []
def limit():
    macros.append(("Py_LIMITED_API", "0x03090000"))
def extension(name, **more):
    sources = [name + ".c"]
    sources.append("more.c")
    more["define_macros"] = macros
    made = Extension(name, sources, **more)
    made.py_limited_api = True
    return made
found = []
if asked():
    limit()
    found = found or [extension("a")]
CALL
`
  const called = (call: string): string[] => read({ 'setup.py': script.replace('CALL', call) })
  expect(called('setup(ext_modules=[extension("a")])')).toEqual(['a, ? `asked()`, stable, a.c more.c', 'tag: -'])
  expect(called('made = []\nif asked():\n    made.append(extension("a"))\nsetup(ext_modules=made)')).toEqual([
    'others: `asked()`',
    'tag: -',
  ])
  const main = 'def main():\n    setup(ext_modules=[extension("a")])\nif asked():\n    main()'
  expect(called(main)).toEqual(['a, ? `asked()`, stable, a.c more.c', 'others: `asked()`', 'tag: -'])
})

test('commands of a script change what is built, and the tag', () => {
  const script = `
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from wheel.bdist_wheel import bdist_wheel
class Build(build_ext):
    def build_extension(self, ext):
        if ext.py_limited_api:
            ext.define_macros.append(("Py_LIMITED_API", "0x030A0000"))
        ext.sources.append("b.c")
        super().build_extension(ext)
class Wheel(bdist_wheel):
    def get_tag(self):
        python, abi, platform = super().get_tag()
        if python.startswith("cp"):
            return "cp310", "abi3", platform
        return python, abi, platform
setup(ext_package="spam", ext_modules=[Extension("_a", ["a.c"], py_limited_api=True)],
      cmdclass={"build_ext": Build, "bdist_wheel": Wheel})
`
  expect(read({ 'setup.py': script })).toEqual(['spam._a, 3.10, stable, a.c b.c', 'tag: 3.10'])
})

test('a command may build other modules than it is given', () => {
  const script = (made: string): string => `
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
class Build(build_ext):
    def run(self):
        self.extensions = ${made}
        build_ext.run(self)
setup(ext_modules=[Extension("a.x", ["x.c"])], cmdclass={"build_ext": Build})
`
  expect(read({ 'setup.py': script('[Extension("a.b", ["b.c"])]') })).toEqual(['a.b, -, plain, b.c', 'tag: -'])
  expect(read({ 'setup.py': script('made()') })).toEqual(['others: `made()`', 'tag: -'])
})

test('mypyc makes a module of each file, and one with the code of all', () => {
  const script = `
from mypyc.build import mypycify
from setuptools import setup
setup(ext_modules=mypycify(["--strict", "spam/a.py", "spam/b.py"], opt_level="3"))
`
  expect(read({ 'setup.py': script, 'spam/__init__.py': '' })).toEqual([
    'spam.a, -, plain, mypyc, spam/a.py',
    'spam.b, -, plain, mypyc, spam/b.py',
    'others: the name that mypyc gives the module with the code of all',
    'tag: -',
  ])
})

test('what does not show is unknown, with what it depends on', () => {
  const script = `
from setuptools import Extension, setup
from elsewhere import extensions, is_limited
macros = [("Py_LIMITED_API", "0x03090000")] if is_limited() else []
setup(ext_modules=[Extension("a", ["a.c"], define_macros=macros)] + extensions(),
      options={"bdist_wheel": {"py_limited_api": "cp39" if is_limited() else False}})
`
  expect(read({ 'setup.py': script })).toEqual([
    'a, ? `elsewhere.is_limited()`, plain, a.c',
    'others: `elsewhere.extensions()`',
    'tag: ? `elsewhere.is_limited()`',
  ])
  const removed = `
from setuptools import Extension, setup
all = [Extension("a", ["a.c"]), Extension("b", ["b.c"])]
if not compiles():
    del all[0]
setup(ext_modules=all)
`
  expect(read({ 'setup.py': removed })).toEqual(['others: `compiles()`', 'tag: -'])
  expect(read({ 'setup.py': 'import (\n' })).toEqual([
    'others: `import (`, which is not understood',
    'tag: ? `import (`, which is not understood',
  ])
})

test('a branch that ends the build is none of one that works', () => {
  const script = `
import setuptools
if not compiler_works():
    raise SystemExit("no compiler")
for line in open("version.py"):
    if line.startswith("version"):
        break
else:
    raise RuntimeError("no version")
setuptools.setup(ext_modules=[setuptools.Extension("a", ["a.c"])])
`
  expect(read({ 'setup.py': script })).toEqual(['a, -, plain, a.c', 'tag: -'])
})

test('Cython and SWIG are named, and Cython only where the build requires it', () => {
  const script = `
from setuptools import Extension, setup
try:
    from Cython.Build import cythonize
except ImportError:
    cythonize = None
end = ".pyx" if cythonize else ".c"
all = [Extension("spam.a", ["spam/a" + end]), Extension("_b", ["b.i"])]
setup(ext_modules=cythonize(all) if cythonize else all)
`
  const requiring = (...names: string[]): string =>
    `[build-system]\nrequires = ${JSON.stringify(['setuptools', ...names])}\n`
  expect(read({ 'setup.py': script, 'pyproject.toml': requiring('Cython>=3.1') })).toEqual([
    'spam.a, -, plain, Cython, spam/a.pyx',
    '_b, -, plain, SWIG, b.i',
    'tag: -',
  ])
  expect(read({ 'setup.py': script, 'pyproject.toml': requiring() })[0]).toBe('spam.a, -, plain, spam/a.c')
  const patterns =
    'from Cython.Build import cythonize\nfrom setuptools import setup\nsetup(ext_modules=cythonize("src/**/*.pyx"))\n'
  const sources = ['src/spam/__init__.py', 'src/spam/x.pyx', 'src/y.pyx']
  expect(read({ 'setup.py': patterns }, sources)).toEqual([
    'spam.x, -, plain, Cython, src/spam/x.pyx',
    'y, -, plain, Cython, src/y.pyx',
    'tag: -',
  ])
})

test('modules of cffi, of tables, and of the scripts of Poetry and PDM', () => {
  const cffi = 'from cffi import FFI\nffi = FFI()\nffi.set_source("_spam", "int f(void);", sources=["f.c"])\n'
  expect(
    read({
      'setup.py': 'from setuptools import setup\nsetup(ext_package="spam", cffi_modules=["make.py:ffi"])\n',
      'make.py': cffi,
    }),
  ).toEqual(['spam._spam, -, stable, cffi, ', 'tag: -'])
  const tables =
    '[[tool.setuptools.ext-modules]]\nname = "a"\nsources = ["a.c"]\npy-limited-api = true\n' +
    'define-macros = [["Py_LIMITED_API", "0x030B0000"]]\n[tool.distutils.bdist_wheel]\npy-limited-api = "cp311"\n'
  expect(read({ 'pyproject.toml': project('setuptools.build_meta', tables) })).toEqual([
    'a, 3.11, stable, a.c',
    'tag: 3.11',
  ])
  const script =
    'from setuptools import Extension\ndef build(setup_kwargs):\n    ' +
    'setup_kwargs.update(ext_modules=[Extension("a", ["a.c"])])\n'
  expect(
    read({
      'pyproject.toml': project('poetry.core.masonry.api', '[tool.poetry.build]\nscript = "build.py"\n'),
      'build.py': script,
    }),
  ).toEqual(['a, -, plain, a.c', 'tag: -'])
  const hook = script.replace('build(setup_kwargs)', 'pdm_build_update_setup_kwargs(context, setup_kwargs)')
  expect(
    read({
      'pyproject.toml': project('pdm.backend', '[tool.pdm.build]\nrun-setuptools = true\n'),
      'pdm_build.py': hook,
    }),
  ).toEqual(['a, -, plain, a.c', 'tag: -'])
  expect(read({ 'pyproject.toml': project('strange.backend') })[0]).toBe('others: what `strange.backend` does')
})

test('meson-python', () => {
  const files = {
    'pyproject.toml': project('mesonpy', '[tool.meson-python]\nlimited-api = true\n'),
    'meson.build': `project('spam', 'c')
py = import('python').find_installation(pure: false)
level = py.language_version().version_compare('>=3.12') ? '3.12' : ''
subdir('src')
`,
    'src/meson.build': `foreach name, sources : {'_a': ['a.c', 'b.c'], '_b': ['c.c']}
  py.extension_module(name, sources, subdir: 'spam' / 'core', install: true, limited_api: level)
endforeach
py.extension_module('_test', 'test.c')
if dependency('blas', required: false).found()
  py.extension_module('_blas', 'blas.c', install: true)
endif
`,
  }
  expect(read(files)).toEqual([
    'spam.core._a, 3.12, stable, src/a.c src/b.c',
    'spam.core._b, 3.12, stable, src/c.c',
    'others: `dependency().found()`',
    'tag: floating',
  ])
})

test('options of Meson are as they are said to be, or as its command line has them', () => {
  const files = {
    'pyproject.toml': project('mesonpy'),
    'meson.build': `project('spam', 'c')
py = import('python').find_installation()
api = get_option('level')
if get_option('module') and get_option('kind') == 'fast'
  py.extension_module('_a', 'a.c', install: true, limited_api: api)
endif
if not get_option('feature').disabled()
  py.extension_module('_b', 'b.c', install: true)
endif
`,
  }
  const options = `option('module', type: 'boolean')
option('kind', type: 'combo', choices: ['fast', 'slow'])
option('level', type: 'string', value: '3.9', description: 'the oldest Python')
option('feature', type: 'feature', value: 'auto')
`
  const doubt = 'others: `get_option().disabled()`'
  expect(read({ ...files, 'meson_options.txt': options })).toEqual(['_a, 3.9, stable, a.c', doubt, 'tag: -'])
  const given = `${project('mesonpy')}[tool.meson-python.args]\nsetup = ['-Dlevel=3.11']\n`
  const told = { ...files, 'meson.options': options, 'pyproject.toml': given }
  expect(read(told)).toEqual(['_a, 3.11, stable, a.c', doubt, 'tag: -'])
  const off = { ...files, 'meson.options': options.replace("'boolean'", "'boolean', value: false") }
  expect(read(off)).toEqual([doubt, 'tag: -'])
  expect(read(files)).toContain('others: `get_option()`')
})

test('a plain library of CMake is a module where it is linked as one, or named as one', () => {
  const made = (text: string): string[] =>
    read({
      'pyproject.toml': project('scikit_build_core.build'),
      'CMakeLists.txt': `find_package(Python REQUIRED COMPONENTS Interpreter Development.Module)
${text}
install(TARGETS _a LIBRARY DESTINATION spam)
`,
    })
  const linked = 'add_library(_a MODULE a.c)\ntarget_link_libraries(_a PRIVATE Python::Module)\n'
  const named = (suffix: string): string => `set_target_properties(_a PROPERTIES PREFIX "" SUFFIX ".${suffix}.so")\n`
  const plain = named(`\${Python_SOABI}`)
  const limited = 'target_compile_definitions(_a PRIVATE Py_LIMITED_API=0x03090000)\n'
  expect(made(linked + plain)).toEqual(['spam._a, -, plain, a.c', 'tag: -'])
  expect(made(`add_library(_a MODULE a.c)\n${plain}`)).toEqual(['spam._a, -, plain, a.c', 'tag: -'])
  expect(made(`add_library(_a SHARED a.c)\n${plain}`)).toEqual(['others: the files of CMake', 'tag: -'])
  const stable = named('abi3')
  expect(made(linked.replace('MODULE', 'SHARED') + limited + stable)).toEqual(['spam._a, 3.9, stable, a.c', 'tag: -'])
  // Without a prefix of its own its file is `lib_a.so`.
  expect(made(linked)).toEqual(['spam.lib_a, -, plain, a.c', 'tag: -'])
  expect(made(`set(CMAKE_SHARED_MODULE_PREFIX "")\n${linked}`)).toEqual(['spam._a, -, plain, a.c', 'tag: -'])
  const asked = 'execute_process(COMMAND python OUTPUT_VARIABLE SUFFIX)\n'
  expect(made(`${asked}${linked}set_target_properties(_a PROPERTIES PREFIX "" SUFFIX "\${SUFFIX}")\n`)).toEqual([
    'spam._a, -, ? `SUFFIX`, a.c',
    'tag: -',
  ])
  expect(made('add_library(_a MODULE a.c)\npython_extension_module(_a)\n')).toEqual([
    'spam._a, -, plain, a.c',
    'tag: -',
  ])
})

test('scikit-build-core and CMake, with the stable ABI of CMake and of nanobind', () => {
  const files = (find: string): Record<string, string> => ({
    'pyproject.toml': project(
      'scikit_build_core.build',
      '[tool.scikit-build]\nwheel.py-api = "cp312"\n[project]\nname = "my-spam"\n',
    ),
    'CMakeLists.txt': `project(\${SKBUILD_PROJECT_NAME} LANGUAGES C)
find_package(Python COMPONENTS Interpreter ${find} REQUIRED)
find_package(nanobind CONFIG REQUIRED)
include(cmake/Module.cmake)
set(SOURCES a.c)
list(APPEND SOURCES "b.c")
spam_module(_a \${SOURCES})
nanobind_add_module(_nb STABLE_ABI NB_STATIC nb.cpp)
install(TARGETS _nb LIBRARY DESTINATION \${PROJECT_NAME})
python_add_library(_not_installed MODULE x.c)
`,
    'cmake/Module.cmake': `function(spam_module name)
  if(NOT "\${SKBUILD_SABI_VERSION}" STREQUAL "")
    python_add_library(\${name} MODULE WITH_SOABI USE_SABI \${SKBUILD_SABI_VERSION} \${ARGN})
  else()
    python_add_library(\${name} MODULE WITH_SOABI \${ARGN})
  endif()
  install(TARGETS \${name} DESTINATION my_spam/core)
endfunction()
`,
  })
  expect(read(files(`Development.Module \${SKBUILD_SABI_COMPONENT}`))).toEqual([
    'my_spam.core._a, 3.12, stable, a.c b.c',
    'my_spam._nb, 3.12, stable, nb.cpp',
    'tag: 3.12',
  ])
  // Without the component nanobind builds for one Python.
  expect(read(files('Development.Module'))[1]).toBe('my_spam._nb, -, plain, nb.cpp')
})

test('maturin, by the library, by name, and features behind features', () => {
  const cargo =
    '[package]\nname = "my-spam"\n[dependencies.pyo3]\nversion = "0.25"\nfeatures = ["extension-module", "abi3-py39"]\n'
  expect(read({ 'pyproject.toml': project('maturin'), 'Cargo.toml': cargo })).toEqual([
    'my_spam.my_spam, -, stable, Rust, ',
    'tag: 3.9',
  ])
  const named = project(
    'maturin',
    '[tool.maturin]\nmodule-name = "spam._core"\nmanifest-path = "rust/Cargo.toml"\nfeatures = ["limited"]\n',
  )
  const behind = '[package]\nname = "x"\n[dependencies]\npyo3 = "0.25"\n[features]\nlimited = ["pyo3/abi3"]\n'
  expect(read({ 'pyproject.toml': named, 'rust/Cargo.toml': behind })).toEqual([
    'spam._core, -, stable, Rust, ',
    'tag: floating',
  ])
})
