import type { MacroFact } from '../facts/file-facts.ts'
import { type Condition, type Environment, evaluate, type Verdict, value } from '../preprocess/condition.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, RegionId } from '../source/text.ts'
import type { BuildFile } from './build-file.ts'
import type { LevelValue } from './level-value.ts'

/** The macros that choose the level. */
export type LevelMacro = 'Py_LIMITED_API' | 'Py_TARGET_ABI3T'

/** A place that sets the level of the Limited API. */
export interface LevelSetting {
  readonly macro: LevelMacro
  /** Index into the model's files, or a build file. */
  readonly file: FileId | BuildFile
  /** Where the value stands; the name where there is none. */
  readonly start: number
  readonly end: number
  readonly value: LevelValue
  /** As a macro's value, or as a version: `limited_api: '3.9'`. */
  readonly written: 'macro' | 'version'
  /** The C region, -1 in build files. */
  readonly region: RegionId
}

/** A place in a build file that sets the level of the Limited API. */
export interface BuildLevel extends LevelSetting {
  readonly file: BuildFile
  /** The macro's name as it is written there, where that is not its name: `DPy_LIMITED_API`. */
  readonly misspelled: string | null
}

/** A `#define` of the level in a C file, with the macro's index. */
export interface SourceLevel extends LevelSetting {
  readonly file: FileId
  readonly index: number
  /** Whether it is compiled in a build that does not set the level from outside. */
  readonly active: Exclude<Verdict, 'no'>
  /** Whether it is there only for builds that do not set the level from outside. */
  readonly fallback: boolean
}

const levelMacros = /^(?:Py_LIMITED_API|Py_TARGET_ABI3T)$/
const found = new WeakMap<ProjectModel, readonly SourceLevel[]>()

/** All `#define`s of the level in the project's C files that some build compiles. */
export function sourceLevels(model: ProjectModel): readonly SourceLevel[] {
  let levels = found.get(model)
  if (!levels) {
    levels = model.files.flatMap(({ macros }, file) =>
      macros.flatMap((macro, index) => sourceLevel(model, file, macro, index)),
    )
    found.set(model, levels)
  }
  return levels
}

function sourceLevel(model: ProjectModel, file: FileId, macro: MacroFact, index: number): SourceLevel[] {
  if (!levelMacros.test(macro.name)) return []
  const active = activeAnywhere(model, file, macro.region)
  if (active === 'no') return []
  const empty = macro.bodyStart === macro.bodyEnd
  const set = (name: string): boolean | null => (levelMacros.test(name) ? true : null)
  return [
    {
      macro: macro.name as LevelMacro,
      file,
      index,
      start: empty ? macro.offset : macro.bodyStart,
      end: empty ? macro.offset + macro.name.length : macro.bodyEnd,
      value: settingOf(model, file, macro, empty),
      written: 'macro',
      region: macro.region,
      active,
      fallback: activeWith(model, file, macro.region, set) === 'no',
    },
  ]
}

function settingOf(model: ProjectModel, file: FileId, macro: MacroFact, empty: boolean): LevelValue {
  if (empty) return { kind: 'empty' }
  if (macro.parameters !== null) return { kind: 'unknown' }
  // `3.10`, `"3.10"`; what is longer may be something that is merely not understood.
  if (macro.value === null)
    return macro.bodyEnd - macro.bodyStart < 12 ? { kind: 'no-number', text: '' } : { kind: 'unknown' }
  if (mentions(macro.value, /^PY_(?:VERSION_HEX|MINOR_VERSION)$/)) return { kind: 'floating' }
  const number = value(macro.value, withoutLevel(model.conditions.environmentAt(file, macro.offset)))
  return number === null ? { kind: 'unknown' } : { kind: 'number', value: number }
}

/** Whether a condition names a macro. */
export function mentions(condition: Condition, name: RegExp): boolean {
  switch (condition.kind) {
    case 'macro':
    case 'defined':
      return name.test(condition.name)
    case 'call':
      return condition.operands.some((each) => mentions(each, name))
    case 'unary':
      return mentions(condition.operand, name)
    case 'binary':
      return mentions(condition.left, name) || mentions(condition.right, name)
    case 'choice':
      return [condition.test, condition.yes, condition.no].some((each) => mentions(each, name))
    default:
      return false
  }
}

const withoutLevel =
  (environment: Environment): Environment =>
  (name) =>
    levelMacros.test(name) || name === 'Py_GIL_DISABLED' ? { state: 'unknown' } : environment(name)

/**
 * Whether a region is compiled in some build, whatever the build says of the level and the GIL. The target is not asked
 * here: it says what the level shall be, and the question is what sets it.
 */
function activeAnywhere(model: ProjectModel, file: FileId, region: RegionId): Verdict {
  const free = activeWith(model, file, region, () => null)
  if (free !== 'unknown') return free
  // A guard against setting the level twice is no doubt.
  const unset = activeWith(model, file, region, (name) => (name === 'Py_GIL_DISABLED' ? null : false))
  return unset === 'yes' ? 'yes' : 'unknown'
}

/** Of a macro of the level or the GIL: whether it is defined; null for not known. */
type Defined = (name: string) => boolean | null

/** Whether a region is compiled if the macros of the level and the GIL are defined or not. */
export function activeWith(model: ProjectModel, file: FileId, region: RegionId, defined: Defined): Verdict {
  let result: Verdict = model.active(file, 0)
  for (let at = region; at > 0 && result !== 'no'; at = model.files[file]!.regions[at]!.parent) {
    const { condition, start } = model.files[file]!.regions[at]!
    const outer = withoutLevel(model.conditions.environmentAt(file, start))
    const verdict = evaluate(condition, (name) => {
      const state = outer(name)
      const known = levelMacros.test(name) || name === 'Py_GIL_DISABLED' ? defined(name) : null
      if (known === null) return state
      return known ? { state: 'defined', value: null, parameters: null } : { state: 'undefined' }
    })
    if (verdict === 'no') result = 'no'
    else if (verdict === 'unknown') result = 'unknown'
  }
  return result
}
