import posix from 'path-browserify'
import type { CapsuleTable } from '../../semantics/capsule-tables.ts'
import type { EditList } from '../edit-list.ts'
import { aboveComment, lineEndOf } from '../places.ts'
import type { Sources } from '../sources.ts'
import type { NewNames } from './emit-exporter.ts'
import type { TableField } from './table-fields.ts'
import type { TableUser } from './users.ts'

/**
 * Users take their entries out of the new table: the variable points to that, the import is the checked one, and macros
 * name fields.
 * @param api the header of the table
 */
export function emitUsers(
  sources: Sources,
  users: readonly TableUser[],
  fields: readonly TableField[],
  shape: CapsuleTable['shape'],
  { type }: NewNames,
  api: string,
  edits: EditList,
): void {
  const first = new Map<string, number>()
  for (const { name, declarations, imports, uses } of users) {
    for (const { file, variable, type: span } of declarations) {
      edits.replace(file, span, `const ${type}Api *`)
      const { start } = variable.declaration.span
      first.set(file, Math.min(first.get(file) ?? start, start))
    }
    for (const { file, span } of imports) edits.replace(file, span, `${type}Api_ImportStatic()`)
    if (shape === 'struct') continue
    for (const { file, span, entry } of uses) {
      const { field } = fields.find(({ index }) => index === entry)!
      edits.replace(file, span, `${name}->${field}`)
    }
  }
  for (const [file, start] of first) {
    const text = sources.text(file)
    const path = posix.relative(posix.dirname(file), api)
    const lineEnd = lineEndOf(text)
    edits.insert(file, aboveComment(text, start), `#include "${path}"${lineEnd}${lineEnd}`)
  }
}
