import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compact } from './compact.ts'

test('what is kept is in its order, and each offset leads to the other text and back', () => {
  const piece = fc.oneof(
    fc.constantFrom('a', 'bc', ';', '\n', ' '),
    fc.nat(30).map((length) => ' '.repeat(length)),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const masked = pieces.join('')
      const { text, toFile, toCompact } = compact(masked)
      expect(text).toBe(masked.replace(/ {8,}/g, ' '))
      let before = -1
      for (let at = 0; at < text.length; at++) {
        const file = toFile(at)
        expect(masked[file]).toBe(text[at])
        expect(file).toBeGreaterThan(before)
        expect(toCompact(file)).toBe(at)
        before = file
      }
      for (let at = 0; at < masked.length; at++) {
        if (masked[at] === ' ') continue
        expect(text[toCompact(at)]).toBe(masked[at])
      }
      expect([toFile(text.length), toCompact(masked.length)]).toEqual([masked.length, text.length])
    }),
  )
})

test('inside of a run that was left out an offset is that of its end', () => {
  const { toCompact } = compact(`a${' '.repeat(20)}b`)
  expect([0, 1, 2, 10, 20, 21].map(toCompact)).toEqual([0, 1, 2, 2, 2, 2])
})
