import { callsIn } from '../../code/placement.ts'
import { bare, nameOf } from '../../code/values.ts'
import { type FunctionRole, tableRolesOf } from '../../semantics/function-roles.ts'
import type { Sources } from '../sources.ts'
import type { Access } from './accesses.ts'

/**
 * Fields that are asked of what may be an object of another type: for abi3t that has no such data, where without it the
 * memory of the other object is read.
 */

/** Slots whose operands CPython swaps where the other operand has none of its own. */
const binary =
  /^nb_(?:add|subtract|multiply|remainder|divmod|power|[lr]shift|and|xor|or|floor_divide|true_divide|matrix_multiply)$/

/** Slots that get any object as their second operand. */
const second = /^(?:tp_richcompare|nb_inplace_\w+|mp_(?:ass_)?subscript|sq_(?:inplace_)?concat|sq_contains)$/

/** Which parameters of a function may be of any type, by what CPython calls it as. */
function anyParameters({ kind, name }: FunctionRole): readonly number[] {
  if (kind === 'method' || kind === 'setter') return [1]
  if (kind !== 'slot') return []
  return binary.test(name) ? [0, 1] : second.test(name) ? [1] : []
}

/**
 * The parameter that an access asks for a field though it may be an object of any type, and no call before has got it
 * to look at that; null for none.
 */
export function unprovenParameter(sources: Sources, { file, code, member, object }: Access): string | null {
  const name = nameOf(bare(object))
  const at = code.kind === 'function' ? code.parameters.findIndex((each) => each.name === name) : -1
  if (name === null || at < 0) return null
  const roles = tableRolesOf(sources.model, sources.body({ file, code }))
  if (!roles.some((role) => anyParameters(role).includes(at))) return null
  const isSeen = callsIn(code).some(
    ({ span, operands }) =>
      span.start < member.span.start && operands.some((operand) => nameOf(bare(operand)) === name),
  )
  const text = sources.text(file).slice(code.span.start, member.span.start)
  return isSeen || new RegExp(`\\b${name}(?:->ob_base\\s*\\.|->)\\s*ob_type\\b`).test(text) ? null : name
}
