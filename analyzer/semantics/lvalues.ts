import { callsIn, inParentheses, nameAt, parentsIn, statementOf } from '../code/placement.ts'
import { isSimple } from '../code/statements.ts'
import type { AssignValue, FunctionCode, UnaryValue, Value, Variable } from '../code/tree.ts'
import { calleeName } from '../code/values.ts'
import type { Expression } from '../facts/file-facts.ts'
import type { Minor } from '../knowledge/version.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset } from '../source/text.ts'

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
