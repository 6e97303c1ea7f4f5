import { Chalk } from 'chalk'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Located, Run } from '../analyzer/check/diagnostic.ts'
import { cleanRun, plainDiagnostic, whole } from '../fixtures/reports/sample.ts'
import { full } from './full.ts'

/** What becomes of findings that repeat themselves, and what the summary says of them. */

const chalk = new Chalk({ level: 0 })
const at = (line: number, rest: Partial<Located> = {}): Located => ({
  ...plainDiagnostic,
  line,
  endLine: line,
  ...rest,
})
const look = { chalk, width: 80, isGrouped: true }
const shown = (diagnostics: readonly Located[], isGrouped = true, run: Partial<Run> = {}): string =>
  whole(full({ ...cleanRun, ...run, diagnostics }, { ...look, isGrouped }))
const blocks = (text: string): number => text.match(/^error\[/gm)?.length ?? 0
const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line.startsWith('src/'))

test('after three of a rule and a symbol in a file the others are one line each, in their order', () => {
  const text = shown([1, 2, 3, 4, 5].map((line) => at(line)))
  expect(blocks(text)).toBe(3)
  expect(lines(text)).toEqual([
    'src/conn.c:4:1: error[unavailable-macro] A message',
    'src/conn.c:5:1: error[unavailable-macro] A message',
  ])
  expect(text).toContain('  = more: 2 in this file, a line for each; --no-group shows them whole\n')
  expect(text).toContain('Found 5 errors in 1 of 1 file.\n')
})

test('others are not counted with them: of another file, symbol or rule', () => {
  const four = [at(1), at(2), at(3)].flatMap((each) => [
    each,
    { ...each, symbol: 'PyList_GET_ITEM' },
    { ...each, rule: 'other' },
    { ...each, file: 'src/b.c' },
  ])
  expect(blocks(shown(four))).toBe(12)
  expect(lines(shown([...four, at(9)]))).toEqual(['src/conn.c:9:1: error[unavailable-macro] A message'])
})

test('all are whole where that is asked for', () => {
  const text = shown(
    [1, 2, 3, 4, 5].map((line) => at(line)),
    false,
  )
  expect([blocks(text), lines(text).length]).toEqual([5, 0])
  expect(text).not.toMatch(/Most frequent|more:/)
})

test('each is told of once, as a block or as a line', () => {
  const some = fc.record({
    line: fc.integer({ min: 1, max: 5 }),
    rule: fc.constantFrom('a', 'b'),
    symbol: fc.constantFrom('', 'x', 'y'),
    file: fc.constantFrom('src/a.c', 'src/b.c'),
  })
  fc.assert(
    fc.property(fc.array(some, { maxLength: 40 }), (found) => {
      const text = shown(found.map(({ line, ...rest }) => at(line, rest)))
      const told = [
        ...text.matchAll(/^error\[(\w)\].*\n *--> (.*)$/gm),
        ...text.matchAll(/^(src.*): error\[(\w)\].*$/gm),
      ].map(([, first, second]) => (first!.length === 1 ? `${second} ${first}` : `${first} ${second}`))
      expect(told.sort()).toEqual(found.map(({ file, line, rule }) => `${file}:${line}:1 ${rule}`).sort())
    }),
  )
})

test('takes time in proportion to the findings', () => {
  const of = (length: number) => Array.from({ length }, (_, index) => at(index + 1, { symbol: `s${index % 1000}` }))
  const time = (found: readonly Located[]): number => {
    const begun = performance.now()
    shown(found)
    return performance.now() - begun
  }
  time(of(20_000))
  expect(time(of(80_000))).toBeLessThan(20 * Math.max(20, time(of(20_000))))
})

test('the summary says what is most frequent', () => {
  const many = (symbol: string, times: number) => Array.from({ length: times }, () => at(1, { symbol }))
  const summary = (found: readonly Located[]) => /Most frequent.*/.exec(shown(found))?.[0]
  expect(summary([...many('b', 3), ...many('c', 9), ...many('a', 3), ...many('d', 3), ...many('', 20)])).toBe(
    'Most frequent: c (9), a (3), b (3).',
  )
  expect(summary(many('b', 2))).toBeUndefined()
})

test('the summary says which one change frees most, and which level', () => {
  const include = (file: string, name: string) =>
    at(1, {
      file,
      fix: {
        kind: 'file',
        title: `write \`#include ${name}\``,
        safety: 'safe',
        reason: '',
        edits: [],
        includes: [name],
        shims: [],
      },
    })
  const [a, b, c] = [include('a.c', '<errno.h>'), include('b.c', '<errno.h>'), include('b.c', '<math.h>')]
  expect(shown([a, b, b, c])).toContain('One change would free 2: write `#include <errno.h>` in b.c.\n')
  expect(shown([a, b, c])).not.toContain('One change')
  const newer = [10, 12, 12, 15].map((since) => at(1, { since }))
  expect(shown(newer)).toContain('--target 3.12 would free up to 3 findings; `abi3lint targets` says what else.\n')
  expect(shown(newer.slice(0, 1))).not.toContain('--target')
  expect(shown(newer, true, { targets: ['3.9', '3.8'] })).not.toContain('--target')
  expect(shown(newer, true, { targets: ['abi3t'] })).not.toContain('--target')
})
