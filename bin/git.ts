import { type ExecFileSyncOptions, type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, join, relative, resolve } from 'node:path'
import { currentDirectory, isIn, realPath } from '../analyzer/store/places.ts'
import { systemPath } from '../analyzer/store/system-path.ts'
import { repositoryOf } from './places.ts'

/**
 * Git, called so that nothing runs that a repository names: no hooks, no monitor of the file system, no filter or
 * program of the repository's own configuration, no fetching. Source: git-config(1), gitattributes(5), git(1).
 */

/** A setting of git's configuration: its name, without `=`, and its value. */
export type Setting = readonly [name: string, value: string]

const harmless: readonly Setting[] = [
  ['core.fsmonitor', 'false'],
  ['core.hooksPath', '/dev/null'],
  ['core.untrackedCache', 'false'],
  ['protocol.allow', 'never'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
]

/**
 * Runs git in a directory of a repository.
 * @param directory by its real path
 * @param settings that count instead of those of the configuration
 * @param input on its standard input; one character per byte
 * @param variables of its environment, besides those of this program
 * @returns what it prints, one character per byte
 * @throws Error with what it says where it fails, or that there is none
 */
export const git = (
  directory: string,
  words: readonly string[],
  settings: readonly Setting[] = [],
  input: string = '',
  variables: Readonly<Record<string, string>> = {},
): string => run(directory, words, settings, { input: Buffer.from(input, 'latin1') }, variables)

/** How long git may take to tell something: a quarter of that after each time that it did not. */
export const patience = { milliseconds: 20_000 }

/**
 * Asks git for something that it knows, of the objects that there really are (git-replace(1) has others). What the
 * repository holds may keep git waiting for ever: a FIFO for its index or its configuration.
 * @param directory by its real path
 * @param input on its standard input; one character per byte
 * @returns what it prints, one character per byte
 * @throws Error with what it says where it fails, that there is none, or that it does not answer
 */
export function askGit(directory: string, words: readonly string[], input: string = ''): string {
  const timeout = patience.milliseconds
  try {
    return run(directory, ['--no-replace-objects', ...words], [], {
      input: Buffer.from(input, 'latin1'),
      timeout,
      killSignal: 'SIGKILL',
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ETIMEDOUT') throw error
    patience.milliseconds /= 4
    throw new Error(`git does not answer within ${timeout / 1000} seconds`)
  }
}

/**
 * What stands in objects that git has.
 * @param directory by its real path
 * @param objects their names
 * @returns each with its bytes, in their order; null for one that git lacks, or that is no blob
 * @throws as `askGit`
 */
export function* blobsOf(
  directory: string,
  objects: Iterable<string>,
): Generator<readonly [object: string, bytes: Buffer | null]> {
  const asked = [...objects].map((each) => `${each}\n`).join('')
  if (asked === '') return
  const listed = askGit(directory, ['cat-file', '--batch', '--buffer'], asked)
  const head = /([0-9a-f]+) (?:blob (\d+)|.*)\n/y
  for (let match = head.exec(listed); match !== null; match = head.exec(listed)) {
    const [, object, size] = match
    const end = head.lastIndex + Number(size ?? 0)
    yield [object!, size === undefined ? null : Buffer.from(listed.slice(head.lastIndex, end), 'latin1')]
    if (size !== undefined) head.lastIndex = end + 1
  }
}

function run(
  directory: string,
  words: readonly string[],
  settings: readonly Setting[],
  more: Pick<ExecFileSyncOptions, 'input' | 'timeout' | 'killSignal'>,
  variables: Readonly<Record<string, string>> = {},
): string {
  const program = findGit([directory, repositoryOf(currentDirectory())])
  if (program === null) throw new Error('there is no git outside of the repository')
  const options: ExecFileSyncOptionsWithStringEncoding = {
    cwd: startOf(directory),
    encoding: 'latin1',
    maxBuffer: 1 << 30,
    stdio: 'pipe',
    env: { ...environment(directory), ...variables },
    ...more,
  }
  try {
    const all = [...harmless, ...settings].flatMap(([name, value]) => ['-c', `${name}=${value}`])
    return execFileSync(program, [...all, ...words], options)
  } catch (error) {
    const { stderr, status, code } = error as NodeJS.ErrnoException & { readonly stderr?: string; status?: number }
    throw Object.assign(new Error(stderr?.trim() || (error as Error).message), { status, code })
  }
}

/** A directory as Node starts programs in it: a name that is no UTF-8 it would change. @throws where it has to */
function startOf(directory: string): string {
  const isPlain = (path: string): boolean => typeof systemPath(path) === 'string'
  if (isPlain(directory)) return directory
  const way = relative(currentDirectory(), directory) || '.'
  if (!isPlain(way)) throw new Error('the name of its directory is no UTF-8')
  return way
}

/** Programs that a configuration can name for what `git add` and `git commit` do. */
const programs = String.raw`^(filter\..*\.(clean|smudge|process)|gpg(\..*)?\.(program|defaultkeycommand))$`

/**
 * Settings by which a commit runs nothing that the repository's own configuration names.
 * @throws where git cannot say what that names, or where it cannot be told not to run it
 */
export function withoutPrograms(directory: string): readonly Setting[] {
  let listed: string
  try {
    listed = askGit(directory, ['config', '--show-scope', '--name-only', '-z', '--get-regexp', programs])
  } catch (error) {
    // There are none.
    if ((error as { readonly status?: number }).status === 1) return []
    throw error
  }
  const words = listed.split('\0')
  const own = words.filter((_, index) => ['local', 'worktree'].includes(words[index - 1] ?? '') && index % 2 === 1)
  const odd = own.find((key) => key.includes('='))
  if (odd !== undefined) throw new Error(`the configuration of the repository names a program by ${odd}`)
  return own.flatMap((key): Setting[] =>
    key.startsWith('gpg')
      ? [['commit.gpgSign', 'false']]
      : [
          [key, ''],
          [key.replace(/\w+$/, 'required'), 'false'],
        ],
  )
}

/** Variables that name another repository than that of the directory; git sets them for hooks. */
const ofRepositories = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_COMMON_DIR', 'GIT_NAMESPACE', 'GIT_PREFIX']
const ofIndices = ['GIT_INDEX_FILE', 'GIT_OBJECT_DIRECTORY', 'GIT_ALTERNATE_OBJECT_DIRECTORIES']

function environment(directory: string): NodeJS.ProcessEnv {
  const own = { ...process.env }
  for (const name of ofRepositories) delete own[name]
  // In a hook the index of the commit that is being made is that of the repository around the current directory.
  if (repositoryOf(currentDirectory()) !== repositoryOf(directory)) for (const name of ofIndices) delete own[name]
  else if (own.GIT_INDEX_FILE !== undefined)
    own.GIT_INDEX_FILE = resolve(repositoryOf(currentDirectory()) ?? '.', own.GIT_INDEX_FILE)
  return {
    ...own,
    LC_ALL: 'C',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_TERMINAL_PROMPT: '0',
  }
}

/**
 * The program, by the absolute directories of `PATH` only, so never one in the current directory, and not by those of
 * the repositories themselves; null for none.
 */
function findGit(repositories: readonly (string | null)[]): string | null {
  const name = process.platform === 'win32' ? 'git.exe' : 'git'
  for (const directory of (process.env.PATH ?? '').split(delimiter).filter((each) => isAbsolute(each))) {
    try {
      const program = join(directory, name)
      accessSync(program, constants.X_OK)
      const place = realPath(directory)
      if (statSync(program).isFile() && !repositories.some((each) => each !== null && isIn(place, each))) return program
    } catch {
      // Not here.
    }
  }
  return null
}
