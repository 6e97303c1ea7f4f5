import { inParentheses } from '../../code/placement.ts'
import type { FunctionCode, MemberValue, Value } from '../../code/tree.ts'
import { isNull, nameOf } from '../../code/values.ts'
import type { Offset, Span } from '../../source/text.ts'
import type { CallOperand } from './contexts.ts'

/** Conditions by which code asks whether a static type is ready. */

/** Fields that are `NULL` until `PyType_Ready` fills them. Source: `type_ready()` in CPython's Objects/typeobject.c. */
const filledByReady: ReadonlySet<string> = new Set(['tp_dict', 'tp_mro', 'tp_bases'])

/** What takes the place of the part of a condition that begins with the `.` of `T.field`. */
export interface ReadyTest {
  readonly span: Span
  readonly text: string
}

/**
 * What a condition on a field of a type becomes where a pointer to the type takes its place, which is `NULL` until the
 * type is made: `T.tp_dict == NULL` becomes `T == NULL`, `T.tp_flags & Py_TPFLAGS_READY` becomes `T != NULL`. Null for
 * a field that is read for another reason.
 * @param isEmpty whether the type has no name before it is made ready
 */
export function readyTest(code: FunctionCode, field: MemberValue, isEmpty: boolean): ReadyTest | null {
  if (filledByReady.has(field.name) || (isEmpty && field.name === 'tp_name'))
    return isCondition(code, field) ? { span: { start: field.dot, end: field.span.end }, text: '' } : null
  const end = field.name === 'tp_flags' ? endOfFlagTest(code, field) : null
  return end === null ? null : { span: { start: field.dot, end }, text: ' != NULL' }
}

/**
 * The same for a call that gets the address of a type: `PyType_GetFlags(&T) & Py_TPFLAGS_READY`,
 * `PyType_HasFeature(&T, Py_TPFLAGS_READY)`.
 * @param name the type's, as it is written there
 * @param isEmpty whether the type has no name before it is made ready
 */
export function readyCall(
  code: FunctionCode,
  { call, callee, index }: CallOperand,
  name: string,
  isEmpty: boolean,
): ReadyTest | null {
  const { start } = call.span
  if (index !== 0) return null
  if (isEmpty && callee === 'PepType_GetTpName') return isCondition(code, call) ? { span: call.span, text: name } : null
  if (callee === 'PyType_GetFlags') {
    const end = endOfFlagTest(code, call)
    return end === null ? null : { span: { start, end }, text: `${name} != NULL` }
  }
  const [, flag] = call.operands
  return callee === 'PyType_HasFeature' && flag && nameOf(flag) === 'Py_TPFLAGS_READY' && isCondition(code, call)
    ? { span: call.span, text: `(${name} != NULL)` }
    : null
}

/** Where a condition ends that asks flags for `Py_TPFLAGS_READY`; null for none. */
function endOfFlagTest(code: FunctionCode, flags: Value): Offset | null {
  const { parent } = inParentheses(code, flags)
  if (parent?.kind !== 'binary' || parent.operator !== '&' || parent.left !== flags) return null
  return nameOf(parent.right) === 'Py_TPFLAGS_READY' && isCondition(code, parent) ? parent.span.end : null
}

/** Whether all that is asked of a value is whether it is zero. */
function isCondition(code: FunctionCode, value: Value): boolean {
  const { whole, parent } = inParentheses(code, value)
  switch (parent?.kind) {
    case 'if':
      return parent.condition === whole
    case 'unary':
      return parent.operator === '!'
    case 'binary':
      if (parent.operator === '&&' || parent.operator === '||') return true
      return /^[=!]=$/.test(parent.operator) && isNull(parent.left === whole ? parent.right : parent.left)
    default:
      return false
  }
}
