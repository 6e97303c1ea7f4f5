import { dirname, join, resolve } from 'node:path'
import type { Problem } from '../../analyzer/check/diagnostic.ts'
import { isIn } from '../../analyzer/store/places.ts'
import { reason } from '../../analyzer/store/reason.ts'
import { isLink, wouldBe } from '../places.ts'
import { digest, type Entry, Journal, journalName, nameIn } from './journal.ts'
import {
  bytesAt,
  keep,
  nameBeside,
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
 * as it was. A file that somebody has changed, deleted or made meanwhile is left out.
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
    const journal = await begin(directory, problems, signals.isHeld)
    const transaction = new Transaction(directory, journal, problems)
    try {
      return { files: transaction.run(changes, together), problems }
    } finally {
      journal.end()
    }
  } catch (error) {
    const at = error instanceof WriteError ? error.file : changes[0]!.file
    const cause: unknown = error instanceof WriteError ? error.cause : error
    problems.push({
      file: at,
      message: `cannot be written: ${reason(cause)}; no file was changed`,
      severity: 'error',
    })
    return { files: new Set(), problems }
  } finally {
    signals.release()
  }
}

/** @throws WriteError that names the journal */
async function begin(directory: string, problems: Problem[], isStopped: () => boolean): Promise<Journal> {
  try {
    return await Journal.begin(directory, (problem) => problems.push(problem), isStopped)
  } catch (error) {
    throw new WriteError(nameIn(resolve('.'), join(directory, journalName)), error)
  }
}

/** What went wrong with a file. */
class WriteError extends Error {
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

  constructor(
    private readonly directory: string,
    private readonly journal: Journal,
    private readonly problems: Problem[],
  ) {}

  /** @returns the files that were written @throws WriteError where a file cannot be; then none is */
  run(changes: readonly FileChange[], together: ReadonlySet<string>): ReadonlySet<string> {
    const steps = this.left(
      changes.map((change) => this.prepare(change)),
      together,
    )
    const entries = steps.map((step): Entry => this.entryOf(step))
    const renamed: Step[] = []
    try {
      this.journal.write('staging', entries)
      for (const step of steps) {
        this.stage(step)
        this.journal.keepAlive()
      }
      this.journal.write('renaming', entries)
      for (const step of steps) if (this.isPossible(step) && this.put(step, together)) renamed.push(step)
      for (const step of [...renamed]) if (this.isLate(step, together)) renamed.splice(renamed.indexOf(step), 1)
    } catch (error) {
      for (const step of renamed.reverse()) this.undo(step)
      renamed.length = 0
      throw error
    } finally {
      for (const { change, staged, kept } of steps) this.clean(change.file, kept === null ? [staged] : [staged, kept])
      for (const each of new Set(steps.map(({ path }) => dirname(path)))) settleNames(each)
    }
    return new Set(renamed.map(({ change }) => change.file))
  }

  /** Takes away what stood beside a file. */
  private clean(file: string, paths: readonly string[]): void {
    for (const path of paths) {
      try {
        remove(path)
      } catch (error) {
        const message = `${nameIn(resolve('.'), path)} stays beside it: ${reason(error)}`
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
    const path = wouldBe(change.file)
    if (isLink(path)) return { change, why: 'is a link that leads nowhere' }
    const now = attempt(change.file, () => bytesAt(path))
    let after: Uint8Array | null = change.after
    if (!sameBytes(now, change.before)) {
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

  private entryOf({ path, staged, kept, now, after }: Step): Entry {
    const name = (each: string): string => nameIn(this.directory, each)
    return {
      file: name(path),
      staged: name(staged),
      kept: kept === null ? null : name(kept),
      before: now === null ? null : digest(now),
      after: digest(after),
    }
  }

  private stage({ change: { file }, path, staged, kept, after }: Step): void {
    const like = attempt(file, () => statsOf(path))
    if (like !== null && like.nlink > 1)
      this.problems.push({
        file,
        message: 'has other names (hard links), under which the old text stays',
        severity: 'warning',
      })
    attempt(file, () => stage(staged, after, like))
    if (kept !== null) attempt(file, () => keep(path, kept))
  }

  /** Gives a file its new bytes. @returns whether it did; false where somebody was faster */
  private put({ change: { file }, path, staged, now }: Step, together: ReadonlySet<string>): boolean {
    const isDone = attempt(file, () => {
      if (now === null) return renameNew(staged, path)
      if (!sameBytes(bytesAt(path), now)) return false
      rename(staged, path)
      return true
    })
    if (!isDone) this.leave(file, together)
    return isDone
  }

  /**
   * Whether somebody has written to the old text of a file while it was renamed, or later: who has it open still does.
   * Then it is brought back.
   */
  private isLate({ change: { file }, path, kept, now, after }: Step, together: ReadonlySet<string>): boolean {
    const isChanged = attempt(file, () => {
      if (kept === null || sameBytes(bytesAt(kept), now) || !sameBytes(bytesAt(path), after)) return false
      if (!together.has(file)) rename(kept, path)
      return true
    })
    if (isChanged) this.leave(file, together)
    return isChanged
  }

  /** @throws WriteError where other files change only with a file that somebody has changed */
  private leave(file: string, together: ReadonlySet<string>): void {
    if (together.has(file)) throw new WriteError(file, new Error('somebody has changed it meanwhile'))
    this.complain(file, 'was changed meanwhile: it is left as it is')
  }

  private undo({ path, kept, after }: Step): void {
    try {
      if (!sameBytes(bytesAt(path), after)) return
      if (kept === null) remove(path)
      else rename(kept, path)
    } catch (error) {
      this.problems.push({
        file: nameIn(resolve('.'), path),
        message: `has its new text, and its old one cannot be brought back: ${reason(error)}`,
        severity: 'error',
      })
    }
  }

  private complain(file: string, message: string): void {
    this.leftOut.add(file)
    this.problems.push({ file, message, severity: 'error' })
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
