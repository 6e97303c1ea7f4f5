import type { ProjectEdits } from '../../fix/fix.ts'
import type { Cookbook } from '../../fix/recipe-fix.ts'
import type { ProjectModel } from '../../project/model.ts'
import type { FileId } from '../../source/text.ts'
import { linesIn, sourcesFor } from '../project-sources.ts'
import type { Obstacle } from './obstacles.ts'
import { planAbi3t } from './plan.ts'

/** What becomes of a project for abi3t. */
export interface RewrittenForAbi3t {
  /** The structs with a head, and modules without an export hook. */
  readonly found: readonly {
    readonly file: FileId
    readonly start: number
    readonly end: number
    readonly name: string
    /** Why it is left alone; empty where it is rewritten. */
    readonly obstacles: readonly string[]
  }[]
  readonly edits: ProjectEdits | null
  /** Whether the modules lose their `PyInit_` functions. */
  readonly exportHooksOnly: boolean
}

/** Plans what becomes of the structs and the modules of a project for abi3t. */
export function abi3tPlan(model: ProjectModel, cookbook: Cookbook): RewrittenForAbi3t {
  const sources = sourcesFor(model, cookbook, (text) => /\bPy(?:Object|Type)/.test(text))
  const lineOf = linesIn(cookbook.texts)
  const shown = ({ file, offset, text }: Obstacle): string => `${text} (${file}:${lineOf(file, offset)})`
  const ids = new Map<string, FileId>(model.files.map(({ file }, id) => [file, id]))
  const idOf = (name: string): FileId => ids.get(name)!
  const { structs, exported, obstacles, edits } = planAbi3t(sources, cookbook.exportHooksOnly)
  return {
    edits,
    exportHooksOnly: cookbook.exportHooksOnly,
    found: [
      ...structs.map(({ file, head, name, tag, isUntyped, obstacles: own }) => ({
        file: idOf(file),
        start: head.span.start,
        end: head.span.end,
        name: isUntyped ? tag : name,
        obstacles: [...new Set(own.all.map(shown))],
      })),
      ...exported.map(({ file, offset }) => ({
        file: idOf(file),
        start: offset,
        end: offset + 1,
        name: 'the module',
        obstacles: [],
      })),
      ...obstacles.map((each) => ({
        file: idOf(each.file),
        start: each.offset,
        end: each.offset + 1,
        name: 'the module',
        obstacles: [shown(each)],
      })),
    ],
  }
}
