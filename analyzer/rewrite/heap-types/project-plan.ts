import type { ProjectEdits } from '../../fix/fix.ts'
import type { Cookbook } from '../../fix/recipe-fix.ts'
import type { ProjectModel } from '../../project/model.ts'
import { linesIn, sourcesFor } from '../project-sources.ts'
import { planHeapTypes } from './plan.ts'

/** What becomes of the static types of a project. */
export interface HeapTypePlan {
  /** By the place of a name in a declaration or a definition. */
  type(file: string, offset: number): ConvertedType | null
  /** What rewrites all types that can be. */
  readonly edits: ProjectEdits
}

export interface ConvertedType {
  readonly name: string
  /** Why it is left alone, each with its place; empty where it is rewritten. */
  readonly obstacles: readonly string[]
  /** What Python code sees of it that a static type does not show. */
  readonly differs: readonly string[]
}

/** A type object, as code writes one that is no pointer. */
const namesType = /\b(?:PyTypeObject|_typeobject)\b(?!\s*\*)/

/** Plans what becomes of the static types of a project. */
export function heapTypePlan(model: ProjectModel, cookbook: Cookbook): HeapTypePlan {
  const plan = planHeapTypes(sourcesFor(model, cookbook, (text) => namesType.test(text)))
  const lineOf = linesIn(cookbook.texts)
  const byPlace = new Map<string, ConvertedType>()
  for (const { name, places, obstacles, differs } of plan.types) {
    const type: ConvertedType = {
      name,
      differs,
      obstacles: [...new Set(obstacles.map(({ file, offset, text }) => `${text} (${file}:${lineOf(file, offset)})`))],
    }
    for (const { file, offset } of places) byPlace.set(`${file}:${offset}`, type)
  }
  return {
    type: (file, offset) => byPlace.get(`${file}:${offset}`) ?? null,
    edits: plan.edits,
  }
}
