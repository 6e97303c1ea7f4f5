import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Problem } from '../analyzer/check/diagnostic.ts'
import { nameOf } from '../analyzer/store/disk.ts'
import { isIn } from '../analyzer/store/places.ts'
import { pathOfBytes, systemPath } from '../analyzer/store/system-path.ts'
import { buildFileKind, isSourceName } from '../analyzer/workspace/source-text.ts'
import type { Store } from '../analyzer/workspace/store.ts'
import { count } from '../reports/tally.ts'
import { type Discovered, type Excluded, skipped } from './discover.ts'
import { UsageError } from './exit.ts'
import { askGit, blobsOf } from './git.ts'
import { isRepository, repositoryOf } from './places.ts'

/**
 * Files as they are in a commit or in the index, by their absolute paths, as far as that is not how they are on the
 * disk: null for those that are not there. What git ignores is as on the disk, such as headers that a build makes.
 */
export type OtherFiles = ReadonlyMap<string, Uint8Array | null>

/** A commit to compare with. */
export interface BaseCommit extends Sight {
  /** As messages name it. */
  readonly name: string
}

/** Files as they are elsewhere, and what is to be said of those that are not known. */
export interface Sight {
  readonly files: OtherFiles
  readonly problems: readonly Problem[]
}

/**
 * The commit from which the current one and another one both come.
 * @param current the current directory by its real path
 * @param revision as git takes it: a branch, a tag, a commit
 * @throws UsageError where there is no repository, no such commit, or none that both come from
 */
export function baseCommit(current: string, revision: string): BaseCommit {
  const repository = repositoryFor('--diff-base', current)
  const ask = (words: readonly string[]): string => askGit(repository, words).trim()
  if (revision.startsWith('-')) throw new UsageError(`--diff-base ${revision}: a branch, a tag or a commit`)
  try {
    ask(['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`])
  } catch {
    throw new UsageError(`--diff-base ${revision}: git knows no such commit; a shallow clone needs fetch-depth: 0`)
  }
  let commit: string
  try {
    commit = ask(['merge-base', revision, 'HEAD'])
  } catch {
    throw new UsageError(
      `--diff-base ${revision}: has no commit in common with this one; a shallow clone needs fetch-depth: 0`,
    )
  }
  return { name: `${revision} (${commit.slice(0, 10)})`, ...sightOf(repository, commit, current) }
}

/** A commit in the history of a project. */
export interface PastCommit {
  readonly commit: string
  /** When it was made, in seconds since 1970. */
  readonly time: number
}

/**
 * Commits of a range, evenly spread over it: its first and its last are among them.
 * @param current the current directory by its real path
 * @param range as git takes it, `v1.0..HEAD`; the commit before the dots is the first
 * @param samples how many at most, from 2
 * @throws UsageError where there is no repository or no such range
 */
export function sampledCommits(current: string, range: string, samples: number): readonly PastCommit[] {
  const option = '--history-from-git'
  const repository = repositoryFor(option, current)
  const list = (words: readonly string[]): readonly PastCommit[] =>
    askGit(repository, ['log', '--first-parent', '--no-show-signature', '--format=%H %ct', ...words, '--'])
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [{ commit: line.split(' ')[0]!, time: Number(line.split(' ')[1]) }]))
  if (range.startsWith('-')) throw new UsageError(`${option} ${range}: a range of commits, such as v1.0..HEAD`)
  let all: readonly PastCommit[]
  try {
    const base = range.split('..')[0]!
    const first = range.includes('..') && base !== '' ? list(['-1', '--end-of-options', base]) : []
    all = [...first, ...[...list(['--end-of-options', range])].reverse()]
  } catch {
    throw new UsageError(`${option} ${range}: git knows no such commits; a shallow clone needs fetch-depth: 0`)
  }
  if (all.length <= samples) return all
  return Array.from({ length: samples }, (_, at) => all[Math.round((at * (all.length - 1)) / (samples - 1))]!)
}

/**
 * The files of a commit, as far as they are others on the disk.
 * @param current the current directory by its real path
 * @throws UsageError where git does not say them
 */
export const filesOfCommit = (current: string, commit: string): Sight =>
  sightOf(repositoryFor('--history-from-git', current), commit, current)

/** The current commit of a repository; empty where it has none. @param repository its directory by its real path */
export function headOf(repository: string): string {
  try {
    return askGit(repository, ['rev-parse', '--verify', '--quiet', 'HEAD']).trim()
  } catch {
    return ''
  }
}

/**
 * The files of the index, as far as they are others on the disk.
 * @param current the current directory by its real path
 * @throws UsageError where there is no repository, and where a merge is not resolved
 */
export function indexFiles(current: string): Sight {
  const repository = repositoryFor('--staged', current)
  refuseConflicts(repository, current)
  return sightOf(repository, null, current)
}

/** Of a file that is in conflict the index has several texts, and none that git would commit. */
function refuseConflicts(repository: string, current: string): void {
  const entries = askedOf(() => askGit(repository, ['ls-files', '--unmerged', '-z']).split('\0'))
  const [first, ...more] = new Set(
    entries.flatMap((entry) => (entry === '' ? [] : [entry.slice(entry.indexOf('\t') + 1)])),
  )
  if (first === undefined) return
  const file = nameOf(current, resolve(repository, pathOfBytes(Buffer.from(first, 'latin1'))))
  const others = more.length === 0 ? '' : ` and ${count(more.length, 'other')}`
  const are = more.length === 0 ? 'is' : 'are'
  throw new UsageError(
    `--staged: ${file}${others} ${are} in a merge that is not resolved; git commits nothing before it is`,
  )
}

/** What git says. @throws UsageError where it does not */
function askedOf<T>(ask: () => T): T {
  try {
    return ask()
  } catch (error) {
    throw new UsageError(`git does not say what has changed: ${firstLine(error)}`)
  }
}

function repositoryFor(option: string, current: string): string {
  const repository = repositoryOf(current)
  if (repository === null) throw new UsageError(`${option} is for a git repository, and this is none`)
  return repository
}

/** @param commit null for the index */
function sightOf(repository: string, commit: string | null, current: string): Sight {
  const elsewhere = new Elsewhere(current)
  askedOf(() => elsewhere.take(repository, commit, 0))
  return elsewhere
}

const firstLine = (error: unknown): string => (error as Error).message.split('\n')[0]!

/** Submodules in submodules that are looked into. */
const deepest = 10

/** Reads what differs from the files on the disk. */
class Elsewhere implements Sight {
  readonly files = new Map<string, Uint8Array | null>()
  readonly problems: Problem[] = []

  constructor(private readonly current: string) {}

  /**
   * Takes down what a repository and its submodules have elsewhere.
   * @param commit null for the index
   * @throws Error where git does not say
   */
  take(repository: string, commit: string | null, depth: number): void {
    this.takeFiles(repository, commit)
    const before = submodules(repository, commit)
    for (const [path, object] of before) {
      if (!isRepository(path) || depth > deepest) continue
      try {
        this.take(path, object, depth + 1)
      } catch (error) {
        const message = 'is a submodule that is taken as it is now: git does not say what it was'
        const file = nameOf(this.current, path)
        this.problems.push({ file, message: `${message}: ${firstLine(error)}`, severity: 'warning' })
      }
    }
    if (commit === null) return
    for (const [path] of submodules(repository, null))
      if (!before.has(path) && isRepository(path))
        for (const each of namesIn(path, ['--cached', '--others', '--exclude-standard'])) this.files.set(each, null)
  }

  /** Source: git-diff-index(1), "Raw output" */
  private takeFiles(repository: string, commit: string | null): void {
    for (const path of namesIn(repository, ['--others', '--exclude-standard'])) this.files.set(path, null)
    const plain = ['--raw', '-z', '--no-renames', '--no-ext-diff', '--ignore-submodules']
    const changes = commit === null ? ['diff-files', ...plain] : ['diff-index', ...plain, commit]
    const objects: [path: string, object: string][] = []
    const words = askGit(repository, changes).split('\0')
    for (let at = 0; at + 1 < words.length; at += 2) {
      const [mode, here, object] = words[at]!.split(' ') as [string, string, string]
      const path = pathIn(repository, words[at + 1]!)
      // Links are as on the disk; a file that was one of them, or a submodule, is new.
      if (mode === ':000000' || (!mode.startsWith(':100') && here.startsWith('100'))) this.files.set(path, null)
      else if (mode.startsWith(':100')) objects.push([path, object])
    }
    const texts = new Map(blobsOf(repository, new Set(objects.map(([, object]) => object))))
    for (const [path, object] of objects) {
      const bytes = texts.get(object) ?? null
      if (bytes === null) throw new Error(`it lacks the object ${object}; a partial clone has to fetch it`)
      this.files.set(path, bytes)
    }
  }
}

const pathIn = (repository: string, name: string): string =>
  resolve(repository, pathOfBytes(Buffer.from(name, 'latin1')))

const namesIn = (repository: string, which: readonly string[]): readonly string[] =>
  askGit(repository, ['ls-files', '-z', ...which])
    .split('\0')
    .flatMap((name) => (name === '' ? [] : [pathIn(repository, name)]))

/**
 * The submodules of a commit, or of the index for null: their directories, and the commits that are meant of them.
 * Source: git-ls-files(1), git-ls-tree(1), "Output format"
 */
function submodules(repository: string, commit: string | null): ReadonlyMap<string, string> {
  const words = commit === null ? ['ls-files', '-s', '-z'] : ['ls-tree', '-r', '-z', commit]
  const found = new Map<string, string>()
  for (const line of askGit(repository, words).split('\0')) {
    const match = /^160000 (?:commit )?([0-9a-f]+)[^\t]*\t(.+)$/s.exec(line)
    if (match) found.set(pathIn(repository, match[2]!), match[1]!)
  }
  return found
}

/**
 * What would be found if files were as elsewhere.
 * @param root what files are named relative to
 * @param isExcluded tells what is left out; null for nothing
 * @param follows whether files count, too, that are not there any more, wherever they were, if something of what was
 * asked for is not there yet elsewhere: it may have been moved
 */
export function discoveredAs(
  found: Discovered,
  others: OtherFiles,
  root: string,
  isExcluded: Excluded | null,
  follows: boolean,
): Discovered {
  const isHere = (name: string): boolean => others.get(resolve(root, name)) !== null
  // What was named and is nowhere but among the others.
  const unsaved = found.problems.flatMap(({ file, named }) => {
    const path = resolve(root, file)
    return named && others.get(path) && !isExcluded?.(path) ? [{ file, path }] : []
  })
  const roots = [...found.roots, ...unsaved.map(({ path }) => ({ path, isDirectory: false, isLink: false }))]
  const mayBeMoved = follows && !found.sources.every(isHere)
  const known = new Set([...found.sources, ...found.buildFiles])
  const more = [...others].flatMap(([path, bytes]) => {
    const name = nameOf(root, path)
    if (bytes === null || known.has(name) || name.split('/').some((part) => skipped.has(part))) return []
    const isAsked = roots.some((each) => isIn(path, each.path)) || (mayBeMoved && isGone(path))
    return !isAsked || isExcluded?.(path) ? [] : [name]
  })
  return {
    ...found,
    roots,
    problems: found.problems.filter(({ file }) => !unsaved.some((each) => each.file === file)),
    sources: [...found.sources.filter(isHere), ...more.filter(isSourceName)].sort(),
    buildFiles: [...found.buildFiles.filter(isHere), ...more.filter((name) => buildFileKind(name) !== null)].sort(),
  }
}

/** Whether there is no file of a name on the disk. */
export const isGone = (path: string): boolean => !existsSync(systemPath(path))

/** A store with some files as they are elsewhere. Threads read files by themselves, so it has none. */
export function storeOf(store: Store, others: OtherFiles, root: string): Store {
  const { threads: _, ...alone } = store
  return {
    ...alone,
    read(name) {
      const bytes = others.get(resolve(root, name))
      if (bytes === undefined) return store.read(name)
      return bytes === null ? { problem: 'there is no such file or directory' } : { bytes }
    },
    find(path) {
      const absolute = resolve(root, path)
      const bytes = others.get(absolute)
      if (bytes === undefined) return store.find(path)
      return bytes === null ? null : nameOf(root, absolute)
    },
  }
}
