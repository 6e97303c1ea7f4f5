import type { Offset } from './text.ts'

/** A comment of C++: it goes on behind a backslash at the end of its line. */
const lineComment = String.raw`\/\/[^\r\n\\]*(?:\\(?:\r?\n)?[^\r\n\\]*)*`

/** A comment of either kind. */
export const commentPattern = String.raw`\/\*[\s\S]*?\*\/|${lineComment}`

/** Text of code on one line, without comments and the line ends of macros. */
export const onOneLine = (text: string): string =>
  text
    .replace(/\\\r?\n/g, ' ')
    .replace(new RegExp(commentPattern, 'g'), ' ')
    .replace(/\s+/g, ' ')
    .trim()

const restOfLine = new RegExp(String.raw`^[ \t]*(?:${lineComment}|\/\*[^\r\n]*?\*\/)?[ \t]*(?=\r?\n)`)

/** What stands behind an offset up to the end of its line, if that is nothing but blanks and a comment; null else. */
export const commentBehind = (text: string, offset: Offset): string | null =>
  restOfLine.exec(text.slice(offset, offset + longestComment))?.[0] ?? null

/** Characters of a comment behind code that are looked at. */
const longestComment = 500
