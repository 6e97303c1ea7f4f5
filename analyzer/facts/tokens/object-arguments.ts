import { isPunctuation, Kind, type Tokens, tokenText } from '../../preprocess/scanner.ts'
import type { TokenIndex } from '../../source/text.ts'

/** Tokens of the operands of a call that are looked at. */
const longest = 40

/**
 * Whether the operand that begins at a token may be a pointer to something else than a `PyObject` that may be changed:
 * `spam`, `self->spam`, `this`, `&spam`, `(Spam *)o`, `Py_TYPE(o)`, `make_spam()`.
 * @param otherPointers names of variables, fields and functions that somewhere are such
 * @param all whether to look at the operands after that one as well
 */
export function mayBeOtherPointer(
  tokens: Tokens,
  first: TokenIndex,
  otherPointers: ReadonlySet<string>,
  all: boolean,
): boolean {
  const limit = Math.min(tokens.count, first + longest)
  const isOther = (name: string): boolean => name === 'this' || name === 'Py_TYPE' || otherPointers.has(name)
  for (let start = first; start < limit; ) {
    const end = operandEnd(tokens, start, limit)
    let inner = start
    while (inner < end && isPunctuation(tokens, inner, '(') && castAt(tokens, inner) === null) inner++
    const cast = castAt(tokens, inner)
    if (cast === 'other') return true
    if (cast === null) {
      if (isPunctuation(tokens, inner, '&')) return true
      for (let at = start; at < end; at++) {
        // The names that may decide are the last one, and those of functions and arrays.
        const decides = at + 1 >= end || isPunctuation(tokens, at + 1, '(') || isPunctuation(tokens, at + 1, '[')
        const isLast = decides || isPunctuation(tokens, at + 1, ')')
        if (isLast && tokens.kind[at] === Kind.identifier && isOther(tokenText(tokens, at))) return true
      }
    }
    if (!all || !isPunctuation(tokens, end, ',')) return false
    start = end + 1
  }
  return false
}

/** The `,` or the `)` behind an operand. */
function operandEnd(tokens: Tokens, start: TokenIndex, limit: TokenIndex): TokenIndex {
  let depth = 0
  let at = start
  for (; at < limit; at++) {
    if (isPunctuation(tokens, at, '(') || isPunctuation(tokens, at, '[')) depth++
    else if (isPunctuation(tokens, at, ')') || isPunctuation(tokens, at, ']')) {
      if (depth-- === 0) break
    } else if (depth === 0 && isPunctuation(tokens, at, ',')) break
  }
  return at
}

/** What an operand is cast to: a `PyObject` that may be changed, or other things; null where it begins with no cast. */
function castAt(tokens: Tokens, start: TokenIndex): 'object' | 'other' | null {
  // `static_cast<Spam *>(x)`
  const isNamed = tokens.kind[start] === Kind.identifier && tokenText(tokens, start).endsWith('_cast')
  if (!isNamed && !isPunctuation(tokens, start, '(')) return null
  let at = start + (isNamed ? 2 : 1)
  let isObject = false
  let words = 0
  for (; tokens.kind[at] === Kind.identifier; at++) {
    const word = tokenText(tokens, at)
    if (word === 'const') return 'other'
    isObject = word === 'PyObject'
    words++
  }
  if (words === 0 || !isPunctuation(tokens, at, '*')) return null
  return isObject ? 'object' : 'other'
}
