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
import { ageOf, isOfRunning, namesIn, removeTemporaries, temporariesIn, temporaryName } from './temporary.ts'

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
  /** The `staged` of another entry, of this journal or another of its run, without which the file stays old. */
  readonly needs?: string | undefined
  /** Whether it is one of those that change together. */
  readonly together?: boolean
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
          () => stage(join(directory, this.name), [this.content(directory, 'staging')], null, false),
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
    stage(staged, [this.content(directory, phase)], null)
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
  const here = readJournal(join(directory, name))
  const first = placeOf(here === null ? directory : resolve(directory, here.first), name) ?? directory
  const atFirst = readJournal(join(first, name))
  const main = atFirst?.first === '' ? atFirst : null
  const others = main === null ? [] : main.others.map((each) => resolve(first, each))
  const found = [first, ...others.map((each) => placeOf(each, name)), directory].filter((each) => each !== null)
  const places = [...new Set(found)].filter((each) => statsOf(join(each, name)) !== null)
  const lost = others.filter((each) => placeOf(each, name) === null)
  const all = places.flatMap((place) =>
    (readJournal(join(place, name))?.entries ?? []).flatMap((entry) => {
      const paths = pathsOf(place, entry)
      return paths === null ? [] : [{ entry, paths, state: stateOf(entry, paths) }]
    }),
  )
  const phase = main?.phase ?? (atFirst === null ? 'staging' : null)
  const problems = phase === 'renaming' ? settleRenaming(all, lost) : [summary(all, phase, 0)]
  for (const { entry, paths } of all) {
    if (phase === 'undoing') takeBack(entry, paths)
    remove(paths.staged)
    if (paths.kept !== null) remove(paths.kept)
  }
  for (const each of places.reverse()) {
    removeTemporaries(each)
    remove(join(each, name))
  }
  const missing = 'was moved or deleted since a run was killed: some of its files may have new texts, and some old ones'
  const said: Said[] = [...(all.length === 0 ? [] : problems), ...lost.map((path) => ({ path, message: missing }))]
  return said.map(({ path = join(first, name), message, severity = 'warning' as const }) => {
    return { file: nameHere(path), message, severity }
  })
}

/** Where a journal is that was in a directory, which somebody may have renamed since; null for nowhere near. */
function placeOf(directory: string, name: string): string | null {
  const around = dirname(directory)
  const has = (place: string): boolean => journalsIn(place).includes(name)
  return has(directory)
    ? directory
    : (namesIn(around)
        .map((each) => join(around, each))
        .find(has) ?? null)
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

/**
 * What has become of a file since the run was to rename it: it is old or new, or somebody has changed the old one
 * before, the new one, that to the old one, or the old one after it had lost its name.
 */
type State = 'old' | 'new' | 'changed' | 'changed since' | 'changed back' | 'changed late'

interface Item {
  readonly entry: Entry
  readonly paths: Paths
  readonly state: State
}

function stateOf({ before, after }: Entry, { file, staged, kept }: Paths): State {
  const now = digestAt(file)
  const text = digestAt(staged)
  if (now === after) {
    const old = kept === null ? null : digestAt(kept)
    return old === null || old === before ? 'new' : 'changed late'
  }
  if (text === null) return now === before ? 'changed back' : 'changed since'
  return now === before && text === after ? 'old' : 'changed'
}

const digestAt = (path: string): string | null => {
  const bytes = bytesAt(path)
  return bytes === null ? null : digest(bytes)
}

/** Something to be said; of a file, or without a path of all. */
interface Said {
  readonly path?: string
  readonly severity?: 'error'
  readonly message: string
}

/**
 * Finishes what was being renamed, but for what somebody has changed since, and undoes what that was needed for. Where
 * somebody has changed, or taken back, what was written, the rest is not wanted any more.
 * @param lost directories whose journals are not found
 */
function settleRenaming(all: readonly Item[], lost: readonly string[]): readonly Said[] {
  const changed = all.filter(({ state }) => state.startsWith('changed'))
  const left = new Map(changed.map((each): [Item, string | null] => [each, whatHappened(each)]))
  spread(left, all, lost)
  if (changed.some(({ state }) => ['changed since', 'changed back'].includes(state))) {
    for (const each of all) if (each.state === 'old' && !left.has(each)) left.set(each, null)
    spread(left, all, lost)
  }
  const said: Said[] = []
  let done = 0
  for (const each of all) {
    const { entry, paths, state } = each
    const why = left.get(each) ?? null
    const tell = (message: string): unknown => said.push({ path: paths.file, message })
    if (!left.has(each)) {
      if (state === 'old' && finish(paths)) done++
    } else if (state.startsWith('changed')) {
      if (state === 'changed late') rename(paths.kept!, paths.file)
      // The project may compile, and crash.
      const isTorn = state === 'changed since' && entry.together === true
      said.push({ path: paths.file, message: why!, ...(isTorn && { severity: 'error' }) })
    } else if (state === 'new') {
      const isBack = takeBack(entry, paths)
      tell(`${isBack ? 'has its old text again' : 'cannot get its old text back'}: it ${why}`)
    } else if (why !== null) tell(`keeps its old text: it ${why}`)
  }
  const settled = all.filter((each) => !left.has(each) || each.state === 'changed since')
  return [summary(all, 'renaming', done, settled.length), ...said]
}

function whatHappened({ entry: { together }, state }: Item): string {
  if (state === 'changed late') return 'was changed meanwhile: it is left as it is'
  if (state === 'changed') return 'was changed since a run was killed: it is left as it is'
  if (state === 'changed back') return 'had got its new text from a run that was killed, and has its old one again'
  const what = 'has got its new text from a run that was killed, and was changed since: it is left as it is'
  return together === true ? `${what}, and may not fit the old texts of those that it changes with` : what
}

/** Leaves out what goes with what is left out already. */
function spread(left: Map<Item, string | null>, all: readonly Item[], lost: readonly string[]): void {
  for (let size = -1; size !== left.size; ) {
    size = left.size
    for (const each of all) {
      const why = left.has(each) ? null : whyBound(each, all, left, lost)
      if (why !== null) left.set(each, why)
    }
  }
}

/** Why a file cannot be new, since others are not; null where it can. */
function whyBound(
  { entry: { needs, together } }: Item,
  all: readonly Item[],
  left: ReadonlyMap<Item, string | null>,
  lost: readonly string[],
): string | null {
  const nameOf = ({ paths, state }: Item): string =>
    `${nameHere(paths.file)}, which ${state.startsWith('changed') ? 'was changed since' : 'has its old text'}`
  if (needs !== undefined) {
    const needed = all.find(({ entry: { staged } }) => staged === needs)
    if (needed === undefined) return 'needs a file that was moved or deleted since'
    if (left.has(needed)) return `needs ${nameOf(needed)}`
  }
  if (together !== true) return null
  const other = [...left.keys()].find(({ entry }) => entry.together === true)
  if (other !== undefined) return `changes only together with ${nameOf(other)}`
  return lost[0] === undefined
    ? null
    : `changes only together with files in ${nameHere(lost[0])}, which was moved since`
}

/**
 * What a run that was killed has come to.
 * @param phase null where that is not known
 * @param done how many files have their new texts by now that had not
 * @param settled how many have got theirs
 */
function summary(all: readonly Item[], phase: Phase | null, done: number, settled = 0): Said {
  const count = all.length
  const ofRun = (what: string): Said => ({ message: `a run that was killed ${what}` })
  const isNew = all.filter(({ state }) => state === 'new').length
  if (phase === null && isNew > 0)
    return ofRun(
      `and that this was moved away from since had begun: ${isNew} of ${count} files here have their new texts`,
    )
  if (phase === 'undoing') return ofRun('was taking back what it had written: that is done now')
  if (phase === 'reusing' || (settled === count && done === 0))
    return ofRun(`had written all ${count} files: what it had left beside them is taken away`)
  if (done > 0) {
    const whole = done === count ? 'all are' : `the rest, ${done}, is`
    const rest = settled === count ? whole : `${done} more ${done === 1 ? 'is' : 'are'}`
    return ofRun(`had begun to write ${count} files: ${rest} written now`)
  }
  if (settled > 0) return ofRun(`had written ${settled} of ${count} files: no more is written now`)
  return ofRun('had left files beside those that it was to write: they are taken away')
}

/** Gives a staged text its name. @returns whether it did; false where somebody was faster */
function finish({ file, staged, kept }: Paths): boolean {
  try {
    // Without a file that had the name before.
    if (kept === null && statsOf(file) === null) return renameNew(staged, file)
    rename(staged, file)
    return true
  } catch (error) {
    if (!isMissing(error)) throw error
    return false
  }
}

/** Gives a file that has its new text the old one back. @returns whether it did */
function takeBack({ before, after }: Entry, { file, kept }: Paths): boolean {
  if (digestAt(file) !== after) return false
  if (before === null) remove(file)
  else if (kept !== null && statsOf(kept) !== null) rename(kept, file)
  else return false
  return true
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
        [each.kept, each.before].every((one) => one === null || isText(one)) &&
        (each.needs === undefined || isText(each.needs)),
    )
  )
}

/** The name of a file relative to a directory. */
export const nameIn = (directory: string, path: string): string => relative(directory, path).split(sep).join('/')

/** The name of a file as reports have it. */
export const nameHere = (path: string): string => nameIn(resolve('.'), path)
