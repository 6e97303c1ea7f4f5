import type { ItemEntry } from '../../code/tree.ts'
import type { Field, FieldPart } from '../../semantics/type-fields.ts'
import { commentPattern } from '../../source/comments.ts'
import { addAll } from '../../source/lists.ts'
import type { Span } from '../../source/text.ts'

/** A line of an initialiser that is written anew, without its indent. */
export interface Line {
  readonly text: string
  readonly isDirective: boolean
}

/** A line of code. */
export const codeLine = (text: string): Line => ({ text, isDirective: false })

/** What stands in an initialiser, in the order of its text. */
interface Event extends Span {
  readonly part: Field | null
  readonly isDirective: boolean
}

/** What of an initialiser is written anew, and how. */
export interface LineWriter {
  /** What stands for a value, empty for nothing. */
  write(field: string, item: ItemEntry): readonly Line[]
  /**
   * Whether a comment is kept that stands behind the value of a field on its line, or, for null, on lines of its own.
   */
  shows(field: string | null): boolean
}

/**
 * Goes through an initialiser in the order of its text.
 * @param inside what is between the braces
 */
export function linesOf(text: string, fields: readonly FieldPart[], inside: Span, writer: LineWriter): readonly Line[] {
  const lines = new InitialiserLines(text, writer)
  const events = eventsOf(text, fields, inside)
  let last = inside.start
  events.forEach((event, index) => {
    lines.add(event, text.slice(last, event.start), events[index + 1])
    last = event.end
  })
  return lines.done()
}

function eventsOf(text: string, fields: readonly FieldPart[], inside: Span): readonly Event[] {
  const events: Event[] = []
  const collect = (parts: readonly FieldPart[]): void => {
    for (const part of parts) {
      if (part.kind === 'field') events.push({ ...part.item.span, part, isDirective: false })
      else {
        part.of.branches.forEach(({ directive }, index) => {
          events.push({ ...directive, part: null, isDirective: true })
          collect(part.branches[index]!)
        })
        events.push({ ...part.of.endif, part: null, isDirective: true })
      }
    }
  }
  collect(fields)
  const isInValue = (at: number): boolean =>
    events.some(({ start, end, isDirective }) => !isDirective && start <= at && at < end)
  for (const comment of commentsIn(text, inside))
    if (!isInValue(comment.start)) events.push({ ...comment, part: null, isDirective: false })
  return events.sort((a, b) => a.start - b.start)
}

const stringsAndComments = new RegExp(
  String.raw`"[^"\\\n]*(?:\\[\s\S][^"\\\n]*)*"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'|${commentPattern}`,
  'g',
)

const commentsIn = (text: string, { start, end }: Span): Span[] =>
  [...text.slice(start, end).matchAll(stringsAndComments)]
    .filter(([found]) => found.startsWith('/'))
    .map((match) => ({ start: start + match.index, end: start + match.index + match[0].length }))

/** The lines that are made of an initialiser so far. */
class InitialiserLines {
  private readonly lines: Line[] = []
  /** Lines that a comment may still go behind. */
  private pending: Line[] = []
  /** The value that was last, unless something else came since. */
  private last: { readonly field: string; readonly hasLine: boolean } | null = null

  constructor(
    private readonly text: string,
    private readonly writer: LineWriter,
  ) {}

  done(): readonly Line[] {
    this.flush([])
    return this.lines
  }

  private flush(next: Line[]): void {
    addAll(this.lines, this.pending)
    this.pending = next
  }

  /** @param gap what stands between the event before and this one */
  add(event: Event, gap: string, next: Event | undefined): void {
    if (event.part !== null) {
      const { field, item } = event.part
      this.flush([...this.writer.write(field, item)])
      this.last = { field, hasLine: this.pending.length > 0 }
    } else if (event.isDirective) {
      this.flush([{ text: this.text.slice(event.start, event.end), isDirective: true }])
      this.last = null
    } else this.comment(event, gap, next)
  }

  private comment({ start, end }: Event, gap: string, next: Event | undefined): void {
    const comment = this.text.slice(start, end)
    const before = gap.includes('\n') ? null : this.last
    const isBefore = next?.part && !this.text.slice(end, next.start).includes('\n')
    const beside = before?.field ?? (isBefore ? next.part!.field : null)
    if (isLabel(comment, beside) || !this.writer.shows(before?.field ?? null)) return
    // What is said of a value goes with it.
    const isOfDropped = before
      ? !before.hasLine
      : isBefore && this.writer.write(next.part!.field, next.part!.item).length === 0
    if (isOfDropped) return
    const behind = this.pending.at(-1)
    if (before?.hasLine && behind) {
      this.pending[this.pending.length - 1] = { ...behind, text: `${behind.text} ${comment}` }
      return
    }
    this.flush([...(/\n[ \t]*\r?\n/.test(gap) ? [codeLine('')] : []), codeLine(comment)])
    this.last = null
  }
}

/** What a comment says, without the signs around it. */
const wordsOf = (comment: string): string => comment.replace(/^[/*\s-]+|[*/\s-]+$/g, '')

/** How the names of fields of type objects and of their tables begin. */
const fieldPrefix = '(?:tp|ob|nb|sq|mp|bf|am)_'

const beginsWithField = new RegExp(`^(?:\\([a-z]+\\)\\s*)?${fieldPrefix}`)

const isField = new RegExp(`^${fieldPrefix}\\w+$`)

/** Whether a word in a label is a field, or says how a field is called in some version. */
const saysNothing = (word: string): boolean =>
  word === '' ||
  isField.test(word) ||
  /^(?:was|formerly|now|or|and|in|since|before|python|py|deprecated|reserved|unused|print|compare|\d+|x)$/i.test(word)

/** Whether a comment only names the field beside it. */
function isLabel(comment: string, field: string | null): boolean {
  const words = wordsOf(comment)
  if (beginsWithField.test(words) && words.split(/[^\w]+/).every(saysNothing)) return true
  if (/^(?:ob_)?(?:size|header|reserved|unused)$/i.test(words)) return true
  const letters = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '')
  if (field === null) return false
  const plain = letters(field.replace(/^[a-z]+_/, ''))
  const said = letters(words)
  return (
    said === plain ||
    said === letters(field) ||
    (plain === 'vectorcalloffset' && /^(?:print|vectorcall)/.test(said)) ||
    (plain === 'asasync' && /^(?:compare|reserved|async)/.test(said)) ||
    (plain === 'bool' && said === 'nonzero')
  )
}

/** Lines without conditions that nothing is left in. */
export function withoutEmpty(lines: readonly Line[]): Line[] {
  let result = [...lines]
  for (;;) {
    const at = result.findIndex(
      ({ isDirective, text }, index) => isDirective && /^#\s*if/.test(text) && emptyUpTo(result, index) > 0,
    )
    if (at < 0) return result
    result = [...result.slice(0, at), ...result.slice(emptyUpTo(result, at) + 1)]
  }
}

/** Where the `#endif` stands of a condition that holds nothing; 0 where it holds something. */
function emptyUpTo(lines: readonly Line[], from: number): number {
  for (let at = from + 1; at < lines.length; at++) {
    if (!lines[at]!.isDirective || /^#\s*if/.test(lines[at]!.text)) return 0
    if (/^#\s*endif/.test(lines[at]!.text)) return at
  }
  return 0
}
