import { expect, test } from 'vitest'
import { charactersOf, inert, printable, printableLines } from './printable.ts'

test.each([
  ['plain 漢 é `f()` ::x ## [', 'plain 漢 é `f()` ::x ## ['],
  ['\x1b[31m\x9b\x7f\t\n\r', '␛[31m<U+009B>␡␉␊␍'],
  ['\u202e\u2066\u200d\u2028', '<U+202E><U+2066><U+200D><U+2028>'],
  ['a\udc80\udcff\ud800\udc00', 'a\\x80\\xff\ud800\udc00'],
  ['\ud800\udfff\udc7f\ud800', '\ud800\udfff\ufffd\ufffd'],
  ['x ##[error]###[y] ##VSO[z] ##vs[', 'x ## [error]### [y] ## VSO[z] ##vs['],
])('text %# is shown', (text, shown) => {
  expect(printable(text)).toBe(shown)
  expect(printable(shown)).toBe(shown)
})

test('a line that would be a command is none', () => {
  expect(['::error::x', ' \u3000::y', 'a ::b::', ':x', ''].map(inert)).toEqual([
    ': :error::x',
    ' \u3000: :y',
    'a ::b::',
    ':x',
    '',
  ])
})

test('errors keep their lines', () => {
  expect(printableLines('Error: a\n::error::b\r::x\n    at f (##[y])')).toBe(
    'Error: a\n: :error::b␍::x\n    at f (## [y])',
  )
})

test('of a source line only what would be a command grows', () => {
  expect(charactersOf('a##b ##[c ##vso[##teamcity[')).toEqual([
    ...'a##b #',
    '# ',
    ...'[c #',
    '# ',
    ...'vso[#',
    '# ',
    ...'teamcity[',
  ])
})
