import { valuesInCode } from '../../code/statements.ts'
import type { FunctionCode, Value } from '../../code/tree.ts'
import { bare, isNull } from '../../code/values.ts'
import { isParameter, variablesNamed, variablesOf } from '../../code/variables.ts'
import type { Offset } from '../../source/text.ts'
import type { Effect } from './references.ts'

/**
 * Whether a function that copies a variable to one of its own has no more of it than a borrowed reference: it looks at
 * it by that name, and gives back and hands on no more references than it takes by it.
 * @param local what it is copied to
 * @param effectAt what a use of that does to references
 */
export function isBorrowingCopy(code: FunctionCode, local: string, effectAt: (offset: Offset) => Effect): boolean {
  if (!isLocal(code, local)) return false
  const found = valuesInCode(code.body).flatMap((value) =>
    value.kind === 'name' && value.name === local && value.scope === '' ? [effectAt(value.span.start)] : [],
  )
  if (found.includes('unknown') || found.includes('copied')) return false
  const count = (...what: readonly Effect[]): number => found.filter((each) => what.includes(each)).length
  const lost = count('stolen', 'returned', 'dropped', 'released', 'stored')
  return lost === 0 || (lost <= count('taken') && isAlwaysBorrowed(code, local))
}

/** Whether a name means one variable in all of a function, which goes with a call of it. */
function isLocal(code: FunctionCode, name: string): boolean {
  const [declared, ...others] = variablesNamed(code, name)
  if (isParameter(code, name)) return declared === undefined
  return declared?.storage === '' && others.length === 0
}

/** Whether a function has a reference of its own by none of the values that it gives a variable. */
function isAlwaysBorrowed(code: FunctionCode, name: string): boolean {
  const isBorrowed = (value: Value): boolean => {
    const inner = bare(value)
    if (inner.kind === 'conditional') return isBorrowed(inner.whenTrue) && isBorrowed(inner.whenFalse)
    return (
      isNull(inner) ||
      (inner.kind === 'name' && variablesNamed(code, inner.name).every(({ storage }) => storage !== ''))
    )
  }
  const given = valuesInCode(code.body).flatMap((value) =>
    value.kind === 'assign' && bare(value.target).kind === 'name' && isNamed(value.target, name) ? [value.value] : [],
  )
  return [...given, ...(variablesOf(code).get(name) ?? [])].every(isBorrowed)
}

const isNamed = (value: Value, name: string): boolean => {
  const inner = bare(value)
  return inner.kind === 'name' && inner.name === name
}
