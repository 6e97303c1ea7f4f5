import { expect, test } from 'vitest'
import { readAsset } from '../analyzer/store/assets.ts'
import { memoryStore } from '../analyzer/store/memory.ts'
import type { Settings } from '../analyzer/workspace/settings.ts'
import { openWorkspace } from '../analyzer/workspace/workspace.ts'
import { invalidAbi3tLevel } from './invalid-abi3t-level.ts'

/** `Py_GIL_DISABLED` from the command line and from build files, beside a level below 3.15. */

const include = '#include <Python.h>\nint f(PyObject *o);\n'
const limited = `#define Py_LIMITED_API 0x03090000\n${include}`
const gil = new Map<string, string | null>([['Py_GIL_DISABLED', '1']])

async function found(texts: Readonly<Record<string, string>>, settings: Settings = {}, level = 10, headers = 15) {
  const files = new Map(Object.entries(texts))
  const workspace = await openWorkspace(memoryStore(files, readAsset), [...files.keys()], settings)
  const target = { level, headers, abi3t: false }
  const { run } = workspace.check({ rules: [invalidAbi3tLevel], targets: [target] })
  return run.diagnostics.map(({ file, line, severity }) => `${severity} ${file}:${line}`)
}

test('-D', async () => {
  expect(await found({ 'a.c': include, 'b.c': include }, { definitions: gil })).toEqual(['error a.c:1'])
  expect(await found({ 'a.c': include }, { definitions: new Map([['Py_GIL_DISABLED', '0']]) })).toEqual(['error a.c:1'])
  expect(await found({ 'a.c': limited }, { definitions: gil })).toEqual(['error a.c:1'])
  expect(await found({ 'a.c': `#ifndef Py_GIL_DISABLED\n${limited}#endif\n` }, { definitions: gil })).toEqual([])
  expect(await found({ 'a.c': include })).toEqual([])
  expect(await found({ 'a.c': include }, { definitions: new Map([['Py_GIL_DISABLED', null]]) })).toEqual([])
  expect(await found({ 'a.c': include }, { definitions: gil }, 15)).toEqual([])
  expect(await found({ 'a.c': include }, { definitions: gil }, 9, 12)).toEqual([])
  expect(await found({ 'a.c': 'int x;\n' }, { definitions: gil })).toEqual([])
  const abi3t = new Map([...gil, ['Py_TARGET_ABI3T', '0x030F0000'] as const])
  expect(await found({ 'a.c': include }, { definitions: abi3t })).toEqual([])
})

test('a compilation database', async () => {
  const entry = (file: string, ...more: string[]) => ({ directory: '.', file, arguments: ['cc', ...more, file] })
  const database = JSON.stringify([entry('a.c'), entry('b.c', '-DPy_GIL_DISABLED', '-DPy_LIMITED_API=0x030A0000')])
  const texts = { 'a.c': include, 'b.c': include, 'compile_commands.json': database }
  expect(await found(texts)).toEqual(['error b.c:1'])
})

test.each<readonly [string, readonly string[]]>([
  ['Extension("a", ["a.c"], define_macros=[("Py_GIL_DISABLED", "1")])', ['error a.c:1']],
  ['Extension("a", ["a.c"], define_macros=[("Py_GIL_DISABLED", None)])', ['error a.c:1']],
  ['Extension("a", ["a.c"], extra_compile_args=["-DPy_GIL_DISABLED=1"])', ['error a.c:1']],
  ['Extension("b", ["b.c"], define_macros=[("Py_GIL_DISABLED", "1")])', []],
  ['Extension("a", ["a.c"], define_macros=[("Py_GIL_DISABLED", "1")] if free else [])', []],
  ['if free:\n    macros.append(("Py_GIL_DISABLED", "1"))\nExtension("a", ["a.c"], define_macros=macros)', []],
])('define_macros: %s', async (setup, expected) => {
  expect(await found({ 'a.c': limited, 'b.c': include, 'setup.py': setup })).toEqual(expected)
})

const plain = 'Extension("a", ["a.c"], define_macros=[("Py_LIMITED_API", "0x03090000")])\n'
const cibuildwheel = (text: string) => `[tool.cibuildwheel]\n${text}\n`

test.each<readonly [string, Readonly<Record<string, string>>, readonly string[]]>([
  ['build = "cp39-* cp313t-*"', { 'setup.py': plain }, ['error pyproject.toml:2']],
  ['build = ["cp39-*", "cp314t-*"]', { 'setup.py': plain }, ['error pyproject.toml:2']],
  ['build = "cp313t-manylinux_x86_64"', { 'a.c': limited }, ['error pyproject.toml:2']],
  [
    'build = "cp314t-*"',
    { 'meson.build': "py.extension_module('a', 'a.c', limited_api: '3.9')" },
    ['error pyproject.toml:2'],
  ],
  ['build = "cp313t-*"', { 'setup.py': `if 1:\n  ${plain}` }, ['warning pyproject.toml:2']],
  [
    'build = "cp313t-*"',
    { 'setup.py': `import sysconfig\nft = sysconfig.get_config_var("Py_GIL_DISABLED")\n${plain}` },
    [],
  ],
  ['build = "cp313t-*"', { 'a.c': `#ifndef Py_GIL_DISABLED\n${limited}#endif\n` }, []],
  ['build = "cp39-* cp313-*"', { 'setup.py': plain }, []],
  ['build = "cp39-* cp313t-*"\nskip = "cp313t-*"', { 'setup.py': plain }, []],
  ['enable = ["pypy", "cpython-freethreading"]', { 'setup.py': plain }, ['error pyproject.toml:2']],
  ['build = "*"\nfree-threaded-support = true', { 'setup.py': plain }, ['error pyproject.toml:3']],
  ['build = "cp39-*"\nenable = "cpython-freethreading"', { 'setup.py': plain }, []],
  ['enable = "cpython-freethreading"\nskip = "*t-*"', { 'setup.py': plain }, []],
  ['skip = "cp313t-*"', { 'setup.py': plain }, []],
  ['build = "cp313t-*"', { 'setup.py': 'Extension("a", ["a.c"])' }, []],
])('cibuildwheel: %s', async (text, texts, expected) => {
  expect(await found({ 'a.c': include, 'pyproject.toml': cibuildwheel(text), ...texts })).toEqual(expected)
})
