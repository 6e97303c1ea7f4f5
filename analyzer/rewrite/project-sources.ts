import type { Cookbook } from '../fix/recipe-fix.ts'
import type { ProjectModel } from '../project/model.ts'
import { coverageOfBranches } from '../project/version-coverage.ts'
import { Lines } from '../source/text.ts'
import { type RewriteSettings, Sources } from './sources.ts'

/**
 * The texts of a project for rewrites at the lowest level that some of it is built for; what works there works above.
 * @param model of one of the targets, which says what is compiled
 * @param concerns whether a text is of what is rewritten
 */
export function sourcesFor(
  model: ProjectModel,
  { texts, locked, unseen, isSuppressed, levelOf, isThere }: Cookbook,
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
    isSuppressed,
    isThere,
    isCxx: (file) => files[indexes.get(file)!]?.dialect === 'cpp',
    isCompiled: (file, region) => model.active(indexes.get(file)!, region) !== 'no',
  }
  return new Sources(new Map([...texts].filter(([file]) => indexes.has(file))), model, settings)
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
