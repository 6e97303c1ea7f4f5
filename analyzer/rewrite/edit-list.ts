import type { Statement } from '../code/tree.ts'
import type { ProjectEdits, TextEdit } from '../fix/fix.ts'
import { addTo } from '../source/multimap.ts'
import type { Offset, Span } from '../source/text.ts'
import { indentAt, lineEndOf, ownLine } from './places.ts'
import type { Sources } from './sources.ts'

/** Edits of a project while they are being written, and the shims that they use. */
export class EditList {
  private readonly edits = new Map<string, TextEdit[]>()
  private readonly shims = new Map<string, Set<string>>()
  private readonly included = new Set<string>()
  private readonly inserted = new Map<string, Map<Offset, string[]>>()

  constructor(private readonly sources: Sources) {}

  add(file: string, edit: TextEdit): void {
    addTo(this.edits, file, edit)
  }

  /** Puts text in the place of what stands at a span. */
  replace(file: string, { start, end }: Span, text: string): void {
    this.add(file, { start, end, text })
  }

  useShim(file: string, name: string): void {
    this.shims.set(file, (this.shims.get(file) ?? new Set()).add(name))
  }

  /** Files include a header of the project from now on. */
  include(header: string): void {
    this.included.add(header)
  }

  /** Puts text at an offset, behind what was put there before. */
  insert(file: string, offset: Offset, text: string): void {
    const offsets = this.inserted.get(file) ?? new Map<Offset, string[]>()
    this.inserted.set(file, offsets)
    addTo(offsets, offset, text)
  }

  /** Puts lines before a statement; several puts at one place keep their order. */
  insertBefore(file: string, { span: { start } }: Statement, lines: readonly string[]): void {
    const text = this.sources.text(file)
    const indent = indentAt(text, start)
    const lineEnd = lineEndOf(text)
    const lineStart = ownLine(text, start)
    const put = lines.map((line) => `${line.startsWith('#') ? '' : indent}${line}${lineEnd}`).join('')
    this.insert(file, lineStart ?? start, lineStart === null ? `${lines.join(' ')} ` : put)
  }

  /** All edits, of which no two in a file touch. */
  done(): ProjectEdits {
    for (const [file, offsets] of this.inserted)
      for (const [offset, texts] of offsets) this.add(file, { start: offset, end: offset, text: texts.join('') })
    this.inserted.clear()
    const edits = new Map([...this.edits].map(([file, each]) => [file, merged(each)] as const))
    return { edits, shims: this.shims, included: [...this.included] }
  }
}

/** Edits of a file, each once, in the order of the text; what another edit replaces whole is left out. */
function merged(edits: readonly TextEdit[]): readonly TextEdit[] {
  const distinct = [...new Map(edits.map((edit) => [`${edit.start} ${edit.end} ${edit.text}`, edit])).values()]
  const kept: TextEdit[] = []
  for (const edit of distinct.sort((a, b) => a.start - b.start || b.end - a.end)) {
    const before = kept.at(-1)
    const isEmpty = edit.start === edit.end
    if (before && isEmpty && before.start === edit.start && before.end > before.start) {
      kept[kept.length - 1] = { ...before, text: edit.text + before.text }
      continue
    }
    if (before && before.end > before.start && edit.end <= before.end && !(isEmpty && edit.start === before.end))
      continue
    if (before && isEmpty && before.start === edit.start && before.end === before.start)
      kept[kept.length - 1] = { ...before, text: before.text + edit.text }
    else kept.push(edit)
  }
  return kept
}
