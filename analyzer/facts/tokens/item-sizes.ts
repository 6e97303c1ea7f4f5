import { isPunctuation, type Tokens, tokenText } from '../../preprocess/scanner.ts'
import type { Span, TokenIndex } from '../../source/text.ts'

/**
 * The item size in `spec = {name, size, item size, ...`, or in `.itemsize = ...`, if it is not 0.
 * @param at the token after the type
 */
export function itemSizeAt(tokens: Tokens, at: TokenIndex): Span | null {
  const is = (index: number, what: string): boolean => index < tokens.count && isPunctuation(tokens, index, what)
  if (!is(at + 1, '=') || !is(at + 2, '{')) return null
  let depth = 0
  let argument = 0
  let first = at + 3
  for (let here = at + 2; here < tokens.count && here < at + 200; here++) {
    if (is(here, '{') || is(here, '(') || is(here, '[')) depth++
    const closes = (is(here, '}') || is(here, ')') || is(here, ']')) && --depth === 0
    if (!closes && !(is(here, ',') && depth === 1)) continue
    const named = is(first, '.')
    const value = named ? first + 3 : first
    const isItemSize = named ? tokenText(tokens, first + 1) === 'itemsize' : argument === 2
    if (isItemSize && here > value)
      return here === value + 1 && /^0[uUlL]*$/.test(tokenText(tokens, value))
        ? null
        : { start: tokens.start[value]!, end: tokens.end[here - 1]! }
    if (closes) return null
    first = here + 1
    argument++
  }
  return null
}
