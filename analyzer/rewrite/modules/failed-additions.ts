import { aloneStatement, parentsIn, valuesOfKind } from '../../code/placement.ts'
import { expressionOf } from '../../code/statements.ts'
import type { CallValue, FunctionCode, Statement } from '../../code/tree.ts'
import { bare, calleeName, plainText } from '../../code/values.ts'
import { siblingsOf } from '../../semantics/failing-ends.ts'
import { counting } from '../../semantics/new-references.ts'

/**
 * Whether a call gives back the reference that was for `PyModule_AddObject`, which did not take it over, and the next
 * statement clears the variable, as the documentation of CPython has it:
 *
 *   Py_XINCREF(error); if (PyModule_AddObject(m, "error", error) < 0) { Py_XDECREF(error); Py_CLEAR(error); ... }
 */
export function isOfFailedAddition(code: FunctionCode, call: CallValue): boolean {
  const [operand] = call.operands
  const own = aloneStatement(code, call)?.statement
  if (!operand || !own) return false
  const name = plainText(operand)
  const isOn = (statement: Statement | undefined, callee: RegExp): boolean => {
    const inner = expressionOf(statement)
    const [first] = inner?.kind === 'call' ? inner.operands : []
    return inner?.kind === 'call' && callee.test(calleeName(inner) ?? '') && !!first && plainText(first) === name
  }
  const block = parentsIn(code).get(own)
  const test = block?.kind === 'block' ? parentsIn(code).get(block) : undefined
  if (test?.kind !== 'if' || test.then !== block || !isOn(nextTo(code, own, 1), /^Py_CLEAR$/)) return false
  const condition = bare(test.condition)
  const added = [...valuesOfKind(condition, 'call')].filter((each) => calleeName(each) === 'PyModule_AddObject')
  const isAdded = added.length === 1 && added[0]!.operands[2] !== undefined && plainText(added[0]!.operands[2]) === name
  const isFailure =
    condition.kind === 'binary' && condition.operator === '<' && bare(condition.left) === added[0] && isAdded
  return isFailure && isOn(nextTo(code, test, -1), counting)
}

const nextTo = (code: FunctionCode, statement: Statement, step: number): Statement | undefined => {
  const list = siblingsOf(code, statement)
  return list[list.indexOf(statement) + step]
}
