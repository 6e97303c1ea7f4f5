import { assignedTo, callsIn, inCasts, statementOf } from '../code/placement.ts'
import { eachStatement, valuesInCode } from '../code/statements.ts'
import type { CallValue, FunctionCode } from '../code/tree.ts'
import { bare, calleeName, nameOf } from '../code/values.ts'
import { variablesNamed } from '../code/variables.ts'
import type { ProjectModel } from '../project/model.ts'
import { type CapsuleMade, capsulesOf } from './capsules.ts'
import type { Body } from './functions.ts'
import type { Origin } from './pointer-origins.ts'

/** Who owns the memory that capsules point to. */

/** What frees memory, or whose name says so. */
const freeing = /free|del(?:ete)?$|destr|release|close|cleanup|dispose|decref|unref/i

/** Whether code that asks a capsule of that name for its pointer frees what that points to. */
export function isFreedByUsers(model: ProjectModel, { names }: CapsuleMade): boolean {
  const { used: all, usedNamed, usedUnnamed } = capsulesOf(model)
  const same = names.length === 0 ? all : [...usedUnnamed, ...names.flatMap((name) => usedNamed.get(name) ?? [])]
  return same.some((used) => {
    if (used.called === 'PyCapsule_IsValid') return false
    const { target, around, call } = used
    const { parent } = inCasts(around, call)
    if (parent?.kind === 'call' && freeing.test(calleeName(parent) ?? '')) return true
    const name = target === null ? null : target.kind === 'variable' ? target.name : nameOf(target)
    if (name === null) return false
    return valuesInCode(around.body).some(
      (each) =>
        (each.kind === 'call' && freeing.test(calledAs(each)) && each.operands.some((one) => nameOf(one) === name)) ||
        (each.kind === 'unary' && each.operator === 'delete' && nameOf(each.operand) === name),
    )
  })
}

const calledAs = ({ callee }: CallValue): string => {
  const inner = bare(callee)
  return inner.kind === 'member' || inner.kind === 'name' ? inner.name : ''
}

/** What keeps nothing of a pointer that it gets. */
const borrowing =
  /^(?:_?Py\w+|mem(?:cpy|move|set|cmp|zero)|str\w+|v?sn?printf|f?printf|assert|sizeof|free|f?read|offsetof|bzero)$/

/**
 * Whether the memory that a call allocates is left to a capsule alone: `no` where something else keeps a pointer to it,
 * `unknown` where code gets it that is not read.
 */
export function isLeftToCapsule(capsule: CapsuleMade, origin: Origin): 'yes' | 'no' | 'unknown' {
  const places: [FunctionCode, string][] = []
  const add = (code: FunctionCode, target: ReturnType<typeof assignedTo>): boolean => {
    if (target === null) return true
    const name = target.kind === 'variable' ? target.name : nameOf(target)
    if (name === null || variablesNamed(code, name).length === 0) return false
    places.push([code, name])
    return true
  }
  if (!add(origin.code, assignedTo(origin.code, origin.value))) return 'no'
  const pointer = capsule.call.operands[0]
  const name = pointer ? nameOf(pointer) : null
  if (name !== null && variablesNamed(capsule.around, name).length > 0) places.push([capsule.around, name])
  const found = places.map(([code, each]) => isKept(code, each, capsule.call))
  return found.includes('yes') ? 'no' : found.includes('unknown') ? 'unknown' : 'yes'
}

/** Whether a function puts a pointer somewhere else, or hands it to code that may. */
function isKept(code: FunctionCode, name: string, capsule: CallValue): 'yes' | 'no' | 'unknown' {
  let result: 'no' | 'unknown' = 'no'
  for (const value of valuesInCode(code.body)) {
    if (value.kind !== 'name' || value.name !== name) continue
    const { whole, parent } = inCasts(code, value)
    if (parent?.kind === 'assign' && parent.value === whole) {
      const target = nameOf(parent.target)
      if (target === null || variablesNamed(code, target).length === 0) return 'yes'
      result = 'unknown'
    }
    if (parent?.kind === 'variable' || parent?.kind === 'braces') result = 'unknown'
    if (parent?.kind !== 'call' || parent === capsule || parent.callee === whole) continue
    const called = calledAs(parent)
    if (!borrowing.test(called) && !freeing.test(called)) result = 'unknown'
  }
  return result
}

/** What keeps the exception that is raised while a function does something else. */
const savers = /^Py(?:Err_(?:Fetch|GetRaisedException)|_?Err_ChainExceptions\w*)$/

/**
 * The call by which a destructor loses an exception that was raised before it was called, whatever happens; null for
 * none.
 */
export function losesException({ code }: Body): CallValue | null {
  const calls = callsIn(code)
  if (calls.some((each) => savers.test(calleeName(each) ?? ''))) return null
  const found = calls.find((each) => /^PyErr_(?:Clear|Print|PrintEx)$/.test(calleeName(each) ?? ''))
  const statement = found ? statementOf(code, found) : null
  if (!found || !statement || !code.body.includes(statement)) return null
  const leaves = eachStatement(code.body).some(({ kind, span }) => kind === 'return' && span.start < found.span.start)
  return leaves ? null : found
}
