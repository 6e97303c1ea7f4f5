import { slotName } from '../../code/values.ts'
import { effectsOf } from '../../semantics/effects.ts'
import { addTo } from '../../source/multimap.ts'
import { isFreeing } from './instances.ts'
import type { FieldValue, TypeFacts } from './type-facts.ts'
import type { TypeObject } from './type-objects.ts'

/** Which types have instances that a function may free. */
export class FreeingFunctions {
  private readonly byName = new Map<string, TypeObject[]>()
  /** Those that any function may free. */
  private readonly byAny: TypeObject[] = []

  constructor(private readonly facts: TypeFacts) {
    for (const type of facts.index.types) {
      const names = facts.values(type, 'tp_dealloc').map((value) => this.namesOf(type, value))
      if (names.includes(null)) this.byAny.push(type)
      else for (const name of new Set(names.flatMap((each) => each ?? []))) addTo(this.byName, name, type)
    }
  }

  /** The types whose `tp_dealloc` a function is, or that have one that calls it, or may. */
  *typesOf(name: string): Iterable<TypeObject> {
    yield* this.byName.get(name) ?? []
    yield* this.byAny
  }

  /** The functions by which a `tp_dealloc` may free: itself and what it calls; null where it may call any. */
  private namesOf(type: TypeObject, { value }: FieldValue): readonly string[] | null {
    const { sources } = this.facts
    const own = slotName(value)
    if (own === null) return null
    const bodies = this.facts.functionsOf(own, new Set([type]))
    if (bodies.length === 0) return isFreeing(own) ? [own] : null
    const effects = bodies.flatMap((body) => effectsOf(sources.model, sources.body(body), 'all'))
    return [own, ...effects.flatMap(({ what, how }) => (what === 'call' ? [how] : []))]
  }
}
