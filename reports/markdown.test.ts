import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hostileText } from '../fixtures/reports/hostile.ts'
import { cleanRun, plainDiagnostic, whole } from '../fixtures/reports/sample.ts'
import { jobSummary, markdown } from './markdown.ts'
import { code, prose } from './markdown-text.ts'

test('a long report stays below the limit and says what it leaves out', () => {
  const diagnostics = Array.from({ length: 5000 }, (_, line) => ({
    ...plainDiagnostic,
    rule: line % 10 === 0 ? 'rare' : 'frequent',
    line: line + 1,
  }))
  const text = whole(markdown({ ...cleanRun, diagnostics }))
  const listed = text.match(/^- `src/gm)!.length
  expect(text.length).toBeLessThanOrEqual(65_000)
  expect(listed).toBeGreaterThan(500)
  expect(text).toContain(`Left out below to keep this short: ${5000 - listed} of 5000 places.`)
})

test('stays below the limit whatever the texts are', () => {
  const long = '<`|'.repeat(1000)
  const hostile = { ...plainDiagnostic, symbol: long, message: long, file: long }
  const diagnostics = Array.from({ length: 300 }, (_, index) => ({ ...hostile, rule: `rule-${index}` }))
  const text = whole(markdown({ ...cleanRun, diagnostics }))
  expect(text.length).toBeLessThanOrEqual(65_000)
  expect(text).toMatch(/\d+ more rules, left out here/)
})

test('text from sources makes no markup, no table cells and no lines', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      for (const shown of [code(text), prose(text)]) {
        const rest = shown.replace(/`[^`|\\\n]+`|<code>[^`|<\n]*<\/code>/g, '')
        expect(rest).not.toMatch(/[`|<>*_[\]\\~!\n\r]|[@#](?!\d+;)|:\/\/|\bwww\./i)
        expect(shown).not.toMatch(/\|/)
      }
    }),
  )
})

test('a summary of a job may be longer than a comment, and stays below its own limit', () => {
  const diagnostics = Array.from({ length: 9000 }, (_, line) => ({
    ...plainDiagnostic,
    line: line + 1,
    message: 'é'.repeat(100),
  }))
  const text = whole(jobSummary({ ...cleanRun, diagnostics }))
  expect(text.length).toBeGreaterThan(65_000)
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(900_000)
  expect(text).toMatch(/Left out below to keep this short: \d+ of 9000 places/)
})
