import { createHash } from 'node:crypto'
import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve, sep } from 'node:path'
import type { Problem } from '../../analyzer/check/diagnostic.ts'
import { bytesOfPath, pathOfBytes, systemPath } from '../../analyzer/store/system-path.ts'
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
      ...objectProblems(repository),
      ...signingProblems(repository),
    ].map(problem)
  } catch (error) {
    return [problem(firstLines(error))]
  }
}

/** What is committed of a file. */
export interface CommittedFile {
  /** Relative to the current directory. */
  readonly file: string
  /** Whether it is not there yet. */
  readonly isNew: boolean
  /** What is written. */
  readonly bytes: Uint8Array
}

/** Why files could not be committed in a repository; empty where they can. */
export function problemsOfFiles(repository: string, files: readonly CommittedFile[]): readonly Problem[] {
  const elsewhere = files.flatMap(({ file }): Problem[] => {
    const own = repositoryOf(wouldBe(file))
    if (own === repository) return []
    const message = 'is in a repository of its own, a submodule perhaps; run port there, so that it is committed there'
    return [{ file, message, severity: 'error' }]
  })
  if (elsewhere.length > 0 || files.length === 0) return elsewhere
  try {
    const settings = withoutPrograms(repository)
    const all = files.map(({ file }) => file)
    const refused = [
      ...ignoredOf(repository, settings, all),
      ...sparseProblems(
        repository,
        files.flatMap(({ file, isNew }) => (isNew ? [file] : [])),
      ),
      ...lineEndProblems(repository, files),
    ]
    if (refused.length > 0) return refused
    git(
      repository,
      ['--literal-pathspecs', 'add', '--dry-run', '--ignore-missing', ...named],
      settings,
      list(repository, all),
    )
    return []
  } catch (error) {
    return [problem(firstLines(error))]
  }
}

/**
 * Commits files as they were written, and nothing else, without the hooks and programs of the repository. Where that
 * fails, or one is not what was written any more, nothing stays staged.
 * @throws what git says, or which file was changed
 */
export function commit(repository: string, files: readonly CommittedFile[], message: string): void {
  const settings = withoutPrograms(repository)
  const names = list(
    repository,
    files.map(({ file }) => file),
  )
  try {
    git(repository, ['--literal-pathspecs', 'add', ...named], settings, names)
    expectStaged(repository, files)
    // By the names of files git would read these once more.
    git(repository, ['commit', '-q', '-m', message], settings)
  } catch (error) {
    try {
      git(repository, ['--literal-pathspecs', 'reset', '-q', ...named], settings, names)
    } catch {
      // What keeps git from committing may keep it from this, too.
    }
    throw error instanceof ChangedFile ? error : new Error(firstLines(error))
  }
}

/** Somebody else has changed what is to be committed. */
class ChangedFile extends Error {}

/** @throws ChangedFile where something else is staged than what was written */
function expectStaged(repository: string, files: readonly CommittedFile[]): void {
  const staged = git(repository, [
    'diff',
    '--cached',
    '--name-only',
    '-z',
    '--no-ext-diff',
    '--no-textconv',
    '--no-renames',
  ])
  const nameOf = (file: string): string => bytesOfPath(inRepository(repository, file)).toString('latin1')
  const own = new Set(files.map(({ file }) => nameOf(file)))
  const other = staged.split('\0').find((name) => name !== '' && !own.has(name))
  if (other !== undefined) throw new ChangedFile(`${pathFrom(other)} was staged meanwhile`)
  const entries = git(repository, ['ls-files', '-s', '-z']).split('\0')
  const ids = new Map(
    entries.map((entry): [string, string] => [entry.slice(entry.indexOf('\t') + 1), entry.split(' ')[1] ?? '']),
  )
  for (const { file, bytes } of files) {
    const id = ids.get(nameOf(file)) ?? ''
    // Git may store other line ends than those of the file: then the file itself tells.
    if (id === blobId(bytes, id.length) || holds(file, bytes)) continue
    throw new ChangedFile(`${file} was changed by somebody else after it was written`)
  }
}

/** The name of an object that holds bytes. @param length that of names in the repository */
const blobId = (bytes: Uint8Array, length: number): string =>
  createHash(length === 64 ? 'sha256' : 'sha1')
    .update(`blob ${bytes.length}\0`)
    .update(bytes)
    .digest('hex')

function holds(file: string, bytes: Uint8Array): boolean {
  try {
    return readFileSync(systemPath(resolve(file))).equals(bytes)
  } catch {
    return false
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
    stage(path, [Buffer.from(list(repository, files), 'latin1')], null)
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

/** Why git cannot write what it stores. */
function objectProblems(repository: string): readonly string[] {
  const directory = resolve(repository, pathFrom(git(repository, ['rev-parse', '--git-path', 'objects'])))
  try {
    accessSync(systemPath(directory), constants.W_OK)
    return []
  } catch {
    return ['nobody lets this user write into .git/objects']
  }
}

/** Why commits cannot be signed, where they are to be: one is, of which nothing stays. */
function signingProblems(repository: string): readonly string[] {
  const settings = withoutPrograms(repository)
  if (configured(repository, 'commit.gpgSign', settings, '--type=bool') !== 'true') return []
  const objects = resolve(repository, pathFrom(git(repository, ['rev-parse', '--git-path', 'objects'])))
  const scratch = mkdtempSync(join(tmpdir(), 'abi3lint-'))
  const variables = { GIT_OBJECT_DIRECTORY: scratch, GIT_ALTERNATE_OBJECT_DIRECTORIES: JSON.stringify(objects) }
  try {
    const tree = git(repository, ['hash-object', '-w', '-t', 'tree', '--stdin'], settings, '', variables).trim()
    git(repository, ['commit-tree', '-S', '-m', 'Try to sign', tree], settings, '', variables)
    return []
  } catch (error) {
    return [`commits are to be signed (commit.gpgSign), and cannot be; ${firstLines(error)}`]
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** What git is configured to; null for nothing. */
function configured(repository: string, key: string, settings: readonly Setting[], ...words: string[]): string | null {
  try {
    return git(repository, ['config', ...words, '--get', key], settings).trim()
  } catch (error) {
    if ((error as { readonly status?: number }).status === 1) return null
    throw error
  }
}

/** Files that would be new, and that a sparse checkout leaves out: git does not add them. */
function sparseProblems(repository: string, files: readonly string[]): readonly Problem[] {
  if (files.length === 0 || configured(repository, 'core.sparseCheckout', [], '--type=bool') !== 'true') return []
  const patterns = resolve(repository, pathFrom(git(repository, ['rev-parse', '--git-path', 'info/sparse-checkout'])))
  if (statsOf(patterns) === null) return []
  const taken = new Set(
    matchesOf(repository, [['core.excludesFile', patterns]], files).flatMap(({ source, pattern, name }) =>
      resolve(repository, source) === patterns && !pattern.startsWith('!') ? [name] : [],
    ),
  )
  return files
    .filter((file) => !taken.has(inRepository(repository, file)))
    .map((file) => ({
      file,
      message: 'would be new, and the sparse checkout leaves it out; let it in by `git sparse-checkout add`',
      severity: 'error',
    }))
}

/** Files whose line ends git would refuse to change (core.safecrlf). */
function lineEndProblems(repository: string, files: readonly CommittedFile[]): readonly Problem[] {
  const isOn = (key: string): boolean => /^(?:true|yes|on|1)$/i.test(configured(repository, key, []) ?? '')
  if (files.length === 0 || !isOn('core.safecrlf')) return []
  const converts = isOn('core.autocrlf')
  const names = files.map(({ file }) => file)
  const words = git(repository, ['check-attr', '--stdin', '-z', 'text', 'eol'], [], list(repository, names)).split('\0')
  // For each file its name, `text` and its value, its name, `eol` and its value.
  return files.flatMap(({ file, bytes }, index): Problem[] => {
    const [text, end] = [words[index * 6 + 2], words[index * 6 + 5]]
    const isConverted = end === 'crlf' || (end === 'unspecified' && text !== 'unset' && converts)
    const isPlain = bytes.includes(0x0a) && !bytes.includes(0x0d) && !bytes.includes(0)
    const message =
      'has line ends that git would change and, by core.safecrlf, refuses to; ' +
      'set that to `warn`, or let .gitattributes say `eol=lf`'
    return isConverted && isPlain ? [{ file, message, severity: 'error' }] : []
  })
}

/** Files that git would not take, and by which pattern. */
function ignoredOf(repository: string, settings: readonly Setting[], files: readonly string[]): readonly Problem[] {
  const byName = new Map(files.map((file) => [inRepository(repository, file), file]))
  return matchesOf(repository, settings, files).flatMap(({ source, line, pattern, name }): Problem[] => {
    if (pattern.startsWith('!')) return []
    const message =
      `would be new, and git ignores it (\`${pattern}\`, ${source}:${line}), so that no commit would have it; ` +
      'let git take it, as by a line that begins with `!`'
    return [{ file: byName.get(name) ?? name, message, severity: 'error' }]
  })
}

/** The pattern that decides of each file whether it is ignored, and where it stands. */
interface Match {
  readonly source: string
  readonly line: string
  readonly pattern: string
  readonly name: string
}

/** Of files those that a pattern is for, to ignore them or not. */
function matchesOf(repository: string, settings: readonly Setting[], files: readonly string[]): readonly Match[] {
  let listed: string
  try {
    listed = git(repository, ['check-ignore', '--stdin', '-z', '--verbose'], settings, list(repository, files))
  } catch (error) {
    // None is.
    if ((error as { readonly status?: number }).status === 1) return []
    throw error
  }
  const words = listed.split('\0').map((each) => pathOfBytes(Buffer.from(each, 'latin1')))
  return words.flatMap((source, index): Match[] => {
    const [line, pattern, name] = words.slice(index + 1)
    return index % 4 === 0 && name !== undefined ? [{ source, line: line!, pattern: pattern!, name }] : []
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
