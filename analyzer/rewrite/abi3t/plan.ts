import { bare } from '../../code/values.ts'
import type { ProjectEdits } from '../../fix/fix.ts'
import { heapTypes } from '../../semantics/heap-types.ts'
import { structsOf } from '../../semantics/type-data.ts'
import type { HeapType } from '../../semantics/type-definition.ts'
import { EditList } from '../edit-list.ts'
import type { PlaceIn, Sources } from '../sources.ts'
import { type Access, accessesOf } from './accesses.ts'
import { unprovenParameter } from './any-type.ts'
import { Bases } from './bases.ts'
import { emitAccesses } from './emit-accesses.ts'
import { emitExports } from './emit-export.ts'
import { emitOwnMacros, emitTypeReads } from './emit-own-macros.ts'
import { emitHeadMacro, emitStruct, namesOf } from './emit-struct.ts'
import { type Fetch, fetchesOf } from './fetches.ts'
import { sharedMacros } from './free-names.ts'
import { type InstanceStruct, instanceStructs, knowsAbi3t } from './instance-structs.ts'
import { itemObstacle } from './items.ts'
import { type NameUses, nameUses } from './name-uses.ts'
import { type Obstacle, Obstacles } from './obstacles.ts'
import { refuseOtherModules } from './other-modules.ts'
import { Typing } from './typing.ts'

/**
 * Structs of instances come to hold what is behind the head of an object alone where they are compiled for abi3t, and
 * modules get an export hook. Elsewhere all means what it meant: `Spam_DATA(o)` is a cast, `Spam` is the whole struct.
 */

export interface Abi3tPlan {
  readonly structs: readonly InstanceStruct[]
  /** The places of the `PyInit_` functions that get an export hook beside them. */
  readonly exported: readonly PlaceIn[]
  /** What keeps modules from an export hook. */
  readonly obstacles: readonly Obstacle[]
  /** What rewrites all that can be; null for nothing. */
  readonly edits: ProjectEdits | null
}

/**
 * Plans what becomes of the structs and the modules of a project.
 * @param exportHooksOnly whether export hooks take the place of `PyInit_` functions
 */
export function planAbi3t(sources: Sources, exportHooksOnly: boolean): Abi3tPlan {
  const structs = instanceStructs(sources)
  const typing = new Typing(sources, structs)
  const all = accessesOf(sources, structs, typing)
  const derivedOf = (struct: InstanceStruct): InstanceStruct[] => structs.filter(({ base }) => base === struct)
  const uses = new Map(structs.map((each) => [each, nameUses(sources, each, derivedOf(each))] as const))
  const bases = new Bases(sources)
  const owners = refuseTypes(structs, uses, bases)
  for (const [each, own] of uses) refuse(sources, each, own)
  refuseUnproven(sources, all.own)
  refuseOtherModules(sources, all.own)
  const macros = sharedMacros(sources, all.shared)
  const fetches = fetchesOf(sources, typing, all.own, macros)
  refuseWithOthers(structs)
  const converted = new Set(structs.filter((each) => each.obstacles.all.length === 0))
  const edits = new EditList(sources)
  for (const each of converted) emitStruct(sources, each, uses.get(each)!, owners, edits)
  for (const macro of new Set([...converted].flatMap(({ headMacro }) => headMacro ?? [])))
    emitHeadMacro(sources, macro, edits)
  const asked = macros.filter((each) => each.structs.some((struct) => converted.has(struct)))
  for (const { macro, name, objects } of asked)
    for (const span of objects) edits.replace(macro.file, span, `${name}_object`)
  const isNeeded = (each: Fetch): boolean =>
    (each.struct !== null && converted.has(each.struct)) ||
    each.macros.some((macro) => macro.objects.length > 0 && asked.includes(macro))
  const done = fetches
    .filter(isNeeded)
    .map((each) => (each.struct !== null && converted.has(each.struct) ? each : { ...each, struct: null }))
  const isConverted = ({ struct }: { readonly struct: InstanceStruct }): boolean => converted.has(struct)
  // What stands around accesses is put before these.
  emitTypeReads(sources, converted, edits)
  emitAccesses(sources, all.own.filter(isConverted), all.bases.filter(isConverted), done, edits)
  emitPlainSizes(sources, bases, edits)
  emitOwnMacros(sources, edits)
  const obstacles = new Obstacles()
  const exported = emitExports(sources, exportHooksOnly, edits, obstacles)
  const isAny = converted.size + exported.length > 0
  return { structs, exported, obstacles: obstacles.all, edits: isAny ? edits.done() : null }
}

/** Keeps structs as they are whose fields are asked of what may be an object of another type. */
function refuseUnproven(sources: Sources, accesses: readonly Access[]): void {
  for (const access of accesses) {
    const name = unprovenParameter(sources, access)
    const { file, struct, member } = access
    if (name === null) continue
    const early = `is asked for \`${member.name}\` before that is looked at`
    const text = `\`${name}\` may be an object of another type, and ${early}`
    struct.obstacles.add(file, member.span.start, text)
  }
}

/** Structs that go together: what begins with one that is left alone, and what goes into it. */
function refuseWithOthers(structs: readonly InstanceStruct[]): void {
  const isLeft = ({ obstacles }: InstanceStruct): boolean => obstacles.all.length > 0
  for (let changed = true; changed; ) {
    changed = false
    for (const struct of structs) {
      const { base, obstacles, head } = struct
      if (base === null) continue
      if (isLeft(base) && !isLeft(struct)) {
        obstacles.add(struct.file, head.span.start, `it begins with \`${base.name}\`, which is left alone`)
        changed = true
      }
      if (isLeft(struct) && !isLeft(base)) {
        base.obstacles.add(struct.file, head.span.start, `\`${struct.name}\`, which is left alone, begins with it`)
        changed = true
      }
    }
  }
}

/**
 * Says of the types of structs what keeps these from being rewritten.
 * @returns the types that have the data of their struct themselves
 */
function refuseTypes(
  structs: readonly InstanceStruct[],
  uses: ReadonlyMap<InstanceStruct, NameUses>,
  bases: Bases,
): ReadonlySet<HeapType> {
  const owners = new Set<HeapType>()
  const structOf = new Map(structs.flatMap((struct) => struct.types.map((type) => [type, struct] as const)))
  for (const struct of structs) {
    const { file, head, types, base, obstacles } = struct
    const add = (text: string): void => obstacles.add(file, head.span.start, text)
    if (types.length === 0) add('no `PyType_Spec` says that it is the struct of its instances')
    for (const type of types) {
      const of = bases.of(type)
      const own = bases.ownBases(type)
      if (own.some((each) => types.includes(each))) continue
      owners.add(type)
      if (base !== null && !own.some((each) => structOf.get(each) === base))
        add(`it begins with \`${base.name}\`, and its type is not known to be derived from one that has that`)
      if (head.kind === 'builtin' && (typeof of !== 'string' || of === 'object'))
        add(`it begins with \`${head.name}\`, and the base of its type is not known`)
      if (base === null && own.some((each) => structOf.has(each)))
        add('the base of its type has another struct, and it does not begin with that')
    }
    // Members of a base would be looked for where its own data is, and all else where that of the derived type is.
    const several = types.filter((each) => owners.has(each))
    const isOpen = several.length > 1 && several.some((each) => bases.of(each) === null)
    if (isOpen && uses.get(struct)!.members.length > 0)
      add('several types have it, and one of them may be the base of others')
    const tables = new Set(uses.get(struct)!.members.map(({ member }) => member.table))
    for (const type of types)
      if (
        !owners.has(type) &&
        type.entries.some(({ slot, value }) => slot === 'Py_tp_members' && tables.has(value ?? ''))
      )
        add('a type that adds nothing to its base has members')
  }
  return owners
}

/** A type whose instances are as those of its base, one of CPython's own, says so: for abi3t these have no size. */
function emitPlainSizes(sources: Sources, bases: Bases, edits: EditList): void {
  const { model } = sources
  for (const type of heapTypes(model)) {
    const [size, ...others] = type.spec.basicSizes
    const { file } = model.files[type.file]!
    const [named, ...more] = structsOf(type)
    if (!size || others.length > 0 || named === undefined || more.length > 0 || bare(size).kind !== 'unary') continue
    if (sources.settings.locked(file) !== null || knowsAbi3t(sources, file, size.span.start)) continue
    const struct = /^Py(\w*)Object$/.exec(model.apiType(type.file, named))?.[1]
    const base = bases.of(type)
    const isOfBase = struct === '' ? base === 'object' : base === `Py${struct}_Type`
    if (struct !== undefined && isOfBase) edits.replace(file, size.span, '0')
  }
}

/** What else keeps a struct from being rewritten. */
function refuse(sources: Sources, struct: InstanceStruct, { sizes, offsets }: NameUses): void {
  const { file, head, obstacles, types } = struct
  const add = (text: string): void => obstacles.add(file, head.span.start, text)
  const files = [
    file,
    ...sizes.map((each) => each.file),
    ...offsets.map((each) => each.file),
    ...struct.typedefs.map((each) => each.file),
  ]
  for (const each of new Set([...files, ...(struct.headMacro ? [struct.headMacro.file] : [])])) {
    const locked = sources.settings.locked(each)
    if (locked !== null) add(`${each} ${locked}`)
  }
  for (const type of types) {
    if (type.table === null) add('the slots of its type are not understood')
    if (type.entries.some(({ slot }) => slot === 'Py_tp_token')) add('its type has a token already')
    const items = itemObstacle(sources, struct, type)
    if (items !== null) add(items)
    const [size, ...others] = type.spec.basicSizes
    const inner = size && bare(size)
    if (others.length > 0) add('the size of its type is not told by one value')
    else if (inner?.kind !== 'unary' || inner.operator !== 'sizeof')
      add('the size of its type is more than that of the struct')
  }
  for (const name of Object.values(namesOf(struct)))
    if (sources.declares(name) || sources.isType(name)) add(`\`${name}\` is something else`)
  if (sources.settings.isCxx(file) && sources.written(file, struct.declaration.span).includes('('))
    add('it may have functions of its own')
}
