import { Kind } from '../preprocess/scanner.ts'
import { addAll } from '../source/lists.ts'
import type { Span } from '../source/text.ts'
import type { Cursor } from './cursor.ts'
import { NameReader } from './read-name.ts'
import { TypeReader } from './read-type.ts'
import { deepest, longestChain, type Nested, type Values } from './reading.ts'
import type { Value } from './tree.ts'
import { wordSet } from './words.ts'

const prefixOperators = wordSet('& * ! ~ + - && ++ -- not compl throw co_await __extension__')

/** Operators in words that take an operand or a type in parentheses. */
const sizeOperators = wordSet('sizeof alignof __alignof __alignof__ _Alignof typeid decltype __typeof__')

/** Reads operands: names, literals, calls, fields, and the operators that stand before and behind one. */
export class OperandReader {
  private depth = 0
  private readonly types: TypeReader
  private readonly names: NameReader

  constructor(
    private readonly cursor: Cursor,
    private readonly nested: Nested,
    private readonly values: Values,
  ) {
    this.types = new TypeReader(cursor, nested, values, this)
    this.names = new NameReader(cursor, nested, this.types)
  }

  /** What is up to the limit as a type, where it can be nothing else: `struct spam *`, `int`. */
  type(): Value | null {
    return this.types.typeOnly()
  }

  /** An operand with what stands before and behind it. */
  prefix(): Value | null {
    const { cursor } = this
    if (this.depth > deepest) return null
    this.depth++
    const value = this.prefixed(cursor.peek())
    this.depth--
    return value
  }

  private prefixed(first: number): Value | null {
    const { cursor } = this
    const before = cursor.mark()
    const value = this.prefixedAt(first)
    // What could not be read is not taken.
    if (value === null) cursor.reset(before)
    return value
  }

  private prefixedAt(first: number): Value | null {
    const { cursor } = this
    const word = cursor.word(first)
    if (prefixOperators.has(word)) {
      cursor.take()
      const operand = this.prefix()
      if (operand === null && word === 'throw') return { kind: 'unknown', values: [], span: cursor.spanFrom(first) }
      return operand === null
        ? null
        : word === '__extension__'
          ? operand
          : { kind: 'unary', operator: word, operand, span: cursor.spanFrom(first) }
    }
    if (sizeOperators.has(word)) return this.types.sizeof(first)
    if (word === 'delete') {
      cursor.take()
      if (cursor.accept('[') && !cursor.accept(']')) return null
      const operand = this.prefix()
      return operand === null ? null : { kind: 'unary', operator: 'delete', operand, span: cursor.spanFrom(first) }
    }
    if (word === 'new' && this.nested.isCxx) return this.types.allocation(first)
    if (word === '(') {
      const before = cursor.mark()
      const cast = this.types.cast(first)
      if (cast !== null) return cast
      cursor.reset(before)
    }
    const operand = this.primary(first)
    return operand === null ? null : this.postfix(first, operand)
  }

  private primary(first: number): Value | null {
    const { cursor } = this
    const word = cursor.word(first)
    const kind = cursor.kind(first)
    if (kind === Kind.number || kind === Kind.character || kind === Kind.string) return this.names.literal(first, kind)
    if (kind === Kind.identifier) return this.names.name(first, word)
    if (word === '::' && cursor.isIdentifier(cursor.after(first))) {
      cursor.take()
      return this.names.name(cursor.peek(), cursor.next())
    }
    if (word === '(') return this.group(first)
    if (word === '{') return cursor.closing(first) < 0 ? null : this.braces()
    if (word === '[' && this.nested.isCxx) {
      const lambda = this.nested.lambda(cursor)
      if (lambda === null) return null
      return { kind: 'code', lambda, body: lambda.body, span: cursor.spanFrom(first) }
    }
    return null
  }

  private group(first: number): Value | null {
    const { cursor } = this
    const close = cursor.closing(first)
    if (close < 0) return null
    cursor.take()
    const open = cursor.peek()
    if (cursor.word(open) === '{' && cursor.closing(open) >= 0 && cursor.after(cursor.closing(open)) === close) {
      const body = this.nested.statements(cursor, open, cursor.closing(open))
      cursor.at = close
      cursor.take()
      return { kind: 'code', lambda: null, body, span: cursor.spanFrom(first) }
    }
    const inner = cursor.within(close, () => this.types.typeOnly() ?? this.values.whole(() => this.values.expression()))
    cursor.at = close
    cursor.take()
    return { kind: 'group', inner, span: cursor.spanFrom(first) }
  }

  braces(): Value {
    const { cursor } = this
    const open = cursor.take()
    const close = cursor.closing(open)
    if (close < 0) return { kind: 'unknown', values: [], span: cursor.spanFrom(open) }
    const value = this.nested.initialiser(cursor, open)
    cursor.at = close
    cursor.take()
    return value
  }

  /** Calls, fields, items and `++` behind an operand. */
  postfix(first: number, operand: Value): Value {
    const { cursor } = this
    let value = operand
    let length = 0
    const beyond: Value[] = []
    for (; ; length++) {
      const token = cursor.peek()
      const next = this.postfixed(first, value, token, cursor.word(token))
      if (next === null) break
      if (length < longestChain) value = next
      else if (next.kind === 'call') addAll(beyond, next.operands)
      else if (next.kind === 'index') beyond.push(next.index)
    }
    if (length <= longestChain) return value
    return { kind: 'unknown', values: [value, ...beyond], span: cursor.spanFrom(first) }
  }

  private postfixed(first: number, value: Value, token: number, word: string): Value | null {
    const { cursor } = this
    if (word === '(') {
      const close = cursor.closing(token)
      if (close < 0) return null
      const operands = this.values.operands(token, close)
      const span = cursor.spanFrom(first)
      return { kind: 'call', callee: value, operands, open: cursor.start(token), close: cursor.start(close), span }
    }
    if (word === '[') {
      const close = cursor.closing(token)
      if (close < 0) return null
      cursor.take()
      const index = cursor.within(close, () => this.values.whole(() => this.values.expression()))
      cursor.at = close
      cursor.take()
      return { kind: 'index', object: value, index, span: cursor.spanFrom(first) }
    }
    if (word === '.' || word === '->') {
      let name = cursor.after(token)
      if (cursor.word(name) === 'template') name = cursor.after(name)
      // A destructor: `self->~Spam()`
      const tilde = cursor.word(name) === '~' && this.nested.isCxx ? '~' : ''
      if (tilde !== '') name = cursor.after(name)
      if (!cursor.isIdentifier(name)) return null
      cursor.at = name
      cursor.take()
      return {
        kind: 'member',
        object: value,
        name: tilde + cursor.word(name),
        arrow: word === '->',
        dot: cursor.start(token),
        span: cursor.spanFrom(first),
      }
    }
    if (word === '++' || word === '--') {
      cursor.take()
      return { kind: 'unary', operator: `x${word}`, operand: value, span: cursor.spanFrom(first) }
    }
    // `Spam{1, 2}`
    if (word === '{' && this.nested.isCxx && (value.kind === 'name' || value.kind === 'type') && this.isBraced(token)) {
      const span: Span = { start: cursor.start(token), end: cursor.end(cursor.closing(token)) }
      const operand = this.braces()
      return {
        kind: 'call',
        callee: value,
        operands: [operand],
        open: span.start,
        close: span.end - 1,
        span: cursor.spanFrom(first),
      }
    }
    return null
  }

  /** Whether braces behind a name are those of a value: what follows them can only follow a value. */
  private isBraced(open: number): boolean {
    const { cursor } = this
    const close = cursor.closing(open)
    return close >= 0 && /^(?:[;,).\]?+]|->|[=!]=|)$/.test(cursor.word(cursor.after(close)))
  }
}
