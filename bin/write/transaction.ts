import type { Stats } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Problem } from '../../analyzer/check/diagnostic.ts'
import { addAll } from '../../analyzer/source/lists.ts'
import { isIn } from '../../analyzer/store/places.ts'
import { reason } from '../../analyzer/store/reason.ts'
import { isLink, wouldBe } from '../places.ts'
import { digest, type Entry, Journal, JournalError, nameHere } from './journal.ts'
import {
  bytesAt,
  expectReplaceable,
  isMissing,
  keep,
  nameBeside,
  overwrite,
  remove,
  rename,
  renameNew,
  sameBytes,
  settleNames,
  stage,
  statsOf,
} from './stage.ts'

/** Writes the files of a run: all, or none. */

/** A file that is to be written. */
export interface FileChange {
  /** Relative to the current directory, as reports have it. */
  readonly file: string
  /** The bytes that were read; null where there was no file. */
  readonly before: Uint8Array | null
  readonly after: Uint8Array
  /**
   * Makes the new bytes anew where somebody has changed the file since it was read; null where that cannot be. Left
   * out, the change of somebody else wins.
   * @param now the bytes that there are; null where there is no file
   */
  readonly remake?: (now: Uint8Array | null) => Uint8Array | null
  /** Another of the files, which comes before it and without which it is left out. */
  readonly needs?: string
}

/** What came of it. */
export interface Written {
  /** The files that have got their new bytes; that somebody has changed one right after is among the problems. */
  readonly files: ReadonlySet<string>
  /** What went wrong; where that was more than that somebody else was there first, nothing was written. */
  readonly problems: readonly Problem[]
}

/**
 * Writes files in one transaction: all new texts are written beside their files, then each file is compared with what
 * was read, and then they get their names, in the order in which they are given. Where anything fails every file stays
 * as it was. A file that somebody has changed, deleted or made meanwhile is left out. In the end the new text is
 * written into the old file, too, and that gets its name back: so it keeps its owner, its access list and whatever
 * else the system has beside the text, and at each moment there is a whole text under its name.
 * @param directory that of the repository, by its real path: all files are in it
 * @param together files that are left out together
 */
export async function writeFiles(
  directory: string,
  changes: readonly FileChange[],
  together: ReadonlySet<string> = new Set(),
): Promise<Written> {
  if (changes.length === 0) return { files: new Set(), problems: [] }
  const problems: Problem[] = []
  const signals = holdSignals()
  try {
    const paths = new Map(changes.map((change) => [change, attempt(change.file, () => wouldBe(change.file))]))
    const journal = await begin(paths, problems, signals.isHeld)
    const transaction = new Transaction(directory, paths, journal, problems, together)
    try {
      return { files: transaction.run(changes), problems }
    } finally {
      journal.end()
    }
  } catch (error) {
    const at = error instanceof WriteError ? error.file : changes[0]!.file
    const cause: unknown = error instanceof WriteError ? error.cause : error
    const isUndone = !(error instanceof WriteError) || error.isUndone
    const message = `cannot be written: ${reason(cause)}${isUndone ? '; no file was changed' : ''}`
    problems.push({ file: at, message, severity: 'error' })
    return { files: new Set(), problems }
  } finally {
    signals.release()
  }
}

/** @throws WriteError that names a file whose directory cannot be written to, or the first of all */
async function begin(
  paths: ReadonlyMap<FileChange, string>,
  problems: Problem[],
  isStopped: () => boolean,
): Promise<Journal> {
  const all = [...paths].map(([{ file }, path]) => ({ file, directory: dirname(path) }))
  try {
    const directories = all.map(({ directory }) => directory)
    return await Journal.begin(directories, (problem) => problems.push(problem), isStopped)
  } catch (error) {
    if (!(error instanceof JournalError)) throw new WriteError(all[0]!.file, error)
    const { file } = all.find(({ directory }) => directory === error.directory)!
    throw new WriteError(file, new Error(`nothing can be written beside it: ${reason(error.cause)}`))
  }
}

/** What went wrong with a file. */
class WriteError extends Error {
  /** Whether every file is as it was. */
  isUndone = true

  constructor(
    readonly file: string,
    cause: unknown,
  ) {
    super('cannot be written', { cause })
  }
}

/** A change that is being made. */
interface Step {
  readonly change: FileChange
  /** The file's real path, and names beside it. */
  readonly path: string
  readonly staged: string
  readonly kept: string | null
  /** What the file has now, and what it gets. */
  readonly now: Buffer | null
  readonly after: Uint8Array
}

class Transaction {
  private readonly leftOut = new Set<string>()
  /** What the system said of the files that are written over. */
  private readonly old = new Map<Step, Stats>()
  /** Those of which `kept` is the old file itself. */
  private readonly reusable = new Set<Step>()
  /** The old texts that stay beside their files, since they could not be brought back. */
  private readonly notUndone = new Set<string>()

  constructor(
    private readonly directory: string,
    private readonly paths: ReadonlyMap<FileChange, string>,
    private readonly journal: Journal,
    private readonly problems: Problem[],
    private readonly together: ReadonlySet<string>,
  ) {}

  /** @returns the files that were written @throws WriteError where a file cannot be; then none is */
  run(changes: readonly FileChange[]): ReadonlySet<string> {
    const steps = this.left(changes.map((change) => this.prepare(change)))
    let renamed: Step[] = []
    try {
      attempt(changes[0]!.file, () => this.journal.write(entriesOf(steps, this.together)))
      for (const step of steps) this.stage(step)
      addAll(this.problems, problemsOfLinks(this.old))
      attempt(changes[0]!.file, () => this.journal.advance('renaming'))
      for (const step of steps) if (this.isPossible(step) && this.put(step)) renamed.push(step)
      renamed = renamed.filter((step) => !this.isLate(step))
      for (const step of this.bound(renamed)) this.undo(step)
      renamed = renamed.filter((step) => this.isIn(step))
      attempt(changes[0]!.file, () => this.journal.advance('reusing'))
    } catch (error) {
      this.undoAll(renamed.reverse())
      this.clean(steps)
      if (error instanceof WriteError) error.isUndone = this.notUndone.size === 0
      throw error
    }
    for (const step of renamed) this.reuse(step)
    this.finish(renamed.filter((step) => this.isIn(step)))
    renamed = renamed.filter((step) => this.isIn(step))
    addAll(
      this.problems,
      renamed.flatMap((step) => problemsOfOwner(step, this.old.get(step))),
    )
    this.clean(steps)
    return new Set(renamed.map(({ change }) => change.file))
  }

  /** Looks for what somebody has changed while old files got their new texts, and takes back what goes with it. */
  private finish(steps: readonly Step[]): void {
    const whole = steps.filter((step) => !this.isReplaced(step))
    const bound = new Set(this.bound(whole))
    if (bound.size === 0) return
    // A run that finds this one killed goes by what is beside the files.
    this.clean(steps.filter((step) => !bound.has(step)))
    const back = [...bound].filter((step) => this.isKeptAgain(step))
    try {
      this.journal.advance('renaming')
    } catch {
      // They are taken back all the same.
    }
    for (const step of back) this.undo(step)
  }

  /** Takes away what stood beside files. */
  private clean(steps: readonly Step[]): void {
    for (const { change, staged, kept } of steps)
      for (const path of kept === null || this.notUndone.has(kept) ? [staged] : [staged, kept])
        addAll(this.problems, takeAway(change.file, path))
  }

  /** Sees to it that the old text of a file is beside it, as it was. @returns whether it is */
  private isKeptAgain(step: Step): boolean {
    const { change, staged, kept, now } = step
    try {
      if (kept !== null && !sameBytes(bytesAt(kept), now)) {
        remove(kept)
        stage(kept, [now!], this.old.get(step) ?? null)
      }
      remove(staged)
      return true
    } catch (error) {
      this.complain(change.file, `has got its new text, and the old one cannot be brought back: ${reason(error)}`)
      return false
    }
  }

  private readonly isIn = ({ change: { file } }: Step): boolean => !this.leftOut.has(file)

  /** Whether nothing was left out that a file goes with. */
  private isPossible({ change: { file, needs } }: Step): boolean {
    const other = this.together.has(file) ? [...this.leftOut].find((each) => this.together.has(each)) : undefined
    if (needs !== undefined && this.leftOut.has(needs)) this.complain(file, `needs ${needs}, which is left out`)
    else if (other !== undefined) this.complain(file, `changes only together with ${other}, which is left out`)
    else return true
    return false
  }

  /** Leaves out what goes with what was left out. @returns that, the last one first */
  private bound(steps: readonly Step[]): readonly Step[] {
    const inside = steps.filter(this.isIn)
    for (let size = -1; size !== this.leftOut.size; ) {
      size = this.leftOut.size
      for (const step of inside) if (this.isIn(step)) this.isPossible(step)
    }
    return inside.filter((step) => !this.isIn(step)).reverse()
  }

  /** Looks at a file once more. @returns why it is left out where somebody else has changed it */
  private prepare(change: FileChange): Step | { readonly change: FileChange; readonly why: string } {
    const path = this.paths.get(change)!
    if (isLink(path)) return { change, why: 'is a link that leads nowhere' }
    if (wouldBe(change.file) !== path) return { change, why: 'was moved by somebody else meanwhile' }
    const now = attempt(change.file, () => bytesAt(path))
    let after: Uint8Array | null = change.after
    // Another run may have done the same.
    if (!sameBytes(now, change.before) && !sameBytes(now, after)) {
      after = change.remake?.(now) ?? null
      if (after === null) return { change, why: whatHappened(change.before, now) }
    }
    if (!isIn(path, this.directory)) throw new WriteError(change.file, new Error('it is outside of the repository'))
    return { change, path, staged: nameBeside(path), kept: now === null ? null : nameBeside(path), now, after }
  }

  /** Leaves out what others have changed, and what goes with it. */
  private left(prepared: readonly ReturnType<Transaction['prepare']>[]): readonly Step[] {
    for (const each of prepared) if ('why' in each) this.complain(each.change.file, each.why)
    const steps = prepared.flatMap((each) => ('why' in each ? [] : [each]))
    this.bound(steps)
    return steps.filter((step) => this.isIn(step) && !sameBytes(step.now, step.after))
  }

  private stage(step: Step): void {
    const {
      change: { file },
      path,
      staged,
      after,
    } = step
    const like = attempt(file, () => statsOf(path))
    attempt(file, () => {
      if (like !== null) {
        expectReplaceable(path, like)
        this.old.set(step, like)
      }
      stage(staged, [after], like)
      this.journal.keepAlive()
    })
  }

  /** Gives a file its new bytes. @returns whether it did; false where somebody was faster */
  private put(step: Step): boolean {
    const {
      change: { file },
      path,
      staged,
      kept,
      now,
    } = step
    const isDone = attempt(file, () => {
      this.journal.keepAlive()
      if (kept === null) return renameNew(staged, path)
      if (!sameBytes(bytesAt(path), now)) return false
      // What is replaced is kept by the call before: it may be another file by now, which is seen later.
      const isItself = unlessMissing(() => keep(path, kept))
      if (isItself === null) return false
      if (isItself) this.reusable.add(step)
      rename(staged, path)
      return true
    })
    if (!isDone) this.complain(file, changedMeanwhile)
    return isDone
  }

  /**
   * Whether somebody has written to the old text of a file, or put another file there, while it was renamed: who has it
   * open still does. Then it is brought back.
   */
  private isLate({ change: { file }, path, kept, now, after }: Step): boolean {
    const isChanged = kept !== null && attempt(file, () => broughtBack(path, kept, now!, after))
    if (isChanged) this.complain(file, changedMeanwhile)
    return isChanged
  }

  /**
   * Writes the new text into the old file, and gives that its name back; what had the name meanwhile is kept under the
   * name where it was staged. Where that cannot be done, the file is another one with the new text.
   */
  private reuse(step: Step): void {
    const { path, staged, kept, after } = step
    if (!this.reusable.has(step)) return
    try {
      this.journal.keepAlive()
      if (!this.isLate(step) && overwrite(kept!, after) && keep(path, staged)) rename(kept!, path)
    } catch {
      // It has its new text.
    }
  }

  /**
   * The same as `isLate`, for the file that had the name before the old one got it back: it had its new text when
   * somebody changed it, and is written.
   */
  private isReplaced({ change: { file }, path, staged, after }: Step): boolean {
    try {
      if (!broughtBack(path, staged, after, after)) return false
    } catch {
      return false
    }
    const message = 'has got its new text, and was changed by somebody right after: that is left as it is'
    this.problems.push({ file, message, severity: 'error' })
    return true
  }

  private undoAll(steps: readonly Step[]): void {
    if (steps.length === 0) return
    try {
      this.journal.advance('undoing')
    } catch {
      // It is undone all the same; only who kills the run now keeps what is not undone yet.
    }
    for (const step of steps) this.undo(step)
    for (const each of new Set(steps.map(({ path }) => dirname(path)))) settleNames(each)
  }

  private undo({ change: { file }, path, kept, after }: Step): void {
    try {
      const now = bytesAt(path)
      if (now === null) this.complain(file, 'had got its new text, and was moved or deleted by somebody else then')
      else if (!sameBytes(now, after)) return
      else if (kept === null) remove(path)
      else rename(kept, path)
    } catch (error) {
      this.notUndone.add(kept ?? path)
      const old =
        kept === null ? 'cannot be taken away again' : `its old one, ${nameHere(kept)}, cannot be brought back`
      this.complain(file, `has got its new text, and ${old}: ${reason(error)}`)
    }
  }

  private complain(file: string, message: string): void {
    this.leftOut.add(file)
    this.problems.push({ file, message, severity: 'error' })
  }
}

const changedMeanwhile = 'was changed meanwhile: it is left as it is'

/** Takes away what stood beside a file. @returns what is to be said where that cannot be */
function takeAway(file: string, path: string): readonly Problem[] {
  try {
    remove(path)
    return []
  } catch (error) {
    return [{ file, message: `${nameHere(path)} stays beside it: ${reason(error)}`, severity: 'warning' }]
  }
}

/** Says what becomes of files that have several names. */
function problemsOfLinks(old: ReadonlyMap<Step, Stats>): readonly Problem[] {
  const inodeOf = ({ dev, ino }: Stats): string => `${dev} ${ino}`
  const linked = [...old].filter(([, { nlink }]) => nlink > 1)
  return linked.map(([{ change }, stats]) => {
    const written = linked.filter(([, each]) => inodeOf(each) === inodeOf(stats)).length
    const rest = written < stats.nlink ? ['has other names (hard links), under which the old text stays'] : []
    const own =
      written > 1 ? [`is one of ${written} names (hard links) of one file: each is a file of its own now`] : []
    return { file: change.file, message: [...rest, ...own].join('; '), severity: 'warning' }
  })
}

/** Says where a file has another owner than it had. */
function problemsOfOwner({ change: { file }, path }: Step, old: Stats | undefined): readonly Problem[] {
  const now = statsOf(path)
  if (old === undefined || now === null || (old.uid === now.uid && old.gid === now.gid)) return []
  return [{ file, message: 'belonged to another user or group, and is yours now', severity: 'warning' }]
}

/** What a journal says of steps, by directory. */
function entriesOf(steps: readonly Step[], together: ReadonlySet<string>): ReadonlyMap<string, readonly Entry[]> {
  const entries = new Map<string, Entry[]>()
  const stagedOf = new Map(steps.map(({ change: { file }, staged }) => [file, basename(staged)]))
  for (const { change, path, staged, kept, now, after } of steps) {
    const list = entries.get(dirname(path)) ?? []
    list.push({
      file: basename(path),
      staged: basename(staged),
      kept: kept === null ? null : basename(kept),
      before: now === null ? null : digest(now),
      after: digest(after),
      needs: change.needs === undefined ? undefined : stagedOf.get(change.needs),
      together: together.has(change.file),
    })
    entries.set(dirname(path), list)
  }
  return entries
}

/**
 * Gives a file back what had its name before, where somebody has changed that, and the file has not changed since.
 * @param was what that had
 * @param is what the file has got
 * @returns whether it did
 */
function broughtBack(path: string, second: string, was: Uint8Array, is: Uint8Array): boolean {
  const there = bytesAt(second)
  if (there === null || sameBytes(there, was) || !sameBytes(bytesAt(path), is)) return false
  rename(second, path)
  return true
}

/** @returns null where there is no such file any more */
function unlessMissing<Result>(work: () => Result): Result | null {
  try {
    return work()
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

function whatHappened(before: Uint8Array | null, now: Uint8Array | null): string {
  const what = now === null ? 'deleted' : before === null ? 'made' : 'changed'
  return `was ${what} by somebody else meanwhile: it is left as it is`
}

/** @throws WriteError that names the file where something fails */
function attempt<Result>(file: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    throw new WriteError(file, error)
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Keeps signals that end the program until what is being done is done. */
function holdSignals(): {
  /** Whether one came. */
  readonly isHeld: () => boolean
  /** Gives them their way. */
  readonly release: () => void
} {
  let held: NodeJS.Signals | null = null
  const hold = (signal: NodeJS.Signals): void => {
    held = signal
  }
  for (const signal of signals) process.on(signal, hold)
  const release = (): void => {
    // What came while nothing else could run is told now.
    setImmediate(() => {
      for (const signal of signals) process.off(signal, hold)
      if (held !== null) process.kill(process.pid, held)
    })
  }
  return { isHeld: () => held !== null, release }
}
