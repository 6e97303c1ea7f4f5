import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { PlacedText } from './placed-text.ts'

/** Texts with characters of each length, and all ends of lines. */
const texts = fc
  .array(fc.constantFrom('a', '\t', '\xe9', '\u20ac', '\u{1f600}', '\n', '\r\n', '\r', '\ufeff'), { maxLength: 40 })
  .map((parts) => parts.join(''))

const bytesOf = (text: string): number => Buffer.byteLength(text)

test('places in UTF-16 are those of the text documents of the same makers as the protocol', () => {
  fc.assert(
    fc.property(texts, texts, fc.nat(), fc.nat(), (before, put, a, b) => {
      const characters = [...before]
      const [from, to] = [a % (characters.length + 1), b % (characters.length + 1)].sort((x, y) => x - y)
      const oracle = TextDocument.create('file:///a.c', 'c', 1, before)
      const text = new PlacedText('', 'utf-16').with([{ text: before }])
      const [start, end] = [from!, to!].map((at) => characters.slice(0, at).join(''))
      const range = { start: oracle.positionAt(start!.length), end: oracle.positionAt(end!.length) }
      expect(text.positionAt(bytesOf(start!))).toEqual(range.start)
      const change = { range, text: put }
      TextDocument.update(oracle, [change], 2)
      const now = text.with([change])
      expect(Buffer.from(now.text, 'latin1').toString()).toBe(oracle.getText())
      for (const place of [range.start, { line: range.end.line, character: 1000 }, { line: 1000, character: 1 }])
        expect(now.offsetAt(place)).toBe(bytesOf(oracle.getText().slice(0, oracle.offsetAt(place))))
    }),
  )
})

test('places in UTF-8 are bytes', () => {
  fc.assert(
    fc.property(texts, fc.nat(), (before, a) => {
      const text = new PlacedText('', 'utf-8').with([{ text: before }])
      const characters = [...before]
      const at = bytesOf(characters.slice(0, a % (characters.length + 1)).join(''))
      const place = text.positionAt(at)
      const back = text.offsetAt(place)
      // In the middle of the end of a line it is before that.
      expect(back === at || (back === at - 1 && text.text.slice(back, at + 1) === '\r\n')).toBe(true)
    }),
  )
})
