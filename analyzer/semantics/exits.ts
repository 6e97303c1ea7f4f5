import { type Parent, parentsIn } from '../code/placement.ts'
import { eachStatement } from '../code/statements.ts'
import type { FunctionCode, Statement, Value } from '../code/tree.ts'
import { eachValue } from '../code/values.ts'
import { variablesIn } from '../code/variables.ts'

/**
 * Whether one of some values may be looked at on a way through a statement, from the beginning of its function to where
 * it is left. Where loops, `switch` and `goto` make the ways, that is not followed, and they may.
 */
export function mayMeet(code: FunctionCode, statement: Statement, values: readonly Value[]): boolean {
  if ([...eachStatement(code.body)].some((each) => each.kind === 'jump' || each.kind === 'label')) return true
  const holds = ({ span }: Statement): boolean =>
    values.some((each) => span.start <= each.span.start && each.span.end <= span.end)
  // In the body of a macro that stands alone.
  const isElsewhere = ({ span }: Value): boolean => span.start < code.span.start || code.span.end < span.end
  if (values.some(isElsewhere) || holds(statement)) return true
  const parents = parentsIn(code)
  let at: Statement = statement
  let isLeft = false
  for (;;) {
    const parent: Parent | undefined = parents.get(at)
    const list: readonly Statement[] = listAround(code, parent, at)
    const index = list.indexOf(at)
    if (list.slice(0, index).some(holds)) return true
    const behind: readonly Statement[] = isLeft ? [] : list.slice(index + 1)
    const end: number = behind.findIndex(({ kind }) => kind === 'return')
    if ((end < 0 ? behind : behind.slice(0, end + 1)).some(holds)) return true
    isLeft ||= end >= 0
    if (parent === undefined) return false
    if (parent.kind !== 'if' && parent.kind !== 'block' && parent.kind !== 'branches') return true
    // What stands in the condition is looked at before.
    const isCondition = ({ span }: Value): boolean =>
      parent.kind === 'if' && parent.condition.span.start <= span.start && span.end <= parent.condition.span.end
    if (values.some(isCondition) || (parent.kind === 'if' && asksType(code, parent.condition))) return true
    at = parent
  }
}

/** Whether a condition is about types, such as whether that of an object is a heap type. */
function asksType(code: FunctionCode, condition: Value): boolean {
  const types = new Set([...variablesIn(code)].filter(({ type }) => type === 'PyTypeObject*').map(({ name }) => name))
  return [...eachValue(condition)].some(
    (each) =>
      each.kind === 'name' &&
      (types.has(each.name) || /^(?:Py_TYPE|Py_IS_TYPE|PyType_\w+|Py_TPFLAGS_\w+|\w+_CheckExact)$/.test(each.name)),
  )
}

/** The statements that a statement stands among. */
function listAround(code: FunctionCode, parent: object | undefined, at: Statement): readonly Statement[] {
  if (parent === undefined) return code.body
  const around = parent as Statement
  if (around.kind === 'block') return around.statements
  if (around.kind === 'branches')
    return around.branches.find(({ statements }) => statements.includes(at))?.statements ?? [at]
  return [at]
}
