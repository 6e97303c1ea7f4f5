import { ExpressionParser } from '../script/parse-expression.ts'
import type { Argument, Block, Expression, Statement } from '../script/syntax.ts'
import { ScriptError, tokensOf } from '../script/tokens.ts'

/** Blocks in each other, and branches behind each other, that are read. */
const mostBranches = 100

/**
 * Reads a `meson.build` as statements of Python, which do the same.
 * @param text one character per byte
 * @throws ScriptError for what is not understood
 */
export function parseMeson(text: string): Block {
  // Indentation is nothing in Meson.
  const tokens = tokensOf(text).filter(({ kind }) => kind !== 'indent' && kind !== 'dedent')
  return new MesonParser(tokens).script()
}

class MesonParser extends ExpressionParser {
  private blocks = 0

  script(): Block {
    const found = this.block(/^$/)
    if (this.token.kind !== 'end') throw this.error()
    return found
  }

  /** Statements up to a line that begins with a word. */
  private block(end: RegExp): Block {
    if (++this.blocks > mostBranches) throw new ScriptError('it has too many blocks in each other')
    const found: Statement[] = []
    for (;;) {
      while (this.token.kind === 'line') this.at++
      const { kind, text } = this.token
      if (kind === 'end' || (kind === 'name' && end.test(text))) break
      found.push(this.statement())
    }
    this.blocks--
    return found
  }

  private statement(): Statement {
    const { start } = this.token
    if (this.take('if')) return this.branch(start)
    if (this.take('foreach')) return this.loop(start)
    if (this.take('break')) return { kind: 'break', start }
    if (this.take('continue')) return { kind: 'continue', start }
    const target = this.expression()
    if (this.take('=')) return { kind: 'assign', start, targets: [target], sign: '', value: this.expression() }
    if (this.take('+=')) return { kind: 'assign', start, targets: [target], sign: '+', value: this.expression() }
    return { kind: 'expression', start, value: target }
  }

  private branch(start: number): Statement {
    const test = this.expression()
    const yes = this.block(/^(?:elif|else|endif)$/)
    const next = this.token.start
    if (this.take('elif')) {
      if (++this.blocks > mostBranches) throw new ScriptError('it has too many branches')
      const others = [this.branch(next)]
      this.blocks--
      return { kind: 'if', start, test, yes, no: others }
    }
    const no = this.take('else') ? this.block(/^endif$/) : []
    this.need('endif')
    return { kind: 'if', start, test, yes, no }
  }

  private loop(start: number): Statement {
    const target = this.targets()
    this.need(':')
    const all = this.expression()
    const body = this.block(/^endforeach$/)
    this.need('endforeach')
    // Two names are for the keys and values of a table.
    const of: Expression =
      target.kind === 'list'
        ? { kind: 'call', called: { kind: 'attribute', of: all, name: 'items' }, args: [], start }
        : all
    return { kind: 'for', start, target, of, body, no: [] }
  }

  protected override isFor(): boolean {
    return false
  }

  protected override choice(): Expression {
    const test = this.operation(0)
    if (!this.take('?')) return test
    const yes = this.expression()
    this.need(':')
    return { kind: 'choice', test, yes, no: this.expression() }
  }

  /** Arguments with names have a colon. */
  protected override arguments(): Argument[] {
    const args: Argument[] = []
    const skip = (): void => {
      while (this.token.kind === 'line') this.at++
    }
    for (skip(); !this.take(')'); skip()) {
      const isNamed = this.token.kind === 'name' && this.tokens[this.at + 1]?.text === ':'
      const name = isNamed ? this.name() : null
      if (isNamed) this.need(':')
      args.push({ name, stars: name === 'kwargs' ? '**' : '', value: this.expression() })
      if (!this.take(',') && !this.isSign(')')) throw this.error()
    }
    return args.map((each) => (each.stars === '**' ? { ...each, name: null } : each))
  }
}
