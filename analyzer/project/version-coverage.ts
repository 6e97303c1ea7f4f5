import type { FileFacts } from '../facts/file-facts.ts'
import { finalVersionHex, newest } from '../knowledge/version.ts'
import { type Condition, evaluate, type MacroState, type Verdict } from '../preprocess/condition.ts'
import { addTo } from '../source/multimap.ts'
import type { Offset, RegionId } from '../source/text.ts'

/**
 * For which versions of Python a branch of a condition is compiled: none that anybody uses (Python 2, `#if 0`), all,
 * some.
 */
export type VersionCoverage = 'never' | 'always' | 'sometimes'

/**
 * The `PY_VERSION_HEX` of headers that code may still be compiled with, the first and the last release of each version
 * from 3.8 on: what is for none of them is history.
 */
const versions = Array.from({ length: newest - 7 }, (_, index) => finalVersionHex(8 + index)).flatMap((first) => [
  first,
  first + 0xff00,
])

/**
 * Which branches are for no Python that code is compiled with today (those for Python 2, `#if 0`), and which for all.
 * A macro of the project means what its definitions say; any other is unknown.
 * @returns tells the fate of a branch by its file's name and the offset where it begins, the end of its directive
 */
export function coverageOfBranches(files: readonly FileFacts[]): (file: string, branch: Offset) => VersionCoverage {
  const byName = new Map(files.map((facts) => [facts.file, facts]))
  const definitions = new Map<string, { readonly facts: FileFacts; readonly index: number }[]>()
  for (const facts of files) {
    for (const [index, { name }] of facts.macros.entries()) addTo(definitions, name, { facts, index })
  }
  /** What a macro is, by name and version; unknown as long as that is being asked. */
  const states = new Map<string, MacroState>()
  const verdictOf = (facts: FileFacts, region: RegionId, version: number): Verdict => {
    let result: Verdict = 'yes'
    const guard = guardOf(facts)
    for (let at = region; at > 0 && at !== guard; at = facts.regions[at]!.parent) {
      const verdict = decide(facts.regions[at]!.condition, version)
      if (verdict === 'no') return 'no'
      if (verdict === 'unknown') result = 'unknown'
    }
    return result
  }
  const number = (value: number): MacroState => ({
    state: 'defined',
    value: { kind: 'number', value },
    parameters: null,
  })
  const stateOf = (name: string, version: number): MacroState => {
    const found = definitions.get(name) ?? []
    if (found.length === 0) return { state: 'unknown' }
    const verdicts = found.map(({ facts, index }) => verdictOf(facts, facts.macros[index]!.region, version))
    if (verdicts.every((verdict) => verdict === 'no')) return { state: 'undefined' }
    const which = verdicts.indexOf('yes')
    if (which < 0 || verdicts.filter((verdict) => verdict !== 'no').length > 1) return { state: 'unknown' }
    const { value, parameters, region } = found[which]!.facts.macros[found[which]!.index]!
    // One that no version asks for is there where its file is seen, and not elsewhere.
    if (region === 0 || region === guardOf(found[which]!.facts)) return { state: 'unknown' }
    return { state: 'defined', value, parameters }
  }
  function decide(condition: Condition, version: number): Verdict {
    return evaluate(condition, (name) => {
      if (name === 'PY_VERSION_HEX') return number(version)
      if (name === 'PY_MAJOR_VERSION') return number(3)
      if (name === 'PY_MINOR_VERSION') return number((version >> 16) & 255)
      const key = `${name} ${version}`
      const known = states.get(key)
      if (known) return known
      states.set(key, { state: 'unknown' })
      const state = stateOf(name, version)
      states.set(key, state)
      return state
    })
  }
  return (file, branch) => {
    const facts = byName.get(file)
    const region = facts?.regions.findIndex(({ start }, index) => index > 0 && start === branch) ?? -1
    if (facts === undefined || region < 0) return 'sometimes'
    const verdicts = new Set(versions.map((version) => decide(facts.regions[region]!.condition, version)))
    return verdicts.size > 1 || verdicts.has('unknown') ? 'sometimes' : verdicts.has('no') ? 'never' : 'always'
  }
}

/** The region of an include guard, open where a file is seen: `#ifndef SPAM_H`, `#define SPAM_H`; 0 for none. */
function guardOf({ regions, macros: [first] }: FileFacts): RegionId {
  const region = first?.region ?? 0
  const condition = region > 0 && regions[region]!.parent === 0 ? regions[region]!.condition : null
  const isGuard =
    condition?.kind === 'unary' &&
    condition.operator === '!' &&
    condition.operand.kind === 'defined' &&
    condition.operand.name === first!.name
  return isGuard ? region : 0
}
