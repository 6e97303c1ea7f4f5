import type { Expression, Parameter } from './syntax.ts'
import { ScriptError, type Token } from './tokens.ts'

/** Takes tokens one after the other. */
export abstract class TokenReader {
  protected at = 0

  constructor(protected readonly tokens: readonly Token[]) {}

  abstract expression(): Expression

  protected get token(): Token {
    return this.tokens[this.at]!
  }

  protected isSign(text: string): boolean {
    return this.token.kind === 'sign' && this.token.text === text
  }

  protected isWord(text: string): boolean {
    return this.token.kind === 'name' && this.token.text === text
  }

  protected take(text: string): boolean {
    if (!this.isSign(text) && !this.isWord(text)) return false
    this.at++
    return true
  }

  protected need(text: string): void {
    if (!this.take(text)) throw this.error()
  }

  protected error(): ScriptError {
    return new ScriptError(`\`${this.token.text || this.token.kind}\` is not understood`)
  }

  protected name(): string {
    if (this.token.kind !== 'name') throw this.error()
    return this.tokens[this.at++]!.text
  }

  /** The parameters of a function, up to the sign behind them. */
  protected parameters(close: string): Parameter[] {
    const found: Parameter[] = []
    while (!this.take(close)) {
      const stars = this.take('**') ? '**' : this.take('*') ? '*' : ''
      if (!this.take('/') && !(stars === '*' && this.isSign(','))) {
        const name = this.name()
        if (close !== ':' && this.take(':')) this.expression()
        found.push({ name, stars, initial: this.take('=') ? this.expression() : null })
      }
      if (!this.take(',') && !this.isSign(close)) throw this.error()
    }
    return found
  }

  protected dotted(): string {
    let name = ''
    while (this.isSign('.') || this.isSign('...')) name += this.tokens[this.at++]!.text
    if (this.token.kind === 'name' && !this.isWord('import')) name += this.name()
    while (this.take('.')) name += `.${this.name()}`
    return name
  }

  protected operator(among: readonly string[]): string | null {
    const { kind, text } = this.token
    if ((kind !== 'sign' && kind !== 'name') || !among.includes(text)) return null
    if (text === 'not' && this.tokens[this.at + 1]?.text !== 'in') return null
    this.at++
    if (text === 'not') {
      this.need('in')
      return 'not in'
    }
    return text === 'is' && this.take('not') ? 'is not' : text
  }

  protected endsHere(): boolean {
    return this.token.kind === 'line' || this.token.kind === 'end' || /^(?:[)\]}:=]|[-+*/%&|^]=)$/.test(this.token.text)
  }

  protected isFor(): boolean {
    return this.isWord('for') || (this.isWord('async') && this.tokens[this.at + 1]?.text === 'for')
  }
}
