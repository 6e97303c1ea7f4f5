import type { Expansion, FileFacts, RegionOfFile } from '../facts/file-facts.ts'
import type { Api } from '../knowledge/api.ts'
import type { Target } from '../knowledge/target.ts'
import { type Environment, evaluate, type MacroState, type Verdict } from '../preprocess/condition.ts'
import { addTo } from '../source/multimap.ts'
import type { FileId, Offset, RegionId } from '../source/text.ts'
import type { IncludeGraph } from './includes.ts'
import { defined, MacroStates, notDefined, type PreprocessedProject, unknown } from './macro-states.ts'
import type { Steps } from './steps.ts'

/** Where something stands that may be compiled; what a macro makes has the expansion that makes it. */
export interface Conditional {
  readonly region: RegionId
  readonly expansion?: Expansion
}

/** One way in which a file is read: what it asked of the macros before it, what it decided, what it left behind. */
interface Reading {
  readonly file: FileId
  /** What macros were before, of those that mattered. Another inclusion that finds the same does the same. */
  readonly asked: Map<string, MacroState>
  readonly said: Map<string, MacroState>
  readonly verdicts: Verdict[]
  /** The files that it includes, each in the way it was read. */
  readonly within: Reading[]
}

/** What macros are in the course of one file, the first time that it is included. */
interface History {
  readonly file: FileId
  before: ReadonlyMap<string, MacroState> | null
  /** The step that the preprocessor is at; null before the file and after it. */
  at: Offset | null
  /** By macro: from which step on it is what. */
  readonly changes: Map<string, { readonly at: Offset; readonly state: MacroState }[]>
}

const opposite: Readonly<Record<Verdict, Verdict>> = { yes: 'no', unknown: 'unknown', no: 'yes' }

/** What is true only of two things together. */
export const worse = (a: Verdict, b: Verdict): Verdict =>
  a === 'no' || b === 'no' ? 'no' : a === 'unknown' || b === 'unknown' ? 'unknown' : 'yes'

/** What is true of one of two things. */
export const better = (a: Verdict, b: Verdict): Verdict => opposite[worse(opposite[a], opposite[b])]

/** The best of several verdicts, asked for until one is `yes`. */
function best<T>(items: Iterable<T>, ask: (item: T) => Verdict): Verdict {
  let result: Verdict = 'no'
  for (const item of items) {
    const verdict = ask(item)
    if (verdict === 'yes') return 'yes'
    if (verdict === 'unknown') result = 'unknown'
  }
  return result
}

/** No compiler nests includes deeper, and none comes near so many of them in one translation unit. */
const deepestInclude = 200
const mostReadings = 20_000
/** A file that is read in more ways than these is read anew each time. */
const mostVariants = 32

/**
 * Answers, for one target, which code of the project is compiled: reads each translation unit as a preprocessor does,
 * from its first directive to its last, with macros that are defined, not defined or unknown.
 */
export class Conditions {
  private readonly verdicts: Verdict[][]
  /** By file, dialect and sureness, the ways in which it was read so far. */
  private readonly readings = new Map<string, Reading[]>()
  private readonly units = new Map<number, Reading>()
  private readonly histories = new Map<number, History>()
  private started = false

  // Of the translation unit that is being read.
  private root = 0
  private macros = new Map<string, MacroState>()
  private readonly path: Reading[] = []
  private count = 0
  private watched: History | null = null

  private readonly states: MacroStates
  private readonly files: readonly FileFacts[]
  private readonly graph: IncludeGraph
  private readonly steps: Steps

  /**
   * @param absent which macros that nothing is known of are taken as not defined, instead of as unknown
   * @param isRead which translation units are read, by their first files; nothing is known of the others
   */
  constructor(
    project: PreprocessedProject,
    api: Api,
    target: Target,
    absent: (name: string) => boolean = () => false,
    private readonly isRead: (root: FileId) => boolean = () => true,
  ) {
    const { files, graph, steps } = project
    this.states = new MacroStates(project, api, target, absent)
    this.files = files
    this.graph = graph
    this.steps = steps
    this.verdicts = files.map(({ regions }) => regions.map(() => 'no'))
  }

  /** Whether a region of a file is compiled for the target, in some translation unit. */
  verdict(file: FileId, region: RegionId): Verdict {
    this.start()
    return this.verdicts[file]![region]!
  }

  /** Whether a region of a file is compiled where a translation unit, given by its first file, reads that file. */
  verdictIn(root: number, file: FileId, region: RegionId): Verdict {
    this.start()
    return best(this.readingsIn(root).get(file) ?? [], (reading) => reading.verdicts[region]!)
  }

  /** The first files of the translation units that are read and that a file is part of. */
  rootsOf(file: FileId): readonly FileId[] {
    return this.graph.roots(file).filter(this.isRead)
  }

  /** Whether a fact of a file is compiled, in some translation unit: its region, and what makes it. */
  verdictOf(file: FileId, { region, expansion }: Conditional): Verdict {
    const verdict = this.verdict(file, region)
    if (verdict === 'no' || expansion === undefined) return verdict
    let made = this.made.get(expansion)
    if (made === undefined) {
      made = best(this.rootsOf(expansion.file), (root) => this.madeIn(root, expansion))
      this.made.set(expansion, made)
    }
    return worse(verdict, made)
  }

  /** The same where a translation unit, given by its first file, reads the file. */
  verdictOfIn(root: number, file: FileId, { region, expansion }: Conditional): Verdict {
    const verdict = this.verdictIn(root, file, region)
    return verdict === 'no' || expansion === undefined ? verdict : worse(verdict, this.madeIn(root, expansion))
  }

  /** Whether a translation unit makes what an expansion makes. */
  private madeIn(root: number, { file, region, definitions, undefinitions }: Expansion): Verdict {
    const read = this.readingsIn(root)
    // A header may not have been found where it is included.
    const verdictOf = (place: RegionOfFile): Verdict =>
      read.has(place.file) ? this.verdictIn(root, place.file, place.region) : this.verdict(place.file, place.region)
    let result = this.verdictIn(root, file, region)
    for (const place of definitions) {
      if (result === 'no') return 'no'
      result = worse(result, verdictOf(place))
    }
    for (const place of undefinitions) {
      if (result === 'no') return 'no'
      result = worse(result, opposite[verdictOf(place)])
    }
    return result
  }

  private start(): void {
    if (this.started) return
    this.started = true
    const reached = new Set<number>()
    const read = (root: number): void => {
      if (!this.isRead(root)) return
      this.units.set(root, this.readUnit(root))
      reached.add(root)
      for (const file of this.graph.closure(root)) reached.add(file)
    }
    this.files.forEach((_, file) => {
      if (this.graph.includers[file]!.length === 0) read(file)
    })
    // Headers that include each other and are included by nobody else.
    this.files.forEach((_, file) => {
      if (!reached.has(file)) read(this.graph.roots(file)[0]!)
    })
  }

  private readonly made = new Map<Expansion, Verdict>()
  private readonly flat = new Map<number, ReadonlyMap<number, ReadonlySet<Reading>>>()

  /** All readings of one translation unit, by file. */
  private readingsIn(root: number): ReadonlyMap<number, ReadonlySet<Reading>> {
    const known = this.flat.get(root)
    if (known) return known
    const found = new Map<number, Set<Reading>>()
    const unit = this.units.get(root)
    const todo = unit ? [unit] : []
    while (todo.length > 0) {
      const reading = todo.pop()!
      const set = found.get(reading.file) ?? new Set()
      if (set.has(reading)) continue
      found.set(reading.file, set.add(reading))
      todo.push(...reading.within)
    }
    this.flat.set(root, found)
    return found
  }

  private readUnit(root: number): Reading {
    this.root = root
    this.macros = new Map()
    this.count = 0
    return this.read(root, true)
  }

  /** Reads a file from its begin to its end. @param sure false where its inclusion is in doubt */
  private read(file: FileId, sure: boolean): Reading {
    const reading: Reading = {
      file,
      asked: new Map(),
      said: new Map(),
      verdicts: this.files[file]!.regions.map((): Verdict => 'no'),
      within: [],
    }
    reading.verdicts[0] = sure ? 'yes' : 'unknown'
    this.path.push(reading)
    const history = this.watched?.file === file && this.watched.before === null ? this.watched : null
    if (history) history.before = new Map(this.macros)
    for (const step of this.steps.of[file]!) {
      if (history) history.at = step.at
      const verdict = reading.verdicts[step.region]!
      if (verdict === 'no') continue
      switch (step.kind) {
        case 'branch':
          this.branch(reading, step.regions, verdict)
          break
        case 'define':
          this.say(
            reading,
            step.name,
            this.defining(reading, step.region, step.name, this.states.stateOf(file, step.macro)),
          )
          break
        case 'undef':
          this.say(
            reading,
            step.name,
            verdict === 'yes' || this.environment(step.name) === notDefined ? notDefined : unknown,
          )
          break
        case 'include':
          this.include(reading, step.file, verdict === 'yes')
          break
      }
    }
    this.path.pop()
    if (history) history.at = null
    const all = this.verdicts[file]!
    if (!this.watched) {
      reading.verdicts.forEach((verdict, region) => {
        if (verdict === 'yes' || (verdict === 'unknown' && all[region] === 'no')) all[region] = verdict
      })
    }
    return reading
  }

  /** Decides all branches of an `#if` before any is entered, as what a branch defines is not there for the others. */
  private branch(reading: Reading, regions: readonly number[], outer: Verdict): void {
    let taken = false
    for (const region of regions) {
      const verdict = taken ? 'no' : evaluate(this.files[reading.file]!.regions[region]!.condition, this.environment)
      if (verdict === 'yes') taken = true
      reading.verdicts[region] = verdict === 'yes' ? outer : verdict
    }
  }

  /** What a macro is after a `#define` in a region. */
  private defining(reading: Reading, region: RegionId, name: string, state: MacroState): MacroState {
    if (reading.verdicts[region] === 'yes') return state
    const before = this.environment(name)
    if (before === state) return state
    // `#ifndef NAME`, `#define NAME 1`, `#endif`: whether or not it was there, now it is.
    const { condition, parent } = this.files[reading.file]!.regions[region]!
    const asksForIt =
      condition.kind === 'unary' &&
      condition.operator === '!' &&
      condition.operand.kind === 'defined' &&
      condition.operand.name === name
    if (before.state === 'defined' || (asksForIt && parent >= 0 && reading.verdicts[parent] === 'yes')) return defined
    return unknown
  }

  private say(reading: Reading, name: string, state: MacroState): void {
    reading.said.set(name, state)
    this.macros.set(name, state)
    const { at, changes } = this.watched ?? { at: null, changes: null }
    if (at === null || changes === null) return
    addTo(changes, name, { at, state })
  }

  private include(reading: Reading, file: FileId, sure: boolean): void {
    if (
      this.path.length >= deepestInclude ||
      this.count++ > mostReadings ||
      this.path.some((each) => each.file === file)
    )
      return
    const key = `${file} ${sure} ${this.dialect}`
    let known = this.readings.get(key)
    if (!known) {
      known = []
      this.readings.set(key, known)
    }
    let inner = this.watched ? undefined : known.find((each) => this.fits(each))
    if (!inner) {
      inner = this.read(file, sure)
      // The last one is the likeliest to fit the next time: its include guard is set now.
      if (!this.watched && known.length < mostVariants) known.unshift(inner)
      for (const [name, state] of inner.asked) if (!reading.said.has(name)) reading.asked.set(name, state)
    }
    for (const [name, state] of inner.said) this.say(reading, name, state)
    reading.within.push(inner)
    if (known.includes(inner)) return
    // Nobody will compare it with another.
    inner.asked.clear()
    inner.said.clear()
  }

  /** Whether a file would be read here as it was read before. */
  private fits({ asked }: Reading): boolean {
    for (const [name, state] of asked) if (this.environment(name) !== state) return false
    return true
  }

  private get dialect(): 'c' | 'cpp' {
    return this.files[this.root]!.dialect
  }

  /** What a macro is where the preprocessor stands. */
  private readonly environment: Environment = (name) => {
    const fixed = this.states.fixedState(name, this.dialect)
    if (fixed) return fixed
    const reading = this.path.at(-1)!
    const said = reading.said.get(name) ?? reading.asked.get(name)
    if (said) return said
    const state = this.macros.get(name) ?? this.states.initial(name, this.root)
    reading.asked.set(name, state)
    return state
  }

  /**
   * What macros mean at a place of a file, in the first translation unit that it is part of.
   * @param offset in bytes
   */
  environmentAt(file: FileId, offset: Offset): Environment {
    this.start()
    const root = this.rootsOf(file)[0] ?? file
    let history = this.histories.get(file)
    if (!history) {
      this.watched = history = { file, before: null, at: null, changes: new Map() }
      this.readUnit(root)
      this.watched = null
      this.histories.set(file, history)
    }
    const { before, changes } = history
    return (name) => {
      this.root = root
      const said = changes.get(name)?.findLast(({ at }) => at < offset)?.state
      return this.states.fixedState(name, this.dialect) ?? said ?? before?.get(name) ?? this.states.initial(name, root)
    }
  }
}
