import type { ProjectModel } from '../project/model.ts'
import type { Diagnostic } from './diagnostic.ts'
import { isBlocker } from './targets.ts'

/** How much of what a file uses of the C API its target allows. */
export interface FileUses {
  readonly file: string
  /** Places that use a name or a field of the C API and are compiled, or may be. */
  readonly all: number
  /** Places among them with a blocker. */
  readonly blocked: number
}

/**
 * Counts the places at which files use the C API, and those of them that keep the files from the target. A place with a
 * blocker is a use, though it be no name: a field, a static type.
 * @param found what was found for the target
 * @param isAsked whether to count what a file holds
 */
export function surveyUses(
  model: ProjectModel,
  found: readonly Pick<Diagnostic, 'file' | 'start' | 'rule' | 'severity' | 'effect'>[],
  isAsked: (file: string) => boolean,
): readonly FileUses[] {
  const blocked = new Map<string, Set<number>>()
  for (const each of found) {
    if (!isBlocker(each)) continue
    const places = blocked.get(each.file) ?? new Set()
    blocked.set(each.file, places.add(each.start))
  }
  return model.files.flatMap((facts, file) => {
    if (!isAsked(facts.file)) return []
    const places = new Set(blocked.get(facts.file))
    for (const use of facts.uses) {
      if (model.api.fact(use.name) === null || model.activeFact(file, use) === 'no') continue
      if (model.isProjectDefined(file, use.name, use.start) === 'yes') continue
      places.add(use.start)
    }
    const all = places.size
    return all === 0 ? [] : [{ file: facts.file, all, blocked: blocked.get(facts.file)?.size ?? 0 }]
  })
}
