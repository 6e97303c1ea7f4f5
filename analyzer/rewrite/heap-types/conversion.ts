import type { InitPlace } from './init-functions.ts'
import type { NameRead } from './name-reads.ts'
import type { Obstacle, TypeObject } from './type-objects.ts'
import type { TypeUses } from './uses.ts'

/** What becomes of the static types of a project: the second of three steps. */
export interface Decision {
  /** The types that are rewritten. */
  readonly conversions: readonly Conversion[]
  /** Why types are left alone; none for one that is rewritten. */
  readonly obstacles: ReadonlyMap<TypeObject, readonly Obstacle[]>
}

/** A type that is rewritten. */
export interface Conversion {
  readonly type: TypeObject
  readonly uses: TypeUses
  /** The names of its spec and its slots. */
  readonly spec: string
  readonly slots: string
  /** Where it is made, if nothing that uses it makes it; null where something does. */
  readonly creation: InitPlace | null
  /** What has to ask for its name alone, as that gets a module. */
  readonly nameReads: readonly NameRead[]
  /** It is made by `PyStructSequence_NewType`, without a spec. */
  readonly isSequence: boolean
}
