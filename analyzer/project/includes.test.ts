import { expect, test } from 'vitest'
import { factsOf } from '../../fixtures/in-memory.ts'
import { includeGraph } from './includes.ts'

/** The files that the first file includes itself. */
function includedBy(files: Readonly<Record<string, string>>): string[] {
  const facts = factsOf(files)
  return includeGraph(facts).direct[0]!.map((index) => facts[index]!.file)
}

const header = 'int x;\n'

test.each([
  ['beside the file first', 'src/a.c', '#include "x.h"', ['x.h', 'include/x.h', 'src/x.h', 'src/sub/x.h'], ['src/x.h']],
  [
    'through ..',
    'src/a.c',
    '#include "../include/x.h"',
    ['include/x.h', 'src/x.h', 'src/include/x.h'],
    ['include/x.h'],
  ],
  [
    'by the whole path as written',
    'src/a.c',
    '#include <lib/x.h>',
    ['src/x.h', 'other/lib/x.h', 'src/mylib/x.h'],
    ['other/lib/x.h'],
  ],
  [
    'the nearest of several',
    'a/b/c/m.c',
    '#include <x.h>',
    ['z/x.h', 'a/x.h', 'a/b/inc/x.h', 'a/q/x.h'],
    ['a/b/inc/x.h'],
  ],
  ['brackets do not look beside the file', 'src/a.c', '#include <sub/x.h>', ['include/sub/x.h'], ['include/sub/x.h']],
  ['a name that the system owns', 'src/a.c', '#include <string.h>', ['src/string.h'], []],
  [
    'in quotes a name of the system may be the own one',
    'src/a.c',
    '#include "string.h"',
    ['src/string.h'],
    ['src/string.h'],
  ],
  ['a file that is not there', 'src/a.c', '#include "y.h"', ['src/x.h'], []],
  ['the end of a name is no name', 'src/a.c', '#include <x.h>', ['src/max.h'], []],
  ['itself', 'src/a.c', '#include "a.c"', [], []],
  ['twice', 'src/a.c', '#include "x.h"\n#include <x.h>', ['src/x.h'], ['src/x.h']],
])('%s', (_, file, text, headers, expected) => {
  expect(includedBy({ [file]: text, ...Object.fromEntries(headers.map((path) => [path, header])) })).toEqual(expected)
})

test('what a file reaches, and who reaches it, circles included', () => {
  const facts = factsOf({
    'a.c': '#include "x.h"',
    'b.c': '#include "y.h"',
    'x.h': '#include "y.h"',
    'y.h': '#include "x.h"',
    'z.h': '',
  })
  const graph = includeGraph(facts)
  const named = (indexes: Iterable<number>): string[] => [...indexes].map((index) => facts[index]!.file).sort()
  expect(facts.map((_, index) => named(graph.closure(index)))).toEqual([
    ['x.h', 'y.h'],
    ['x.h', 'y.h'],
    ['y.h'],
    ['x.h'],
    [],
  ])
  expect(facts.map((_, index) => named(graph.roots(index)))).toEqual([
    ['a.c'],
    ['b.c'],
    ['a.c', 'b.c'],
    ['a.c', 'b.c'],
    ['z.h'],
  ])
})
