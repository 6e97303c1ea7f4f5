import type { MacroFact } from '../facts/file-facts.ts'
import { oldestPython } from '../knowledge/target.ts'
import { finalVersionHex, type Minor } from '../knowledge/version.ts'
import { type Condition, type Environment, evaluate, type MacroState, type Verdict } from '../preprocess/condition.ts'
import type { ProjectModel } from '../project/model.ts'
import { addTo } from '../source/multimap.ts'
import type { FileId, Offset, RegionId, Span } from '../source/text.ts'

/** A branch of a condition that the version of the headers decides otherwise than that of the oldest Python would. */
export interface VersionGuard {
  /** The branch. */
  readonly region: RegionId
  /** What it asks: `PY_VERSION_HEX`, or a macro of the project that stands for such a condition. */
  readonly name: string
  /** Where that stands, in the directive of the branch or of one before it. */
  readonly span: Span
}

/**
 * The innermost branch around a region that is compiled with the headers of the target, and would not be with those of
 * the oldest Python that imports the module; null for none.
 */
export const versionGuardOf = (model: ProjectModel, file: FileId, region: RegionId): VersionGuard | null =>
  guardOf(model, file, region, (newer, older) => newer !== 'no' && older === 'no')

/**
 * The innermost branch around a region that is left out with the headers of the target, and would not be with those of
 * the oldest Python that imports the module; null for none.
 */
export const olderGuardOf = (model: ProjectModel, file: FileId, region: RegionId): VersionGuard | null =>
  guardOf(model, file, region, (newer, older) => newer === 'no' && older === 'yes')

/** @param isIt whether a branch is meant that is compiled so with the headers of the target, and so with the oldest */
function guardOf(
  model: ProjectModel,
  file: FileId,
  region: RegionId,
  isIt: (newer: Verdict, older: Verdict) => boolean,
): VersionGuard | null {
  const { regions } = model.files[file]!
  const oldest = oldestPython(model.target)
  if (oldest >= model.target.headers) return null
  for (let at = region; at > 0; at = regions[at]!.parent) {
    const { condition, start } = regions[at]!
    // Cheap, and true of most conditions: they name no macro that may speak of a version.
    const names = namesIn(condition)
    if (names.length === 0) continue
    const environment = model.conditions.environmentAt(file, start)
    const asks = names.filter((name) => isOfVersion(name, environment) || chosenMacros(model).has(name))
    if (asks.length === 0) continue
    const older = withVersion(environment, oldest)
    if (!isIt(evaluate(condition, environment), evaluate(condition, withChosen(model, older, { file, start }))))
      continue
    const place = placeOf(model, file, at, asks)
    if (place) return { region: at, ...place }
  }
  return null
}

/** The macros of CPython's headers that hold their version. */
const ofHeaders: ReadonlySet<string> = new Set(['PY_VERSION_HEX', 'PY_MINOR_VERSION'])

/** How many macros are followed to one that holds the version. */
const mostMacros = 20

/** Whether a macro holds the version of the headers, or is worth something that is made of it. */
function isOfVersion(name: string, environment: Environment): boolean {
  const seen = new Set([name])
  for (const each of seen) {
    if (ofHeaders.has(each)) return true
    const state = environment(each)
    if (state.state !== 'defined' || state.value === null || seen.size > mostMacros) continue
    for (const inner of namesIn(state.value)) seen.add(inner)
  }
  return false
}

/** What macros are where headers are those of the first release of a version. */
export const withVersion = (environment: Environment, version: Minor): Environment => {
  const number = (value: number): MacroState => ({
    state: 'defined',
    value: { kind: 'number', value },
    parameters: null,
  })
  return (name) =>
    name === 'PY_VERSION_HEX'
      ? number(finalVersionHex(version))
      : name === 'PY_MINOR_VERSION'
        ? number(version)
        : environment(name)
}

/** A macro that the project defines under a condition on the version of the headers. */
interface ChosenMacro {
  readonly file: FileId
  readonly macro: MacroFact
}

const chosen = new WeakMap<ProjectModel, ReadonlyMap<string, readonly ChosenMacro[]>>()

/** The macros with such definitions, with all definitions that they have: `HAVE_312` of `#if PY_VERSION_HEX ...`. */
function chosenMacros(model: ProjectModel): ReadonlyMap<string, readonly ChosenMacro[]> {
  const known = chosen.get(model)
  if (known) return known
  const all = new Map<string, ChosenMacro[]>()
  const names = new Set<string>()
  for (const [file, { macros, regions }] of model.files.entries()) {
    const asking = regions.map(({ condition }) => namesIn(condition).some((name) => ofHeaders.has(name)))
    const isChosen = (region: RegionId): boolean => region > 0 && (asking[region]! || isChosen(regions[region]!.parent))
    for (const macro of macros) {
      addTo(all, macro.name, { file, macro })
      if (isChosen(macro.region)) names.add(macro.name)
    }
  }
  const found = new Map([...names].map((name) => [name, all.get(name)!] as const))
  chosen.set(model, found)
  return found
}

/** What these macros are, too, where headers are those of an older version. */
const withChosen =
  (model: ProjectModel, older: Environment, place: { readonly file: FileId; readonly start: Offset }): Environment =>
  (name) => {
    // What is defined behind the place is no matter there: `#ifndef X`, `#define X`.
    const macros = (chosenMacros(model).get(name) ?? []).filter(
      ({ file, macro }) => file !== place.file || macro.offset < place.start,
    )
    if (macros.length === 0) return older(name)
    const verdicts = macros.map(({ file, macro }) => olderVerdict(model, file, macro.region))
    const live = macros.filter((_, index) => verdicts[index] !== 'no')
    if (live.length === 0) return { state: 'undefined' }
    // More than one definition, or one that may be left out: what holds today is as good.
    if (live.length > 1 || verdicts.includes('unknown')) return older(name)
    const { value, parameters } = live[0]!.macro
    return { state: 'defined', value, parameters }
  }

/** Whether a region would be compiled with older headers. */
function olderVerdict(model: ProjectModel, file: FileId, region: RegionId): Verdict {
  const oldest = oldestPython(model.target)
  const { regions } = model.files[file]!
  let verdict: Verdict = 'yes'
  for (let at = region; at > 0; at = regions[at]!.parent) {
    const { condition, start } = regions[at]!
    const found = evaluate(condition, withVersion(model.conditions.environmentAt(file, start), oldest))
    if (found === 'no') return 'no'
    if (found === 'unknown') verdict = 'unknown'
  }
  return verdict
}

/** The macros that a condition asks for, in its order. */
function namesIn(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case 'macro':
    case 'defined':
      return [condition.name]
    case 'call':
      return [condition.name, ...condition.operands.flatMap(namesIn)]
    case 'unary':
      return namesIn(condition.operand)
    case 'binary':
      return [...namesIn(condition.left), ...namesIn(condition.right)]
    case 'choice':
      return [condition.test, condition.yes, condition.no].flatMap(namesIn)
    default:
      return []
  }
}

/**
 * Where a branch asks for one of some macros: in its own directive or, as for an `#else`, in the nearest of those
 * before it; the first of the names there. Null where none does.
 */
export function placeOf(
  model: ProjectModel,
  file: FileId,
  region: RegionId,
  names: readonly string[],
): Pick<VersionGuard, 'name' | 'span'> | null {
  const { regions } = model.files[file]!
  const code = model.project.code(file)
  const { group } = regions[region]!
  for (let at = region; at > 0; at--) {
    const { start, group: other } = regions[at]!
    const line = other === group ? code.directiveBefore(start) : null
    if (line === null) continue
    const directive = { start: start - line.length, end: start }
    for (const name of names) {
      const [first] = code.occurrencesIn(name, directive)
      if (first) return { name, span: first.span }
    }
  }
  return null
}
