import { callsIn, inParentheses, memberAt, nameAt, type Parent, parentsIn, statementOf } from '../code/placement.ts'
import { isSimple, valuesInCode } from '../code/statements.ts'
import type {
  AssignValue,
  CallValue,
  FunctionCode,
  MemberValue,
  NameValue,
  UnaryValue,
  Value,
  Variable,
} from '../code/tree.ts'
import { calleeName } from '../code/values.ts'
import type { Expression, Use } from '../facts/file-facts.ts'
import type { Minor } from '../knowledge/version.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset, Span } from '../source/text.ts'
import { functionsOf } from './functions.ts'

/** Calls that are used as the object that they once stood for: `Py_SIZE(o) = n`. */

/** What reads a field of an object by a macro that became a function. */
export interface Accessor {
  /** The first headers whose macro is a function: what it gives is no lvalue. Source: object.h of 3.9 to 3.15. */
  readonly since: Minor
  /** What sets the field, and what type its first operand has. */
  readonly setter: string
  readonly object: 'PyObject' | 'PyVarObject'
}

export const accessors: ReadonlyMap<string, Accessor> = new Map([
  ['Py_REFCNT', { since: 10, setter: 'Py_SET_REFCNT', object: 'PyObject' }],
  ['Py_TYPE', { since: 11, setter: 'Py_SET_TYPE', object: 'PyObject' }],
  ['Py_SIZE', { since: 11, setter: 'Py_SET_SIZE', object: 'PyVarObject' }],
])

/**
 * What takes a value for an lvalue: it is assigned to, counted up or down, its address is taken, a reference is bound
 * to it; null for nothing.
 */
export function lvalueUse(code: FunctionCode, value: Value): AssignValue | UnaryValue | Variable | null {
  const { whole: child, parent: at } = inParentheses(code, value)
  if (at?.kind === 'assign') return at.target === child ? at : null
  // `T &x = f()`, `T &x{f()}`, `T &x(f())`
  const isWrapped = at?.kind === 'braces' || (at?.kind === 'call' && at.callee.kind === 'type')
  const variable = isWrapped ? parentsIn(code).get(at) : at
  if (variable?.kind === 'variable') return variable.isReference ? variable : null
  return at?.kind === 'unary' && /^(?:&|\+\+|--|x\+\+|x--)$/.test(at.operator) ? at : null
}

/**
 * Whether macros of the project take for an lvalue what stands between two offsets: a call, a field with its object, or
 * a name.
 * @param place the macro in whose body it stands, among those of the file, -1 for none; and the calls around it
 */
export function isLvalueByMacros(
  model: ProjectModel,
  file: FileId,
  { start, end }: Span,
  { macro, within }: Pick<Use, 'macro' | 'within'>,
): boolean {
  const source = model.project.code(file)
  const before = source.text.slice(Math.max(0, start - nearby), start)
  if (isFirstOperandOfAssigning.test(before)) return true
  // Most uses stand in no macro: for these no function is read.
  if (macro < 0 && within.length === 0 && !callsAssigning.test(before)) return false
  const code = source.codeAt(start)
  if (code === null || code.kind === 'file') return false
  const value = [...parentsIn(code).keys()].find(
    (each): each is CallValue | MemberValue | NameValue =>
      (each.kind === 'call' || each.kind === 'member' || each.kind === 'name') &&
      each.span.start === start &&
      each.span.end === end,
  )
  return value !== undefined && becomesLvalue(model, file, code, value)
}

/** Macros of CPython's, and shims of them, that assign to their first operand. */
const assigning = 'P(?:y|ep)_(?:CLEAR|MOVEREF|X?SETREF)'
const isAssigning = new RegExp(`^${assigning}$`)
const callsAssigning = new RegExp(`\\b${assigning}\\s*\\(`)
const isFirstOperandOfAssigning = new RegExp(`\\b${assigning}\\s*\\([\\s(]*$`)

/** So many characters before a value are searched for the name of such a macro: those of a long comment. */
const nearby = 2000

/** Macros within macros that are followed. */
const deepest = 8

/**
 * Whether a value is taken for an lvalue, where it stands or where macros put it: it is what a macro begins or
 * ends with, and a call of that is assigned to; or a macro assigns to what it is given.
 */
function becomesLvalue(model: ProjectModel, file: FileId, code: FunctionCode, value: Value, depth = 0): boolean {
  if (lvalueUse(code, value) !== null) return true
  if (depth > deepest) return false
  const { whole, parent } = inParentheses(code, value)
  if (parent && lendsItsPlace(parent, whole) && becomesLvalue(model, file, code, parent, depth)) return true
  if (code.kind === 'macro' && parent?.kind === 'expression' && [code.body[0], code.body.at(-1)].includes(parent))
    return callsOfMacro(model, code).some((each) => becomesLvalue(model, each.file, each.code, each.value, depth + 1))
  const operand = parent?.kind === 'call' ? parent.operands.indexOf(whole) : -1
  const name = parent?.kind === 'call' && operand >= 0 ? calleeName(parent) : null
  if (name === null) return false
  if (operand === 0 && isAssigning.test(name)) return true
  return functionsOf(model)
    .macrosNamed(file, name)
    .some((macro) => {
      const parameter = macro.code.parameters[operand]?.name
      return namesIn(macro.code).some(
        (each) => each.name === parameter && becomesLvalue(model, macro.file, macro.code, each, depth + 1),
      )
    })
}

/**
 * Whether what is written before or behind a value, or done with it in C++, may be done with one part of it: of `a, b`
 * in a macro `M`, `M = 0` assigns to `b` and `&M` takes the address of `a`.
 */
function lendsItsPlace(value: Parent, part: Value): value is Value {
  if (value.kind === 'binary') return value.operator === ','
  if (value.kind === 'conditional') return value.condition !== part
  return value.kind === 'assign' && value.value === part
}

/** A place where a macro is used. */
interface MacroUse {
  readonly file: FileId
  readonly code: FunctionCode
  readonly value: Value
}

/** Where a macro is used, as a call or, without parameters, as a name or what that calls. */
function callsOfMacro(model: ProjectModel, { name, parameters, span: own }: FunctionCode): MacroUse[] {
  return [...model.files.keys()].flatMap((file) => {
    const text = model.project.code(file)
    return text.references(name).flatMap((start): MacroUse[] => {
      const code = text.definesMacro(start) ? null : text.codeAt(start)
      const used = code && nameAt(code, start)
      if (!code || !used || code.span === own) return []
      const { whole, parent } = inParentheses(code, used)
      if (parent?.kind === 'call' && parent.callee === whole) return [{ file, code, value: parent }]
      return parameters.length === 0 ? [{ file, code, value: used }] : []
    })
  })
}

/** The names that the body of a macro uses. */
const namesIn = (code: FunctionCode): readonly NameValue[] =>
  [...valuesInCode(code.body)].flatMap((each) => (each.kind === 'name' ? [each] : []))

/** Whether a reference of C++ is bound to a field: `destructor &free = type->tp_dealloc;`. */
export function isBoundToReference(model: ProjectModel, file: FileId, { start, end }: Span): boolean {
  const code = model.files[file]!.dialect === 'cpp' ? model.project.code(file).codeAt(start) : null
  if (code === null) return false
  const member = memberAt(code, end)
  return member !== null && member.span.start === start && lvalueUse(code, member)?.kind === 'variable'
}

/** Whether the call of an accessor whose first operand begins at an offset is taken for an lvalue. */
export function isLvalueAt(model: ProjectModel, file: FileId, operand: number): boolean {
  const code = model.project.code(file).codeAt(operand)
  const call = code && callsIn(code).find(({ operands }) => operands[0]?.span.start === operand)
  return call ? accessors.has(calleeName(call) ?? '') && lvalueUse(code, call) !== null : false
}

/** The macros of the project that stand for a call of an accessor, or for the accessor: by name, with that. */
export function accessorMacros(model: ProjectModel): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const accessorOf = (result: Expression): string | undefined => {
    const name = result?.[0] === 'call' ? result[1] : result
    return name?.[0] === 'name' ? (accessors.has(name[1]) ? name[1] : found.get(name[1])) : undefined
  }
  for (let size = -1; size < found.size; ) {
    size = found.size
    for (const [file, { macros }] of model.files.entries()) {
      for (const { name, result, region } of macros) {
        const accessor = accessorOf(result)
        if (accessor !== undefined && model.active(file, region) !== 'no') found.set(name, accessor)
      }
    }
  }
  return found
}

/**
 * Whether a value stands in what is evaluated before the program runs, and has to be a constant: that of a `static`
 * variable of a function.
 * @param text of the file
 */
export function isEvaluatedBefore(text: string, code: FunctionCode, value: Value): boolean {
  const statement = statementOf(code, value)
  if (statement === null || !isSimple(statement)) return false
  return /\b(?:static|constexpr|constinit)\b/.test(text.slice(statement.span.start, value.span.start))
}

/**
 * Whether the code of a function takes the address of what is named, other than where it has to be a constant or where
 * the thread may have no Python.
 * @param start where the name stands, in bytes
 */
export function isAddressInFunction(model: ProjectModel, file: FileId, start: Offset): boolean {
  const source = model.project.code(file)
  const code = source.functionAt(start)
  const name = code && nameAt(code, start)
  if (!code || !name) return false
  const { parent } = inParentheses(code, name)
  const isThreadless = /\bPy_(?:BEGIN_ALLOW|UNBLOCK)_THREADS\b/.test(source.text.slice(code.span.start, start))
  if (parent?.kind !== 'unary' || parent.operator !== '&' || isThreadless) return false
  return !isEvaluatedBefore(source.text, code, parent)
}
