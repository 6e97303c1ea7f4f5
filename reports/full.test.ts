import { Chalk } from 'chalk'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Run } from '../analyzer/check/diagnostic.ts'
import { hostileText } from '../fixtures/reports/hostile.ts'
import { cleanRun, plainDiagnostic, whole } from '../fixtures/reports/sample.ts'
import { row } from './frame.ts'
import { full } from './full.ts'
import { problemLines } from './problems.ts'

const chalk = new Chalk({ level: 0 })

/** Source text with the columns it takes, known here and not measured. Those of a tab depend on its place. */
const atoms = [
  ['a', 1],
  ['_', 1],
  [' ', 1],
  ['é', 1],
  ['漢', 2],
  ['🐍', 2],
  ['ﾊ', 1],
  ['e\u0301', 1],
  ['\x1b', 1],
  ['\0', 1],
  ['\x9b', 8],
  ['\u202e', 8],
  ['\t', 0],
] as const
const source = (maxLength: number) => fc.array(fc.constantFrom(...atoms), { maxLength })

const columns = (text: readonly (typeof atoms)[number][]): number =>
  text.reduce((at, [character, width]) => (character === '\t' ? at - (at % 4) + 4 : at + width), 0)
const join = (text: readonly (typeof atoms)[number][]): string => text.map(([character]) => character).join('')

test('carets stand below the span', () => {
  fc.assert(
    fc.property(source(20), source(20), source(20), (before, inside, after) => {
      const [from, to] = [[...join(before)].length, [...join([...before, ...inside])].length]
      const { indent, carets } = row(join([...before, ...inside, ...after]), from, to, Infinity)
      expect(indent).toBe(columns(before))
      expect(carets).toBe(Math.max(1, columns([...before, ...inside]) - columns(before)))
    }),
  )
})

test('carets stand below the span where the line is cut, and the line fits', () => {
  const widths: Readonly<Record<string, number>> = { 漢: 2, '🐍': 2 }
  const wide = (text: string): number => [...text].reduce((sum, character) => sum + (widths[character] ?? 1), 0)
  const letters = fc.array(fc.constantFrom('a', '漢', '🐍', ' '), { maxLength: 300 }).map((part) => part.join(''))
  fc.assert(
    fc.property(letters, letters, fc.integer({ min: 20, max: 120 }), (before, after, room) => {
      const from = [...before].length
      const { text, indent, carets } = row(`${before}X${after}`, from, from + 1, room)
      expect(wide(text)).toBeLessThanOrEqual(room)
      expect(wide(text.slice(0, text.indexOf('X')))).toBe(indent)
      expect(carets).toBe(1)
      expect(text.startsWith('…') || before.startsWith(text.slice(0, text.indexOf('X')))).toBe(true)
    }),
  )
})

test('a span longer than the line allows is underlined as far as it is shown', () => {
  expect(row(`${'a'.repeat(50)}${'b'.repeat(50)}`, 50, 100, 22)).toEqual({
    text: `…${'b'.repeat(20)}…`,
    indent: 1,
    carets: 20,
  })
})

test('no text makes the terminal act', () => {
  fc.assert(
    fc.property(hostileText, hostileText, (file, text) => {
      const texts = {
        file,
        message: text,
        advice: text,
        notes: [text],
        symbol: text,
        excerpt: [text, file],
        endLine: 2,
      }
      const run: Run = {
        ...cleanRun,
        diagnostics: [{ ...plainDiagnostic, ...texts }],
        problems: [{ file, message: text, severity: 'error' }],
      }
      expect(whole(full(run, { chalk, width: 60 })) + problemLines(run.problems, { chalk })).not.toMatch(
        /(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/u,
      )
    }),
  )
})

test('what is found in a file that a generator made is one line', () => {
  const at = (file: string, rule: string, symbol: string, severity: 'error' | 'info' = 'error') => ({
    ...plainDiagnostic,
    file,
    rule,
    symbol,
    severity,
  })
  const diagnostics = [
    at('a.c', 'unavailable-macro', 'PyTuple_GET_ITEM'),
    at('b.c', 'generated-source', '', 'info'),
    at('b.c', 'unavailable-macro', 'PyTuple_GET_ITEM'),
    at('b.c', 'unavailable-macro', 'PyTuple_GET_ITEM'),
    at('b.c', 'unavailable-macro', 'PyList_GET_ITEM'),
  ]
  const text = whole(full({ ...cleanRun, diagnostics }, { chalk, width: 120 }))
  expect(text).toContain(
    'in this file: 3 errors, which --format concise lists: PyTuple_GET_ITEM (2), PyList_GET_ITEM\n',
  )
  expect(text.match(/^error\[/gm)).toHaveLength(1)
  expect(text).toContain('Found 4 errors, 1 info')
})
