import type { CompleteTypeUse } from '../facts/file-facts.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId } from '../source/text.ts'

/**
 * Whether what needs the size of a struct is a tentative definition of C, `static PyTypeObject Spam_Type;`, and each
 * translation unit that compiles it defines the variable with a value as well. A compiler of C asks for the size at the
 * end of the unit, so that it refuses the other one.
 */
export function isDefinedWithValue(model: ProjectModel, file: FileId, need: CompleteTypeUse): boolean {
  const { files, conditions, project } = model
  const facts = files[file]!
  if (need.how !== 'variable' || need.initialised || need.macro >= 0 || need.expansion) return false
  // Local variables are no declarations of the file, and are refused where they stand.
  const declaration = facts.declarations.find(({ offset }) => offset === need.start)
  if (declaration === undefined) return false
  const values = project.declarations
    .value(declaration.name)
    .filter(({ file: where, fact }) =>
      files[where]!.completeTypeUses.some(({ start, initialised }) => start === fact.offset && initialised),
    )
  if (values.length === 0) return false
  const units = conditions.rootsOf(file).filter((root) => model.compilesIn(root, file, need.region) !== 'no')
  const isDefined = (root: FileId): boolean =>
    files[root]!.dialect === 'c' &&
    values.some(({ file: where, fact }) => conditions.verdictOfIn(root, where, fact) === 'yes')
  return units.length > 0 && units.every(isDefined)
}
