import type { Value } from '../code/tree.ts'
import { bare, calleeName, fieldValues, isNull, itemsOf, nameOf } from '../code/values.ts'
import { variablesOfTypes } from '../code/variables.ts'
import { offsetMembers } from '../knowledge/slots.ts'
import type { ProjectModel } from '../project/model.ts'
import type { RegionId, Span } from '../source/text.ts'
import { specsOf } from './heap-types.ts'
import type { TypeDefinition } from './type-definition.ts'
import type { Member } from './type-specs.ts'

/** The members of a type, as its table of `PyMemberDef` says. */
export interface TypeMembers {
  /** Those that the target may compile. */
  readonly members: readonly Member[]
  /** Whether there are no others: none is made by a macro, none stands in another file. */
  readonly isWhole: boolean
}

/** The members of a type; none, and not the whole, where its table of slots or of members is not written out. */
export function membersOf(model: ProjectModel, type: TypeDefinition): TypeMembers {
  const { file, entries } = type
  const tables = entries.filter(({ slot, isNull: isEmpty }) => slot === 'Py_tp_members' && !isEmpty)
  const names = new Set(tables.map(({ value }) => value))
  const members = specsOf(model, file).members.filter(
    ({ table, region }) => names.has(table) && model.active(file, region) !== 'no',
  )
  const isWhole = type.isWhole && [...names].every((name) => name !== null && isWrittenOut(model, type, name))
  return { members, isWhole }
}

/** Whether a file has one table of members of a name, and all of its entries are read. */
function isWrittenOut(model: ProjectModel, { file }: TypeDefinition, name: string): boolean {
  const found = [...variablesOfTypes(model.project.code(file), ['PyMemberDef'])].filter((each) => each.name === name)
  const [initialiser, ...others] = found.flatMap((each) => each.initialiser ?? [])
  if (initialiser?.kind !== 'braces' || initialiser.entries === null || others.length > 0) return false
  return [...itemsOf(initialiser.entries)].every(({ value }) => {
    const [first] = value.kind === 'braces' ? [...itemsOf(value.entries ?? [])] : []
    const text = first && bare(first.value)
    return text !== undefined && (isNull(text) || (text.kind === 'literal' && text.literal === 'string'))
  })
}

/** The types of members that are references to objects. Source: Include/descrobject.h, structmember.h. */
const objectTypes = /^(?:_?Py_)?T_OBJECT(?:_EX)?$/

/**
 * The fields of instances that Python itself puts references to any objects into: the dictionary, and members that
 * code in Python may set.
 * @param which without the dictionary, `attributes` alone
 */
export function fieldsSetByPython(
  model: ProjectModel,
  type: TypeDefinition,
  which: 'all' | 'attributes' = 'all',
): ReadonlySet<string> {
  const { members } = membersOf(model, type)
  const offsets = members.flatMap(({ name, type: kind, offset, flags }) => {
    if (name === offsetMembers.tp_dictoffset) return which === 'all' ? [offset] : []
    return (flags === null || isNull(flags)) && objectTypes.test(nameOf(kind) ?? '') ? [offset] : []
  })
  const own = type.entries.flatMap(({ slot, given }) => (which === 'all' && slot === 'Py_tp_dictoffset' ? [given] : []))
  return new Set([...offsets, ...own].flatMap((each) => (each ? (fieldOfOffset(each) ?? []) : [])))
}

/** The field of instances that begins the list of weak references to them, which is no reference; null for none. */
export function weakListField(model: ProjectModel, type: TypeDefinition): string | null {
  const given = type.entries.find(({ slot }) => slot === 'Py_tp_weaklistoffset')?.given
  const member = membersOf(model, type).members.find(({ name }) => name === offsetMembers.tp_weaklistoffset)
  const offset = given ?? member?.offset
  return offset ? fieldOfOffset(offset) : null
}

/** `item` of `offsetof(Spam, item)`; null for anything else. */
function fieldOfOffset(offset: Value): string | null {
  const inner = bare(offset)
  const [, field] = inner.kind === 'call' && calleeName(inner) === 'offsetof' ? inner.operands : []
  return field ? nameOf(field) : null
}

/** An attribute that a table of `PyMemberDef` or `PyGetSetDef` gives to the instances of a type. */
export interface TypeAttribute {
  readonly name: string
  /** Of its entry, with the braces. */
  readonly span: Span
  readonly region: RegionId
}

/** The attributes of some names that tables give to the instances of a type, as far as they are written out. */
export function attributesOf(model: ProjectModel, type: TypeDefinition, wanted: RegExp): readonly TypeAttribute[] {
  const { file, entries } = type
  const code = model.project.code(file)
  const tables = new Set(entries.flatMap(({ slot, value }) => (/^Py_tp_(?:members|getset)$/.test(slot) ? [value] : [])))
  return [...variablesOfTypes(code, ['PyMemberDef', 'PyGetSetDef'])].flatMap(({ name: table, initialiser }) =>
    !tables.has(table) || initialiser?.kind !== 'braces'
      ? []
      : [...itemsOf(initialiser.entries ?? [])].flatMap(({ value }) => {
          const [first] = value.kind === 'braces' ? (fieldValues(['name'], value.entries ?? []).get('name') ?? []) : []
          const text = first ? bare(first) : undefined
          const name = text?.kind === 'literal' && text.literal === 'string' ? text.text.slice(1, -1) : ''
          const { span } = value
          const region = code.regionAt(span.start)
          return wanted.test(name) && model.active(file, region) !== 'no' ? [{ name, span, region }] : []
        }),
  )
}
