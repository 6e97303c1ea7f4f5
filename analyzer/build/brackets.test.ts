import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Brackets } from './brackets.ts'

/** The same, by going from bracket to bracket each time. */
function endOf(text: string, start: number, sign: string): number {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    if ('([{'.includes(text[at]!)) depth++
    else if (')]}'.includes(text[at]!) && depth-- === 0) return at
    else if (depth === 0 && text[at] === sign) return at
  }
  return text.length
}

function openingOf(text: string, offset: number): number {
  let depth = 0
  for (let at = offset - 1; at >= 0; at--) {
    if (')]}'.includes(text[at]!)) depth++
    else if ('([{'.includes(text[at]!) && depth-- === 0) return at
  }
  return -1
}

test('the tables say what a walk from each place says', () => {
  const text = fc.array(fc.constantFrom('(', ')', '[', ']', '{', '}', ',', '\n', 'a'), { maxLength: 30 })
  fc.assert(
    fc.property(text, (signs) => {
      const written = signs.join('')
      const brackets = new Brackets(written)
      for (let at = 0; at <= written.length; at++) {
        expect([at, brackets.comma(at)]).toEqual([at, endOf(written, at, ',')])
        expect([at, brackets.lineEnd(at)]).toEqual([at, endOf(written, at, '\n')])
        expect([at, brackets.opening(at)]).toEqual([at, openingOf(written, at)])
        if ('([{'.includes(written[at] ?? ' ')) expect(brackets.closing(at)).toBe(endOf(written, at + 1, ''))
      }
    }),
  )
})
