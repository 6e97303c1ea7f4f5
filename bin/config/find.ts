import { basename, join } from 'node:path'
import { directoriesUpFrom, homeDirectory, isRepository, ownerOf, wouldBe } from '../places.ts'
import type { ConfigFiles } from './config-files.ts'
import { configNames, pyproject } from './names.ts'

/** Whether a file is one in which the configuration is a table among others. */
export const isPyproject = (path: string): boolean => basename(path) === pyproject

/** A file that may hold the configuration of what is below its directory. */
export interface ConfigPlace {
  /** Of the file, in a directory by its real path. */
  readonly path: string
  /** Files of the same directory that may hold others, which do not count. */
  readonly others: readonly string[]
}

/**
 * Where the configuration of a project may stand, the closest place up from a directory first. Those above the
 * repository are of somebody else's, and so are, outside of one, those in the home directory, above it and in
 * directories of other users.
 * @param directory by its real path
 */
export function* configPlaces(directory: string, files: ConfigFiles): Generator<ConfigPlace> {
  const owner = ownerOf(directory)
  const own = homeDirectory()
  const home = own && wouldBe(own)
  for (const at of directoriesUpFrom(directory)) {
    if (at !== directory && (at === home || ownerOf(at) !== owner)) return
    yield* placesIn(at, files)
    if (isRepository(at)) return
  }
}

/** Where a configuration may stand in a directory itself. */
function* placesIn(directory: string, files: ConfigFiles): Generator<ConfigPlace> {
  const own = configNames.filter((name) => files.has(join(directory, name)))
  const hasOther = files.has(join(directory, pyproject)) && mentionsTool(join(directory, pyproject), files)
  const names = hasOther ? [...own, pyproject] : own
  for (const [index, name] of names.entries())
    yield { path: join(directory, name), others: names.slice(index + 1).map((each) => join(directory, each)) }
}

/** Whether a `pyproject.toml` says anything of abi3lint, which may be its configuration. */
function mentionsTool(path: string, files: ConfigFiles): boolean {
  try {
    return files.read(path).includes('abi3lint')
  } catch {
    // Who reads the build says so.
    return false
  }
}

/** Names that a file with a configuration has not. */
const wrongNames = ['abi3-lint.toml', 'abi3_lint.toml', '.abi3-lint.toml', '.abi3lintrc', '.abi3lint']

/** What no table of abi3lint can be called without. */
const nearName = /\babi.{0,3}lint\b/i

/**
 * Files up from a directory, as far as the repository, that may be meant for a configuration and be called otherwise,
 * or have a table that is. @param directory by its real path
 */
export function misspeltPlaces(directory: string, files: ConfigFiles): string[] {
  const found: string[] = []
  for (const at of directoriesUpFrom(directory)) {
    for (const name of wrongNames) if (files.has(join(at, name))) found.push(join(at, name))
    if (files.has(join(at, pyproject)) && isNear(join(at, pyproject), files)) found.push(join(at, pyproject))
    if (isRepository(at)) break
  }
  return found
}

function isNear(path: string, files: ConfigFiles): boolean {
  try {
    return nearName.test(files.read(path).toString('utf8'))
  } catch {
    // Who reads the build says so.
    return false
  }
}
