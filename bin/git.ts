import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, isAbsolute, join, resolve } from 'node:path'
import { realPath } from '../analyzer/store/places.ts'
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
 * @returns what it prints, one character per byte
 * @throws Error with what it says where it fails, or that there is none
 */
export function git(
  directory: string,
  words: readonly string[],
  settings: readonly Setting[] = [],
  input: string = '',
): string {
  const program = findGit()
  if (program === null) throw new Error('there is no git')
  const options: ExecFileSyncOptionsWithStringEncoding = {
    cwd: directory,
    encoding: 'latin1',
    maxBuffer: 1 << 30,
    input: Buffer.from(input, 'latin1'),
    stdio: 'pipe',
    env: environment(directory),
  }
  try {
    const all = [...harmless, ...settings].flatMap(([name, value]) => ['-c', `${name}=${value}`])
    return execFileSync(program, [...all, ...words], options)
  } catch (error) {
    const { stderr, status } = error as { readonly stderr?: string; readonly status?: number }
    throw Object.assign(new Error(stderr?.trim() || (error as Error).message), { status })
  }
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
    listed = git(directory, ['config', '--show-scope', '--name-only', '-z', '--get-regexp', programs])
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
  if (repositoryOf(realPath('.')) !== repositoryOf(directory)) for (const name of ofIndices) delete own[name]
  else if (own.GIT_INDEX_FILE !== undefined)
    own.GIT_INDEX_FILE = resolve(repositoryOf(realPath('.')) ?? '.', own.GIT_INDEX_FILE)
  return {
    ...own,
    LC_ALL: 'C',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_TERMINAL_PROMPT: '0',
  }
}

/** The program, by the absolute directories of `PATH` only, so never one in the current directory; null for none. */
function findGit(): string | null {
  const name = process.platform === 'win32' ? 'git.exe' : 'git'
  for (const directory of (process.env.PATH ?? '').split(delimiter).filter((each) => isAbsolute(each))) {
    try {
      accessSync(join(directory, name), constants.X_OK)
      return join(directory, name)
    } catch {
      // Not here.
    }
  }
  return null
}
