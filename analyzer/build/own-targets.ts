import { oldestPython, type Target } from '../knowledge/target.ts'
import type { Project } from '../project/model.ts'
import type { UnitTarget } from './default-target.ts'

/**
 * The targets of a project of which some translation units have targets of their own.
 * @param targets of all others
 * @param ownOf gives those of a unit by the name of its first file; null for none
 * @returns each for all units, or with its units; with the same level those with newer headers first
 */
export function withOwnTargets(
  { files, graph }: Project,
  targets: readonly (Target | UnitTarget)[],
  ownOf: (file: string) => readonly Target[] | null,
): readonly (Target | UnitTarget)[] {
  const units = files.flatMap(({ file }, id) =>
    graph.includers[id]!.length > 0 && graph.roots(id)[0] !== id ? [] : [file],
  )
  const own = new Map(units.map((unit) => [unit, ownOf(unit)]))
  if ([...own.values()].every((each) => each === null || each.length === 0)) return targets
  const found = new Map<string, Target & { readonly units: Set<string> }>()
  const add = (target: Target, unit: string): void => {
    const { level, headers, abi3t } = target
    const key = JSON.stringify([level, headers, abi3t, oldestPython(target)])
    const known = found.get(key) ?? { ...target, units: new Set() }
    known.units.add(unit)
    found.set(key, known)
  }
  for (const target of targets)
    for (const unit of 'units' in target ? target.units : units) if (!own.get(unit)?.length) add(target, unit)
  for (const [unit, list] of own) for (const target of list ?? []) add(target, unit)
  return [...found.values()].sort(
    (a, b) =>
      Number(a.abi3t) - Number(b.abi3t) ||
      a.level - b.level ||
      oldestPython(a) - oldestPython(b) ||
      b.headers - a.headers,
  )
}
