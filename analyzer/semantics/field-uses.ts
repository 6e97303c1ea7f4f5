import { inParentheses, memberAt } from '../code/placement.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset } from '../source/text.ts'

/** What is done with a field: where that is not known it counts as called. */
export type FieldUse = 'set' | 'called' | 'read'

/** What the code around a field does with it. @param start of its name */
export function fieldUse(model: ProjectModel, file: FileId, start: Offset, field: string): FieldUse {
  const code = model.project.code(file).codeAt(start)
  const value = code === null ? null : memberAt(code, start + field.length, field)
  if (code === null || value === null) return 'called'
  const { whole: at, parent } = inParentheses(code, value)
  if (parent?.kind === 'assign' && parent.target === at) return 'set'
  if (parent?.kind === 'unary' && /^x?(?:\+\+|--)$/.test(parent.operator)) return 'set'
  return parent?.kind === 'call' && parent.callee === at ? 'called' : 'read'
}
