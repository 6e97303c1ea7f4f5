import type { FileFacts } from '../facts/file-facts.ts'
import { type Condition, evaluate } from '../preprocess/condition.ts'
import { addTo } from '../source/multimap.ts'
import type { FileId, Offset, RegionId } from '../source/text.ts'
import type { IncludeGraph } from './includes.ts'

/** What a preprocessor does at one place of a file. Places are byte offsets; `region` is the region it stands in. */
export type Step = { readonly at: Offset; readonly region: RegionId } & (
  | { readonly kind: 'define'; readonly name: string; readonly macro: number }
  | { readonly kind: 'undef'; readonly name: string }
  | { readonly kind: 'include'; readonly file: FileId }
  /** An `#include` of what was not read: it may say anything of macros. */
  | { readonly kind: 'unread' }
  /** An `#if` with its branches, in order. */
  | { readonly kind: 'branch'; readonly regions: readonly number[] }
)

/** The directives of a project, file by file, in the order in which a preprocessor meets them. Knows no target. */
export interface Steps {
  readonly of: readonly (readonly Step[])[]
  /** Of each macro that conditions depend on: where it is defined and undefined. */
  readonly places: ReadonlyMap<string, readonly { readonly file: FileId; readonly defines: boolean }[]>
  /** The macros that conditions compare with something: who does that takes them for defined. */
  readonly compared: ReadonlySet<string>
}

/** Puts the directives of all files in order. Macros that no condition depends on are left out. */
export function stepsOf(files: readonly FileFacts[], graph: IncludeGraph): Steps {
  const { asked, compared } = askedMacros(files)
  const places = new Map<string, { file: FileId; defines: boolean }[]>()
  const of = files.map((facts, file) => {
    const steps: Step[] = []
    const groups = new Map<number, number[]>()
    facts.regions.forEach(({ group, parent, start }, id) => {
      if (group < 0) return
      const branches = groups.get(group)
      if (branches) branches.push(id)
      else {
        const regions = [id]
        groups.set(group, regions)
        steps.push({ at: start, region: parent, kind: 'branch', regions })
      }
    })
    facts.macros.forEach(({ name, offset, region }, macro) => {
      if (!asked.has(name)) return
      steps.push({ at: offset, region, kind: 'define', name, macro })
      addTo(places, name, { file, defines: true })
    })
    for (const { name, offset, region } of facts.undefinitions) {
      if (!asked.has(name)) continue
      steps.push({ at: offset, region, kind: 'undef', name })
      addTo(places, name, { file, defines: false })
    }
    facts.includes.forEach(({ offset, region }, index) => {
      const included = graph.targets[file]![index]!
      steps.push({
        at: offset,
        region,
        ...(included === null ? { kind: 'unread' } : { kind: 'include', file: included }),
      })
    })
    return steps.sort((a, b) => a.at - b.at)
  })
  return { of, places, compared }
}

/** Which regions no build compiles, whatever its macros are: what stands in `#if defined(SPAM) && 0`. */
function deadRegions({ regions }: FileFacts): readonly boolean[] {
  const isDead: boolean[] = []
  for (const { parent, condition } of regions)
    isDead.push((parent >= 0 && isDead[parent]!) || evaluate(condition, () => ({ state: 'unknown' })) === 'no')
  return isDead
}

/** The macros that conditions name, and those that these are made of; and which of them are compared with something. */
function askedMacros(files: readonly FileFacts[]): {
  readonly asked: ReadonlySet<string>
  readonly compared: ReadonlySet<string>
} {
  const values = new Map<string, Condition[]>()
  const conditions: Condition[] = []
  for (const facts of files) {
    const isDead = deadRegions(facts)
    for (const { name, value, region } of facts.macros) {
      if (value !== null && !isDead[region]) addTo(values, name, value)
    }
    for (const { condition, parent } of facts.regions) {
      if (parent < 0 || !isDead[parent]) conditions.push(condition)
    }
  }
  const asked = new Set<string>()
  const compared = new Set<string>()
  // Conditions can be as deep as the parser of them allows; the stack is ours.
  const todo = conditions.map((condition) => ({ condition, isCompared: false }))
  const ask = (name: string, isCompared: boolean): void => {
    if (asked.has(name) && (!isCompared || compared.has(name))) return
    asked.add(name)
    if (isCompared) compared.add(name)
    for (const condition of values.get(name) ?? []) todo.push({ condition, isCompared })
  }
  while (todo.length > 0) {
    const { condition, isCompared } = todo.pop()!
    const look = (...inner: readonly Condition[]): void => {
      for (const each of inner) todo.push({ condition: each, isCompared })
    }
    switch (condition.kind) {
      case 'defined':
        ask(condition.name, false)
        break
      case 'macro':
        ask(condition.name, isCompared)
        break
      case 'call':
        ask(condition.name, isCompared)
        look(...condition.operands)
        break
      case 'unary':
        look(condition.operand)
        break
      case 'binary':
        if (/^[<>=!]=?$/.test(condition.operator))
          for (const side of [condition.left, condition.right]) todo.push({ condition: side, isCompared: true })
        else look(condition.left, condition.right)
        break
      case 'choice':
        look(condition.test, condition.yes, condition.no)
        break
    }
  }
  return { asked, compared }
}
