import type { Target } from '../knowledge/target.ts'
import type { ProjectModel } from '../project/model.ts'
import { mainComparison } from '../semantics/main-interpreter.ts'
import type { FileId, Offset } from '../source/text.ts'
import type { Fix } from './fix.ts'

/** The level from which on the Limited API tells the number of an interpreter. */
const tellsNumber = 7

/**
 * The fix for `PyInterpreterState_Get() == PyInterpreterState_Main()`: the main interpreter is the one with the number
 * 0. Null where the main interpreter is needed for anything else.
 * @param start where the call of `PyInterpreterState_Main` begins, in bytes
 */
export function mainInterpreterFix(
  targets: readonly Target[],
  model: ProjectModel,
  file: FileId,
  start: Offset,
): Fix | null {
  const comparison = mainComparison(model, file, start)
  if (comparison === null || targets.some(({ level }) => level < tellsNumber)) return null
  const { whole, running, operator } = comparison
  return {
    title: 'ask for the number of the interpreter, which is 0 for the main one',
    safety: 'safe',
    reason: '',
    kind: 'file',
    rewrites: [{ ...whole, pieces: ['PyInterpreterState_GetID(', running, `) ${operator} 0`] }],
    includes: [],
    shims: [],
  }
}
