import type { Offset, Span, TokenIndex } from '../source/text.ts'
import { isPunctuation, Kind, scan, type Tokens, tokenText } from './scanner.ts'

/** A part of a text that begins and ends where lines begin, or with the text. */
export interface Part extends Span {
  /** The lines in which it begins and ends, from 0. */
  readonly line: number
  readonly endLine: number
}

/**
 * Cuts a text between declarations at file level, as a parser's tree takes fifty times the memory of its text: behind
 * a semicolon or the body of a function, outside of all brackets. One that cannot be cut there stays whole.
 * @param text masked: without directives
 * @param size parts are cut at the first place beyond so many characters
 * @param most a declaration of more characters is a part by itself
 */
export function partsOf(text: string, size: number, most: number): readonly Part[] {
  if (text.length <= size) return [{ start: 0, end: text.length, line: 0, endLine: linesIn(text, 0, text.length) }]
  const tokens = scan(text)
  const parts: Part[] = []
  const declaration = new DeclarationEnds(tokens)
  let [start, line, before] = [0, 0, 0]
  const cut = (end: Offset): void => {
    const endLine = line + linesIn(text, start, end)
    if (end > start) parts.push({ start, end, line, endLine })
    start = end
    line = endLine
  }
  for (let at = 0; at + 1 < tokens.count; at++) {
    if (!declaration.endsWith(at) || tokens.kind[at + 1] !== Kind.identifier) continue
    const end = lineBetween(text, tokens.end[at]!, tokens.start[at + 1]!)
    if (end === null) continue
    if (end - before > most) cut(before)
    if (end - start >= size) cut(end)
    before = end
  }
  if (text.length - before > most) cut(before)
  cut(text.length)
  return parts
}

/**
 * Blanks `extern "C" {` and its `}` in a text that is to be cut: generators put all that they write between them, and
 * what is declared there is the same without. Those within other braces stay, and those without an end.
 * @param text masked: without directives
 * @param size a text of no more characters is not cut, and stays as it is
 * @returns a text of the same length
 */
export function withoutLinkage(text: string, size: number): string {
  if (text.length <= size || !/\bextern\s*"C/.test(text)) return text
  const tokens = scan(text)
  const blanks: Span[] = []
  // Of the braces that are open the linkage that each belongs to; null for others.
  const open: (Span | null)[] = []
  for (let at = 0; at < tokens.count; at++) {
    if (isPunctuation(tokens, at, '{')) {
      const isLinkage = open.at(-1) !== null && isExternC(tokens, at)
      open.push(isLinkage ? { start: tokens.start[at - 2]!, end: tokens.end[at]! } : null)
    } else if (isPunctuation(tokens, at, '}')) {
      const linkage = open.pop()
      if (linkage) blanks.push(linkage, { start: tokens.start[at]!, end: tokens.end[at]! })
    }
  }
  blanks.sort((one, other) => one.start - other.start)
  const pieces: string[] = []
  let written = 0
  for (const { start, end } of blanks) {
    pieces.push(text.slice(written, start), text.slice(start, end).replace(/[^\n]/g, ' '))
    written = end
  }
  return pieces.join('') + text.slice(written)
}

/** Whether a brace stands behind `extern "C"` or `extern "C++"`. */
const isExternC = (tokens: Tokens, brace: TokenIndex): boolean =>
  brace >= 2 && tokens.kind[brace - 1] === Kind.string && tokenText(tokens, brace - 2) === 'extern'

/** Tells, of the tokens in their order, which are the last ones of declarations at file level. */
class DeclarationEnds {
  private depth = 0
  /** The declaration has parameters, or so it seems, and what follows these may be their declarations (K&R). */
  private names = -1
  /** The outermost brace that is open is that of a function's body. */
  private isBody = false
  /** The token before the outermost parenthesis that was opened last. */
  private head = -1

  constructor(private readonly tokens: Tokens) {}

  /** To be asked of each token, one after the other. */
  endsWith(at: TokenIndex): boolean {
    const { tokens } = this
    if (tokens.kind[at] !== Kind.punctuation) {
      if (this.depth === 0 && this.names >= 0 && tokens.kind[at] === Kind.identifier) this.names++
      return false
    }
    const code = tokens.text.charCodeAt(tokens.start[at]!)
    if (code === openParenthesis || code === openBracket) {
      if (this.depth++ === 0 && code === openParenthesis) this.head = at - 1
    } else if (code === openBrace) {
      if (this.depth++ === 0) this.isBody = this.isBehindParameters(at)
    } else if (code === closeParenthesis || code === closeBracket || code === closeBrace) {
      if (this.depth > 0) this.depth--
      if (this.depth > 0) return false
      if (code === closeParenthesis) this.names = 0
      if (code !== closeBrace) return false
      this.names = -1
      return this.isBody
    } else if (code === semicolon && this.depth === 0) {
      // `int f(a) int a; {` has its body still to come, as `int f(int a) FAST PURE;` may seem to have.
      if (this.names >= 2) return false
      this.names = -1
      return true
    }
    return false
  }

  /** Whether a brace opens the body of a function: not that of `struct __attribute__((packed)) {`. */
  private isBehindParameters(brace: TokenIndex): boolean {
    const { tokens, head } = this
    if (!isPunctuation(tokens, brace - 1, ')') || head < 0) return false
    return !ofAttributes.has(tokenText(tokens, head)) && !(head > 0 && ofTypes.has(tokenText(tokens, head - 1)))
  }
}

const ofAttributes: ReadonlySet<string> = new Set(['__attribute__', '__declspec', 'alignas', '_Alignas'])
const ofTypes: ReadonlySet<string> = new Set(['struct', 'union', 'enum', 'class', 'typedef'])

/** The beginning of the first line between two tokens, outside of comments; null for none. */
function lineBetween(text: string, from: Offset, to: Offset): Offset | null {
  const lineEnd = text.indexOf('\n', from)
  if (lineEnd < 0 || lineEnd >= to) return null
  const between = text.slice(from, lineEnd)
  return between.includes('/*') || between.endsWith('\\') ? null : lineEnd + 1
}

function linesIn(text: string, start: Offset, end: Offset): number {
  let lines = 0
  for (let at = text.indexOf('\n', start); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) lines++
  return lines
}

const [openParenthesis, closeParenthesis, openBracket, closeBracket] = [40, 41, 91, 93]
const [openBrace, closeBrace, semicolon] = [123, 125, 59]
