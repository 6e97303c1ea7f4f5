import posix from 'path-browserify'
import type { BuildFile } from '../build/build-file.ts'
import { buildText } from '../build/build-text.ts'
import { argumentsIn } from '../build/limit/arguments.ts'
import { type ModuleDefinition, moduleDefinitions } from '../build/module-definitions.ts'
import { isPlain } from '../build/plain-value.ts'
import type { Project } from '../project/model.ts'
import { definedSources, isTranslated } from '../semantics/modules.ts'
import type { FileId } from '../source/text.ts'
import type { Diagnostic } from './diagnostic.ts'
import { isBlocker } from './targets.ts'

/**
 * Which definitions of modules have sources that nothing keeps from the target they were checked for.
 * @param diagnostics what was found in the project
 * @param unread names of sources with anything about Python that were not read: what they are built into is not ready
 * @returns whether a definition is ready; for null, whether all sources are
 */
export function readyModules(
  project: Project,
  buildFiles: readonly BuildFile[],
  diagnostics: readonly Omit<Diagnostic, 'fix'>[],
  unread: readonly string[] = [],
): (definition: ModuleDefinition | null) => boolean {
  const blocked = new Set(diagnostics.filter(isBlocker).map(({ file }) => file))
  const named = definedSources(project, buildFiles)
  const isBlocked = (file: FileId): boolean =>
    [file, ...project.graph.closure(file)].some((each) => blocked.has(project.files[each]!.file))
  const listed = new Set([...named.values()].flatMap((files) => [...files]))
  const units = project.files.flatMap((_, file) => (project.graph.isUnit(file) ? [file] : []))
  // Where no source was read nothing is known of any module.
  if (units.length === 0) return () => false
  const isRestReady = unread.length === 0 && !units.some((unit) => !listed.has(unit) && isBlocked(unit))
  const definitions = buildFiles.flatMap(moduleDefinitions)
  return (definition) => {
    if (definition === null) return unread.length === 0 && !units.some(isBlocked) && !definitions.some(isTranslated)
    if (unread.some((file) => names(definition, file))) return false
    const sources = named.get(definition)
    if (isTranslated(definition) || [...(sources ?? [])].some(isBlocked)) return false
    return isRestReady || (sources !== undefined && listsAll(definition))
  }
}

/** Whether a definition names a source, whatever directory stands before it. */
const names = ({ file, start, end }: ModuleDefinition, source: string): boolean =>
  buildText(file).code.slice(start, end).includes(posix.basename(source))

/** Whether all sources of a definition are written out. */
function listsAll({ file, start, end }: ModuleDefinition): boolean {
  if (file.kind !== 'setup.py') return true
  const text = buildText(file)
  const given = argumentsIn(text, { start, end })
  const sources =
    given.find(({ keyword }) => keyword === 'sources') ?? given.filter(({ keyword }) => keyword === null)[1]
  return sources !== undefined && isPlain(text, text.code.slice(sources.value.start, sources.value.end))
}
