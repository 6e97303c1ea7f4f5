import { Kind } from '../preprocess/scanner.ts'
import type { Span } from '../source/text.ts'
import type { Cursor } from './cursor.ts'
import type { CastValue, Entry, FunctionCode, Statement, TypeValue, UnknownValue, Value } from './tree.ts'
import { beginsType, endOfTemplate, qualifiedName, typeWords } from './types.ts'

/** What expressions hold that is not an expression. */
export interface Nested {
  /** The statements between two braces. @param open the token of the first */
  statements(cursor: Cursor, open: number, close: number): readonly Statement[]
  /** A lambda, from its `[`, which is taken; null where there is none. */
  lambda(cursor: Cursor): FunctionCode | null
  /** What is between the braces of an initialiser. @param open the token of the first */
  initialiser(cursor: Cursor, open: number): readonly Entry[] | null
  /** Whether a name is a variable where it stands, and so no type. */
  isVariable(name: string): boolean
  /** Whether a name is known to be a type. */
  isType(name: string): boolean
  /** Whether a name is known to be a function. */
  isFunction(name: string): boolean
  /** Whether it is C++. */
  readonly isCxx: boolean
}

/** Brackets that nest deeper than this are not read: what is in them is unknown. */
const deepest = 150

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
  '||': 4,
  or: 4,
  '&&': 5,
  and: 5,
  '|': 6,
  '^': 7,
  '&': 8,
  '==': 9,
  '!=': 9,
  '<': 10,
  '>': 10,
  '<=': 10,
  '>=': 10,
  '<<': 11,
  '>>': 11,
  '+': 12,
  '-': 12,
  '*': 13,
  '/': 13,
  '%': 13,
  '.*': 14,
  '->*': 14,
}
const comma = 1
const assignment = 2
const conditional = 3
const isAssignment = (operator: string): boolean => binary[operator] === assignment

const keywords = new RegExp(
  '^(?:if|else|for|while|do|switch|case|default|return|goto|break|continue|typedef|static|extern|using|namespace|' +
    'template|try|catch)$',
)

/** Reads expressions. */
export class ValueReader {
  private depth = 0

  constructor(
    private readonly cursor: Cursor,
    private readonly nested: Nested,
  ) {}

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
    return found.length === 1 && found[0]!.kind === 'type' && found[0].type === 'void' ? [] : found
  }

  /** One operand up to the limit: a type where it can be nothing else, statements where a semicolon is in it. */
  private operand(): Value {
    const { cursor } = this
    const first = cursor.peek()
    if (!this.nested.isCxx && this.holdsStatements(first)) {
      const body = this.nested.statements(cursor, first - 1, cursor.limit)
      while (cursor.peek() < cursor.limit) cursor.take()
      return { kind: 'code', lambda: null, body, span: cursor.spanFrom(first) }
    }
    return this.typeOnly() ?? this.whole(() => this.assignment())
  }

  /** Whether a semicolon stands up to the limit, outside of parentheses. */
  private holdsStatements(first: number): boolean {
    const { cursor } = this
    for (let at = first; at < cursor.limit; at = cursor.after(at)) {
      const word = cursor.word(at)
      if (word === ';') return true
      if (/^[([]$/.test(word)) at = Math.max(cursor.closing(at), at)
    }
    return false
  }

  /** The token of the comma behind the next operand, or the closing parenthesis. */
  private endOfOperand(close: number): number {
    const { cursor } = this
    for (let at = cursor.peek(); at < close; at = cursor.after(at)) {
      const word = cursor.word(at)
      if (word === ',') return at
      if (/^[([{]$/.test(word)) at = Math.max(cursor.closing(at), at)
      else if (word === '<') at = Math.max(this.templateBefore(at), at)
    }
    return close
  }

  /** The end of template arguments with commas in them, as far as they can be nothing else; -1 for none. */
  private templateBefore(open: number): number {
    if (!this.nested.isCxx) return -1
    const close = endOfTemplate(this.cursor, open)
    return close >= 0 && /^(?:::|\(|\{)$/.test(this.cursor.word(this.cursor.after(close))) ? close : -1
  }

  /** What is up to the limit as a type, where it can be nothing else: `struct spam *`, `int`. */
  private typeOnly(): TypeValue | null {
    const { cursor } = this
    const first = cursor.peek()
    const words = typeWords(cursor, first)
    if (words === null) return null
    let at = cursor.after(words.last)
    let stars = ''
    for (; /^(?:\*|const|&|&&)$/.test(cursor.word(at)); at = cursor.after(at)) if (cursor.word(at) === '*') stars += '*'
    if (at < cursor.limit || (!words.isCertain && stars === '')) return null
    while (cursor.peek() < cursor.limit) cursor.take()
    return { kind: 'type', type: words.type + stars, span: cursor.spanFrom(first) }
  }

  /** Operators of at least a precedence, with their operands. */
  private operators(least: number): Value | null {
    const { cursor } = this
    const first = cursor.peek()
    let left = this.prefix()
    if (left === null) return null
    for (;;) {
      const operator = this.operatorAhead()
      const precedence = binary[operator]
      if (precedence === undefined || precedence < least) return left
      const before = cursor.mark()
      this.takeOperator(operator)
      const right: Value | null =
        precedence === conditional ? this.conditionalFrom(first, left) : this.rightOf(precedence, operator)
      if (right === null) {
        // `a *` at the end of what is read: the operator stays.
        cursor.reset(before)
        return left
      }
      left = precedence === conditional ? right : this.joined(first, operator, left, right)
    }
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

  private rightOf(precedence: number, operator: string): Value | null {
    if (operator === '=' && this.cursor.next() === '{') return this.braces()
    return this.operators(isAssignment(operator) ? assignment : precedence + 1)
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

  /** An operand with what stands before and behind it. */
  private prefix(): Value | null {
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
    if (/^(?:[&*!~+-]|&&|\+\+|--|not|compl|throw|co_await|__extension__)$/.test(word)) {
      cursor.take()
      const operand = this.prefix()
      if (operand === null && word === 'throw') return { kind: 'unknown', values: [], span: cursor.spanFrom(first) }
      return operand === null
        ? null
        : word === '__extension__'
          ? operand
          : { kind: 'unary', operator: word, operand, span: cursor.spanFrom(first) }
    }
    if (/^(?:sizeof|_?_?alignof_?_?|_Alignof|typeid|decltype|__typeof__)$/.test(word)) return this.sizeof(first)
    if (word === 'delete') {
      cursor.take()
      if (cursor.accept('[') && !cursor.accept(']')) return null
      const operand = this.prefix()
      return operand === null ? null : { kind: 'unary', operator: 'delete', operand, span: cursor.spanFrom(first) }
    }
    if (word === 'new' && this.nested.isCxx) return this.allocation(first)
    if (word === '(') {
      const cast = this.cast(first)
      if (cast !== null) return cast
    }
    const operand = this.primary(first)
    return operand === null ? null : this.postfix(first, operand)
  }

  /** `sizeof x`, `sizeof(T)` */
  private sizeof(first: number): Value | null {
    const { cursor } = this
    const operator = cursor.word(cursor.take())
    const open = cursor.peek()
    const close = cursor.word(open) === '(' ? cursor.closing(open) : -1
    if (close < 0) {
      const operand = this.prefix()
      return operand === null ? null : { kind: 'unary', operator, operand, span: cursor.spanFrom(first) }
    }
    cursor.take()
    const inner = cursor.within(close, () => this.typeOrValue())
    cursor.at = close
    cursor.take()
    return { kind: 'unary', operator, operand: inner, span: cursor.spanFrom(first) }
  }

  /** What stands in `sizeof(...)`: a name that is not known as a variable may be a type. */
  private typeOrValue(): Value {
    const { cursor } = this
    const first = cursor.peek()
    const word = cursor.word(first)
    if (cursor.isIdentifier(first) && cursor.after(first) >= cursor.limit && !this.nested.isVariable(word)) {
      cursor.take()
      const span = cursor.spanFrom(first)
      return this.nested.isType(word)
        ? { kind: 'type', type: word, span }
        : { kind: 'name', name: word, scope: '', span }
    }
    return this.operand()
  }

  /** `new T(x)`, `new (place) T[n]` */
  private allocation(first: number): Value | null {
    const { cursor } = this
    cursor.take()
    const open = cursor.peek()
    const place =
      cursor.word(open) === '(' && cursor.closing(open) >= 0 ? this.operands(open, cursor.closing(open)) : []
    const start = cursor.peek()
    const words = typeWords(cursor, start)
    if (words === null) return null
    cursor.at = words.last
    cursor.take()
    let stars = ''
    while (cursor.accept('*')) stars += '*'
    const type: TypeValue = { kind: 'type', type: words.type + stars, span: cursor.spanFrom(start) }
    const made = this.postfix(start, type)
    const operand: Value =
      place.length === 0 ? made : { kind: 'unknown', values: [...place, made], span: cursor.spanFrom(open) }
    return { kind: 'unary', operator: 'new', operand, span: cursor.spanFrom(first) }
  }

  private primary(first: number): Value | null {
    const { cursor } = this
    const word = cursor.word(first)
    const kind = cursor.kind(first)
    if (kind === Kind.number || kind === Kind.character || kind === Kind.string) return this.literal(first, kind)
    if (kind === Kind.identifier) return keywords.test(word) ? null : this.name(first, word)
    if (word === '::' && cursor.isIdentifier(cursor.after(first))) {
      cursor.take()
      return this.name(cursor.peek(), cursor.next())
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

  /** Strings that follow each other are one, with macros among them: `"%" PRIu64 "\n"`. */
  private literal(first: number, kind: number): Value {
    const { cursor } = this
    cursor.take()
    const literal = kind === Kind.number ? 'number' : kind === Kind.string ? 'string' : 'character'
    if (literal === 'string') this.moreStrings()
    const span = cursor.spanFrom(first)
    return { kind: 'literal', literal, text: cursor.outline.text.slice(span.start, span.end), span }
  }

  /** Takes strings that follow, and the macros for strings between and behind them. */
  private moreStrings(): void {
    const { cursor } = this
    for (;;) {
      const next = cursor.peek()
      const isString = cursor.kind(next) === Kind.string
      const behind = cursor.after(next)
      const isMacro =
        cursor.isIdentifier(next) &&
        !keywords.test(cursor.word(next)) &&
        (cursor.kind(behind) === Kind.string || /^[,);]?$/.test(cursor.word(behind)))
      if (!isString && !isMacro) return
      cursor.take()
    }
  }

  private name(first: number, word: string): Value | null {
    const { cursor } = this
    if (cursor.kind(cursor.after(first)) === Kind.string && !beginsType(word)) {
      cursor.take()
      return this.literal(first, Kind.string)
    }
    if (/^(?:static|reinterpret|const|dynamic|bit)_cast$/.test(word)) {
      const named = this.namedCast(first)
      if (named !== null) return named
    }
    if (beginsType(word)) {
      // `int(x)`, or a type where a value should be.
      const words = typeWords(cursor, first)
      if (words === null) return null
      cursor.at = words.last
      cursor.take()
      return { kind: 'type', type: words.type, span: cursor.spanFrom(first) }
    }
    if (!this.nested.isCxx) {
      cursor.take()
      return { kind: 'name', name: word, scope: '', span: cursor.spanFrom(first) }
    }
    const { name, last } = qualifiedName(cursor, first)
    const { tokens, text } = cursor.outline
    const written = text.slice(tokens.start[first], tokens.end[last]).replace(/\s+/g, '')
    cursor.at = last
    cursor.take()
    const scope = /^(.*)::[^:]*$/.exec(written.replace(/<.*>$/, ''))?.[1] ?? ''
    return { kind: 'name', name, scope, span: cursor.spanFrom(first) }
  }

  /** `static_cast<T *>(x)` */
  private namedCast(first: number): CastValue | null {
    const { cursor } = this
    const less = cursor.after(first)
    const greater = cursor.word(less) === '<' ? endOfTemplate(cursor, less) : -1
    const open = greater < 0 ? -1 : cursor.after(greater)
    const close = open >= 0 && cursor.word(open) === '(' ? cursor.closing(open) : -1
    if (close < 0) return null
    const type = this.typeText(cursor.after(less), greater)
    cursor.at = open + 1
    const operand = cursor.within(close, () => this.whole(() => this.expression()))
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
      if (/^(?:const|volatile|&|&&|typename|restrict|__restrict)$/.test(word)) continue
      type += /\w$/.test(type) && /^\w/.test(word) ? ` ${word}` : word
    }
    return type
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
    const inner = cursor.within(close, () => this.typeOnly() ?? this.whole(() => this.expression()))
    cursor.at = close
    cursor.take()
    return { kind: 'group', inner, span: cursor.spanFrom(first) }
  }

  private braces(): Value {
    const { cursor } = this
    const open = cursor.take()
    const close = cursor.closing(open)
    if (close < 0) return { kind: 'unknown', values: [], span: cursor.spanFrom(open) }
    const entries = this.nested.initialiser(cursor, open)
    cursor.at = close
    cursor.take()
    return { kind: 'braces', entries, span: cursor.spanFrom(open) }
  }

  /** Calls, fields, items and `++` behind an operand. */
  private postfix(first: number, operand: Value): Value {
    const { cursor } = this
    let value = operand
    for (;;) {
      const token = cursor.peek()
      const word = cursor.word(token)
      const next = this.postfixed(first, value, token, word)
      if (next === null) return value
      value = next
    }
  }

  private postfixed(first: number, value: Value, token: number, word: string): Value | null {
    const { cursor } = this
    if (word === '(') {
      const close = cursor.closing(token)
      if (close < 0) return null
      const operands = this.operands(token, close)
      const span = cursor.spanFrom(first)
      return { kind: 'call', callee: value, operands, open: cursor.start(token), close: cursor.start(close), span }
    }
    if (word === '[') {
      const close = cursor.closing(token)
      if (close < 0) return null
      cursor.take()
      const index = cursor.within(close, () => this.whole(() => this.expression()))
      cursor.at = close
      cursor.take()
      return { kind: 'index', object: value, index, span: cursor.spanFrom(first) }
    }
    if (word === '.' || word === '->') {
      let name = cursor.after(token)
      if (cursor.word(name) === 'template') name = cursor.after(name)
      if (!cursor.isIdentifier(name)) return null
      cursor.at = name
      cursor.take()
      return {
        kind: 'member',
        object: value,
        name: cursor.word(name),
        arrow: word === '->',
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
    return close >= 0 && /^(?:[;,).\]]|->|)$/.test(cursor.word(cursor.after(close)))
  }

  /** `(T *)x`, `(T){...}`; null where the parenthesis is none of a cast. */
  private cast(first: number): Value | null {
    const { cursor } = this
    const close = cursor.closing(first)
    if (close < 0 || !this.isCast(first, close)) return null
    const type = this.typeText(cursor.after(first), close)
    cursor.at = close
    cursor.take()
    const isLiteral = cursor.next() === '{'
    const operand = isLiteral ? this.braces() : this.prefix()
    if (operand === null) return null
    const value: Value = { kind: 'cast', type, operand, span: cursor.spanFrom(first) }
    return isLiteral ? this.postfix(first, value) : value
  }

  /** Whether parentheses hold nothing but a type, and a value follows them. */
  private isCast(open: number, close: number): boolean {
    const { cursor, nested } = this
    const next = cursor.after(close)
    const following = cursor.word(next)
    const isPlainOperand =
      (cursor.isIdentifier(next) && !/^(?:or|and|xor|not_eq)$/.test(following)) ||
      (cursor.kind(next) !== Kind.punctuation && cursor.kind(next) !== 0) ||
      /^(?:[!~{]|::)$/.test(following)
    if (!isPlainOperand && !/^(?:[(&*+-]|\+\+|--|\[)$/.test(following)) return false
    const words = typeWords(cursor, cursor.after(open))
    if (words === null) return false
    let at = cursor.after(words.last)
    let stars = 0
    for (; /^(?:\*|&|&&|const|volatile|restrict|__restrict)$/.test(cursor.word(at)); at = cursor.after(at)) stars++
    // `(void (*)(void *))`, `(char (*)[4])`
    if (cursor.word(at) === '(' && /^[*^]$/.test(cursor.word(cursor.after(at)))) {
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
    if (stars > 0) return following !== ')' && (isPlainOperand || /^[(&*+-]/.test(following))
    // A single name: what follows tells, where it can only follow a type.
    if (following === '(' && nested.isFunction(words.type)) return false
    return isPlainOperand || following === '(' || following === '&'
  }
}
