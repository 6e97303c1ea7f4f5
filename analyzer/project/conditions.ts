import type { FileFacts } from '../facts/file-facts.ts'
import type { Api } from '../knowledge/api.ts'
import type { Target } from '../knowledge/target.ts'
import { finalVersionHex, versionHex } from '../knowledge/version.ts'
import { type Condition, type Environment, evaluate, type MacroState, type Verdict } from '../preprocess/condition.ts'
import { readCondition } from '../preprocess/condition-parser.ts'
import { scan } from '../preprocess/scanner.ts'
import { addTo } from '../source/multimap.ts'
import type { FileId, Offset, RegionId } from '../source/text.ts'
import type { BuildOptions } from './build-options.ts'
import type { IncludeGraph } from './includes.ts'
import type { Steps } from './steps.ts'

const number = (value: number): MacroState => ({ state: 'defined', value: { kind: 'number', value }, parameters: null })
const defined: MacroState = { state: 'defined', value: null, parameters: null }
const notDefined: MacroState = { state: 'undefined' }
const unknown: MacroState = { state: 'unknown' }

const conditionFrom = (text: string): Condition => {
  const tokens = scan(text)
  return readCondition(tokens, 0, tokens.count)
}
/** CPython's macros of 3.14 (and, private, of 3.13) that put a version number together. */
const packFullVersion: MacroState = {
  state: 'defined',
  value: conditionFrom('(X << 24) | (Y << 16) | (Z << 8) | (LEVEL << 4) | SERIAL'),
  parameters: ['X', 'Y', 'Z', 'LEVEL', 'SERIAL'],
}
const packVersion: MacroState = {
  state: 'defined',
  value: conditionFrom('(X << 24) | (Y << 16)'),
  parameters: ['X', 'Y'],
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
  private readonly fixed = new Map<string, MacroState | null>()
  private readonly states = new Map<string, MacroState>()
  private readonly histories = new Map<number, History>()
  private started = false

  // Of the translation unit that is being read.
  private root = 0
  private macros = new Map<string, MacroState>()
  private readonly path: Reading[] = []
  private count = 0
  private watched: History | null = null

  private readonly files: readonly FileFacts[]
  private readonly graph: IncludeGraph
  private readonly steps: Steps
  private readonly options: BuildOptions

  constructor(
    project: {
      readonly files: readonly FileFacts[]
      readonly graph: IncludeGraph
      readonly steps: Steps
      readonly options: BuildOptions
    },
    private readonly api: Api,
    private readonly target: Target,
    /** Which macros that nothing is known of are taken as not defined, instead of as unknown. */
    private readonly absent: (name: string) => boolean = () => false,
  ) {
    const { files, graph, steps, options } = project
    this.files = files
    this.graph = graph
    this.steps = steps
    this.options = options
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
    let result: Verdict = 'no'
    for (const reading of this.readingsIn(root).get(file) ?? []) {
      const verdict = reading.verdicts[region]!
      if (verdict === 'yes') return 'yes'
      if (verdict === 'unknown') result = 'unknown'
    }
    return result
  }

  private start(): void {
    if (this.started) return
    this.started = true
    const reached = new Set<number>()
    const read = (root: number): void => {
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
          this.say(reading, step.name, this.defining(reading, step.region, step.name, this.stateOf(file, step.macro)))
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
    const fixed = this.fixedState(name)
    if (fixed) return fixed
    const reading = this.path.at(-1)!
    const said = reading.said.get(name) ?? reading.asked.get(name)
    if (said) return said
    const state = this.macros.get(name) ?? this.initial(name, this.root)
    reading.asked.set(name, state)
    return state
  }

  /**
   * What macros mean at a place of a file, in the first translation unit that it is part of.
   * @param offset in bytes
   */
  environmentAt(file: FileId, offset: Offset): Environment {
    this.start()
    const root = this.graph.roots(file)[0] ?? file
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
      return this.fixedState(name) ?? said ?? before?.get(name) ?? this.initial(name, root)
    }
  }

  /** What the target says of a macro, whatever the sources say; null where it says nothing. */
  private fixedState(name: string): MacroState | null {
    if (name === '__cplusplus') return this.dialect === 'cpp' ? cplusplus : notDefined
    let state = this.fixed.get(name)
    if (state === undefined) {
      state = this.ofTarget(name)
      this.fixed.set(name, state)
    }
    return state
  }

  private ofTarget(name: string): MacroState | null {
    const { target } = this
    switch (name) {
      case 'PY_VERSION_HEX':
        return number(finalVersionHex(target.headers))
      case 'PY_MAJOR_VERSION':
        return number(3)
      case 'PY_MINOR_VERSION':
        return number(target.headers)
      case 'PY_MICRO_VERSION':
        return unknown
      case 'Py_LIMITED_API':
        return number(versionHex(target.level))
      case 'Py_TARGET_ABI3T':
        return target.abi3t ? number(versionHex(target.level)) : notDefined
      case 'Py_GIL_DISABLED':
        return target.abi3t ? number(1) : notDefined
      case 'PYPY_VERSION':
      case 'PYPY_VERSION_NUM':
      case 'GRAALVM_PYTHON':
      case 'Py_BUILD_CORE':
        return notDefined
      case 'WITH_THREAD':
      case 'Py_PYTHON_H':
      case 'Py_USING_UNICODE':
        return number(1)
    }
    if (this.steps.places.has(name)) return null
    if (name === '_Py_PACK_VERSION' || name === 'Py_PACK_VERSION') return packVersion
    if (name === '_Py_PACK_FULL_VERSION' || name === 'Py_PACK_FULL_VERSION') return packFullVersion
    const fact = this.api.fact(name)
    if (fact === null) return null
    const isMacro = fact.macroUntil !== null && target.level <= fact.macroUntil
    if (isMacro) return this.api.declared(fact, target) ? defined : notDefined
    return fact.entity === 'macro' || fact.entity === 'constant' ? null : notDefined
  }

  /** What a macro is before anything in a translation unit speaks of it. */
  private initial(name: string, root: number): MacroState {
    const given = this.given(name, root)
    if (given) return given
    const fact = this.api.fact(name)
    if (
      fact !== null &&
      fact.macroUntil !== null &&
      this.target.level <= fact.macroUntil &&
      this.api.declared(fact, this.target)
    )
      return defined
    if (fact) return notDefined
    const places = this.steps.places.get(name)
    if (!places) return this.absent(name) ? notDefined : unknown
    // The unit itself decides it, somewhere: so nothing outside does. One that it only takes away comes from outside.
    const within = this.graph.closure(root)
    const decides = places.some(({ defines }) => defines) || this.absent(name)
    return decides && places.every(({ file }) => file === root || within.has(file)) ? notDefined : unknown
  }

  /** What compiler options say of a macro; null where they say nothing. */
  private given(name: string, root: number): MacroState | null {
    const { definitions, ofFile } = this.options
    const own = ofFile.get(this.files[root]!.file)?.definitions.get(name)
    const text = own === undefined ? definitions.get(name) : own
    if (text === undefined) return null
    if (text === null) return notDefined
    const key = `-D ${name}=${text}`
    let state = this.states.get(key)
    if (!state) {
      const value = conditionFrom(text)
      state = { state: 'defined', value: value.kind === 'opaque' ? null : value, parameters: null }
      this.states.set(key, state)
    }
    return state
  }

  private stateOf(file: FileId, macro: number): MacroState {
    const key = `${file} ${macro}`
    let state = this.states.get(key)
    if (!state) {
      const { value, parameters } = this.files[file]!.macros[macro]!
      state = value === null && parameters === null ? defined : { state: 'defined', value, parameters }
      this.states.set(key, state)
    }
    return state
  }
}

const cplusplus = number(201703)
