import type { FileFacts } from '../facts/file-facts.ts'
import type { Api } from '../knowledge/api.ts'
import type { Target } from '../knowledge/target.ts'
import { type Environment, evaluate, type MacroState, type Verdict } from '../preprocess/condition.ts'
import { addTo } from '../source/multimap.ts'
import type { FileId, Offset, RegionId } from '../source/text.ts'
import { type Assumptions, assumesNothing, assuming, definedUnder, environmentUnder, isInDoubt } from './assumptions.ts'
import { defined, MacroStates, notDefined, type PreprocessedProject, unknown } from './macro-states.ts'
import type { Steps } from './steps.ts'

/** One way in which a file is read: what it asked of the macros before it, what it decided, what it left behind. */
export interface Reading {
  readonly file: FileId
  /** What macros were before, of those that mattered. Another inclusion that finds the same does the same. */
  readonly asked: Map<string, MacroState>
  readonly said: Map<string, MacroState>
  readonly verdicts: Verdict[]
  /** Of each region that is entered: what is true where it is compiled. */
  readonly assumptions: Assumptions[]
  /** The files that it includes, each in the way it was read. */
  readonly within: Reading[]
  /** Whether it, or a file in it, includes what was not read. */
  hasUnread: boolean
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

/** No compiler nests includes deeper, and none comes near so many of them in one translation unit. */
const deepestInclude = 200
const mostReadings = 20_000
/** A file that is read in more ways than these is read anew each time. */
const mostVariants = 32

/** Reads translation units as a preprocessor does, for one target. */
export class UnitReader {
  /** Of each file whether its regions are compiled in some unit that was read. */
  readonly verdicts: readonly Verdict[][]
  /** By file, dialect and sureness, the ways in which it was read so far. */
  private readonly readings = new Map<string, Reading[]>()

  // Of the translation unit that is being read.
  private root = 0
  private macros = new Map<string, MacroState>()
  private readonly path: Reading[] = []
  private count = 0
  /** The time: another one begins behind what is not read, which may say anything of macros, and in each unit. */
  private now = 0
  private watched: History | null = null
  /** Whether the unit includes `Python.h` itself, and nothing was included yet. */
  private isBeforePython = false

  private readonly states: MacroStates
  private readonly files: readonly FileFacts[]
  private readonly steps: Steps

  /** @param absent which macros that nothing is known of are taken as not defined, instead of as unknown */
  constructor(project: PreprocessedProject, api: Api, target: Target, absent: (name: string) => boolean) {
    this.states = new MacroStates(project, api, target, absent)
    this.files = project.files
    this.steps = project.steps
    this.verdicts = project.files.map(({ regions }) => regions.map(() => 'no'))
  }

  /** Reads the translation unit that begins with a file. */
  readUnit(root: FileId): Reading {
    this.root = root
    this.macros = new Map()
    this.count = 0
    this.now++
    const { includes, macros } = this.files[root]!
    // What Cython makes is built with `Py_LIMITED_API` for abi3t, too: it asks for that first of all.
    const isOfCython = (): boolean => macros.some(({ name }) => name === 'CYTHON_LIMITED_API')
    this.isBeforePython = includes.some(({ path }) => path === 'Python.h') && !isOfCython()
    return this.read(root, true)
  }

  /** Reads a file from its begin to its end. @param sure false where its inclusion is in doubt */
  private read(file: FileId, sure: boolean): Reading {
    const reading: Reading = {
      file,
      asked: new Map(),
      said: new Map(),
      verdicts: this.files[file]!.regions.map((): Verdict => 'no'),
      assumptions: [sure ? assumesNothing : isInDoubt],
      within: [],
      hasUnread: false,
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
          this.branch(reading, step.regions, step.region)
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
          this.isBeforePython = false
          this.include(reading, step.file, verdict === 'yes')
          break
        case 'unread':
          this.isBeforePython = false
          reading.hasUnread = true
          this.now++
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
  private branch(reading: Reading, regions: readonly RegionId[], outer: RegionId): void {
    const assumptions = reading.assumptions[outer]!
    const environment = environmentUnder(assumptions, this.environment, this.now)
    let taken = false
    for (const region of regions) {
      const { condition } = this.files[reading.file]!.regions[region]!
      const verdict = taken ? 'no' : evaluate(condition, environment)
      if (verdict === 'yes') taken = true
      const inside = verdict === 'unknown' ? assuming(assumptions, condition, environment, this.now) : assumptions
      reading.assumptions[region] = inside ?? isInDoubt
      reading.verdicts[region] = inside === null ? 'no' : verdict === 'yes' ? reading.verdicts[outer]! : verdict
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
    const following = (of: string, since: number, when: boolean): MacroState => this.states.following(of, since, when)
    return definedUnder(reading.assumptions[region]!, before, this.now, following) ?? unknown
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
    if (inner.hasUnread) {
      reading.hasUnread = true
      this.now++
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
    const early = this.isBeforePython ? this.states.beforePython(name, this.root) : null
    const fixed = early ?? this.states.fixedState(name, this.dialect)
    if (fixed) return fixed
    const reading = this.path.at(-1)!
    const said = reading.said.get(name) ?? reading.asked.get(name)
    if (said) return said
    const state = this.macros.get(name) ?? this.states.initial(name, this.root)
    reading.asked.set(name, state)
    return state
  }

  /**
   * What macros mean at the places of a file, in a translation unit.
   * @param root the first file of the unit
   * @returns takes an offset in bytes
   */
  environmentsOf(file: FileId, root: FileId): (offset: Offset) => Environment {
    const history: History = { file, before: null, at: null, changes: new Map() }
    this.watched = history
    this.readUnit(root)
    this.watched = null
    const { before, changes } = history
    return (offset) => (name) => {
      this.root = root
      const said = changes.get(name)?.findLast(({ at }) => at < offset)?.state
      return this.states.fixedState(name, this.dialect) ?? said ?? before?.get(name) ?? this.states.initial(name, root)
    }
  }
}
