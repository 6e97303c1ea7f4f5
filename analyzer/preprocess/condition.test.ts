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
  expect(['1.5', '09', '0x', '1e3', '1_x'].map(integerLiteral)).toEqual([null, null, null, null, null])
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
