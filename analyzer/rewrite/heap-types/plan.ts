import type { ProjectEdits } from '../../fix/fix.ts'
import type { PlaceIn, Sources } from '../sources.ts'
import { decide } from './decide.ts'
import { emit } from './emit.ts'
import { findUses } from './find-uses.ts'
import { TypeFacts } from './type-facts.ts'
import type { Obstacle, TypeObject } from './type-objects.ts'

/**
 * Static type objects become heap types: a variable `PyTypeObject T = {...}` becomes a pointer `T`, a `PyType_Spec
 * T_spec` and its slots; what made it ready makes it; what took its address takes the pointer. A type is rewritten
 * whole, in all files, or left alone with the reasons.
 */

export interface PlannedType {
  readonly name: string
  /** Where it is declared and defined: offsets of its name. */
  readonly places: readonly PlaceIn[]
  /** Empty where it is rewritten. */
  readonly obstacles: readonly Obstacle[]
  /** What Python code sees of it that a static type does not show, in a few words each. */
  readonly differs: readonly string[]
}

export interface Plan {
  readonly types: readonly PlannedType[]
  /** What rewrites all types without obstacles at once. */
  readonly edits: ProjectEdits
}

/** Plans the rewriting of all static types of a project in three steps: uses, what becomes of the types, edits. */
export function planHeapTypes(sources: Sources): Plan {
  const facts = new TypeFacts(sources, findUses(sources))
  const decision = decide(facts)
  return {
    types: facts.all.map(({ type }) => ({
      name: type.name,
      places: type.places,
      obstacles: decision.obstacles.get(type)!,
      differs: differencesOf(facts, type),
    })),
    edits: new DeferredEdits(() => emit(facts, decision)),
  }
}

/** The first level at which a type can say that it is immutable. */
const firstImmutable = 10

function differencesOf(facts: TypeFacts, type: TypeObject): readonly string[] {
  const isMutable = facts.sources.settings.level < firstImmutable || facts.usesOf(type).readsDict
  const hasNoModule = facts.values(type, 'tp_name').some(({ text }) => /^"[^".]*"$/.test(text))
  return [
    ...(isMutable ? ['its attributes can be set'] : []),
    ...(hasNoModule ? ['`repr` shows its name with `builtins.`'] : []),
  ]
}

/** Edits that are written when somebody asks for them: most runs want to know no more than what is in the way. */
class DeferredEdits implements ProjectEdits {
  private written: ProjectEdits | null = null

  constructor(private readonly write: () => ProjectEdits) {}

  private get all(): ProjectEdits {
    this.written ??= this.write()
    return this.written
  }

  get edits(): ProjectEdits['edits'] {
    return this.all.edits
  }

  get shims(): ProjectEdits['shims'] {
    return this.all.shims
  }
}
