import type { CallValue } from '../code/tree.ts'
import type { ProjectModel } from '../project/model.ts'
import { isOnlyCalled } from './callers.ts'
import { tableRolesOf } from './function-roles.ts'
import type { Body } from './functions.ts'

/** What names of locks look like. */
const lock = /CRITICAL_SECTION|[Mm]utex|SRWLock|(?:\b|_)[Ll]ock(?:\b|_)/

/**
 * Whether a function takes a lock anywhere, or is only called by functions that hold one there: those of Argument
 * Clinic call what a person wrote within a critical section.
 */
export const runsUnderLock = (model: ProjectModel, body: Body): boolean =>
  lock.test(textOf(model, body, body.code.span.end)) || isCalledUnderLock(model, body, 0)

const textOf = (model: ProjectModel, { file, code }: Body, end: number): string =>
  model.project.code(file).text.slice(code.span.start, end)

const isCalledUnderLock = (model: ProjectModel, body: Body, depth: number): boolean =>
  tableRolesOf(model, body).length === 0 &&
  isOnlyCalled(
    model,
    body,
    depth,
    (caller, call) => isInSection(model, caller, call) || isCalledUnderLock(model, caller, depth + 1),
  )

/** Whether the last critical section that begins before a call has not ended there. */
function isInSection(model: ProjectModel, caller: Body, call: CallValue): boolean {
  const before = textOf(model, caller, call.span.start)
  return before.lastIndexOf('Py_BEGIN_CRITICAL_SECTION') > before.lastIndexOf('Py_END_CRITICAL_SECTION')
}
