import fc from 'fast-check'
import { expect, test } from 'vitest'
import { always, type Condition, type Environment, evaluate, value } from './condition.ts'
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
    '#define SPLIT\\',
    '\\',
    '(a) a',
    '#define SPACED \\',
    '(a) a',
    '#  define LONG \\',
    '  3',
    '#define MISTAKE((, 1, a) a',
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
    ['GNU', ['args'], 'f(args)'],
    ['SPLIT', ['a'], 'a'],
    ['SPACED', null, '(a) a'],
    ['LONG', null, '3'],
    ['MISTAKE', ['a'], 'a'],
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

test('regions: the condition of each branch, with the failing of those before it; their group, their place', () => {
  const text = [
    '#if A',
    'a',
    '#elif B > 1',
    'b',
    '#elifdef C',
    'c',
    '#elifndef D',
    'd',
    '#else',
    'e',
    '#endif',
    '#ifndef F',
    'f',
    '#ifdef G',
    'g',
    '#endif',
    '#endif',
    '',
  ].join('\n')
  const { regions } = directivesOf(text)
  const show = (condition: Condition): string => {
    switch (condition.kind) {
      case 'number':
        return String(condition.value)
      case 'macro':
        return condition.name
      case 'defined':
        return `defined ${condition.name}`
      case 'unary':
        return `${condition.operator}(${show(condition.operand)})`
      case 'binary':
        return `${show(condition.left)} ${condition.operator} ${show(condition.right)}`
      default:
        return condition.kind
    }
  }
  expect(
    regions
      .slice(1)
      .map(({ parent, group, branch, condition, start, end }) => [
        parent,
        group,
        branch,
        show(condition),
        text.slice(start, end),
      ]),
  ).toEqual([
    [0, 0, 0, 'A', '\na\n'],
    [0, 0, 1, '!(A) && B > 1', '\nb\n'],
    [0, 0, 2, '!(A) && !(B > 1) && defined C', '\nc\n'],
    [0, 0, 3, '!(A) && !(B > 1) && !(defined C) && !(defined D)', '\nd\n'],
    [0, 0, 4, '!(A) && !(B > 1) && !(defined C) && !(!(defined D))', '\ne\n'],
    [0, 1, 0, '!(defined F)', '\nf\n#ifdef G\ng\n#endif\n'],
    [6, 2, 0, 'defined G', '\ng\n'],
  ])
  expect(regions[0]).toEqual({ parent: -1, group: -1, branch: 0, condition: always, start: 0, end: text.length })
})

test('what stands behind an #endif is in the region around it', () => {
  const { macros, undefinitions, includes } = directivesOf(
    '#define A 1\n#if X\n#define B 1\n#if Y\n#undef A\n#else\n#include <c.h>\n#endif\n#define D 1\n#endif\n#undef D\n',
  )
  expect(macros.map(({ name, region }) => [name, region])).toEqual([
    ['A', 0],
    ['B', 1],
    ['D', 1],
  ])
  expect(undefinitions.map(({ name, region }) => [name, region])).toEqual([
    ['A', 2],
    ['D', 0],
  ])
  expect(includes.map(({ path, region }) => [path, region])).toEqual([['c.h', 3]])
})

test.each(['#ifdef', '#ifndef', '#ifdef 1', '#ifndef "A"', '#if', '#if (', '#ifdef (A)'])(
  '%s: nobody knows',
  (line) => {
    const { regions } = directivesOf(`${line}\nx\n#else\ny\n#endif\n`)
    const verdicts = regions.slice(1).map(({ condition }) => evaluate(condition, () => ({ state: 'undefined' })))
    expect(verdicts).toEqual(['unknown', 'unknown'])
  },
)

test.each([
  ['#ifdef A', 'yes'],
  ['#ifndef A', 'no'],
  ['#ifdef B', 'no'],
  ['#ifndef B', 'yes'],
  ['#ifdef A B', 'yes'],
  ['#if A', 'yes'],
  ['#if B', 'no'],
  ['#if A\n#elif A', 'no'],
  ['#if B\n#elif A', 'yes'],
  ['#if B\n#elifdef A', 'yes'],
  ['#if B\n#elifndef A', 'no'],
  ['#if B\n#elifndef B', 'yes'],
])('%s, where A is 1 and B is not defined: %s', (lines, verdict) => {
  const { regions } = directivesOf(`${lines}\nx\n#endif\n`)
  const environment: Environment = (name) =>
    name === 'A' ? { state: 'defined', value: { kind: 'number', value: 1 }, parameters: null } : { state: 'undefined' }
  expect(evaluate(regions.at(-1)!.condition, environment)).toBe(verdict)
})

test('a chain of branches without end is not followed to its end', () => {
  const branches = Array.from({ length: 400 }, (_, index) => `#elif A${index + 1}\n`).join('')
  const text = `#if A0\n${branches}#else\nx\n#endif\n`
  const { regions } = directivesOf(text)
  expect(regions).toHaveLength(403)
  const all: Environment = (name) =>
    name === 'A0' ? { state: 'defined', value: { kind: 'number', value: 1 }, parameters: null } : { state: 'undefined' }
  const verdicts = regions.slice(1).map(({ condition }) => evaluate(condition, all))
  expect(verdicts.slice(0, 3)).toEqual(['yes', 'no', 'no'])
  // Of those no more is known than that something stands there.
  expect(new Set(verdicts.slice(310))).toEqual(new Set(['unknown']))
  expect(regions[350]!.condition).toEqual({ kind: 'opaque', text: 'elif' })
  expect(regions[402]!.condition).toEqual({ kind: 'opaque', text: 'else' })
})

test.each([
  ['#define A 1 + 2', 3],
  ['#define A (1', null],
  ['#define A "text"', null],
  ['#define A', null],
  ['#define A(x) 4', 4],
  ['#define A (x) 4', null],
  ['#define A() 5', 5],
  [`#define A ${'1 + '.repeat(70)}1`, 71],
  [`#define A ${'1 + '.repeat(80)}1`, null],
])('%s: what it is worth in an #if', (line, expected) => {
  const [macro] = directivesOf(`${line}\n`).macros
  if (expected === null) expect(macro!.value).toBeNull()
  else expect(value(macro!.value!, () => ({ state: 'undefined' }))).toBe(expected)
})

test('how long a body may be does not depend on where it stands', () => {
  const [macro] = directivesOf(`${'int x;\n'.repeat(300)}#define A 1 + 2\n`).macros
  expect(macro!.value).not.toBeNull()
})

test('a # alone is no directive, whatever the next line is', () => {
  const { macros, undefinitions, regions } = directivesOf('#\ndefine A 1\n#\nundef A\n# // if\nif\n')
  expect([macros, undefinitions, regions.length]).toEqual([[], [], 1])
})

test.each([
  ['#define A b c // d', 'b c', 2],
  ['#define A(x) b', 'b', 1],
  ['#define A(x)', '', 0],
  ['#define A', '', 0],
  ['#define A(x', '', 0],
  ['#define A (b)', '(b)', 3],
  ['#define A-1', '-1', 2],
  ['#define A"b"', '"b"', 1],
])('%s: its body, as text and as tokens', (line, body, count) => {
  const text = `int x;\n${line}\nint y;\n`
  const [macro] = directivesOf(text).macros
  const { offset, bodyStart, bodyEnd, firstToken, endToken } = macro!
  expect([text.slice(bodyStart, bodyEnd), endToken - firstToken]).toEqual([body, count])
  expect(text.slice(offset, offset + 1)).toBe('A')
  if (body === '') expect(bodyStart).toBe(offset + 1)
})

test('a macro without a name is none, nor is an #undef without one', () => {
  const { macros, undefinitions } = directivesOf('#define\n#define 1\n#define "A"\n#undef\n#\n#define B\n#undef B\n')
  expect(macros.map(({ name }) => name)).toEqual(['B'])
  expect(undefinitions.map(({ name }) => name)).toEqual(['B'])
})

test.each([
  ['#include <a.h>', 'a.h', false],
  ['#include "a.h"', 'a.h', true],
  ['#include<a.h>', 'a.h', false],
  ['#  include   "a/b c.h"  // why', 'a/b c.h', true],
  ['#include < a.h >', 'a.h', false],
  ['#include_next <a.h>', 'a.h', false],
  ['#import "a.h"', 'a.h', true],
  ['#include ""', '', true],
])('%s: path, quotes and place', (line, path, quoted) => {
  const text = `int x;\n${line}\nint y;\n`
  const [include] = directivesOf(text).includes
  expect(include).toEqual({ path, quoted, region: 0, offset: 7, end: 7 + line.length })
})

test.each(['#include MACRO', '#include', '#include "a.h', '#include <a.h', '#included <a.h>', '#include x "a.h"'])(
  '%s is no include',
  (line) => {
    expect(directivesOf(`${line}\n`).includes).toEqual([])
  },
)
