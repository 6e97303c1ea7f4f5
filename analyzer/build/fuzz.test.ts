import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BuildFile } from './build-file.ts'
import { buildText } from './build-text.ts'
import { readCompileCommands, shellWords } from './compile-commands.ts'
import { limitBuild } from './limit/limit-build.ts'
import type { BuildEdit } from './limit/limited-file.ts'
import { manifestFor, withFile } from './manifest.ts'
import { moduleDefinitions } from './module-definitions.ts'
import { packageBuilds } from './package-build.ts'
import { unreadOptions } from './plain-value.ts'
import { unreadable } from './readable.ts'

/** Signs of any language: quotes and brackets that need not pair, line ends, bytes that are no ASCII. */
const signs = [
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '"',
  "'",
  '\\',
  '#',
  ',',
  '=',
  ':',
  '\n',
  '\r\n',
  ' ',
  '  ',
  '\t',
  '.',
  ';',
  '\0',
  'é',
  '\xff',
]

/** What a variable of CMake is set to. */
const variable = (name: string): string => `\${${name}}`

/** What the readers of each kind of build file look for. */
const words: Readonly<Record<BuildFile['kind'], readonly string[]>> = {
  'Cargo.toml': [
    '[package]\n',
    '[dependencies.pyo3]\n',
    'features = ["abi3-py39"]\n',
    '"abi3", ',
    'workspace = true\n',
  ],
  'BUILD.bazel': [
    'load("@rules_python//python/cc:py_extension.bzl", "py_extension")\n',
    'load(":own.bzl", own_py_extension = "py_extension")\n',
    'py_extension(name = "a", srcs = ["a.c"])\n',
    'def own_py_extension(name, **kwargs):\n    ',
    'cc_binary(name = name + ".abi3.so", linkshared = True, deps = [":python_headers"])\n',
    'cc_library(name = "a", deps = [":a"], defines = ["Py_LIMITED_API=0x03090000"])\n',
    'select({":a": ["-DPy_LIMITED_API=3"], "//conditions:default": []})',
    'glob(["*.c"])',
    'py_wheel(name = "w", abi = "abi3", python_tag = "cp39")\n',
    'py_limited_api = "3.9", ',
  ],
  'meson.options': ["option('a', type: 'boolean')\n", 'value: true', "choices: ['a', 'b']"],
  'setup.py': [
    'import setuptools as st\n',
    'from setuptools import setup, Extension\n',
    'from distutils.command import build_ext\n',
    'from . import (\n',
    'setup(',
    'st.setup(',
    'Extension("a", ["a.c"]',
    'ext_modules=',
    'define_macros=',
    'define_macros=macros',
    'macros = []\n',
    'macros = macros + macros\n',
    'name = name + name\n',
    'name = "a"\n',
    'for each in all:\n    ',
    'def f(a):\n    return f(a) + f(a)\n',
    'f(1)\n',
    'if unknown: ',
    'del macros[0]\n',
    'class B(build_ext):\n    ',
    'lambda x: ',
    '[x for x in macros for y in macros]\n',
    'name = name.replace("a", name)\n',
    'macros += [("A", "1")]\n',
    'ext.define_macros = x\n',
    '("Py_LIMITED_API", "0x03090000")',
    '"-DPy_LIMITED_API=0x03090000"',
    'py_limited_api=True',
    'options={"bdist_wheel": {"py_limited_api": "cp39"}}',
    '"py_limited_api"',
    'python_requires=">=3.9"',
    'include_dirs=["include"]',
    'include_dirs=dirs',
    'dirs = base + "/b"\n',
    'base = f"{dirs}/a"\n',
    '"-Iinclude"',
    '"Py_GIL_DISABLED"',
    'def f():\n  ',
    'class build(build_ext):\n  def get_ext_filename(self):\n    ',
    'if sys.version_info[0] == 2:\n  ',
    '"""',
    "'''",
    '**kwargs',
    'lambda',
  ],
  'setup.cfg': [
    '[metadata]\n',
    '[build_ext]\n',
    'include_dirs = a:b',
    '[bdist_wheel]\n',
    'py_limited_api = cp39\n',
    'python_requires = >=3.9, !=3.10.*\n',
    '-DPy_LIMITED_API=3',
    '\n; ',
    '\n# ',
  ],
  'pyproject.toml': [
    '[build-system]\n',
    'requires = ["setuptools>=61"]\n',
    'build-backend = "mesonpy"\n',
    'build-backend = "scikit_build_core.build"\n',
    '[project]\n',
    'requires-python = ">=3.9"\n',
    '[[tool.setuptools.ext-modules]]\n',
    'ext-modules = [\n',
    '{name = "a", sources = ["a.c"]}',
    'define-macros = [["Py_LIMITED_API", "0x03090000"]]\n',
    'py-limited-api = true\n',
    '[tool.cibuildwheel]\nbuild = "cp313t-*"\nskip = "*t-*"\n',
    '[tool.distutils.bdist_wheel]\npy-limited-api = "cp39"\n',
    '[tool.scikit-build.wheel]\npy-api = "cp39"\n',
    '[tool.meson-python.args]\nsetup = ["-Dpython.allow_limited_api=false"]\n',
    '"""',
    "'''",
    '1979-05-27',
    '0x',
  ],
  'meson.build': [
    "py = import('python').find_installation()\n",
    "py3 = import('python3')\n",
    "py.extension_module('a', 'a.c'",
    "limited_api: '3.9'",
    "c_args: ['-DPy_LIMITED_API=0x03090000']",
    "include_directories: include_directories('include')",
    "'python.allow_limited_api=false'",
    "'''",
    'if true\n',
    'endif\n',
  ],
  'CMakeLists.txt': [
    'find_package(Python COMPONENTS Interpreter Development.Module)\n',
    'python_add_library(a MODULE a.c)\n',
    'python_add_library(',
    'pybind11_add_module(a a.cpp)\n',
    'USE_SABI 3.9',
    'target_compile_definitions(a PRIVATE Py_LIMITED_API=0x03090000)\n',
    `target_include_directories(a PRIVATE ${variable('B')})\n`,
    `set(B ${variable('B')} ${variable('C')}/d)\n`,
    '$<BUILD_INTERFACE:a>',
    '#[[',
    '#[=[',
    ']=]',
    ']]',
    'if(A)\n',
    'endif()\n',
    '-Iinclude',
  ],
}

const textOf = (known: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom(...known) },
        { weight: 4, arbitrary: fc.constantFrom(...signs) },
        { weight: 1, arbitrary: fc.stringMatching(/^\w{1,8}$/) },
      ),
      { maxLength: 60 },
    )
    .map((parts) => parts.join(''))

/** A text with edits made, each of which has to stand in it. */
function edited(text: string, edits: readonly BuildEdit[]): string {
  let result = text
  for (const { start, end, text: given } of edits.toSorted((a, b) => b.start - a.start)) {
    expect(start >= 0 && start <= end && end <= text.length).toBe(true)
    result = result.slice(0, start) + given + result.slice(end)
  }
  return result
}

const runs = { numRuns: 400, seed: 20260801 }

/** What a file makes, with what calls for it. */
function builtOf(file: BuildFile): void {
  const backends: Readonly<Partial<Record<BuildFile['kind'], string>>> = {
    'meson.build': 'mesonpy',
    'CMakeLists.txt': 'scikit_build_core.build',
    'Cargo.toml': 'maturin',
  }
  const backend = backends[file.kind]
  const text = `[build-system]\nbuild-backend = "${backend}"\n`
  const project: BuildFile = { kind: 'pyproject.toml', path: 'pyproject.toml', text }
  if (file.kind === 'BUILD.bazel') packageBuilds([{ ...file, path: 'BUILD' }], { python: 13, find: () => [] })
  packageBuilds(backend === undefined ? [file] : [project, file], { python: 13, find: () => null })
}

/** Reads a file in each way, and what becomes of it where its modules are limited; again what comes of that. */
function readAndLimit(file: BuildFile, rounds = 2): void {
  expect(unreadable(file)).toBeNull()
  builtOf(file)
  for (const { start, end } of moduleDefinitions(file)) unreadOptions(buildText(file), start, end)
  manifestFor('pep_shims.h', [file])
  for (const [isAll, abi3t] of [
    [true, false],
    [false, false],
    [true, true],
  ] as const) {
    const { edits } = limitBuild([file], { level: 9, abi3t, isReady: (module) => isAll || module?.start !== 0 })
    const text = edited(file.text, edits.get(file.path) ?? [])
    if (rounds > 1) readAndLimit({ ...file, text }, rounds - 1)
  }
}

describe('any text is read, and its builds limited, without a fault', () => {
  test.each(Object.keys(words) as BuildFile['kind'][])('%s', (kind) => {
    fc.assert(
      fc.property(textOf(words[kind]), (text) => {
        readAndLimit({ kind, path: kind, text })
      }),
      runs,
    )
  })

  test('build files together', () => {
    const file = fc
      .constantFrom(...(Object.keys(words) as BuildFile['kind'][]))
      .chain((kind) => textOf(words[kind]).map((text): BuildFile => ({ kind, path: kind, text })))
    fc.assert(
      fc.property(fc.uniqueArray(file, { maxLength: 4, selector: ({ kind }) => kind }), (files) => {
        for (const abi3t of [false, true]) limitBuild(files, { level: 9, abi3t, isReady: () => true })
        packageBuilds(files, { python: 13, find: () => [] })
      }),
      runs,
    )
  })

  test('compile_commands.json', () => {
    const known = ['-D', '-I', '-isystem', '/U', 'a=b', '..', '/', 'a.c', '-DA="b', "'"]
    const word = fc.oneof(textOf(known), fc.constantFrom(...known), fc.constant(null), fc.integer())
    const entry = fc.record(
      { directory: word, file: word, arguments: fc.oneof(fc.array(word), word), command: word },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(entry, fc.jsonValue())), (entries) => {
        readCompileCommands(JSON.stringify(entries), '/p', '/p/build')
      }),
      runs,
    )
    fc.assert(
      fc.property(textOf([...known, '{"file":', '[', ']', '"command"']), (text) => {
        shellWords(text)
        try {
          readCompileCommands(text, '/p', '/p/build')
        } catch (error) {
          expect((error as Error).message).toMatch(/^is no /)
        }
      }),
      runs,
    )
  })

  test('MANIFEST.in', () => {
    const known = [
      'include ',
      'recursive-include ',
      'global-include ',
      'graft ',
      'prune ',
      'exclude ',
      '*.h',
      '**/',
      '?',
      '[a-z]',
      '[',
      ']',
      '[z-a]',
      '\\\n',
      '../',
    ]
    fc.assert(
      fc.property(textOf(known), fc.constantFrom('MANIFEST.in', 'a/MANIFEST.in'), (text, path) => {
        const added = withFile(path, text, 'src/pep_shims.h')
        if (added !== null) expect(added.startsWith(text)).toBe(true)
      }),
      runs,
    )
  })
})

describe('a file that says one thing again and again is read in time', () => {
  const many = 60_000
  const around: Readonly<Record<BuildFile['kind'], readonly (readonly [string, string])[]>> = {
    'setup.py': [
      ['', ''],
      ['from setuptools import setup, Extension\nsetup(ext_modules=[Extension("a", ["a.c"],', '])])\n'],
      ['include_dirs=[', ']\n'],
    ],
    'setup.cfg': [['[metadata]\nname = ', '']],
    'pyproject.toml': [
      ['', ''],
      ['[project]\nrequires-python = ">=3.9', '"\n'],
      ['[tool.setuptools]\next-modules = [', ']\n'],
    ],
    'meson.build': [
      ['', ''],
      ["py.extension_module('a', ", ')'],
    ],
    'BUILD.bazel': [
      ['py_extension(name = "a", srcs = [', '])'],
      ['py_extension(name = "a", defines = [', '])'],
    ],
    'meson.options': [["option('a', type: 'combo', choices: [", '])']],
    'Cargo.toml': [['[features]\ndefault = [', ']']],
    'CMakeLists.txt': [
      ['', ''],
      ['python_add_library(a MODULE ', ')'],
      ['set(A ', ')\ninclude_directories(A)'],
    ],
  }
  test.each(Object.keys(words) as BuildFile['kind'][])('%s', { timeout: 60_000 }, (kind) => {
    for (const word of [...words[kind], ...signs, 'a', 'a b ', 'f(', ', !=3.9.1'])
      for (const [before, behind] of around[kind])
        readAndLimit({ kind, path: kind, text: before + word.repeat(many / word.length) + behind }, 1)
  })
})
