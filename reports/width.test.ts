import fc from 'fast-check'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { displayWidth } from './width.ts'

test('agrees with the reference on what sources hold', () => {
  for (const text of ['', 'abc', 'Grüße', '世界', '한국어', 'ｆｕｌｌ', 'é', '→ “x”', 'naïve café', '😀', 'ß\u00a0x']) {
    expect([text, displayWidth(text)]).toEqual([text, stringWidth(text)])
  }
})

test('agrees with the reference on any mixture of Latin, Greek, Cyrillic, Han, Kana and Hangul', () => {
  const ranges: readonly (readonly [number, number])[] = [
    [0x20, 0x7e],
    [0xa1, 0xac],
    [0xae, 0x2ff],
    [0x391, 0x3a1],
    [0x400, 0x481],
    [0x4e00, 0x9fff],
    [0x3041, 0x3096],
    [0xac00, 0xd7a3],
  ]
  const letter = fc.oneof(
    ...ranges.map(([first, last]) => fc.integer({ min: first, max: last }).map((code) => String.fromCodePoint(code))),
  )
  fc.assert(
    fc.property(
      fc.array(letter).map((letters) => letters.join('')),
      (text) => displayWidth(text) === stringWidth(text),
    ),
  )
})
