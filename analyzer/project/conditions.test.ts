import fc from 'fast-check'
import { expect, test } from 'vitest'
import { api, factsOf, modelOf } from '../../fixtures/in-memory.ts'
import type { Target } from '../knowledge/target.ts'
import type { Verdict } from '../preprocess/condition.ts'
import { noOptions } from './build-options.ts'
import { Conditions } from './conditions.ts'
import { linkProject } from './model.ts'

/** Whether the lines that hold `here` are compiled, file by file. */
function verdicts(files: Readonly<Record<string, string>>, target?: Target): string[] {
  const model = modelOf(files, target)
  return model.files.flatMap(({ file, regions }, index) =>
    [...files[file]!.matchAll(/\bhere\b/g)].map((match) => {
      const region = regions.findLastIndex(({ start, end }) => start <= match.index && match.index < end)
      return model.active(index, region)
    }),
  )
}

const asked = (condition: string, before = ''): string =>
  `${before}\n#if ${condition}\nint here;\n#else\nint here;\n#endif\n`

test.each([
  ['defined(Py_LIMITED_API)', 'yes'],
  ['Py_LIMITED_API+0 >= 0x03090000', 'yes'],
  ['Py_LIMITED_API+0 >= 0x030A0000', 'no'],
  ['PY_VERSION_HEX >= 0x030F0000', 'yes'],
  ['PY_MAJOR_VERSION == 3 && PY_MINOR_VERSION == 15', 'yes'],
  ['defined(PYPY_VERSION)', 'no'],
  ['defined(Py_GIL_DISABLED)', 'no'],
  ['defined(_WIN32)', 'unknown'],
  ['defined(_WIN32) && !defined(Py_LIMITED_API)', 'no'],
  ['defined(PyTuple_GET_ITEM)', 'no'],
  ['defined(Py_LIMITED_API', 'unknown'],
])('#if %s: %s', (condition, verdict) => {
  expect(verdicts({ 'a.c': asked(condition) })).toEqual([
    verdict,
    { yes: 'no', no: 'yes', unknown: 'unknown' }[verdict],
  ])
})

const python = '#include "Python.h"\n'

test.each([
  ['defined(Py_LIMITED_API)', '', python, true, 'no'],
  ['defined(Py_LIMITED_API)', '', python, false, 'yes'],
  ['defined(Py_TARGET_ABI3T)', '', python, true, 'yes'],
  ['PY_VERSION_HEX >= 0x03000000', '', python, true, 'no'],
  ['defined(Py_LIMITED_API)', python, '', true, 'yes'],
  ['defined(Py_LIMITED_API)', '#include "first.h"\n', python, true, 'yes'],
  ['defined(Py_LIMITED_API)', '', '', true, 'yes'],
  ['defined(Py_LIMITED_API)', '', `#define CYTHON_LIMITED_API 1\n${python}`, true, 'yes'],
])('#if %s between %j and %j, abi3t: %s: %s', (condition, before, after, abi3t, verdict) => {
  const text = asked(condition, before) + after
  expect(verdicts({ 'a.c': text }, { level: 15, headers: 15, abi3t })[0]).toBe(verdict)
})

test.each([
  ['a macro with a value', 'N > 2', '#define N 3', 'yes'],
  ['a macro that names another', 'N == 4', '#define M 4\n#define N M', 'yes'],
  ['a macro that asks', 'HAS', '#define HAS (defined(Py_LIMITED_API) && PY_VERSION_HEX > 0)', 'yes'],
  ['a macro with parameters', 'GE(3, 9)', '#define GE(a,b) (PY_VERSION_HEX >= ((a<<24)|(b<<16)))', 'yes'],
  ['a macro with parameters, not reached', 'GE(3, 16)', '#define GE(a,b) (PY_VERSION_HEX >= ((a<<24)|(b<<16)))', 'no'],
  ['no definition any more', 'defined(N)', '#define N 1\n#undef N', 'no'],
  ['no definition yet', 'defined(N)', '', 'unknown'],
  ['the last definition', 'N == 2', '#define N 1\n#define N 2', 'yes'],
  ['a definition that is not compiled', 'N == 1', '#define N 1\n#if 0\n#define N 2\n#undef N\n#endif', 'yes'],
  [
    'a definition in the branch that is compiled',
    'N == 2',
    '#ifndef Py_LIMITED_API\n#define N 1\n#else\n#define N 2\n#endif',
    'yes',
  ],
  ['a definition that may be', 'N == 2', '#define N 2\n#ifdef _WIN32\n#define N 3\n#endif', 'unknown'],
  ['what is defined only further down is not defined', 'defined(N)', '#if 1\n#endif', 'no', '#define N 1'],
  [
    "a macro of CPython's that the project defines where headers lack it",
    'Py_LIMITED_API+0 >= _Py_PACK_VERSION(3, 10)',
    '#include <Python.h>\n#ifndef _Py_PACK_VERSION\n#define _Py_PACK_VERSION(X, Y) (((X) << 24) | ((Y) << 16))\n#endif',
    'no',
  ],
  ['macros that mean each other', 'M', '#define M N\n#define N M', 'unknown'],
])('%s', (_, condition, before, verdict, after = '') => {
  expect(verdicts({ 'a.c': asked(condition, before) + after })[0]).toBe(verdict)
})

test('an include guard hides nothing, however often the header is included', () => {
  const guarded = '#ifndef X_H\n#define X_H\nint here;\n#endif\n'
  expect(
    verdicts({
      'a.c': '#include "x.h"\n#include "y.h"\n',
      'b.c': '#include "y.h"\n',
      'y.h': '#include "x.h"\n',
      'x.h': guarded,
    }),
  ).toEqual(['yes'])
  expect(verdicts({ 'x.h': guarded })).toEqual(['yes'])
  expect(verdicts({ 'a.c': `#include "x.h"\n${asked('defined(X_H)')}`, 'x.h': guarded })).toEqual(['yes', 'no', 'yes'])
  expect(
    verdicts({
      'a.c': '#include "x.h"\n',
      'x.h': '#if !defined(X_H)\n#define X_H 1\nint here;\n#include "x.h"\n#endif\n',
    }),
  ).toEqual(['yes'])
})

test('a header is compiled where those who include it are', () => {
  const header = 'int here;\n'
  const including = (condition: string): string => `#if ${condition}\n#include "x.h"\n#endif\n`
  expect(verdicts({ 'a.c': including('defined(PyUnicode_KIND)'), 'x.h': header })).toEqual(['no'])
  expect(verdicts({ 'a.c': including('!defined(PyUnicode_KIND)'), 'x.h': header })).toEqual(['yes'])
  expect(verdicts({ 'a.c': including('defined(_WIN32)'), 'x.h': header })).toEqual(['unknown'])
  expect(verdicts({ 'a.c': including('0'), 'b.c': '#include "x.h"\n', 'x.h': header })).toEqual(['yes'])
  expect(
    verdicts({
      'a.c': including('0'),
      'y.h': '#include "x.h"\n',
      'x.h': header,
      'b.c': including('0').replace('x.h', 'y.h'),
    }),
  ).toEqual(['no'])
})

test('headers decide conditions of those who include them, and of no others', () => {
  const header = '#define N 3\n'
  expect(verdicts({ 'a.c': asked('N == 3', '#include "x.h"'), 'b.c': asked('defined(N)'), 'x.h': header })).toEqual([
    'yes',
    'no',
    'unknown',
    'unknown',
  ])
  expect(
    verdicts({
      'a.c': asked('GE(3, 9)', '#include "x.h"'),
      'x.h': '#define GE(a,b) (PY_VERSION_HEX >= ((a<<24)|(b<<16)))\n',
    }),
  ).toEqual(['yes', 'no'])
  expect(verdicts({ 'a.c': asked('N', '#include "x.h"'), 'x.h': '#ifdef _WIN32\n#define N 1\n#endif\n' })).toEqual([
    'unknown',
    'unknown',
  ])
  // What the file itself says afterwards goes before it.
  expect(verdicts({ 'a.c': asked('defined(N)', '#include "x.h"\n#undef N'), 'x.h': header })).toEqual(['no', 'yes'])
  // A header sees what was included before it.
  expect(verdicts({ 'a.c': '#include "x.h"\n#include "y.h"\n', 'x.h': header, 'y.h': asked('N == 3') })).toEqual([
    'yes',
    'no',
  ])
})

test('a header that is included several times, under different macros', () => {
  const header = '#ifdef WIDE\nint here;\n#else\nint here;\n#endif\n#ifdef NARROW\nint here;\n#endif\n#undef WIDE\n'
  expect(verdicts({ 'a.c': '#include "x.inc"\n', 'x.inc': header })).toEqual(['unknown', 'unknown', 'unknown'])
  // In one translation unit with it, in another one without.
  expect(
    verdicts({ 'a.c': '#define WIDE\n#include "x.inc"\n#include "x.inc"\n#define NARROW\n', 'x.inc': header }),
  ).toEqual(['yes', 'yes', 'no'])
  expect(
    verdicts({
      'a.c': '#define WIDE\n#include "x.inc"\n',
      'b.c': '#define NARROW 1\n#include "x.inc"\n',
      'x.inc': header,
    })[2],
  ).toBe('yes')
})

test('what a branch defines is not there for the branches after it', () => {
  expect(
    verdicts({ 'a.c': '#ifndef METH_FASTCALL\n#define METH_FASTCALL 0x80\nint here;\n#else\nint here;\n#endif\n' }),
  ).toEqual(['yes', 'no'])
})

test('what another unit defines for itself is not there', () => {
  const asking = '#ifndef N\n#define N 1\n#endif\n#if N\nint here;\n#endif\n'
  expect(verdicts({ 'a.c': '#include "n.h"\n', 'b.c': '#define N 0\n#include "n.h"\n', 'n.h': asking })).toEqual([
    'yes',
  ])
  expect(verdicts({ 'a.c': asking, 'b.c': '#define N 0\n' })).toEqual(['yes'])
})

test('what a header defines that the unit cannot include is not there', () => {
  const header = '#ifndef X\n#define X\nint here;\n#endif\n'
  const unit = '#include "x.h"\n#ifdef X\nint here;\n#endif\n'
  expect(verdicts({ 'a/a.c': unit, 'a/x.h': header, 'b/y.h': header })).toEqual(['yes', 'yes', 'yes'])
  const missing = `#include "sub/y.h"\n${unit}`
  expect(verdicts({ 'a/a.c': missing, 'a/x.h': header, 'b/y.h': header })[1]).toBe('unknown')
})

test('after `#ifndef`, `#define` it is defined, whether or not it was', () => {
  const asking = '#ifndef N\n#define N 1\n#endif\n#ifdef N\nint here;\n#endif\n#if N\nint here;\n#endif\n'
  const missing = `#include "sub/b.h"\n${asking}`
  expect(verdicts({ 'a.c': missing, 'b.h': '#define N 0\n' })).toEqual(['yes', 'unknown'])
  expect(verdicts({ 'a.c': asking, 'b.h': '#define N 0\n' })).toEqual(['yes', 'yes'])
})

test('a macro defined after the header does not matter to it', () => {
  expect(verdicts({ 'a.c': '#include "x.h"\n#define N 3\n', 'x.h': '#ifdef N\nint here;\n#endif\n' })).toEqual(['no'])
})

test('headers that include each other, and nobody includes them', () => {
  expect(
    verdicts({
      'x.h': '#ifndef X\n#define X\n#include "y.h"\nint here;\n#endif\n',
      'y.h': '#ifndef Y\n#define Y\n#include "x.h"\nint here;\n#endif\n',
    }),
  ).toEqual(['yes', 'yes'])
})

test('a macro that the unit defines for itself is not from outside, even if it takes it away as well', () => {
  expect(
    verdicts({ 'a.c': '#ifndef SPAM\n#define SPAM 0\n#endif\n#if SPAM\nint here;\n#endif\n#undef SPAM\n' }),
  ).toEqual(['no'])
  expect(verdicts({ 'a.c': '#ifdef SPAM\nint here;\n#endif\n#undef SPAM\n' })).toEqual(['unknown'])
})

test.each([
  [
    'a macro that is there if another is',
    '#ifdef A\n#define P\n#endif\n#ifdef P\nint here;\n#elif defined A\nint here;\n#else\nint here;\n#endif',
    ['unknown', 'no', 'unknown'],
  ],
  [
    'one that is there if another is not',
    '#ifdef A\n#else\n#define P\n#endif\n#if defined P && defined A\nint here;\n#endif',
    ['no'],
  ],
  [
    'what a branch asks for is true in it',
    '#ifdef A\n#ifdef A\nint here;\n#else\nint here;\n#endif\n#endif',
    ['unknown', 'no'],
  ],
  [
    'a macro that each of two branches defines',
    '#ifdef A\n#define P 1\n#else\n#define P 2\n#endif\n#ifdef P\nint here;\n#endif',
    ['yes'],
  ],
  [
    'one that may be defined for another reason, too',
    '#if defined A || defined B\n#define P\n#endif\n#if defined P && !defined A\nint here;\n#endif',
    ['unknown'],
  ],
  [
    'a macro that was taken away in between',
    '#ifdef A\n#define P\n#endif\n#undef A\n#if defined P && !defined A\nint here;\n#endif',
    ['unknown'],
  ],
  [
    'a macro that a header may define that was not read',
    '#ifndef A\n#include <other.h>\n#ifdef A\nint here;\n#endif\n#endif',
    ['unknown'],
  ],
  [
    'one that follows another, which such a header may define later',
    '#ifdef A\n#define P\n#endif\n#include <other.h>\n#if defined P\n#elif defined A\nint here;\n#endif',
    ['unknown'],
  ],
])('%s', (_, text, expected) => {
  expect(verdicts({ 'a.c': text })).toEqual(expected)
})

test('what includes a header that includes what was not read knows no more than that', () => {
  const unit = (between: string): string =>
    `#ifdef A\n#define P\n#endif\n${between}#if defined P\n#elif defined A\nint here;\n#endif\n`
  const files = { 'a.c': unit('#include "x.h"\n'), 'b.c': unit('#include "x.h"\n'), 'x.h': '#include <other.h>\n' }
  expect(verdicts(files)).toEqual(['unknown', 'unknown'])
  expect(verdicts({ ...files, 'x.h': 'int x;\n' })).toEqual(['no', 'no'])
})

const conditions = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('A', 'B', 'P', 'Q').map((name) => `defined(${name})`),
    tie('condition').map((inner) => `!(${inner})`),
    fc
      .tuple(tie('condition'), fc.constantFrom('&&', '||'), tie('condition'))
      .map(([left, operator, right]) => `(${left}) ${operator} (${right})`),
  ),
})).condition

const programs = fc.letrec<{ lines: string[] }>((tie) => ({
  lines: fc
    .array(
      fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constant(['int here;']),
        fc.constantFrom('P', 'Q').map((name) => [`#define ${name}`]),
        fc.constantFrom('A', 'P').map((name) => [`#undef ${name}`]),
        fc
          .tuple(conditions, tie('lines'), conditions, tie('lines'), tie('lines'))
          .map(([first, one, second, two, three]) => [
            ...[`#if ${first}`, ...one, `#elif ${second}`, ...two],
            ...['#else', ...three, '#endif'],
          ]),
      ),
      { minLength: 1, maxLength: 6 },
    )
    .map((all) => all.flat()),
})).lines

test('what is said of all builds is true of each of them', () => {
  const target = { level: 9, headers: 15, abi3t: false } as const
  fc.assert(
    fc.property(programs, (lines) => {
      const text = lines.map((line) => `${line}\n`).join('')
      const facts = factsOf({ 'a.c': text })
      const verdictsOf = (definitions: ReadonlyMap<string, string | null>): Verdict[] => {
        const project = linkProject(facts, { ...noOptions, definitions }, new Map([['a.c', text]]))
        const conditions = new Conditions(project, api, target)
        return facts[0]!.regions.map((_, region) => conditions.verdict(0, region))
      }
      const all = verdictsOf(new Map())
      for (const a of ['1', null]) {
        for (const b of ['1', null]) {
          const one = verdictsOf(
            new Map([
              ['A', a],
              ['B', b],
            ]),
          )
          one.forEach((verdict, region) => {
            if (all[region] !== 'unknown') expect([region, verdict]).toEqual([region, all[region]])
          })
        }
      }
    }),
    { numRuns: 500 },
  )
})
