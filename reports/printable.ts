/**
 * Control characters, invisible format characters (bidirectional overrides, zero-width joiners), line and paragraph
 * separators, lone surrogates: what makes a terminal act, or makes text look like other text.
 */
const treacherous = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/**
 * What GitHub's runner (`##[error]`), the agent of Azure Pipelines (`##vso[task.complete]`) and that of TeamCity
 * (`##teamcity[message]`) take for a command wherever it stands in a line.
 */
const commandMark = /##(?=(?:vso|teamcity)?\[)/gi

/** The second `#` of that, for what can be written in another way there: in JSON, in C strings. */
export const hashOfCommand = /(?<=#)#(?=(?:vso|teamcity)?\[)/gi

function picture(character: string): string {
  const code = character.codePointAt(0)!
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  if (code === 0x7f) return '\u2421'
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd'
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
}

/**
 * Makes text from a source file visible and harmless: `␛` for ESC, `␉` for a tab, `␊` for a line feed, `<U+202E>` for
 * a right-to-left override, `\x80` for a byte of a file name that is no UTF-8 (U+DC80), U+FFFD for other lone
 * surrogates, `## [` for `##[`. All else is kept.
 * @returns one line without control characters, whose display width can be measured; where a line of output begins
 * with it, see `inert`
 */
export const printable = (text: string): string => text.replace(treacherous, picture).replace(commandMark, '## ')

/** The characters (code points) of a source line; one that would make a command of it has a blank behind it. */
export function charactersOf(line: string): readonly string[] {
  const characters = [...line]
  if (!line.includes('##')) return characters
  const isMark = (at: number): boolean => /^##(?:vso|teamcity)?\[/i.test(characters.slice(at - 1, at + 10).join(''))
  return characters.map((each, at) => (each === '#' && at > 0 && isMark(at) ? '# ' : each))
}

/**
 * Keeps a line of output from being read as a command of GitHub Actions, which begins with `::` after any blanks:
 * `: :error::x`.
 * @param line printable text
 */
export const inert = (line: string): string => line.replace(/^(\s*):(?=:)/, '$1: ')

/** The same for text of several lines, such as an error with its stack: each line is made harmless. */
export const printableLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => inert(printable(line)))
    .join('\n')
