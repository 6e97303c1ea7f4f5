import { dirname, posix } from 'node:path'
import type { FileFacts } from '../facts/file-facts.ts'

/** Which file of the project includes which, by index into the list of files. */
export interface IncludeGraph {
  /** The files that a file includes itself. */
  readonly direct: readonly (readonly number[])[]
  /** By whom a file is included, and in which of the includer's regions. */
  readonly includers: readonly (readonly { readonly file: number; readonly region: number }[])[]
  /** All files that it includes, itself left out. */
  closure(file: number): ReadonlySet<number>
  /** The files that nobody includes and that include the given one: its translation units. The file itself where there are none. */
  roots(file: number): readonly number[]
}

/** Names that the system's include directories own; a file of the same name in the project is not meant by `<...>`. */
const system = new Set(
  `assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic stdbool
  stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype unistd fcntl dirent pthread poll
  Python structmember datetime frameobject structseq`.split(/\s+/).map((name) => `${name}.h`),
)

/**
 * Follows `#include` through the project: beside the including file first, as compilers do, then by the longest part of
 * the path, nearest file first, as no include directories are known.
 */
export function includeGraph(files: readonly FileFacts[]): IncludeGraph {
  const byPath = new Map<string, number>()
  const byName = new Map<string, number[]>()
  files.forEach(({ file }, index) => {
    byPath.set(file, index)
    const name = posix.basename(file)
    byName.set(name, [...(byName.get(name) ?? []), index])
  })

  const resolve = (from: string, path: string, quoted: boolean): number | null => {
    if (quoted) {
      const beside = byPath.get(posix.normalize(posix.join(dirname(from), path)))
      if (beside !== undefined) return beside
    }
    if (system.has(path)) return null
    const tail = posix.normalize(path).replace(/^(?:\.\.?\/)+/, '')
    let best: number | null = null
    let shared = -1
    for (const index of byName.get(posix.basename(tail)) ?? []) {
      const { file } = files[index]!
      if (file !== tail && !file.endsWith(`/${tail}`)) continue
      const common = commonLength(file, from)
      if (common > shared) {
        shared = common
        best = index
      }
    }
    return best
  }

  const includers: { file: number; region: number }[][] = files.map(() => [])
  const direct = files.map(({ file, includes }, from) => {
    const found = new Set<number>()
    for (const { path, quoted, region } of includes) {
      const index = resolve(file, path, quoted)
      if (index === null || index === from) continue
      found.add(index)
      includers[index]!.push({ file: from, region })
    }
    return [...found]
  })
  const above = includers.map((list) => list.map((each) => each.file))

  const reach = (start: number, edges: readonly (readonly number[])[]): Set<number> => {
    const seen = new Set<number>([start])
    const todo = [start]
    while (todo.length > 0) for (const next of edges[todo.pop()!]!) if (!seen.has(next)) seen.add(next), todo.push(next)
    seen.delete(start)
    return seen
  }
  const closures: (ReadonlySet<number> | undefined)[] = []
  const rootLists: (readonly number[] | undefined)[] = []
  return {
    direct,
    includers,
    closure: (file) => (closures[file] ??= reach(file, direct)),
    roots: (file) => (rootLists[file] ??= rootsOf(file)),
  }

  function rootsOf(file: number): readonly number[] {
    const reached = [...reach(file, above)]
    const roots = reached.filter((index) => includers[index]!.length === 0)
    return roots.length > 0 ? roots : reached.length > 0 ? reached.slice(0, 1) : [file]
  }
}

function commonLength(a: string, b: string): number {
  const left = dirname(a).split('/')
  const right = dirname(b).split('/')
  let count = 0
  while (count < left.length && count < right.length && left[count] === right[count]) count++
  return count
}
