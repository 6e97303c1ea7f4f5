import type { ProjectEdits } from '../../fix/fix.ts'
import { hasFlag } from '../../semantics/heap-types.ts'
import { EditList } from '../edit-list.ts'
import type { PlaceIn, Sources } from '../sources.ts'
import { accessesOf } from './accesses.ts'
import { unprovenParameter } from './any-type.ts'
import { emitExports } from './emit-export.ts'
import { emitOwnMacros, emitTypeReads } from './emit-own-macros.ts'
import { emitAccesses, emitStruct, namesOf } from './emit-struct.ts'
import { fetchesOf } from './fetches.ts'
import { type InstanceStruct, instanceStructs } from './instance-structs.ts'
import { type NameUses, nameUses } from './name-uses.ts'
import { type Obstacle, Obstacles } from './obstacles.ts'

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

/** Plans what becomes of the structs and the modules of a project. */
export function planAbi3t(sources: Sources): Abi3tPlan {
  const structs = instanceStructs(sources)
  const all = accessesOf(sources, structs)
  const uses = new Map(structs.map((each) => [each, nameUses(sources, each)] as const))
  for (const [each, own] of uses) refuse(sources, each, own)
  for (const access of all) {
    const name = unprovenParameter(sources, access)
    const { file, struct, member } = access
    if (name !== null)
      struct.obstacles.add(
        file,
        member.span.start,
        `\`${name}\` may be an object of another type, and is asked for \`${member.name}\` before that is looked at`,
      )
  }
  const converted = structs.filter((each) => each.obstacles.all.length === 0)
  const edits = new EditList(sources)
  const accesses = all.filter(({ struct }) => converted.includes(struct))
  for (const each of converted) emitStruct(sources, each, uses.get(each)!, edits)
  emitAccesses(sources, accesses, fetchesOf(sources, accesses), edits)
  emitOwnMacros(sources, edits)
  emitTypeReads(sources, converted, edits)
  const obstacles = new Obstacles()
  const exported = emitExports(sources, edits, obstacles)
  const isAny = converted.length + exported.length > 0
  return { structs, exported, obstacles: obstacles.all, edits: isAny ? edits.done() : null }
}

/** What else keeps a struct from being rewritten. */
function refuse(sources: Sources, struct: InstanceStruct, { members }: NameUses): void {
  const { file, head, obstacles, types } = struct
  const add = (text: string): void => obstacles.add(file, head.start, text)
  const locked = sources.settings.locked(file)
  if (locked !== null) add(`${file} ${locked}`)
  for (const type of types) {
    if (type.table === null) add('the slots of its type are not understood')
    if (type.entries.some(({ slot }) => slot === 'Py_tp_token')) add('its type has a token already')
    if (type.spec.itemSizes.length > 0) add('its type has items, which abi3t has no way to')
    if (type.spec.basicSizes.length !== 1) add('the size of its type is not told by one value')
  }
  // Members of a base would be looked for where its own data is, and all else where that of the derived type is.
  const mayBeDerived = types.some((type) => hasFlag(sources.model, type, 'Py_TPFLAGS_BASETYPE') !== 'no')
  if (types.length > 1 && members.length > 0 && mayBeDerived)
    add('several types have it, and one of them may be the base of others')
  for (const name of Object.values(namesOf(struct)))
    if (sources.declares(name) || sources.isType(name)) add(`\`${name}\` is something else`)
  if (sources.settings.isCxx(file) && sources.written(file, struct.declaration.span).includes('('))
    add('it may have functions of its own')
}
