import { assignedTo, inCasts } from '../../code/placement.ts'
import { valuesInCode } from '../../code/statements.ts'
import type { AssignValue, FunctionCode, MemberValue, Value } from '../../code/tree.ts'
import { bare, calleeName, eachValue, nameOf } from '../../code/values.ts'
import type { Sources } from '../sources.ts'
import type { CallOperand } from './contexts.ts'

/** Uses of the address of a type by which it would be more, or less, than a pointer to a heap type. */

/** Fields that hold the bases of a type. */
const baseFields: ReadonlySet<string> = new Set(['tp_base', 'tp_bases'])

/** Fields in which an object holds its type. */
const typeFields: ReadonlySet<string> = new Set(['ob_type', 'ob_base'])

/** An assignment to a field. */
type FieldAssign = AssignValue & { readonly target: MemberValue }

const known = new WeakMap<FunctionCode, readonly FieldAssign[]>()

/** The assignments of a function to fields whose names begin with `tp_`. */
function fieldAssigns(code: FunctionCode): readonly FieldAssign[] {
  let found = known.get(code)
  if (!found) {
    found = valuesInCode(code.body).filter(
      (value): value is FieldAssign =>
        value.kind === 'assign' && value.target.kind === 'member' && value.target.name.startsWith('tp_'),
    )
    known.set(code, found)
  }
  return found
}

/**
 * The assignment by which the address of a type becomes, or may become, a base of another type: `S.tp_base = &T`,
 * `S.tp_bases = PyTuple_Pack(2, &T, &U)`, `base = &T; type->tp_base = base;`. Null for none.
 */
export function baseAssignment(code: FunctionCode, address: Value): FieldAssign | null {
  const kept = assignedTo(code, address)
  const variable = kept === null ? null : kept.kind === 'variable' ? kept.name : nameOf(kept)
  for (const assign of fieldAssigns(code).filter(({ target }) => baseFields.has(target.name)))
    for (const value of eachValue(assign.value))
      if (value === address || (variable !== null && value.kind === 'name' && value.name === variable)) return assign
  return null
}

/** The type object whose field is assigned to: `S` of `ns::S.tp_base`; null where a pointer leads to it. */
export function assignedType({ target }: FieldAssign): string | null {
  const holder = bare(target.object)
  return !target.arrow && holder.kind === 'name' ? holder.name : null
}

/**
 * Whether an object gets the type by hand, without a reference to it: `object->ob_type = &T`,
 * `Py_SET_TYPE(object, &T)`, `PyObject_HEAD_INIT(&T)`, `{1, &T}`.
 */
export function isTypeOfObject(code: FunctionCode, address: Value, operand: CallOperand | null): boolean {
  if (operand !== null)
    return (
      /^Py(?:Var)?Object_HEAD_INIT$/.test(operand.callee) || (operand.callee === 'Py_SET_TYPE' && operand.index === 1)
    )
  const target = assignedTo(code, address)
  if (target?.kind === 'member') return typeFields.has(target.name)
  const { whole: value, parent } = inCasts(code, address)
  if (parent?.kind !== 'braces') return false
  const [count, type] = parent.entries ?? []
  const first = count?.kind === 'item' ? bare(count.value) : null
  const isCount = first?.kind === 'literal' && first.literal === 'number'
  return isCount && type?.kind === 'item' && type.value === value && parent.entries?.length === 2
}

/**
 * Where a `tp_alloc` or a `tp_new` gives an object its type by hand, of the type that it gets, and takes no reference
 * to that: `made->ob_type = type`, `Py_SET_TYPE(made, type)`. Null for nowhere.
 */
export function typeByHand(code: FunctionCode): Value | null {
  const type = code.parameters[0]?.name ?? ''
  if (type === '') return null
  const values = valuesInCode(code.body)
  const takes = (value: Value): boolean =>
    value.kind === 'call' &&
    /^Py_(?:X?INCREF|X?NewRef)$/.test(calleeName(value) ?? '') &&
    value.operands.some((operand) => nameOf(operand) === type)
  const gives = (value: Value): boolean => {
    if (value.kind === 'call')
      return (
        calleeName(value) === 'Py_SET_TYPE' && value.operands[1] !== undefined && nameOf(value.operands[1]) === type
      )
    if (value.kind !== 'assign' || nameOf(value.value) !== type) return false
    const { target } = value
    return target.kind === 'member'
      ? target.name === 'ob_type'
      : target.kind === 'call' && calleeName(target) === 'Py_TYPE'
  }
  return values.some(takes) ? null : (values.find(gives) ?? null)
}

/** What a function that gets a type makes of it besides a type that is ready; null for nothing. */
export function changeByHelper(sources: Sources, { callee, index }: CallOperand, file: string): string | null {
  for (const { code } of [...sources.functions(callee, file), ...sources.macros(callee)]) {
    const name = code.parameters[index]?.name ?? ''
    const isBase = ({ target, value }: FieldAssign): boolean =>
      baseFields.has(target.name) && [...eachValue(value)].some((each) => nameOf(each) === name)
    if (name !== '' && fieldAssigns(code).some(isBase)) return 'makes it the base of another type'
  }
  return null
}
