import type { ProjectModel } from '../project/model.ts'
import { availabilityStatus, type LiveUse, liveness } from './availability.ts'
import { buildDoubts } from './calls.ts'

/**
 * The uses of names that are simply available at the target: its headers declare them, and no symbol is missing at run
 * time. `context.uses` holds the others.
 * @param wanted which names to look for
 */
export function* declaredUses(model: ProjectModel, wanted: (name: string) => boolean): Iterable<LiveUse> {
  const available = new Map<string, LiveUse['fact'] | null>()
  for (const [file, facts] of model.files.entries()) {
    for (const use of facts.uses) {
      if (!wanted(use.name)) continue
      let fact = available.get(use.name)
      if (fact === undefined) {
        const known = model.api.fact(use.name)
        const isAvailable =
          known !== null &&
          model.declares(use.name) &&
          availabilityStatus(known, model.target, model.api).kind === 'available'
        fact = isAvailable ? known : null
        available.set(use.name, fact)
      }
      if (fact === null) continue
      const live = liveness(model, file, use)
      if (live === null) continue
      const doubts = live.doubts.length === 0 ? buildDoubts(live.active) : live.doubts
      yield { file, use, fact, status: { kind: 'available' }, active: live.active, doubts }
    }
  }
}
