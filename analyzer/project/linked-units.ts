import type { FileId } from '../source/text.ts'
import { initFunctions } from './init-functions.ts'
import type { Project } from './model.ts'

/**
 * Translation units that are linked into one library, as their functions tell: a header that several of them include
 * declares what one of them defines. Sets with more than one module's entry point are left out, since code that modules
 * share is linked into each of them; so are units that stand alone.
 * @returns disjoint sets of indexes of files
 */
export function linkedUnits(project: Project): ReadonlySet<FileId>[] {
  const { files, graph } = project
  const units = files.flatMap((_, file) => (graph.isUnit(file) ? [file] : []))
  const definedIn = new Map<string, FileId[]>()
  for (const unit of units) {
    for (const { kind, name, defines } of files[unit]!.declarations)
      if (kind === 'function' && defines) definedIn.set(name, [...(definedIn.get(name) ?? []), unit])
  }
  const setOf = new Map<FileId, Set<FileId>>(units.map((unit) => [unit, new Set([unit])]))
  const join = (one: FileId, other: FileId): void => {
    const [into, from] = [setOf.get(one)!, setOf.get(other)!]
    if (into === from) return
    for (const unit of from) {
      into.add(unit)
      setOf.set(unit, into)
    }
  }
  for (const unit of units) {
    for (const header of graph.closure(unit)) {
      for (const { kind, name, defines } of files[header]!.declarations) {
        if (kind !== 'function' || defines) continue
        for (const definer of definedIn.get(name) ?? []) if (graph.closure(definer).has(header)) join(unit, definer)
      }
    }
  }
  const modulesIn = (set: ReadonlySet<FileId>): ReadonlySet<string> =>
    new Set(initFunctions(project).flatMap(({ file, module }) => (set.has(file) ? [module] : [])))
  return [...new Set(setOf.values())].filter((set) => set.size > 1 && modulesIn(set).size < 2)
}
