/**
 * Control characters, invisible format characters (bidirectional overrides, zero-width joiners), line and paragraph
 * separators, lone surrogates: what makes a terminal act, or makes text look like other text.
 */
const treacherous = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

function picture(character: string): string {
  const code = character.codePointAt(0)!
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  if (code === 0x7f) return '\u2421'
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd'
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
}

/**
 * Makes text from a source file visible and harmless: `␛` for ESC, `␉` for a tab, `␊` for a line feed, `<U+202E>` for
 * a right-to-left override, U+FFFD for a lone surrogate. All else is kept.
 * @returns one line without control characters, whose display width can be measured
 */
export const printable = (text: string): string => text.replace(treacherous, picture)
