import type { FileFacts } from '../facts/file-facts.ts'
import type { Api } from '../knowledge/api.ts'
import { ownMacros } from '../knowledge/python-headers.ts'
import type { Target } from '../knowledge/target.ts'
import { finalVersionHex, versionHex } from '../knowledge/version.ts'
import type { Condition, MacroState } from '../preprocess/condition.ts'
import { readCondition } from '../preprocess/condition-parser.ts'
import { scan } from '../preprocess/scanner.ts'
import type { FileId } from '../source/text.ts'
import type { BuildOptions } from './build-options.ts'
import type { IncludeGraph } from './includes.ts'
import type { Steps } from './steps.ts'

const number = (value: number): MacroState => ({ state: 'defined', value: { kind: 'number', value }, parameters: null })
/** Defined, but not to a value that can be read. These three are told apart by identity. */
export const defined: MacroState = { state: 'defined', value: null, parameters: null }
export const notDefined: MacroState = { state: 'undefined' }
export const unknown: MacroState = { state: 'unknown' }

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

const packingVersions: ReadonlyMap<string, MacroState> = new Map([
  ['_Py_PACK_VERSION', packVersion],
  ['Py_PACK_VERSION', packVersion],
  ['_Py_PACK_FULL_VERSION', packFullVersion],
  ['Py_PACK_FULL_VERSION', packFullVersion],
])

const cplusplus = number(201703)

const lastPart = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** What of a project decides about macros. */
export interface PreprocessedProject {
  readonly files: readonly FileFacts[]
  readonly graph: IncludeGraph
  readonly steps: Steps
  readonly options: BuildOptions
}

/** What macros are for one target, by what is said outside of the text: by the target, CPython's headers, options. */
export class MacroStates {
  private readonly fixed = new Map<string, MacroState | null>()
  private readonly states = new Map<string, MacroState>()
  private readonly followers = new Map<string, MacroState>()
  private readonly outside = new Map<string, MacroState>()
  private readonly unread = new Map<FileId, ReadonlySet<string>>()

  /** @param absent which macros that nothing is known of are taken as not defined, instead of as unknown */
  constructor(
    private readonly project: PreprocessedProject,
    private readonly api: Api,
    private readonly target: Target,
    private readonly absent: (name: string) => boolean,
  ) {}

  /** What the target says of a macro, whatever the sources say; null where it says nothing. */
  fixedState(name: string, dialect: 'c' | 'cpp'): MacroState | null {
    if (name === '__cplusplus') return dialect === 'cpp' ? cplusplus : notDefined
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
    if (this.project.steps.places.has(name)) return null
    const packing = packingVersions.get(name)
    if (packing) return packing
    const fact = this.api.fact(name)
    if (fact === null) return null
    const isMacro = fact.macroUntil !== null && target.level <= fact.macroUntil
    if (isMacro) return this.api.declared(fact, target) ? defined : notDefined
    return fact.entity === 'macro' || fact.entity === 'constant' ? null : notDefined
  }

  /**
   * What a macro is before `Python.h` is read, in a unit that is given by its first file: those that it defines are not
   * there yet. Null for others. With `Py_TARGET_ABI3T` it defines `Py_LIMITED_API` and
   * `Py_GIL_DISABLED`, too.
   */
  beforePython(name: string, root: FileId): MacroState | null {
    const isOfAbi3t = name === 'Py_LIMITED_API' || name === 'Py_GIL_DISABLED'
    if (!ownMacros.has(name) && !(isOfAbi3t && this.target.abi3t)) return null
    return this.given(name, root) ?? notDefined
  }

  /** What a macro is before anything in a translation unit, given by its first file, speaks of it. */
  initial(name: string, root: FileId): MacroState {
    const given = this.given(name, root)
    if (given) return given
    const fact = this.api.fact(name)
    if (
      fact !== null &&
      fact.macroUntil !== null &&
      this.target.level <= fact.macroUntil &&
      this.api.declared(fact, this.target)
    )
      return packingVersions.get(name) ?? defined
    if (fact) return notDefined
    const places = this.project.steps.places.get(name)
    if (!places) return this.absent(name) ? notDefined : this.following(name, null, true)
    const within = this.project.graph.closure(root)
    const isHere = (file: FileId): boolean => file === root || within.has(file)
    // What another unit defines for itself is not there for this one.
    const others = places.filter(({ file }) => !isHere(file) && !this.project.graph.isUnit(file))
    // The unit itself decides it, somewhere: so nothing outside does. One that it only takes away comes from outside.
    const isDecided = places.some(({ file, defines }) => defines && isHere(file))
      ? !others.some(({ file }) => this.mayInclude(root, file))
      : this.absent(name) && others.length === 0
    return isDecided ? notDefined : this.following(name, null, true)
  }

  /** Whether a unit, given by its first file, includes something of a file's name that was not found. */
  private mayInclude(root: FileId, file: FileId): boolean {
    let names = this.unread.get(root)
    if (!names) {
      const { files, graph } = this.project
      const missing = [root, ...graph.closure(root)].flatMap((each) =>
        files[each]!.includes.flatMap(({ path }, index) => (graph.targets[each]![index] === null ? [path] : [])),
      )
      names = new Set(missing.map((path) => lastPart(path)))
      this.unread.set(root, names)
    }
    return names.has(lastPart(this.project.files[file]!.file))
  }

  /**
   * A macro that is defined if another one was from outside, or if it was not.
   * @param since the time of that; null for the macro itself, whenever it is asked for
   */
  following(name: string, since: number | null, when: boolean): MacroState {
    // Of macros themselves no key is made: they are asked for by the million.
    const isItself = since === null && when
    const known = isItself ? this.outside : this.followers
    const key = isItself ? name : `${when} ${since} ${name}`
    let state = known.get(key)
    if (!state) {
      state = { state: 'unknown', follows: { name, since, when } }
      known.set(key, state)
    }
    return state
  }

  /** What compiler options say of a macro; null where they say nothing. */
  private given(name: string, root: FileId): MacroState | null {
    const { definitions, ofFile } = this.project.options
    const own = ofFile.get(this.project.files[root]!.file)?.definitions.get(name)
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

  /** What a macro of the project is after its `#define`. @param macro its index in the file */
  stateOf(file: FileId, macro: number): MacroState {
    const key = `${file} ${macro}`
    let state = this.states.get(key)
    if (!state) {
      const { value, parameters } = this.project.files[file]!.macros[macro]!
      state = value === null && parameters === null ? defined : { state: 'defined', value, parameters }
      this.states.set(key, state)
    }
    return state
  }
}
