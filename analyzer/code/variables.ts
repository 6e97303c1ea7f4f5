import { eachStatement, valuesInCode } from './statements.ts'
import type { FunctionCode, Value } from './tree.ts'
import { bare } from './values.ts'

const variables = new WeakMap<FunctionCode, ReadonlyMap<string, readonly Value[]>>()

/**
 * The variables of a function with the values that they get by `=`, wherever that is: what `&x` or a macro makes of
 * them is not among these.
 */
export function variablesOf(code: FunctionCode): ReadonlyMap<string, readonly Value[]> {
  const known = variables.get(code)
  if (known) return known
  const found = new Map<string, Value[]>()
  const add = (name: string, value: Value | null): void => {
    const values = found.get(name) ?? []
    found.set(name, values)
    if (value !== null) values.push(value)
  }
  for (const statement of eachStatement(code.body)) {
    if (statement.kind === 'declaration')
      for (const { name, initialiser } of statement.variables) add(name, initialiser)
  }
  for (const value of valuesInCode(code.body)) {
    if (value.kind !== 'assign' || value.operator !== '=') continue
    const target = bare(value.target)
    if (target.kind === 'name' && !code.parameters.some(({ name }) => name === target.name))
      add(target.name, value.value)
  }
  variables.set(code, found)
  return found
}
