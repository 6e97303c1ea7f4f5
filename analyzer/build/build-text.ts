import type { BuildFile } from './build-file.ts'

/** A build file's text for reading with patterns; all three have the same offsets. */
export interface BuildText {
  /** Without comments; in Python and Meson strings in triple quotes are two empty ones with blanks between them. */
  readonly code: string
  /** As `code`, but with blanks inside strings, so that every bracket is one, and every line end one of code. */
  readonly skeleton: string
}

const texts = new WeakMap<BuildFile, BuildText>()

/** The text of a build file without what is no code. */
export function buildText(file: BuildFile): BuildText {
  let text = texts.get(file)
  if (!text) {
    text = strip(file)
    texts.set(file, text)
  }
  return text
}

/** The words of build files, comments left out: every macro that they may define is one of them. */
export const buildWords = (files: readonly BuildFile[]): ReadonlySet<string> =>
  new Set(
    files.flatMap(
      (each) =>
        buildText(each)
          .code.replace(/-D(?=\w)/g, '-D ')
          .match(/[A-Za-z_]\w*/g) ?? [],
    ),
  )

const blank = (text: string): string => text.replace(/[^\n]/g, ' ')
/** What stands between the first and the last characters of a string becomes blanks. */
const blankInside = (text: string, ends: number): string =>
  text.slice(0, ends) + blank(text.slice(ends, -ends)) + text.slice(-ends)
const withoutComment = (part: string): string => (part.startsWith('#') ? blank(part) : part)

/** Strings and comments of build files, as parts of regular expressions. */
const single = String.raw`'(?:\\[\s\S]|[^'\\\n])*'`
const double = String.raw`"(?:\\[\s\S]|[^"\\\n])*"`
const triple = String.raw`'''[\s\S]*?'''|"""[\s\S]*?"""`
const comment = String.raw`#[^\n]*`

const pythonParts = new RegExp([triple, single, double, comment].join('|'), 'g')
const pythonStrings = new RegExp([single, double].join('|'), 'g')
/** A string in triple quotes as it stands in `code`. */
const blankString = /(["'])\1\s*\n\s*\1\1/g
/** A byte order mark, one character for each byte. */
const byteOrderMark = /^\u00ef\u00bb\u00bf/
const cmakeParts = /"(?:\\[\s\S]|[^"\\])*"|#\[(=*)\[[\s\S]*?\]\1\]|#[^\n]*/g
const cmakeStrings = /"(?:\\[\s\S]|[^"\\])*"/g
const tomlParts = new RegExp([double, String.raw`'[^'\n]*'`, comment].join('|'), 'g')

function strip({ kind, text: whole }: BuildFile): BuildText {
  const text = whole.replace(byteOrderMark, '  \n')
  let code: string
  switch (kind) {
    case 'setup.py':
    case 'meson.build':
      code = text.replace(pythonParts, (part) =>
        part.startsWith('#') ? blank(part) : /^(?:'''|""")/.test(part) ? blankInside(part, 2) : part,
      )
      break
    case 'CMakeLists.txt':
      code = text.replace(cmakeParts, withoutComment)
      break
    case 'setup.cfg':
      code = text.replace(/^[ \t]*[#;][^\n]*/gm, blank)
      break
    default:
      code = text.replace(tomlParts, withoutComment)
  }
  const strings = kind === 'CMakeLists.txt' ? cmakeStrings : pythonStrings
  const isPython = kind === 'setup.py' || kind === 'meson.build'
  const lines = isPython ? code.replace(blankString, (part) => part.replace(/\n/g, ' ')) : code
  return { code, skeleton: lines.replace(strings, (part) => blankInside(part, 1)) }
}

/** A call in a build file: what is called and where its arguments stand. */
export interface PythonCall {
  readonly name: string
  readonly start: number
  readonly end: number
}

/** The calls around a place, the innermost first. */
export function callsAround({ skeleton }: BuildText, offset: number): PythonCall[] {
  const calls: PythonCall[] = []
  let depth = 0
  for (let at = offset - 1; at >= 0; at--) {
    const character = skeleton[at]
    if (character === ')') depth++
    else if (character === '(' && depth-- === 0) {
      depth = 0
      const name = /[\w.]*$/.exec(skeleton.slice(Math.max(0, at - 80), at).trimEnd())![0]
      if (name === '') continue
      calls.push({ name: name.slice(name.lastIndexOf('.') + 1), start: at + 1, end: closing(skeleton, at) })
    }
  }
  return calls
}

/** A stretch of a text, `end` exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** The list, tuple or call that a place stands in, brackets left out; the whole text where it stands in none. */
export function bracketsAround({ skeleton }: BuildText, offset: number, levels = 1): Span {
  let depth = 0
  for (let at = offset - 1; at >= 0; at--) {
    const character = skeleton[at]!
    if (')]}'.includes(character)) depth++
    else if ('([{'.includes(character)) {
      if (depth > 0) depth--
      else if (--levels === 0) return { start: at + 1, end: closing(skeleton, at) }
    }
  }
  return { start: 0, end: skeleton.length }
}

/** Where the bracket at a place is closed. @param skeleton as in `BuildText` */
export function closing(skeleton: string, open: number): number {
  let depth = 0
  for (let at = open; at < skeleton.length; at++) {
    if ('([{'.includes(skeleton[at]!)) depth++
    else if (')]}'.includes(skeleton[at]!) && --depth === 0) return at
  }
  return skeleton.length
}

/** From a place to the comma or the bracket that ends the expression there, or the line end where `line` is set. */
export function expressionAt(
  { code, skeleton }: BuildText,
  start: number,
  line = false,
): Span & { readonly text: string } {
  let depth = 0
  let at = start
  for (; at < skeleton.length; at++) {
    const character = skeleton[at]!
    if ('([{'.includes(character)) depth++
    else if (')]}'.includes(character) && depth-- === 0) break
    else if (depth === 0 && (line ? character === '\n' : character === ',')) break
  }
  const raw = code.slice(start, at)
  const from = start + raw.length - raw.trimStart().length
  return { text: raw.trim(), start: from, end: from + raw.trim().length }
}
