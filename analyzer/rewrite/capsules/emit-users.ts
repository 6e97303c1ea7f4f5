import posix from 'path-browserify'
import { least } from '../../source/lists.ts'
import { addTo } from '../../source/multimap.ts'
import type { Offset, Span } from '../../source/text.ts'
import type { EditList } from '../edit-list.ts'
import { directiveBefore } from '../modules/state-place.ts'
import { aboveComment, lineEndOf, lineStart } from '../places.ts'
import type { Sources } from '../sources.ts'
import type { NewNames } from './emit-exporter.ts'
import type { Part } from './parts.ts'
import type { TableField } from './table-fields.ts'
import type { TableUser } from './users.ts'

/**
 * Users take their entries out of the new table: the variable points to that, the import is the checked one, and macros
 * name fields.
 */
export function emitUsers(
  { table, users }: Part,
  fields: readonly TableField[],
  { type }: NewNames,
  sources: Sources,
  edits: EditList,
): void {
  const write = (file: string, span: Span, written: string): void =>
    edits.replace(file, span, `${written}${commentsIn(sources.written(file, span))}`)
  for (const { name, declarations, imports, uses } of users) {
    for (const { file, type: span } of declarations) edits.replace(file, span, `const ${type}ApiEntries *`)
    for (const { file, span } of imports) write(file, span, `${type}Api_ImportStatic()`)
    if (table.shape === 'struct') continue
    for (const { file, span, entry } of uses) {
      const { field } = fields.find((each) => each.table === table && each.index === entry)!
      write(file, span, `${name}->${field}`)
    }
  }
}

/** The comments in code that is written anew, on one line, with a blank before each. */
const commentsIn = (text: string): string =>
  [...text.matchAll(/"[^"\\\n]*(?:\\.[^"\\\n]*)*"|\/\*([\s\S]*?)\*\/|\/\/([^\n]*)/g)]
    .flatMap(([, block, line]) => block ?? line ?? [])
    .map(
      (each) =>
        ` /* ${each
          .replace(/\s*\\?\r?\n\s*/g, ' ')
          .replaceAll('*/', '* /')
          .trim()} */`,
    )
    .join('')

/** Includes the header of the table in the files that declare variables for it. */
export function emitIncludes(sources: Sources, users: readonly TableUser[], api: string, edits: EditList): void {
  for (const [file, offset] of includePlaces(sources, users)) {
    const path = posix.relative(posix.dirname(file), api)
    const lineEnd = lineEndOf(sources.text(file))
    edits.insert(file, offset, `#include "${path}"${lineEnd}${lineEnd}`)
  }
}

/** Where files include the header of the table: above all that needs it, in whatever branch that is. */
export function includePlaces(sources: Sources, users: readonly TableUser[]): ReadonlyMap<string, Offset> {
  const needing = new Map<string, Offset[]>()
  for (const { declarations, imports } of users) {
    for (const { file, variable } of declarations) addTo(needing, file, variable.declaration.span.start)
    for (const { file, span } of imports) if (needing.has(file)) addTo(needing, file, span.start)
  }
  return new Map([...needing].map(([file, offsets]) => [file, placeAbove(sources, file, offsets)]))
}

function placeAbove(sources: Sources, file: string, offsets: readonly Offset[]): Offset {
  const text = sources.text(file)
  const first = least(offsets)
  const [own, ...others] = [first, ...offsets].map((offset) => sources.regionsAround({ file, offset }))
  const branch = own!.find((region) => !others.every((each) => each.includes(region)))
  const group = sources.directives(file).regions.filter((each) => branch !== undefined && each.group === branch.group)
  return branch === undefined
    ? aboveComment(text, first)
    : lineStart(text, directiveBefore(text, least(group.map(({ start }) => start))))
}
