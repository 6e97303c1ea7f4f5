import { expect, test } from 'vitest'
import { asByteText, Lines } from '../source/text.ts'
import { type Condition, type Environment, evaluate, value } from './condition.ts'
import { readCondition } from './condition-parser.ts'
import { readDirectives } from './directives.ts'
import { scan, tokenText } from './scanner.ts'

/* Faults that were found once. */

const read = (text: string): Condition => {
  const tokens = scan(text)
  return readCondition(tokens, 0, tokens.count)
}
const nothing: Environment = () => ({ state: 'undefined' })

test('>> is read', () => {
  expect(value(read('(0x03090000 >> 24) == 3'), nothing)).toBe(1)
  expect(value(read('1 << 2 >> 1'), nothing)).toBe(2)
})
test('~ on more than 32 bits', () => {
  expect(value(read('~0x80000000'), nothing)).toBe(-0x80000001)
})
test.each(['(1 << 5000) | 1', '(1 << -1) & 1', `0x${'F'.repeat(400)} ^ 1`])('%s does not throw', (text) => {
  expect(() => evaluate(read(text), nothing)).not.toThrow()
})
test('a long chain of choices', () => {
  expect(() => evaluate(read(`${'A ? 1 : '.repeat(20_000)}1`), nothing)).not.toThrow()
})
test('a long chain of what cannot be read', () => {
  expect(() => evaluate(read(`${'__has_include(<a>) || '.repeat(8_000)}1`), nothing)).not.toThrow()
})
test('a chain of more than 60 operators is decided', () => {
  expect(evaluate(read(`${'defined(A) || '.repeat(80)}0`), nothing)).toBe('no')
})
test('macros that double each other end soon', () => {
  const at: Environment = (name) => ({
    state: 'defined',
    value: read(`N${Number(name.slice(1)) + 1} + N${Number(name.slice(1)) + 1}`),
    parameters: null,
  })
  const values = new Map<string, ReturnType<Environment>>()
  const memo: Environment = (name) => {
    const state = values.get(name) ?? at(name)
    values.set(name, state)
    return state
  }
  // 22 levels stand in for 30: each further one doubles the time
  const limited: Environment = (name) => (Number(name.slice(1)) > 22 ? { state: 'undefined' } : memo(name))
  evaluate(read('N0'), limited)
})
const utf8 = (text: string): string => asByteText(Buffer.from(text, 'utf8'))

test('a byte order mark is no token and hides no directive', () => {
  const tokens = scan(utf8('\ufeff#if 0\nint a;\n#endif\n'))
  expect(tokenText(tokens, 0)).toBe('if')
  expect(readDirectives(tokens).regions).toHaveLength(2)
})
test('a byte order mark takes no column', () => {
  const text = utf8('\ufeffint X;')
  expect(new Lines(text).position(text.indexOf('X'))).toEqual({ line: 1, column: 5 })
})
test('a column counts in the line as it is shown, even where UTF-8 and Latin-1 are mixed', () => {
  const text = `${utf8('/* é */ ')}X /* \xe9 */`
  const lines = new Lines(text)
  expect(lines.textOf(0)[lines.position(text.indexOf('X')).column - 1]).toBe('X')
})
