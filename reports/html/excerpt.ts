import type { Located } from '../../analyzer/check/diagnostic.ts'
import { applyEdits } from '../../analyzer/fix/edits.ts'
import type { TextEdit } from '../../analyzer/fix/fix.ts'
import { decode, Lines } from '../../analyzer/source/text.ts'
import { lineRuns } from '../line-runs.ts'
import { printable } from '../printable.ts'
import { displayWidth } from '../width.ts'
import { type Html, html } from './markup.ts'

/** Lines shown before and behind a finding. */
const context = 3
/** Characters of a line that are shown at most: what has room on a screen of 1024 pixels. */
const widest = 100
/** Lines of a fix that are shown at most, and places of it. */
const mostLines = 24
const mostPlaces = 3

/** Tabs as blanks, since in markup nothing else is as wide. */
const untabbed = (text: string): string => text.replaceAll('\t', '    ')

/** A line without what is too long of it. */
const cut = (line: string): string => {
  const short = line.length > 4 * widest ? line.slice(0, 4 * widest) : line
  const characters = [...untabbed(short)]
  return short === line && characters.length <= widest ? untabbed(line) : `${characters.slice(0, widest).join('')}…`
}

/** Shows parts of one file. */
export class Excerpts {
  private readonly lines: Lines
  private readonly last: number
  private split: { readonly line: number; readonly characters: readonly string[] } = { line: -1, characters: [] }

  /** @param text one character per byte */
  constructor(private readonly text: string) {
    this.lines = new Lines(text)
    this.last = this.lines.lineAt(text.length)
  }

  /** A finding in its lines, with what it is about marked. */
  around({ line, column, endLine, endColumn }: Located): Html {
    const from = Math.max(0, line - 1 - context)
    const until = Math.min(this.last, Math.min(endLine, line + 2) - 1 + context)
    const shown: Html[] = []
    for (let at = from; at <= until; at++) {
      if (at === this.last && this.lines.textOf(at) === '') continue
      const isIn = at >= line - 1 && at < endLine
      const content = isIn
        ? this.marked(at, at === line - 1 ? column - 1 : null, at === endLine - 1 ? endColumn - 1 : null)
        : { line: html`${cut(this.lines.textOf(at))}`, caret: '' }
      const gutter = String(until + 1).length
      shown.push(html`<span class="ln">${String(at + 1).padStart(gutter)}</span> ${content.line}
`)
      if (content.caret !== '')
        shown.push(html`<span class="caret" aria-hidden="true">${' '.repeat(gutter + 1)}${content.caret}
</span>`)
    }
    return html`<pre dir="ltr">${shown}</pre>`
  }

  /** A line with a part of it marked, and what points to that from below, in the first line alone. */
  private marked(
    at: number,
    start: number | null,
    end: number | null,
  ): { readonly line: Html; readonly caret: string } {
    if (this.split.line !== at) this.split = { line: at, characters: [...this.lines.textOf(at)] }
    const { characters } = this.split
    const first = start ?? characters.findIndex((each) => each.trim() !== '')
    const stop = Math.max(first, Math.min(end ?? characters.length, characters.length))
    const room = Math.max(20, Math.floor((widest - Math.min(widest, stop - first)) / 2))
    const from = characters.length <= widest ? 0 : Math.max(0, first - room)
    const until =
      characters.length <= widest ? characters.length : Math.min(characters.length, stop + room, from + 2 * widest)
    const part = (a: number, b: number): string => untabbed(characters.slice(a, Math.max(a, b)).join(''))
    const inside = part(first, Math.min(stop, until)) || ' '
    const before = `${from > 0 ? '…' : ''}${part(from, first)}`
    const line = html`${before}<mark>${inside}</mark>${part(stop, until)}${until < characters.length && '…'}`
    if (start === null) return { line, caret: '' }
    const [blanks, carets] = [displayWidth(printable(before)), displayWidth(printable(inside))]
    return { line, caret: `${' '.repeat(blanks)}${'^'.repeat(Math.max(1, carets))}` }
  }

  /** What edits of the file change, as lines that go and lines that come. */
  changes(edits: readonly TextEdit[]): Html {
    const groups = this.groupsOf(edits)
    const shown = groups.slice(0, mostPlaces).map(({ from, until, own }) => {
      const [start, end] = [this.lines.startOf(from), this.lines.startOf(until + 1)]
      const old = this.text.slice(start, end)
      const moved = own.map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start }))
      const rows = lineRuns(old, applyEdits(old, moved)).flatMap(({ sign, lines }) =>
        lines.map((line) => ({ sign, text: cut(decode(line.replace(/\r?\n$/, ''))) })),
      )
      const more = rows.length - mostLines
      return html`<pre class="diff" dir="ltr"><span class="ln">@@ line ${from + 1} @@</span>
${rows.slice(0, mostLines).map(({ sign, text }) =>
  sign === '-'
    ? html`<del>-${text}</del>
`
    : sign === '+'
      ? html`<ins>+${text}</ins>
`
      : html` ${text}
`,
)}${more > 0 && html`&hellip; ${more} more lines`}</pre>
`
    })
    const more = groups.length - mostPlaces
    return html`${shown}${more > 0 && html`<p class="note">and ${more} more places of this file</p>`}`
  }

  /** Edits by the lines that they stand on; those next to each other go together. */
  private groupsOf(edits: readonly TextEdit[]): readonly { from: number; until: number; own: TextEdit[] }[] {
    const groups: { from: number; until: number; own: TextEdit[] }[] = []
    for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
      const [from, until] = [this.lines.lineAt(edit.start), this.lines.lineAt(edit.end)]
      const open = groups.at(-1)
      if (open !== undefined && from <= open.until + 2) {
        open.until = Math.max(open.until, until)
        open.own.push(edit)
      } else groups.push({ from, until, own: [edit] })
    }
    return groups
  }
}
