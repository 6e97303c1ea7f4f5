import type { TokenIndex } from '../source/text.ts'
import { always, type Condition, nowhere } from './condition.ts'
import { areAdjacent, Kind, type Tokens, tokenText } from './scanner.ts'

/**
 * The precedence of the binary operators that `#if` and C have in common; the higher binds the stronger.
 * Lower numbers are for the operators of C that `#if` lacks or reads apart: the comma, assignments and `?:`.
 */
export const precedence: Readonly<Record<string, number>> = {
  '||': 4,
  '&&': 5,
  '|': 6,
  '^': 7,
  '&': 8,
  '==': 9,
  '!=': 9,
  '<': 10,
  '<=': 10,
  '>': 10,
  '>=': 10,
  '<<': 11,
  '>>': 11,
  '+': 12,
  '-': 12,
  '*': 13,
  '/': 13,
  '%': 13,
}

/** Conditions of more tokens are read whole or not at all; chains of more operators are not read. */
const longest = 500
/** How deep parentheses and unary operators may nest, and how many `?:` there may be. */
const deepest = 200
const mostChoices = 100

/** Characters of a number: one of 64 bits in binary has fewer, whatever stands between them. */
const longestNumber = 200

/** The value of an integer literal in a condition; null where it is none. */
export function integerLiteral(text: string): number | null {
  if (text.length > longestNumber) return null
  const plain = text.replace(/'/g, '').replace(/[uUlLzZ]+$/, '')
  if (/^0[xX][0-9a-fA-F]+$/.test(plain)) return Number.parseInt(plain.slice(2), 16)
  if (/^0[bB][01]+$/.test(plain)) return Number.parseInt(plain.slice(2), 2)
  if (/^0[0-7]*$/.test(plain)) return Number.parseInt(plain, 8)
  if (/^[1-9][0-9]*$/.test(plain)) return Number.parseInt(plain, 10)
  return null
}

/**
 * Reads the expression of an `#if`, or the body of a macro that stands in one.
 * @param first,end the tokens, `end` exclusive
 * @returns an `opaque` condition where the tokens are no expression; never throws
 */
export function readCondition(tokens: Tokens, first: TokenIndex, end: TokenIndex): Condition {
  const result = new ConditionParser(tokens, first, end).whole()
  if (result !== null) return result
  // One unreadable part must not hide the others: `defined(A) && __has_include(<b>)`
  const parts = end - first <= longest ? splitAtTopLevel(tokens, first, end) : null
  if (parts !== null) return parts
  return { kind: 'opaque', text: first < end ? tokens.text.slice(tokens.start[first], tokens.end[end - 1]) : '' }
}

/** A parser by precedence climbing. Each part of the grammar is null where the tokens are no such thing. */
class ConditionParser {
  private depth = 0
  private choices = 0

  /** @param at the token that is read next */
  constructor(
    private readonly tokens: Tokens,
    private at: TokenIndex,
    private readonly end: TokenIndex,
  ) {}

  /** An expression up to the last token. */
  whole(): Condition | null {
    const result = this.expression(0)
    return this.at === this.end ? result : null
  }

  private peek(): string {
    return this.at < this.end ? tokenText(this.tokens, this.at) : ''
  }

  /** Reads a token if it is this one. */
  private take(text: string): boolean {
    if (this.peek() !== text) return false
    this.at++
    return true
  }

  /** @param least operators that bind no stronger than this end the expression */
  private expression(least: number): Condition | null {
    const before = this.depth
    let left = this.primary()
    this.depth = before
    for (let length = 0; ; length++) {
      // A chain of operators is a deep tree too.
      if (left === null || length > longest) return null
      if (least === 0 && this.take('?')) {
        left = this.choice(left)
        continue
      }
      const operator = this.operator()
      const binding = precedence[operator]
      if (binding === undefined || binding <= least) return left
      this.at += operator === '>>' ? 2 : 1
      const right = this.expression(binding)
      left = right && { kind: 'binary', operator, left, right }
    }
  }

  /** The operator that comes next. The scanner gives `>>` as two tokens, since it closes templates too. */
  private operator(): string {
    const { tokens, at, end } = this
    const operator = this.peek()
    const isShift = operator === '>' && at + 1 < end && tokenText(tokens, at + 1) === '>' && areAdjacent(tokens, at)
    return isShift ? '>>' : operator
  }

  /** What follows `test ?`. */
  private choice(test: Condition): Condition | null {
    if (++this.choices > mostChoices) return null
    const yes = this.expression(0)
    if (yes === null || !this.take(':')) return null
    const no = this.expression(0)
    return no && { kind: 'choice', test, yes, no }
  }

  private primary(): Condition | null {
    if (this.at >= this.end || ++this.depth > deepest) return null
    const text = this.peek()
    const kind = this.tokens.kind[this.at]
    this.at++
    if (text === '(') {
      const inner = this.expression(0)
      return this.take(')') ? inner : null
    }
    if (text === '!' || text === '-' || text === '+' || text === '~') {
      const operand = this.primary()
      return operand && { kind: 'unary', operator: text, operand }
    }
    if (kind === Kind.number) {
      const value = integerLiteral(text)
      return value === null ? null : { kind: 'number', value }
    }
    if (kind === Kind.character) return text.length === 3 ? { kind: 'number', value: text.charCodeAt(1) } : null
    if (kind !== Kind.identifier) return null
    if (text === 'defined') return this.defined()
    if (text === 'true') return always
    if (text === 'false') return nowhere
    return this.take('(') ? this.call(text) : { kind: 'macro', name: text }
  }

  /** What follows `defined`. */
  private defined(): Condition | null {
    const open = this.take('(')
    if (this.at >= this.end || this.tokens.kind[this.at] !== Kind.identifier) return null
    const name = this.peek()
    this.at++
    return open && !this.take(')') ? null : { kind: 'defined', name }
  }

  /** What follows `name(`. */
  private call(name: string): Condition | null {
    // Its operand is a header or an attribute.
    if (name.startsWith('__has_')) return null
    const operands: Condition[] = []
    while (!this.take(')')) {
      if (operands.length > longest) return null
      const operand = this.expression(0)
      if (operand === null) return null
      operands.push(operand)
      if (!this.take(',') && this.peek() !== ')') return null
    }
    return { kind: 'call', name, operands }
  }
}

/** Reads `A && B` or `A || B` by its parts, so that what can be read of it is. Null where there is nothing to split. */
function splitAtTopLevel(tokens: Tokens, first: number, end: number): Condition | null {
  for (const operator of ['||', '&&']) {
    let depth = 0
    for (let at = first; at < end; at++) {
      const text = tokenText(tokens, at)
      if (text === '(') depth++
      else if (text === ')') depth--
      else if (depth === 0 && text === operator && at > first && at + 1 < end) {
        return {
          kind: 'binary',
          operator,
          left: readCondition(tokens, first, at),
          right: readCondition(tokens, at + 1, end),
        }
      }
    }
  }
  return null
}
