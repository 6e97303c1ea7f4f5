import type { Located } from '../analyzer/check/diagnostic.ts'
import { charactersOf, printable } from './printable.ts'
import { displayWidth } from './width.ts'

/** Terminal columns from one tab stop to the next. */
const tabWidth = 4
const ellipsis = '…'

/** Splits into what a reader takes for characters. Plain text needs no `Intl.Segmenter`, which is slow to start. */
function graphemesOf(text: string): readonly string[] {
  if (/^[\x20-\x7e]*$/.test(text)) return text.split('')
  shared.segmenter ??= new Intl.Segmenter('en')
  return Array.from(shared.segmenter.segment(text), ({ segment }) => segment)
}
const shared: { segmenter?: Intl.Segmenter } = {}

/** Splits a line into code points, as `charactersOf` does. */
export type Splitter = (line: string) => readonly string[]

/** A splitter that remembers the line before: a generated line may be long and full of findings. */
export function rememberingSplitter(): Splitter {
  let line = ''
  let characters: readonly string[] = []
  return (next) => {
    if (next !== line) [line, characters] = [next, charactersOf(next)]
    return characters
  }
}

/** A source line as a terminal shows it, and where its carets go. */
export interface Row {
  /** Ready to print: tabs expanded, control characters visible, cut to the room there is. */
  readonly text: string
  /** Terminal columns, from 0, before the first caret. */
  readonly indent: number
  /** Number of carets; 0 where nothing in the line is to be underlined. */
  readonly carets: number
}

interface Cell {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** Text as shown when it begins at a terminal column (from 0): the tab stops depend on that. */
function show(text: string, column: number): string {
  let shown = ''
  let at = column
  for (const [index, part] of text.split('\t').entries()) {
    const gap = index === 0 ? 0 : tabWidth - (at % tabWidth)
    const visible = printable(part)
    shown += ' '.repeat(gap) + visible
    at += gap + displayWidth(visible)
  }
  return shown
}

function toCells(text: string, column: number): readonly Cell[] {
  const cells: Cell[] = []
  let start = column
  for (const segment of graphemesOf(show(text, column))) {
    const end = start + displayWidth(segment)
    cells.push({ text: segment, start, end })
    start = end
  }
  return cells
}

/**
 * Shows a line with the characters from `from` to `to` underlined, cut on both sides of them where it is too long.
 * @param line one source line without line end
 * @param from first code point of the span, from 0; behind the end of the line counts as its end
 * @param to first code point after the span
 * @param room terminal columns there are, at least 20
 */
export function row(line: string, from: number, to: number, room: number, split: Splitter = charactersOf): Row {
  const characters = split(line)
  const start = Math.min(from, characters.length)
  const stop = Math.max(start, Math.min(to, characters.length))
  // Far away from the span nothing can be shown, so a line of a megabyte need not be measured.
  const first = Math.max(0, start - 2 * room)
  const last = Math.min(characters.length, start + 2 * room)
  const part = (begin: number, end: number): string => characters.slice(begin, end).join('')

  const before = toCells(part(first, start), 0)
  const from0 = before.at(-1)?.end ?? 0
  const inside = toCells(part(start, Math.min(stop, last)), from0)
  const to0 = inside.at(-1)?.end ?? from0
  const cells = [...before, ...inside, ...toCells(part(Math.min(stop, last), last), to0)]
  const total = cells.at(-1)?.end ?? 0

  const whole = first === 0 && last === characters.length && total <= room
  const keep = whole ? total : room - 2
  const margin = Math.max(0, Math.floor((keep - Math.max(1, to0 - from0)) / 2))
  const left = Math.max(0, Math.min(from0 - margin, total - keep))
  const kept = cells.filter((cell) => cell.start >= left && cell.end <= left + keep)

  const cutLeft = first > 0 || kept[0] !== cells[0]
  const cutRight = last < characters.length || kept.at(-1) !== cells.at(-1)
  const text = kept.map((cell) => cell.text).join('')
  return {
    text: `${cutLeft ? ellipsis : ''}${text}${cutRight ? ellipsis : ''}`,
    indent: from0 - (kept[0]?.start ?? 0) + (cutLeft ? 1 : 0),
    carets: Math.max(1, Math.min(to0, kept.at(-1)?.end ?? 0) - from0),
  }
}

/**
 * The excerpt of a diagnostic with its span underlined; of a span over several lines, each line from its first to its
 * last character that is not blank.
 * @param room terminal columns for source text, at least 20
 * @returns a row for each line of the excerpt
 */
export function frame(diagnostic: Located, room: number, split: Splitter): readonly Row[] {
  const { line, column, endLine, endColumn, excerpt } = diagnostic
  return excerpt.map((text, index) => {
    const from = index === 0 ? column - 1 : /^\s*/.exec(text)![0].length
    const to = line + index === endLine ? endColumn - 1 : [...text.trimEnd()].length
    const shown = row(text, from, to, room, split)
    return index > 0 && to <= from ? { ...shown, carets: 0 } : shown
  })
}
