import { assignedTo, inCasts, nameAt } from '../code/placement.ts'
import { valuesInCode } from '../code/statements.ts'
import type { CallValue, FunctionCode, Value } from '../code/tree.ts'
import { bare, isNull, nameOf } from '../code/values.ts'
import { variablesNamed } from '../code/variables.ts'

/**
 * What a function does with an object that a call lends it: `kept` where it is put into anything but a variable of the
 * function, `returned`, `used`; null where it asks at most whether there is one, or which one.
 */
export function lentUse(code: FunctionCode, call: CallValue): 'kept' | 'returned' | 'used' | null {
  const own = useOf(code, call)
  if (own !== 'assigned') return own
  const target = assignedTo(code, call)
  if (target === null) return null
  const name = target.kind === 'variable' ? target.name : nameOf(target)
  if (name === null || variablesNamed(code, name).length === 0) return 'kept'
  const uses = valuesInCode(code.body).flatMap((each) =>
    each.kind === 'name' && each.name === name && each.span.start > call.span.end && nameAt(code, each.span.start)
      ? [useOf(code, each)]
      : [],
  )
  for (const use of ['returned', 'kept', 'used'] as const) if (uses.includes(use)) return use
  return uses.includes('assigned') ? 'used' : null
}

/** What is done with a value where it stands; `assigned` where a variable or a field gets it. */
function useOf(code: FunctionCode, value: Value): 'kept' | 'returned' | 'used' | 'assigned' | null {
  const { whole, parent } = inCasts(code, value)
  switch (parent?.kind) {
    case undefined:
    case 'expression':
    case 'if':
    case 'loop':
      return null
    case 'return':
      return 'returned'
    case 'variable':
      return 'assigned'
    case 'assign':
      return parent.value === whole ? 'assigned' : null
    case 'unary':
      return parent.operator === '!' || parent.operator === '&' ? null : 'used'
    case 'binary':
      return /^(?:[!=]=|&&|\|\|)$/.test(parent.operator) ? null : 'used'
    case 'conditional':
      if (parent.condition === whole) return null
      return useOf(code, parent)
    default:
      return 'used'
  }
}

/** Whether a condition is true where a variable holds no object: `x == NULL`, `!x`. */
export function isNullTest(condition: Value, name: string): boolean {
  const inner = bare(condition)
  if (inner.kind === 'unary') return inner.operator === '!' && nameOf(inner.operand) === name
  if (inner.kind !== 'binary' || inner.operator !== '==') return false
  return (nameOf(inner.left) === name && isNull(inner.right)) || (nameOf(inner.right) === name && isNull(inner.left))
}
