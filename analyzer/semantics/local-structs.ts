import { valuesInCode } from '../code/statements.ts'
import type { BracesValue, Value } from '../code/tree.ts'
import { addressed, bare, itemsOf, nameOf } from '../code/values.ts'
import { variablesIn } from '../code/variables.ts'
import type { CType } from '../knowledge/ctype.ts'
import { addAll } from '../source/lists.ts'
import type { Functions } from './functions.ts'
import type { Scope } from './scope-names.ts'

/**
 * The values that a field of a local struct is given in its function, by its initialiser and by `=`; none where it is
 * no field of one.
 * @param holder the struct, or a pointer that is set to its address once
 */
export function fieldValuesIn(functions: Functions, holder: Value, field: string, scope: Scope): readonly Value[] {
  const variable = structOf(holder, scope)
  if (variable === null || scope.code === null) return []
  const found: Value[] = []
  for (const { name, type, initialiser } of variablesIn(scope.code))
    if (name === variable && initialiser?.kind === 'braces')
      addAll(found, initialValues(initialiser, field, fieldsOf(functions, type)))
  for (const value of valuesInCode(scope.code.body)) {
    const target = value.kind === 'assign' && value.operator === '=' ? bare(value.target) : null
    if (value.kind === 'assign' && target?.kind === 'member' && target.name === field)
      if (structOf(target.object, scope) === variable) found.push(value.value)
  }
  return found
}

/** The local variable that a value is or points to. */
function structOf(value: Value, scope: Scope): string | null {
  const inner = bare(value)
  const name = inner.kind === 'unary' && inner.operator === '*' ? nameOf(inner.operand) : nameOf(inner)
  if (name === null || !scope.locals.has(name)) return addressed(value)
  const assigned = scope.variables.get(name)
  return (assigned?.length === 1 ? addressed(assigned[0]!) : null) ?? name
}

function initialValues({ entries }: BracesValue, field: string, fields: readonly string[] | null): readonly Value[] {
  const items = [...itemsOf(entries ?? [])]
  const named = items.filter(({ designator }) => designator === field)
  if (named.length > 0) return named.map(({ value }) => value)
  if (items.some(({ designator }) => designator !== null)) return []
  // A struct whose fields are not known has one of what is written.
  const at = fields?.indexOf(field) ?? -1
  return fields === null ? items.map(({ value }) => value) : items[at] ? [items[at].value] : []
}

/** The fields of a struct, in order; null where it is not known, or conditions choose. */
function fieldsOf({ model }: Functions, type: CType): readonly string[] | null {
  const { declarations } = model.project
  const [alias, ...others] = declarations.typedef(type)
  const meant = alias && others.length === 0 ? alias.fact.type : type
  const tag = meant.includes('@') ? `${meant}#${alias!.file}` : meant.startsWith('struct ') ? meant : `struct ${meant}`
  const found = declarations.struct(tag)
  return found.length === 1 ? Object.keys(found[0]!.fact.fields) : null
}
