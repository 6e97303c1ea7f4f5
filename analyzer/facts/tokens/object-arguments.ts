import { isPunctuation, Kind, type Tokens, tokenText } from '../../preprocess/scanner.ts'
import type { TokenIndex } from '../../source/text.ts'

/** Tokens of an operand that are looked at. */
const longest = 12

/**
 * Whether the operand that begins at a token may be a pointer to something else than `PyObject`: `spam`, `self->spam`,
 * `this`.
 * @param otherPointers names of variables and fields that somewhere are such
 */
export function mayBeOtherPointer(tokens: Tokens, first: TokenIndex, otherPointers: ReadonlySet<string>): boolean {
  let last = ''
  for (let at = first; at < tokens.count && at < first + longest; at++) {
    if (isPunctuation(tokens, at, ')') || isPunctuation(tokens, at, ',')) break
    // What is in parentheses is most often a cast.
    if (isPunctuation(tokens, at, '(')) return false
    if (tokens.kind[at] === Kind.identifier) last = tokenText(tokens, at)
  }
  return last === 'this' || otherPointers.has(last)
}
