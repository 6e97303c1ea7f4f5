import { createHash } from 'node:crypto'
import { utimesSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Problem } from '../../analyzer/check/diagnostic.ts'
import { reason } from '../../analyzer/store/reason.ts'
import { readRegular } from '../../analyzer/store/regular-file.ts'
import { systemPath } from '../../analyzer/store/system-path.ts'
import { wouldBe } from '../places.ts'
import { bytesAt, isBesideName, isMissing, remove, rename, renameNew, settleNames, stage, statsOf } from './stage.ts'
import { ageOf, isOfRunning, removeTemporaries, temporariesIn, temporaryName } from './temporary.ts'

/**
 * The journal of a transaction: a file in each directory in which files are written, with one name in all of them,
 * which says whose it is. Who is to write in a directory sees by that who else does, whatever either was asked for. The
 * first of them says how far the run is; each says what is written beside it, so it can do nothing elsewhere. While one
 * of them is there nobody else writes in its directory; who finds that of a run that was killed finishes in all
 * directories what that had begun, or undoes it.
 */

/** A file of a transaction, by names in the journal's directory. */
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

/**
 * `staging` until all new texts are whole on the disk; from `renaming` on they get their names, unless something fails:
 * from `undoing` on they lose them again; from `reusing` on all have them.
 */
const phases = ['staging', 'renaming', 'undoing', 'reusing'] as const
export type Phase = (typeof phases)[number]

interface Content {
  /** The directory of the first journal, and in that one those of the others, relative to its own, with `/`. */
  readonly first: string
  readonly others: readonly string[]
  /** How far the run is; only that of the first one counts. */
  readonly phase: Phase
  readonly entries: readonly Entry[]
}

export const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** How long one waits for another run, in milliseconds. */
const patience = 60_000

/** Journals that this process holds, one in each of some directories. */
export class Journal {
  private readonly name = temporaryName('journal')
  private readonly entries = new Map<string, readonly Entry[]>()
  private told = Date.now()

  private constructor(private readonly directories: readonly string[]) {}

  /**
   * Begins a journal, after what runs that were killed have left is settled, and others have ended.
   * @param directories in which files may be written, by their real paths; at least one
   * @param told is told what became of the work of a run that was killed
   * @param isStopped whether somebody wants the program to end
   * @throws JournalError where a directory cannot be written to; Error where another run does not end, or the program
   * is to end
   */
  static async begin(
    directories: readonly string[],
    told: (problem: Problem) => void,
    isStopped: () => boolean = () => false,
  ): Promise<Journal> {
    const journal = new Journal([...new Set(directories)].sort())
    // Two that see each other both go back, so they do not wait equally long.
    for (let since = Date.now(); ; await setTimeout(10 + 30 * Math.random())) {
      if (isStopped()) throw new Error('it was interrupted')
      for (const problem of journal.directories.flatMap(recover)) told(problem)
      const other = journal.other() ?? journal.place()
      if (other === null) return journal
      // One that is at work says so from time to time.
      if (ageOf(other) < patience / 2) since = Math.max(since, Date.now() - patience / 2)
      if (Date.now() - since > patience)
        throw new Error(`another run of abi3lint does not end; if there is none, remove ${other}`)
    }
  }

  /** Writes down what is going to be written, by directory. @throws where it cannot */
  write(entries: ReadonlyMap<string, readonly Entry[]>): void {
    for (const directory of this.directories) {
      this.entries.set(directory, entries.get(directory) ?? [])
      this.rewrite(directory, 'staging')
    }
  }

  /** Goes to the next phase, after all names are on the disk that the one before gave. @throws where it cannot */
  advance(phase: Phase): void {
    for (const directory of this.directories) settleNames(directory)
    this.rewrite(this.directories[0]!, phase)
    settleNames(this.directories[0]!)
  }

  /** Says that the run is at work, from time to time. */
  keepAlive(): void {
    const now = Date.now()
    if (now - this.told < 5000) return
    this.told = now
    for (const directory of this.directories) utimesSync(systemPath(join(directory, this.name)), now / 1000, now / 1000)
  }

  /** Ends it, the first one last. What cannot be removed is left to the next run. */
  end(): void {
    for (const directory of [...this.directories].reverse()) attempt(() => remove(join(directory, this.name)))
  }

  /** The path of the journal of another run that is at work in one of the directories; null for none. */
  private other(): string | null {
    for (const directory of this.directories)
      for (const name of journalsIn(directory))
        if (name !== this.name && isOfRunning(join(directory, name), name)) return join(directory, name)
    return null
  }

  /** Puts journals in their places. @returns that of another run which did the same; then these are gone */
  private place(): string | null {
    try {
      for (const directory of this.directories)
        attempt(
          () => stage(join(directory, this.name), this.content(directory, 'staging'), null, false),
          (error) => new JournalError(directory, error),
        )
    } catch (error) {
      this.end()
      throw error
    }
    const other = this.other()
    if (other !== null) this.end()
    return other
  }

  /** Writes a journal anew, whole. @throws where it cannot, or where the run has been taken for one that was killed */
  private rewrite(directory: string, phase: Phase): void {
    const path = join(directory, this.name)
    const staged = join(directory, temporaryName('new'))
    if (statsOf(path) === null)
      throw new Error(`${nameHere(path)} is gone: was it moved, or this run taken for killed?`)
    stage(staged, this.content(directory, phase), null)
    try {
      rename(staged, path)
    } catch (error) {
      remove(staged)
      throw error
    }
  }

  private content(directory: string, phase: Phase): Buffer {
    const [first, ...others] = this.directories
    const content: Content = {
      first: nameIn(directory, first!),
      others: directory === first ? others.map((each) => nameIn(directory, each)) : [],
      phase,
      entries: this.entries.get(directory) ?? [],
    }
    return Buffer.from(JSON.stringify(content))
  }
}

/** A directory in which no journal can be. */
export class JournalError extends Error {
  constructor(
    readonly directory: string,
    cause: unknown,
  ) {
    super('cannot be written to', { cause })
  }
}

/** @throws what `failure` makes of an error; without it nothing, and what cannot be done is left */
function attempt(work: () => void, failure?: (error: unknown) => Error): void {
  try {
    work()
  } catch (error) {
    if (failure !== undefined) throw failure(error)
  }
}

const journalsIn = (directory: string): readonly string[] => temporariesIn(directory, ['journal'])

/** The path of a journal in one of some directories: a run is writing there, or was killed while it did; else null. */
export function findJournal(directories: Iterable<string>): string | null {
  for (const directory of directories) for (const name of journalsIn(directory)) return join(directory, name)
  return null
}

/**
 * Settles what runs have left that were killed while they wrote in a directory: what was wholly staged gets its name,
 * the rest is taken away. Nothing is done while a run is at work. Only what a journal can have been written for is
 * touched: files beside one of its name, and names beside them that no other program gives.
 * @returns what was done, and what could not be; empty where there was nothing to do
 */
export function recover(directory: string): readonly Problem[] {
  removeTemporaries(directory)
  return journalsIn(directory).flatMap((name) => {
    const path = join(directory, name)
    if (isOfRunning(path, name)) return []
    try {
      return settle(directory, name)
    } catch (error) {
      if (unsettled.has(path)) return []
      unsettled.add(path)
      const message = `what a run that was killed has left cannot be settled: ${reason(error)}`
      return [{ file: nameHere(path), message, severity: 'warning' }]
    }
  })
}

/** Journals that could not be settled, which is said once. */
const unsettled = new Set<string>()

/** Settles what a run has left that was killed, in all its directories. @throws where something cannot be written */
function settle(directory: string, name: string): readonly Problem[] {
  const path = join(directory, name)
  const here = readJournal(path)
  const first = here === null ? directory : resolve(directory, here.first)
  const main = readJournal(join(first, name))
  const others = main === null ? [directory] : main.others.map((each) => resolve(first, each))
  const places = [first, ...others].filter((each) => statsOf(join(each, name)) !== null)
  const all = places.flatMap((place) =>
    (readJournal(join(place, name))?.entries ?? []).flatMap((entry) => {
      const paths = pathsOf(place, entry)
      return paths === null ? [] : [{ entry, paths }]
    }),
  )
  const problems: Problem[] = []
  let done = 0
  // Where somebody has taken back what was written, the rest is not wanted any more.
  const isWanted = main?.phase === 'renaming' && !all.some(isTakenBack)
  for (const { entry, paths } of all) {
    if (statsOf(paths.staged) === null) bringBack(main?.phase ?? 'staging', entry, paths, problems)
    else if (isWanted && finish(entry, paths, problems)) done++
    remove(paths.staged)
    if (paths.kept !== null) remove(paths.kept)
  }
  for (const each of places.reverse()) {
    removeTemporaries(each)
    remove(join(each, name))
  }
  if (all.length === 0) return problems
  const message =
    done > 0
      ? `a run that was killed had begun to write ${all.length} files: the rest, ${done}, is written now`
      : 'a run that was killed had left files beside those that it was to write: they are taken away'
  return [{ file: nameHere(path), message, severity: 'warning' }, ...problems]
}

interface Paths {
  readonly file: string
  readonly staged: string
  readonly kept: string | null
}

/** The absolute paths of an entry; null where it is none that a run writes. */
function pathsOf(directory: string, { file, staged, kept }: Entry): Paths | null {
  const path = join(directory, file)
  const isOurs = isBesideName(staged) && (kept === null || isBesideName(kept))
  return isOurs && basename(path) === file && dirname(path) === directory && wouldBe(path) === path
    ? { file: path, staged: join(directory, staged), kept: kept === null ? null : join(directory, kept) }
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
function finish({ before, after }: Entry, { file, staged }: Paths, problems: Problem[]): boolean {
  try {
    const text = bytesAt(staged)
    if (text === null || digest(text) !== after) return false
    const now = bytesAt(file)
    const isSame = now === null ? before === null : digest(now) === before
    if (!isSame) {
      const message = 'was changed since a run was killed: it is left as it is'
      problems.push({ file: nameHere(file), message, severity: 'warning' })
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

/**
 * Gives a file its old text back, where the run had begun to do so, or where somebody who still had it open has written
 * to it since.
 */
function bringBack(phase: Phase, { before, after }: Entry, { file, kept }: Paths, problems: Problem[]): void {
  if (phase !== 'renaming' && phase !== 'undoing') return
  const now = bytesAt(file)
  if (now === null || digest(now) !== after) return
  const old = kept === null ? null : bytesAt(kept)
  if (old === null) {
    if (phase === 'undoing' && before === null) remove(file)
    return
  }
  const isTheirs = digest(old) !== before
  if (phase === 'undoing' || isTheirs) rename(kept!, file)
  if (!isTheirs) return
  problems.push({ file: nameHere(file), message: 'was changed meanwhile: it is left as it is', severity: 'warning' })
}

/** What a journal says; null where there is none, or a part of one. @throws where it may not be read */
function readJournal(path: string): Content | null {
  let bytes: Buffer
  try {
    bytes = readRegular(path)
  } catch (error) {
    if (['EACCES', 'EPERM', 'EIO'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    return null
  }
  try {
    const content = JSON.parse(bytes.toString()) as Content
    return isContent(content) ? content : null
  } catch {
    return null
  }
}

function isContent(content: unknown): content is Content {
  const { first, others, phase, entries } = (content ?? {}) as Partial<Content>
  const isText = (value: unknown): boolean => typeof value === 'string'
  return (
    isText(first) &&
    Array.isArray(others) &&
    others.every(isText) &&
    phases.includes(phase as Phase) &&
    Array.isArray(entries) &&
    (entries as Entry[]).every(
      (each) =>
        [each?.file, each?.staged, each?.after].every(isText) &&
        [each.kept, each.before].every((one) => one === null || isText(one)),
    )
  )
}

/** The name of a file relative to a directory. */
export const nameIn = (directory: string, path: string): string => relative(directory, path).split(sep).join('/')

/** The name of a file as reports have it. */
export const nameHere = (path: string): string => nameIn(resolve('.'), path)
