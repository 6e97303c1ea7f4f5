import { expect, test } from 'vitest'
import { applyEdits } from '../../fix/edits.ts'
import type { TextEdit } from '../../fix/fix.ts'
import type { BuildFile } from '../build-file.ts'
import type { ModuleDefinition } from '../module-definitions.ts'
import { limitBuild } from './limit-build.ts'

type Ready = (definition: ModuleDefinition | null) => boolean

function limited(files: Readonly<Record<string, string>>, isReady: Ready = () => true) {
  const buildFiles = Object.entries(files).map(
    ([path, text]): BuildFile => ({
      kind: path.endsWith('.py') ? 'setup.py' : (path as BuildFile['kind']),
      path,
      text,
    }),
  )
  const { edits, limited, byHand } = limitBuild(buildFiles, { level: 11, isReady })
  const texts = Object.fromEntries(
    [...edits].map(([path, own]) => [path, applyEdits(files[path]!, own as readonly TextEdit[])]),
  )
  return { texts, modules: limited.length, byHand: byHand.map(({ message }) => message) }
}

const flags = `
# One binary for CPython 3.11 and later (PEP 384). Other Pythons get a build of their own.
limited_api = (
    sys.implementation.name == "cpython"
    and sys.version_info >= (3, 11)
    and not sysconfig.get_config_var("Py_GIL_DISABLED")
)
limited_api_macros = [("Py_LIMITED_API", "0x030B0000")] if limited_api else []
`

const tag = '{"bdist_wheel": {"py_limited_api": "cp311"} if limited_api else {}}'

test('gives each extension of a setup.py the macro and the flag, and the wheel its tag', () => {
  const { texts, modules } = limited({
    'setup.py': `from setuptools import setup, Extension

MACROS = [("A", None)]
setup(
    name="spam",
    ext_modules=[
        Extension("spam.a", ["a.c"]),
        Extension("spam.b", ["b.c"], define_macros=[("B", "1")]),
        Extension(
            "spam.c",
            sources=["c.c"],
            define_macros=MACROS if MACROS else [],  # those of all
            extra_compile_args=["-O2"]  # fast
        ),
    ],
)
`,
  })
  expect(modules).toBe(3)
  expect(texts['setup.py']).toBe(`from setuptools import setup, Extension
import sys
import sysconfig
${flags}
MACROS = [("A", None)]
setup(
    name="spam",
    ext_modules=[
        Extension("spam.a", ["a.c"], define_macros=[*limited_api_macros], py_limited_api=limited_api),
        Extension("spam.b", ["b.c"], define_macros=[("B", "1"), *limited_api_macros], py_limited_api=limited_api),
        Extension(
            "spam.c",
            sources=["c.c"],
            define_macros=[*((MACROS if MACROS else []) or []), *limited_api_macros],  # those of all
            extra_compile_args=["-O2"],  # fast
            py_limited_api=limited_api
        ),
    ],
    options=${tag},
)
`)
})

test('leaves a module as it is that is not ready, and the wheel without the tag', () => {
  const { texts, modules } = limited(
    { 'setup.py': 'import sys, sysconfig\nsetup(ext_modules=[Extension("a", ["a.c"]), Extension("b", ["b.c"])])\n' },
    (definition) => definition?.file.text.slice(definition.start).startsWith('"b"') ?? false,
  )
  expect(modules).toBe(1)
  expect(texts['setup.py']).toBe(
    `import sys, sysconfig\n${flags.trimEnd()}\nsetup(ext_modules=[Extension("a", ["a.c"]), ` +
      'Extension("b", ["b.c"], define_macros=[*limited_api_macros], py_limited_api=limited_api)])\n',
  )
})

test('makes extensions limited where they are handed over, if their arguments do not show', () => {
  const { texts } = limited({
    'setup.py': `from distutils.core import setup
from distutils.command.build_ext import build_ext
setup(ext_modules=find())
`,
  })
  expect(texts['setup.py']).toContain('from setuptools.command.build_ext import build_ext\n')
  expect(texts['setup.py']).toContain(`
def with_limited_api(extensions):
    for extension in extensions or []:
        extension.py_limited_api = limited_api
        extension.define_macros = [*extension.define_macros, *limited_api_macros]
    return extensions
`)
  expect(texts['setup.py']).toContain(`setup(ext_modules=with_limited_api(find()), options=${tag})`)
})

test('never stands between the branches of a statement', () => {
  const { texts } = limited({
    'setup.py': `u"""Builds
spam."""
try:
    from setuptools import setup, Extension
except ImportError:
    from distutils.core import setup, Extension
setup(ext_modules=[Extension("a", ["a.c"])])
`,
  })
  expect(texts['setup.py']).toContain(`u"""Builds\nspam."""\nimport sys\nimport sysconfig\n${flags}\ntry:\n`)
})

test('says what is to be done by hand where a setup.py is not plain', () => {
  const byHand = (text: string): readonly string[] => limited({ 'setup.py': text }).byHand
  expect(byHand('import x\nsetup(ext_modules=[E])\nmacros = [("Py_LIMITED_API", "1")]\n')[0]).toContain('already')
  expect(
    byHand('import x\nclass b(build_ext):\n    def get_ext_filename(self, n): pass\nsetup(**x.all)\n')[0],
  ).toContain('names the files of extension modules itself')
  expect(byHand('from own import build_ext\nsetup(ext_modules=[Extension("a", ["a.c"])])\n')[0]).toContain('itself')
  expect(byHand('import x\nsetup(**x.all)\n')[0]).toContain('does not show')
})

test.each([
  ['"setuptools"', '"setuptools>=82.0.1"'],
  ['"setuptools>=77.0.1", "wheel"', '"setuptools>=82.0.1", "wheel"'],
  ["'setuptools >= 82.1'", "'setuptools >= 82.1'"],
  ['"setuptools>=61,<83"', '"setuptools>=61,<83"'],
])('asks for a setuptools that takes macros in tables: %s', (asked, expected) => {
  const module = '[[tool.setuptools.ext-modules]]\nname = "a"\nsources = ["a.c"]\n'
  const { texts, byHand } = limited({ 'pyproject.toml': `[build-system]\nrequires = [${asked}]\n\n${module}` })
  expect(texts['pyproject.toml']).toContain(`requires = [${expected}]`)
  expect(byHand.join('\n').includes('needs setuptools 82.0.1')).toBe(asked.includes('<'))
})

test('adds to tables of pyproject.toml, and to modules of Meson', () => {
  const { texts, modules } = limited({
    'pyproject.toml': `[build-system]
build-backend = "mesonpy"

[[tool.setuptools.ext-modules]]
name = "a"
define-macros = [["A", "1"]]
sources = ["a.c"]

[[tool.setuptools.ext-modules]]
name = "b"
sources = ["b.c"]

[tool.meson-python]
args = { }
`,
    'meson.build': `py.extension_module('c', 'c.c',
  install: true,
)
`,
  })
  expect(modules).toBe(3)
  expect(texts['pyproject.toml']).toBe(`[build-system]
build-backend = "mesonpy"

[[tool.setuptools.ext-modules]]
name = "a"
define-macros = [["A", "1"], ["Py_LIMITED_API", "0x030B0000"]]
sources = ["a.c"]
py-limited-api = true

[[tool.setuptools.ext-modules]]
name = "b"
sources = ["b.c"]
define-macros = [["Py_LIMITED_API", "0x030B0000"]]
py-limited-api = true

[tool.meson-python]
limited-api = true
args = { }

[tool.distutils.bdist_wheel]
py-limited-api = "cp311"
`)
  expect(texts['meson.build']).toBe(`py.extension_module('c', 'c.c',
  install: true,
  limited_api: '3.11',
)
`)
})

test('takes no name before a bracket on another line for a call', () => {
  const { texts } = limited({
    'setup.py': `from setuptools import setup, Extension

(a, b, c, d) = os.uname()
setup(ext_modules=[Extension("a", ["a.c"])])
`,
  })
  expect(texts['setup.py']).toContain('\n(a, b, c, d) = os.uname()\n')
})

test('lets CMake do what scikit-build-core asks for', () => {
  const { texts, modules } = limited({
    'pyproject.toml': '[build-system]\nbuild-backend = "scikit_build_core.build"\n\n[tool.scikit-build]\nx = 1\n',
    'CMakeLists.txt': `find_package(Python REQUIRED COMPONENTS Interpreter Development.Module)
python_add_library(_a MODULE WITH_SOABI a.c)
`,
  })
  expect(modules).toBe(1)
  expect(texts['pyproject.toml']).toContain('[tool.scikit-build]\nwheel.py-api = "cp311"\nx = 1\n')
  expect(
    texts['CMakeLists.txt'],
  ).toBe(`find_package(Python REQUIRED COMPONENTS Interpreter Development.Module \${SKBUILD_SABI_COMPONENT})

# One binary for CPython 3.11 and later (PEP 384) if scikit-build-core asks for it: wheel.py-api
set(LIMITED_API "")
if(SKBUILD_SABI_VERSION)
    set(LIMITED_API USE_SABI \${SKBUILD_SABI_VERSION})
endif()
python_add_library(_a MODULE \${LIMITED_API} WITH_SOABI a.c)
`)
})

test('says so where nothing shows how modules are built', () => {
  expect(limited({ 'setup.py': 'import setup3\n' }).byHand[0]).toContain('does not show')
})

test('reads what a setup.py imports from beside it', () => {
  const { texts, modules, byHand } = limited({
    'setup.py': 'import sys\nif sys.version_info[0] == 2:\n    import setup2\nelse:\n    import setup3\n',
    'setup3.py': 'from setuptools import setup, Extension\nsetup(ext_modules=[Extension("a", ["a.c"])])\n',
  })
  expect([texts['setup.py'], modules, byHand]).toEqual([undefined, 1, []])
  expect(texts['setup3.py']).toContain('py_limited_api=limited_api')
})

test('lets a command of another script name the files as setuptools does', () => {
  const setup =
    'from setuptools import setup, Extension\nfrom own import build_ext\n' +
    'setup(ext_modules=[Extension("a", ["a.c"])], cmdclass={"build_ext": build_ext})\n'
  const own = 'from distutils.command.build_ext import build_ext as base\nclass build_ext(base): pass\n'
  const { texts } = limited({ 'setup.py': setup, 'own.py': own })
  expect(texts['own.py']).toBe(own.replace('distutils', 'setuptools'))
  expect(texts['setup.py']).toContain('py_limited_api=limited_api')
  const naming = limited({ 'setup.py': setup, 'own.py': `${own}    def get_ext_filename(self, name): return name\n` })
  expect([naming.texts, naming.byHand[0]]).toEqual([{}, expect.stringContaining('names the files')])
  expect(limited({ 'setup.py': setup }).byHand[0]).toContain('names the files')
})

test('makes extensions limited where they are put among the arguments of setup', () => {
  const { texts } = limited({
    'setup.py': `import setuptools
class Extension(setuptools.Extension): pass
kwargs = {}
kwargs["ext_modules"] = [Extension("a", ["a.c"])]
setuptools.setup(**kwargs)
`,
  })
  expect(texts['setup.py']).toContain('kwargs["ext_modules"] = with_limited_api([Extension("a", ["a.c"])])\n')
  expect(texts['setup.py']).toContain(`setuptools.setup(**kwargs, options=${tag})`)
})

test('makes extensions limited where a dict is made for setup, and leaves one that is changed later', () => {
  const script = (more: string): string => `from setuptools import Extension, setup
macros = [("A", None)]
def setup_package():
    macros.append(("B", None))
    extension = Extension("a", ["a.c"], define_macros=macros)
    metadata = dict(
        name="a",
        ext_modules=[extension],
    )
${more}    setup(**metadata)
setup_package()
`
  const { texts } = limited({ 'setup.py': script('') })
  expect(texts['setup.py']).toContain('        ext_modules=with_limited_api([extension]),\n')
  expect(texts['setup.py']).toContain('        extension.define_macros += limited_api_macros\n')
  expect(texts['setup.py']).toContain(`    setup(**metadata, options=${tag})`)
  const changed = limited({ 'setup.py': script('    metadata["ext_modules"].append(other)\n') })
  expect(changed.byHand[0]).toContain('does not show')
})

test('knows a setup of the script, and names that it imports from elsewhere', () => {
  const { texts } = limited({
    'setup.py': `import setuptools
from distutils import sysconfig
def setup(n): setuptools.setup(ext_modules=[setuptools.Extension("a", ["a.c"])])
setup(1)
import sys
`,
  })
  expect(texts['setup.py']).toContain('import sysconfig\nimport sys\n\n#')
  expect(texts['setup.py']).toMatch(/\nsetup\(1\)\nimport sys\n$/)
})

const one = (rest: string, head = 'from setuptools import setup, Extension\n'): string =>
  limited({ 'setup.py': `${head}${rest}` }).texts['setup.py'] ?? ''

test('goes behind a string in triple quotes', () => {
  expect(one('setup(ext_modules=[Extension("a", ["a.c"])], long_description="""\n(b\n""")\n')).toContain(
    `long_description="""\n(b\n""", options=${tag})`,
  )
})

test('stands before the first use of what it sets, behind a byte order mark, and not behind code on a line', () => {
  const extension = 'e = Extension("a", ["a.c"])'
  expect(one(`if x:\n    ${extension}\nimport os\nsetup(ext_modules=[e])\n`)).toMatch(
    /Extension\nimport sys\n[\s\S]*\nif x:/,
  )
  expect(one(`import os; ${extension}\nsetup(ext_modules=[e])\n`)).toMatch(
    /Extension\nimport sys\n[\s\S]*\nimport os; e/,
  )
  expect(one(`${extension}; setup(ext_modules=[e])\n`, 'from setuptools import *; ')).toMatch(/^import sys\n/)
  expect(one(`${extension}\nsetup(ext_modules=[e])\n`, '\u00ef\u00bb\u00bfimport setuptools\n')).toMatch(
    /^\u00ef\u00bb\u00bfimport setuptools\nimport sys\n/,
  )
  expect(one('setup(ext_modules=[Extension("a", ["a.c"])])\r\n', '#!python\r\nimport sys # a\r\n')).not.toMatch(
    /[^\r]\n/,
  )
  expect(one('setup(ext_modules=[Extension("a", ["a.c"])])\r\n', 'import sys\r\n')).toMatch(
    /^import sys\r\nimport sysconfig\r\n\r\n# [\s\S]*else \[\]\r\nsetup/,
  )
})

test('takes macros that may be None', () => {
  const macros = (value: string, before = ''): string =>
    /define_macros=(.*), py_limited/.exec(
      one(`${before}setup(ext_modules=[Extension("a", [], define_macros=${value})])\n`),
    )![1]!
  expect(macros('M', 'M = None\n')).toBe('[*(M or []), *limited_api_macros]')
  expect(macros('M', 'M = [("A", "1")]\n')).toBe('[*M, *limited_api_macros]')
  expect(macros('None if x else M')).toBe('[*((None if x else M) or []), *limited_api_macros]')
  expect(macros('M + [("A", "1")]')).toBe('[*M + [("A", "1")], *limited_api_macros]')
})

test('leaves names of the script alone', () => {
  expect(one('limited_api = 1\nsetup(ext_modules=[Extension("a", ["a.c"])])\n')).toContain('py_limited_api=stable_abi')
  expect(
    one(
      'try:\n    from distutils import sysconfig\nexcept ImportError:\n    pass\nimport os\n' +
        'setup(ext_modules=[Extension("a", [])])\n',
    ),
  ).toMatch(/import sysconfig as python_sysconfig\n[\s\S]*not python_sysconfig\.get_config_var/)
  expect(one('import django\ndjango.setup()\nsetup(ext_modules=[Extension("a", [])])\n')).toContain('django.setup()\n')
})

test('knows an Extension that is none of setuptools', () => {
  const own = 'def Extension(*sources):\n    return setuptools.Extension("a", list(sources))\n'
  expect(one(`import setuptools\n${own}setup(ext_modules=[Extension("a.c")])\n`)).toContain(
    'with_limited_api([Extension("a.c")])',
  )
  expect(one('from own import Extension\nsetup(ext_modules=[Extension("a.c")])\n', '')).toContain('with_limited_api([')
})

test('lists of macros that the script changes later stay the same lists', () => {
  const list = 'M = []\nM.append(("A", "1"))\ne = [Extension("a", ["a.c"], define_macros=M)]\n'
  expect(one(`${list}setup(ext_modules=e)\n`)).toContain('define_macros=[*M, *limited_api_macros]')
  const later = one(`${list}M.append(("B", "1"))\nsetup(ext_modules=e)\n`)
  expect(later).toContain('define_macros=M)')
  expect(later).toContain('extension.define_macros += limited_api_macros')
  const handed = one(`${list}add(M)\nsetup(ext_modules=e)\n`)
  expect(handed).toContain('extension.define_macros += limited_api_macros')
  expect(one(`M = []\nN = M\n${list.slice('M = []\n'.length)}setup(ext_modules=e)\n`)).toContain(
    '+= limited_api_macros',
  )
  const command = 'class b(build_ext):\n    def finalize_options(self):\n        M[0] = ("A", "2")\n'
  expect(one(`${command}${list}setup(ext_modules=e)\n`)).toContain('extension.define_macros += limited_api_macros')
})

test('gives macros to extensions after the script has', () => {
  const first = 'e = Extension("a", ["a.c"])\n'
  expect(one(`${first}e.define_macros = [("A", "1")]\nsetup(ext_modules=[e])\n`)).toContain('with_limited_api([e])')
  expect(one(`${first}e.define_macros = e.define_macros + M\nsetup(ext_modules=[e])\n`)).toContain(
    '[*limited_api_macros]',
  )
  const command = (body: string): string =>
    one(`class b(build_ext):\n${body}\nsetup(ext_modules=[Extension("a", [])])\n`)
  expect(command('    def run(self):\n        for e in self.extensions:\n            e.define_macros = []\n')).toBe('')
  expect(command('    def build_extension(self, ext):\n        call(["cmake"])\n')).toBe('')
  expect(command('    def build_extension(self, ext):\n        super().build_extension(ext)\n')).not.toBe('')
  const own = (macros: string): string =>
    '    def build_extension(self, ext):\n        path = self.get_ext_fullpath(ext.name)\n' +
    `        objects = self.compiler.compile(ext.sources, macros=${macros})\n` +
    '        self.compiler.link_shared_object(objects, path)\n'
  expect(command(own('ext.define_macros'))).not.toBe('')
  expect(command(own('[]'))).toBe('')
  expect(command(`${own('ext.define_macros')}        check_call(["make"])\n`)).toBe('')
})

test('leaves a list alone that is changed behind the place where it is handed over', () => {
  const texts = one('k = {}\nk["ext_modules"] = []\nk["ext_modules"].append(Extension("a", [], **x))\nsetup(**k)\n')
  expect(texts).toBe('')
})

test('makes extensions limited where they are handed over, if other names make some, too', () => {
  const own = 'class E(Extension):\n    pass\n'
  const modules = 'setup(ext_modules=[E("a", []), Extension("b", [])])\n'
  const wrapped = 'with_limited_api([E("a", []), Extension("b", [])])'
  expect(one(own + modules)).toContain(wrapped)
  expect(one(modules, 'from setuptools import setup, Extension, Extension as E\n')).toContain(wrapped)
  expect(one(modules.replace('E("a", []), ', ''), 'from setuptools import (setup,\n    Extension)\n')).toContain(
    'Extension("b", [], define_macros=',
  )
})

test('says what is to be done with the old module of Meson, and with a table that has no header', () => {
  const meson = limited({ 'meson.build': "py = import('python3')\npy.extension_module('a', 'a.c')\n" })
  expect([meson.texts, meson.byHand[0]]).toEqual([{}, expect.stringContaining('knows no Limited API')])
  const table = '[[tool.setuptools.ext-modules]]\nname = "a"\nsources = ["a.c"]\n'
  const tagged = limited({ 'pyproject.toml': `${table}[tool.distutils.bdist_wheel]\nuniversal = false\n` })
  expect(tagged.texts['pyproject.toml']).toContain('bdist_wheel]\npy-limited-api = "cp311"\nuniversal')
  const dotted = limited({ 'pyproject.toml': `${table}[tool.distutils]\nbdist_wheel.universal = false\n` })
  expect(dotted.byHand[0]).toContain('py-limited-api')
})

test('lets CMake do nothing where Python is searched for under a condition', () => {
  const cmake =
    'if(A)\nendif()\nif(NOT Python_FOUND)\nfind_package(Python COMPONENTS Development)\nendif()\n' +
    'python_add_library(a MODULE a.c)\n'
  const { texts, byHand } = limited({
    'pyproject.toml': '[build-system]\nbuild-backend = "scikit_build_core.build"\n',
    'CMakeLists.txt': cmake,
  })
  expect([texts, byHand[0]]).toEqual([{}, expect.stringContaining('USE_SABI')])
})

test('does nothing to what it has done', () => {
  for (const extension of ['Extension("a", ["a.c"])', 'Extension("a", **x)']) {
    const first = one(`setup(ext_modules=[${extension}])\n`)
    const { texts, modules, byHand } = limited({ 'setup.py': first })
    expect([texts, modules, byHand]).toEqual([{}, 1, []])
    expect(limited({ 'setup.py': first.replace('0x030B', '0x030A') }).byHand[0]).toContain('already')
  }
})
