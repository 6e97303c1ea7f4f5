import { expect, test } from 'vitest'
import { applyEdits } from '../../fix/edits.ts'
import type { TextEdit } from '../../fix/fix.ts'
import type { BuildFile } from '../build-file.ts'
import type { ModuleDefinition } from '../module-definitions.ts'
import { limitBuild } from './limit-build.ts'

type Texts = Readonly<Record<string, string>>

/** Build files after edits for abi3t, or for abi3 where a level is given, and what has to be done by hand. */
function told(texts: Texts, level?: 12, isReady: (definition: ModuleDefinition | null) => boolean = () => true) {
  const files = Object.entries(texts).map(
    ([path, text]): BuildFile => ({
      kind: path.endsWith('.py') ? 'setup.py' : (path as BuildFile['kind']),
      path,
      text,
    }),
  )
  const { edits, limited, byHand } = limitBuild(files, { level: level ?? 15, abi3t: level === undefined, isReady })
  const changed = [...edits].map(([path, own]) => [path, applyEdits(texts[path]!, own as readonly TextEdit[])])
  return {
    texts: { ...texts, ...(Object.fromEntries(changed) as Texts) },
    files: [...edits.keys()],
    modules: limited.length,
    byHand: byHand.map(({ message }) => message),
  }
}

const plain = `import sys
import sysconfig
from setuptools import setup, Extension

setup(ext_modules=[Extension("a", ["a.c"], define_macros=[("A", "1")]), Extension("b", ["b.c"])])
`

const condition = `# One binary for CPython 3.15 and later, with the GIL and without (PEP 803): Pythons without it build that.
abi3t = (
    sys.implementation.name == "cpython"
    and sys.version_info >= (3, 15)
    and bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
)
`

test('lets Pythons without the GIL build for abi3t, and others as they did', () => {
  const { texts, modules, byHand } = told({ 'setup.py': plain })
  expect([modules, byHand]).toEqual([2, []])
  expect(texts['setup.py']).toBe(
    `import sys
import sysconfig
from setuptools import setup, Extension

${condition}abi3t_macros = [("Py_TARGET_ABI3T", "0x030F0000")] if abi3t else []

setup(ext_modules=[Extension("a", ["a.c"], define_macros=[("A", "1"), *abi3t_macros], py_limited_api=abi3t), \
Extension("b", ["b.c"], define_macros=[*abi3t_macros], py_limited_api=abi3t)], \
options={"bdist_wheel": {"py_limited_api": "cp315"} if abi3t else {}})
`.replaceAll('\\\n', ''),
  )
})

test.each(['\n', '\r\n'])('puts abi3t beside abi3, of which a port has told, with line ends %j', (eol) => {
  const ported = told({ 'setup.py': plain.replaceAll('\n', eol) }, 12).texts
  const { texts, modules, byHand } = told(ported)
  expect([modules, byHand]).toEqual([2, []])
  const macros = 'limited_api_macros = [("Py_LIMITED_API", "0x030C0000")] if limited_api else []\n'
  const more = `${macros}
${condition}if abi3t:
    limited_api = True
    limited_api_macros = [("Py_TARGET_ABI3T", "0x030F0000")]
`
  expect(texts['setup.py']).toBe(
    ported['setup.py']!.replace(macros.replaceAll('\n', eol), more.replaceAll('\n', eol)).replace(
      '"cp312"}',
      '"cp315" if abi3t else "cp312"}',
    ),
  )
})

test('goes on with extensions that are made limited where they are handed over', () => {
  const ported = told({ 'setup.py': 'from setuptools import setup\nsetup(ext_modules=find())\n' }, 12).texts
  const { texts, byHand } = told(ported)
  expect(byHand).toEqual([])
  expect(texts['setup.py']).toContain('limited_api_macros = [("Py_TARGET_ABI3T", "0x030F0000")]\n\n\ndef with_limited')
})

test('does nothing to what it has done', () => {
  for (const first of [told({ 'setup.py': plain }).texts, told(told({ 'setup.py': plain }, 12).texts).texts]) {
    const { files, modules, byHand } = told(first)
    expect([files, modules, byHand]).toEqual([[], 2, []])
  }
})

test('does nothing where anything is left', () => {
  const isFirst = (definition: ModuleDefinition | null): boolean =>
    definition?.file.text.slice(definition.start).startsWith('"a"') ?? false
  expect(told({ 'setup.py': plain }, undefined, isFirst)).toMatchObject({ files: [], modules: 0, byHand: [] })
  const project = '[build-system]\nrequires = ["setuptools<80; os_name == \'nt\'"]\n'
  const { files, byHand } = told({ 'setup.py': plain, 'pyproject.toml': project })
  expect([files, byHand]).toEqual([[], ['has to ask for setuptools 84.2 or later']])
})

test('says what is to be done by hand', () => {
  const byHand = (texts: Texts): string => told(texts).byHand.join()
  const macro = 'setup(ext_modules=[Extension("a", [], define_macros=[("Py_LIMITED_API", "0x03090000")])])\n'
  expect(byHand({ 'setup.py': `from setuptools import *\n${macro}` })).toContain('define `Py_TARGET_ABI3T`')
  const other = told({ 'setup.py': plain }, 12).texts['setup.py']!.replace('} if limited_api', '} if True')
  expect(byHand({ 'setup.py': other })).toContain('define `Py_TARGET_ABI3T`')
  expect(byHand({ 'setup.py': 'def get_ext_filename(): pass\nsetup(ext_modules=x)\n' })).toContain('.abi3t.so')
  expect(byHand({ 'setup.py': 'import x\nsetup(**x.all)\n' })).toContain('("Py_TARGET_ABI3T", "0x030F0000")')
  expect(byHand({ 'setup.py': 'import x\n' })).toContain('cp315-abi3.abi3t')
  const table = '[[tool.setuptools.ext-modules]]\nname = "a"\nsources = ["a.c"]\n'
  expect(byHand({ 'pyproject.toml': table })).toContain('move the modules to a `setup.py`')
  expect(byHand({ 'meson.build': "py.extension_module('a', 'a.c')\n" })).toContain("limited_api: '3.15'")
  expect(byHand({ 'CMakeLists.txt': 'python_add_library(a MODULE a.c)\n' })).toContain('cp315t')
})

const newer = `"setuptools>=84.2; python_version >= '3.15'"`

test.each([
  ['["setuptools"]', `["setuptools", ${newer}]`],
  ['["setuptools[core]>=61", "wheel"]', `["setuptools[core]>=61", "wheel", ${newer}]`],
  ['["setuptools==80.9.0"]', `["setuptools==80.9.0; python_version < '3.15'", ${newer}]`],
  ["['setuptools>=61,<81']", `['setuptools>=61,<81; python_version < "3.15"', ${newer}]`],
  ['["setuptools>=84.2.1"]', '["setuptools>=84.2.1"]'],
  ['["setuptools-scm"]', '["setuptools-scm"]'],
  ['[\n  "setuptools",\n]', `[\n  "setuptools",\n  ${newer},\n]`],
])('asks for a setuptools that knows abi3t: %s', (before, after) => {
  const project = (requires: string): string => `[build-system]\nrequires = ${requires}\n`
  const { texts, byHand } = told({ 'setup.py': plain, 'pyproject.toml': project(before) })
  expect([texts['pyproject.toml'], byHand]).toEqual([project(after), []])
  expect(told(texts).files).toEqual([])
})
