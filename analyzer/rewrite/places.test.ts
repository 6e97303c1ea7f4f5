import { expect, test } from 'vitest'
import { indentAt, lineEndOf, lineOf, qualifiedStart, withBlankLine } from './places.ts'

test.each([
  ['a\n\nX;\n\nb', 'a\n\nb'],
  ['a\r\n\r\nX;\r\n\r\nb', 'a\r\n\r\nb'],
  ['a\n \t\n  X;\n\t \nb', 'a\n \t\nb'],
  ['a\nX;\n\nb', 'a\n\nb'],
  ['/* c */\nX;\n\nb', '/* c */\nb'],
  ['/* c */ \t\nX;\n\nb', '/* c */ \t\nb'],
  ['a; // c d\nX;\n\nb', 'a; // c d\nb'],
  ['//\nX;\n\nb', '//\nb'],
  ['a\n\nX;\nb\n\n', 'a\n\nb\n\n'],
  ['a\n\nX; b\n\nc', 'a\n\n b\n\nc'],
  ['a\n\nX;', 'a\n\n'],
])('what is deleted of %j leaves no two blank lines', (before, after) => {
  const start = before.indexOf('X;')
  const { start: from, end } = withBlankLine(before, start, start + 2)
  expect(before.slice(0, from) + before.slice(end)).toBe(after)
})

test('a line is shown without its blanks, and cut where it is long', () => {
  const text = `first\n\t second ${'x'.repeat(81)}y\n  third ${'x'.repeat(85)}y\nlast`
  const line = (word: string): string => lineOf(text, text.indexOf(word))
  expect([line('first'), line('irst'), line('last')]).toEqual(['first', 'first', 'last'])
  expect([line('second'), lineOf(text, 6)]).toEqual([`second ${'x'.repeat(81)}y`, `second ${'x'.repeat(81)}y`])
  expect([line('y\n'), line('third')]).toEqual([`second ${'x'.repeat(81)}y`, `third ${'x'.repeat(81)}...`])
  expect(lineOf('x'.repeat(90), 0)).toBe('x'.repeat(90))
  expect(lineOf('x'.repeat(91), 0)).toHaveLength(90)
})

test('the indent is that of the line, wherever in it', () => {
  const text = '  a  b\n\t c\nd'
  expect(['a', 'b', 'c', 'd', '  a'].map((word) => indentAt(text, text.indexOf(word)))).toEqual([
    '  ',
    '  ',
    '\t ',
    '',
    '  ',
  ])
})

test('a qualified name begins with its qualifiers', () => {
  const from = (text: string): string => text.slice(qualifiedStart(text, text.indexOf('T')))
  expect(['int T', 'int a::T', 'int a :: bc\n:: T', 'x::y z::T', '::T', 'a::b T'].map(from)).toEqual([
    'T',
    'a::T',
    'a :: bc\n:: T',
    'z::T',
    'T',
    'T',
  ])
})

test('line ends are those of the text', () => {
  expect(['a\nb', 'a\r\nb', ''].map(lineEndOf)).toEqual(['\n', '\r\n', '\n'])
})
