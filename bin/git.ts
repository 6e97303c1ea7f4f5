import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path'
import { realPath } from '../analyzer/store/places.ts'
import { bytesOfPath, systemPath } from '../analyzer/store/system-path.ts'

/**
 * Git, called so that nothing runs that a repository names: no hooks, no monitor of the file system, no filter or
 * program of the repository's own configuration, no fetching. Source: git-config(1), gitattributes(5), git(1).
 */

const harmless = [
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.untrackedCache=false',
  'protocol.allow=never',
]

/** The directory of the repository that a path is in, both real; null for none. */
export function repositoryOf(path: string): string | null {
  for (let at = path; ; at = dirname(at)) {
    if (existsSync(systemPath(join(at, '.git')))) return at
    if (dirname(at) === at) return null
  }
}

/**
 * Runs git in a directory of a repository.
 * @param directory by its real path
 * @param settings of the configuration, `name=value`
 * @param files names on its standard input, for `--pathspec-from-file=- --pathspec-file-nul`
 * @returns what it prints, one character per byte
 * @throws Error with what it says where it fails, or that there is none
 */
export function git(
  directory: string,
  words: readonly string[],
  settings: readonly string[] = [],
  files: readonly string[] = [],
): string {
  const program = findGit()
  if (program === null) throw new Error('there is no git')
  const options: ExecFileSyncOptionsWithStringEncoding = {
    cwd: directory,
    encoding: 'latin1',
    maxBuffer: 1 << 30,
    input: Buffer.concat(files.flatMap((file) => [bytesOfPath(file), Buffer.of(0)])),
    stdio: 'pipe',
    env: environment(directory),
  }
  try {
    return execFileSync(program, [...[...harmless, ...settings].flatMap((each) => ['-c', each]), ...words], options)
  } catch (error) {
    const { stderr } = error as { readonly stderr?: string }
    throw new Error(stderr?.trim() || (error as Error).message)
  }
}

/** Programs that a configuration can name for what `git add` and `git commit` do. */
const programs = String.raw`^(filter\..*\.(clean|smudge|process)|gpg(\..*)?\.(program|defaultkeycommand))$`

/** Settings by which a commit runs nothing that the repository's own configuration names. */
export function withoutPrograms(directory: string): readonly string[] {
  let listed: string
  try {
    listed = git(directory, ['config', '--show-scope', '--name-only', '-z', '--get-regexp', programs])
  } catch {
    // There are none.
    return []
  }
  const words = listed.split('\0')
  const own = words.filter((_, index) => ['local', 'worktree'].includes(words[index - 1] ?? '') && index % 2 === 1)
  return own.flatMap((key) =>
    key.startsWith('gpg') ? ['commit.gpgSign=false'] : [`${key}=`, `${key.replace(/\w+$/, 'required')}=false`],
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
  else if (own.GIT_INDEX_FILE !== undefined) own.GIT_INDEX_FILE = resolve(own.GIT_INDEX_FILE)
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
