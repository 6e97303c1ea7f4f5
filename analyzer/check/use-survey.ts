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
  const names = new Set(model.api.names())
  return model.files.flatMap((facts, file) => {
    if (!isAsked(facts.file)) return []
    const places = new Set(blocked.get(facts.file))
    const code = model.project.code(file)
    for (const name of code.names.among(names)) {
      // What every C source has may not be CPython's: `NULL` is no use of it.
      if (!/^_?Py|^METH_|^T_/.test(name) || model.isProjectDefined(file, name) === 'yes') continue
      for (const place of code.references(name)) {
        const region = code.regionAt(place)
        if (region < 0 || model.active(file, region) !== 'no') places.add(place)
      }
    }
    const all = places.size
    return all === 0 ? [] : [{ file: facts.file, all, blocked: blocked.get(facts.file)?.size ?? 0 }]
  })
}
