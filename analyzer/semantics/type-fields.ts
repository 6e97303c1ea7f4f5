import type { BranchesEntry, Entry, ItemEntry, Value, Variable } from '../code/tree.ts'
import { bare, isNull, nameOf } from '../code/values.ts'
import { oldNames, slotStructs } from '../knowledge/slots.ts'
import type { Project } from '../project/model.ts'
import type { VersionCoverage } from '../project/version-coverage.ts'
import type { Offset } from '../source/text.ts'

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

/** Characters; bodies of macros that are longer name no struct. */
const longestStructName = 30

const knownAliases = new WeakMap<Project, ReadonlyMap<string, string>>()

/** Other names that macros and typedefs of a project give to the structs that types are written down with. */
export function structAliasesOf(project: Project): ReadonlyMap<string, string> {
  let found = knownAliases.get(project)
  if (!found) {
    found = findAliases(project)
    knownAliases.set(project, found)
  }
  return found
}

function findAliases(project: Project): ReadonlyMap<string, string> {
  const named = project.files.flatMap(({ macros, declarations }, file): (readonly [string, string])[] => [
    ...macros.flatMap(({ name, parameters, bodyStart, bodyEnd }) =>
      parameters === null && bodyEnd - bodyStart <= longestStructName
        ? [[name, project.code(file).text.slice(bodyStart, bodyEnd).trim()] as const]
        : [],
    ),
    ...declarations.flatMap(({ kind, name, type }) => (kind === 'typedef' ? [[name, type] as const] : [])),
  ])
  const found = new Map<string, string>()
  for (let size = -1; size < found.size; ) {
    size = found.size
    for (const [name, type] of named) {
      const struct = found.get(type) ?? structNamed(type)
      const isOther = structNamed(name) === null
      // A name with several meanings is left out.
      const meanings = project.declarations.macro(name).length + project.declarations.typedef(name).length
      if (struct !== null && isOther && meanings === 1) found.set(name, struct)
    }
  }
  return found
}

/** The bodies of the macros of a name, as they are written. */
export type MacroBodies = (name: string) => readonly string[]

/**
 * A macro among the values of an initialiser that makes another number of values than it was read for, and where it
 * stands; null for none.
 * @param text that of the file
 */
export function miscountedMacro(
  items: readonly ItemEntry[],
  text: string,
  bodiesOf: MacroBodies,
): { readonly name: string; readonly offset: Offset } | null {
  for (const [index, { span, written }] of items.entries()) {
    const [, name, behind] = /^([\w\x80-\xff]+)\s*(\(|"|$)/.exec(text.slice(written.start, written.end)) ?? []
    if (name === undefined || /^_?Py\w*_HEAD_INIT$/.test(name)) continue
    const bodies = bodiesOf(name).map((body) => body.trimEnd())
    const bringsComma = (body: string): boolean => /,$|HEAD_INIT\b/.test(body)
    // The next value begins behind it, without a comma between them.
    const isCut = index < items.length - 1 && span.end === written.end
    if (behind === '' && !isCut) continue
    const isHead = bodies.length === 0 ? /HEAD|INIT/i.test(name) : bodies.every(bringsComma)
    if (isCut ? !isHead : bodies.some(bringsComma)) return { name, offset: written.start }
  }
  return null
}

/** The macro that stands for several values of an initialiser, if one does; null for none. */
export function macroOfFields(value: Value, bodiesOf: MacroBodies): string | null {
  const name = value.kind === 'name' ? value.name : value.kind === 'call' ? nameOf(value.callee) : null
  const isSeveral = (body: string): boolean => /^\s*\.\w+\s*=/.test(body) || withoutNested(body).includes(',')
  return name !== null && bodiesOf(name).some(isSeveral) ? name : null
}

/** What stands in a text of C neither in strings nor in parentheses, two deep. */
function withoutNested(text: string): string {
  const plain = text.replace(/"[^"\\]*(?:\\[\s\S][^"\\]*)*"/g, '""')
  return plain.replace(/\([^()]*\)/g, '').replace(/\([^()]*\)/g, '')
}
