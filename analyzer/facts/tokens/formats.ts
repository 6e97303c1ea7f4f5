import { isPunctuation, Kind, type Tokens, tokenText } from '../../preprocess/scanner.ts'
import type { Span, TokenIndex } from '../../source/text.ts'

/**
 * The format string among the first arguments of a call, if it holds a `#` after `s y z u`.
 * @param open the parenthesis of the call
 */
export function formatOf(tokens: Tokens, open: TokenIndex): ({ readonly format: string } & Span) | null {
  let depth = 0
  for (let at = open; at < tokens.count && at < open + 60; at++) {
    if (isPunctuation(tokens, at, '(')) depth++
    else if (isPunctuation(tokens, at, ')') && --depth === 0) return null
    else if (depth === 1 && tokens.kind[at] === Kind.string) {
      const format = tokenText(tokens, at)
      if (/[syzu]#/.test(format)) return { format: format.slice(1, -1), start: tokens.start[at]!, end: tokens.end[at]! }
    }
  }
  return null
}
