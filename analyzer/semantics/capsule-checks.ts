import { callsIn, inCasts, nameAt } from '../code/placement.ts'
import { valuesInCode } from '../code/statements.ts'
import type { FunctionCode, Value } from '../code/tree.ts'
import { bare, calleeName, nameOf, plainText } from '../code/values.ts'
import { isParameter, variablesNamed } from '../code/variables.ts'
import type { ProjectModel } from '../project/model.ts'
import { type CapsuleUsed, destroyedBy } from './capsules.ts'
import { functionsOf } from './functions.ts'
import { isOperandOfTest } from './null-tests.ts'

/** What is done with the pointer of a capsule before anybody asks whether there is one. */
export interface UncheckedUse {
  readonly how: 'looked into' | 'called' | 'kept'
  /** Why it may be right. */
  readonly doubts: readonly string[]
}

/** Macros and functions that look at what they get, or at the exception. */
const asserting = /^(?:assert|ASSERT|Py(?:Err_Occurred)|.*(?:CHECK|ASSERT|LIKELY|Check).*)$/

/** Whether what a call gives is looked into without a test; null for no such use, and where that is not understood. */
export function uncheckedUse(model: ProjectModel, used: CapsuleUsed): UncheckedUse | null {
  const { file, around, call, called, target } = used
  if (called === 'PyCapsule_IsValid' || isCertain(model, used)) return null
  if (target === null) {
    const how = lookedInto(around, call)
    if (how !== null) return { how, doubts: [] }
    return around.kind === 'macro' ? ofMacro(model, used) : null
  }
  const name = target.kind === 'variable' ? target.name : nameOf(target)
  // What is kept elsewhere may be tested elsewhere.
  if (name !== null && variablesNamed(around, name).length === 0) return keptUntested(model, used, name)
  if (name === null || variablesNamed(around, name).length !== 1 || around.kind !== 'function') return null
  if (isOperandOfTest(around, call)) return null
  const { text } = model.project.code(file)
  for (const value of valuesInCode(around.body)) {
    const { start } = value.span
    if (start <= call.span.end) continue
    if (value.kind === 'call' && asserting.test(calleeName(value) ?? '')) return null
    if (value.kind === 'assign' && nameOf(value.target) === name) return null
    if (value.kind !== 'name' || value.name !== name) continue
    if (isOperandOfTest(around, value) || isCompared(around, value)) return null
    const how = lookedInto(around, value)
    // What a lambda does is done later; a label may be come to from elsewhere.
    if (how !== null) return /\bcatch\b|\bswitch\b/.test(text.slice(call.span.end, start)) ? null : { how, doubts: [] }
    // Its value is known elsewhere from here on.
    const { parent } = inCasts(around, value)
    if (parent?.kind === 'call' && mayTest(model, used, parent)) return null
    if (parent?.kind === 'unary' && parent.operator === '&') return null
  }
  return null
}

/** A variable at file level gets the pointer, and no code looks whether it has one. */
function keptUntested(model: ProjectModel, { around, call }: CapsuleUsed, name: string): UncheckedUse | null {
  if (around.kind !== 'function' || isParameter(around, name) || isOperandOfTest(around, call)) return null
  if (callsIn(around).some((each) => asserting.test(calleeName(each) ?? ''))) return null
  let isUsed = false
  for (const file of model.project.filesWith(name)) {
    const code = model.project.code(file)
    for (const start of code.references(name)) {
      const user = code.codeAt(start)
      const value = user && nameAt(user, start)
      if (!user || !value) continue
      if (isOperandOfTest(user, value) || isCompared(user, value)) return null
      const { parent } = inCasts(user, value)
      if (parent?.kind === 'return' || parent?.kind === 'call') return null
      isUsed ||= lookedInto(user, value) !== null
    }
  }
  return isUsed ? { how: 'kept', doubts: ['right where callers ask for the exception'] } : null
}

/** Whether a value is compared with anything. */
function isCompared(code: FunctionCode, value: Value): boolean {
  const { parent } = inCasts(code, value)
  return parent?.kind === 'binary' && /^(?:[!=]=|&&|\|\|)$/.test(parent.operator)
}

/** How a pointer is looked into where it stands; null for anything else. */
function lookedInto(code: FunctionCode, value: Value): UncheckedUse['how'] | null {
  const { whole, parent } = inCasts(code, value)
  if (parent?.kind === 'call' && parent.callee === whole) return 'called'
  const isLooked =
    (parent?.kind === 'member' && parent.arrow) ||
    (parent?.kind === 'index' && parent.object === whole) ||
    (parent?.kind === 'unary' && parent.operator === '*')
  if (!isLooked) return null
  // `&box->n` is an address, and `sizeof(*box)` is no look.
  const { parent: around } = inCasts(code, parent as Value)
  if (around?.kind === 'unary' && /^(?:&|sizeof)$/.test(around.operator)) return null
  return around?.kind === 'call' && calleeName(around) === 'sizeof' ? null : 'looked into'
}

/** `#define BOX(o) ((Box *)PyCapsule_GetPointer(o, NAME))`, where a use looks into that. */
function ofMacro(model: ProjectModel, { around, call }: CapsuleUsed): UncheckedUse | null {
  const { parent } = inCasts(around, call)
  if (parent?.kind !== 'expression') return null
  for (const file of model.project.filesWith(around.name)) {
    const code = model.project.code(file)
    for (const start of code.references(around.name)) {
      const user = code.isInDirective(start) ? null : code.functionAt(start)
      const found = user && callsIn(user).find((each) => each.callee.span.start === start)
      const how = user && found ? lookedInto(user, found) : null
      if (how !== null) return { how, doubts: [] }
    }
  }
  return null
}

/** Whether a function of the project gets the pointer, and may look at it. */
function mayTest(model: ProjectModel, { file }: CapsuleUsed, call: Value): boolean {
  const name = call.kind === 'call' ? calleeName(call) : null
  return name === null || functionsOf(model).macrosNamed(file, name).length > 0
}

/** Whether a call cannot fail: in a destructor of such a capsule, and behind a test that it is one. */
function isCertain(model: ProjectModel, { file, around, call, names, called }: CapsuleUsed): boolean {
  if (called !== 'PyCapsule_GetPointer') return false
  const [capsule] = call.operands
  const isOfDestructor =
    around.kind === 'function' && capsule !== undefined && nameOf(capsule) === around.parameters[0]?.name
  if (isOfDestructor && (isDestructor(model, { file, code: around }, names) || looksLikeOne(around))) return true
  return callsIn(around).some((each) => {
    const name = calleeName(each)
    if (name !== 'PyCapsule_IsValid' && name !== 'PyCapsule_CheckExact') return false
    return each.span.start < call.span.start && capsule !== undefined && sameValue(each.operands[0], capsule)
  })
}

const sameValue = (left: Value | undefined, right: Value): boolean =>
  left !== undefined && plainText(left) === plainText(bare(right))

function isDestructor(model: ProjectModel, body: Parameters<typeof destroyedBy>[1], names: readonly string[]): boolean {
  const made = destroyedBy(model, body)
  return made.some(
    (each) => each.names.length === 0 || names.length === 0 || each.names.some((one) => names.includes(one)),
  )
}

/** A destructor takes a capsule and gives nothing: it may be set where that is not seen. */
const looksLikeOne = ({ result, parameters }: FunctionCode): boolean => result === 'void' && parameters.length === 1
