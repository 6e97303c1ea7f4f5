import { hashOfCommand, printable } from './printable.ts'

/**
 * Names of files as reports write them. A byte of a name that is no UTF-8 is a lone surrogate in it, from U+DC80 for
 * 0x80 to U+DCFF for 0xFF.
 */

const encoder = new TextEncoder()

/** The bytes of a name as the system has it. Other lone surrogates, which no name has, become U+FFFD. */
const bytesOf = (name: string): readonly number[] =>
  /^[\0-\x7f]*$/.test(name)
    ? Array.from(name, (character) => character.charCodeAt(0))
    : [...name].flatMap((character) => {
        const code = character.codePointAt(0)!
        return code >= 0xdc80 && code <= 0xdcff ? [code - 0xdc00] : [...encoder.encode(character)]
      })

/**
 * A name for people, and for readers of lines: printable, and no command where a line begins with it and a colon
 * follows. A path that begins with a colon gets `./` before it, and is the same file.
 */
export function shownName(file: string): string {
  const shown = printable(file)
  return /^\s*:/.test(shown) ? `./${shown}` : shown
}

/** A path as a URI reference: its bytes in percent encoding, but for what needs none and `/`. */
export const uriOf = (file: string): string =>
  bytesOf(file)
    .map((byte) => {
      const character = String.fromCharCode(byte)
      return /[\w.!~*'()/-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')

const escapes: Readonly<Record<number, string>> = {
  7: 'a',
  8: 'b',
  9: 't',
  10: 'n',
  11: 'v',
  12: 'f',
  13: 'r',
  34: '"',
  92: '\\',
}

/**
 * A path as git writes it in a patch: as it is where it has nothing but printable ASCII, else as a C string in double
 * quotes whose other bytes are octal. `git apply` reads both. What a CI system takes for a command is written so too.
 */
export function quotedName(path: string): string {
  const octal = (byte: number): string => `\\${byte.toString(8).padStart(3, '0')}`
  if (/^[ !#-[\]-~]*$/.test(path) && path.search(hashOfCommand) < 0) return path
  const quoted = bytesOf(path).map((byte) => {
    const short = escapes[byte]
    if (short !== undefined) return `\\${short}`
    return byte < 0x20 || byte > 0x7e ? octal(byte) : String.fromCharCode(byte)
  })
  return `"${quoted.join('').replace(hashOfCommand, octal(0x23))}"`
}
