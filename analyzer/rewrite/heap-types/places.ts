import { type Outline, wordAt } from '../../code/outline.ts'
import { wholeLines } from '../../fix/edits.ts'
import { Kind } from '../../preprocess/scanner.ts'
import type { Offset, Span, TokenIndex } from '../../source/text.ts'

/** Small questions about the text of a file. */

/** The identifiers among tokens. */
export const namesAmong = (
  outline: Outline,
  { first, last }: { readonly first: TokenIndex; readonly last: TokenIndex },
): string[] => {
  const names: string[] = []
  for (let at = first; at <= last; at++)
    if (outline.tokens.kind[at] === Kind.identifier) names.push(wordAt(outline, at))
  return names
}

/**
 * What is to be deleted, with its lines, and with the blank line behind it where that or a comment stands before it.
 */
export function withBlankLine(text: string, start: Offset, end: Offset): Span {
  const lines = wholeLines(text, start, end)
  const isApart =
    lines.end > end &&
    /(?:\n[ \t]*|\*\/[ \t]*|\/\/[^\n]*)\r?\n$/.test(text.slice(Math.max(0, lines.start - 200), lines.start))
  const blank = isApart ? /^[ \t]*\r?\n/.exec(text.slice(lines.end, lines.end + 200)) : null
  return { ...lines, end: lines.end + (blank?.[0].length ?? 0) }
}

/** Where a name begins with what it is qualified by: `ns::Spam_Type`. */
export function qualifiedStart(outline: Outline, token: TokenIndex): number {
  let first = token
  while (wordAt(outline, first - 1) === '::' && outline.tokens.kind[first - 2] === Kind.identifier) first -= 2
  return first
}

/** The line that a token stands on, for messages. */
export function lineOf({ text, tokens }: Outline, token: TokenIndex): string {
  const at = tokens.start[token] ?? 0
  const line = text
    .slice(text.lastIndexOf('\n', at - 1) + 1, text.indexOf('\n', at) < 0 ? undefined : text.indexOf('\n', at))
    .trim()
  return line.length > 90 ? `${line.slice(0, 87)}...` : line
}
