import { memberAt, nameAt, parentsIn } from '../code/placement.ts'
import { eachStatement } from '../code/statements.ts'
import type { BracesValue, DeclarationStatement, FunctionCode } from '../code/tree.ts'
import { itemsOf, nameOf } from '../code/values.ts'
import type { CType } from '../knowledge/ctype.ts'
import type { ProjectModel } from '../project/model.ts'
import { structBehind } from '../project/typing.ts'
import { addAll } from '../source/lists.ts'
import { addTo } from '../source/multimap.ts'
import { Nesting } from '../source/nesting.ts'
import type { FileId, Span } from '../source/text.ts'
import { isDeclaredFor } from './hidden-declarations.ts'
import { declaredIn, type HiddenName, wordOf } from './hidden-names.ts'
import type { HiddenUse } from './hidden-uses.ts'
import { typeOfValue } from './value-types.ts'

/** Where fields and sizes of structs are used that the target leaves out. */

/** Where a file uses fields of a struct that has none of these names, or its size where it has no fields at all. */
export function* usesOfStruct(model: ProjectModel, file: FileId, hidden: HiddenName): Iterable<HiddenUse> {
  const uses = usesIn(model, file)
  const structs = structKeys(model, hidden)
  for (const name of new Set(hidden.fields.map((each) => each.name))) {
    const found = usesOf(uses.fields(name), structs)
    if (found.length > 0 && !isDeclaredFor(model, file, hidden, name)) yield* found
  }
  if (isDeclaredFor(model, file, hidden, null)) return
  const aliases = structs.flatMap((struct) => uses.typeNames.get(struct) ?? [])
  for (const name of new Set([wordOf(hidden), ...aliases])) yield* usesOf(uses.sizes(name), structs)
}

/** The words by which structs may be used. */
export interface StructWords {
  readonly fields: ReadonlySet<string>
  /** Tags and names of types. */
  readonly types: ReadonlySet<string>
}

export const structWords = (model: ProjectModel, structs: readonly HiddenName[]): StructWords => ({
  fields: new Set(structs.flatMap(({ fields }) => fields.map(({ name }) => name))),
  types: structs.length === 0 ? new Set() : new Set([...structs.map(wordOf), ...typeNamesOf(model)]),
})

/** What a file knows the structs by whose fields or sizes it uses under some words. */
export function structsMentionedIn(model: ProjectModel, file: FileId, { fields, types }: StructWords): Set<string> {
  const uses = usesIn(model, file)
  const code = model.project.code(file)
  return new Set([
    ...code.words.among(fields).flatMap((word) => [...uses.fields(word).keys()]),
    ...code.words.among(types).flatMap((word) => [...uses.sizes(word).keys()]),
  ])
}

/** By what a file may know a struct. */
export function structKeys(model: ProjectModel, { name, file }: HiddenName): readonly string[] {
  const own = structBehind(model.apiType(file, name))
  return [...new Set([name, ...(own === null ? [] : [own]), ...(own?.includes('@') ? [`${own}#${file}`] : [])])]
}

/** Uses by the struct that they are of, as the file knows it. */
type UsesByStruct = ReadonlyMap<string, readonly HiddenUse[]>

/** The uses of some structs, in the order of the text. */
function usesOf(uses: UsesByStruct, structs: readonly string[]): readonly HiddenUse[] {
  const found = structs.flatMap((struct) => uses.get(struct) ?? [])
  return found.sort((a, b) => a.span.start - b.span.start)
}

const known = new WeakMap<ProjectModel, Map<FileId, StructUses>>()

function usesIn(model: ProjectModel, file: FileId): StructUses {
  const files = known.get(model) ?? new Map<FileId, StructUses>()
  known.set(model, files)
  const uses = files.get(file) ?? new StructUses(model, file)
  files.set(file, uses)
  return uses
}

/** What a file does with structs: found once for each name, whatever structs are asked for. */
class StructUses {
  private readonly byField = new Map<string, UsesByStruct>()
  private readonly byType = new Map<string, UsesByStruct>()
  private names: ReadonlyMap<string, readonly string[]> | null = null

  constructor(
    private readonly model: ProjectModel,
    private readonly file: FileId,
  ) {}

  /** Where fields of a name are used. */
  fields(name: string): UsesByStruct {
    const uses = this.byField.get(name) ?? this.read(name, true)
    this.byField.set(name, uses)
    return uses
  }

  /** Where the sizes of types are needed, in which a name stands. */
  sizes(name: string): UsesByStruct {
    const uses = this.byType.get(name) ?? this.read(name, false)
    this.byType.set(name, uses)
    return uses
  }

  /** The types that the file names and that stand for a struct, or for a pointer to it. */
  get typeNames(): ReadonlyMap<string, readonly string[]> {
    if (this.names) return this.names
    const found = new Map<string, string[]>()
    for (const name of this.model.project.code(this.file).words.among(typeNamesOf(this.model))) {
      const struct = this.structOf(name)
      if (struct !== null) addTo(found, struct, name)
    }
    this.names = found
    return found
  }

  private read(name: string, isField: boolean): UsesByStruct {
    const found = new Map<string, HiddenUse[]>()
    const code = this.model.project.code(this.file)
    for (const { span, before } of code.occurrences(name)) {
      const around = code.codeAt(span.start)
      if (around === null) continue
      const struct = isField ? this.holderOf(around, span, before, name) : this.sizedAt(around, span)
      if (struct !== null) addTo(found, struct, { around, span, name, isField })
    }
    return found
  }

  /** What type is meant, or a pointer to it. */
  private structOf(type: CType | null): string | null {
    return type === null ? null : structBehind(this.model.apiType(this.file, type))
  }

  /** The struct that a name is a field of: `x->name`, `.name = 1`, `offsetof(Spam, name)`; null for none. */
  private holderOf(around: FunctionCode, span: Span, before: string, name: string): string | null {
    const parents = parentsIn(around)
    if (before === '.' || before === '->') {
      const access = memberAt(around, span.end, name)
      if (access) return this.structOf(typeOfValue(this.model, this.file, around, access.object))
      const braces = bracesWith(around, name, span)
      const holder = braces && parents.get(braces)
      return holder?.kind === 'variable' ? this.structOf(holder.type) : null
    }
    const value = nameAt(around, span.start)
    const call = value ? parents.get(value) : undefined
    if (call?.kind !== 'call' || nameOf(call.callee) !== 'offsetof' || call.operands[1] !== value) return null
    const [of] = call.operands
    return of === undefined ? null : this.structOf(of.kind === 'type' ? of.type : nameOf(of))
  }

  /** The struct whose size is needed where a name of it stands: by `sizeof`, or for a variable; null for none. */
  private sizedAt(code: FunctionCode, span: Span): string | null {
    const type = sizedType(code, span)
    return type === null || /[*(]/.test(type) ? null : this.structOf(type)
  }
}

const typeNames = new WeakMap<ProjectModel, ReadonlySet<string>>()

/** All names of types that a project declares, but for tags. */
function typeNamesOf(model: ProjectModel): ReadonlySet<string> {
  let found = typeNames.get(model)
  if (!found) {
    const names: string[] = []
    for (const file of model.files.keys())
      addAll(
        names,
        declaredIn(model, file).flatMap(({ kind, name, isTag }) => (kind === 'type' && !isTag ? [name] : [])),
      )
    found = new Set(names)
    typeNames.set(model, found)
  }
  return found
}

interface Designated extends Span {
  readonly braces: BracesValue
}

/** What needs the size of a type. */
interface SizeNeeds {
  /** `sizeof(Spam)`. */
  readonly measured: Nesting<Span & { readonly type: CType }>
  readonly declarations: Nesting<Span & { readonly statement: DeclarationStatement }>
}

const designators = new WeakMap<FunctionCode, ReadonlyMap<string, Nesting<Designated>>>()
const sizeNeeds = new WeakMap<FunctionCode, SizeNeeds>()

const holds = (outer: Span, inner: Span): boolean => outer.start <= inner.start && inner.end <= outer.end

/** The outermost braces in which a field is given a value by its name, at a place; null for none. */
function bracesWith(code: FunctionCode, name: string, span: Span): BracesValue | null {
  let index = designators.get(code)
  if (!index) {
    const found = new Map<string, Designated[]>()
    for (const each of parentsIn(code).keys()) {
      if (each.kind !== 'braces') continue
      for (const { designator, span } of itemsOf(each.entries ?? []))
        if (typeof designator === 'string') addTo(found, designator, { ...span, braces: each })
    }
    index = new Map([...found].map(([designator, items]) => [designator, new Nesting(items)]))
    designators.set(code, index)
  }
  const items = [...(index.get(name)?.at(span.start) ?? [])]
  return items.findLast((each) => holds(each, span))?.braces ?? null
}

/** The type whose size is needed at a place where a name of it stands; null for none. */
function sizedType(code: FunctionCode, span: Span): CType | null {
  const { measured, declarations } = sizeNeedsOf(code)
  const type = [...measured.at(span.start)].findLast((each) => holds(each, span))
  if (type !== undefined) return type.type
  for (const each of [...declarations.at(span.start)].reverse()) {
    if (!holds(each, span)) continue
    for (const { type, storage, nameSpan } of each.statement.variables)
      if (span.end <= nameSpan.start && storage !== 'extern') return type
  }
  return null
}

function sizeNeedsOf(code: FunctionCode): SizeNeeds {
  const known = sizeNeeds.get(code)
  if (known) return known
  const measured = [...parentsIn(code)].flatMap(([value, parent]) =>
    value.kind === 'type' && parent.kind === 'unary' && parent.operator === 'sizeof'
      ? [{ ...value.span, type: value.type }]
      : [],
  )
  const declarations = eachStatement(code.body).flatMap((statement) =>
    statement.kind === 'declaration' ? [{ ...statement.span, statement }] : [],
  )
  const found = { measured: new Nesting(measured), declarations: new Nesting(declarations) }
  sizeNeeds.set(code, found)
  return found
}
