import type { Cursor } from './cursor.ts'
import { statementMacro } from './read-branches.ts'
import { readDeclaration } from './read-declaration.ts'
import type { ValueReader } from './read-value.ts'
import type { DeclarationStatement, Statement, Value } from './tree.ts'
import { statementBounds, wordSet } from './words.ts'

/** What a simple statement may be followed by. */
export interface Statements {
  statement(): Statement
  /** Whether statements nest so deeply that no more are read. */
  isTooDeep(): boolean
}

/** Words that begin what is not read: declarations of C++ that declare no variable, and assembly. */
const notRead = wordSet('using template namespace static_assert _Static_assert asm __asm__')

/** Reads statements that hold no others: expressions, declarations, labels, macros, and what is not understood. */
export class SimpleReader {
  constructor(
    private readonly cursor: Cursor,
    private readonly values: ValueReader,
    private readonly isCxx: boolean,
    /** The names of variables that were declared so far. */
    private readonly variables: Set<string>,
    private readonly statements: Statements,
  ) {}

  label(first: number): Statement {
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
      if (statementBounds.has(word)) return -1
      if (word === '?') depth++
      else if (word === ':' && depth-- === 0) return at
      else at = cursor.endOf(at)
    }
    return -1
  }

  /** A label, a declaration, an expression, or a macro that stands for statements. */
  simple(first: number): Statement {
    const { cursor } = this
    const second = cursor.after(first)
    if (cursor.isIdentifier(first) && cursor.word(second) === ':') {
      cursor.take()
      cursor.take()
      return { kind: 'label', name: cursor.word(first), value: null, span: cursor.spanFrom(first) }
    }
    if (notRead.has(cursor.word(first))) return this.unknown(first)
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
      return {
        kind: 'loop',
        loop: 'macro',
        head: [head],
        body: this.statements.statement(),
        span: cursor.spanFrom(first),
      }
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

  declaration(): DeclarationStatement | null {
    const { cursor } = this
    const found = readDeclaration(cursor, this.values, (name) => this.variables.has(name), this.isCxx)
    for (const { name } of found?.variables ?? []) this.variables.add(name)
    return found
  }

  /** Up to the end of the statement, by its semicolon or its brackets. @param values what was read of it */
  unknown(first: number, values: Value[] = []): Statement {
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
      const value = this.statements.isTooDeep() ? null : this.values.expression()
      if (value !== null) values.push(value)
      else {
        const close = cursor.closing(token)
        cursor.take()
        if (close >= 0 && this.statements.isTooDeep()) {
          cursor.at = close
          cursor.take()
        }
      }
    }
    return { kind: 'unknown', values, span: cursor.spanFrom(first) }
  }
}
