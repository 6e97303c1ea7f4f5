import type { BuildFile } from './build-file.ts'

/** A text without what is no code, twice; both have the offsets of the text. */
export interface Stripped {
  /** Without comments; in Python and Meson strings in triple quotes are two empty ones with blanks between them. */
  readonly code: string
  /** As `code`, but with blanks inside strings. */
  readonly skeleton: string
}

/** What is a comment and what is a string in a build file. */
interface Lexis {
  /** Comments begin where a line does, with `#` or `;`; else anywhere with `#`. */
  readonly commentLines?: true
  /** Strings in triple quotes, which go over several lines. */
  readonly triple?: true
  /** A backslash is nothing in single quotes. */
  readonly literal?: true
  /** No single quotes, strings of several lines, and comments in brackets: `#[==[ ... ]==]`. */
  readonly cmake?: true
}

const lexes: Readonly<Record<BuildFile['kind'], Lexis>> = {
  'setup.py': { triple: true },
  'meson.build': { triple: true },
  'meson.options': { triple: true },
  'BUILD.bazel': { triple: true },
  'CMakeLists.txt': { cmake: true },
  'setup.cfg': { commentLines: true },
  'pyproject.toml': { literal: true },
  'Cargo.toml': { literal: true },
}

/** A byte order mark, one character for each byte. */
const byteOrderMark = /^\u00ef\u00bb\u00bf/

/** Blanks in place of comments and strings. Looks at each character a few times at most, whatever does not end. */
export function strip({ kind, text }: BuildFile): Stripped {
  return new Stripper(text.replace(byteOrderMark, '  \n'), lexes[kind]).strip()
}

const newline = 10
const backslash = 92
const doubleQuote = 34
const singleQuote = 39
const hash = 35

/** Longer brackets of comments of CMake begin none. */
const longestBracket = 100

class Stripper {
  private readonly code: string[] = []
  private readonly skeleton: string[] = []
  /** Up to here the text is in both. */
  private done = 0
  /** What ends a triple quote or a comment, and does not come any more. */
  private readonly absent = new Set<string>()
  /** Of each kind of quote the places from which on a string was looked for that does not end. */
  private readonly endless = new Map<number, Uint8Array>()

  constructor(
    private readonly text: string,
    private readonly lexis: Lexis,
  ) {}

  strip(): Stripped {
    const { text } = this
    for (let at = 0; at < text.length; ) at = this.read(at)
    this.keepUpTo(text.length)
    return { code: this.code.join(''), skeleton: this.skeleton.join('') }
  }

  /** Reads what begins at a place. @returns where the next thing does */
  private read(at: number): number {
    const { text, lexis } = this
    const sign = text.charCodeAt(at)
    if (lexis.commentLines && (at === 0 || text.charCodeAt(at - 1) === newline)) {
      const first = afterBlanks(text, at)
      if (text[first] === '#' || text[first] === ';') return this.dropComment(at, lineEndOf(text, first))
    }
    if (sign === hash && !lexis.commentLines) return this.dropComment(at, this.commentEnd(at))
    if (sign !== doubleQuote && (sign !== singleQuote || lexis.cmake)) return at + 1
    if (lexis.triple && text.charCodeAt(at + 1) === sign && text.charCodeAt(at + 2) === sign) {
      const end = this.after(text[at]!.repeat(3), at + 3)
      if (end >= 0) return this.dropTriple(at, end)
    }
    const end = this.stringEnd(at, sign)
    return end < 0 ? at + 1 : this.blankString(at, end)
  }

  private commentEnd(at: number): number {
    const { text, lexis } = this
    if (lexis.cmake && text[at + 1] === '[') {
      let open = at + 2
      while (text[open] === '=' && open - at < longestBracket) open++
      const end = text[open] === '[' ? this.after(`]${'='.repeat(open - at - 2)}]`, open + 1) : -1
      if (end >= 0) return end
    }
    return lineEndOf(text, at)
  }

  /** The offset behind the next mark; -1 where none comes. */
  private after(mark: string, from: number): number {
    const found = this.absent.has(mark) ? -1 : this.text.indexOf(mark, from)
    if (found < 0) this.absent.add(mark)
    return found < 0 ? -1 : found + mark.length
  }

  /** The offset behind the string that begins at a quote; -1 where it does not end, or not on its line. */
  private stringEnd(quoteAt: number, quote: number): number {
    const { text, lexis } = this
    const escapes = !(lexis.literal && quote === singleQuote)
    let endless = this.endless.get(quote)
    let at = quoteAt + 1
    for (; at < text.length && !endless?.[at]; at++) {
      const sign = text.charCodeAt(at)
      if (sign === quote) return at + 1
      if (sign === newline && !lexis.cmake) break
      if (sign === backslash && escapes) at++
    }
    endless ??= new Uint8Array(text.length)
    this.endless.set(quote, endless)
    for (let seen = quoteAt + 1; seen < at && !endless[seen]; seen++) {
      endless[seen] = 1
      if (text.charCodeAt(seen) === backslash && escapes) seen++
    }
    return -1
  }

  private keepUpTo(at: number): void {
    const part = this.text.slice(this.done, at)
    this.code.push(part)
    this.skeleton.push(part)
    this.done = at
  }

  private dropComment(start: number, end: number): number {
    this.keepUpTo(start)
    const blanks = blank(this.text.slice(start, end))
    this.code.push(blanks)
    this.skeleton.push(blanks)
    this.done = end
    return end
  }

  private dropTriple(start: number, end: number): number {
    this.keepUpTo(start + 2)
    this.code.push(blank(this.text.slice(start + 2, end - 2)))
    this.skeleton.push(' '.repeat(end - start - 4))
    this.done = end - 2
    return end
  }

  private blankString(start: number, end: number): number {
    this.keepUpTo(start + 1)
    const inside = this.text.slice(start + 1, end - 1)
    this.code.push(inside)
    this.skeleton.push(blank(inside))
    this.done = end - 1
    return end
  }
}

/** Blanks for all but the ends of lines. */
const blank = (text: string): string =>
  text.replace(/[^\n]+/g, (line, at: number) => {
    const isCut = line.endsWith('\r') && text[at + line.length] === '\n'
    return isCut ? `${' '.repeat(line.length - 1)}\r` : ' '.repeat(line.length)
  })

/** Where the line ends that a place is on, without its `\n` or `\r\n`. */
function lineEndOf(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  if (end < 0) return text.length
  return end > at && text[end - 1] === '\r' ? end - 1 : end
}

function afterBlanks(text: string, from: number): number {
  let at = from
  while (text[at] === ' ' || text[at] === '\t') at++
  return at
}
