import posix from 'path-browserify'
import type { EditList } from '../edit-list.ts'
import { aboveComment, lineEndOf } from '../places.ts'
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
  edits: EditList,
): void {
  for (const { name, declarations, imports, uses } of users) {
    for (const { file, type: span } of declarations) edits.replace(file, span, `const ${type}Api *`)
    for (const { file, span } of imports) edits.replace(file, span, `${type}Api_ImportStatic()`)
    if (table.shape === 'struct') continue
    for (const { file, span, entry } of uses) {
      const { field } = fields.find((each) => each.table === table && each.index === entry)!
      edits.replace(file, span, `${name}->${field}`)
    }
  }
}

/** Includes the header of the table above what is declared with it. */
export function emitIncludes(sources: Sources, users: readonly TableUser[], api: string, edits: EditList): void {
  const first = new Map<string, number>()
  for (const { file, variable } of users.flatMap(({ declarations }) => declarations)) {
    const { start } = variable.declaration.span
    first.set(file, Math.min(first.get(file) ?? start, start))
  }
  for (const [file, start] of first) {
    const text = sources.text(file)
    const path = posix.relative(posix.dirname(file), api)
    const lineEnd = lineEndOf(text)
    edits.insert(file, aboveComment(text, start), `#include "${path}"${lineEnd}${lineEnd}`)
  }
}
