import type { FileId, Offset } from '../source/text.ts'
import type { Declarations } from './meanings.ts'

/**
 * Whether the project defines a name by nothing but macros that a file does not have yet where it uses the name: they
 * are defined, or the headers with them included, further down, or they were taken away before.
 * @param place where the name is used, in bytes
 */
export function isDefinedLater(declarations: Declarations, file: FileId, name: string, place: Offset): boolean {
  const { graph, files } = declarations
  const macros = declarations.macro(name)
  if (macros.length === 0 || declarations.value(name).length > 0 || declarations.typedef(name).length > 0) return false
  const undefinedAt = files[file]!.undefinitions.findLast((each) => each.name === name && each.offset < place)
  /** From where on what is said of the name counts. */
  const from = undefinedAt?.region === 0 ? undefinedAt.offset : -1
  const isBefore = (offset: Offset): boolean => from < offset && offset < place
  // What else a header's includers bring is not known here.
  const isUnit = graph.isUnit(file)
  return macros.every((each) => {
    if (each.file === file) return !isBefore(each.fact.offset)
    return isUnit && !includesBetween(declarations, file, each.file, isBefore)
  })
}

/** Whether a file includes another one, by way of others or not, at a place that will do. */
const includesBetween = (
  { files, graph }: Declarations,
  file: FileId,
  wanted: FileId,
  willDo: (offset: Offset) => boolean,
): boolean =>
  files[file]!.includes.some(({ offset }, index) => {
    const included = graph.targets[file]![index]!
    return included !== null && willDo(offset) && (included === wanted || graph.closure(included).has(wanted))
  })
