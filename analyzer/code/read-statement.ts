import { exact } from '../source/lists.ts'
import type { Span } from '../source/text.ts'
import type { Cursor } from './cursor.ts'
import { BranchReader } from './read-branches.ts'
import { SimpleReader, type Statements } from './read-simple.ts'
import type { ValueReader } from './read-value.ts'
import type { Statement, Value } from './tree.ts'

/** Statements that nest deeper than this are not read: what is in them is unknown. */
const deepest = 150

/** Reads statements. */
export class StatementReader implements Statements {
  private depth = 0
  private readonly branchReader: BranchReader
  private readonly simpleReader: SimpleReader

  constructor(
    private readonly cursor: Cursor,
    private readonly values: ValueReader,
    isCxx: boolean,
    /** The names of variables that were declared so far. */
    variables: Set<string>,
  ) {
    this.branchReader = new BranchReader(cursor)
    this.simpleReader = new SimpleReader(cursor, values, isCxx, variables, this)
  }

  /** All statements up to the cursor's limit. */
  all(): readonly Statement[] {
    const { cursor } = this
    const found: Statement[] = []
    while (cursor.at < cursor.limit) {
      const branches = this.branches()
      if (branches !== null) found.push(branches)
      else if (cursor.peek() >= cursor.limit) break
      else found.push(this.statement())
    }
    return exact(found)
  }

  private branches(which: 'all' | 'with else' = 'all'): Statement | null {
    if (this.isTooDeep()) return null
    this.depth++
    const found = this.branchReader.branches(which, () => this.all())
    this.depth--
    return found
  }

  /** The statement at the cursor, which is not at its limit. */
  statement(): Statement {
    const { cursor } = this
    const first = cursor.peek()
    if (this.isTooDeep()) return this.simpleReader.unknown(first)
    this.depth++
    const found = this.byWord(first, cursor.word(first))
    this.depth--
    return found
  }

  /** The statement that an `if` or a loop does; an empty one where there is none. */
  private body(): Statement {
    const { cursor } = this
    // Where a branch has several statements, those behind the first are read as a part of the body, too.
    const branches = this.branches('with else')
    if (branches !== null) return branches
    if (cursor.peek() < cursor.limit && cursor.next() !== '}') return this.statement()
    const end = cursor.end(cursor.last)
    return { kind: 'expression', value: null, span: { start: end, end } }
  }

  /** From a token to the last one that was taken, or to the `#endif` that a statement in it ends with. */
  private spanOver(first: number, inner: Statement): Span {
    const { start, end } = this.cursor.spanFrom(first)
    return { start, end: Math.max(end, inner.span.end) }
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
        return this.simpleReader.label(first)
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
        return this.simpleReader.simple(first)
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
      const declared = this.simpleReader.declaration()
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
    if (condition === null) return this.simpleReader.unknown(first)
    const then = this.body()
    const otherwise = cursor.accept('else') ? this.body() : null
    return { kind: 'if', condition, then, otherwise, span: this.spanOver(first, otherwise ?? then) }
  }

  private loop(first: number, loop: 'for' | 'while' | 'macro'): Statement {
    const { cursor } = this
    cursor.take()
    const open = cursor.peek()
    const close = cursor.word(open) === '(' ? cursor.closing(open) : -1
    if (close < 0) return this.simpleReader.unknown(first)
    cursor.at = open + 1
    const head = cursor.within(close, () => this.head())
    cursor.at = close
    cursor.take()
    const body = this.body()
    return { kind: 'loop', loop, head, body, span: this.spanOver(first, body) }
  }

  /** What stands in the parentheses of a loop. */
  private head(): Statement[] {
    const { cursor } = this
    const found: Statement[] = []
    while (cursor.peek() < cursor.limit) {
      const first = cursor.peek()
      const declared = this.simpleReader.declaration()
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
    return { kind: 'loop', loop: 'do', head, body, span: this.spanOver(first, body) }
  }

  private choice(first: number): Statement {
    const { cursor } = this
    cursor.take()
    const value = this.condition()
    if (value === null) return this.simpleReader.unknown(first)
    const body = this.body()
    return { kind: 'switch', value, body, span: this.spanOver(first, body) }
  }

  private result(first: number): Statement {
    const { cursor } = this
    cursor.take()
    const value = cursor.next() === ';' ? null : this.values.expression()
    if (!cursor.accept(';') && cursor.peek() < cursor.limit)
      return this.simpleReader.unknown(first, value === null ? [] : [value])
    return { kind: 'return', value, span: cursor.spanFrom(first) }
  }

  private jump(first: number, jump: 'goto' | 'break' | 'continue'): Statement {
    const { cursor } = this
    cursor.take()
    let label = ''
    if (jump === 'goto' && cursor.isIdentifier(cursor.peek())) label = cursor.word(cursor.take())
    if (!cursor.accept(';') && cursor.peek() < cursor.limit) return this.simpleReader.unknown(first)
    return { kind: 'jump', jump, label, span: cursor.spanFrom(first) }
  }

  private handler(first: number, word: 'try' | 'catch'): Statement {
    const { cursor } = this
    cursor.take()
    if (word === 'catch' && cursor.next() === '(' && cursor.closing(cursor.peek()) >= 0) {
      cursor.at = cursor.closing(cursor.peek())
      cursor.take()
    }
    return cursor.next() === '{' ? this.block(cursor.peek(), word, first) : this.simpleReader.unknown(first)
  }

  isTooDeep(): boolean {
    return this.depth > deepest
  }
}
