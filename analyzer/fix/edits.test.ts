import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
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
  expect(without('#define M \\\n  call(); \\\n  x()\n')).toBe('#define M \\\n  x()\n')
  // The line before goes on in the last one of a macro.
  expect(without('#define M \\\n  x(); \\\n  call();\nint y;\n')).toBe('#define M \\\n  x(); \\\n  \nint y;\n')
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

/**
 * What a rewrite makes of a text, with what is deleted and put there instead in brackets: `f([-a-][+b+])`.
 * @param old the part that is rewritten, the first in the text; what of it is kept is written `«...»`
 */
function shown(text: string, old: string, wanted: string): string {
  const start = text.indexOf(old)
  let at = start
  const pieces = wanted.split(/[«»]/).map((piece, index) => {
    if (index % 2 === 0) return piece
    const from = text.indexOf(piece, at) < 0 ? text.indexOf(piece, start) : text.indexOf(piece, at)
    at = from + piece.length
    return { start: from, end: at }
  })
  const edits = editsOf(text, { start, end: start + old.length, pieces })
  return applyEdits(
    text,
    edits.map((edit) => ({
      ...edit,
      text:
        (edit.end > edit.start ? `[-${text.slice(edit.start, edit.end)}-]` : '') +
        (edit.text === '' ? '' : `[+${edit.text}+]`),
    })),
  )
}

describe('what is touched', () => {
  test.each([
    ['a name alone', 'f(a, b)', 'f(a, b)', 'g(a, b)', '[-f-][+g+](a, b)'],
    ['nothing, where nothing is new', 'f(a, b)', 'f(a, b)', 'f( a,b )', 'f(a, b)'],
    ['what is between two that stay', 'f(a, b, c)', 'f(a, b, c)', 'f(a, c)', 'f(a, [-b, -]c)'],
    ['operands that change places, as a whole', 'f(a, b);', 'f(a, b)', 'g(«b», «a»)', '[-f(a, b)-][+g(b, a)+];'],
    [
      'a comment stays where it is',
      'f(/* why */ a, b)',
      'f(/* why */ a, b)',
      'g(«a», «b»)',
      '[-f-][+g+](/* why */ a, b)',
    ],
    ['a cast goes to what it is for', 'f( /* why */ a)', 'f( /* why */ a)', 'f((T *)«a»)', 'f( /* why */ [+(T *)+]a)'],
    ['what follows stands before a comment', 'f(a) /* a */;', 'f(a) /* a */', '«f(a)».b', 'f(a)[+.b+] /* a */;'],
    ['what is put in front of a kept part', 'x = f(a);', 'f(a)', '*«f(a)»', 'x = [+*+]f(a);'],
    ['what goes takes its blanks along', 'return  a + b;', 'a + b', '«b»', 'return  [-a + -]b;'],
    ['after a bracket too', 'f(a, b)', 'a, b', '«b»', 'f([-a, -]b)'],
    ['but not those outside', 'f(a )', 'a', '', 'f([-a-] )'],
    ['nor those after what stays', 'a[0] b', '[0]', '', 'a[-[0]-] b'],
    ['no blank is doubled', 'x = a;', 'a', ' b', 'x = [-a-][+b+];'],
    ['words do not stick to what is before', 'return(a);', '(a)', 'b', 'return[-(a)-][+ b+];'],
    ['nor to what is behind', '(a)b', '(a)', 'c', '[-(a)-][+c +]b'],
    ['operators neither', 'x-y', 'y', '-1', 'x-[-y-][+ -1+]'],
    ['nor before', '(a)-b', '(a)', 'c-', '[-(a)-][+c- +]-b'],
    ['what is left does not stick together', 'a(b)c', '(b)', '', 'a[-(b)-][+ +]c'],
    ['not even operators', 'a+(b)+c', '(b)', '', 'a+[-(b)-][+ +]+c'],
    ['other neighbours need no blank', 'a+(b)*c', '(b)', 'd', 'a+[-(b)-][+d+]*c'],
    ['nor do a word and an operator', '-(b)[c]', '(b)', 'd', '-[-(b)-][+d+][c]'],
    ['at the beginning of a text', '(a)', '(a)', 'b', '[-(a)-][+b+]'],
    ['a string is one token', 'f("a, b", c)', 'f("a, b", c)', 'f("a", c)', 'f([-"a, b"-][+"a"+], c)'],
  ])('%s', (_, text, old, wanted, expected) => {
    expect(shown(text, old, wanted)).toBe(expected)
  })

  test('no more tokens than have to go and come', () => {
    const letters = fc.array(fc.constantFrom('a', 'b', 'c', '('), { maxLength: 7 })
    /** How many tokens two lists share in order, by trying everything. */
    const shared = ([a, ...as]: readonly string[], [b, ...bs]: readonly string[]): number => {
      if (a === undefined || b === undefined) return 0
      if (a === b) return 1 + shared(as, bs)
      return Math.max(shared(as, [b, ...bs]), shared([a, ...as], bs))
    }
    fc.assert(
      fc.property(letters, letters, (old, wanted) => {
        const text = old.join(' ')
        const edits = editsOf(text, { start: 0, end: text.length, pieces: [wanted.join(' '), ' '] })
        const count = (parts: readonly string[]): number => parts.flatMap(tokensOf).length
        expect(count(edits.map(({ start, end }) => text.slice(start, end)))).toBe(old.length - shared(old, wanted))
        expect(count(edits.map((edit) => edit.text))).toBe(wanted.length - shared(old, wanted))
      }),
      { numRuns: 500 },
    )
  })
})

test.each([
  ['nothing else on the line', 'a;\n  x\nb;\n', 'a;\nb;\n'],
  ['on the first line', 'x\nb;\n', 'b;\n'],
  ['blanks behind', '\tx \t\r\nb;\n', 'b;\n'],
  ['something before', 'a x\nb;\n', 'a \nb;\n'],
  ['something before without a blank', 'a;x\nb;\n', 'a;\nb;\n'],
  ['something behind', '  x b;\n', '   b;\n'],
  ['no line end behind', 'a;\n  x', 'a;\n  '],
])('a deletion of one character, %s', (_, text, expected) => {
  const start = text.indexOf('x')
  expect(applyEdits(text, editsOf(text, { start, end: start + 1, pieces: [] }))).toBe(expected)
})

test.each([
  ['a comment', 'f(/* why */)', '', true],
  ['a comment to the end of the line', 'a; // why', '', true],
  ['a comment without an end', 'a; /* why', '', true],
  ['a comment of several lines', 'a; /* why\n not */', '', true],
  ['a line of the preprocessor', 'a;\n#if B\nb;', '', true],
  ['one that is indented', 'a;\n  # if B\nb;', '', true],
  ['a comment that comes back', 'f(/* why */ a)', '/* why */', false],
  ['a comment that comes back in part', 'a; // why not', '// w', true],
  ['a line that comes back in part', '#if B\n', '#i', true],
  ['a line that comes back', '#if B\n', '#if B\nx', false],
  ['one of two comments', '/* a */ /* b */', '/* a */', true],
  ['code', 'a(b) / c * d', '', false],
  ['what looks like a comment in a string', 'f("/* a */", "//")', '', false],
  ['and after an escaped quotation mark', String.raw`f("\"/* a */")`, '', false],
  ['and in a character', "f('/*')", '', false],
  ['and after an escaped apostrophe', String.raw`f('\'//')`, '', false],
  ['a comment behind a string', 'f("a") /* why */', '', true],
  ['# within a line', 'a # b', '', false],
])('%s: it is lost: %#', (_, gone, put, isLost) => {
  expect(losesProse(`x\n${gone}`, [{ start: 2, end: 2 + gone.length, text: put }])).toBe(isLost)
  expect(losesProse(gone, [{ start: 0, end: 0, text: put }])).toBe(false)
})

test.each([
  ['one behind the other', [0, 2], [2, 4], false],
  ['apart', [0, 2], [3, 4], false],
  ['over each other', [0, 3], [2, 4], true],
  ['one in the other', [0, 4], [1, 2], true],
  ['one that puts at the end of another', [0, 2], [2, 2], true],
  ['one that puts at the beginning of another', [2, 4], [2, 2], true],
  ['two that put at one place', [2, 2], [2, 2], true],
  ['one that puts behind another', [0, 2], [3, 3], false],
] as const)('conflict: %s', (_, a, b, expected) => {
  const edit = ([start, end]: readonly [number, number]) => ({ start, end, text: '' })
  expect(conflict(edit(a), edit(b))).toBe(expected)
})

test('edits are made the same in any order', () => {
  const text = 'abcdefghij'
  const edits = [
    { start: 0, end: 1, text: 'A' },
    { start: 2, end: 2, text: '-' },
    { start: 4, end: 6, text: '' },
    { start: 6, end: 7, text: 'GG' },
    { start: 10, end: 10, text: '!' },
  ]
  fc.assert(
    fc.property(fc.shuffledSubarray(edits, { minLength: edits.length }), (order) => {
      const before = [...order]
      expect(applyEdits(text, order)).toBe('Ab-cdGGhij!')
      expect(order).toEqual(before)
    }),
  )
})
