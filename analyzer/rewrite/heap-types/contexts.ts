import { aloneStatement, inParentheses, nameAt, parentsIn } from '../../code/placement.ts'
import type { AssignValue, CallValue, FunctionCode, MemberValue, NameValue, Statement, Value } from '../../code/tree.ts'
import { nameOf } from '../../code/values.ts'

/** How the name of a type object, or of a table of slots, stands in the code. */
export type TypeUseContext =
  /** `&T`, `&(T)`, also where it is an operand; or a pointer by which the type is known. */
  | { readonly kind: 'address'; readonly value: Value; readonly operand: CallOperand | null }
  /** `T.tp_x`, also behind `&`; of `T.ob_base.ob_type` all. */
  | { readonly kind: 'field'; readonly value: MemberValue; readonly dot: number; readonly field: string }
  /** `T` alone as an operand. */
  | { readonly kind: 'operand'; readonly operand: CallOperand }
  | { readonly kind: 'size' }
  | { readonly kind: 'other' }

/** A call among whose operands something is, and which of them, from 0. */
export interface CallOperand {
  readonly callee: string
  readonly call: CallValue
  readonly index: number
}

/** How a name stands at an offset. */
export function contextAt(code: FunctionCode, offset: number): TypeUseContext {
  const name = nameAt(code, offset)
  return name === null ? { kind: 'other' } : contextOf(code, name)
}

function contextOf(code: FunctionCode, name: NameValue): TypeUseContext {
  const { whole: value, parent } = inParentheses(code, name)
  if (parent?.kind === 'member' && !parent.arrow) return fieldContext(code, parent)
  if (parent?.kind === 'unary' && parent.operator === '&')
    return { kind: 'address', value: parent, operand: operandOf(code, parent) }
  if (parent?.kind === 'unary' && parent.operator === 'sizeof') return { kind: 'size' }
  if (parent?.kind !== 'call') return { kind: 'other' }
  const operand = operandOf(code, value)
  return operand?.call === parent ? { kind: 'operand', operand } : { kind: 'other' }
}

/** The field that a member of a type is, or a part of: of `T.ob_base.ob_type` all. */
export function fieldContext(code: FunctionCode, first: MemberValue): Extract<TypeUseContext, { kind: 'field' }> {
  const parents = parentsIn(code)
  let value = first
  for (let parent = parents.get(value); parent?.kind === 'member' && !parent.arrow; parent = parents.get(value))
    value = parent
  return { kind: 'field', value, dot: first.dot, field: value.name }
}

/** Values that may be the one that they are made of. */
const handingOn: ReadonlySet<string> = new Set(['group', 'cast', 'binary', 'conditional', 'assign', 'unary'])

/** The call that a value is an operand of, or a part of one that has nothing else to be given; null for none. */
export function operandOf(code: FunctionCode, value: Value): CallOperand | null {
  const parents = parentsIn(code)
  let inner = value
  for (;;) {
    const parent = parents.get(inner)
    if (parent?.kind === 'call') {
      const index = parent.operands.indexOf(inner)
      return index < 0 ? null : { callee: calledName(parent), call: parent, index }
    }
    if (parent === undefined || !handingOn.has(parent.kind)) return null
    inner = parent as Value
  }
}

function calledName({ callee }: CallValue): string {
  return nameOf(callee) ?? (callee.kind === 'member' ? callee.name : '')
}

/** What a statement assigns to a field: `T.tp_new = PyType_GenericNew;` and nothing else in it. */
export interface Assignment {
  readonly operator: '=' | '|=' | '&='
  readonly value: Value
  readonly statement: Statement
}

/**
 * The assignment that a field is the target of, a statement of its own among others.
 * @returns `part` where it is a part of more, null where the field is read
 */
export function assignmentOf(code: FunctionCode, field: MemberValue): Assignment | 'part' | null {
  const parent = parentsIn(code).get(field)
  if (parent?.kind === 'unary' && /(?:\+\+|--)$/.test(parent.operator)) return 'part'
  if (parent?.kind !== 'assign' || parent.target !== field) return null
  const alone = aloneStatement(code, parent)
  if (alone === null || !alone.inBlock || !isPlain(parent)) return 'part'
  const operator = parent.operator as Assignment['operator']
  return { operator, value: parent.value, statement: alone.statement }
}

const isPlain = ({ operator, value }: AssignValue): boolean =>
  (operator === '=' || operator === '|=' || operator === '&=') && value.kind !== 'assign'
