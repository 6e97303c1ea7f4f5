import { resolve } from 'node:path'
import { nameOf } from '../analyzer/store/disk.ts'
import { isIn } from '../analyzer/store/places.ts'
import { pathOfBytes } from '../analyzer/store/system-path.ts'
import { buildFileKind, isSourceName } from '../analyzer/workspace/source-text.ts'
import type { Store } from '../analyzer/workspace/store.ts'
import { count } from '../reports/tally.ts'
import { type Discovered, type Excluded, skipped } from './discover.ts'
import { UsageError } from './exit.ts'
import { askGit, blobsOf } from './git.ts'
import { repositoryOf } from './places.ts'

/**
 * Files as they are in a commit or in the index, by their absolute paths, as far as that is not how they are on the
 * disk: null for those that are not there. What git ignores is as on the disk, such as headers that a build makes.
 */
export type OtherFiles = ReadonlyMap<string, Uint8Array | null>

/** A commit to compare with. */
export interface BaseCommit {
  /** As messages name it. */
  readonly name: string
  readonly files: OtherFiles
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
  const changes = ['diff-index', '--raw', '-z', '--no-renames', '--no-ext-diff', '--ignore-submodules', commit]
  return { name: `${revision} (${commit.slice(0, 10)})`, files: filesOf(repository, changes) }
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
export const filesOfCommit = (current: string, commit: string): OtherFiles =>
  filesOf(repositoryFor('--history-from-git', current), [
    'diff-index',
    '--raw',
    '-z',
    '--no-renames',
    '--no-ext-diff',
    '--ignore-submodules',
    commit,
  ])

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
export function indexFiles(current: string): OtherFiles {
  const repository = repositoryFor('--staged', current)
  refuseConflicts(repository, current)
  return filesOf(repository, ['diff-files', '--raw', '-z', '--no-renames', '--no-ext-diff', '--ignore-submodules'])
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
    throw new UsageError(`git does not say what has changed: ${(error as Error).message.split('\n')[0]}`)
  }
}

function repositoryFor(option: string, current: string): string {
  const repository = repositoryOf(current)
  if (repository === null) throw new UsageError(`${option} is for a git repository, and this is none`)
  return repository
}

/** @param changes makes git list what differs from the files on the disk. Source: git-diff-index(1), "Raw output" */
function filesOf(repository: string, changes: readonly string[]): OtherFiles {
  return askedOf(() => {
    const files = new Map<string, Uint8Array | null>()
    const pathOf = (name: string): string => resolve(repository, pathOfBytes(Buffer.from(name, 'latin1')))
    for (const name of askGit(repository, ['ls-files', '-z', '--others', '--exclude-standard']).split('\0'))
      if (name !== '') files.set(pathOf(name), null)
    const objects: [path: string, object: string][] = []
    const words = askGit(repository, changes).split('\0')
    for (let at = 0; at + 1 < words.length; at += 2) {
      const [mode, here, object] = words[at]!.split(' ') as [string, string, string]
      const path = pathOf(words[at + 1]!)
      // Links and submodules are as on the disk; a file that was one of them is new.
      if (mode === ':000000' || (!mode.startsWith(':100') && here.startsWith('100'))) files.set(path, null)
      else if (mode.startsWith(':100')) objects.push([path, object])
    }
    const texts = new Map(blobsOf(repository, new Set(objects.map(([, object]) => object))))
    for (const [path, object] of objects) {
      const bytes = texts.get(object) ?? null
      if (bytes === null) throw new Error(`it lacks the object ${object}; a partial clone has to fetch it`)
      files.set(path, bytes)
    }
    return files
  })
}

/**
 * What would be found if files were as elsewhere.
 * @param root what files are named relative to
 * @param isExcluded tells what is left out; null for nothing
 */
export function discoveredAs(
  found: Discovered,
  others: OtherFiles,
  root: string,
  isExcluded: Excluded | null,
): Discovered {
  const isHere = (name: string): boolean => others.get(resolve(root, name)) !== null
  // What was named and is nowhere but among the others.
  const unsaved = found.problems.flatMap(({ file, named }) => {
    const path = resolve(root, file)
    return named && others.get(path) && !isExcluded?.(path) ? [{ file, path }] : []
  })
  const roots = [...found.roots, ...unsaved.map(({ path }) => ({ path, isDirectory: false, isLink: false }))]
  const known = new Set([...found.sources, ...found.buildFiles])
  const more = [...others].flatMap(([path, bytes]) => {
    const name = nameOf(root, path)
    const isAsked = roots.some((each) => isIn(path, each.path)) && !name.split('/').some((part) => skipped.has(part))
    return bytes === null || known.has(name) || !isAsked || isExcluded?.(path) ? [] : [name]
  })
  return {
    ...found,
    roots,
    problems: found.problems.filter(({ file }) => !unsaved.some((each) => each.file === file)),
    sources: [...found.sources.filter(isHere), ...more.filter(isSourceName)].sort(),
    buildFiles: [...found.buildFiles.filter(isHere), ...more.filter((name) => buildFileKind(name) !== null)].sort(),
  }
}

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
