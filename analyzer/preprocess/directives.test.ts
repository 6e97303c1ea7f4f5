import fc from 'fast-check'
import { expect, test } from 'vitest'
import { evaluate } from './condition.ts'
import { type Directives, type Region, RegionIndex, readDirectives } from './directives.ts'
import { scan } from './scanner.ts'

const directivesOf = (text: string): Directives => readDirectives(scan(text))
const lines = fc
  .array(
    fc.constantFrom(
      '#if A',
      '#ifdef B',
      '#ifndef C',
      '#elif D',
      '#elifdef E',
      '#else',
      '#endif',
      '#define M 1',
      'code();',
      '',
      '# if A // x',
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join('\n'))

const holds = (region: Region, offset: number): boolean => region.start <= offset && offset < region.end

test('regions nest: a child lies within its parent, and branches of a group do not overlap', () => {
  fc.assert(
    fc.property(lines, (text) => {
      const { regions } = directivesOf(text)
      expect(regions[0]).toMatchObject({ parent: -1, start: 0, end: text.length })
      regions.forEach((region, id) => {
        expect(region.start).toBeLessThanOrEqual(region.end)
        if (id === 0) return
        expect(region.parent).toBeLessThan(id)
        const parent = regions[region.parent]!
        expect(region.start >= parent.start && region.end <= parent.end).toBe(true)
        const siblings = regions.filter((other, index) => index > id && other.parent === region.parent)
        for (const sibling of siblings) expect(sibling.start).toBeGreaterThanOrEqual(region.end)
      })
    }),
  )
})

test('the region of an offset is the innermost that holds it', () => {
  fc.assert(
    fc.property(lines, (text) => {
      const { regions } = directivesOf(text)
      const index = new RegionIndex(regions)
      for (let offset = 0; offset < text.length; offset++) {
        const innermost = regions.reduce((best, region, id) => (id === 0 || holds(region, offset) ? id : best), 0)
        expect(index.at(offset), `${JSON.stringify(text)} at ${offset}`).toBe(innermost)
      }
    }),
  )
})

test('of the branches of a group, conditions all known, exactly one is taken where there is an else', () => {
  const names: readonly string[] = ['A', 'B', 'C', 'D']
  fc.assert(
    fc.property(fc.subarray([...names]), fc.array(fc.constantFrom(...names), { minLength: 1 }), (defined, asked) => {
      const [first, ...others] = asked
      const text = [`#ifdef ${first}`, ...others.map((name) => `#elif defined(${name})`), '#else', '#endif'].join('\n')
      const verdicts = directivesOf(text)
        .regions.slice(1)
        .map(({ condition }) =>
          evaluate(condition, (name) =>
            defined.includes(name) ? { state: 'defined', value: null, parameters: null } : { state: 'undefined' },
          ),
        )
      const taken = asked.findIndex((name) => defined.includes(name))
      expect(verdicts).toEqual(
        [...asked, 'else'].map((_, index) => (index === (taken < 0 ? asked.length : taken) ? 'yes' : 'no')),
      )
    }),
  )
})

test.each([
  ['a stray #endif', '#endif\n#if A\nx\n#endif', [[0, 'x']]],
  ['a stray #else and #elif', '#else\n#elif A\n#if A\nx\n#endif', [[0, 'x']]],
  ['an #if without an end goes on to the end of the text', '#if A\nx', [[0, 'x']]],
  [
    'inner and outer #if without an end',
    '#if A\nx\n#if B\ny',
    [
      [0, 'x\n#if B\ny'],
      [1, 'y'],
    ],
  ],
  [
    'an #endif too many',
    '#if A\nx\n#endif\n#endif\n#if B\ny\n#endif',
    [
      [0, 'x'],
      [0, 'y'],
    ],
  ],
])('%s', (_, text, expected) => {
  expect(
    directivesOf(text)
      .regions.slice(1)
      .map(({ parent, start, end }) => [parent, text.slice(start, end).trim()]),
  ).toEqual(expected)
})

test('a branch after #else is never compiled', () => {
  const { regions } = directivesOf('#if A\n#else\nx\n#elif B\ny\n#else\nz\n#endif')
  expect(regions.slice(3).map(({ condition }) => evaluate(condition, () => ({ state: 'unknown' })))).toEqual([
    'no',
    'no',
  ])
})

test('macros, their parameters and bodies', () => {
  const text = [
    '#define EMPTY',
    '#define PLAIN (1)',
    '#define CALL(a, b) a + b // c',
    '#define NONE() 2',
    '#define VAR(a, ...) f(a, __VA_ARGS__)',
    '#define GNU(args...) f(args)',
    '#  define LONG \\',
    '  3',
    '#define',
    '#undef EMPTY',
    '#define BROKEN(a',
  ].join('\n')
  const { macros, undefinitions } = directivesOf(text)
  expect(
    macros.map(({ name, parameters, bodyStart, bodyEnd }) => [name, parameters, text.slice(bodyStart, bodyEnd)]),
  ).toEqual([
    ['EMPTY', null, ''],
    ['PLAIN', null, '(1)'],
    ['CALL', ['a', 'b'], 'a + b'],
    ['NONE', [], '2'],
    ['VAR', ['a', '...'], 'f(a, __VA_ARGS__)'],
    ['GNU', ['args', '...'], 'f(args)'],
    ['LONG', null, '3'],
    ['BROKEN', ['a'], ''],
  ])
  for (const { name, offset } of macros) expect(text.startsWith(name, offset)).toBe(true)
  expect(undefinitions.map(({ name, offset }) => [name, text.slice(offset, offset + 5)])).toEqual([['EMPTY', 'EMPTY']])
})

test('includes as written, with the region they stand in', () => {
  const text =
    '#include <Python.h>\n#if A\n# include "a/b.h" /* c */\n#endif\n' +
    '#include MACRO\n#include_next <c.h>\n#include "open\n'
  expect(directivesOf(text).includes.map(({ path, quoted, region }) => [path, quoted, region])).toEqual([
    ['Python.h', false, 0],
    ['a/b.h', true, 1],
    ['c.h', false, 0],
  ])
})
