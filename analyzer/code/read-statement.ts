import type { Cursor } from './cursor.ts'
import { readDeclaration } from './read-declaration.ts'
import type { ValueReader } from './read-value.ts'
import type { BranchesStatement, DeclarationStatement, Statement, Value } from './tree.ts'

/** Statements that nest deeper than this are not read: what is in them is unknown. */
const deepest = 150

/** Macros that are written as statements without a semicolon, as far as their names tell. */
const statementMacro = /^(?:[A-Z][A-Z0-9_]+|_?Py(?:_|[A-Z][a-z]+_)(?:BEGIN|END|BLOCK|UNBLOCK|RETURN|TRASHCAN)\w*)$/

/** Reads statements. */
export class StatementReader {
  private depth = 0

  constructor(
    private readonly cursor: Cursor,
    private readonly values: ValueReader,
    private readonly isCxx: boolean,
    /** The names of variables that were declared so far. */
    private readonly variables: Set<string>,
  ) {}

  /** All statements up to the cursor's limit. */
  all(): Statement[] {
    const { cursor } = this
    const found: Statement[] = []
    while (cursor.at < cursor.limit) {
      const branches = this.branches()
      if (branches !== null) found.push(branches)
      else if (cursor.peek() >= cursor.limit) break
      else found.push(this.statement())
    }
    return found
  }

  /** `#if` to `#endif` at the cursor, where each branch holds whole statements; null for anything else. */
  private branches(): BranchesStatement | null {
    const { cursor } = this
    const { tokens } = cursor.outline
    const { kinds, next } = cursor.conditionals
    // Directives that are no conditions stand between statements.
    let at = cursor.at
    while (at < cursor.limit && tokens.directive[at]! >= 0 && kinds[tokens.directive[at]!] === 'other')
      at = tokens.directives[tokens.directive[at]!]!.endToken
    const first = at < cursor.limit ? tokens.directive[at]! : -1
    if (first < 0 || kinds[first] !== 'if' || this.depth > deepest) return null
    const group = [first]
    for (let each = next[first]!; each >= 0; each = next[each]!) group.push(each)
    const last = tokens.directives[group.at(-1)!]!
    if (kinds[group.at(-1)!] !== 'endif' || last.firstToken >= cursor.limit) return null
    const ranges = group.slice(0, -1).map((directive, index) => ({
      start: tokens.directives[directive]!.end,
      from: tokens.directives[directive]!.endToken,
      to: tokens.directives[group[index + 1]!]!.firstToken,
    }))
    if (!ranges.every(({ from, to }) => this.isWhole(from, to))) return null
    this.depth++
    const branches = ranges.map(({ start, from, to }) => {
      cursor.at = from
      return { start, statements: cursor.within(to, () => this.all()) }
    })
    this.depth--
    cursor.at = last.endToken
    const span = { start: tokens.directives[first]!.start, end: last.end }
    const hasElse = group.some((directive) => cursor.word(tokens.directives[directive]!.firstToken) === 'else')
    return { kind: 'branches', branches, hasElse, span }
  }

  /** Whether tokens are whole statements: their brackets pair among them, and a statement ends where they do. */
  private isWhole(from: number, to: number): boolean {
    const { cursor } = this
    return cursor.within(to, () => {
      let last = -1
      const first = cursor.codeFrom(from)
      if (first < to && /^(?:else|while|catch|[;,)\]}.?:]|->|&&|\|\|)$/.test(cursor.word(first)) && !this.isLoop(first))
        return false
      for (let at = first; at < to; at = cursor.after(at)) {
        const word = cursor.word(at)
        last = at
        if (/^[)\]}]$/.test(word)) return false
        if (!/^[([{]$/.test(word)) continue
        const close = cursor.closing(at)
        if (close < 0) return false
        last = at = close
      }
      if (last < 0 || /^[;}:]$/.test(cursor.word(last))) return last < 0 || !this.endsInHead(first, last)
      return this.isMacroAlone(first, to)
    })
  }

  /** Whether a `while` begins a loop of its own rather than ending a `do`. */
  private isLoop(first: number): boolean {
    const { cursor } = this
    if (cursor.word(first) !== 'while') return false
    const close = cursor.closing(cursor.after(first))
    return close >= 0 && cursor.word(cursor.after(close)) !== ';'
  }

  /** Whether what ends with a brace is followed by an `else` outside: the `if` goes on behind the condition. */
  private endsInHead(first: number, last: number): boolean {
    const { cursor } = this
    if (cursor.word(last) !== '}') return false
    const { tokens } = cursor.outline
    let behind = last + 1
    while (behind < tokens.count && tokens.directive[behind] !== tokens.directive[first]) behind++
    const { text } = cursor.outline
    return text.slice(tokens.start[behind], tokens.end[behind]) === 'else'
  }

  /** Whether tokens are nothing but macros that stand for statements. */
  private isMacroAlone(first: number, to: number): boolean {
    const { cursor } = this
    let at = first
    while (at < to) {
      if (!statementMacro.test(cursor.word(at))) return false
      at = cursor.after(at)
      if (cursor.word(at) === '(' && cursor.closing(at) >= 0) at = cursor.after(cursor.closing(at))
      if (cursor.word(at) === ';') at = cursor.after(at)
    }
    return true
  }

  /** The statement at the cursor, which is not at its limit. */
  statement(): Statement {
    const { cursor } = this
    const first = cursor.peek()
    if (this.depth > deepest) return this.unknown(first)
    this.depth++
    const found = this.byWord(first, cursor.word(first))
    this.depth--
    return found
  }

  /** The statement that an `if` or a loop does; an empty one where there is none. */
  private body(): Statement {
    const { cursor } = this
    if (cursor.peek() < cursor.limit && cursor.next() !== '}') return this.statement()
    const end = cursor.end(cursor.last)
    return { kind: 'expression', value: null, span: { start: end, end } }
  }

  private byWord(first: number, word: string): Statement {
    const { cursor } = this
    switch (word) {
      case '{':
        return this.block(first, 'plain')
      case ';':
        cursor.take()
        return { kind: 'expression', value: null, span: cursor.spanFrom(first) }
      case 'if':
        return this.conditional(first)
      case 'while':
      case 'for':
        return this.loop(first, word)
      case 'do':
        return this.doLoop(first)
      case 'switch':
        return this.choice(first)
      case 'return':
      case 'co_return':
        return this.result(first)
      case 'goto':
      case 'break':
      case 'continue':
        return this.jump(first, word)
      case 'case':
      case 'default':
        return this.label(first)
      case 'try':
      case 'catch':
        return this.handler(first, word)
      case 'else':
      case '}':
      case ')':
      case ']':
        // It belongs to what a condition hides.
        cursor.take()
        return { kind: 'unknown', values: [], span: cursor.spanFrom(first) }
      default:
        return this.simple(first)
    }
  }

  private block(open: number, block: 'plain' | 'try' | 'catch', first = open): Statement {
    const { cursor } = this
    const close = cursor.closing(open)
    if (close < 0) {
      cursor.take()
      return { kind: 'unknown', values: [], span: cursor.spanFrom(first) }
    }
    cursor.at = open + 1
    const statements = cursor.within(close, () => this.all())
    cursor.at = close
    cursor.take()
    return { kind: 'block', block, statements, span: cursor.spanFrom(first) }
  }

  /** The value between parentheses that follow; null where there are none. */
  private condition(): Value | null {
    const { cursor } = this
    const open = cursor.peek()
    const close = cursor.word(open) === '(' ? cursor.closing(open) : -1
    if (close < 0) return null
    cursor.at = open + 1
    const value = cursor.within(close, () => {
      // `if (T *x = f())`
      const before = cursor.mark()
      const declared = this.declaration()
      const [variable] = declared?.variables ?? []
      if (variable?.initialiser && cursor.peek() >= cursor.limit) return variable.initialiser
      cursor.reset(before)
      return this.values.whole(() => this.values.expression())
    })
    cursor.at = close
    cursor.take()
    return value
  }

  private conditional(first: number): Statement {
    const { cursor } = this
    cursor.take()
    if (cursor.next() === 'constexpr') cursor.take()
    const condition = this.condition()
    if (condition === null) return this.unknown(first)
    const then = this.body()
    const otherwise = cursor.accept('else') ? this.body() : null
    return { kind: 'if', condition, then, otherwise, span: cursor.spanFrom(first) }
  }

  private loop(first: number, loop: 'for' | 'while' | 'macro'): Statement {
    const { cursor } = this
    cursor.take()
    const open = cursor.peek()
    const close = cursor.word(open) === '(' ? cursor.closing(open) : -1
    if (close < 0) return this.unknown(first)
    cursor.at = open + 1
    const head = cursor.within(close, () => this.head())
    cursor.at = close
    cursor.take()
    const body = this.body()
    return { kind: 'loop', loop, head, body, span: cursor.spanFrom(first) }
  }

  /** What stands in the parentheses of a loop. */
  private head(): Statement[] {
    const { cursor } = this
    const found: Statement[] = []
    while (cursor.peek() < cursor.limit) {
      const first = cursor.peek()
      const declared = this.declaration()
      if (declared !== null) {
        found.push(declared)
        cursor.accept(':')
        continue
      }
      const value = this.values.expression()
      if (value === null && cursor.next() !== ';') cursor.take()
      cursor.accept(';')
      if (value !== null) found.push({ kind: 'expression', value, span: cursor.spanFrom(first) })
    }
    return found
  }

  private doLoop(first: number): Statement {
    const { cursor } = this
    cursor.take()
    const body = this.body()
    const head: Statement[] = []
    const start = cursor.peek()
    if (cursor.accept('while')) {
      const value = this.condition()
      if (value !== null) head.push({ kind: 'expression', value, span: cursor.spanFrom(start) })
      cursor.accept(';')
    }
    return { kind: 'loop', loop: 'do', head, body, span: cursor.spanFrom(first) }
  }

  private choice(first: number): Statement {
    const { cursor } = this
    cursor.take()
    const value = this.condition()
    if (value === null) return this.unknown(first)
    return { kind: 'switch', value, body: this.body(), span: cursor.spanFrom(first) }
  }

  private result(first: number): Statement {
    const { cursor } = this
    cursor.take()
    const value = cursor.next() === ';' ? null : this.values.expression()
    if (!cursor.accept(';') && cursor.peek() < cursor.limit) return this.unknown(first, value === null ? [] : [value])
    return { kind: 'return', value, span: cursor.spanFrom(first) }
  }

  private jump(first: number, jump: 'goto' | 'break' | 'continue'): Statement {
    const { cursor } = this
    cursor.take()
    let label = ''
    if (jump === 'goto' && cursor.isIdentifier(cursor.peek())) label = cursor.word(cursor.take())
    if (!cursor.accept(';') && cursor.peek() < cursor.limit) return this.unknown(first)
    return { kind: 'jump', jump, label, span: cursor.spanFrom(first) }
  }

  private label(first: number): Statement {
    const { cursor } = this
    const name = cursor.word(cursor.take())
    const colon = this.colonAhead()
    if (colon < 0) return this.unknown(first)
    const value = name === 'case' ? cursor.within(colon, () => this.values.whole(() => this.values.expression())) : null
    cursor.at = colon
    cursor.take()
    return { kind: 'label', name, value, span: cursor.spanFrom(first) }
  }

  private colonAhead(): number {
    const { cursor } = this
    let depth = 0
    for (let at = cursor.peek(); at < cursor.limit; at = cursor.after(at)) {
      const word = cursor.word(at)
      if (/^[([]$/.test(word)) at = Math.max(cursor.closing(at), at)
      else if (word === '?') depth++
      else if (word === ':' && depth-- === 0) return at
      else if (/^[;{}]$/.test(word)) return -1
    }
    return -1
  }

  private handler(first: number, word: 'try' | 'catch'): Statement {
    const { cursor } = this
    cursor.take()
    if (word === 'catch' && cursor.next() === '(' && cursor.closing(cursor.peek()) >= 0) {
      cursor.at = cursor.closing(cursor.peek())
      cursor.take()
    }
    return cursor.next() === '{' ? this.block(cursor.peek(), word, first) : this.unknown(first)
  }

  /** A label, a declaration, an expression, or a macro that stands for statements. */
  private simple(first: number): Statement {
    const { cursor } = this
    const second = cursor.after(first)
    if (cursor.isIdentifier(first) && cursor.word(second) === ':') {
      cursor.take()
      cursor.take()
      return { kind: 'label', name: cursor.word(first), value: null, span: cursor.spanFrom(first) }
    }
    if (/^(?:using|template|namespace|static_assert|_Static_assert|asm|__asm__)$/.test(cursor.word(first)))
      return this.unknown(first)
    const alone = this.macroAlone(first, second)
    if (alone !== null) return alone
    const declared = this.declaration()
    if (declared !== null) return declared
    const value = this.values.expression()
    if (value === null) return this.unknown(first)
    if (cursor.accept(';') || cursor.peek() >= cursor.limit)
      return { kind: 'expression', value, span: cursor.spanFrom(first) }
    if (value.kind === 'call' && cursor.next() === '{' && cursor.closing(cursor.peek()) >= 0) {
      const head: Statement = { kind: 'expression', value, span: value.span }
      return { kind: 'loop', loop: 'macro', head: [head], body: this.statement(), span: cursor.spanFrom(first) }
    }
    // A macro with its own semicolon, or one that nothing has to follow.
    if ((value.kind === 'call' || value.kind === 'name') && this.isLineEnd(cursor.last))
      return { kind: 'expression', value, span: cursor.spanFrom(first) }
    return this.unknown(first, [value])
  }

  /** `Py_BEGIN_ALLOW_THREADS` on a line of its own. */
  private macroAlone(first: number, second: number): Statement | null {
    const { cursor } = this
    if (!statementMacro.test(cursor.word(first)) || !cursor.isIdentifier(first)) return null
    if (second < cursor.limit && !this.isLineEnd(first)) return null
    if (/^[-+*/%&|^=<>,.?)\]([]/.test(cursor.word(second))) return null
    const { start, end } = { start: cursor.start(first), end: cursor.end(first) }
    cursor.take()
    cursor.accept(';')
    const value: Value = { kind: 'name', name: cursor.word(first), scope: '', span: { start, end } }
    return { kind: 'expression', value, span: cursor.spanFrom(first) }
  }

  private isLineEnd(token: number): boolean {
    const { cursor } = this
    const next = cursor.after(token)
    return cursor.outline.text.slice(cursor.end(token), cursor.start(next)).includes('\n')
  }

  private declaration(): DeclarationStatement | null {
    const { cursor } = this
    const found = readDeclaration(cursor, this.values, (name) => this.variables.has(name), this.isCxx)
    for (const { name } of found?.variables ?? []) this.variables.add(name)
    return found
  }

  /** Up to the end of the statement, by its semicolon or its brackets. @param values what was read of it */
  private unknown(first: number, values: Value[] = []): Statement {
    const { cursor } = this
    if (cursor.at <= first) cursor.take()
    while (cursor.peek() < cursor.limit) {
      const token = cursor.peek()
      const word = cursor.word(token)
      if (word === ';') {
        cursor.take()
        break
      }
      if (word === '}' || (word === '{' && token !== first)) break
      const value = this.depth > deepest ? null : this.values.expression()
      if (value !== null) values.push(value)
      else {
        const close = cursor.closing(token)
        cursor.take()
        if (close >= 0 && this.depth > deepest) {
          cursor.at = close
          cursor.take()
        }
      }
    }
    return { kind: 'unknown', values, span: cursor.spanFrom(first) }
  }
}
