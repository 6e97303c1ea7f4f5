import { createHash } from 'node:crypto'
import { utimesSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Problem } from '../../analyzer/check/diagnostic.ts'
import { isIn } from '../../analyzer/store/places.ts'
import { readRegular } from '../../analyzer/store/regular-file.ts'
import { systemPath } from '../../analyzer/store/system-path.ts'
import { isLink, wouldBe } from '../places.ts'
import { bytesAt, isBeside, isMissing, remove, rename, renameNew, stage, statsOf } from './stage.ts'
import { ageOf, isAlive, type Owner, removeTemporaries, self, startOf, temporaryName } from './temporary.ts'

/**
 * The journal of a transaction: which files are being written, in the directory of their repository. While it is there
 * nobody else writes; who finds that of a run that was killed finishes what that had begun, or undoes it.
 */

/** The name of the journal in the directory of the repository. */
export const journalName = '.abi3lint-journal'

/** A file of a transaction. Names are relative to the journal's directory, with `/`. */
export interface Entry {
  readonly file: string
  /** Where its new text is until it gets its name. */
  readonly staged: string
  /** The second name of the old text; null for a file that is new. */
  readonly kept: string | null
  /** SHA-256 of the old text and of the new one, in hexadecimal digits; null for a file that is new. */
  readonly before: string | null
  readonly after: string
}

interface Content {
  readonly owner: Owner
  /** `staging` until all new texts are whole on the disk; from `renaming` on they get their names. */
  readonly phase: 'staging' | 'renaming'
  readonly entries: readonly Entry[]
}

export const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** How long one waits for another run, and how old a journal of an unknown place is when nobody works at it. */
const patience = 60_000
const abandoned = 30_000

/** A journal that this process holds. */
export class Journal {
  private told = Date.now()

  private constructor(private readonly directory: string) {}

  /**
   * Begins a journal, after what a run that was killed has left is settled, and others have ended.
   * @param told is told what became of the work of a run that was killed
   * @param isStopped whether somebody wants the program to end
   * @throws where the directory cannot be written to, another run does not end, or the program is to end
   */
  static async begin(
    directory: string,
    told: (problem: Problem) => void,
    isStopped: () => boolean = () => false,
  ): Promise<Journal> {
    const path = join(directory, journalName)
    for (let since = Date.now(); ; await setTimeout(20)) {
      if (isStopped()) throw new Error('it was interrupted')
      for (const problem of recover(directory)) told(problem)
      // One that is at work says so from time to time.
      if (ageOf(path) < patience / 2) since = Math.max(since, Date.now() - patience / 2)
      if (place(directory, { owner: self(), phase: 'staging', entries: [] }, false)) return new Journal(directory)
      if (Date.now() - since > patience)
        throw new Error(`another run of abi3lint does not end; if there is none, remove ${path}`)
    }
  }

  /** Writes down what is going on. @throws where it cannot */
  write(phase: Content['phase'], entries: readonly Entry[]): void {
    place(this.directory, { owner: self(), phase, entries }, true)
  }

  /** Says that the run is at work, from time to time. */
  keepAlive(): void {
    const now = Date.now()
    if (now - this.told < 5000) return
    this.told = now
    utimesSync(systemPath(join(this.directory, journalName)), now / 1000, now / 1000)
  }

  end(): void {
    remove(join(this.directory, journalName))
  }
}

/** Puts a journal in its place, whole. @returns false where there is one and it is not to be written over */
function place(directory: string, content: Content, isOver: boolean): boolean {
  const path = join(directory, journalName)
  const temporary = join(directory, temporaryName('journal'))
  stage(temporary, Buffer.from(JSON.stringify(content)), null)
  try {
    if (!isOver) return renameNew(temporary, path)
    rename(temporary, path)
    return true
  } finally {
    remove(temporary)
  }
}

/** Whether a run is writing in a repository, or was killed while it did. */
export const hasJournal = (directory: string): boolean => statsOf(join(directory, journalName)) !== null

/** The same, where the run was one of the user's own. */
export const hasOwnJournal = (directory: string): boolean => {
  const stats = statsOf(join(directory, journalName))
  return stats !== null && (process.getuid === undefined || stats.uid === process.getuid())
}

/**
 * Settles what runs have left that were killed: what was wholly staged gets its name, the rest is taken away. Nothing
 * is done while the run is at work. Only what a journal can have been written for is touched: files in the repository,
 * and names beside them that no other program gives.
 * @returns what was done; empty where there was nothing to do
 */
export function recover(directory: string): Problem[] {
  removeTemporaries(directory)
  const path = join(directory, journalName)
  if (isLink(path)) remove(path)
  const content = readJournal(path)
  if (content === null || isAtWork(content, path)) return []
  const problems: Problem[] = []
  let done = 0
  const entries = 'entries' in content ? content.entries : []
  const all = entries.flatMap((entry) => {
    const paths = pathsOf(directory, entry)
    return paths === null ? [] : [{ entry, paths }]
  })
  // Where somebody has taken back what was written, the rest is not wanted any more.
  const isWanted = 'phase' in content && content.phase === 'renaming' && !all.some(isTakenBack)
  for (const { entry, paths } of all) {
    if (isWanted && finish(entry, paths, problems)) done++
    remove(paths.staged)
    if (paths.kept !== null) remove(paths.kept)
  }
  // Another run may have settled that too, and have begun one of its own.
  if (JSON.stringify(readJournal(path)) === JSON.stringify(content)) remove(path)
  if (entries.length > 0)
    problems.unshift({
      file: journalName,
      message:
        done > 0
          ? `a run that was killed had begun to write ${entries.length} files: the rest, ${done}, is written now`
          : 'a run that was killed had left files beside those that it was to write: they are taken away',
      severity: 'warning',
    })
  return problems
}

interface Paths {
  readonly file: string
  readonly staged: string
  readonly kept: string | null
}

/** The absolute paths of an entry; null where it is none that a run writes. */
function pathsOf(directory: string, { file, staged, kept }: Entry): Paths | null {
  const path = resolve(directory, file)
  const beside = resolve(directory, staged)
  const second = kept === null ? null : resolve(directory, kept)
  const isOurs = isBeside(beside, path) && (second === null || isBeside(second, path))
  return isOurs && isIn(wouldBe(path), directory) && wouldBe(path) === path
    ? { file: path, staged: beside, kept: second }
    : null
}

/** Whether a file has got its new text and has another one by now. */
function isTakenBack({
  entry: { after },
  paths: { file, staged },
}: {
  readonly entry: Entry
  readonly paths: Paths
}): boolean {
  if (statsOf(staged) !== null) return false
  const now = bytesAt(file)
  return now === null || digest(now) !== after
}

/** Gives a staged text its name, unless somebody else has changed the file. @returns whether it did */
function finish({ file: name, before, after }: Entry, { file, staged }: Paths, problems: Problem[]): boolean {
  try {
    const text = bytesAt(staged)
    if (text === null || digest(text) !== after) return false
    const now = bytesAt(file)
    const isSame = now === null ? before === null : digest(now) === before
    if (!isSame) {
      problems.push({
        file: name,
        message: 'was changed since a run was killed: it is left as it is',
        severity: 'warning',
      })
      return false
    }
    if (now === null) return renameNew(staged, file)
    rename(staged, file)
    return true
  } catch (error) {
    if (!isMissing(error)) throw error
    return false
  }
}

/** What a journal says; `torn` where it cannot be read, null where there is none. */
function readJournal(path: string): Content | { readonly torn: true } | null {
  try {
    const content = JSON.parse(readRegular(path).toString()) as Content
    return isContent(content) ? content : { torn: true }
  } catch (error) {
    return isMissing(error) ? null : { torn: true }
  }
}

function isContent(content: unknown): content is Content {
  const { owner, phase, entries } = (content ?? {}) as Partial<Content>
  const isText = (value: unknown): boolean => typeof value === 'string'
  return (
    typeof owner?.pid === 'number' &&
    [owner.started, owner.place].every(isText) &&
    (phase === 'staging' || phase === 'renaming') &&
    Array.isArray(entries) &&
    (entries as Entry[]).every(
      (each) =>
        [each?.file, each?.staged, each?.after].every(isText) &&
        [each.kept, each.before].every((one) => one === null || isText(one)),
    )
  )
}

/** Whether the run that wrote a journal is still at work. */
function isAtWork(content: Content | { readonly torn: true }, path: string): boolean {
  if ('torn' in content || content.owner.place !== self().place) return ageOf(path) < abandoned
  const { pid, started } = content.owner
  return isAlive(pid) && (started === '' || startOf(pid) === started)
}

/** The name of a file of a repository in its journal. */
export const nameIn = (directory: string, path: string): string => relative(directory, path).split(sep).join('/')
