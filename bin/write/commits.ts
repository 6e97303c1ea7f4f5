import { join, relative, resolve, sep } from 'node:path'
import type { Problem } from '../../analyzer/check/diagnostic.ts'
import { bytesOfPath, pathOfBytes } from '../../analyzer/store/system-path.ts'
import { git, type Setting, withoutPrograms } from '../git.ts'
import { isRepository, repositoryOf, wouldBe } from '../places.ts'
import { bytesAt, remove, stage, statsOf } from './stage.ts'
import { isOfRunning, temporariesIn, temporaryName } from './temporary.ts'

/** Commits of what a run writes: whether they can be made, asked before anything is written, and how they are made. */

/** What git has in its directory while it is in the middle of something, and how that is ended. */
const unfinished: readonly (readonly [file: string, what: string])[] = [
  ['rebase-merge', 'a rebase is going on; finish it, or `git rebase --abort`'],
  ['rebase-apply/applying', 'patches are being applied; finish it, or `git am --abort`'],
  ['rebase-apply', 'a rebase is going on; finish it, or `git rebase --abort`'],
  ['MERGE_HEAD', 'a merge is going on; finish it, or `git merge --abort`'],
  ['CHERRY_PICK_HEAD', 'commits are being picked; finish it, or `git cherry-pick --abort`'],
  ['REVERT_HEAD', 'commits are being reverted; finish it, or `git revert --abort`'],
  ['sequencer', 'commits are being picked or reverted; finish it, or `git cherry-pick --abort`'],
  ['BISECT_LOG', 'a bisection is going on; finish it with `git bisect reset`'],
]

/**
 * Why nothing can be committed in a repository now, whatever it is; empty where it can.
 * @param repository its directory, by its real path
 */
export function problemsOfCommits(repository: string): readonly Problem[] {
  if (!isRepository(repository)) return [problem('this is no git repository')]
  try {
    const directory = directoryOf(repository)
    const pathOf = (name: string): string => `${directory}${sep}${name}`
    const [state] = unfinished.filter(([name]) => statsOf(pathOf(name)) !== null)
    const branch = branchOf(repository)
    const ofBranch = branch === null ? [] : [pathFrom(git(repository, ['rev-parse', '--git-path', `${branch}.lock`]))]
    const locks = [pathOf('index.lock'), pathOf('HEAD.lock'), ...ofBranch.map((each) => resolve(repository, each))]
    const lock = locks.find((path) => statsOf(path) !== null)
    const isStaged = git(repository, ['diff', '--cached', '--name-only', '--no-ext-diff', '--no-textconv']) !== ''
    const killed = uncommitted(repository)
    return [
      ...(state === undefined ? [] : [state[1]]),
      ...(branch === null && state === undefined
        ? ['HEAD is at no branch, so commits would be on none; switch to one first, `git switch -c NAME` for a new one']
        : []),
      ...(lock === undefined
        ? []
        : [`git is at work there; if it is not any more, remove ${relative(repository, lock).split(sep).join('/')}`]),
      ...authorProblems(repository),
      ...(killed.length > 0
        ? [
            `a run that was killed had begun to write ${killed.join(', ')}, and had not committed that; ` +
              'commit it, or bring back what there was',
          ]
        : isStaged
          ? ['something is staged already; commit it first']
          : []),
    ].map(problem)
  } catch (error) {
    return [problem(firstLines(error))]
  }
}

/**
 * Why files could not be committed in a repository; empty where they can.
 * @param files relative to the current directory, there or not
 */
export function problemsOfFiles(repository: string, files: readonly string[]): readonly Problem[] {
  const elsewhere = files.flatMap((file): Problem[] => {
    const own = repositoryOf(wouldBe(file))
    if (own === repository) return []
    const message = 'is in a repository of its own, a submodule perhaps; run port there, so that it is committed there'
    return [{ file, message, severity: 'error' }]
  })
  if (elsewhere.length > 0 || files.length === 0) return elsewhere
  try {
    const settings = withoutPrograms(repository)
    const ignored = ignoredOf(repository, settings, files)
    if (ignored.length > 0) return ignored
    git(
      repository,
      ['--literal-pathspecs', 'add', '--dry-run', '--ignore-missing', ...named],
      settings,
      list(repository, files),
    )
    return []
  } catch (error) {
    return [problem(firstLines(error))]
  }
}

/**
 * Commits files, and nothing else, without the hooks and programs of the repository. Where that fails nothing stays
 * staged.
 * @param files relative to the current directory
 * @throws what git says
 */
export function commit(repository: string, files: readonly string[], message: string): void {
  const settings = withoutPrograms(repository)
  const names = list(repository, files)
  try {
    git(repository, ['--literal-pathspecs', 'add', ...named], settings, names)
    git(repository, ['--literal-pathspecs', 'commit', '-q', '-m', message, ...named], settings, names)
  } catch (error) {
    try {
      git(repository, ['--literal-pathspecs', 'reset', '-q', ...named], settings, names)
    } catch {
      // What keeps git from committing may keep it from this, too.
    }
    throw new Error(firstLines(error))
  }
}

/**
 * Writes down in git's directory what is to be written and committed, for who finds this run killed before it is.
 * @param files relative to the current directory
 * @returns what takes that away
 */
export function announce(repository: string, files: readonly string[]): () => void {
  try {
    const path = join(directoryOf(repository), temporaryName('commit'))
    stage(path, Buffer.from(list(repository, files), 'latin1'), null)
    return () => remove(path)
  } catch {
    // Git has no room for a commit either, and says why.
    return () => undefined
  }
}

/** The files, from the repository's directory on, that runs have announced which were killed, and that differ. */
function uncommitted(repository: string): readonly string[] {
  const directory = directoryOf(repository)
  const left = temporariesIn(directory, ['commit']).filter((name) => !isOfRunning(join(directory, name), name))
  if (left.length === 0) return []
  const words = ['status', '--porcelain', '-z', '--no-renames', '--untracked-files=all', '--ignore-submodules']
  const states = git(repository, words, withoutPrograms(repository)).split('\0')
  const differing = new Set(states.map((each) => each.slice(3)))
  const files = left.flatMap((name) => {
    const announced = (bytesAt(join(directory, name)) ?? Buffer.of()).toString('latin1').split('\0')
    const those = announced.filter((each) => each !== '' && differing.has(each))
    // It was killed later, or somebody has settled it.
    if (those.length === 0) remove(join(directory, name))
    return those
  })
  return [...new Set(files)].map((each) => pathOfBytes(Buffer.from(each, 'latin1')))
}

/** Git's own directory for a working tree. */
const directoryOf = (repository: string): string => pathFrom(git(repository, ['rev-parse', '--absolute-git-dir']))

const problem = (message: string): Problem => ({ file: '--commits', message, severity: 'error' })

/** The files that a command is about stand on its standard input. */
const named = ['--pathspec-from-file=-', '--pathspec-file-nul']

/** The names of files for that, from the repository's directory on, one character per byte. */
const list = (repository: string, files: readonly string[]): string =>
  files.map((file) => `${bytesOfPath(inRepository(repository, file)).toString('latin1')}\0`).join('')

const inRepository = (repository: string, file: string): string =>
  relative(repository, wouldBe(file)).split(sep).join('/')

/** A path that git prints. */
const pathFrom = (printed: string): string => pathOfBytes(Buffer.from(printed.replace(/\r?\n$/, ''), 'latin1'))

/** The branch that commits go to, by its whole name; null for none. */
function branchOf(repository: string): string | null {
  try {
    return pathFrom(git(repository, ['symbolic-ref', '-q', 'HEAD']))
  } catch (error) {
    if ((error as { readonly status?: number }).status === 1) return null
    throw error
  }
}

/** Why git does not know in whose name to commit. */
function authorProblems(repository: string): readonly string[] {
  try {
    for (const each of ['GIT_AUTHOR_IDENT', 'GIT_COMMITTER_IDENT']) git(repository, ['var', each])
    return []
  } catch {
    return ['git does not know in whose name to commit; set `git config user.name` and `git config user.email`']
  }
}

/** Files that git would not take, and by which pattern. */
function ignoredOf(repository: string, settings: readonly Setting[], files: readonly string[]): readonly Problem[] {
  let listed: string
  try {
    listed = git(repository, ['check-ignore', '--stdin', '-z', '--verbose'], settings, list(repository, files))
  } catch (error) {
    // None is.
    if ((error as { readonly status?: number }).status === 1) return []
    throw error
  }
  const words = listed.split('\0').map((each) => pathOfBytes(Buffer.from(each, 'latin1')))
  const byName = new Map(files.map((file) => [inRepository(repository, file), file]))
  return words.flatMap((source, index): Problem[] => {
    const [line, pattern, name] = words.slice(index + 1)
    if (index % 4 !== 0 || name === undefined || pattern!.startsWith('!')) return []
    const message =
      `would be new, and git ignores it (\`${pattern}\`, ${source}:${line}), so that no commit would have it; ` +
      'let git take it, as by a line that begins with `!`'
    return [{ file: byName.get(name) ?? name, message, severity: 'error' }]
  })
}

/** What git says, in one line, without its advice. */
function firstLines(error: unknown): string {
  const lines = (error as Error).message.split('\n').map((line) => line.trim())
  const advice = lines.findIndex((line) => line.startsWith('hint:'))
  return `git says: ${lines
    .slice(0, advice < 0 ? undefined : advice)
    .filter(Boolean)
    .slice(0, 4)
    .join(' ')}`
}
