import { ownMacros } from '../knowledge/python-headers.ts'
import { finalVersionHex, type Minor, newest, oldest } from '../knowledge/version.ts'
import { type Environment, evaluate, type MacroState } from './condition.ts'
import type { Directives } from './directives.ts'

/**
 * A view is one choice of a branch for each `#if` group: a text that a parser can read. As few views are made as cover
 * every branch that some target may compile and that holds code.
 */
export interface View {
  /** For each region whether the view shows it. */
  readonly shows: Uint8Array
  /** For each region whether it is shown for the first time. */
  readonly news: Uint8Array
}

/** Conditions nested deeper than this are not looked into. */
const deepestNesting = 500

/** More views than this are not made; what they would show counts as unparsed. */
const mostViews = 12

const known = (value: number): MacroState => ({ state: 'defined', value: { kind: 'number', value }, parameters: null })
const undefinedMacro: MacroState = { state: 'undefined' }
const unknownMacro: MacroState = { state: 'unknown' }

/**
 * What holds for every target: CPython 3 with some level of the Limited API. Macros that change by target are
 * unknown.
 */
function everyTarget(minor: Minor, cxx: boolean): Environment {
  return (name) => {
    switch (name) {
      case 'PY_MAJOR_VERSION':
        return known(3)
      case 'PY_MINOR_VERSION':
        return known(minor)
      case 'PY_VERSION_HEX':
        return known(finalVersionHex(minor))
      case 'Py_LIMITED_API':
        return { state: 'defined', value: null, parameters: null }
      case 'PYPY_VERSION':
        return undefinedMacro
      case '__cplusplus':
        return cxx ? { state: 'defined', value: null, parameters: null } : undefinedMacro
      default:
        return unknownMacro
    }
  }
}

/** What holds before `Python.h` is included, which says of itself what it is, and maybe `Py_LIMITED_API`. */
const beforePython =
  (environment: Environment): Environment =>
  (name) =>
    ownMacros.has(name) || name === 'Py_LIMITED_API' ? unknownMacro : environment(name)

/** For each region whether some target may compile it, as far as its own text can tell. */
export function possibleRegions({ regions, includes }: Directives, cxx: boolean): boolean[] {
  // A branch may be for a single version, so each is asked; the newest first, since most are for that.
  const versions: Environment[] = []
  for (let minor = newest + 1; minor >= oldest; minor--) versions.push(everyTarget(minor, cxx))
  const first = includes.some(({ path }) => path === 'Python.h') ? includes[0]!.offset : -1
  const early = first < 0 ? versions : versions.map(beforePython)
  const possible: boolean[] = []
  for (const region of regions) {
    possible.push(
      (region.parent < 0 || possible[region.parent]!) &&
        (region.start < first ? early : versions).some((version) => evaluate(region.condition, version) !== 'no'),
    )
  }
  return possible
}

/**
 * Plans the views of a file.
 * @param codeTokens for each region how much it holds itself that is worth a view
 * @returns at least one view; and the regions with code that no view shows because there would be too many
 */
export function planViews(
  directives: Directives,
  possible: readonly boolean[],
  codeTokens: Int32Array,
): { readonly views: readonly View[]; readonly unseen: readonly number[] } {
  const { regions } = directives
  // Groups inside each region, each with its possible branches.
  const groups: { readonly branches: number[] }[][] = regions.map(() => [])
  const byId = new Map<number, { branches: number[] }>()
  regions.forEach((region, id) => {
    if (id === 0) return
    let group = byId.get(region.group)
    if (!group) {
      group = { branches: [] }
      byId.set(region.group, group)
    }
    if (group.branches.length === 0 && possible[id]) groups[region.parent]!.push(group)
    if (possible[id]) group.branches.push(id)
  })
  // How many views a region needs for all code below it.
  const needs = new Array<number>(regions.length).fill(0)
  const groupNeeds = (group: { readonly branches: readonly number[] }): number =>
    group.branches.reduce((sum, branch) => sum + needs[branch]!, 0)
  for (let id = regions.length - 1; id >= 0; id--) {
    if (!possible[id]) continue
    const inner = groups[id]!.reduce((most, group) => Math.max(most, groupNeeds(group)), 0)
    needs[id] = Math.max(inner, codeTokens[id]! > 0 ? 1 : 0)
  }
  const count = Math.min(Math.max(1, needs[0]!), mostViews)
  const seen = new Uint8Array(regions.length)
  const views: View[] = []
  for (let index = 0; index < count; index++) {
    const shows = new Uint8Array(regions.length)
    const news = new Uint8Array(regions.length)
    const show = (id: number, turn: number, depth: number): void => {
      if (depth > deepestNesting) return
      shows[id] = 1
      if (!seen[id]) news[id] = seen[id] = 1
      for (const group of groups[id]!) {
        const total = groupNeeds(group)
        let rest = turn < total ? turn : 0
        for (const branch of group.branches) {
          const own = needs[branch]!
          if (rest < own || total === 0) {
            show(branch, rest, depth + 1)
            break
          }
          rest -= own
        }
      }
    }
    show(0, index, 0)
    views.push({ shows, news })
  }
  const unseen = regions.map((_, id) => id).filter((id) => possible[id] && codeTokens[id]! > 0 && !seen[id])
  return { views, unseen }
}
