import type { FileCode } from '../code/file-code.ts'
import type { Value, Variable } from '../code/tree.ts'
import { bare, calleeName, fieldValues, isNull, itemsOf, nameOf, plainText } from '../code/values.ts'
import { variablesOfTypes } from '../code/variables.ts'
import { offsetMembers } from '../knowledge/slots.ts'
import type { ProjectModel } from '../project/model.ts'
import { addTo } from '../source/multimap.ts'
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

/** A field of the struct of instances that a member tells of. */
export interface MemberField {
  readonly field: string
  /** The name of the member: `__dictoffset__`. */
  readonly name: string
  /** The kind, without `Py_`: `T_OBJECT_EX`. */
  readonly kind: string
  /** Whether Python code can set it, as far as the flags say. */
  readonly isWritable: boolean
}

/** The fields that the members of a type tell of by `offsetof`. */
export const memberFields = (model: ProjectModel, type: TypeDefinition): readonly MemberField[] =>
  membersOf(model, type).members.flatMap(({ name, type: kind, offset, flags }) => {
    const field = offset && fieldOfOffset(offset)
    const isWritable = flags === null || !/READ_?ONLY|^[1-9]/.test(plainText(flags))
    return field === null ? [] : [{ field, name, kind: plainText(kind).replace(/^Py_/, ''), isWritable }]
  })

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
  const found = memberFields(model, type).flatMap(({ field, name, kind, isWritable }) => {
    if (name === offsetMembers.tp_dictoffset) return which === 'all' ? [field] : []
    return isWritable && /^T_OBJECT(?:_EX)?$/.test(kind) ? [field] : []
  })
  return new Set([...found, ...(which === 'all' ? ownOffset(type, 'Py_tp_dictoffset') : [])])
}

/** The field of instances that begins the list of weak references to them, which is no reference; null for none. */
export const weakListField = (model: ProjectModel, type: TypeDefinition): string | null =>
  ownOffset(type, 'Py_tp_weaklistoffset')[0] ??
  memberFields(model, type).find(({ name }) => name === offsetMembers.tp_weaklistoffset)?.field ??
  null

/** The field of instances whose offset a static type says. */
const ownOffset = ({ entries }: TypeDefinition, slot: string): readonly string[] =>
  entries.flatMap((entry) => (entry.slot === slot && entry.given ? (fieldOfOffset(entry.given) ?? []) : []))

/** `item` of `offsetof(Spam, item)`; null for anything else. */
function fieldOfOffset(offset: Value): string | null {
  const place = bare(offset)
  const [, field] = place.kind === 'call' && calleeName(place) === 'offsetof' ? place.operands : []
  return field ? nameOf(field) : null
}

/** An attribute that a table of `PyMemberDef` or `PyGetSetDef` gives to the instances of a type. */
export interface TypeAttribute {
  readonly name: string
  /** Of its entry, with the braces. */
  readonly span: Span
  readonly region: RegionId
}

const knownTables = new WeakMap<FileCode, ReadonlyMap<string, readonly Variable[]>>()

/** The tables of members and attributes of a file, by name. */
function attributeTables(code: FileCode): ReadonlyMap<string, readonly Variable[]> {
  let found = knownTables.get(code)
  if (!found) {
    const byName = new Map<string, Variable[]>()
    for (const each of variablesOfTypes(code, ['PyMemberDef', 'PyGetSetDef'])) addTo(byName, each.name, each)
    found = byName
    knownTables.set(code, found)
  }
  return found
}

/** The attributes of some names that tables give to the instances of a type, as far as they are written out. */
export function attributesOf(model: ProjectModel, type: TypeDefinition, wanted: RegExp): readonly TypeAttribute[] {
  const { file, entries } = type
  const code = model.project.code(file)
  const names = new Set(entries.flatMap(({ slot, value }) => (/^Py_tp_(?:members|getset)$/.test(slot) ? [value] : [])))
  const tables = [...names]
    .flatMap((name) => (name === null ? [] : (attributeTables(code).get(name) ?? [])))
    .sort((a, b) => a.nameSpan.start - b.nameSpan.start)
  return tables.flatMap(({ initialiser }) =>
    initialiser?.kind !== 'braces'
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
