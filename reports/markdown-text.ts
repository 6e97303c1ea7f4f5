import { printable } from './printable.ts'

/** A zero-width space after `@` and `#` keeps GitHub from naming a person or linking an issue. */
const entity = (character: string): string =>
  `&#${character.charCodeAt(0)};${character === '@' || character === '#' ? '&#8203;' : ''}`

/**
 * Plain text for Markdown and HTML: everything that could be markup is a character reference, and so is what would make
 * a link of an address. Gives one line.
 */
export const plain = (text: string): string =>
  printable(text).replace(/[^\p{L}\p{N}\p{M}\s.,:;()/=+-]|:(?=\/\/)|(?<=\bwww)\./giu, (character) =>
    character.charCodeAt(0) < 0x80 ? entity(character) : character,
  )

/** Code for Markdown, in table cells too. Gives one line; empty for empty text. */
export function code(text: string): string {
  const shown = printable(text)
  if (shown.trim() === '') return plain(shown)
  // In a table not even a code span protects a pipe, and a backslash before it makes matters worse.
  return /[`|\\]|^ | $/.test(shown) ? `<code>${plain(shown)}</code>` : `\`${shown}\``
}

/** A sentence with C in backquotes, for Markdown. An odd backquote is plain text. Gives one line. */
export const prose = (text: string): string =>
  text
    .split(/(`[^`]+`)/)
    .map((part, index) => (index % 2 === 1 ? code(part.slice(1, -1)) : plain(part)))
    .join('')
