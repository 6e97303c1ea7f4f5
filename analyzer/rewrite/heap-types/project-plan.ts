import type { ProjectEdits } from '../../fix/fix.ts'
import type { Cookbook } from '../../fix/recipe-fix.ts'
import type { ProjectModel } from '../../project/model.ts'
import { coverageOfBranches } from '../../project/version-coverage.ts'
import { Lines } from '../../source/text.ts'
import { planHeapTypes } from './plan.ts'
import { type RewriteSettings, Sources } from './sources.ts'

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

/**
 * The texts of a project for rewrites at the lowest level that some of it is built for; what works there works above.
 * @param model of one of the targets, which says what is compiled
 * @param concerns whether a text is of what is rewritten
 */
export function sourcesFor(
  model: ProjectModel,
  { texts, locked, unseen, levelOf }: Cookbook,
  concerns: (text: string) => boolean,
): Sources {
  const { files, graph } = model.project
  const indexes = new Map(files.map(({ file }, index) => [file, index]))
  const related = (file: string): ReadonlySet<string> => {
    const index = indexes.get(file)
    const found = new Set([file])
    if (index === undefined) return found
    for (const root of [index, ...graph.roots(index)]) {
      found.add(files[root]!.file)
      for (const other of graph.closure(root)) found.add(files[other]!.file)
    }
    return found
  }
  const known = new Map<string, ReadonlySet<string>>()
  const settings: RewriteSettings = {
    level: levelOf(new Set(files.flatMap(({ file }, index) => (concerns(texts.get(file) ?? '') ? [index] : [])))),
    coverageOf: coverageOfBranches(files),
    related: (file) => known.get(file) ?? known.set(file, related(file)).get(file)!,
    locked,
    unseen,
    isCxx: (file) => files[indexes.get(file)!]?.dialect === 'cpp',
    isCompiled: (file, region) => model.active(indexes.get(file)!, region) !== 'no',
  }
  return new Sources(new Map([...texts].filter(([file]) => indexes.has(file))), model, settings)
}

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

/** The line, from 1, that an offset of a file stands on. */
export function linesIn(texts: ReadonlyMap<string, string>): (file: string, offset: number) => number {
  const lines = new Map<string, Lines>()
  return (file, offset) => {
    let of = lines.get(file)
    if (!of) {
      of = new Lines(texts.get(file) ?? '')
      lines.set(file, of)
    }
    return of.lineAt(offset) + 1
  }
}
