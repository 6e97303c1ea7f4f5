import fc from 'fast-check'
import { expect, test } from 'vitest'
import { directiveOf, isSameLine, Kind, scan, tokenText } from './scanner.ts'

const fragments = [
  '#',
  '#define A(x) ',
  '#if ',
  '#endif',
  '\n',
  '\r\n',
  '\r',
  '\\',
  '\\\n',
  '\\ \r\n',
  ' ',
  '\t',
  '/*',
  '*/',
  '//',
  '/',
  '*',
  '"',
  "'",
  'R"(',
  ')"',
  'u8R"x(',
  ')x"',
  'LR"',
  'name',
  'é',
  '0x1F',
  "1'000",
  '1e+5',
  '.5',
  '...',
  '->',
  '<<=',
  '::',
  '(',
  '{',
  ';',
  '\0',
  '\f',
  '@',
  '`',
  '??/',
  '%:',
  "don't",
]
const text = fc.oneof(
  fc.array(fc.constantFrom(...fragments), { maxLength: 60 }).map((parts) => parts.join('')),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
)

/** What the scanner may leave out between two tokens: blanks, continued lines, comments and the `#` of a directive. */
const gap =
  /^(?:[ \t\v\f\0\r\n]|\\[ \t]*(?:\r\n|\r|\n)|\/\*[\s\S]*?(?:\*\/|$)|\/\/(?:\\[ \t]*(?:\r\n|\r|\n)|[^\r\n])*|#)*$/

test('the tokens cover a text, in order and without overlap, and only blanks and comments lie between them', () => {
  fc.assert(
    fc.property(text, (source) => {
      const tokens = scan(source)
      let before = 0
      for (let index = 0; index <= tokens.count; index++) {
        const start = index < tokens.count ? tokens.start[index]! : source.length
        expect(start).toBeGreaterThanOrEqual(before)
        expect(source.slice(before, start)).toMatch(gap)
        if (index === tokens.count) break
        expect(tokens.end[index]).toBeGreaterThan(start)
        expect(tokens.end[index]).toBeLessThanOrEqual(source.length)
        before = tokens.end[index]!
      }
    }),
    { numRuns: 2000 },
  )
})

test('directives begin with a #, hold their own tokens and no others', () => {
  fc.assert(
    fc.property(text, (source) => {
      const tokens = scan(source)
      let before = 0
      tokens.directives.forEach((span, index) => {
        expect(source[span.start]).toBe('#')
        expect(span.start).toBeGreaterThanOrEqual(before)
        before = span.end
        for (let at = 0; at < tokens.count; at++) {
          const inside = at >= span.firstToken && at < span.endToken
          expect(directiveOf(tokens, at) === index).toBe(inside)
          expect(tokens.start[at]! >= span.start && tokens.start[at]! < span.end).toBe(inside)
        }
      })
    }),
    { numRuns: 1000 },
  )
})

test('which directive a token belongs to where some have none', () => {
  const tokens = scan('#\n#if a\n#\nb\n#\n#endif\nc\n#')
  expect(Array.from({ length: tokens.count }, (_, token) => directiveOf(tokens, token))).toEqual([1, 1, -1, 4, -1])
  const same = (one: number): boolean[] => [0, 1, 2, 3, 4].map((other) => isSameLine(tokens, one, other))
  expect(same(0)).toEqual([true, true, false, false, false])
  expect(same(2)).toEqual([false, false, true, false, true])
})

test.each([
  ['a text that gets denser', `${'/*  */ a\n'.repeat(5000)}${'+;'.repeat(50_000)}\n#if a\n`, 5000 + 100_000 + 2],
  ['one that gets sparser', `${'+;'.repeat(5000)}${'/*  */ a\n'.repeat(50_000)}#if a\n`, 10_000 + 50_000 + 2],
])('arrays end where the tokens do: %s', (_, source, count) => {
  const { kind, start, end, isInDirective, ...tokens } = scan(source)
  expect([tokens.count, kind.length, start.length, end.length, isInDirective.length]).toEqual(Array(5).fill(count))
  expect(source.slice(start.at(-1), end.at(-1))).toBe('a')
  expect(isInDirective.indexOf(1)).toBe(count - 2)
  // Room that nobody uses is memory that others lack.
  expect(start.buffer.byteLength).toBeLessThan(1.2 * start.byteLength)
})

/** Each directive's tokens, and the tokens of the code. */
function parts(source: string): { readonly directives: string[]; readonly code: string[] } {
  const tokens = scan(source)
  const all = Array.from({ length: tokens.count }, (_, index) => tokenText(tokens, index))
  return {
    directives: tokens.directives.map((span) => all.slice(span.firstToken, span.endToken).join(' ')),
    code: all.filter((_, index) => tokens.isInDirective[index] === 0),
  }
}

test.each([
  ['a continued line', '#define A \\\n  1\nb', ['define A 1'], ['b']],
  ['a continued line with CRLF', '#define A \\\r\n  1\r\nb', ['define A 1'], ['b']],
  ['a continued line with blanks after the backslash', '#define A \\ \t\n  1\nb', ['define A 1'], ['b']],
  ['CR alone ends a line', '#if A\rb\r#endif', ['if A', 'endif'], ['b']],
  ['a comment before the #', '/* a */ # /* b */ if A // c\nb', ['if A'], ['b']],
  ['a comment over two lines does not end a directive', '#define A /* x\ny */ 1\nb', ['define A 1'], ['b']],
  ['a continued line comment', '// a \\\n#if A\nb', [], ['b']],
  ['a # after code is none', 'a #if B\n', [], ['a', '#', 'if', 'B']],
  ['a # in a raw string is none', 'a = R"x(\n#if A\n)" )x";\n#if B', ['if B'], ['a', '=', 'R"x(\n#if A\n)" )x"', ';']],
  ['a # in a comment is none', '/*\n#if A\n*/ b', [], ['b']],
  ['digit separators open no character', "a = 1'000'000;\n#if A", ['if A'], ['a', '=', "1'000'000", ';']],
  ['an apostrophe in text that is not compiled ends with its line', "don't\n#endif", ['endif'], ['don', "'t"]],
  ['no trigraphs', '??=if A\n"??/"', [], ['?', '?', '=', 'if', 'A', '"??/"']],
  ['an escaped quote', '"a\\"b" c', [], ['"a\\"b"', 'c']],
  ['a string over a continued line', '"a\\\nb" c', [], ['"a\\\nb"', 'c']],
  ['arguments may hold directives', 'f(a,\n#if B\n  b\n#endif\n)', ['if B', 'endif'], ['f', '(', 'a', ',', 'b', ')']],
  ['an empty directive', '#\na', [''], ['a']],
])('%s', (_, source, directives, code) => {
  expect(parts(source)).toEqual({ directives, code })
})

test('numbers, operators and literals are told apart', () => {
  const tokens = scan('x->y .5 1.5e-3f 0x1p+4 0xE+1 ... a::b L"s" \'\\n\' u8R"(r)"')
  const kinds = Array.from({ length: tokens.count }, (_, index) => [tokenText(tokens, index), tokens.kind[index]])
  expect(kinds).toEqual([
    ['x', Kind.identifier],
    ['->', Kind.punctuation],
    ['y', Kind.identifier],
    ['.5', Kind.number],
    ['1.5e-3f', Kind.number],
    ['0x1p+4', Kind.number],
    ['0xE', Kind.number],
    ['+', Kind.punctuation],
    ['1', Kind.number],
    ['...', Kind.punctuation],
    ['a', Kind.identifier],
    ['::', Kind.punctuation],
    ['b', Kind.identifier],
    ['L"s"', Kind.string],
    ["'\\n'", Kind.character],
    ['u8R"(r)"', Kind.string],
  ])
})

test('a long text without an end to anything takes no longer than its length asks for', () => {
  for (const piece of ['/*', '"\\', 'R"(', '(', '#', "'", '/', 'R"abcdefghijklmnopqrs']) scan(piece.repeat(100_000))
})
