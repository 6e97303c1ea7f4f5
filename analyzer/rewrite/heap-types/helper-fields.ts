import { aloneStatement, branchesAround, callsIn } from '../../code/placement.ts'
import { valuesInCode } from '../../code/statements.ts'
import type { AssignValue, CallValue, FunctionCode, MemberValue, Value } from '../../code/tree.ts'
import { addressed, calleeName, nameOf } from '../../code/values.ts'
import { variablesIn } from '../../code/variables.ts'
import type { CodeIn, Sources } from '../sources.ts'
import { hasSlot, isSpecField } from './fields.ts'
import type { CallIn } from './found-uses.ts'
import type { FieldAssignment } from './uses.ts'

/** Fields that a function or a macro of the project sets of each type that it makes ready: they become slots. */

/**
 * What a helper sets of the type that it gets, before it makes it ready.
 * @param parameter the name of its parameter, a type or a pointer to one; what a macro makes of several
 * @param from the call of the helper; null where that is not known
 * @returns a text where one of these assignments cannot be made before: why
 */
export function fieldsSetBy(
  sources: Sources,
  helper: CodeIn,
  parameter: string,
  from: CallIn | null,
): readonly FieldAssignment[] | string {
  const ready = callsIn(helper.code).find((call) => makesReady(call, parameter))
  const found: FieldAssignment[] = []
  for (const value of valuesInCode(helper.code.body)) {
    if (value.kind !== 'assign' || value.target.kind !== 'member' || nameOf(value.target.object) !== parameter) continue
    const assignment = ready ? movable(sources, helper, value as FieldAssign, ready, from) : null
    if (assignment === null) return `sets \`${value.target.name}\` of what it makes ready`
    found.push(assignment)
  }
  return found
}

type FieldAssign = AssignValue & { readonly target: MemberValue }

const makesReady = (call: CallValue, parameter: string): boolean => {
  const [operand] = call.operands
  return (
    calleeName(call) === 'PyType_Ready' &&
    operand !== undefined &&
    (nameOf(operand) ?? addressed(operand) ?? '') === parameter
  )
}

/** The assignment as one to the type that is handed over; null where it depends on more than that. */
function movable(
  sources: Sources,
  helper: CodeIn,
  assign: FieldAssign,
  ready: CallValue,
  from: CallIn | null,
): FieldAssignment | null {
  const { file, code } = helper
  const field = assign.target.name
  const alone = aloneStatement(code, assign)
  if (!alone?.inBlock || assign.operator !== '=' || !(hasSlot(field) || isSpecField(field))) return null
  const { statement } = alone
  const isInTime = statement.span.end <= ready.span.start
  const isSure = branchesAround(code, statement).every(
    ({ span }) => span.start <= ready.span.start && ready.span.end <= span.end,
  )
  if (!isInTime || !isSure || sources.code(file).holdsDirectives(statement.span)) return null
  const given = operandFor(code, assign.value, from)
  if (given !== null && given.file !== file) return null
  const value = given?.value ?? assign.value
  if (given === null && !isKnownEverywhere(sources, helper, value)) return null
  return {
    file,
    field,
    operator: '=',
    value,
    text: sources.written(file, value.span),
    statement,
    around: from?.around ?? code,
    conditions: [],
    isByHelper: true,
  }
}

/** What a parameter stands for that a value is. */
function operandFor(
  code: FunctionCode,
  value: Value,
  from: CallIn | null,
): { readonly file: string; readonly value: Value } | null {
  const index = code.parameters.findIndex(({ name }) => name === nameOf(value))
  const operand = code.kind === 'macro' && index >= 0 ? from?.call.operands[index] : undefined
  return operand && from ? { file: from.file, value: operand } : null
}

/** Names of CPython's, macros by their style, and words of C. */
const known = /^(?:_?Py\w*|[A-Z_0-9]+|sizeof|offsetof|struct|const|void|char|int|unsigned|long)$/

/** Whether a value is made of nothing that only the helper knows. */
function isKnownEverywhere(sources: Sources, { file, code }: CodeIn, { span }: Value): boolean {
  if (sources.written(file, span).includes('#')) return false
  const own = new Set([...code.parameters, ...variablesIn(code)].map(({ name }) => name))
  return sources
    .namesIn(file, span)
    .every((name) => !own.has(name) && (known.test(name) || sources.declares(name) || sources.isType(name)))
}
