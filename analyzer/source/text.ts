import { lastUpTo } from './search.ts'

/**
 * Source text while it is analyzed: one character per byte (Latin-1), so that an index into the string is a byte offset
 * into the file, whatever the encoding. Only reports decode.
 */

/**
 * A number that says what it counts: one with another mark is refused where this one is wanted, a plain number is not.
 */
type Marked<Mark extends string> = number & { readonly mark?: Mark }

/** A byte offset into a file, from 0. */
export type Offset = Marked<'offset'>

/** The index of a token among those of its file, from 0; -1 for none. */
export type TokenIndex = Marked<'token'>

/** The index of a file among those of the project, from 0. */
export type FileId = Marked<'file'>

/** The index of a region of the preprocessor among those of its file; 0 is the whole file. */
export type RegionId = Marked<'region'>

/** A part of a text, `end` exclusive. */
export interface Span {
  readonly start: Offset
  readonly end: Offset
}

/** Characters that are made at once where there is no `Buffer`: engines limit how many arguments a call has. */
const chunk = 8192

/** The bytes of a file as text with one character per byte. */
export function asByteText(bytes: Uint8Array): string {
  // Node's own is many times faster; a browser has none.
  if (typeof Buffer !== 'undefined')
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  let text = ''
  for (let at = 0; at < bytes.length; at += chunk)
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + chunk) as unknown as number[])
  return text
}

/** The bytes of a text with one character per byte. */
export function asBytes(byteText: string): Uint8Array {
  if (typeof Buffer !== 'undefined') return Buffer.from(byteText, 'latin1')
  const bytes = new Uint8Array(byteText.length)
  for (let at = 0; at < byteText.length; at++) bytes[at] = byteText.charCodeAt(at)
  return bytes
}

/** Writes a text with one character per byte over bytes, as far as there is room. @param at where it begins */
export function writeText(bytes: Uint8Array, text: string, at: Offset): void {
  const end = Math.min(text.length, bytes.length - at)
  for (let index = 0; index < end; index++) bytes[at + index] = text.charCodeAt(index)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** What UTF-8 begins with that says so; one character per byte. */
export const byteOrderMark = '\xef\xbb\xbf'

/** What people read: UTF-8 where the bytes are valid UTF-8, else Latin-1. */
export function decode(byteText: string): string {
  if (!/[\x80-\xff]/.test(byteText)) return byteText
  try {
    return utf8.decode(asBytes(byteText))
  } catch {
    return byteText
  }
}

/** UTF-8 of more than one byte; one character per byte. */
const sequences = /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/g

/** What people read of a sentence in which pieces of sources have one character per byte. */
export const decodePieces = (text: string): string =>
  /[\x80-\xff]/.test(text) ? text.replace(sequences, decode) : text

/** The same for all texts in plain data: lists and objects of them. */
export function decodeData<T>(data: T): T
export function decodeData(data: unknown): unknown {
  if (typeof data === 'string') return decodePieces(data)
  if (Array.isArray(data)) return data.map((each) => decodeData<unknown>(each))
  if (data === null || typeof data !== 'object') return data
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, decodeData<unknown>(value)]))
}

/** Why a file cannot be read as C, or null. */
export function unreadableAsC(bytes: Uint8Array): string | null {
  if (bytes.length >= 2 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))) {
    return 'is UTF-16 text, which compilers do not read; save it as UTF-8'
  }
  const head = bytes.subarray(0, 4096)
  let zeros = 0
  let controls = 0
  for (let at = 0; at < head.length; at++) {
    const byte = head[at]!
    if (byte === 0) zeros++
    else if (byte < 7 || (byte > 13 && byte < 32 && byte !== 26 && byte !== 27)) controls++
  }
  // A stray NUL is legal, if unwise, in a C source. Many are a binary file.
  if ((zeros > head.length / 50 && zeros > 1) || controls > Math.max(8, head.length / 25))
    return 'is binary, not C source'
  return null
}

/** Where the next line of a text ends; -1 for none. @param returns whether the text has CR at all */
function nextEnd(text: string, from: Offset, returns: boolean): Offset {
  if (!returns) return text.indexOf('\n', from)
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 10 || code === 13) return at
  }
  return -1
}

/** Where the lines of a text begin. */
export class Lines {
  private readonly starts: number[] = [0]

  /** @param text with one character per byte; LF, CRLF and CR end a line, as for compilers */
  constructor(readonly text: string) {
    const returns = text.includes('\r')
    for (let at = nextEnd(text, 0, returns); at >= 0; at = nextEnd(text, at, returns)) {
      at += text[at] === '\r' && text[at + 1] === '\n' ? 2 : 1
      this.starts.push(at)
    }
  }

  /** The line that holds an offset, from 0. */
  lineAt(offset: Offset): number {
    return lastUpTo(this.starts, offset)
  }

  /** The offset at which a line begins. @param line from 0 */
  startOf(line: number): Offset {
    return this.starts[line] ?? this.text.length
  }

  /** A whole line, decoded, without its line end. @param line from 0 */
  textOf(line: number): string {
    if (this.shown.line !== line) this.shown = { line, text: decode(this.slice(line).replace(/[\r\n]+$/, '')) }
    return this.shown.text
  }

  /** Line and column of an offset, both from 1, the column in characters (code points) of the decoded line. */
  position(offset: Offset): { readonly line: number; readonly column: number } {
    const line = this.lineAt(offset)
    const within = offset - this.contentOf(line)
    return { line: line + 1, column: Math.max(0, this.columnsOf(line)?.[within] ?? within) + 1 }
  }

  /** Where the characters of a line begin: after a byte order mark. */
  private contentOf(line: number): Offset {
    return line === 0 && this.text.startsWith(byteOrderMark) ? 3 : this.startOf(line)
  }

  private slice(line: number): string {
    return this.text.slice(this.contentOf(line), this.startOf(line + 1))
  }

  // Of the line asked for last: a generated line may be long, and full of findings.
  private shown: { readonly line: number; readonly text: string } = { line: -1, text: '' }
  private counted: { readonly line: number; readonly columns: Int32Array | null } = { line: -1, columns: null }

  /** For each byte of a line, and its end, how many characters are before it; null where each byte is a character. */
  private columnsOf(line: number): Int32Array | null {
    if (this.counted.line === line) return this.counted.columns
    const text = this.slice(line)
    let columns: Int32Array | null = null
    if (decode(text) !== text) {
      columns = new Int32Array(text.length + 1)
      let before = 0
      for (let at = 0; at <= text.length; at++) {
        columns[at] = before
        if ((text.charCodeAt(at) & 0xc0) !== 0x80) before++
      }
    }
    this.counted = { line, columns }
    return columns
  }
}
