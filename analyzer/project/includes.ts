import posix from 'path-browserify'
import type { FileFacts } from '../facts/file-facts.ts'
import { addTo } from '../source/multimap.ts'
import { decode, type FileId, type RegionId } from '../source/text.ts'
import { type BuildOptions, noOptions } from './build-options.ts'

/** Which file of the project includes which, by index into the list of files. */
export interface IncludeGraph {
  /** The files that a file includes itself. */
  readonly direct: readonly (readonly number[])[]
  /** For each `#include` of a file, in its order, the file that is meant; null where it is none of the project's. */
  readonly targets: readonly (readonly (number | null)[])[]
  /** By whom a file is included, and in which of the includer's regions. */
  readonly includers: readonly (readonly { readonly file: FileId; readonly region: RegionId }[])[]
  /** All files that it includes, itself left out. */
  closure(file: FileId): ReadonlySet<number>
  /**
   * The files that nobody includes and that include the given one: its translation units. The file itself where there
   * are none.
   */
  roots(file: FileId): readonly number[]
  /** Whether a file is a translation unit: a source by its name, which nobody includes. */
  isUnit(file: FileId): boolean
}

const unitName = /\.(?:c|cc|cpp|cxx|c\+\+|C)$/

/** Names that the system's include directories own; a file of the same name in the project is not meant by `<...>`. */
const system = new Set(
  `assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic
  stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype unistd fcntl dirent
  pthread poll Python structmember datetime frameobject structseq`
    .split(/\s+/)
    .map((name) => `${name}.h`),
)

/** Whether a path as it is included in `<...>` is that of a header of the system or of CPython. */
export const isSystemHeader = (path: string): boolean => system.has(path)

/**
 * Follows `#include` through the project: beside the including file first, as compilers do, then in the directories
 * that the build names, then by the longest part of the path, nearest file first.
 */
export function includeGraph(files: readonly FileFacts[], options: BuildOptions = noOptions): IncludeGraph {
  const byPath = new Map<string, number>()
  const byName = new Map<string, number[]>()
  files.forEach(({ file }, index) => {
    byPath.set(file, index)
    addTo(byName, posix.basename(file), index)
  })

  const resolve = (from: string, path: string, quoted: boolean): number | null => {
    if (quoted) {
      const beside = byPath.get(posix.normalize(posix.join(posix.dirname(from), path)))
      if (beside !== undefined) return beside
    }
    if (system.has(path)) return null
    for (const directory of [...(options.ofFile.get(from)?.includeDirectories ?? []), ...options.includeDirectories]) {
      const named = byPath.get(posix.normalize(posix.join(directory, path)))
      if (named !== undefined) return named
    }
    const tail = posix.normalize(path).replace(/^(?:\.\.?\/)+/, '')
    let best: number | null = null
    let shared = -1
    for (const index of byName.get(posix.basename(tail)) ?? []) {
      const { file } = files[index]!
      // A path may name the directory that names of files are relative to.
      if (!posix.join(options.root, file).endsWith(`/${tail}`)) continue
      const common = commonLength(file, from)
      if (common > shared) {
        shared = common
        best = index
      }
    }
    return best
  }

  const includers: { file: FileId; region: RegionId }[][] = files.map(() => [])
  const targets = files.map(({ file, includes }, from) =>
    includes.map(({ path, quoted, region }) => {
      const index = resolve(file, decode(path), quoted)
      if (index === null || index === from) return null
      includers[index]!.push({ file: from, region })
      return index
    }),
  )
  const direct = targets.map((each) => [...new Set(each.filter((index) => index !== null))])
  const above = includers.map((list) => list.map((each) => each.file))

  const reach = (start: number, edges: readonly (readonly number[])[]): Set<number> => {
    const seen = new Set<number>([start])
    const todo = [start]
    while (todo.length > 0) {
      for (const next of edges[todo.pop()!]!) {
        if (seen.has(next)) continue
        seen.add(next)
        todo.push(next)
      }
    }
    seen.delete(start)
    return seen
  }
  const closures: (ReadonlySet<number> | undefined)[] = []
  const rootLists: (readonly number[] | undefined)[] = []
  return {
    direct,
    targets,
    includers,
    closure: (file) => (closures[file] ??= reach(file, direct)),
    roots: (file) => (rootLists[file] ??= rootsOf(file)),
    isUnit: (file) => includers[file]!.length === 0 && unitName.test(files[file]!.file),
  }

  function rootsOf(file: FileId): readonly number[] {
    const reached = [...reach(file, above)]
    const roots = reached.filter((index) => includers[index]!.length === 0)
    return roots.length > 0 ? roots : reached.length > 0 ? reached.slice(0, 1) : [file]
  }
}

function commonLength(a: string, b: string): number {
  const left = posix.dirname(a).split('/')
  const right = posix.dirname(b).split('/')
  let count = 0
  while (count < left.length && count < right.length && left[count] === right[count]) count++
  return count
}

const visibleSets = new WeakMap<IncludeGraph, Map<number, ReadonlySet<number>>>()

/** What a file includes, and where it is included itself, what its first includer sees. */
export function visibleFrom(graph: IncludeGraph, file: FileId): ReadonlySet<number> {
  let sets = visibleSets.get(graph)
  if (!sets) {
    sets = new Map()
    visibleSets.set(graph, sets)
  }
  let set = sets.get(file)
  if (!set) {
    const root = graph.roots(file)[0] ?? file
    set = root === file ? graph.closure(file) : new Set([root, ...graph.closure(root), ...graph.closure(file)])
    sets.set(file, set)
  }
  return set
}
