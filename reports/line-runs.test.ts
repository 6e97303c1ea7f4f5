import { structuredPatch } from 'diff'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { diffText } from './diff.ts'
import { lineRuns, type Run } from './line-runs.ts'

const numbered = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('')

/** The text before, or after, as runs have it. */
const side = (runs: readonly Run[], left: Run['sign']): string =>
  runs.flatMap(({ sign, lines }) => (sign === left ? [] : lines)).join('')

test('hunks are those of the library', () => {
  const text = fc.array(fc.constantFrom('a\n', 'b\n', 'c\r\n', 'd', '\n'), { maxLength: 40 }).map((all) => all.join(''))
  fc.assert(
    fc.property(text, text, (old, changed) => {
      fc.pre(old !== changed)
      const { hunks } = structuredPatch('', '', old, changed, '', '', { context: 3 })
      const lines = diffText('a.c', old, changed).split('\n')
      expect(lines.slice(2).filter((line) => !line.startsWith('@@ '))).toEqual([...hunks.flatMap((h) => h.lines), ''])
      expect(lines.filter((line) => line.startsWith('@@ '))).toHaveLength(hunks.length)
    }),
  )
})

test.each([
  ['every line', (i: number) => `int f${i}(void);\n`, (i: number) => `long f${i}(void);\n`],
  ['every line of equal ones', () => 'x = f(y);\n', () => 'x = g(y);\n'],
  ['every other line', (i: number) => (i % 2 ? `a${i}\n` : `b${i}\n`), (i: number) => (i % 2 ? `a${i}\n` : `c${i}\n`)],
  ['all in another order', (i: number) => `a${i}\n`, (i: number) => `a${(i * 7919) % 100_000}\n`],
])('a large change of %s', (_, before, after) => {
  const [old, changed] = [numbered(100_000, before), numbered(100_000, after)]
  const runs = lineRuns(old, changed)
  expect(side(runs, '+') === old).toBe(true)
  expect(side(runs, '-') === changed).toBe(true)
  expect(runs.every(({ sign }, index) => sign !== runs[index - 1]?.sign)).toBe(true)
})

test('of a large change what is the same stays', () => {
  const old = numbered(20_000, (i) => `line ${i}\n{\n  x = f();\n}\n`)
  const runs = lineRuns(old, `new\n${old.replaceAll('f()', 'g()')}end`)
  expect(runs.filter(({ sign }) => sign === '-')).toHaveLength(20_000)
  expect(runs.slice(-2)).toEqual([
    { sign: ' ', lines: ['}\n'] },
    { sign: '+', lines: ['end'] },
  ])
})

test('many carriage returns', () => {
  expect(diffText('a.c', 'a\n', `a${'\r '.repeat(500_000)}\n`)).toMatch(/^--- a\/a\.c\n/)
  expect(diffText('a.c', 'a\n', `a\r \v\r ::x\n`)).toMatch(/^diff --git/)
})
