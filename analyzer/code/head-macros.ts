import { Kind } from '../preprocess/scanner.ts'
import type { TokenIndex } from '../source/text.ts'
import type { Outline } from './outline.ts'

/** Macros for the head of an object. */
const headName = /HEAD|INIT/i

/**
 * Whether a macro in an initialiser that something stands behind brings a comma of its own, as
 * `PyVarObject_HEAD_INIT(NULL, 0)` does: as far as the file defines it the body says so; others do by their names, or
 * where no string stands behind them, that would go on with what the macro makes.
 * @param macro the token of its name
 * @param behind the token behind its parentheses
 */
export function bringsComma({ tokens, text }: Outline, macro: TokenIndex, behind: TokenIndex): boolean {
  const word = (token: TokenIndex): string => text.slice(tokens.start[token], tokens.end[token])
  const name = word(macro)
  const bodies = tokens.directives.filter(
    ({ firstToken, endToken }) =>
      endToken > firstToken + 2 && word(firstToken) === 'define' && word(firstToken + 1) === name,
  )
  if (bodies.length === 0) return headName.test(name) || tokens.kind[behind] !== Kind.string
  return bodies.some(({ firstToken, endToken }) => {
    if (word(endToken - 1) === ',') return true
    for (let at = firstToken + 2; at < endToken; at++) if (headName.test(word(at))) return true
    return false
  })
}
