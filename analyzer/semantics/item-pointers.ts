import { aloneStatement, callStarting, inCasts, inParentheses, nameAt, parentsIn } from '../code/placement.ts'
import type { CallValue, DeclaredVariable, FunctionCode, Value } from '../code/tree.ts'
import { bare, isNull, nameOf } from '../code/values.ts'
import { variablesIn, variablesNamed, variablesOf } from '../code/variables.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset, Span } from '../source/text.ts'
import { lvalueUse } from './lvalues.ts'

/** A local variable that points to the items of a sequence, and through which they are read and nothing else. */
export interface ItemPointer {
  /** The name of the sequence. */
  readonly sequence: string
  /** The statements that declare and set it, and do nothing else. */
  readonly statements: readonly Span[]
  /** Its uses, `items[i]`, with the index. */
  readonly reads: readonly { readonly span: Span; readonly index: Span }[]
}

/**
 * The variable that a call of `PySequence_Fast_ITEMS` is put into, if its items are only read by index, and the
 * variable and the sequence stay what they are: `PyObject **items = PySequence_Fast_ITEMS(fast);`.
 * @param start where the call begins, in bytes
 * @returns null where more is done with it, or where that is not understood
 */
export function itemPointerAt(model: ProjectModel, file: FileId, start: Offset): ItemPointer | null {
  const text = model.project.code(file)
  const code = text.functionAt(start)
  const call = code && callStarting(code, start)
  if (!code || !call || text.holdsDirectives(code.span)) return null
  const [operand, ...others] = call.operands
  const sequence = operand && others.length === 0 ? nameOf(bare(operand)) : null
  const setter = variableSet(code, call)
  if (sequence === null || setter === null || !isSetOnce(code, sequence)) return null
  const { variable, statements } = setter
  const reads: { readonly span: Span; readonly index: Span }[] = []
  for (const { span, isField } of text.occurrencesIn(variable.name, code.span)) {
    if (isField || statements.some((each) => each.start <= span.start && span.end <= each.end)) continue
    const read = readAt(code, span.start)
    if (read === null) return null
    reads.push(read)
  }
  return reads.length > 0 ? { sequence, statements, reads } : null
}

/** The only variable of its name, to which nothing but a call is ever assigned, with the statements for that. */
function variableSet(
  code: FunctionCode,
  call: CallValue,
): { readonly variable: DeclaredVariable; readonly statements: readonly Span[] } | null {
  const { parent } = inCasts(code, call)
  const name = parent?.kind === 'variable' ? parent.name : parent?.kind === 'assign' ? nameOf(parent.target) : null
  const [variable, ...others] = variablesNamed(code, name)
  if (!variable || others.length > 0 || variable.storage === 'static' || variable.declaration.variables.length > 1)
    return null
  if (variable.initialiser !== null && parent?.kind === 'variable')
    return isSetOnce(code, variable.name) ? { variable, statements: [variable.declaration.span] } : null
  const alone = parent?.kind === 'assign' && parent.operator === '=' ? aloneStatement(code, parent) : null
  const isEmpty = variable.initialiser === null || isNull(variable.initialiser)
  if (!alone?.inBlock || !isEmpty || assignedTo(code, variable.name).length !== 1) return null
  return { variable, statements: [variable.declaration.span, alone.statement.span] }
}

/** What is assigned to a variable, but for zeros. */
const assignedTo = (code: FunctionCode, name: string): readonly Value[] =>
  (variablesOf(code).get(name) ?? []).filter((each) => !isNull(each))

/** Whether a name is a variable that is set once, or a parameter that is not. */
function isSetOnce(code: FunctionCode, name: string): boolean {
  const isParameter = code.parameters.some((each) => each.name === name)
  const isInitialised = variablesIn(code).some(
    (each) => each.name === name && each.initialiser !== null && !isNull(each.initialiser),
  )
  const changes = isParameter || isInitialised ? 0 : 1
  return changesOf(code, name) === changes && (isParameter || assignedTo(code, name).length === 1)
}

/** How often a name is assigned to, or its address is taken. */
function changesOf(code: FunctionCode, name: string): number {
  let count = 0
  for (const value of parentsIn(code).keys())
    if (value.kind === 'name' && value.name === name && lvalueUse(code, value) !== null) count++
  return count
}

/** `items[i]` whose value is used; null for anything else that a name may be a part of. */
function readAt(code: FunctionCode, offset: Offset): { readonly span: Span; readonly index: Span } | null {
  const name = nameAt(code, offset)
  const { whole, parent: item } = name ? inParentheses(code, name) : { whole: null, parent: undefined }
  if (item?.kind !== 'index' || item.object !== whole) return null
  return lvalueUse(code, item) !== null ? null : { span: item.span, index: item.index.span }
}
