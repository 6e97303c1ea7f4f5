import { wordAt, type Outline } from '../preprocess/outline.ts'
import { Kind } from '../preprocess/scanner.ts'
import type { Offset } from '../source/text.ts'

/** Small questions about the text of a file. */

/** The identifiers among tokens. */
export const namesAmong = (outline: Outline, { first, last }: { readonly first: number; readonly last: number }): string[] => {
  const names: string[] = []
  for (let at = first; at <= last; at++) if (outline.tokens.kind[at] === Kind.identifier) names.push(wordAt(outline, at))
  return names
}

/** A statement's text with its whole line where nothing else stands on it. @param withBlank a blank line behind it goes as well */
export function wholeLines(text: string, start: Offset, end: Offset, withBlank = false): { readonly start: Offset; readonly end: Offset } {
  const line = text.lastIndexOf('\n', start - 1) + 1
  const after = /^[ \t]*\r?\n/.exec(text.slice(end, end + 200))
  if (!after || !/^[ \t]*$/.test(text.slice(line, start))) return { start, end }
  const to = end + after[0].length
  const blank = withBlank && /(?:\n[ \t]*|\*\/[ \t]*|\/\/[^\n]*)\r?\n$/.test(text.slice(Math.max(0, line - 200), line)) ? /^[ \t]*\r?\n/.exec(text.slice(to, to + 200)) : null
  return { start: line, end: to + (blank?.[0].length ?? 0) }
}

/** The line that a token stands on, for messages. */
export function lineOf({ text, tokens }: Outline, token: number): string {
  const at = tokens.start[token] ?? 0
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, text.indexOf('\n', at) < 0 ? undefined : text.indexOf('\n', at)).trim()
  return line.length > 90 ? `${line.slice(0, 87)}...` : line
}
