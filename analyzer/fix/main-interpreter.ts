import { callsIn, inParentheses } from '../code/placement.ts'
import { bare, calleeName } from '../code/values.ts'
import type { Target } from '../knowledge/target.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset } from '../source/text.ts'
import type { Fix } from './fix.ts'

/** The level from which on the Limited API tells the number of an interpreter. */
const tellsNumber = 7

/**
 * The fix for `PyInterpreterState_Get() == PyInterpreterState_Main()`: the main interpreter is the one with the number 0.
 * Null where the main interpreter is needed for anything else.
 * @param start where the call of `PyInterpreterState_Main` begins, in bytes
 */
export function mainInterpreterFix(
  targets: readonly Target[],
  model: ProjectModel,
  file: FileId,
  start: Offset,
): Fix | null {
  const code = model.project.code(file).codeAt(start)
  const call = code && callsIn(code).find(({ span }) => span.start === start)
  if (!code || !call || targets.some(({ level }) => level < tellsNumber)) return null
  const { whole, parent } = inParentheses(code, call)
  if (parent?.kind !== 'binary' || !/^[!=]=$/.test(parent.operator)) return null
  const other = bare(parent.left === whole ? parent.right : parent.left)
  if (other.kind !== 'call' || calleeName(other) !== 'PyInterpreterState_Get') return null
  return {
    title: 'ask for the number of the interpreter, which is 0 for the main one',
    safety: 'safe',
    reason: '',
    kind: 'file',
    rewrites: [{ ...parent.span, pieces: ['PyInterpreterState_GetID(', other.span, `) ${parent.operator} 0`] }],
    includes: [],
    shims: [],
  }
}
