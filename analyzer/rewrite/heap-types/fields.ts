import type { BranchesEntry, Entry, ItemEntry, Value, Variable } from '../../code/tree.ts'
import { bare, isNull } from '../../code/values.ts'
import { offsetMembers, oldNames, slotFields, slotStructs } from '../../knowledge/slots.ts'
import type { VersionCoverage } from '../../project/version-coverage.ts'
import type { Offset } from '../../source/text.ts'

/** Values by the field that each is for. The order is that of the text. */
export type FieldPart = Field | FieldBranches

export interface Field {
  readonly kind: 'field'
  readonly field: string
  readonly item: ItemEntry
}

export interface FieldBranches {
  readonly kind: 'branches'
  /** The condition, without branches that are for no Python. */
  readonly of: BranchesEntry
  readonly branches: readonly (readonly FieldPart[])[]
}

/** Whether a field becomes a slot, or a member that says an offset. */
export const hasSlot = (field: string): boolean => slotFields.has(field) || Object.hasOwn(offsetMembers, field)

/** Whether a field is a part of the spec itself. */
export const isSpecField = (field: string): boolean => specFields.has(field)

/** The fields that are a part of the spec itself, in its order. */
export const specFields: ReadonlySet<string> = new Set(['tp_name', 'tp_basicsize', 'tp_itemsize', 'tp_flags'])

/** All fields of an initialiser, whatever their conditions. */
export function* allFields(parts: readonly FieldPart[]): Iterable<Field> {
  for (const part of parts) {
    if (part.kind === 'field') yield part
    else for (const branch of part.branches) yield* allFields(branch)
  }
}

/**
 * The struct that a variable is of, if it is one of those that types are written down with; null for any other.
 * @param aliases other names of such structs, with those
 */
export function slotStructOf({ type }: Variable, aliases: ReadonlyMap<string, string>): string | null {
  const base = type.replace(/\[\]/g, '')
  return aliases.get(base) ?? structNamed(base)
}

/** A struct that types are written down with, by its name or tag; null for any other. */
export function structNamed(name: string): string | null {
  const struct = name.replace(/^struct _typeobject$/, 'PyTypeObject')
  return Object.hasOwn(slotStructs, struct) ? struct : null
}

/**
 * The fields of a variable's initialiser; empty for none.
 * @param coverageOf of the branch that begins at an offset: those that are for no Python are left out
 * @returns null where they cannot be told: a designator that the struct does not have, too many values, or branches
 * of a condition that leave off at different fields
 */
export function initialFields(
  struct: string,
  { type, initialiser }: Variable,
  coverageOf: (branch: Offset) => VersionCoverage,
): readonly FieldPart[] | null {
  if (initialiser?.kind !== 'braces') return []
  const [first, ...others] = initialiser.entries ?? []
  // `PyBufferProcs procs[] = {{...}}`
  const isInner = type.endsWith('[]') && others.length === 0 && first?.kind === 'item' && first.value.kind === 'braces'
  const { entries } = isInner ? (first.value as typeof initialiser) : initialiser
  return entries === null ? null : new FieldReader(slotStructs[struct]!, coverageOf).read(entries)
}

const knownFields = new Set(Object.values(slotStructs).flat())

/** Gives the values of an initialiser their fields. */
class FieldReader {
  private failed = false
  /** The field that comes next, by its number; -1 where that is not known. */
  private position = 0

  constructor(
    private readonly order: readonly string[],
    private readonly coverageOf: (branch: Offset) => VersionCoverage,
  ) {}

  read(entries: readonly Entry[]): readonly FieldPart[] | null {
    const parts = this.parts(entries)
    return this.failed ? null : parts
  }

  private parts(entries: readonly Entry[]): FieldPart[] {
    return entries.flatMap((entry, index) =>
      entry.kind === 'branches' ? this.branches(entry) : this.item(entry, entries[index + 1]),
    )
  }

  private branches(entry: BranchesEntry): readonly FieldPart[] {
    const alive = entry.branches.filter(({ start }) => this.coverageOf(start) !== 'never')
    const [only] = alive
    if (only === undefined) return []
    // What is the only one for all versions that there are needs no condition.
    if (alive.length === 1 && (entry.hasElse || this.coverageOf(only.start) === 'always'))
      return this.parts(only.entries)
    const before = this.position
    const ends = new Set(entry.hasElse ? [] : [before])
    const branches = alive.map(({ entries }) => {
      this.position = before
      const parts = this.parts(entries)
      ends.add(this.position)
      return parts
    })
    // Where branches leave off at different fields only designators, zeros or nothing may follow.
    this.position = ends.size === 1 ? [...ends][0]! : -1
    return [{ kind: 'branches', of: { ...entry, branches: alive }, branches }]
  }

  private item(item: ItemEntry, next: Entry | undefined): readonly FieldPart[] {
    const field = item.designator === null ? this.positioned(item.value, next) : this.designated(item.designator)
    return field === null ? [] : [{ kind: 'field', field, item }]
  }

  private designated(designator: string): string | null {
    const named = oldNames[designator] ?? designator
    const field = /^ob_(?:type|size|refcnt)$/.test(named) ? 'ob_base' : named
    if (this.order.includes(field)) {
      this.position = this.order.indexOf(field) + 1
      return field
    }
    if (!knownFields.has(field)) this.failed = true
    return null
  }

  private positioned(value: Value, next: Entry | undefined): string | null {
    const field = this.position < 0 ? undefined : this.order[this.position++]
    // A zero too many: fields that newer versions have.
    if (field === undefined && !isNull(value)) this.failed = true
    // `PyObject_HEAD_INIT(NULL) 0, "name"`: the size stands apart.
    if (field === 'tp_name' && isNull(value)) {
      if (next?.kind === 'item' && isString(next.value)) this.position--
      return null
    }
    return field ?? null
  }
}

function isString(value: Value): boolean {
  const inner = bare(value)
  return inner.kind === 'literal' && inner.literal === 'string'
}
