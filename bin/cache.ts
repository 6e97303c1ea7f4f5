import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { type Cache, openCache } from '../analyzer/store/cache.ts'
import { isIn } from '../analyzer/store/places.ts'
import { systemPath } from '../analyzer/store/system-path.ts'
import { homeDirectory, repositoryOf, wouldBe } from './places.ts'

/** What of the command line says where something is kept from run to run. */
export interface CacheOptions {
  /** `--cache-dir`, else `ABI3LINT_CACHE_DIR`; null where neither is given. */
  readonly directory: string | null
  /** `--no-cache`, or `ABI3LINT_NO_CACHE`. */
  readonly isOff: boolean
}

/** The flags of `cacheFlags`. */
export interface CacheFlags {
  readonly cache: boolean
  readonly cacheDir?: string
}

/** The flags of commands that keep what they have to say. */
export const cacheFlags = (command: Command): Command =>
  command
    .option('--no-cache', 'keep nothing for the next run, and use nothing of the last one (ABI3LINT_NO_CACHE)')
    .addOption(
      new Option(
        '--cache-dir <directory>',
        'keep what was found out there, where nothing else is (default: .abi3lint_cache in the repository)',
      ).env('ABI3LINT_CACHE_DIR'),
    )

/** What flags and the environment say of it. */
export const cacheFrom = ({ cache, cacheDir }: CacheFlags): CacheOptions => ({
  directory: cacheDir || null,
  isOff: !cache || Boolean(process.env.ABI3LINT_NO_CACHE),
})

/** The directory by default, in that of the repository, or in the current one. */
const defaultName = '.abi3lint_cache'

/** @param current the current directory by its real path */
export const cacheDirectory = ({ directory }: CacheOptions, current: string): string =>
  directory === null ? join(repositoryOf(current) ?? current, defaultName) : resolve(current, directory)

/**
 * What is kept from run to run. A directory that came with a repository could hold anything, so what is in the default
 * one is signed with a secret that stands elsewhere; of one that was named who names it answers for it.
 * @returns null where nothing is kept
 */
export function cacheOf(options: CacheOptions, current: string): Cache | null {
  if (options.isOff || buildIdentity() === null) return null
  const directory = cacheDirectory(options, current)
  if (options.directory !== null) return openCache(directory, null)
  const secrets = userDirectory()
  const repository = repositoryOf(current)
  // A secret that may have come with the repository is none.
  const isKnown = secrets === null || (repository !== null && isIn(wouldBe(secrets), repository))
  return isKnown ? null : openCache(directory, secrets)
}

/** Where programs keep what they can make again; null for nowhere. Source: XDG Base Directory Specification, 0.8. */
function userDirectory(): string | null {
  const { platform, env } = process
  const given = platform === 'win32' ? env.LOCALAPPDATA : env.XDG_CACHE_HOME
  if (given !== undefined && isAbsolute(given)) return join(given, 'abi3lint')
  const home = homeDirectory()
  const usual = platform === 'darwin' ? 'Library/Caches' : platform === 'win32' ? 'AppData/Local' : '.cache'
  return home && join(home, usual, 'abi3lint')
}

/**
 * What tells this build of the program, with all that is shipped with it, from others; null where it runs from its
 * sources, which may change from run to run, and where another one has taken its place since it was started.
 */
export function buildIdentity(): string | null {
  try {
    // Its name tells what is in it.
    if (!existsSync(systemPath(import.meta.filename))) return null
    return readFileSync(systemPath(join(import.meta.dirname, 'build-id')), 'latin1')
  } catch {
    return null
  }
}
