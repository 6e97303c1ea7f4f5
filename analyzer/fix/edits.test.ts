import fc from 'fast-check'
import { expect, test } from 'vitest'
import { scan, tokenText } from '../preprocess/scanner.ts'
import { applyEdits, conflict, editsOf, losesProse } from './edits.ts'
import type { Rewrite } from './fix.ts'

/** The tokens of C text, without what stands between them. */
const tokensOf = (text: string): string[] => {
  const tokens = scan(text)
  return Array.from({ length: tokens.count }, (_, at) => tokenText(tokens, at))
}

const word = fc.constantFrom(
  'a',
  'b',
  'tuple',
  'PyTuple_GET_ITEM',
  'PyTuple_GetItem',
  '(',
  ')',
  ',',
  '->',
  '0',
  '"s, /* no */"',
  "'x'",
  '*',
  'NULL',
)
const blank = fc.constantFrom(' ', '  ', '\n', '\r\n    ', '\t', ' /* note */ ', ' // to the end\n', ' \\\n')
/** Tokens, with something between each two that keeps them apart. */
const code = fc
  .array(fc.tuple(word, blank), { maxLength: 12 })
  .map((parts) => parts.map(([text, gap]) => text + gap).join(''))

/** A text, and a rewrite of a part of it that keeps some of its pieces. */
const rewriting = fc
  .record({
    before: code,
    old: fc.array(code, { minLength: 1, maxLength: 5 }),
    put: fc.array(code, { minLength: 6, maxLength: 6 }),
    kept: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
    after: code,
  })
  .map(({ before, old, put, kept, after }) => {
    const text = before + old.join('') + after
    let at = before.length
    const pieces: Rewrite['pieces'][number][] = []
    old.forEach((part, index) => {
      // Old and new must not stick together: comments to the end of the line are closed.
      pieces.push(put[index]!.replace(/\/\/[^\n]*|\/\*[^*]*\*\/|\\\n/g, ' '))
      if (kept[index]) pieces.push({ start: at, end: at + part.length })
      at += part.length
    })
    return { text, rewrite: { start: before.length, end: at, pieces: [...pieces, ' '] } satisfies Rewrite }
  })

const written = (text: string, pieces: Rewrite['pieces']): string =>
  pieces.map((piece) => (typeof piece === 'string' ? piece : text.slice(piece.start, piece.end))).join('')

test('edits give the tokens that are wanted, and touch nothing else', () => {
  fc.assert(
    fc.property(rewriting, ({ text, rewrite }) => {
      const edits = editsOf(text, rewrite)
      const result = applyEdits(text, edits)
      expect(tokensOf(result)).toEqual(
        tokensOf(text.slice(0, rewrite.start) + written(text, rewrite.pieces) + text.slice(rewrite.end)),
      )
      expect(result.startsWith(text.slice(0, rewrite.start))).toBe(true)
      expect(result.endsWith(text.slice(rewrite.end))).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('a comment goes only if that is said', () => {
  const comments = (text: string): string[] =>
    (text.match(/"[^"]*"|\/\*[^*]*\*\/|\/\/[^\n]*/g) ?? []).filter((each) => !each.startsWith('"')).sort()
  fc.assert(
    fc.property(rewriting, ({ text, rewrite }) => {
      const edits = editsOf(text, rewrite)
      if (!losesProse(text, edits)) expect(comments(applyEdits(text, edits))).toEqual(comments(text))
    }),
    { numRuns: 500 },
  )
})

test('edits of one rewrite are in no conflict, and no edit is empty', () => {
  fc.assert(
    fc.property(rewriting, ({ text, rewrite }) => {
      const edits = editsOf(text, rewrite)
      edits.forEach((edit, at) => {
        expect(edit.start < edit.end || edit.text !== '').toBe(true)
        for (const other of edits.slice(at + 1)) expect(edit.end).toBeLessThanOrEqual(other.start)
      })
    }),
    { numRuns: 500 },
  )
})

test('what is deleted takes its line along, if nothing else stands there', () => {
  const without = (text: string): string =>
    applyEdits(text, editsOf(text, { start: text.indexOf('call();'), end: text.indexOf('call();') + 7, pieces: [] }))
  expect(without('{\n  call();\n  x();\n}\n')).toBe('{\n  x();\n}\n')
  expect(without('{\r\n\tcall();\t\r\n}')).toBe('{\r\n}')
  expect(without('{ call(); x(); }')).toBe('{  x(); }')
  expect(without('{\n  call(); // why\n}')).toBe('{\n   // why\n}')
  expect(without('#define M \\\n  call(); \\\n  x()\n')).toBe('#define M \\\n   \\\n  x()\n')
})

test('conflict is mutual, and what is apart is in none', () => {
  const span = fc.tuple(fc.nat(20), fc.nat(5)).map(([start, length]) => ({ start, end: start + length, text: '' }))
  fc.assert(
    fc.property(span, span, (a, b) => {
      expect(conflict(a, b)).toBe(conflict(b, a))
      if (a.end < b.start) expect(conflict(a, b)).toBe(false)
      if (a.start < b.end && b.start < a.end) expect(conflict(a, b)).toBe(true)
    }),
  )
})
