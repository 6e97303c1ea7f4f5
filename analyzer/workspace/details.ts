import type { Details, Located, Substitution } from '../check/diagnostic.ts'
import { applyEdits } from '../fix/edits.ts'
import type { TextEdit } from '../fix/fix.ts'
import { decode, type Lines, type Offset } from '../source/text.ts'
import { lineHashes } from './line-hashes.ts'

/** Edits that are further apart are no substitution: it would hold all that stands between them. */
const mostBytes = 2000

/** Finds out the details of diagnostics. */
export class Detailing {
  private readonly hashes = new Map<string, readonly string[]>()

  constructor(private readonly lines: (file: string) => Lines) {}

  of({ file, start, end, line, endLine, fix }: Located): Details {
    const lines = this.lines(file)
    const single = fix?.kind === 'file' && fix.includes.length === 0 && fix.shims.length === 0 ? fix.edits : []
    return {
      byteColumn: start - lines.startOf(line - 1) + 1,
      endByteColumn: Math.max(start, end) - lines.startOf(endLine - 1) + 1,
      lineHash: this.hashesOf(file, lines)[line - 1] ?? '',
      substitution: substitution(single, lines),
    }
  }

  private hashesOf(file: string, { text }: Lines): readonly string[] {
    let known = this.hashes.get(file)
    if (known === undefined) {
      known = lineHashes(text)
      this.hashes.set(file, known)
    }
    return known
  }
}

/** All of some edits, which do not overlap, as one. */
function substitution(edits: readonly TextEdit[], lines: Lines): Substitution | null {
  const start = edits.reduce((least, each) => Math.min(least, each.start), Infinity)
  const end = edits.reduce((most, each) => Math.max(most, each.end), 0)
  if (edits.length === 0 || end - start > mostBytes) return null
  const moved = edits.map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start }))
  const [first, last] = [place(start, lines), place(end, lines)]
  return {
    line: first.line,
    endLine: last.line,
    utf16Column: first.utf16Column,
    endUtf16Column: last.utf16Column,
    byteColumn: first.byteColumn,
    endByteColumn: last.byteColumn,
    text: decode(applyEdits(lines.text.slice(start, end), moved)),
  }
}

function place(offset: Offset, lines: Lines): { line: number; utf16Column: number; byteColumn: number } {
  const { line, column } = lines.position(offset)
  const before = Array.from(lines.textOf(line - 1)).slice(0, column - 1)
  return { line, utf16Column: before.join('').length + 1, byteColumn: offset - lines.startOf(line - 1) + 1 }
}
