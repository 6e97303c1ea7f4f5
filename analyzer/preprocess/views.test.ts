import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Directives, RegionIndex, readDirectives } from './directives.ts'
import { maskEdits, maskedText } from './mask.ts'
import type { MaskEdit } from './mask-writer.ts'
import { scan, type Tokens } from './scanner.ts'
import { planViews, possibleRegions, type View } from './views.ts'

interface Group {
  readonly branches: readonly { readonly condition: string; readonly body: readonly (string | Group)[] }[]
  readonly otherwise: readonly (string | Group)[] | null
}

const condition = fc.constantFrom(
  'A',
  'defined(B)',
  'C > 2',
  '0',
  '1',
  'defined(Py_LIMITED_API)',
  'PY_MAJOR_VERSION < 3',
  'PY_VERSION_HEX >= 0x03080000',
)
/** Statements, among them some that have to be edited before a parser can read them. */
const statement = fc.constantFrom(
  's();',
  'PyObject_HEAD',
  'Py_BEGIN_ALLOW_THREADS',
  'CALL(x)\n return 1;',
  'static MY_API int f(void) {',
  '}',
  'x = va_arg(ap, char *);',
  'T t = { PyVarObject_HEAD_INIT(NULL, 0) 1 };',
  'CLEAN_UP\n if (y) z();',
  '#define M 1',
  '// comment',
  'f("#if",',
)
const { body } = fc.letrec<{ body: (string | Group)[]; group: Group }>((tie) => ({
  body: fc.array(
    fc.oneof({ depthSize: 'small' }, { weight: 2, arbitrary: statement }, { weight: 1, arbitrary: tie('group') }),
    { maxLength: 4 },
  ),
  group: fc.record({
    branches: fc.array(fc.record({ condition, body: tie('body') }), { minLength: 1, maxLength: 4 }),
    otherwise: fc.option(tie('body')),
  }),
}))

const print = (parts: readonly (string | Group)[]): string =>
  parts
    .map((part) => {
      if (typeof part === 'string') return `${part}\n`
      const branches = part.branches.map(
        (branch, index) => `${index === 0 ? '#if' : '#elif'} ${branch.condition}\n${print(branch.body)}`,
      )
      return `${branches.join('')}${part.otherwise ? `#else\n${print(part.otherwise)}` : ''}#endif\n`
    })
    .join('')

interface Planned {
  readonly tokens: Tokens
  readonly directives: Directives
  readonly possible: readonly boolean[]
  readonly code: Int32Array
  readonly views: readonly View[]
  readonly unseen: readonly number[]
}

function plan(text: string): Planned {
  const tokens = scan(text)
  const directives = readDirectives(tokens)
  const index = new RegionIndex(directives.regions)
  const code = new Int32Array(directives.regions.length)
  for (let at = 0; at < tokens.count; at++) if (tokens.isInDirective[at] === 0) code[index.at(tokens.start[at]!)]!++
  const possible = possibleRegions(directives, false)
  return { tokens, directives, possible, code, ...planViews(directives, possible, code) }
}

test('every branch with code that may be compiled is in a view, and a view holds one branch of a group', () => {
  fc.assert(
    fc.property(body.map(print), (text) => {
      const {
        directives: { regions },
        possible,
        code,
        views,
        unseen,
      } = plan(text)
      const seen = new Set<number>()
      for (const { shows, news } of views) {
        const taken = new Set<number>()
        regions.forEach((region, id) => {
          expect(news[id] === 1).toBe(shows[id] === 1 && !seen.has(id))
          if (!shows[id]) return
          seen.add(id)
          expect(possible[id]).toBe(true)
          if (id === 0) return
          expect(shows[region.parent]).toBe(1)
          expect(taken.has(region.group)).toBe(false)
          taken.add(region.group)
        })
      }
      const missing = regions.flatMap((_, id) => (possible[id] && code[id]! > 0 && !seen.has(id) ? [id] : []))
      expect(unseen).toEqual(missing)
      if (views.length < 12) expect(missing).toEqual([])
    }),
    { numRuns: 500 },
  )
})

test('no more views than the branches ask for, and a limit to them', () => {
  const branches = (count: number): string =>
    `#if A0\nx();\n${Array.from({ length: count - 1 }, (_, index) => `#elif A${index + 1}\nx();\n`).join('')}#endif\n`
  expect(plan('x();').views).toHaveLength(1)
  expect(plan('').views).toHaveLength(1)
  expect(plan(branches(3) + branches(2)).views).toHaveLength(3)
  expect(plan(`#if B\n${branches(3)}#else\n${branches(2)}#endif\n`).views).toHaveLength(5)
  const { views, unseen } = plan(branches(40))
  expect(views.length + unseen.length).toBe(40)
  expect(unseen.length).toBeGreaterThan(0)
})

test.each([
  ['#ifndef Py_LIMITED_API', false],
  ['#ifdef Py_LIMITED_API', true],
  ['#if PY_MAJOR_VERSION < 3', false],
  ['#if 0', false],
  ['#if PY_VERSION_HEX < 0x03050000', true],
  ['#if PY_VERSION_HEX < 0x03000000', false],
  ['#ifdef PYPY_VERSION', false],
  ['#ifdef _WIN32', true],
  ['#ifdef __cplusplus', false],
  ['#if (', true],
])('%s: some target may compile it: %s', (line, expected) => {
  expect(plan(`${line}\n#if A\nx();\n#endif\n#endif`).possible.slice(1)).toEqual([expected, expected])
})

test('masking changes nothing but directives, branches that are not shown, and what an edit covers', () => {
  fc.assert(
    fc.property(body.map(print), fc.boolean(), (text, cxx) => {
      const { tokens, directives, views } = plan(text)
      const edits: readonly MaskEdit[] = maskEdits(tokens, new Map([['CALL', 'statement']]), new Set(['CALL']), cxx)
      for (const { start, end, put } of edits) {
        expect(start >= 0 && start < end && end <= text.length).toBe(true)
        expect(put.length).toBeLessThanOrEqual(1)
      }
      for (const view of views) {
        const masked = maskedText(tokens, directives, view, edits)
        expect(masked).toHaveLength(text.length)
        const hidden = [...tokens.directives, ...directives.regions.filter((_, id) => !view.shows[id])]
        const over = (at: number, spans: readonly { readonly start: number; readonly end: number }[]): boolean =>
          spans.some(({ start, end }) => start <= at && at < end)
        const expected = [...text]
          .map((byte, at) => (over(at, hidden) ? ' ' : over(at, edits) ? masked[at] : byte))
          .join('')
        expect(masked).toBe(expected)
      }
    }),
    { numRuns: 300 },
  )
})

test.each([
  ['a macro that holds fields', 'struct S { PyObject_HEAD int x; };', 'struct S {               int x; };'],
  ['a macro around a type', 'PyAPI_FUNC(int) f(void);', '           int  f(void);'],
  [
    'an initialiser that brings its comma',
    '{ PyVarObject_HEAD_INIT(NULL, 0) 1 }',
    '{ 0,                             1 }',
  ],
  ['a type as an argument', 'x = va_arg(ap, char *);', 'x = va_arg(ap, 0     );'],
  ['an attribute that a macro hides', 'static MY_API int f(void);', 'static        int f(void);'],
  ['a statement without its semicolon', 'void f(void) { CALL(x) return; }', 'void f(void) { CALL(x);return; }'],
  [
    'plain C stays as it is',
    'unsigned long x = sizeof(struct a) * f(b, c);',
    'unsigned long x = sizeof(struct a) * f(b, c);',
  ],
])('edit: %s', (_, text, expected) => {
  const { tokens, directives, views } = plan(text)
  expect(maskedText(tokens, directives, views[0]!, maskEdits(tokens, new Map(), new Set(), false))).toBe(expected)
})

test.each([
  ['PY_MINOR_VERSION == 1', false],
  ['PY_MINOR_VERSION == 2', true],
  ['PY_MINOR_VERSION == 15', true],
  ['PY_MINOR_VERSION == 16', true],
  ['PY_MINOR_VERSION == 17', false],
  ['PY_MAJOR_VERSION == 3', true],
  ['PY_MAJOR_VERSION == 4', false],
  ['PY_VERSION_HEX == 0x030800F0', true],
  ['PY_VERSION_HEX == 0x020700F0', false],
  ['PY_VERSION_HEX >= 0x04000000', false],
  ['PY_MINOR_VERSION == 8 && PY_VERSION_HEX == 0x030900F0', false],
  ['Py_LIMITED_API + 0 >= 0x030B0000', true],
  ['!defined(Py_LIMITED_API)', false],
  ['defined(PYPY_VERSION)', false],
  ['!defined(PYPY_VERSION)', true],
  ['SPAM', true],
])('#if %s: some target may compile it: %s', (text, expected) => {
  expect(plan(`#if ${text}\nx();\n#endif`).possible).toEqual([true, expected])
})

test('C++ code is for C++ files', () => {
  const of = (cxx: boolean): boolean[] =>
    possibleRegions(readDirectives(scan('#ifdef __cplusplus\n#else\n#endif\n')), cxx).slice(1)
  expect(of(true)).toEqual([true, false])
  expect(of(false)).toEqual([false, true])
})

/** What each view shows of a text, and in small letters what an earlier one has shown: one letter is one statement. */
function shownIn(text: string): string[] {
  const { tokens, directives, views } = plan(text)
  const index = new RegionIndex(directives.regions)
  return views.map(({ shows, news }) =>
    Array.from({ length: tokens.count }, (_, at) => at)
      .filter((at) => tokens.isInDirective[at] === 0 && shows[index.at(tokens.start[at]!)])
      .map((at) => {
        const letter = tokens.text.slice(tokens.start[at], tokens.end[at])
        return news[index.at(tokens.start[at]!)] ? letter : letter.toLowerCase()
      })
      .join(''),
  )
}

test.each([
  ['no condition', 'A\nB\n', ['AB']],
  ['two branches', 'A\n#if X\nB\n#else\nC\n#endif\nD\n', ['ABD', 'aCd']],
  ['a branch and nothing', 'A\n#if X\nB\n#endif\n', ['AB']],
  ['an empty branch', 'A\n#if X\n#else\nC\n#endif\n', ['AC']],
  ['groups side by side', '#if X\nA\n#else\nB\n#endif\n#if Y\nC\n#else\nD\n#endif\n', ['AC', 'BD']],
  [
    'groups of different size',
    '#if X\nA\n#elif Y\nB\n#else\nC\n#endif\n#if Z\nD\n#else\nE\n#endif\n',
    ['AD', 'BE', 'Cd'],
  ],
  ['a group within a branch', '#if X\nA\n#if Y\nB\n#else\nC\n#endif\n#else\nD\n#endif\n', ['AB', 'aC', 'D']],
  [
    'groups within both branches',
    '#if X\n#if Y\nA\n#else\nB\n#endif\n#else\n#if Z\nC\n#else\nD\n#endif\n#endif\n',
    ['A', 'B', 'C', 'D'],
  ],
  ['a branch that no target compiles', '#if PY_MAJOR_VERSION < 3\nA\n#else\nB\n#endif\n', ['B']],
  ['a group in a branch that no target compiles', '#if 0\n#if X\nA\n#else\nB\n#endif\n#endif\nC\n', ['C']],
  ['branches without code', '#if X\n#elif Y\n#else\n#endif\nA\n', ['A']],
])('the views of %s', (_, text, expected) => {
  expect(shownIn(text)).toEqual(expected)
})

test('what is nested too deep is not looked into, and counts as unseen', () => {
  const many = 700
  const { views, unseen } = plan(`${'#if X\n'.repeat(many)}x();\n${'#endif\n'.repeat(many)}`)
  expect(views).toHaveLength(1)
  expect(unseen).toEqual([many])
  expect(views[0]!.shows.filter((each) => each === 1).length).toBeGreaterThan(400)
  const deep = plan(`${'#if X\n'.repeat(300)}x();\n${'#endif\n'.repeat(300)}`)
  expect(deep.unseen).toEqual([])
})
