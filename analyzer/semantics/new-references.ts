import { aloneStatement, inCasts, statementOf } from '../code/placement.ts'
import { bodyValue, eachStatement, valuesInCode } from '../code/statements.ts'
import type { CallValue, FunctionCode, NameValue, Statement, Value } from '../code/tree.ts'
import { bare, calleeName, isNull, plainText } from '../code/values.ts'
import { isParameter, variablesNamed, variablesOf } from '../code/variables.ts'
import { operandReference, resultOf } from '../knowledge/references.ts'
import type { ProjectModel } from '../project/model.ts'
import type { Offset } from '../source/text.ts'
import { compiledAt } from './calls.ts'
import { failsBehind } from './failing-ends.ts'
import { type Body, functionsOf } from './functions.ts'
import { leavesReference } from './lent-references.ts'

/** Which values are references that whoever gets them has to give back. */

/** Functions of CPython's that take a format, in which `N` takes a reference over. */
export const withFormat = /^_?Py(?:_BuildValue|_VaBuildValue|Object_Call(?:Function|Method)|Eval_Call)/

/** What takes a reference, and what gives one back. */
export const counting = /^(?:Py_X?INCREF|Py_IncRef|Py_X?NewRef)$/
export const releasing = /^Py_(?:X?DECREF|DecRef)$/

/** Functions of CPython's that give a new reference, besides those that the table has. */
const makers = /^(?:PyType_From\w+|PyObject_(?:GC_)?New\w*|PyErr_NewException\w*)$/

/** Functions and macros of the project that are followed. */
const deepest = 4

/** Whether a call gives a reference that nobody else gives back. */
export function isNewReference(model: ProjectModel, { file, code }: Body, call: CallValue, depth = 0): boolean {
  const name = calleeName(call) ?? ''
  if (/^Py_X?NewRef$|^PepType_Make(?:In)?$/.test(name)) return true
  if (depth > deepest) return false
  const functions = functionsOf(model)
  const macros = functions.macrosNamed(file, name)
  if (macros.length > 0) return macros.every((each) => isNewMacro(model, each, call, depth + 1))
  if (functions.isOfApi(file, name)) return isNewOfApi(name)
  if (variablesNamed(code, name).length > 0 || isParameter(code, name)) return false
  const bodies = functions.named(file, name)
  return bodies.length > 0 && bodies.every((body) => givesNew(model, body, depth + 1))
}

const isNewOfApi = (name: string): boolean => resultOf(name) === 'new' || makers.test(name)

/** A macro that is another name of a function, or a call of one. */
function isNewMacro(model: ProjectModel, body: Body, call: CallValue, depth: number): boolean {
  const value = bodyValue(body.code)
  const inner = value && bare(value)
  if (inner?.kind === 'name') {
    const renamed = { ...call, callee: inner }
    return isNewReference(model, body, renamed, depth)
  }
  return inner?.kind === 'call' && isNewReference(model, body, inner, depth)
}

/** Functions whose results are being looked at: one that gives what it gives itself tells nothing. */
const open = new Set<FunctionCode>()

/** Whether a function of the project gives a new reference, or `NULL`, wherever it ends. */
function givesNew(model: ProjectModel, body: Body, depth: number): boolean {
  const { file, code } = body
  if (open.has(code) || code.kind !== 'function' || !code.result.endsWith('*')) return false
  open.add(code)
  const isGiven = (value: Value): boolean => {
    const inner = bare(value)
    if (inner.kind === 'conditional') return isGiven(inner.whenTrue) && isGiven(inner.whenFalse)
    if (inner.kind === 'call') return isNewReference(model, body, inner, depth)
    return isNull(inner) || (inner.kind === 'name' && ownsName(model, body, inner, depth))
  }
  const statements = eachStatement(code.body).filter(({ span }) => compiledAt(model, file, span.start) !== 'no')
  const ends = statements.flatMap((each) => (each.kind === 'return' ? [each.value] : []))
  const isNew =
    !statements.some(({ kind }) => kind === 'unknown') &&
    ends.some((value) => value !== null && !isNull(value)) &&
    ends.every((value) => value !== null && isGiven(value)) &&
    !mayReturnByMacro(model, body)
  open.delete(code)
  return isNew
}

/** Whether a macro in a function may return something of which nothing is known. */
function mayReturnByMacro(model: ProjectModel, { file, code }: Body): boolean {
  const text = model.project.code(file)
  const names = text.names.wordsIn(code.span)
  return [...names].some((name) =>
    functionsOf(model)
      .macrosNamed(file, name)
      .some((macro) => {
        const body = model.project.code(macro.file).text.slice(macro.code.span.start, macro.code.span.end)
        return [...body.matchAll(/\breturn\b\s*(\w*)/g)].some(([, value]) => value !== 'NULL' && value !== 'nullptr')
      }),
  )
}

/** What a function does with references to what a local variable or a parameter is, apart from one place. */
interface Counts {
  /** Those that it has, and those that it hands on or gives back on some way, whatever ends with an error apart. */
  has: number
  gone: number
  /** Those that it gives back where it then fails, and those of them that are for a reference nobody took then. */
  failing: number
  untaken: number
  returns: boolean
}

/**
 * Whether a function has a reference of its own to what a local variable or a parameter is, where it hands that on, by
 * putting it into another variable or by returning it: as many as it hands on and gives back altogether.
 */
export function ownsName(model: ProjectModel, body: Body, at: NameValue, depth = 0): boolean {
  const { code } = body
  const { name } = at
  const counts: Counts = { has: 0, gone: 1, failing: 0, untaken: 0, returns: false }
  if (!isParameter(code, name)) {
    const [declared, ...others] = variablesNamed(code, name)
    const values = (variablesOf(code).get(name) ?? []).filter((each) => !isNull(each)).map(bare)
    const isMade = (each: Value): boolean => each.kind === 'call' && isNewReference(model, body, each, depth)
    if (declared?.storage !== '' || others.length > 0 || values.length === 0 || !values.every(isMade)) return false
    counts.has = 1
  }
  for (const value of valuesInCode(code.body))
    if (value.kind === 'name' && value.name === name && value.span.start !== at.span.start)
      if (!counted(model, body, value, at, counts)) return false
  // What returns it comes to nothing else.
  const isReturned = inCasts(code, at).parent?.kind === 'return'
  const spare = counts.has - counts.gone - (counts.returns && !isReturned ? 1 : 0)
  return spare >= 0 && (isReturned || counts.failing <= spare + counts.untaken)
}

/** Counts what a use does; false where that is not known. */
function counted(model: ProjectModel, { file, code }: Body, value: NameValue, at: NameValue, counts: Counts): boolean {
  const { whole, parent } = inCasts(code, value)
  switch (parent?.kind) {
    case 'assign':
      if (parent.target === whole) return parent.operator === '='
      counts.gone++
      return true
    case 'variable':
      counts.gone++
      return true
    case 'return':
      counts.returns = true
      return true
    case 'unary':
      return parent.operator === '!' || parent.operator === '*'
    case 'conditional':
      return parent.condition === whole
    case 'binary':
      return parent.operator !== ','
    case 'member':
    case 'if':
    case 'loop':
    case 'switch':
    case 'expression':
      return true
    case 'call':
      return countedCall(model, { file, code }, parent, value.span.start, at.span.start, counts)
    default:
      return false
  }
}

function countedCall(
  model: ProjectModel,
  { file, code }: Body,
  call: CallValue,
  offset: Offset,
  from: Offset,
  counts: Counts,
): boolean {
  const name = calleeName(call) ?? ''
  const index = call.operands.findIndex(({ span }) => span.start <= offset && offset < span.end)
  if (index < 0) return false
  if (counting.test(name)) {
    if (aloneStatement(code, call)) counts.has++
    return true
  }
  if (releasing.test(name) || name === 'Py_CLEAR') {
    if (!isFollowedByFailure(code, call)) counts.gone++
    // Before that the other place has none yet.
    else if (offset > from) counts.failing++
    return true
  }
  if (operandReference(name, index) === 'stolen') {
    counts.gone++
    if (name === 'PyModule_AddObject') counts.untaken++
    return true
  }
  if (functionsOf(model).isOfApi(file, name)) return !/SETREF|^Py_VISIT$/.test(name) && !withFormat.test(name)
  return name !== '' && leavesReference(model, file, name, index)
}

/** Whether a function fails behind a call, whatever it does until then. */
export function isFollowedByFailure(code: FunctionCode, call: CallValue): boolean {
  const statement = statementOf(code, call)
  return statement !== null && failsBehind(code, statement, endOf)
}

/** `return NULL`, `return -1` and the like. */
function endOf(statement: Statement): 'error' | 'other' | null {
  if (statement.kind !== 'return') return null
  const { value } = statement
  return value !== null && (isNull(value) || /^-\d/.test(plainText(value))) ? 'error' : 'other'
}
