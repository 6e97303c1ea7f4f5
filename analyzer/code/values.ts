import { greatest } from '../source/lists.ts'
import { addTo } from '../source/multimap.ts'
import type { CallValue, Entry, ItemEntry, Value } from './tree.ts'
import { wordSet } from './words.ts'

/** Questions about single values. */

/** A value without the parentheses and the casts around it. */
export function bare(value: Value): Value {
  let at = value
  while (at.kind === 'group' || at.kind === 'cast') at = at.kind === 'group' ? at.inner : at.operand
  return at
}

/** The name that a value is behind parentheses and casts, unless it is qualified; null for anything else. */
export function nameOf(value: Value): string | null {
  const inner = bare(value)
  return inner.kind === 'name' ? inner.name : null
}

/** The name whose address a value is, behind casts: `T` of `(PyTypeObject *)&T`; null for anything else. */
export function addressed(value: Value): string | null {
  const inner = bare(value)
  return inner.kind === 'unary' && inner.operator === '&' ? nameOf(inner.operand) : null
}

/** As `nameOf`, but through `&` as well, as people write functions and tables in slots. */
export function pointedName(value: Value): string | null {
  const inner = bare(value)
  return inner.kind === 'unary' && inner.operator === '&' ? pointedName(inner.operand) : nameOf(inner)
}

/** As `pointedName`, and through a function that casts: `void_cast(spam_dealloc)`. */
export function slotName(value: Value): string | null {
  const inner = bare(value)
  return inner.kind === 'call' && inner.operands.length === 1 && calleeName(inner) !== null
    ? pointedName(inner.operands[0]!)
    : pointedName(value)
}

/** The name of what a call calls: of `f`, `(f)`, `ns::f<int>`; null where that is more than a name. */
export const calleeName = ({ callee }: CallValue): string | null => nameOf(callee)

// `Py_slot_end` is CPython's zero that ends tables of slots.
const nullNames = wordSet('NULL nullptr Py_NULL Py_slot_end')

/** Whether a name stands for a null pointer wherever it is not defined anew. */
export const isNullName = (name: string): boolean => nullNames.has(name)

/** Whether a value is a null pointer or a zero, as people write it. */
export function isNull(value: Value): boolean {
  const inner = bare(value)
  return inner.kind === 'name' ? isNullName(inner.name) : inner.kind === 'literal' && /^0[LlUu]*$/.test(inner.text)
}

/** The values directly in a value. Those of code in it are not among them. */
export function operandsOf(value: Value): readonly Value[] {
  const found: Value[] = []
  addOperands(value, found)
  return found
}

function addOperands(value: Value, found: Value[]): void {
  switch (value.kind) {
    case 'name':
    case 'literal':
    case 'type':
    case 'code':
      break
    case 'call':
      found.push(value.callee)
      for (const operand of value.operands) found.push(operand)
      break
    case 'member':
      found.push(value.object)
      break
    case 'index':
      found.push(value.object, value.index)
      break
    case 'cast':
    case 'unary':
      found.push(value.operand)
      break
    case 'assign':
      found.push(value.target, value.value)
      break
    case 'binary':
      found.push(value.left, value.right)
      break
    case 'conditional':
      found.push(value.condition, value.whenTrue, value.whenFalse)
      break
    case 'group':
      found.push(value.inner)
      break
    case 'braces':
      for (const item of itemsOf(value.entries ?? [])) found.push(item.value)
      break
    case 'unknown':
      for (const each of value.values) found.push(each)
  }
}

/** All values of an initialiser, whatever their conditions. */
export function* itemsOf(entries: readonly Entry[]): Iterable<ItemEntry> {
  for (const entry of entries) {
    if (entry.kind === 'item') yield entry
    else for (const branch of entry.branches) yield* itemsOf(branch.entries)
  }
}

/**
 * The values of a struct's fields in its initialiser, by field; several where conditions choose.
 * @param fields their names, in the order of their declaration
 */
export function fieldValues(
  fields: readonly string[],
  entries: readonly Entry[],
): ReadonlyMap<string, readonly Value[]> {
  const values = new Map<string, Value[]>()
  const walk = (inner: readonly Entry[], from: number): number => {
    let position = from
    for (const entry of inner) {
      if (entry.kind === 'branches') {
        position = greatest([position, ...entry.branches.map((branch) => walk(branch.entries, position))])
        continue
      }
      if (entry.designator !== null) position = fields.indexOf(entry.designator)
      const field = fields[position++]
      if (field !== undefined) addTo(values, field, entry.value)
    }
    return position
  }
  walk(entries, 0)
  return values
}

/** A value and all in it, outer ones first, in the order of the text; code in it is left out. */
export function eachValue(value: Value): readonly Value[] {
  const found: Value[] = []
  addEachValue(value, found)
  return found
}

/** Adds a value and all in it to a list, in the order of `eachValue`. Values may nest deeply: nothing calls itself. */
export function addEachValue(value: Value, found: Value[]): void {
  const open: Value[] = [value]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    found.push(at)
    const first = open.length
    addOperands(at, open)
    for (let left = first, right = open.length - 1; left < right; left++, right--) {
      const other = open[left]!
      open[left] = open[right]!
      open[right] = other
    }
  }
}

/** A value as text without blanks, casts and parentheses: `state->type` of `((T *)state->type)`. */
export function plainText(value: Value): string {
  const inner = bare(value)
  switch (inner.kind) {
    case 'name':
      return inner.scope === '' ? inner.name : `${inner.scope}::${inner.name}`
    case 'literal':
      return inner.text
    case 'member':
      return `${plainText(inner.object)}${inner.arrow ? '->' : '.'}${inner.name}`
    case 'index':
      return `${plainText(inner.object)}[${plainText(inner.index)}]`
    case 'call':
      return `${plainText(inner.callee)}(${inner.operands.map(plainText).join(',')})`
    case 'unary':
      return `${inner.operator}${plainText(inner.operand)}`
    case 'type':
      return inner.type
    default:
      return '?'
  }
}
