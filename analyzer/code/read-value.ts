import { precedence } from '../preprocess/condition-parser.ts'
import { exact } from '../source/lists.ts'
import type { Cursor } from './cursor.ts'
import { OperandReader } from './read-operand.ts'
import { deepest, longestChain, type Nested, type Values } from './reading.ts'
import type { UnknownValue, Value } from './tree.ts'
import { endOfTemplate } from './types.ts'
import { wordSet } from './words.ts'

const binary: Readonly<Record<string, number>> = {
  ',': 1,
  '=': 2,
  '+=': 2,
  '-=': 2,
  '*=': 2,
  '/=': 2,
  '%=': 2,
  '&=': 2,
  '|=': 2,
  '^=': 2,
  '<<=': 2,
  '>>=': 2,
  '?': 3,
  ...precedence,
  or: precedence['||']!,
  and: precedence['&&']!,
  '.*': 14,
  '->*': 14,
}
const comma = 1
const assignment = 2
const conditional = 3
const isAssignment = (operator: string): boolean => binary[operator] === assignment

/** What template arguments with commas in them stand before. */
const behindTemplate = wordSet(':: ( {')

/** Reads expressions. */
export class ValueReader implements Values {
  private depth = 0
  private readonly operandReader: OperandReader

  constructor(
    private readonly cursor: Cursor,
    private readonly nested: Nested,
  ) {
    this.operandReader = new OperandReader(cursor, nested, this)
  }

  prefix(): Value | null {
    return this.operandReader.prefix()
  }

  /** An expression with commas, as far as it goes; null where none begins. */
  expression(): Value | null {
    return this.operators(comma)
  }

  /** An expression without commas, as far as it goes; null where none begins. */
  assignment(): Value | null {
    return this.operators(assignment)
  }

  /** All up to the cursor's limit as one value: unknown, with what can be read in it, where it is more than that. */
  whole(read: () => Value | null): Value {
    const { cursor } = this
    const first = cursor.peek()
    const value = read()
    if (value !== null && cursor.peek() >= cursor.limit) return value
    return this.rest(first, value === null ? [] : [value])
  }

  /** What is left up to the limit, as unknown. @param first the token where it begins */
  rest(first: number, values: Value[]): UnknownValue {
    const { cursor } = this
    while (cursor.peek() < cursor.limit) {
      const value = this.expression()
      if (value === null) cursor.take()
      else values.push(value)
    }
    return { kind: 'unknown', values, span: cursor.spanFrom(first) }
  }

  /** The operands between two parentheses; the cursor stands behind the second then. */
  operands(open: number, close: number): readonly Value[] {
    const { cursor } = this
    cursor.at = open + 1
    const found: Value[] = []
    while (cursor.peek() < close) {
      const end = this.endOfOperand(close)
      if (end > cursor.peek()) found.push(cursor.within(end, () => this.operand()))
      cursor.at = end < close ? end + 1 : close
    }
    cursor.at = close
    cursor.take()
    return found.length === 1 && found[0]!.kind === 'type' && found[0].type === 'void' ? [] : exact(found)
  }

  /** One operand up to the limit: a type where it can be nothing else, statements where a semicolon is in it. */
  operand(): Value {
    const { cursor } = this
    const first = cursor.peek()
    if (!this.nested.isCxx && this.holdsStatements(first)) {
      const body = this.nested.statements(cursor, first - 1, cursor.limit)
      while (cursor.peek() < cursor.limit) cursor.take()
      return { kind: 'code', lambda: null, body, span: cursor.spanFrom(first) }
    }
    return this.operandReader.type() ?? this.whole(() => this.assignment())
  }

  /** Whether a semicolon stands up to the limit, outside of parentheses. */
  private holdsStatements(first: number): boolean {
    const { cursor } = this
    for (let at = first; at < cursor.limit; at = cursor.after(cursor.word(at) === '{' ? at : cursor.endOf(at)))
      if (cursor.word(at) === ';') return true
    return false
  }

  /** The token of the comma behind the next operand, or the closing parenthesis. */
  private endOfOperand(close: number): number {
    const { cursor } = this
    for (let at = cursor.peek(); at < close; at = cursor.after(at)) {
      const word = cursor.word(at)
      if (word === ',') return at
      at = word === '<' ? Math.max(this.templateBefore(at), at) : cursor.endOf(at)
    }
    return close
  }

  /** The end of template arguments with commas in them, as far as they can be nothing else; -1 for none. */
  private templateBefore(open: number): number {
    if (!this.nested.isCxx) return -1
    const close = endOfTemplate(this.cursor, open)
    return close >= 0 && behindTemplate.has(this.cursor.word(this.cursor.after(close))) ? close : -1
  }

  /** Operators of at least a precedence, with their operands. */
  private operators(least: number): Value | null {
    if (this.depth > deepest) return null
    this.depth++
    const value = this.chain(least)
    this.depth--
    return value
  }

  private chain(least: number): Value | null {
    const { cursor } = this
    const first = cursor.peek()
    let left = this.prefix()
    if (left === null) return null
    const beyond: Value[] = []
    for (let length = 0; ; length++) {
      const operator = this.operatorAhead()
      const binding = binary[operator]
      if (binding === undefined || binding < least) break
      const before = cursor.mark()
      this.takeOperator(operator)
      const right: Value | null =
        binding === conditional ? this.conditionalFrom(first, left) : this.rightOf(binding, operator)
      if (right === null) {
        // `a *` at the end of what is read: the operator stays.
        cursor.reset(before)
        break
      }
      if (length >= longestChain) beyond.push(right.kind === 'conditional' ? right.whenFalse : right)
      else left = binding === conditional ? right : this.joined(first, operator, left, right)
    }
    if (beyond.length === 0) return left
    return { kind: 'unknown', values: [left, ...beyond], span: cursor.spanFrom(first) }
  }

  /** `>>=` and `<<=` are two tokens. */
  private operatorAhead(): string {
    const { cursor } = this
    const token = cursor.peek()
    const word = cursor.word(token)
    if ((word === '<<' || word === '>') && cursor.word(cursor.after(token)) === (word === '>' ? '>=' : '='))
      return this.isAdjacent(token) ? `${word === '>' ? '>>' : word}=` : word
    if (word === '>' && cursor.word(cursor.after(token)) === '>' && this.isAdjacent(token)) return '>>'
    return word
  }

  private isAdjacent(token: number): boolean {
    const { cursor } = this
    return cursor.end(token) === cursor.start(cursor.after(token))
  }

  private takeOperator(operator: string): void {
    const word = this.cursor.word(this.cursor.take())
    if (word !== operator) this.cursor.take()
  }

  private rightOf(binding: number, operator: string): Value | null {
    if (operator === '=' && this.cursor.next() === '{') return this.operandReader.braces()
    return this.operators(isAssignment(operator) ? assignment : binding + 1)
  }

  private joined(first: number, operator: string, left: Value, right: Value): Value {
    const span = this.cursor.spanFrom(first)
    return isAssignment(operator)
      ? { kind: 'assign', operator, target: left, value: right, span }
      : { kind: 'binary', operator, left, right, span }
  }

  private conditionalFrom(first: number, condition: Value): Value | null {
    const { cursor } = this
    const whenTrue = cursor.next() === ':' ? condition : this.expression()
    if (whenTrue === null || !cursor.accept(':')) return null
    const whenFalse = this.operators(assignment)
    if (whenFalse === null) return null
    return { kind: 'conditional', condition, whenTrue, whenFalse, span: cursor.spanFrom(first) }
  }
}
