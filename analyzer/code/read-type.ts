import { Kind } from '../preprocess/scanner.ts'
import type { Cursor } from './cursor.ts'
import type { Nested, Values } from './reading.ts'
import type { CastValue, TypeValue, Value } from './tree.ts'
import { endOfTemplate, typeWords } from './types.ts'
import { qualifiers, wordSet } from './words.ts'

/** Signs that go on with an operand. */
const postfixSigns = wordSet('. -> [')

/** Operators of C++ that are words. */
const operatorWords = wordSet('or and xor not_eq')

/** Signs that an operand begins with, and that are no operators between two. */
const beginsOperand = wordSet('! ~ { ::')

/** Signs that an operand may begin with. */
const mayBeginOperand = wordSet('( & * + - ++ -- [')

/** The parts of a value that casts need. */
export interface PartsOfValues {
  /** An initialiser in braces, from its first one. */
  braces(): Value
  /** Calls, fields, items and `++` behind an operand. @param first the token where that begins */
  postfix(first: number, operand: Value): Value
}

/** Reads types where expressions hold them: in casts, in `sizeof`, behind `new`, as operands of macros. */
export class TypeReader {
  constructor(
    private readonly cursor: Cursor,
    private readonly nested: Nested,
    private readonly values: Values,
    /** Reads braces behind a cast, and what stands behind a value. */
    private readonly parts: Pick<PartsOfValues, 'braces' | 'postfix'>,
  ) {}

  /** What is up to the limit as a type, where it can be nothing else: `struct spam *`, `int`. */
  typeOnly(): TypeValue | null {
    const { cursor } = this
    const first = cursor.peek()
    const words = typeWords(cursor, first)
    if (words === null) return null
    let at = cursor.after(words.last)
    let stars = ''
    for (; cursor.word(at) === '*' || qualifiers.has(cursor.word(at)); at = cursor.after(at))
      if (cursor.word(at) === '*') stars += '*'
    if (at < cursor.limit || (!words.isCertain && stars === '')) return null
    while (cursor.peek() < cursor.limit) cursor.take()
    return { kind: 'type', type: words.type + stars, span: cursor.spanFrom(first) }
  }

  /** What stands in `sizeof(...)`: a name that is not known as a variable may be a type. */
  private typeOrValue(): Value {
    const { cursor } = this
    const first = cursor.peek()
    const word = cursor.word(first)
    if (this.nested.isVariable(word)) return this.values.operand()
    const type = this.typeOnly()
    if (type !== null) return type
    if (cursor.isIdentifier(first) && cursor.after(first) >= cursor.limit) {
      cursor.take()
      const span = cursor.spanFrom(first)
      return this.nested.isType(word)
        ? { kind: 'type', type: word, span }
        : { kind: 'name', name: word, scope: '', span }
    }
    return this.values.operand()
  }

  /** `sizeof x`, `sizeof(T)` */
  sizeof(first: number): Value | null {
    const { cursor } = this
    const operator = cursor.word(cursor.take())
    const open = cursor.peek()
    const close = cursor.word(open) === '(' ? cursor.closing(open) : -1
    // `sizeof (a).b` is that of the field.
    if (close < 0 || postfixSigns.has(cursor.word(cursor.after(close)))) {
      const operand = this.values.prefix()
      return operand === null ? null : { kind: 'unary', operator, operand, span: cursor.spanFrom(first) }
    }
    cursor.take()
    const inner = cursor.within(close, () => this.typeOrValue())
    cursor.at = close
    cursor.take()
    return { kind: 'unary', operator, operand: inner, span: cursor.spanFrom(first) }
  }

  /** `new T(x)`, `new (place) T[n]` */
  allocation(first: number): Value | null {
    const { cursor } = this
    cursor.take()
    const open = cursor.peek()
    const place =
      cursor.word(open) === '(' && cursor.closing(open) >= 0 ? this.values.operands(open, cursor.closing(open)) : []
    const start = cursor.peek()
    const words = typeWords(cursor, start)
    if (words === null) return null
    cursor.at = words.last
    cursor.take()
    let stars = ''
    while (cursor.accept('*')) stars += '*'
    const type: TypeValue = { kind: 'type', type: words.type + stars, span: cursor.spanFrom(start) }
    const made = this.parts.postfix(start, type)
    const operand: Value =
      place.length === 0 ? made : { kind: 'unknown', values: [...place, made], span: cursor.spanFrom(open) }
    return { kind: 'unary', operator: 'new', operand, span: cursor.spanFrom(first) }
  }

  /** `static_cast<T *>(x)` */
  namedCast(first: number): CastValue | null {
    const { cursor } = this
    const less = cursor.after(first)
    const greater = cursor.word(less) === '<' ? endOfTemplate(cursor, less) : -1
    const open = greater < 0 ? -1 : cursor.after(greater)
    const close = open >= 0 && cursor.word(open) === '(' ? cursor.closing(open) : -1
    if (close < 0) return null
    const type = this.typeText(cursor.after(less), greater)
    cursor.at = open + 1
    const operand = cursor.within(close, () => this.values.whole(() => this.values.expression()))
    cursor.at = close
    cursor.take()
    return { kind: 'cast', type, operand, span: cursor.spanFrom(first) }
  }

  /** The type that tokens are, `end` exclusive: qualifiers and references left out. */
  private typeText(from: number, end: number): string {
    const { cursor } = this
    let type = ''
    for (let at = from; at < end; at = cursor.after(at)) {
      const word = cursor.word(at)
      if (word === 'typename' || qualifiers.has(word)) continue
      type += /\w$/.test(type) && /^\w/.test(word) ? ` ${word}` : word
    }
    return type
  }

  /** `(T *)x`, `(T){...}`; null where the parenthesis is none of a cast. */
  cast(first: number): Value | null {
    const { cursor } = this
    const close = cursor.closing(first)
    if (close < 0 || !this.isCast(first, close)) return null
    const type = this.typeText(cursor.after(first), close)
    cursor.at = close
    cursor.take()
    const isLiteral = cursor.next() === '{'
    const operand = isLiteral ? this.parts.braces() : this.values.prefix()
    if (operand === null) return null
    const value: Value = { kind: 'cast', type, operand, span: cursor.spanFrom(first) }
    return isLiteral ? this.parts.postfix(first, value) : value
  }

  /** Whether parentheses hold nothing but a type, and a value follows them. */
  private isCast(open: number, close: number): boolean {
    const { cursor, nested } = this
    const next = cursor.after(close)
    const following = cursor.word(next)
    const isPlainOperand =
      (cursor.isIdentifier(next) && !operatorWords.has(following)) ||
      (cursor.kind(next) !== Kind.punctuation && cursor.kind(next) !== 0) ||
      beginsOperand.has(following)
    if (!isPlainOperand && !mayBeginOperand.has(following)) return false
    const words = typeWords(cursor, cursor.after(open))
    if (words === null) return false
    let at = cursor.after(words.last)
    let stars = 0
    for (; cursor.word(at) === '*' || qualifiers.has(cursor.word(at)); at = cursor.after(at)) stars++
    // `(void (*)(void *))`, `(char (*)[4])`
    if (cursor.word(at) === '(' && (cursor.word(cursor.after(at)) === '*' || cursor.word(cursor.after(at)) === '^')) {
      const declarator = cursor.closing(at)
      const behind = cursor.after(declarator)
      if (declarator >= 0 && (cursor.closing(behind) === close - 1 || behind === close))
        return words.isCertain || stars > 0 || !nested.isVariable(words.type)
      const last = cursor.closing(behind)
      return last >= 0 && cursor.after(last) === close
    }
    while (cursor.word(at) === '[' && cursor.closing(at) >= 0) at = cursor.after(cursor.closing(at))
    if (at !== close || following === '[') return false
    if (words.isCertain || nested.isType(words.type)) return true
    if (nested.isVariable(words.type)) return false
    if (stars > 0) return true
    // A single name: what follows tells, where it can only follow a type.
    if (following === '(' && (nested.isFunction(words.type) || this.holdsComma(next))) return false
    return isPlainOperand || following === '(' || following === '&'
  }

  /** Whether a comma stands in parentheses, outside of others. */
  private holdsComma(open: number): boolean {
    const { cursor } = this
    for (let at = cursor.after(open); at < cursor.closing(open); at = cursor.after(cursor.endOf(at)))
      if (cursor.word(at) === ',') return true
    return false
  }
}
