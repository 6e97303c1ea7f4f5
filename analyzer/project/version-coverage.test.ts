import { expect, test } from 'vitest'
import { factsOf } from '../../fixtures/in-memory.ts'
import { coverageOfBranches } from './version-coverage.ts'

/** The fate of each branch of a text, in the order of the directives that open them. */
function fates(text: string, others: Readonly<Record<string, string>> = {}): string[] {
  const facts = factsOf({ 'spam.c': `#include <Python.h>\n${text}`, ...others })
  const fateOf = coverageOfBranches(facts)
  return facts
    .find(({ file }) => file === 'spam.c')!
    .regions.slice(1)
    .map(({ start }) => fateOf('spam.c', start))
}

test('Python 2 is history, versions that are in use are not', () => {
  expect(
    fates('#if PY_MAJOR_VERSION >= 3\n#else\n#endif\n#if PY_VERSION_HEX < 0x03000000\n#endif\n#if 0\n#endif\n'),
  ).toEqual(['always', 'never', 'never', 'never'])
  expect(
    fates(
      '#if PY_VERSION_HEX >= 0x030b0000\n#elif PY_MAJOR_VERSION == 2\n#else\n#endif\n#ifdef Py_LIMITED_API\n#endif\n',
    ),
  ).toEqual(['sometimes', 'never', 'sometimes', 'sometimes'])
})

test('macros of the project mean what their definitions say', () => {
  expect(fates('#if PY_MAJOR_VERSION >= 3\n#define IS_PY3\n#endif\n#ifdef IS_PY3\n#else\n#endif\n')).toEqual([
    'always',
    'always',
    'never',
  ])
  expect(fates('#define A B\n#define B A\n#if A\n#endif\n')).toEqual(['sometimes'])
})

test('an include guard is open where its header is seen', () => {
  const header = `#ifndef COMMON_H
#define COMMON_H
#define SEEN
#if PY_MAJOR_VERSION >= 3
#define IS_PY3
#endif
#endif
`
  const text = '#include "common.h"\n#ifdef IS_PY3\n#else\n#endif\n#ifdef SEEN\n#endif\n#ifdef COMMON_H\n#endif\n'
  expect(fates(text, { 'common.h': header })).toEqual(['always', 'never', 'sometimes', 'sometimes'])
})

test('what one file defines for itself is not defined in others', () => {
  expect(
    fates('#include "api.h"\n#ifndef API_INTERNAL\n#endif\n', {
      'api.c': '#define API_INTERNAL\n#include <Python.h>\n#include "api.h"\n',
      'api.h': '',
    }),
  ).toEqual(['sometimes'])
})
