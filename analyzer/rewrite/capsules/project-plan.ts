import type { BuildFile } from '../../build/build-file.ts'
import type { ProjectEdits } from '../../fix/fix.ts'
import type { Cookbook } from '../../fix/recipe-fix.ts'
import type { ProjectModel } from '../../project/model.ts'
import { type CapsuleTable, capsuleTables, isUnversioned } from '../../semantics/capsule-tables.ts'
import { extensionsOf, modulesOf } from '../../semantics/modules.ts'
import type { FileId } from '../../source/text.ts'
import type { Obstacle } from '../modules/obstacles.ts'
import { linesIn, sourcesFor } from '../project-sources.ts'
import { importedName, type KnownModule } from './module-name.ts'
import { planTables } from './plan.ts'

/** What becomes of a table that a capsule hands out. */
export interface RewrittenTable {
  /** Why it is left alone, each with its place; empty where it is rewritten. */
  readonly obstacles: readonly string[]
  /** What is not as it was, or stays as it was, in a few words each. */
  readonly differs: readonly string[]
  /** What rewrites it; null where it is left alone. */
  readonly edits: ProjectEdits | null
}

/** Plans the rewriting of tables that capsules hand out, those of a source together, when somebody asks for it. */
export function tablePlans(
  model: ProjectModel,
  cookbook: Cookbook,
  buildFiles: readonly BuildFile[],
): (table: CapsuleTable) => RewrittenTable {
  const sources = sourcesFor(model, cookbook, (text) => text.includes('PyCapsule'))
  const lineOf = linesIn(cookbook.texts)
  const shown = (all: readonly Obstacle[]): readonly string[] => [
    ...new Set(all.map(({ file, offset, text }) => `${text} (${file}:${lineOf(file, offset)})`)),
  ]
  const known = new Map<FileId, RewrittenTable>()
  return ({ capsule: { file } }) => {
    const tables = capsuleTables(model).filter((each) => each.capsule.file === file && isUnversioned(each))
    if (!known.has(file)) {
      const name = importedName(sources, tables, moduleOf(model, buildFiles, file))
      const { obstacles, differs, edits } = planTables(sources, tables, name)
      known.set(file, { obstacles: shown(obstacles), differs: shown(differs), edits })
    }
    return known.get(file)!
  }
}

/** What is known of the module that a source is compiled into. */
function moduleOf({ project }: ProjectModel, buildFiles: readonly BuildFile[], file: FileId): KnownModule {
  const own = new Set(modulesOf(project, buildFiles).flatMap(({ name, files }) => (files.includes(file) ? [name] : [])))
  const [last = null, ...others] = own
  const built = new Set(
    extensionsOf(project, buildFiles).flatMap(({ name, sources, buildFile }) => {
      // Others say the package apart from the name.
      const isWhole = name.includes('.') || /^(?:setup\.py|pyproject\.toml)$/.test(buildFile.kind)
      return isWhole && sources.includes(file) && name.split('.').at(-1) === last ? [name] : []
    }),
  )
  return { last: others.length === 0 ? last : null, built: built.size === 1 ? [...built][0]! : null }
}
