import { callsIn } from '../code/placement.ts'
import { valuesInCode } from '../code/statements.ts'
import type { CallValue, FunctionCode } from '../code/tree.ts'
import { bare, calleeName, nameOf } from '../code/values.ts'
import type { ProjectModel } from '../project/model.ts'
import { callsAndExpansionsOf } from './calls.ts'
import { type CapsuleUsed, destroyedBy } from './capsules.ts'
import type { Body } from './functions.ts'
import { isOperandOfTest } from './null-tests.ts'

/** What the protocols of DLPack and Arrow ask of those who make capsules, and of those who take what they hold. */

/** What looks at the name of a capsule. */
const lookers = /^(?:PyCapsule_(?:IsValid|SetName)|str(?:n?cmp|str)|PyErr_(?:Clear|Occurred|WriteUnraisable))$/

/** The call by which a destructor takes the pointer of a DLPack capsule without a look at its name; null for none. */
export function dlpackDestructor({ code }: Body): CallValue | null {
  const calls = callsIn(code)
  const [first, ...others] = calls.filter((each) => calleeName(each) === 'PyCapsule_GetPointer')
  if (!first || others.length > 0) return null
  // What helpers do is not read.
  const isKnown = calls.every((each) => {
    const name = calleeName(each)
    return name === null || /^_?Py|free$/.test(name)
  })
  const looks = calls.some((each) => lookers.test(calleeName(each) ?? ''))
  const comparesName = valuesInCode(code.body).some(
    (each) => each.kind === 'binary' && /^[!=]=$/.test(each.operator) && [each.left, each.right].some(isOfName),
  )
  return isKnown && !looks && !comparesName ? first : null
}

const isOfName = (value: Parameters<typeof bare>[0]): boolean => {
  const inner = bare(value)
  return inner.kind === 'call' && calleeName(inner) === 'PyCapsule_GetName'
}

/** The calls of a field that is a function. */
const callsOfField = (code: FunctionCode, field: string): readonly CallValue[] =>
  callsIn(code).filter(({ callee }) => {
    const inner = bare(callee)
    return inner.kind === 'member' && inner.name === field
  })

/** The call of `release` in a destructor of Arrow's that does not look whether there is one; null for none. */
export function releaseWithoutTest({ code }: Body): CallValue | null {
  const [first] = callsOfField(code, 'release')
  if (!first) return null
  const isTested = valuesInCode(code.body).some(
    (each) => each.kind === 'member' && each.name === 'release' && isOperandOfTest(code, each),
  )
  return isTested ? null : first
}

/**
 * Whether code takes a tensor out of a capsule of DLPack that nobody in the project renames: `deletes` where the
 * function calls the tensor's `deleter`, `looks` where that is not seen; null for neither.
 */
export function dlpackUser(model: ProjectModel, used: CapsuleUsed): 'deletes' | 'looks' | null {
  const { file, around, called, call } = used
  if (called !== 'PyCapsule_GetPointer') return null
  if (destroyedBy(model, { file, code: around }).length > 0) return null
  const [capsule] = call.operands
  const isLikeDestructor = around.result === 'void' && nameOf(capsule ?? call) === around.parameters[0]?.name
  if (isLikeDestructor || [...callsAndExpansionsOf(model, 'PyCapsule_SetName')].length > 0) return null
  return callsOfField(around, 'deleter').length > 0 ? 'deletes' : 'looks'
}
