import { ExpressionParser } from './parse-expression.ts'
import type { Block, Expression, Statement } from './syntax.ts'
import { ScriptError } from './tokens.ts'

/** Blocks in each other, and branches behind each other, that are read. */
export const mostBranches = 100

/** What a pattern of `match` asks, and what it sets. */
export interface Pattern {
  readonly test: Expression
  /** Names that are set to parts of what is matched, and a name that is set to all of it. */
  readonly names: readonly string[]
  readonly whole: string | null
}

const yes: Expression = { kind: 'constant', value: true }

/**
 * Reads `match`, and the words that are only sometimes statements. Source: Python's reference, "The match statement",
 * "The type statement".
 */
export abstract class PatternParser extends ExpressionParser {
  protected abstract block(): Block

  /** Whether a statement that begins with `match` is one: a line that ends in a colon, and a block that begins so. */
  protected isMatch(): boolean {
    let end = this.at + 1
    while (this.tokens[end] !== undefined && this.tokens[end]!.kind !== 'line') end++
    const [before, first, second] = [this.tokens[end - 1], this.tokens[end + 1], this.tokens[end + 2]]
    return end > this.at + 2 && before?.text === ':' && first?.kind === 'indent' && second?.text === 'case'
  }

  /** One pattern, with what `if` asks behind it. @param subject what is matched */
  protected pattern(subject: Expression): Pattern {
    const from = this.at
    for (let depth = 0; depth > 0 || !(this.isSign(':') || this.isWord('if')); this.at++) {
      if (this.token.kind === 'line' || this.token.kind === 'end') throw this.error()
      if (this.token.kind === 'sign')
        depth += /^[([{]$/.test(this.token.text) ? 1 : /^[)\]}]$/.test(this.token.text) ? -1 : 0
    }
    const found = this.read(from, this.at, subject)
    if (!this.take('if')) return found
    const guard = this.expression()
    const isSure = found.test.kind === 'constant'
    return { ...found, test: isSure ? guard : { kind: 'operation', sign: 'and', left: found.test, right: guard } }
  }

  private read(from: number, end: number, subject: Expression): Pattern {
    const tokens = this.tokens.slice(from, end)
    const [first] = tokens
    if (tokens.length === 1 && first!.kind === 'name' && !/^(?:None|True|False)$/.test(first!.text))
      return { test: yes, names: [], whole: first!.text === '_' ? null : first!.text }
    const after = this.at
    this.at = from
    const tests = this.literals(end, subject)
    this.at = after
    if (tests !== null) {
      const test = tests.reduce((left, right) => ({ kind: 'operation', sign: 'or', left, right }))
      return { test, names: [], whole: null }
    }
    const names = tokens.flatMap(({ kind, text }, index) => {
      const [before, behind] = [tokens[index - 1]?.text, tokens[index + 1]?.text]
      const isSet = kind === 'name' && text !== '_' && before !== '.' && !['.', '(', '='].includes(behind ?? '')
      return isSet ? [text] : []
    })
    return { test: { kind: 'other', what: 'match' }, names, whole: null }
  }

  /** Tests for texts, numbers, constants and names with dots, between `|`; null where the pattern is another. */
  private literals(end: number, subject: Expression): Expression[] | null {
    const tests: Expression[] = []
    for (;;) {
      const { kind, text } = this.token
      const isConstant = kind === 'name' && /^(?:None|True|False)$/.test(text)
      const isDotted = kind === 'name' && this.tokens[this.at + 1]?.text === '.'
      if (kind !== 'string' && kind !== 'number' && !isConstant && !isDotted && !this.isSign('-')) return null
      const right = this.operation(7)
      tests.push({ kind: 'operation', sign: isConstant ? 'is' : '==', left: subject, right })
      if (this.at === end) return tests
      if (this.at > end || !this.take('|')) return null
    }
  }

  protected isAtEnd(): boolean {
    return this.token.kind === 'line' || this.token.kind === 'end' || this.isSign(';')
  }

  protected skipLines(): void {
    while (this.token.kind === 'line') this.at++
  }

  protected isAtIndent(): boolean {
    return this.token.kind === 'indent'
  }

  protected enter(): void {
    if (!this.isAtIndent()) throw this.error()
    this.at++
  }

  protected isBlockEnd(): boolean {
    return this.token.kind === 'dedent' || this.token.kind === 'end'
  }

  /** `type Name[T] = ...`, which nothing is built with. */
  protected alias(start: number): Statement {
    this.at++
    const name = this.name()
    while (!this.isAtEnd()) this.at++
    const target: Expression = { kind: 'name', name, start }
    return { kind: 'assign', start, targets: [target], sign: '', value: { kind: 'other', what: `type ${name}` } }
  }

  /** The parameters of a type, `[T: int]`, which say nothing. */
  protected skipTypeParameters(): void {
    if (!this.isSign('[')) return
    let depth = 0
    do {
      depth += this.isSign('[') ? 1 : this.isSign(']') ? -1 : 0
      this.at++
    } while (depth > 0 && this.token.kind !== 'line' && this.token.kind !== 'end')
  }

  private isLineEnd(): boolean {
    return this.token.kind === 'line' || this.token.kind === 'end'
  }

  private skipBlock(): void {
    let depth = 0
    do {
      const { kind } = this.token
      if (kind === 'end') return
      depth += kind === 'indent' ? 1 : kind === 'dedent' ? -1 : 0
      this.at++
    } while (depth > 0)
  }

  /** Leaves out a statement, and the block that belongs to it. */
  protected unread(): Statement {
    const from = this.at
    const { start } = this.token
    while (!this.isLineEnd()) this.at++
    this.skipLines()
    if (this.isAtIndent()) this.skipBlock()
    const tokens = this.tokens.slice(from, this.at)
    const words = tokens.slice(0, 3).map(({ kind, text }) => (kind === 'string' ? `"${text}"` : text))
    const names = tokens.flatMap(({ kind, text }, index) =>
      kind === 'name' && tokens[index - 1]?.text !== '.' ? [text] : [],
    )
    const what = `\`${words.join(' ').trim().slice(0, 60)}\`, which is not understood`
    return { kind: 'unread', start, what, names: [...new Set(names)] }
  }

  /** `match` as branches on a name that no script has. */
  protected matching(start: number): Statement {
    this.at++
    const name = `match ${start}`
    const value = this.expressions()
    this.need(':')
    this.skipLines()
    this.enter()
    const subject: Expression = { kind: 'name', name, start }
    const cases: { start: number; pattern: Pattern; body: Block }[] = []
    while (!this.isBlockEnd()) {
      const { start: at } = this.token
      this.need('case')
      if (cases.length > mostBranches) throw new ScriptError('it has too many branches')
      cases.push({ start: at, pattern: this.pattern(subject), body: this.block() })
      this.skipLines()
    }
    this.at++
    const set = (target: string, to: Expression, at: number): Statement => ({
      kind: 'assign',
      start: at,
      targets: [{ kind: 'name', name: target, start: at }],
      sign: '',
      value: to,
    })
    const branches = cases.reduceRight<Block>((no, { start: at, pattern: { test, names, whole }, body }) => {
      const parts = names.map((each) => set(each, { kind: 'other', what: 'match' }, at))
      const yes = [...parts, ...body]
      const all = whole === null ? [] : [set(whole, subject, at)]
      return [...all, { kind: 'if', start: at, test, yes, no }]
    }, [])
    return { kind: 'with', start, names: [], body: [set(name, value, start), ...branches] }
  }

  protected imported(): { name: string; as: string }[] {
    const found: { name: string; as: string }[] = []
    do {
      const name = this.isSign('*') ? this.tokens[this.at++]!.text : this.dotted()
      found.push({ name, as: this.take('as') ? this.name() : name })
    } while (this.take(',') && !this.isSign(')'))
    return found
  }

  protected importFrom(start: number): Statement {
    const from = this.dotted()
    this.need('import')
    const isBracketed = this.take('(')
    const names = this.imported()
    if (isBracketed) this.need(')')
    return { kind: 'import', start, from, names }
  }
}
