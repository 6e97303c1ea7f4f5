import type { Stats } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Problem } from '../../analyzer/check/diagnostic.ts'
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
  /** The files that have their new bytes. */
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
    const transaction = new Transaction(directory, paths, journal, problems)
    try {
      return { files: transaction.run(changes, together), problems }
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
  ) {}

  /** @returns the files that were written @throws WriteError where a file cannot be; then none is */
  run(changes: readonly FileChange[], together: ReadonlySet<string>): ReadonlySet<string> {
    const steps = this.left(
      changes.map((change) => this.prepare(change)),
      together,
    )
    let renamed: Step[] = []
    try {
      attempt(changes[0]!.file, () => this.journal.write(entriesOf(steps)))
      for (const step of steps) this.stage(step)
      attempt(changes[0]!.file, () => this.journal.advance('renaming'))
      for (const step of steps) if (this.isPossible(step) && this.put(step, together)) renamed.push(step)
      renamed = renamed.filter((step) => !this.isLate(step, together))
      attempt(changes[0]!.file, () => this.journal.advance('reusing'))
    } catch (error) {
      this.undoAll(renamed.reverse())
      this.clean(steps)
      if (error instanceof WriteError) error.isUndone = this.notUndone.size === 0
      throw error
    }
    for (const step of renamed) this.reuse(step)
    renamed = renamed.filter((step) => !this.isReplaced(step))
    for (const step of renamed) this.tellOwner(step)
    this.clean(steps)
    return new Set(renamed.map(({ change }) => change.file))
  }

  /** Takes away what stood beside files. */
  private clean(steps: readonly Step[]): void {
    for (const { change, staged, kept } of steps)
      this.takeAway(change.file, kept === null || this.notUndone.has(kept) ? [staged] : [staged, kept])
  }

  private takeAway(file: string, paths: readonly string[]): void {
    for (const path of paths) {
      try {
        remove(path)
      } catch (error) {
        const message = `${nameHere(path)} stays beside it: ${reason(error)}`
        this.problems.push({ file, message, severity: 'warning' })
      }
    }
  }

  /** Whether what a file needs was not left out. */
  private isPossible({ change: { file, needs } }: Step): boolean {
    if (needs === undefined || !this.leftOut.has(needs)) return true
    this.complain(file, `needs ${needs}, which is left out`)
    return false
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
  private left(
    prepared: readonly ReturnType<Transaction['prepare']>[],
    together: ReadonlySet<string>,
  ): readonly Step[] {
    const first = prepared.flatMap((each) => ('why' in each && together.has(each.change.file) ? [each] : []))[0]
    return prepared.flatMap((each) => {
      const { needs } = each.change
      if ('why' in each) this.complain(each.change.file, each.why)
      else if (needs !== undefined && this.leftOut.has(needs))
        this.complain(each.change.file, `needs ${needs}, which is left out`)
      else if (first !== undefined && together.has(each.change.file))
        this.complain(each.change.file, `changes only together with ${first.change.file}, which ${first.why}`)
      else if (!sameBytes(each.now, each.after)) return [each]
      return []
    })
  }

  private stage(step: Step): void {
    const {
      change: { file },
      path,
      staged,
      after,
    } = step
    const like = attempt(file, () => statsOf(path))
    if (like !== null && like.nlink > 1)
      this.problems.push({
        file,
        message: 'has other names (hard links), under which the old text stays',
        severity: 'warning',
      })
    attempt(file, () => {
      if (like !== null) {
        expectReplaceable(path, like)
        this.old.set(step, like)
      }
      stage(staged, after, like)
      this.journal.keepAlive()
    })
  }

  /** Gives a file its new bytes. @returns whether it did; false where somebody was faster */
  private put(step: Step, together: ReadonlySet<string>): boolean {
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
    if (!isDone) this.leave(file, together)
    return isDone
  }

  /**
   * Whether somebody has written to the old text of a file, or put another file there, while it was renamed: who has it
   * open still does. Then it is brought back.
   */
  private isLate({ change: { file }, path, kept, now, after }: Step, together: ReadonlySet<string>): boolean {
    const isChanged = kept !== null && attempt(file, () => broughtBack(path, kept, now!, after))
    if (isChanged) this.leave(file, together)
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
      if (!this.isLate(step, new Set()) && overwrite(kept!, after) && keep(path, staged)) rename(kept!, path)
    } catch {
      // It has its new text.
    }
  }

  /** The same as `isLate`, for the file that had the name before the old one got it back. */
  private isReplaced({ change: { file }, path, staged, after }: Step): boolean {
    if (this.leftOut.has(file)) return true
    try {
      if (!broughtBack(path, staged, after, after)) return false
    } catch {
      return false
    }
    this.leave(file, new Set())
    return true
  }

  /** Says where a file has another owner than it had. */
  private tellOwner(step: Step): void {
    const old = this.old.get(step)
    const now = statsOf(step.path)
    if (old === undefined || now === null || (old.uid === now.uid && old.gid === now.gid)) return
    const message = 'belonged to another user or group, and is yours now'
    this.problems.push({ file: step.change.file, message, severity: 'warning' })
  }

  /** @throws WriteError where other files change only with a file that somebody has changed */
  private leave(file: string, together: ReadonlySet<string>): void {
    if (together.has(file)) throw new WriteError(file, new Error('somebody has changed it meanwhile'))
    this.complain(file, 'was changed meanwhile: it is left as it is')
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

/** What a journal says of steps, by directory. */
function entriesOf(steps: readonly Step[]): ReadonlyMap<string, readonly Entry[]> {
  const entries = new Map<string, Entry[]>()
  for (const { path, staged, kept, now, after } of steps) {
    const list = entries.get(dirname(path)) ?? []
    list.push({
      file: basename(path),
      staged: basename(staged),
      kept: kept === null ? null : basename(kept),
      before: now === null ? null : digest(now),
      after: digest(after),
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
