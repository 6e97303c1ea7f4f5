import posix from 'path-browserify'
import { addTo } from '../source/multimap.ts'
import type { BuildFile } from './build-file.ts'
import { buildText } from './build-text.ts'
import { moduleAround, moduleDefinitions } from './module-definitions.ts'

/** The build files that make one package. */
export interface BuildSet {
  /** The directory that holds them; `.` for the root. */
  readonly root: string
  readonly files: readonly BuildFile[]
  /** How many extension modules they define, as far as that shows. */
  readonly modules: number
}

const isRoot = (kind: BuildFile['kind']): boolean =>
  kind === 'setup.py' || kind === 'setup.cfg' || kind === 'pyproject.toml'

/** Puts build files together that lie in or below one directory with a `setup.py`, `setup.cfg` or `pyproject.toml`. */
export function buildSets(files: readonly BuildFile[]): BuildSet[] {
  const roots = new Set(files.filter(({ kind }) => isRoot(kind)).map(({ path }) => posix.dirname(path)))
  const sets = new Map<string, BuildFile[]>()
  for (const file of files) {
    const root = rootOf(file.path, roots) ?? posix.dirname(file.path)
    addTo(sets, root, file)
  }
  const modules = (members: readonly BuildFile[]): number =>
    members.reduce((sum, file) => sum + moduleDefinitions(file).length, 0)
  return [...sets].map(([root, members]) => ({ root, files: members, modules: modules(members) }))
}

/** The set whose directory is nearest above a file; null for none. */
export function setOf(path: string, sets: readonly BuildSet[]): BuildSet | null {
  let known = byRoot.get(sets)
  if (!known) {
    known = new Map([...sets].reverse().map((set) => [set.root, set]))
    byRoot.set(sets, known)
  }
  const root = rootOf(path, known)
  return (root !== null && known.get(root)) || null
}

const byRoot = new WeakMap<readonly BuildSet[], ReadonlyMap<string, BuildSet>>()

/** The nearest of some directories that a file lies in or below; null for none. */
export function rootOf(path: string, roots: Pick<ReadonlySet<string>, 'has'>): string | null {
  for (let directory = posix.dirname(path); ; directory = posix.dirname(directory)) {
    if (roots.has(directory)) return directory
    if (directory === '.' || directory === '/') return null
  }
}

/** Whether a place stands in the definition of a module that a C file is built into. */
export function buildsFile(file: BuildFile, offset: number, source: string): boolean {
  const call = moduleAround(file, offset)
  return call !== null && hasName(call, () => buildText(file).code.slice(call.start, call.end), source)
}

/** Whether any of the build files names a C file. */
export function namesFile({ files }: BuildSet, source: string): boolean {
  return files.some((file) => hasName(file, () => buildText(file).code, source))
}

/** The names of files in texts, by what has the text. */
const names = new WeakMap<object, ReadonlySet<string>>()

/** Whether a text has the name of a C file, whatever directory stands before it. @param of what has the text */
function hasName(of: object, text: () => string, source: string): boolean {
  let found = names.get(of)
  if (!found) {
    found = new Set(text().match(/[\w.+-]+/g))
    names.set(of, found)
  }
  const name = posix.basename(source)
  if (/^[\w.+-]+$/.test(name)) return found.has(name)
  const literal = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`(?<![\\w.-])${literal}(?![\\w.])`).test(text())
}
