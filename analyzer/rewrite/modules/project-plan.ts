import type { ProjectEdits } from '../../fix/fix.ts'
import type { Cookbook } from '../../fix/recipe-fix.ts'
import type { ProjectModel } from '../../project/model.ts'
import type { Module } from '../../semantics/modules.ts'
import { linesIn, sourcesFor } from '../project-sources.ts'
import type { Difference } from './differences.ts'
import { planModule } from './plan.ts'

/** What becomes of a module that is made in one phase. */
export interface RewrittenModule {
  /** Why it is left alone, each with its place; empty where it is rewritten. */
  readonly obstacles: readonly string[]
  /** What is not as it was, or stays as it was, in a few words each. */
  readonly differs: readonly string[]
  /** What rewrites it; null where it is left alone. */
  readonly edits: ProjectEdits | null
}

/** Places that are named of one difference. */
const mostPlaces = 3

/** Plans the rewriting of modules, each when somebody asks for it, by its name and the file of its `PyInit_`. */
export function modulePlans(
  model: ProjectModel,
  cookbook: Cookbook,
  modules: readonly Module[],
): (name: string, definedIn: number) => RewrittenModule | null {
  const sources = sourcesFor(model, cookbook, (text) => text.includes('PyModuleDef'))
  const lineOf = linesIn(cookbook.texts)
  // How many modules are made of each file.
  const counts = new Map<string, number>()
  for (const { files } of modules)
    for (const id of new Set(files)) {
      const { file } = model.files[id]!
      counts.set(file, (counts.get(file) ?? 0) + 1)
    }
  const shown = ({ text, places }: Difference): string => {
    const lines = [...new Set(places.map(({ file, offset }) => `${file}:${lineOf(file, offset)}`))]
    const more = lines.length > mostPlaces ? [`${lines.length - mostPlaces} more`] : []
    return lines.length === 0 ? text : `${text} (${[...lines.slice(0, mostPlaces), ...more].join(', ')})`
  }
  return (name, definedIn) => {
    const module = modules.find((each) => each.name === name && each.definedIn === definedIn)
    if (!module) return null
    const own = new Set(module.files.map((id) => model.files[id]!.file))
    const isOfOthers = (file: string): boolean => (counts.get(file) ?? 0) > (own.has(file) ? 1 : 0)
    const { obstacles, differs, edits } = planModule(sources, module, isOfOthers, cookbook.moduleStyle)
    const texts = obstacles.map(({ file, offset, text }) => `${text} (${file}:${lineOf(file, offset)})`)
    return { obstacles: [...new Set(texts)], differs: differs.map(shown), edits }
  }
}
