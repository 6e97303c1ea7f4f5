import { lastUpTo } from '../source/search.ts'
import { Brackets } from './brackets.ts'
import type { BuildFile } from './build-file.ts'
import { strip } from './strip.ts'

/** A build file's text for reading with patterns; all three have the same offsets. */
export interface BuildText {
  /** Without comments; in Python and Meson strings in triple quotes are two empty ones with blanks between them. */
  readonly code: string
  /** As `code`, but with blanks inside strings, so that every bracket is one, and every line end one of code. */
  readonly skeleton: string
  /** Those of the skeleton. */
  readonly brackets: Brackets
}

const texts = new WeakMap<BuildFile, BuildText>()

/** The text of a build file without what is no code. */
export function buildText(file: BuildFile): BuildText {
  let text = texts.get(file)
  if (!text) {
    const { code, skeleton } = strip(file)
    text = { code, skeleton, brackets: new Brackets(skeleton) }
    texts.set(file, text)
  }
  return text
}

const lineEnds = new WeakMap<BuildFile, readonly number[]>()

/** The line of a build file that a place stands in, from 1. */
export function lineIn(file: BuildFile, offset: number): number {
  let ends = lineEnds.get(file)
  if (!ends) {
    ends = [...file.text.matchAll(/\n/g)].map(({ index }) => index)
    lineEnds.set(file, ends)
  }
  return lastUpTo(ends, offset - 1) + 2
}

/**
 * The words of build files, comments left out: every macro that they may define is one of them. Modules of CMake offer
 * what a build may ask for, and much that it does not; Cargo defines no macros of C.
 */
export const buildWords = (files: readonly BuildFile[]): ReadonlySet<string> =>
  new Set(
    files.flatMap((each) =>
      each.path.endsWith('.cmake') || each.kind === 'Cargo.toml'
        ? []
        : (buildText(each)
            .code.replace(/-D(?=\w)/g, '-D ')
            .match(/[A-Za-z_]\w*/g) ?? []),
    ),
  )

/** A call in a build file: what is called and where its arguments stand. */
export interface PythonCall {
  readonly name: string
  readonly start: number
  readonly end: number
}

/** The call that a place stands in, the innermost one that has a name, whatever brackets are between; null for none. */
export function callAround({ skeleton, brackets }: BuildText, offset: number): PythonCall | null {
  let open = brackets.opening(offset)
  for (let turn = 0; open >= 0 && turn < mostBrackets; turn++) {
    const name = skeleton[open] === '(' ? nameBefore(skeleton, open) : ''
    if (name !== '')
      return { name: name.slice(name.lastIndexOf('.') + 1), start: open + 1, end: brackets.closing(open) }
    open = brackets.opening(open)
  }
  return null
}

/** Brackets around a place that are looked at. */
const mostBrackets = 100
/** Characters before a bracket in which a name is looked for. */
const longestName = 80

/** The name that stands before a place, with its dots; empty for none. */
function nameBefore(skeleton: string, offset: number): string {
  const before = skeleton.slice(Math.max(0, offset - longestName), offset).trimEnd()
  let start = before.length
  while (start > 0 && /[\w.]/.test(before[start - 1]!)) start--
  return before.slice(start)
}

/** A stretch of a text, `end` exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** The list, tuple or call that a place stands in, brackets left out; the whole text where it stands in none. */
export function bracketsAround({ skeleton, brackets }: BuildText, offset: number, levels = 1): Span {
  let open = brackets.opening(offset)
  for (let level = 1; level < levels && open >= 0; level++) open = brackets.opening(open)
  return open < 0 ? { start: 0, end: skeleton.length } : { start: open + 1, end: brackets.closing(open) }
}

/** From a place to the comma or the bracket that ends the expression there, or the line end where `line` is set. */
export function expressionAt(
  { code, brackets }: BuildText,
  start: number,
  line = false,
): Span & { readonly text: string } {
  const end = Math.max(start, line ? brackets.lineEnd(start) : brackets.comma(start))
  const raw = code.slice(start, end)
  const text = raw.trim()
  const from = start + raw.length - raw.trimStart().length
  return { text, start: from, end: from + text.length }
}
