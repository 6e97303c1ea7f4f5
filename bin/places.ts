import { existsSync, lstatSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, resolve } from 'node:path'
import { absolutePath, isIn, realPath } from '../analyzer/store/places.ts'
import { systemPath } from '../analyzer/store/system-path.ts'

/** Where on the disk a run may read and write. */

/** The real path that something has or would have: that of the directory that it is in, if it is not there. */
export function wouldBe(path: string): string {
  const absolute = absolutePath(path)
  try {
    return realPath(absolute)
  } catch {
    const above = dirname(absolute)
    return above === absolute ? absolute : resolve(wouldBe(above), absolute.slice(above.length).replace(/^[/\\]+/, ''))
  }
}

/** Whether something is a link, by its own name. */
export function isLink(path: string): boolean {
  try {
    return lstatSync(systemPath(path)).isSymbolicLink()
  } catch {
    return false
  }
}

/** A directory and all above it. */
export function directoriesUpFrom(directory: string): readonly string[] {
  const above = dirname(directory)
  return above === directory ? [directory] : [directory, ...directoriesUpFrom(above)]
}

/** Files that say that a package begins in the directory that they are in. */
const packageFiles = ['setup.py', 'setup.cfg', 'pyproject.toml']

/**
 * The directory of the repository that a path is in, both real: the nearest that has a `.git`, be it a link that leads
 * nowhere; null for none.
 */
export const repositoryOf = (path: string): string | null => directoriesUpFrom(path).find(isRepository) ?? null

/** Whether a directory is that of a repository. */
export const isRepository = (directory: string): boolean => mayBeThere(resolve(directory, '.git'))

/** Whether something has a name, or the system does not tell. */
function mayBeThere(path: string): boolean {
  try {
    lstatSync(systemPath(path))
    return true
  } catch (error) {
    return !['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')
  }
}

/**
 * The directory of the repository that a directory is in. Where it is in none, that of the project by its build files,
 * as of an unpacked source distribution; else the current directory, if it is above or the same; else the directory.
 * @param directory and the current one by their real paths
 */
export function repositoryAround(directory: string, current: string): string {
  const nearest = isIn(directory, current) ? current : directory
  return repositoryOf(directory) ?? projectAround(nearest) ?? nearest
}

/** Files of which a project may have one in each of its directories: the outermost is the project's own. */
const nestedFiles = ['meson.build', 'CMakeLists.txt', 'BUILD.bazel', 'MODULE.bazel']

/**
 * The nearest directory up from one that has a build file of a package, else the outermost of those that have others,
 * one in the other; null for none. A home directory is none, nor is one of somebody else.
 */
function projectAround(directory: string): string | null {
  let outermost: string | null = null
  const owner = ownerOf(directory)
  const own = homeDirectory()
  const home = own && wouldBe(own)
  for (const at of directoriesUpFrom(directory)) {
    if (at === home || dirname(at) === at || ownerOf(at) !== owner) break
    const has = (name: string): boolean => existsSync(systemPath(resolve(at, name)))
    if (packageFiles.some(has)) return at
    if (nestedFiles.some(has)) outermost = at
    else if (outermost !== null) break
  }
  return outermost
}

/** The directory of who runs the program; null where the system knows none, as of a user that has only a number. */
export function homeDirectory(): string | null {
  try {
    const home = homedir()
    return isAbsolute(home) ? home : null
  } catch {
    return null
  }
}

/** Who owns a directory; null where it cannot be told. */
export function ownerOf(directory: string): number | null {
  try {
    return statSync(systemPath(directory)).uid
  } catch {
    return null
  }
}

/** The directory of the package that a directory is in: the nearest with a build file, up to its repository's. */
export function packageAround(directory: string, current: string): string {
  const repository = repositoryAround(directory, current)
  for (let at = directory; at !== repository && dirname(at) !== at; at = dirname(at))
    if (packageFiles.some((name) => existsSync(systemPath(resolve(at, name))))) return at
  return repository
}

/** The directory that paths have in common. @param paths absolute, at least one */
export function commonDirectory(paths: readonly string[]): string {
  let common = paths[0]!
  for (const path of paths) while (!isIn(path, common)) common = dirname(common)
  return common
}
