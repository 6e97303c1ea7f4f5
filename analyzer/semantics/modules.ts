import posix from 'path-browserify'
import type { BuildFile } from '../build/build-file.ts'
import { buildText, callsAround } from '../build/build-text.ts'
import type { Project } from '../project/model.ts'
import type { FileId } from '../source/text.ts'

/** An extension module: what one import loads. */
export interface Module {
  /** As its `PyInit_` or `PyModExport_` function names it: the last part of what is imported. */
  readonly name: string
  /** Index of the file that defines that function. */
  readonly definedIn: number
  /** Indexes of the files that are compiled into it, headers included, in order. */
  readonly files: readonly number[]
}

const entryPoint = /^Py(?:Init|ModExport)_(\w+)$/

/**
 * The extension modules of a project, by name, each with its files: the one with its `PyInit_` function, those that a
 * build file names in the same call (`Extension("spam", ["a.c", "b.c"])`), and all that these include. Where there is
 * one module only, sources that no call speaks of are taken for its own.
 */
export function modulesOf(project: Project, buildFiles: readonly BuildFile[]): Module[] {
  const entries = new Map<string, { name: string; file: FileId }>()
  project.files.forEach((facts, file) => {
    for (const { kind, name, defines } of facts.declarations) {
      const match = kind === 'function' && defines ? entryPoint.exec(name) : null
      // The same module under both entry points is one.
      if (match) entries.set(`${file} ${match[1]!}`, { name: match[1]!, file })
    }
  })
  const lists = sourceLists(project, buildFiles)
  const made = [...entries.values()].map(({ name, file }) => {
    const sources = new Set([file, ...lists.filter((list) => list.has(file)).flatMap((list) => [...list])])
    return { name, definedIn: file, sources }
  })
  if (new Set(made.map(({ name }) => name)).size === 1) {
    const named = new Set(lists.flatMap((list) => [...list]))
    project.files.forEach((_, file) => {
      if (project.graph.includers[file]!.length === 0 && !named.has(file)) made[0]!.sources.add(file)
    })
  }
  return made
    .map(({ name, definedIn, sources }) => {
      const files = new Set([...sources].flatMap((file) => [file, ...project.graph.closure(file)]))
      return { name, definedIn, files: [...files].sort((a, b) => a - b) }
    })
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.definedIn - b.definedIn))
}

/**
 * Of each call in a build file, and each table of `ext-modules`, the sources of the project that it names; calls that
 * name fewer than two are left out.
 */
function sourceLists(project: Project, buildFiles: readonly BuildFile[]): ReadonlySet<number>[] {
  const byName = new Map<string, number[]>()
  project.files.forEach(({ file }, index) => {
    if (!/\.(?:c|cc|cpp|cxx|c\+\+)$/i.test(file)) return
    const name = posix.basename(file)
    byName.set(name, [...(byName.get(name) ?? []), index])
  })
  const lists: Set<number>[] = []
  for (const buildFile of buildFiles) {
    const text = buildText(buildFile)
    const base = posix.dirname(buildFile.path)
    const groups = new Map<number, Set<number>>()
    for (const match of text.code.matchAll(/[\w.+/-]+\.(?:c|cc|cpp|cxx|c\+\+)\b(?![\w.])/gi)) {
      const path = posix.normalize(posix.join(base, match[0]))
      const candidates = byName.get(posix.basename(path)) ?? []
      // The build file may stand elsewhere than it thinks: at last the name alone counts.
      const meant =
        candidates.find((index) => project.files[index]!.file === path) ??
        (candidates.length === 1 ? candidates[0]! : undefined)
      if (meant === undefined) continue
      const at =
        buildFile.kind === 'pyproject.toml'
          ? text.code.lastIndexOf('[[', match.index)
          : (callsAround(text, match.index)[0]?.start ?? -1)
      if (at >= 0) groups.set(at, (groups.get(at) ?? new Set()).add(meant))
    }
    lists.push(...[...groups.values()].filter((group) => group.size > 1))
  }
  return lists
}
