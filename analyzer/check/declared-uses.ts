import { argumentDoubts, standing, type LiveUse } from './availability.ts'
import type { CheckContext } from './rule.ts'

/**
 * The uses of names that are simply available at the target: its headers declare them, and no symbol is missing at run
 * time. `context.uses` holds the others.
 * @param wanted which names to look for
 */
export function* declaredUses({ model, target }: CheckContext, wanted: (name: string) => boolean): Iterable<LiveUse> {
  const available = new Map<string, LiveUse['fact'] | null>()
  for (const [file, facts] of model.files.entries()) {
    for (const use of facts.uses) {
      if (!wanted(use.name)) continue
      let fact = available.get(use.name)
      if (fact === undefined) {
        const known = model.api.fact(use.name)
        const isAvailable = known !== null && model.declares(use.name) && standing(known, target, model.api).kind === 'available'
        fact = isAvailable ? known : null
        available.set(use.name, fact)
      }
      if (fact === null) continue
      const active = model.active(file, use.region)
      if (active === 'no') continue
      const own = model.isOwn(file, use.name)
      if (own === 'yes') continue
      const doubts = argumentDoubts(model, file, use.within)
      if (doubts === 'no') continue
      if (facts.shadows.some(({ name, start, end }) => name === use.name && start <= use.start && use.start < end)) continue
      yield {
        file, use, fact, standing: { kind: 'available' }, active,
        doubts: [
          ...(active === 'unknown' ? ['whether it is compiled depends on options of the build'] : []),
          ...(own === 'unknown' ? ['the project defines the name itself in some builds'] : []),
          ...doubts,
        ],
      }
    }
  }
}
