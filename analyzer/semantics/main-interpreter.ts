import { callStarting, inParentheses } from '../code/placement.ts'
import { bare, calleeName } from '../code/values.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset, Span } from '../source/text.ts'

/** A comparison of the running interpreter with the main one. */
export interface MainComparison {
  readonly whole: Span
  /** The call that gives the running one. */
  readonly running: Span
  readonly operator: string
}

/**
 * The comparison `PyInterpreterState_Get() == PyInterpreterState_Main()` or `!=`; null where the main interpreter is
 * needed for anything else.
 * @param start where the call of `PyInterpreterState_Main` begins, in bytes
 */
export function mainComparison(model: ProjectModel, file: FileId, start: Offset): MainComparison | null {
  const code = model.project.code(file).codeAt(start)
  const call = code && callStarting(code, start)
  if (!code || !call) return null
  const { whole, parent } = inParentheses(code, call)
  if (parent?.kind !== 'binary' || !/^[!=]=$/.test(parent.operator)) return null
  const other = bare(parent.left === whole ? parent.right : parent.left)
  if (other.kind !== 'call' || calleeName(other) !== 'PyInterpreterState_Get') return null
  return { whole: parent.span, running: other.span, operator: parent.operator }
}
