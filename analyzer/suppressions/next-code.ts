import { directiveOf, isPunctuation, isSameLine, Kind, type Tokens, tokenText } from '../preprocess/scanner.ts'
import type { Offset, TokenIndex } from '../source/text.ts'

/**
 * Where the statement, declaration, entry of a list or directive ends that begins with a token. Of a statement or a
 * function with a block it is the head, up to the `{`, and the whole where that is on one line; of a struct, a union
 * and an enum the whole.
 * @param within the directive that it is in, -1 for code: there it ends, if not before
 * @returns the end, exclusive; null where nothing begins there
 */
export function endOfNext(tokens: Tokens, first: TokenIndex, within: number): Offset | null {
  if (first >= tokens.count) return null
  const directive = directiveOf(tokens, first)
  if (directive !== within) return within < 0 ? tokens.directives[directive]!.end : null
  const isEntry = standsInList(tokens, first)
  let depth = 0
  let last: TokenIndex = -1
  for (let at = first; at < tokens.count; at++) {
    if (!isSameLine(tokens, first, at)) {
      if (within >= 0) break
      continue
    }
    if (tokens.kind[at] === Kind.punctuation) {
      const sign = tokenText(tokens, at)
      if (sign === '{' && depth === 0 && !isList(tokens, at) && !(isEntry && at === first)) {
        if (!definesStruct(tokens, first, at)) {
          const close = closingOnLine(tokens, first, at)
          if (close < 0) return tokens.end[at]!
          last = at = close
          if (!goesOn(tokens, first, close + 1)) return tokens.end[close]!
          continue
        }
      }
      if (sign === ';' && depth === 0) return tokens.end[at]!
      if (sign === ',' && depth === 0 && isEntry) return tokens.end[at]!
      if (/[([{]/.test(sign)) depth++
      else if (/[)\]}]/.test(sign)) {
        if (depth === 0) break
        depth--
      }
    }
    last = at
  }
  return last < 0 ? null : tokens.end[last]!
}

/** The `}` of a block, where it is on the line on which a statement begins; -1 where it is not. */
function closingOnLine(tokens: Tokens, first: TokenIndex, open: TokenIndex): TokenIndex {
  const newline = tokens.text.indexOf('\n', tokens.start[first]!)
  const lineEnd = newline < 0 ? tokens.text.length : newline
  let depth = 0
  for (let at = open; at < tokens.count && tokens.start[at]! < lineEnd; at++) {
    if (tokens.kind[at] !== Kind.punctuation || !isSameLine(tokens, first, at)) continue
    const sign = tokenText(tokens, at)
    if (sign === '{') depth++
    else if (sign === '}' && --depth === 0) return at
  }
  return -1
}

/** Whether a statement goes on behind its block: `else`, the `while` of `do`. */
function goesOn(tokens: Tokens, first: TokenIndex, next: TokenIndex): boolean {
  if (next >= tokens.count) return false
  const text = tokenText(tokens, next)
  return text === 'else' || (text === 'while' && tokenText(tokens, first) === 'do')
}

/** Whether a token stands in brackets between which commas divide: arguments, initialisers, enumerators. */
function standsInList(tokens: Tokens, token: TokenIndex): boolean {
  const open = opening(tokens, token - 1, token)
  return open >= 0 && (!isPunctuation(tokens, open, '{') || isList(tokens, open))
}

/** The bracket that is open at a token, of those of the same code or directive; -1 for none. */
function opening(tokens: Tokens, from: TokenIndex, same: TokenIndex): TokenIndex {
  let depth = 0
  for (let at = from; at >= 0; at--) {
    if (tokens.kind[at] !== Kind.punctuation || !isSameLine(tokens, same, at)) continue
    const sign = tokenText(tokens, at)
    if (/[)\]}]/.test(sign)) depth++
    else if (/[([{]/.test(sign) && depth-- === 0) return at
  }
  return -1
}

/** Whether a `{` begins a list, not a block. */
function isList(tokens: Tokens, brace: TokenIndex): boolean {
  const before = brace - 1
  if (before < 0) return false
  const text = tokenText(tokens, before)
  if (tokens.kind[before] === Kind.punctuation) {
    if (text === '{') return isList(tokens, before)
    return /^[=,(\]]$/.test(text)
  }
  return text === 'return' || text === 'enum' || (before > 0 && tokenText(tokens, before - 1) === 'enum')
}

/** Whether what stands between a token and a `{` says that a struct, a union or an enum follows. */
function definesStruct(tokens: Tokens, first: TokenIndex, brace: TokenIndex): boolean {
  let isStruct = false
  for (let at = first; at < brace; at++) {
    if (!isSameLine(tokens, first, at)) continue
    const text = tokenText(tokens, at)
    if (text === '(' || text === '=') return false
    if (/^(?:struct|union|enum)$/.test(text)) isStruct = true
  }
  return isStruct
}
