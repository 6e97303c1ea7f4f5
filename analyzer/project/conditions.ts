import type { FileFacts } from '../facts/file-facts.ts'
import type { Api, Availability } from '../knowledge/api.ts'
import { finalVersionHex, versionHex } from '../knowledge/version.ts'
import { evaluate, readCondition, type Condition, type Environment, type MacroState, type Verdict } from '../preprocess/condition.ts'
import { scan } from '../preprocess/scanner.ts'
import type { IncludeGraph } from './includes.ts'

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
const packVersion: MacroState = { state: 'defined', value: conditionFrom('(X << 24) | (Y << 16)'), parameters: ['X', 'Y'] }

/** Answers, for one target, which code of the project is compiled. */
export class Conditions {
  private readonly verdicts: (Verdict | undefined)[][]
  /** Of each macro name of the project: where it is defined or undefined. */
  private readonly places = new Map<string, { readonly file: number; readonly macro: number; readonly offset: number; readonly region: number }[]>()
  private readonly busy = new Set<string>()
  /** Regions that are being decided, and whether one of them was asked for meanwhile. */
  private readonly deciding = new Set<string>()
  private metItself = false
  private readonly memo = new Map<string, MacroState>()

  constructor(
    private readonly files: readonly FileFacts[],
    private readonly graph: IncludeGraph,
    private readonly api: Api,
    private readonly target: Availability,
    /** A build without any option: macros that nothing is known of are not defined, but those of compilers. */
    private readonly plain = false,
  ) {
    this.verdicts = files.map(() => [])
    const add = (name: string, place: { file: number; macro: number; offset: number; region: number }): void => {
      const list = this.places.get(name)
      if (list) list.push(place)
      else this.places.set(name, [place])
    }
    files.forEach((facts, file) => {
      facts.macros.forEach(({ name, offset, region }, macro) => add(name, { file, macro, offset, region }))
      facts.undefinitions.forEach(({ name, offset, region }) => add(name, { file, macro: -1, offset, region }))
    })
    for (const list of this.places.values()) list.sort((a, b) => a.file - b.file || a.offset - b.offset)
  }

  /** Whether a region of a file is compiled for the target. */
  verdict(file: number, region: number): Verdict {
    const known = this.verdicts[file]![region]
    if (known !== undefined) return known
    const key = `${file}:${region}`
    if (this.deciding.has(key)) {
      this.metItself = true
      return 'unknown'
    }
    const { regions } = this.files[file]!
    const { parent, condition, start } = regions[region]!
    // From the outside in where they nest deeply: too deep for calls that wait for each other.
    const around: number[] = []
    for (let at = parent; at >= 0 && this.verdicts[file]![at] === undefined; at = regions[at]!.parent) around.push(at)
    if (around.length > 100) while (around.length > 0) this.verdict(file, around.pop()!)
    this.deciding.add(key)
    const outerMet = this.metItself
    this.metItself = false
    const outer = parent < 0 ? this.included(file) : this.verdict(file, parent)
    const own = outer === 'no' ? 'no' : evaluate(condition, this.environment(file, start))
    const result: Verdict = own === 'no' ? 'no' : outer === 'unknown' ? 'unknown' : own
    this.deciding.delete(key)
    // What hangs on a region that is still being decided is not settled.
    if (!this.metItself) this.verdicts[file]![region] = result
    this.metItself ||= outerMet
    return result
  }

  /** Whether a file takes part at all: a header does if some file that takes part includes it. */
  private included(file: number): Verdict {
    const includers = this.graph.includers[file]!
    let result: Verdict = includers.length === 0 ? 'yes' : 'no'
    for (const includer of includers) {
      const verdict = this.verdict(includer.file, includer.region)
      if (verdict === 'yes') return 'yes'
      if (verdict === 'unknown') result = 'unknown'
    }
    return result
  }

  /** What macros mean at a place of a file. @param offset where the `#if` stands, in bytes */
  environment(file: number, offset: number): Environment {
    return (name) => {
      const key = `${file}:${offset}:${name}`
      const known = this.memo.get(key)
      if (known) return known
      if (this.busy.has(key)) return unknown
      this.busy.add(key)
      const state = this.ofTarget(name, file) ?? this.ofProject(name, file, offset)
      this.busy.delete(key)
      this.memo.set(key, state)
      return state
    }
  }

  /** What the target or CPython's headers say of a macro; null where they say nothing. */
  private ofTarget(name: string, file: number): MacroState | null {
    const { target } = this
    switch (name) {
      case 'PY_VERSION_HEX': return number(finalVersionHex(target.headers))
      case 'PY_MAJOR_VERSION': return number(3)
      case 'PY_MINOR_VERSION': return number(target.headers)
      case 'PY_MICRO_VERSION': return unknown
      case 'Py_LIMITED_API': return number(versionHex(target.level))
      case 'Py_TARGET_ABI3T': return target.abi3t ? number(versionHex(target.level)) : notDefined
      case 'Py_GIL_DISABLED': return target.abi3t ? number(1) : notDefined
      case 'PYPY_VERSION': case 'PYPY_VERSION_NUM': case 'GRAALVM_PYTHON': case 'Py_BUILD_CORE': return notDefined
      case 'WITH_THREAD': case 'Py_PYTHON_H': case 'Py_USING_UNICODE': return number(1)
      case '_Py_PACK_VERSION': case 'Py_PACK_VERSION': return this.places.has(name) ? null : packVersion
      case '_Py_PACK_FULL_VERSION': case 'Py_PACK_FULL_VERSION': return this.places.has(name) ? null : packFullVersion
      case '__cplusplus': return this.dialect(file) === 'cpp' ? number(201703) : notDefined
    }
    const fact = this.api.fact(name)
    if (fact === null) return null
    const isMacro = fact.macroUntil !== null && target.level <= fact.macroUntil
    if (!isMacro) return fact.entity === 'macro' || fact.entity === 'constant' ? null : this.places.has(name) ? null : notDefined
    if (!this.api.declared(fact, target)) return this.places.has(name) ? null : notDefined
    return this.places.has(name) ? null : defined
  }

  private dialect(file: number): 'c' | 'cpp' {
    const roots = this.graph.roots(file)
    return this.files[roots[0] ?? file]!.dialect
  }

  private ofProject(name: string, file: number, offset: number): MacroState {
    const places = this.places.get(name)
    const fact = this.api.fact(name)
    const fromHeaders = fact !== null && fact.macroUntil !== null && this.target.level <= fact.macroUntil && this.api.declared(fact, this.target) ? defined : null
    if (!places) return fromHeaders ?? (fact || (this.plain && !name.startsWith('__')) ? notDefined : unknown)
    // The last word before the place counts.
    const here = places.filter((place) => place.file === file && place.offset < offset)
    for (let index = here.length - 1; index >= 0; index--) {
      const place = here[index]!
      const verdict = this.verdict(file, place.region)
      if (verdict === 'no') continue
      if (verdict === 'unknown') return unknown
      return place.macro < 0 ? notDefined : this.state(place)
    }
    const seen = this.visible(file)
    let doubt = false
    let taken = false
    // Of each file the last word counts, as in the file itself.
    const said = new Set<number>()
    for (let index = places.length - 1; index >= 0; index--) {
      const place = places[index]!
      if (place.file === file || said.has(place.file) || !seen.has(place.file)) continue
      const met = this.metItself
      this.metItself = false
      const verdict = this.verdict(place.file, place.region)
      // It is only there if the condition that is being decided holds: `#ifndef X_H`, `#include "x.h"`.
      const circular = this.metItself
      this.metItself = met
      if (verdict === 'no' || circular) continue
      said.add(place.file)
      if (verdict === 'unknown') doubt = true
      else if (place.macro >= 0) return this.state(place)
      else taken = true
    }
    if (doubt) return unknown
    if (taken) return notDefined
    if (fromHeaders) return fromHeaders
    // The project defines it, but not here: it decides this by itself, so elsewhere it is not defined.
    const decided = places.every((place) => place.macro >= 0 && (place.file === file || seen.has(place.file)))
    return decided || fact ? notDefined : unknown
  }

  private state(place: { readonly file: number; readonly macro: number }): MacroState {
    const { value, parameters } = this.files[place.file]!.macros[place.macro]!
    return { state: 'defined', value, parameters }
  }

  /** The files whose text a compiler sees together with a file's, in its first translation unit. */
  visible(file: number): ReadonlySet<number> {
    return visibleFrom(this.graph, file)
  }
}

const visibleSets = new WeakMap<IncludeGraph, Map<number, ReadonlySet<number>>>()

/** What a file includes, and where it is included itself, what its first includer sees. */
export function visibleFrom(graph: IncludeGraph, file: number): ReadonlySet<number> {
  let sets = visibleSets.get(graph)
  if (!sets) visibleSets.set(graph, (sets = new Map()))
  let set = sets.get(file)
  if (!set) {
    const root = graph.roots(file)[0] ?? file
    set = root === file ? graph.closure(file) : new Set([root, ...graph.closure(root), ...graph.closure(file)])
    sets.set(file, set)
  }
  return set
}
