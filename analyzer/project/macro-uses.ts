import type { FileFacts } from '../facts/file-facts.ts'
import { type Condition, evaluate, type MacroState } from '../preprocess/condition.ts'
import { addTo } from '../source/multimap.ts'
import type { FileId, Offset, RegionId } from '../source/text.ts'
import { type IncludeGraph, visibleFrom } from './includes.ts'

interface Mention {
  readonly name: string
  readonly file: FileId
  readonly offset: Offset
}

/** Which macros the code that is compiled uses, by way of others or not. */
export class MacroUses {
  /** By macro, and the file whose own definition is meant: of each file that uses it the first place. */
  private readonly places = new Map<string, Map<FileId, Offset>>()

  /** @param isCompiled whether a region of a file may be compiled */
  constructor(files: readonly FileFacts[], isCompiled: (file: FileId, region: RegionId) => boolean) {
    const reached: { readonly name: string; readonly owner: FileId | null }[] = []
    const reach = ({ name, file, offset }: Mention, isInBody: boolean): void => {
      const owner = ownsMacro(files[file]!, name, isInBody ? Number.POSITIVE_INFINITY : offset) ? file : null
      let found = this.places.get(keyOf(name, owner))
      if (!found) {
        found = new Map()
        this.places.set(keyOf(name, owner), found)
        reached.push({ name, owner })
      }
      if (!found.has(file)) found.set(file, offset)
    }
    const known = new Set(files.flatMap(({ macros }) => macros.map(({ name }) => name)))
    // What the bodies mention, by the names of the macros.
    const bodies = new Map<string, Mention[]>()
    files.forEach((facts, file) => {
      const { names, macros } = facts
      for (const [name, references] of Object.entries(names)) {
        if (!known.has(name)) continue
        for (const { offset, region, macro } of references) {
          if (!isCompiled(file, region)) continue
          if (macro >= 0) addTo(bodies, macros[macro]!.name, { name, file, offset })
          else if (!isUndefinedAt(facts, name, region, offset)) reach({ name, file, offset }, false)
        }
      }
    })
    for (let next = reached.pop(); next !== undefined; next = reached.pop()) {
      const { name, owner } = next
      for (const mention of bodies.get(name) ?? []) if (owner === null || owner === mention.file) reach(mention, true)
    }
  }

  /**
   * One place where a macro is used: in its own file, else in what that sees, else anywhere; null for none.
   * @param file that defines it
   */
  placeOf(name: string, file: FileId, graph: IncludeGraph): { readonly file: FileId; readonly offset: Offset } | null {
    const places = new Map([
      ...(this.places.get(keyOf(name, null)) ?? []),
      ...(this.places.get(keyOf(name, file)) ?? []),
    ])
    if (places.size === 0) return null
    const seen = visibleFrom(graph, file)
    const users = [...places.keys()]
    const where = places.has(file) ? file : (users.find((each) => seen.has(each)) ?? users[0]!)
    return { file: where, offset: places.get(where)! }
  }
}

const keyOf = (name: string, owner: FileId | null): string => (owner === null ? name : `${name} ${owner}`)

/** Whether a file defines a macro itself before a place, whatever the conditions: it means no other file's there. */
function ownsMacro({ macros, regions }: FileFacts, name: string, place: number): boolean {
  let first = ownMacros.get(macros)
  if (!first) {
    const found = new Map<string, Offset>()
    for (const macro of macros)
      if (regions[macro.region]!.parent < 0)
        found.set(macro.name, Math.min(found.get(macro.name) ?? macro.offset, macro.offset))
    first = found
    ownMacros.set(macros, first)
  }
  return (first.get(name) ?? Number.POSITIVE_INFINITY) < place
}

/** Of the macros that a file defines whatever the conditions the first place of each. */
const ownMacros = new WeakMap<FileFacts['macros'], ReadonlyMap<string, Offset>>()

/**
 * Whether a place is compiled only where a name is no macro, which the name there then does not mean: it stands in
 * `#ifndef NAME`, and nothing defines it in between.
 */
function isUndefinedAt(
  { regions, macros, includes }: FileFacts,
  name: string,
  region: RegionId,
  place: Offset,
): boolean {
  for (let id = region; id >= 0; id = regions[id]!.parent) {
    const { condition, start } = regions[id]!
    if (!needsUndefined(condition, name)) continue
    const isBetween = (offset: Offset): boolean => start <= offset && offset < place
    if (macros.some((macro) => macro.name === name && isBetween(macro.offset))) return false
    return !includes.some(({ offset }) => isBetween(offset))
  }
  return false
}

/** Whether a condition holds only where a macro is not defined. */
function needsUndefined(condition: Condition, name: string): boolean {
  return evaluate(condition, (asked) => (asked === name ? isDefined : isUnknown)) === 'no'
}

const isDefined: MacroState = { state: 'defined', value: null, parameters: null }
const isUnknown: MacroState = { state: 'unknown' }
