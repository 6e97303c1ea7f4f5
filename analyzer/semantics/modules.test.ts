import { expect, test } from 'vitest'
import { factsOf } from '../../fixtures/in-memory.ts'
import type { BuildFile } from '../build/build-file.ts'
import { linkProject } from '../project/model.ts'
import { extensionsOf, modulesOf } from './modules.ts'

const entry = (name: string): string => `#include "common.h"\nPyMODINIT_FUNC PyInit_${name}(void) { return 0; }\n`

function modules(
  files: Readonly<Record<string, string>>,
  ...buildFiles: readonly BuildFile[]
): Record<string, string[]> {
  const project = linkProject(factsOf(files))
  return Object.fromEntries(
    modulesOf(project, buildFiles).map(({ name, files: own }) => [name, own.map((file) => project.files[file]!.file)]),
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
  expect(modules(sources, setup)).toEqual({ a: ['a.c', 'help.c', 'common.h'], b: ['b.c', 'common.h'] })
  expect(modules(sources, meson)).toEqual({ a: ['a.c', 'common.h'], b: ['b.c', 'help.c', 'common.h'] })
  const toml: BuildFile = {
    kind: 'pyproject.toml',
    path: 'pyproject.toml',
    text:
      '[[tool.setuptools.ext-modules]]\nname = "a"\nsources = ["a.c"]\n[[tool.setuptools.ext-modules]]\nname = ' +
      '"b"\nsources = ["b.c",\n "help.c"]\n',
  }
  expect(modules(sources, toml)).toEqual({ a: ['a.c', 'common.h'], b: ['b.c', 'help.c', 'common.h'] })
})

test('the only module has all sources', () => {
  expect(modules({ 'a.c': entry('a'), 'help.c': 'int Py_x;' })).toEqual({ a: ['a.c', 'help.c'] })
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
