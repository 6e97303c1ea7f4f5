import { afterContinuation, directiveOf, scan, type Tokens, tokenText } from '../preprocess/scanner.ts'
import { byteOrderMark, Lines, type Offset, type Span } from '../source/text.ts'
import { address } from './suppression.ts'

/** Text that is put into a file. */
export interface Insertion {
  readonly offset: Offset
  readonly text: string
}

/** A finding that is to be suppressed: its place, and the name of its rule. */
export interface ToSuppress extends Span {
  readonly rule: string
}

/**
 * The comments that suppress findings: one for each line on which findings begin, behind the code of that line, as old
 * C has comments. No line is added, no token is changed, and what macros make of their arguments stays the same text.
 * What begins on a line without code is suppressed for the whole file.
 * @param text one character per byte
 * @param reason one line without the end of a comment; one character per byte; empty for none
 */
export function insertionsFor(text: string, findings: readonly ToSuppress[], reason: string): readonly Insertion[] {
  const tokens = scan(text)
  const lines = new Lines(text)
  const places = new Map<Offset, { readonly isBefore: boolean; readonly rules: Set<string> }>()
  const ofFile = new Set<string>()
  for (const { rule, start } of findings) {
    const line = lines.lineAt(start)
    const place = placeOn(tokens, lines.startOf(line), lines.startOf(line + 1))
    if (place === null) {
      ofFile.add(rule)
      continue
    }
    const known = places.get(place.offset) ?? { isBefore: place.isBefore, rules: new Set() }
    known.rules.add(rule)
    places.set(place.offset, known)
  }
  const comment = (word: string, rules: ReadonlySet<string>): string =>
    `/* ${address} ${word}[${[...rules].sort().join(', ')}]${reason && ` ${reason}`} */`
  const top = text.startsWith(byteOrderMark) ? byteOrderMark.length : 0
  return [
    ...(ofFile.size > 0 ? [{ offset: top, text: `${comment('ignore-file', ofFile)} ` }] : []),
    ...[...places].map(([offset, { isBefore, rules }]) => ({
      offset,
      text: isBefore ? `${comment('ignore', rules)} ` : ` ${comment('ignore', rules)}`,
    })),
  ]
}

/** The text with insertions. */
export function inserted(text: string, insertions: readonly Insertion[]): string {
  let result = ''
  let at = 0
  for (const { offset, text: put } of [...insertions].sort((a, b) => a.offset - b.offset)) {
    result += text.slice(at, offset) + put
    at = offset
  }
  return result + text.slice(at)
}

/** So far from its end a line is looked at for a trigraph. */
const longestEnd = 100

/** Where a comment can stand on a line: behind its last token, else before its first; null for a line without any. */
function placeOn(
  tokens: Tokens,
  start: Offset,
  end: Offset,
): { readonly offset: Offset; readonly isBefore: boolean } | null {
  const after = firstToken(tokens, end)
  const last = after - 1
  const isLast = last >= 0 && tokens.end[last]! > start && tokens.end[last]! <= end
  // `??/` may be a trigraph: what stands behind it would end the line that it carries on.
  const mayGoOn = /\?\?\/\s*$/.test(tokens.text.slice(Math.max(start, end - longestEnd), end))
  if (isLast && !mayGoOn && !isText(tokens, last) && !isGlued(tokens, last))
    return { offset: tokens.end[last]!, isBefore: false }
  const first = firstToken(tokens, start)
  if (first >= tokens.count || tokens.start[first]! >= end) return null
  const directive = directiveOf(tokens, first)
  // The `#` of a directive is no token.
  const begins = directive >= 0 && tokens.directives[directive]!.firstToken === first
  if (begins) {
    const offset = tokens.directives[directive]!.start
    return offset < start ? null : { offset, isBefore: true }
  }
  return isText(tokens, first) || isGlued(tokens, first - 1) ? null : { offset: tokens.start[first]!, isBefore: true }
}

/** The first token that begins at an offset or behind it. */
const firstToken = ({ start, count }: Tokens, offset: Offset): number => {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >> 1
    if (start[middle]! >= offset) high = middle
    else low = middle + 1
  }
  return low
}

/** Whether a token belongs to a directive of which the rest of the line is text, as of `#error`. */
function isText(tokens: Tokens, token: number): boolean {
  const directive = directiveOf(tokens, token)
  if (directive < 0) return false
  const { firstToken: first, endToken } = tokens.directives[directive]!
  return first < endToken && /^(?:error|warning)$/.test(tokenText(tokens, first))
}

/** Whether only the end of a line that goes on stands between a token and the next: a comment would divide them. */
function isGlued({ text, start, end, count }: Tokens, token: number): boolean {
  if (token < 0 || token + 1 >= count) return false
  let at = end[token]!
  for (let next = afterContinuation(text, at); next > at; next = afterContinuation(text, at)) at = next
  return at > end[token]! && at === start[token + 1]
}
