import { assignedTo, callsIn } from '../code/placement.ts'
import { valuesInCode } from '../code/statements.ts'
import type { CallValue, FunctionCode } from '../code/tree.ts'
import { calleeName, plainText } from '../code/values.ts'

/**
 * The `PyObject_Init` behind a `PyObject_New` in a function that is given what that made: an object takes a reference
 * to its heap type by each of them, and gives back one. Null for none, and where the variable gets other objects, too.
 * @param made the call of `PyObject_New` or of one of its kin
 */
export function secondInit(around: FunctionCode, made: CallValue): CallValue | null {
  const target = assignedTo(around, made)
  if (target === null) return null
  const variable = target.kind === 'variable' ? target.name : plainText(target)
  const given = valuesInCode(around.body).filter(
    (each) => each.kind === 'assign' && plainText(each.target) === variable,
  )
  if (given.length > (target.kind === 'variable' ? 0 : 1)) return null
  const init = callsIn(around).find(
    (each) =>
      each.span.start > made.span.end &&
      /^PyObject_I(?:nit|NIT)(?:Var|_VAR)?$/.test(calleeName(each) ?? '') &&
      each.operands[0] !== undefined &&
      plainText(each.operands[0]) === variable,
  )
  return init ?? null
}
