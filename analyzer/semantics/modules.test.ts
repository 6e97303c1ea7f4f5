import { describe, expect, test } from 'vitest'
import { factsOf } from '../../fixtures/in-memory.ts'
import type { BuildFile } from '../build/build-file.ts'
import { noOptions } from '../project/build-options.ts'
import { linkProject } from '../project/model.ts'
import { extensionsOf, modulesOf } from './modules.ts'

const entry = (name: string): string => `#include "common.h"\nPyMODINIT_FUNC PyInit_${name}(void) { return 0; }\n`

function modules(
  files: Readonly<Record<string, string>>,
  ...buildFiles: readonly BuildFile[]
): Record<string, string[]> {
  const project = linkProject(factsOf(files), noOptions, new Map(Object.entries(files)))
  return Object.fromEntries(
    modulesOf(project, buildFiles).map(({ name, files: own }) => [
      name,
      own.map((file) => project.files[file]!.file).sort(),
    ]),
  )
}

const sources = { 'a.c': entry('a'), 'b.c': entry('b'), 'help.c': 'int Py_x;', 'common.h': 'int Py_y;' }

test('a module is its entry point and what it includes', () => {
  expect(modules(sources)).toEqual({ a: ['a.c', 'common.h'], b: ['b.c', 'common.h'] })
})

test('a build file says what else is compiled into it', () => {
  const setup: BuildFile = {
    kind: 'setup.py',
    path: 'setup.py',
    text: 'ext = [Extension("p.a", sources=["a.c", "help.c"]), Extension("p.b", ["./b.c"])]',
  }
  const meson: BuildFile = {
    kind: 'meson.build',
    path: 'meson.build',
    text: "py.extension_module('b', 'b.c', 'help.c')",
  }
  expect(modules(sources, setup)).toEqual({ a: ['a.c', 'common.h', 'help.c'], b: ['b.c', 'common.h'] })
  expect(modules(sources, meson)).toEqual({ a: ['a.c', 'common.h'], b: ['b.c', 'common.h', 'help.c'] })
  const toml: BuildFile = {
    kind: 'pyproject.toml',
    path: 'pyproject.toml',
    text:
      '[[tool.setuptools.ext-modules]]\nname = "a"\nsources = ["a.c"]\n[[tool.setuptools.ext-modules]]\nname = ' +
      '"b"\nsources = ["b.c",\n "help.c"]\n',
  }
  expect(modules(sources, toml)).toEqual({ a: ['a.c', 'common.h'], b: ['b.c', 'common.h', 'help.c'] })
})

test('the only module has all sources', () => {
  expect(modules({ 'a.c': entry('a'), 'help.c': 'int Py_x;' })).toEqual({ a: ['a.c', 'help.c'] })
})

describe('what a linker would add', () => {
  const header = 'int help(void);\nextern PyTypeObject Type;\nint inner(void);\n'
  const user = (name: string, use: string): string => `#include "common.h"\n${use}\n${entry(name)}`
  const both = { 'common.h': header, 'b.c': entry('b') }

  test('sources that define what is used, and what these use', () => {
    const found = modules({
      ...both,
      'a.c': user('a', 'int f(void) { return help(); }'),
      'help.c': '#include "common.h"\nint help(void) { return inner(); }\n',
      'inner.c': '#include "common.h"\nint inner(void) { return 0; }\n',
      'type.c': '#include "common.h"\nPyTypeObject Type = { 0 };\n',
    })
    expect(found).toEqual({ a: ['a.c', 'common.h', 'help.c', 'inner.c'], b: ['b.c', 'common.h'] })
  })

  test('variables, and what the user declares itself', () => {
    const found = modules({
      'a.c': `extern PyTypeObject Type; void *f(void) { return &Type; }\n${entry('a')}`,
      'b.c': `int help(void); int f(void) { return help(); }\n${entry('b')}`,
      'common.h': '',
      'type.c': 'PyTypeObject Type = { 0 };\nstatic int help(void) { return 0; }\n',
      'help.c': 'int help(void) { return 0; }\n',
    })
    expect(found).toEqual({ a: ['a.c', 'common.h', 'type.c'], b: ['b.c', 'common.h', 'help.c'] })
  })

  test('not those that a build file gives to others, nor one of several without a common header', () => {
    const files = {
      ...both,
      'a.c': user('a', 'int f(void) { return help(); }'),
      'help.c': '#include "common.h"\nint help(void) { return 0; }\n',
    }
    const setup: BuildFile = { kind: 'setup.py', path: 'setup.py', text: 'Extension("b", ["b.c", "help.c"])' }
    expect(modules(files, setup)).toEqual({ a: ['a.c', 'common.h'], b: ['b.c', 'common.h', 'help.c'] })
    const alone = { ...files, 'help.c': 'int help(void) { return 0; }\n', 'other.c': 'int help(void) { return 1; }\n' }
    expect(modules(alone)).toEqual({ a: ['a.c', 'common.h'], b: ['b.c', 'common.h'] })
  })
})

test('both entry points of one module', () => {
  expect(Object.keys(modules({ 'a.c': `${entry('a')}PySlot *PyModExport_a(void) { return 0; }\n` }))).toEqual(['a'])
})

test('the modules that build files define, with their sources', () => {
  const found = (kind: BuildFile['kind'], text: string): string[] => {
    const project = linkProject(factsOf(sources))
    return extensionsOf(project, [{ kind, path: kind, text }]).map(
      ({ name, sources: own }) => `${name}: ${own.map((file) => project.files[file]!.file).join(' ')}`,
    )
  }
  expect(
    found('setup.py', 'Extension("p.a", ["a.c", "help.c"], libraries=[]), Extension(name=\'b\', sources=["b.c"])'),
  ).toEqual(['p.a: a.c help.c', 'b: b.c'])
  expect(found('setup.py', 'Extension("p." + x, ["a.c"]), Extension(f"{p}.b", ["b.c"])')).toEqual([])
  expect(found('setup.py', 'Extension("p.a", ["a.pyx", "help.c"])')).toEqual([])
  expect(
    found('setup.py', 'files = ["a.c"]\nx = [Extension("p.a", sources=files), Extension("b", ["b.c"] + files)]'),
  ).toEqual(['p.a: a.c', 'b: a.c b.c'])
  for (const more of [
    'files += ["help.c"]',
    'files += ("help.c",)',
    'files.append("help.c")',
    'files.extend(["help.c"])',
  ])
    expect(found('setup.py', `files = ["a.c"]\nif x:\n    ${more}\nExtension("a", files)`)).toEqual(['a: a.c help.c'])
  expect(found('meson.build', "py.extension_module('a', 'a.c', 'help.c', install: true)")).toEqual(['a: a.c help.c'])
  expect(found('CMakeLists.txt', 'Python3_add_library(_a MODULE a.c help.c)')).toEqual(['_a: a.c help.c'])
  expect(
    found('CMakeLists.txt', 'Python_add_library(_a MODULE a.c)\nset_target_properties(_a PROPERTIES OUTPUT_NAME a)'),
  ).toEqual([])
  expect(found('pyproject.toml', '[[tool.setuptools.ext-modules]]\nname = "p.a"\nsources = ["a.c"]\n')).toEqual([
    'p.a: a.c',
  ])
})
