import { outermostStatements } from '../code/placement.ts'
import type { FunctionCode } from '../code/tree.ts'
import { bare, calleeName, plainText } from '../code/values.ts'
import { type ObjectFunction, objectFunction } from '../knowledge/object-functions.ts'

/**
 * Whether something is freed or released on the way through a function, and not just where something failed.
 * @param text what, as `plainText` gives it
 */
export function isGivenTo({ body }: FunctionCode, what: ObjectFunction, text: string): boolean {
  for (const statement of outermostStatements(body)) {
    if (statement.kind === 'return') return false
    if (statement.kind !== 'expression' || statement.value === null) continue
    const value = bare(statement.value)
    const [operand] =
      value.kind === 'call' && objectFunction(calleeName(value) ?? '') === what
        ? value.operands
        : value.kind === 'unary' && value.operator === 'delete' && what === 'free'
          ? [value.operand]
          : []
    if (operand && plainText(operand) === text) return true
  }
  return false
}
