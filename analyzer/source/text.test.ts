import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asByteText, decode, Lines, unreadableAsC } from './text.ts'

const utf8 = (text: string): string => asByteText(Buffer.from(text, 'utf8'))
const latin1 = (text: string): string => asByteText(Buffer.from(text, 'latin1'))

test.each([
  ['UTF-8, two and three bytes', utf8('/* é → */ X'), 'X', 1, 11],
  ['UTF-8 beyond the first plane is one character', utf8('/* 🐍 */ X'), 'X', 1, 9],
  ['Latin-1', latin1('/* é */ X'), 'X', 1, 9],
  ['each line is decoded by itself', `${latin1('/* é */')}\n${utf8('/* é */ X')}`, 'X', 2, 9],
  ['a tab is one character', 'int\t\tX', 'X', 1, 6],
  ['CRLF', 'a\r\nb\r\n  X', 'X', 3, 3],
  ['CR', 'a\rb\r  X', 'X', 3, 3],
  ['all line ends in one text', 'a\nb\r\nc\rX', 'X', 4, 1],
  ['a last line without an end', 'a\n X', 'X', 2, 2],
])('position: %s', (_, text, what, line, column) => {
  expect(new Lines(text).position(text.indexOf(what))).toEqual({ line, column })
})

test('the end of a text has a place, with and without a last line end', () => {
  expect(new Lines('').position(0)).toEqual({ line: 1, column: 1 })
  expect(new Lines('ab').position(2)).toEqual({ line: 1, column: 3 })
  expect(new Lines('ab\n').position(3)).toEqual({ line: 2, column: 1 })
})

test('a line is shown decoded and without its end', () => {
  const lines = new Lines(utf8('é = 1;\r\n\r\nlast'))
  expect([0, 1, 2, 3].map((line) => lines.textOf(line))).toEqual(['é = 1;', '', 'last', ''])
})

test('offsets, lines and places agree in any text', () => {
  const text = fc
    .array(fc.constantFrom('a', 'é', '→', '\t', '\n', '\r', '\r\n'), { maxLength: 40 })
    .map((parts) => utf8(parts.join('')))
  fc.assert(
    fc.property(text, (bytes) => {
      const lines = new Lines(bytes)
      const split = decode(bytes).split(/\r\n|\n|\r/)
      expect(split.map((_, line) => lines.textOf(line))).toEqual(split)
      split.forEach((_, line) => {
        expect(lines.lineAt(lines.startOf(line))).toBe(line)
        expect(lines.position(lines.startOf(line))).toEqual({ line: line + 1, column: 1 })
      })
    }),
  )
})

test('only UTF-16 and binary files are refused', () => {
  const source = '#include <Python.h>\nint main(void) { return 0; }\n'
  expect(unreadableAsC(Buffer.from(`\ufeff${source}`, 'utf16le'))).toMatch(/UTF-16/)
  expect(unreadableAsC(Buffer.from(`\ufeff${source}`, 'utf16le').swap16())).toMatch(/UTF-16/)
  expect(unreadableAsC(Buffer.from(source, 'utf16le'))).toMatch(/binary/)
  expect(unreadableAsC(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]))).toMatch(/binary/)
  for (const fine of ['', '\0', source, `\ufeff${source}`, `${source}\0`, `/* é */ ${source}`]) {
    expect(unreadableAsC(Buffer.from(fine, 'utf8')), JSON.stringify(fine)).toBeNull()
  }
  expect(unreadableAsC(Buffer.from(`/* é */ ${source}`, 'latin1'))).toBeNull()
})
