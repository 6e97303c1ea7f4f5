import { constants, existsSync } from 'node:fs'
import { copyFile, cp, lstat, mkdir, readdir, readlink, realpath, rename, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { libraryName } from '../../analyzer/audit/wheel-name.ts'
import { skipped } from '../discover.ts'
import { git } from '../git.ts'
import { environment, runProcess } from './process.ts'

/** Where a project is, in the directory that is copied. */
export interface Layout {
  /** What is copied: the repository, or the project where there is none. */
  readonly root: string
  /** What changes are named relative to, relative to the root. */
  readonly here: string
  /** What is built, relative to the root. */
  readonly project: string
}

/** What pip builds a directory by. */
const buildFiles = ['pyproject.toml', 'setup.py']

const configures = (directory: string): boolean => buildFiles.some((name) => existsSync(join(directory, name)))

/**
 * Finds the project that some paths belong to: the only path where it has a build file, else the current directory,
 * else the first path that has one.
 * @param here the current directory
 * @returns null where none has one
 */
export function layoutOf(here: string, paths: readonly string[]): Layout | null {
  const given = paths.map((path) => resolve(here, path))
  const project = (given.length === 1 ? [...given, here] : [here, ...given]).find(configures)
  if (project === undefined) return null
  const around = isOutside(here, project) ? project : here
  const repository = repositoryOf(project)
  const root = repository === null || isOutside(repository, here) ? around : repository
  return { root, here: relative(root, here), project: relative(root, project) }
}

/** The repository that a project is part of; null where it is in none, or lies in one that does not track it. */
function repositoryOf(project: string): string | null {
  try {
    const isTracked = git(project, ['ls-files', '--', ...buildFiles]) !== ''
    return isTracked ? resolve(git(project, ['rev-parse', '--show-toplevel']).trim()) : null
  } catch {
    // no repository, or no git
    return null
  }
}

/** Whether a path leads out of a directory. */
export const isOutside = (directory: string, path: string): boolean => {
  const way = relative(directory, path)
  return way === '..' || way.startsWith(`..${sep}`) || resolve(directory, way) !== resolve(path)
}

/** Extension modules, and what setuptools leaves where it builds. */
const isBuilt = (path: string): boolean =>
  ['abi3', 'abi3t', 'version'].includes(libraryName(path).kind) ||
  (basename(dirname(path)) === 'build' && /^(?:lib$|(?:lib|temp|bdist)\.|scripts-3)/.test(basename(path)))

/**
 * Copies a project without what tools made in it. Links that lead out of it become what they lead to.
 * @param to a directory that is not there yet
 */
export async function copyProject(root: string, to: string): Promise<void> {
  const real = await realpath(root)
  await cp(root, to, {
    recursive: true,
    preserveTimestamps: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
    async filter(from, into) {
      if (from === root) return true
      if (skipped.has(basename(from)) || isBuilt(from)) return false
      const stats = await lstat(from)
      if (stats.isDirectory()) return !existsSync(join(from, 'pyvenv.cfg'))
      if (!stats.isSymbolicLink()) return stats.isFile()
      const target = resolve(await realpath(dirname(from)), await readlink(from))
      if (!isOutside(real, target)) return true
      if (existsSync(target)) await cp(target, into, { recursive: true, dereference: true })
      return false
    },
  })
}

/**
 * Gives a copy of a repository a history of its own, since builds take their version from it. What commits hold is not
 * copied but looked up in the repository; where git is not there or fails, there is no history.
 */
export async function shareHistory(root: string, copy: string): Promise<void> {
  if (!existsSync(join(root, '.git'))) return
  const clone = `${copy}-clone`
  const git = async (...words: readonly string[]): Promise<boolean> =>
    (await runProcess(['git', ...words], { cwd: dirname(copy), env: environment() })).code === 0
  if (!(await git('clone', '-q', '--shared', '--no-checkout', root, clone))) return
  await rename(join(clone, '.git'), join(copy, '.git'))
  await git('-C', copy, 'reset', '-q')
}

/** Writes new texts into a copy. @param here what they are named relative to */
export async function writeInto(here: string, changes: ReadonlyMap<string, Uint8Array>): Promise<void> {
  for (const [file, bytes] of changes) {
    await mkdir(dirname(join(here, file)), { recursive: true })
    await writeFile(join(here, file), bytes)
  }
}

/**
 * Puts what was built beside the sources of its packages, wherever these are, so that tests that import the sources
 * import what was built with them. What is there already stays.
 * @param site a directory with what was built, as it is installed
 * @param tree a copy of the project
 */
export async function overlay(site: string, tree: string): Promise<void> {
  const isPackage = (file: string): boolean => basename(file) === '__init__.py'
  const built = (await filesIn(site)).filter(isPackage).map((file) => dirname(file))
  const sources = (await filesIn(tree)).filter(isPackage).map((file) => dirname(file))
  for (const name of built) {
    const places = sources.filter((each) => each === name || each.endsWith(`${sep}${name}`))
    if (name === '.' || places.length === 0) continue
    for (const entry of await readdir(join(site, name), { withFileTypes: true })) {
      if (!entry.isFile()) continue
      for (const place of places)
        await copyFile(join(site, name, entry.name), join(tree, place, entry.name), constants.COPYFILE_EXCL).catch(
          (error: NodeJS.ErrnoException) => {
            if (error.code !== 'EEXIST') throw error
          },
        )
    }
  }
}

/** The files below a directory, relative to it, sorted; links are not followed, and `.git` is passed over. */
export async function filesIn(directory: string): Promise<string[]> {
  const walk = async (at: string): Promise<string[]> => {
    const entries = await readdir(join(directory, at), { withFileTypes: true })
    const found = entries.map((entry): Promise<string[]> | string[] => {
      const path = join(at, entry.name)
      if (entry.isDirectory()) return entry.name === '.git' ? [] : walk(path)
      return entry.isFile() ? [path] : []
    })
    return (await Promise.all(found)).flat()
  }
  return (await walk('')).sort()
}
