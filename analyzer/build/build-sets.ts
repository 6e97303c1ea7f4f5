import posix from 'path-browserify'
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
    sets.set(root, [...(sets.get(root) ?? []), file])
  }
  const modules = (members: readonly BuildFile[]): number =>
    members.reduce((sum, file) => sum + moduleDefinitions(file).length, 0)
  return [...sets].map(([root, members]) => ({ root, files: members, modules: modules(members) }))
}

/** The set whose directory is nearest above a file; null for none. */
export function setOf(path: string, sets: readonly BuildSet[]): BuildSet | null {
  const root = rootOf(path, new Set(sets.map((set) => set.root)))
  return sets.find((set) => set.root === root) ?? null
}

/** The nearest of some directories that a file lies in or below; null for none. */
export function rootOf(path: string, roots: ReadonlySet<string>): string | null {
  for (let directory = posix.dirname(path); ; directory = posix.dirname(directory)) {
    if (roots.has(directory)) return directory
    if (directory === '.' || directory === '/') return null
  }
}

/** Whether a place stands in the definition of a module that a C file is built into. */
export function buildsFile(file: BuildFile, offset: number, source: string): boolean {
  const call = moduleAround(file, offset)
  return call !== null && nameOf(source).test(buildText(file).code.slice(call.start, call.end))
}

/** Whether any of the build files names a C file. */
export function namesFile({ files }: BuildSet, source: string): boolean {
  const name = nameOf(source)
  return files.some((file) => name.test(buildText(file).code))
}

/** Matches the name of a C file, whatever directory stands before it. */
const nameOf = (source: string): RegExp =>
  new RegExp(`(?<![\\w.-])${posix.basename(source).replace(/[.+]/g, '\\$&')}(?![\\w.])`)
