import { memberAt } from '../code/placement.ts'
import type { FunctionCode } from '../code/tree.ts'
import { bare, calleeName } from '../code/values.ts'
import { alternativesOf, variablesNamed, variablesOf } from '../code/variables.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Span } from '../source/text.ts'
import { VariableChanges } from './variable-changes.ts'

/** What gives the state of the thread that runs. */
const giveCurrent = /^(?:_?PyThreadState_(?:Get|GET|UncheckedGet|GetUnchecked)|_PyThreadState_UncheckedGet)$/

/**
 * Whether a field is read of the state of the current thread: of what `PyThreadState_Get` gives, there or in a variable
 * of the function that is never given anything else.
 * @param place of the field with its object, in bytes: `ts->dict`
 * @param field its name
 */
export function isOfCurrentThread(model: ProjectModel, file: FileId, { start, end }: Span, field: string): boolean {
  const code = model.project.code(file).codeAt(start)
  const member = code && memberAt(code, end, field)
  if (!code || member?.kind !== 'member') return false
  return alternativesOf(code, member.object).every((each) => {
    const value = bare(each)
    return (
      value.kind === 'call' && giveCurrent.test(calleeName(value) ?? '') && isSettled(model, file, code, member.object)
    )
  })
}

/** Whether a value, if it is a variable, has no other values than those that it is given by `=`. */
function isSettled(model: ProjectModel, file: FileId, code: FunctionCode, object: Parameters<typeof bare>[0]): boolean {
  const value = bare(object)
  if (value.kind !== 'name') return true
  const declared = variablesNamed(code, value.name)
  const given = variablesOf(code).get(value.name) ?? []
  const assigned = given.length - declared.filter(({ initialiser }) => initialiser !== null).length
  const changes = new VariableChanges(model, file, code).countOf(value.name)
  return changes === declared.length + assigned && given.every((each) => isSettled(model, file, code, each))
}
