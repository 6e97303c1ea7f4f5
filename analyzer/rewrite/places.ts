import type { FunctionCode } from '../code/tree.ts'
import { wholeLines } from '../fix/edits.ts'
import type { Offset, Span } from '../source/text.ts'

/** Small questions about the text of a file. */

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

/**
 * What is to be deleted, with its lines, and with the blank line behind it where one stands before it, or a brace opens
 * there.
 */
export function withGap(text: string, start: Offset, end: Offset): Span {
  const lines = wholeLines(text, start, end)
  const isApart =
    lines.end > end && /(?:\n[ \t]*|\{[ \t]*)\r?\n$/.test(text.slice(Math.max(0, lines.start - 200), lines.start))
  const blank = isApart ? /^[ \t]*\r?\n/.exec(text.slice(lines.end, lines.end + 200)) : null
  return { ...lines, end: lines.end + (blank?.[0].length ?? 0) }
}

/** Where a name begins with what it is qualified by: `ns::Spam_Type`. */
export function qualifiedStart(text: string, offset: Offset): Offset {
  const qualifier = /(?:[\w\x80-\xff]+[ \t\r\n]*::[ \t\r\n]*)+$/.exec(
    text.slice(Math.max(0, offset - longestQualifier), offset),
  )
  return offset - (qualifier?.[0].length ?? 0)
}

/** Characters of a qualifier that are looked at. */
const longestQualifier = 200

/** Where something goes above a function, and above the comment that stands before it. */
export const aboveFunction = (text: string, { headStart }: FunctionCode): Offset => aboveComment(text, headStart)

/** Where something goes above the line of an offset, and above the comment that stands before it. */
export function aboveComment(text: string, offset: Offset): Offset {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1
  const comment = /(?:^|\n)([ \t]*\/\*[^*]*(?:\*(?!\/)[^*]*)*\*\/[ \t]*\r?\n|(?:[ \t]*\/\/[^\n]*\n)+)$/.exec(
    text.slice(0, lineStart),
  )
  return comment ? lineStart - comment[1]!.length : lineStart
}

/** Where the line of an offset begins. */
export const lineStart = (text: string, offset: Offset): Offset => text.lastIndexOf('\n', offset - 1) + 1

/** The line that an offset stands on, for messages. */
export function lineOf(text: string, offset: Offset): string {
  const end = text.indexOf('\n', offset)
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, end < 0 ? undefined : end).trim()
  return line.length > 90 ? `${line.slice(0, 87)}...` : line
}

/** Where the line of an offset begins, if nothing but blanks stands between; null else. */
export function ownLine(text: string, offset: Offset): Offset | null {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  return text.slice(start, offset).trim() === '' ? start : null
}

/** The blanks that the line of an offset begins with. */
export function indentAt(text: string, offset: Offset): string {
  const line = text.lastIndexOf('\n', offset - 1) + 1
  return /^[ \t]*/.exec(text.slice(line, offset + 200))![0]
}

/** The line end that a text uses. */
export const lineEndOf = (text: string): string => (/\r\n/.test(text.slice(0, 2000)) ? '\r\n' : '\n')
