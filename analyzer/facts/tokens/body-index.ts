import type { MacroDefinition } from '../../preprocess/directives.ts'
import { directiveOf, type Tokens } from '../../preprocess/scanner.ts'
import type { TokenIndex } from '../../source/text.ts'

/** A token of a directive that is no part of a macro's body. */
export const hidden = -2

/** Which macro's body a token is in. */
export class BodyIndex {
  /** Of each directive the index of its macro, or `hidden`, and the first token of the body. */
  private readonly macros: Int32Array
  private readonly firsts: Int32Array

  constructor(
    private readonly tokens: Tokens,
    macros: readonly MacroDefinition[],
  ) {
    this.macros = new Int32Array(tokens.directives.length).fill(hidden)
    this.firsts = new Int32Array(tokens.directives.length)
    macros.forEach(({ firstToken, endToken }, index) => {
      if (firstToken >= endToken) return
      const directive = directiveOf(tokens, firstToken)
      this.macros[directive] = index
      this.firsts[directive] = firstToken
    })
  }

  /** The index of the macro; -1 for a token of the code, `hidden` for one of another directive. */
  macroAt(token: TokenIndex): number {
    const directive = directiveOf(this.tokens, token)
    if (directive < 0) return -1
    return token < this.firsts[directive]! ? hidden : this.macros[directive]!
  }
}
