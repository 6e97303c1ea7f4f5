import { assignedTo, callsIn, inCasts, isBraceless, nameAt, parentsIn } from '../code/placement.ts'
import { eachStatement, innerStatements, valuesInCode, valuesOf } from '../code/statements.ts'
import type { CallValue, FunctionCode, JumpStatement, Statement, Value } from '../code/tree.ts'
import { calleeName, eachValue, nameOf } from '../code/values.ts'
import { variablesNamed } from '../code/variables.ts'
import { operandReference, resultOf } from '../knowledge/references.ts'
import type { ProjectModel } from '../project/model.ts'
import type { Offset } from '../source/text.ts'
import { type Body, functionsOf } from './functions.ts'
import { leavesReference } from './lent-references.ts'
import { isNullTest } from './lent-uses.ts'

/** Where a reference has to be given back. */
export interface ReleasePlaces {
  /** Statements that leave the block, before each of which it is given back. */
  readonly before: readonly { readonly statement: Statement; readonly isBraceless: boolean }[]
  /** Where it is given back at the end of the block; null where that is not reached. */
  readonly after: Offset | null
}

/** A variable that gets a reference in a statement of a block, and is used there alone. */
interface Holder {
  /** The statements of the block. */
  readonly around: readonly Statement[]
  readonly statement: Statement
  readonly name: string
  /** The call that gives the reference. */
  readonly call: CallValue
}

/**
 * Where the block of a variable is left, so that a reference that it has is given back once on each way. Null where the
 * variable, or what is read out of its object, goes further than the block, where anything may take the reference, and
 * where a way is not understood.
 */
export function releasePlaces(model: ProjectModel, body: Body, holder: Holder): ReleasePlaces | null {
  const { around, statement, name } = holder
  const rest = around.slice(around.indexOf(statement) + 1)
  const last = rest.at(-1)
  if (!last || !isUnderstood(model, body, rest)) return null
  if (!isUsedWithin(model, body, holder, last.span.end)) return null
  const before: { statement: Statement; isBraceless: boolean }[] = []
  const leaving = inside(body.code, rest, name)
  for (const { statement: exit, isNull } of leaving) {
    if (isNull) continue
    if (exit.kind === 'return' && exit.value && isOf(exit.value, new Set([name, ...(madeOf(body.code, name) ?? [])])))
      return null
    before.push({ statement: exit, isBraceless: isBraceless(body.code, exit) })
  }
  return { before, after: last.kind === 'return' || last.kind === 'jump' ? null : last.span.end }
}

/** Whether nothing hides a way: no labels, no lambdas, no code that is chosen by conditions, no macros that leave. */
function isUnderstood(model: ProjectModel, { file }: Body, rest: readonly Statement[]): boolean {
  const functions = functionsOf(model)
  for (const each of eachStatement(rest)) {
    if (each.kind === 'unknown' || each.kind === 'branches') return false
    if (each.kind === 'label' && (rest.includes(each) || !/^(?:case|default)$/.test(each.name))) return false
    if (each.kind === 'loop' && each.loop === 'macro') return false
    for (const value of valuesOf(each).flatMap((inner) => eachValue(inner))) {
      if (value.kind === 'code') return false
      const name = value.kind === 'name' ? value.name : null
      if (name === null) continue
      if (/^Py_RETURN_|^Py_(?:BEGIN|END)_/.test(name)) return false
      const macros = functions.macrosNamed(file, name)
      const isLeaving = macros.some(({ file: where, code: macro }) =>
        /\b(?:return|goto|break|continue)\b/.test(
          model.project.code(where).text.slice(macro.span.start, macro.span.end),
        ),
      )
      if (isLeaving) return false
    }
  }
  return true
}

/** What is left at each jump out of some statements, and whether the variable holds nothing there. */
function inside(
  code: FunctionCode,
  rest: readonly Statement[],
  name: string,
): readonly { readonly statement: Statement; readonly isNull: boolean }[] {
  const found: { statement: Statement; isNull: boolean }[] = []
  const visit = (list: readonly Statement[], loops: number, breaks: number, isNull: boolean): void => {
    for (const each of list) {
      if (each.kind === 'return' || (each.kind === 'jump' && isLeaving(each, loops, breaks)))
        found.push({ statement: each, isNull })
      else if (each.kind === 'if') {
        visit([each.then], loops, breaks, isNull || isNullTest(each.condition, name))
        if (each.otherwise) visit([each.otherwise], loops, breaks, isNull)
      } else {
        const isLoop = each.kind === 'loop'
        const isBreakable = isLoop || each.kind === 'switch'
        visit(innerStatements(each), loops + (isLoop ? 1 : 0), breaks + (isBreakable ? 1 : 0), isNull)
      }
    }
  }
  visit(rest, 0, 0, false)
  return found.filter(({ statement }) => parentsIn(code).has(statement) || rest.includes(statement))
}

const isLeaving = ({ jump }: JumpStatement, loops: number, breaks: number): boolean =>
  jump === 'goto' || (jump === 'continue' ? loops === 0 : breaks === 0)

/** Whether a variable is only asked and lent from a call on, up to the end of a block. */
function isUsedWithin(model: ProjectModel, body: Body, { call, name }: Holder, end: Offset): boolean {
  const { code, file } = body
  const made = madeOf(code, name)
  if (made === null) return false
  return valuesInCode(code.body).every((value) => {
    if (value.kind !== 'name' || nameAt(code, value.span.start) !== value) return true
    if (made.has(value.name)) return value.span.start < end
    if (value.name !== name) return true
    const { whole, parent } = inCasts(code, value)
    const isSet = parent?.kind === 'assign' && parent.target === whole
    // What the variable held before is none of this, unless the block is done again.
    if (value.span.start < call.span.start) return isSet || !isInLoop(code, call)
    return value.span.start < end && isLent(model, file, code, value)
  })
}

/** Whether a call stands in a loop. */
function isInLoop(code: FunctionCode, call: CallValue): boolean {
  const all = parentsIn(code)
  for (let at = all.get(call); at !== undefined; at = all.get(at)) if (at.kind === 'loop') return true
  return false
}

/** Whether a variable is asked, compared, or handed to what takes no reference of it. */
function isLent(model: ProjectModel, file: number, code: FunctionCode, value: Value): boolean {
  const { whole, parent } = inCasts(code, value)
  switch (parent?.kind) {
    case 'if':
      return true
    case 'unary':
      return parent.operator === '!'
    case 'binary':
      return /^(?:[!=]=|&&|\|\|)$/.test(parent.operator)
    case 'call': {
      const callee = calleeName(parent)
      const at = parent.operands.indexOf(whole)
      if (callee === null || at < 0) return false
      if (looking.test(callee)) return true
      if (!functionsOf(model).isOfApi(file, callee)) return leavesReference(model, file, callee, at)
      return /^(?:borrowed|kept)$/.test(operandReference(callee, at) ?? '')
    }
    default:
      return false
  }
}

const looking = /^(?:Py[A-Z]\w*_Check(?:Exact)?|Py_TYPE|Py_SIZE|Py_IsNone|Py_Is|Py\w+_(?:GET_SIZE|AS_STRING))$/

/**
 * The variables that get what is read out of the object of a variable: `text` of `text = PyUnicode_AsUTF8(item)`. Null
 * where anything else gets it.
 */
function madeOf(code: FunctionCode, name: string): ReadonlySet<string> | null {
  const names = new Set<string>()
  for (const call of callsIn(code)) {
    if (!call.operands.some((each) => nameOf(each) === name) || isCopied(calleeName(call) ?? '')) continue
    const target = assignedTo(code, call)
    if (target === null) continue
    const made = target.kind === 'variable' ? target.name : nameOf(target)
    if (made === null || variablesNamed(code, made).length === 0) return null
    if (made !== name) names.add(made)
  }
  return names
}

/** Whether the result of a function is none of the object's own: a number, or a reference to something. */
const isCopied = (name: string): boolean =>
  resultOf(name) === 'new' ||
  /_(?:Check(?:Exact)?|Size|GetSize|Length|GetLength|GET_SIZE|IsTrue|AsDouble|AsLong(?:Long)?|AsSsize_t|AsUnsigned\w+|AsInt)$/.test(
    name,
  )

/** Whether names stand in a value. */
const isOf = (value: Value, names: ReadonlySet<string>): boolean =>
  eachValue(value).some((each) => each.kind === 'name' && names.has(each.name))
