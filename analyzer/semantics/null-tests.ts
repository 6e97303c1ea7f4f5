import { assignedTo, callStarting, inCasts, inParentheses, nameAt } from '../code/placement.ts'
import { valuesInCode } from '../code/statements.ts'
import type { FunctionCode, Value } from '../code/tree.ts'
import { bare, isNull, plainText } from '../code/values.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset } from '../source/text.ts'

/**
 * Whether what a call gives is compared with `NULL`, at once or as the variable that it is put into, behind the call.
 * @param start where the call begins, in bytes
 */
export function isComparedWithNull(model: ProjectModel, file: FileId, start: Offset): boolean {
  const code = model.project.code(file).functionAt(start)
  const call = code && callStarting(code, start)
  if (!code || !call) return false
  if (isOperandOfTest(code, call)) return true
  const target = assignedTo(code, call)
  if (target === null) return false
  const name = target.kind === 'variable' ? target.name : plainText(target)
  return (lastTests(code).get(name) ?? -1) > start
}

const known = new WeakMap<FunctionCode, ReadonlyMap<string, Offset>>()

/** Where a value is compared with `NULL` for the last time, by how it is written. */
function lastTests(code: FunctionCode): ReadonlyMap<string, Offset> {
  const found = known.get(code)
  if (found) return found
  const last = new Map<string, Offset>()
  for (const value of valuesInCode(code.body)) {
    if (!isOperandOfTest(code, value)) continue
    const name = plainText(value)
    last.set(name, Math.max(value.span.start, last.get(name) ?? -1))
  }
  known.set(code, last)
  return last
}

/**
 * Whether a pointer is only compared with `NULL` or handed on, and neither looked into nor kept.
 * @param start where its name stands, in bytes
 */
export function isOnlyAsked(model: ProjectModel, file: FileId, start: Offset): boolean {
  const code = model.project.code(file).codeAt(start)
  const value = code && nameAt(code, start)
  if (!code || !value) return false
  const { parent } = inCasts(code, value)
  const { text } = model.project.code(file)
  return /^(?:return|call|expression)$/.test(parent?.kind ?? 'expression') || isOnlyTested(text, code, value)
}

/** Whether a value is compared with `NULL` where it stands, and neither kept by an assignment nor given. */
export function isOnlyTested(text: string, code: FunctionCode, value: Value): boolean {
  const { whole, parent } = inParentheses(code, value)
  switch (parent?.kind) {
    case 'if':
    case 'loop':
      // `if (PyNumberMethods *nb = Py_TYPE(o)->tp_as_number)`
      return /\(\s*$/.test(text.slice(0, whole.span.start).slice(-nearby))
    case 'conditional':
      return parent.condition === whole && /^\s*\?\s*[^\s:]/.test(text.slice(whole.span.end).slice(0, nearby))
    case 'unary':
      return parent.operator === '!'
    case 'binary':
      return isOperandOfTest(code, value)
    default:
      return false
  }
}

/** Characters that are looked at. */
const nearby = 40

/**
 * Whether a value is compared with `NULL`, or what it is put into by that: `if (x)`, `!x`, `x == NULL`, `x && y`,
 * `x ? y : z`, `(x = f()) == NULL`, `if (T *x = f())`.
 */
export function isOperandOfTest(code: FunctionCode, value: Value): boolean {
  const { whole, parent } = inCasts(code, value)
  switch (parent?.kind) {
    case 'assign':
      return parent.value === whole && parent.operator === '=' && isOperandOfTest(code, parent)
    case 'if':
    case 'loop':
      return true
    case 'conditional':
      return parent.condition === whole
    case 'unary':
      return parent.operator === '!'
    case 'binary': {
      const other = parent.left === whole ? parent.right : parent.left
      return /^(?:&&|\|\|)$/.test(parent.operator) || (/^[!=]=$/.test(parent.operator) && isNull(bare(other)))
    }
    default:
      return false
  }
}
