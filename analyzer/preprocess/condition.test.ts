import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Condition, type Environment, evaluate, type MacroState, value } from './condition.ts'
import { integerLiteral, readCondition } from './condition-parser.ts'
import { scan } from './scanner.ts'

const read = (text: string): Condition => {
  const tokens = scan(text)
  return readCondition(tokens, 0, tokens.count)
}

/** An expression in C as a test writes it: the oracle shares nothing with the reader but the meaning of C. */
type Written =
  | { readonly literal: number; readonly hex: boolean }
  | { readonly macro: string; readonly asked: boolean }
  | { readonly unary: '!' | '-' | '~'; readonly of: Written }
  | { readonly left: Written; readonly operator: string; readonly right: Written }
  | { readonly test: Written; readonly yes: Written; readonly no: Written }

const names = ['A', 'B', 'C', 'D']
/** Operators in the order of C's grammar, weakest first. Shifts stand in a test of their own. */
const levels = [['||'], ['&&'], ['|'], ['^'], ['&'], ['==', '!='], ['<', '<=', '>', '>='], ['+', '-'], ['*', '/', '%']]
const levelOf = (operator: string): number => levels.findIndex((level) => level.includes(operator))

const { written } = fc.letrec<{ written: Written }>((tie) => ({
  written: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ literal: fc.integer({ min: 0, max: 40 }), hex: fc.boolean() }),
    fc.record({ macro: fc.constantFrom(...names), asked: fc.boolean() }),
    fc.record({ unary: fc.constantFrom('!' as const, '-' as const, '~' as const), of: tie('written') }),
    fc.record({ left: tie('written'), operator: fc.constantFrom(...levels.flat()), right: tie('written') }),
    fc.record({ test: tie('written'), yes: tie('written'), no: tie('written') }),
  ),
}))

/** Prints with the parentheses that C needs and no others. @param least the weakest level that needs none here */
function print(expression: Written, least = -1): string {
  if ('literal' in expression)
    return expression.hex ? `0x${expression.literal.toString(16)}UL` : `${expression.literal}`
  if ('macro' in expression) return expression.asked ? `defined(${expression.macro})` : expression.macro
  if ('unary' in expression) return `${expression.unary} ${print(expression.of, levels.length)}`
  const own = 'test' in expression ? -1 : levelOf(expression.operator)
  const text =
    'test' in expression
      ? `${print(expression.test, 0)} ? ${print(expression.yes)} : ${print(expression.no)}`
      : `${print(expression.left, own)} ${expression.operator} ${print(expression.right, own + 1)}`
  return own < least ? `(${text})` : text
}

type Known = Readonly<Record<string, bigint | undefined>>

/** The value by the rules of C, undefined macros being 0; null after a division by zero. */
function meant(expression: Written, macros: Known): bigint | null {
  if ('literal' in expression) return BigInt(expression.literal)
  if ('macro' in expression)
    return expression.asked ? BigInt(macros[expression.macro] !== undefined) : (macros[expression.macro] ?? 0n)
  if ('unary' in expression) {
    const of = meant(expression.of, macros)
    return of === null ? null : expression.unary === '-' ? -of : expression.unary === '~' ? ~of : BigInt(of === 0n)
  }
  if ('test' in expression) {
    const chosen = meant(expression.test, macros)
    return chosen === null ? null : meant(chosen !== 0n ? expression.yes : expression.no, macros)
  }
  const left = meant(expression.left, macros)
  if (left === null) return null
  if (expression.operator === '&&' && left === 0n) return 0n
  if (expression.operator === '||' && left !== 0n) return 1n
  const right = meant(expression.right, macros)
  if (right === null) return null
  switch (expression.operator) {
    case '&&':
    case '||':
      return BigInt(right !== 0n)
    case '|':
      return left | right
    case '^':
      return left ^ right
    case '&':
      return left & right
    case '==':
      return BigInt(left === right)
    case '!=':
      return BigInt(left !== right)
    case '<':
      return BigInt(left < right)
    case '<=':
      return BigInt(left <= right)
    case '>':
      return BigInt(left > right)
    case '>=':
      return BigInt(left >= right)
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return right === 0n ? null : left / right
    case '%':
      return right === 0n ? null : left % right
    default:
      throw new Error(expression.operator)
  }
}

const number = (given: bigint): MacroState => ({
  state: 'defined',
  value: { kind: 'number', value: Number(given) },
  parameters: null,
})
const unknown: MacroState = { state: 'unknown' }
const environment =
  (macros: Known, hidden: ReadonlySet<string> = new Set()): Environment =>
  (name) =>
    hidden.has(name) ? unknown : macros[name] === undefined ? { state: 'undefined' } : number(macros[name])

const macros = fc.record(
  Object.fromEntries(names.map((name) => [name, fc.option(fc.bigInt(0n, 5n), { nil: undefined })])),
)
/** Numbers hold what fits into 2^31 exactly, bit operations included; more is not written in conditions. */
const small = (result: bigint | null): boolean => result === null || (result < 2n ** 31n && result >= -(2n ** 31n))

test('a condition has the value that C gives it', () => {
  fc.assert(
    fc.property(written, macros, (expression, known) => {
      const right = meant(expression, known)
      fc.pre(right !== null && small(right))
      expect(value(read(print(expression)), environment(known))! + 0).toBe(Number(right))
    }),
    { numRuns: 2000 },
  )
})

test('to know more never turns a yes into a no, or a no into a yes', () => {
  fc.assert(
    fc.property(written, macros, fc.subarray(names), (expression, known, hidden) => {
      const condition = read(print(expression))
      const before = evaluate(condition, environment(known, new Set(hidden)))
      const after = evaluate(condition, environment(known))
      if (before !== 'unknown' && after !== 'unknown') expect(after).toBe(before)
    }),
    { numRuns: 2000 },
  )
})

test.each([
  ['unknown && 0', 'no'],
  ['0 && unknown', 'no'],
  ['unknown || 1', 'yes'],
  ['1 || unknown', 'yes'],
  ['unknown && 1', 'unknown'],
  ['unknown || 0', 'unknown'],
  ['!unknown', 'unknown'],
  ['unknown == unknown', 'unknown'],
  ['unknown ? 1 : 0', 'unknown'],
  ['1 ? 2 : unknown', 'yes'],
  ['defined(unknown)', 'unknown'],
  ['defined unknown && 0', 'no'],
  ['__has_include(<a.h>) && 0', 'no'],
  ['1 || __has_include("b.h")', 'yes'],
  ['__has_include(<a.h>)', 'unknown'],
  ['1 +', 'unknown'],
  ['', 'unknown'],
  ['1 2', 'unknown'],
  ['1 / 0', 'unknown'],
  ["'A' == 65", 'yes'],
  ['true && !false', 'yes'],
  ['(1, 2)', 'unknown'],
])('#if %s: %s', (text, verdict) => {
  expect(evaluate(read(text), environment({}, new Set(['unknown'])))).toBe(verdict)
})

test('a macro with parameters takes its arguments, as a version test does', () => {
  const states: Readonly<Record<string, MacroState>> = {
    HEX: number(0x03090000n),
    AT_LEAST: { state: 'defined', value: read('HEX >= (a * 0x1000000 + b * 0x10000)'), parameters: ['a', 'b'] },
    NINE: { state: 'defined', value: read('AT_LEAST(3, 9)'), parameters: null },
    EMPTY: { state: 'defined', value: null, parameters: null },
  }
  const at: Environment = (name) => states[name] ?? { state: 'undefined' }
  expect(
    ['AT_LEAST(3, 9)', 'AT_LEAST(3, 10)', 'AT_LEAST(a, 9)', 'NINE', 'NINE && !AT_LEAST(4, 0)'].map((text) =>
      evaluate(read(text), at),
    ),
  ).toEqual(['yes', 'no', 'yes', 'yes', 'yes'])
  // The name without arguments, arguments without the macro, a body that is no number: nobody knows.
  expect(['AT_LEAST', 'OTHER(1)', 'HEX(1)', 'EMPTY'].map((text) => evaluate(read(text), at))).toEqual([
    'unknown',
    'unknown',
    'unknown',
    'unknown',
  ])
})

test('integer literals of C and C++', () => {
  expect(['0', '010', '0x1fUL', '0b101', "1'000", '42LL', '0X03090000u'].map(integerLiteral)).toEqual([
    0, 8, 31, 5, 1000, 42, 0x03090000,
  ])
  for (const text of ['1.5', '09', '0x', '1e3', '1_x', '1u2', '10x1f', '0x1fg', '0b102', '00b1', '0x1.8p1', ''])
    expect(integerLiteral(text), text).toBeNull()
})

test('deep and long expressions end without an overflow', () => {
  const many = 50_000
  for (const text of [
    `${'('.repeat(many)}1${')'.repeat(many)}`,
    `${'!'.repeat(many)}1`,
    'F('.repeat(many),
    `${'A || '.repeat(many)}1`,
    `${'1 + '.repeat(many)}1`,
    `${'(A && '.repeat(many)}1${')'.repeat(many)}`,
  ]) {
    expect(() => evaluate(read(text), environment({}))).not.toThrow()
  }
})

test.each([
  ['1 << 4', 16],
  ['1 << 2 + 1', 8],
  ['1 << 2 << 1', 8],
  ['256 >> 4', 16],
  ['255 >> 4', 15],
  ['-1 >> 1', -1],
  ['1 << 2 < 8', 1],
  ['1 & 1 << 0', 1],
  ['1 << 63', 2 ** 63],
  ['1 << 0', 1],
  ['7 - 2', 5],
  ['3 > 2', 1],
  ['3 > 3', 0],
  ['2 > 3', 0],
  ['2 >= 3', 0],
  ['1 >> 63', 0],
  ['1 << 64', null],
  ['1 << -1', null],
  ['8 > > 2', null],
  ['1 << ', null],
  ['+3', 3],
  ['-3', -3],
  ['- -3', 3],
  ['~0', -1],
  ['~5', -6],
  ['!3', 0],
  ['!0', 1],
  ['- 2 * 3', -6],
  ['-7 / 2', -3],
  ['-7 % 2', -1],
  ['7 % 0', null],
  ['0x80000000 | 1', 0x80000001],
  ['0xffffffff & 0xf0', 0xf0],
  ['0xffffffff ^ 0xf', 0xfffffff0],
  ['0x1fffffffffffff == 0x1fffffffffffff', 1],
  ['0x20000000000001 == 0x20000000000000', null],
  ["'A'", 65],
  ["'\\n'", null],
  ["''", null],
  ['1.5', null],
  ['"a"', null],
  ['true + true', 2],
  ['false', 0],
  ['truer', 0],
  ['1 ? 2 : 3', 2],
  ['0 ? 2 : 3', 3],
  ['0 ? 1 : 0 ? 2 : 3', 3],
  ['1 ? 0 ? 4 : 5 : 6', 5],
  ['1 + 1 ? 5 : 6', 5],
  ['(1 ? 2 : 3) + 1', 3],
  ['1 + (0 ? 2 : 3)', 4],
  ['1 ? 2', null],
  ['1 ? 2 : ', null],
  ['1 ? : 3', null],
  ['(1', null],
  ['(1))', null],
  ['()', null],
  ['1 + + 1', 2],
  ['* 1', null],
])('%s is worth %s', (text, expected) => {
  const found = value(read(text), environment({}))
  expect(found === null ? null : found + 0).toBe(expected)
})

test.each([
  ['defined A', 'A'],
  ['defined(A)', 'A'],
  ['defined ( A )', 'A'],
])('%s asks for a macro', (text, name) => {
  expect(read(text)).toEqual({ kind: 'defined', name })
})

test.each([
  'defined',
  'defined(',
  'defined()',
  'defined(A',
  'defined(A B)',
  'defined(1)',
  'defined 1',
  'defined(A) B',
  'F(',
  'F(1',
  'F(1 2)',
  'F(,)',
  '__has_include(<a.h>)',
  '__has_builtin(f)',
  'A B',
])('%s cannot be read, and is kept as it stands', (text) => {
  expect(read(`${text} `)).toEqual({ kind: 'opaque', text })
})

test('the parts that can be read are read, the weaker operator first', () => {
  const has = (name: string): Condition => ({ kind: 'opaque', text: `__has_include(<${name}>)` })
  const macro = (name: string): Condition => ({ kind: 'macro', name })
  const binary = (operator: string, left: Condition, right: Condition): Condition => ({
    kind: 'binary',
    operator,
    left,
    right,
  })
  expect(read('A && __has_include(<b>)')).toEqual(binary('&&', macro('A'), has('b')))
  expect(read('__has_include(<b>) && A && B')).toEqual(binary('&&', has('b'), binary('&&', macro('A'), macro('B'))))
  expect(read('A && __has_include(<b>) || C')).toEqual(binary('||', binary('&&', macro('A'), has('b')), macro('C')))
  expect(read('A || __has_include(<b>) && C')).toEqual(binary('||', macro('A'), binary('&&', has('b'), macro('C'))))
  expect(read('(A || B) && __has_include(<b>)')).toEqual(binary('&&', binary('||', macro('A'), macro('B')), has('b')))
  // Within brackets nothing is taken apart.
  expect(read('(A && __has_include(<b>))')).toEqual({ kind: 'opaque', text: '(A && __has_include(<b>))' })
  expect(read('|| __has_include(<b>)')).toEqual({ kind: 'opaque', text: '|| __has_include(<b>)' })
  expect(read('__has_include(<b>) ||')).toEqual({ kind: 'opaque', text: '__has_include(<b>) ||' })
})

test('arguments stand for parameters wherever they are in a body', () => {
  const states: Readonly<Record<string, MacroState>> = Object.fromEntries(
    [
      ['NEGATIVE', '-a'],
      ['SUM', 'a + b'],
      ['CHOOSE', 'a ? b : c'],
      ['TWICE', 'SUM(a, a)'],
      ['THROUGH', 'TWICE(b) + a'],
      ['FREE', 'a + OTHER'],
      ['ASKS', 'defined(a)'],
    ].map(([name, body]) => [
      name!,
      { state: 'defined', value: read(body!), parameters: ['a', 'b', 'c'].slice(0, name === 'NEGATIVE' ? 1 : 3) },
    ]),
  )
  const at: Environment = (name) => states[name] ?? (name === 'OTHER' ? number(40n) : { state: 'undefined' })
  expect(
    [
      'NEGATIVE(3)',
      'SUM(1, 2)',
      'SUM(OTHER, 2)',
      'CHOOSE(1, 5, 6)',
      'CHOOSE(0, 5, 6)',
      'TWICE(4, 0)',
      'THROUGH(1, 3)',
      'FREE(2)',
      'SUM(1)',
      'ASKS(OTHER)',
      'SUM(1, 2,)',
    ].map((text) => value(read(text), at)),
  ).toEqual([-3, 3, 42, 5, 6, 8, 7, 42, 1, 0, 3])
})

test('a macro that means itself is unknown, and so is one that takes too long; what is deep is not', () => {
  const chain =
    (body: (index: number) => string, last: number): Environment =>
    (name) => {
      const index = Number(name.slice(1))
      return { state: 'defined', value: read(index < last ? body(index) : '1'), parameters: null }
    }
  expect(
    value(
      read('M0'),
      chain((index) => `M${index}`, 9),
    ),
  ).toBeNull()
  expect(
    value(
      read('M0'),
      chain((index) => `M${index + 1} + 1`, 50),
    ),
  ).toBe(51)
  expect(
    value(
      read('M0'),
      chain((index) => `M${index + 1}`, 300),
    ),
  ).toBeNull()
  expect(
    value(
      read('M0'),
      chain((index) => `M${index + 1} + M${index + 1}`, 9),
    ),
  ).toBe(512)
  expect(
    value(
      read('M0'),
      chain((index) => `M${index + 1} + M${index + 1}`, 30),
    ),
  ).toBeNull()
})

test.each([
  ['brackets', (many: number) => `${'('.repeat(many)}1${')'.repeat(many)}`, 90, 300],
  ['operators in front', (many: number) => `${'!'.repeat(many)}1`, 150, 300],
  ['a chain', (many: number) => `${'1 + '.repeat(many)}1`, 190, 600],
  ['choices', (many: number) => `${'1 ? 1 : '.repeat(many)}1`, 90, 150],
])('%s are read up to a limit', (_, text, few, many) => {
  expect(evaluate(read(text(few)), environment({}))).not.toBe('unknown')
  expect(evaluate(read(text(many)), environment({}))).toBe('unknown')
})
