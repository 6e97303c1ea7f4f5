import type { Span } from '../source/text.ts'

/** A part of a text that begins and ends where lines begin, or with the text. */
export interface Part extends Span {
  /** The lines in which it begins and ends, from 0. */
  readonly line: number
  readonly endLine: number
}

const [lineEnd, quote, apostrophe, backslash] = [10, 34, 39, 92]
const [openParenthesis, closeParenthesis, openBrace, closeBrace, semicolon] = [40, 41, 123, 125, 59]

/**
 * Cuts a text between declarations at file level, as a parser's tree takes fifty times the memory of its text: behind
 * a semicolon or the body of a function, outside of all brackets. One that cannot be cut there stays whole.
 * @param text masked: without directives and comments
 * @param size parts are cut at the first place beyond so many characters
 */
export function partsOf(text: string, size: number): readonly Part[] {
  const parts: Part[] = []
  let [start, line, startLine, depth, last] = [0, 0, 0, 0, 0]
  // Of the outermost brace: it opened behind a parenthesis, or a semicolon stands behind it.
  let [isBody, isEnd] = [false, false]
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === lineEnd) {
      line++
      if (depth === 0 && isEnd && at + 1 - start >= size && at + 1 < text.length) {
        parts.push({ start, end: at + 1, line: startLine, endLine: line })
        start = at + 1
        startLine = line
      }
      continue
    }
    if (code <= 32) continue
    if (code === quote || (code === apostrophe && !isDigitOrLetter(last))) at = endOfLiteral(text, at)
    else if (code === openParenthesis) depth++
    else if (code === openBrace) {
      if (depth === 0) isBody = last === closeParenthesis
      depth++
    } else if (code === closeParenthesis || code === closeBrace) depth = Math.max(0, depth - 1)
    isEnd = depth === 0 && (code === semicolon || (code === closeBrace && isBody))
    last = code
  }
  parts.push({ start, end: text.length, line: startLine, endLine: line })
  return parts
}

const isDigitOrLetter = (code: number): boolean => (code >= 48 && code <= 57) || (code >= 97 && code <= 122)

/** The offset of the quote that ends a literal, or of the last character before its line ends. */
function endOfLiteral(text: string, start: number): number {
  const code = text.charCodeAt(start)
  for (let at = start + 1; at < text.length; at++) {
    const each = text.charCodeAt(at)
    if (each === code) return at
    if (each === lineEnd) return at - 1
    if (each === backslash) at++
  }
  return text.length
}
