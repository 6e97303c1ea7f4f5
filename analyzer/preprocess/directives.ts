import { lastUpTo } from '../source/search.ts'
import type { Offset, RegionId, TokenIndex } from '../source/text.ts'
import { always, both, type Condition, not, nowhere } from './condition.ts'
import { readCondition } from './condition-parser.ts'
import { areAdjacent, type DirectiveSpan, isPunctuation, Kind, type Tokens, tokenText } from './scanner.ts'

/** A `#define`, with its place. */
export interface MacroDefinition {
  readonly name: string
  /** Where its name stands. */
  readonly offset: Offset
  /** The body, from its first token to the end of its last; both the end of the name where it is empty. */
  readonly bodyStart: Offset
  readonly bodyEnd: Offset
  /** The body's tokens, `endToken` exclusive. */
  readonly firstToken: TokenIndex
  readonly endToken: TokenIndex
  /** Null for an object-like macro; `...` names are kept as written. */
  readonly parameters: readonly string[] | null
  /** What it is worth in an `#if`; null where the body is no expression. */
  readonly value: Condition | null
  readonly region: RegionId
}

/** Characters of a path that is included: no system opens a longer one, so none is there by what is left of it. */
export const longestPath = 4096

export interface Undefinition {
  readonly name: string
  readonly offset: Offset
  readonly region: RegionId
}

export interface Include {
  /** As written, without quotes: `foo/bar.h`. */
  readonly path: string
  /** `"..."` rather than `<...>`. */
  readonly quoted: boolean
  /** Of the `#`, and of the end of the line. */
  readonly offset: Offset
  readonly end: Offset
  readonly region: RegionId
}

/** A stretch of text under one condition. Region 0 is the whole file. */
export interface Region {
  readonly parent: RegionId
  /** Its own branch's condition, the failing of the branches before it included; the parent's is not. */
  readonly condition: Condition
  /** Between the directive that opens it and the one that ends it. */
  readonly start: Offset
  readonly end: Offset
  /** The `#if` ... `#endif` that it belongs to, and which of its branches it is, from 0. */
  readonly group: number
  readonly branch: number
}

export interface Directives {
  readonly macros: readonly MacroDefinition[]
  readonly undefinitions: readonly Undefinition[]
  readonly includes: readonly Include[]
  readonly regions: readonly Region[]
}

/** Branches of one `#if` whose conditions are followed. */
const mostBranches = 300

interface OpenGroup {
  readonly id: number
  readonly parent: RegionId
  failed: Condition
  branch: number
  region: RegionId
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * Reads all directives of a file. Never throws: an `#if` without `#endif` ends with the file, a stray `#endif` is
 * ignored.
 */
export function readDirectives(tokens: Tokens): Directives {
  const macros: MacroDefinition[] = []
  const undefinitions: Undefinition[] = []
  const includes: Include[] = []
  const regions: Mutable<Region>[] = [
    { parent: -1, condition: always, start: 0, end: tokens.text.length, group: -1, branch: 0 },
  ]
  const stack: OpenGroup[] = []
  let groups = 0
  let region = 0

  const open = (group: OpenGroup, condition: Condition, start: Offset): void => {
    regions.push({
      parent: group.parent,
      condition,
      start,
      end: tokens.text.length,
      group: group.id,
      branch: group.branch,
    })
    group.region = region = regions.length - 1
  }

  for (const span of tokens.directives) {
    if (span.firstToken >= span.endToken) continue
    const word = tokenText(tokens, span.firstToken)
    const first = span.firstToken + 1
    switch (word) {
      case 'if':
      case 'ifdef':
      case 'ifndef': {
        const condition = conditionOf(tokens, word, first, span)
        const group: OpenGroup = { id: groups++, parent: region, failed: not(condition), branch: 0, region: 0 }
        stack.push(group)
        open(group, condition, span.end)
        break
      }
      case 'elif':
      case 'elifdef':
      case 'elifndef':
      case 'else': {
        const group = stack.at(-1)
        if (!group) break
        regions[group.region]!.end = span.start
        const own = word === 'else' ? always : conditionOf(tokens, word.slice(2), first, span)
        // Each branch holds the conditions of all before it: in a chain without end nobody can tell.
        const condition =
          group.branch > mostBranches ? { kind: 'opaque' as const, text: word } : both(group.failed, own)
        group.failed =
          word === 'else' ? nowhere : group.branch > mostBranches ? group.failed : both(group.failed, not(own))
        group.branch++
        open(group, condition, span.end)
        break
      }
      case 'endif': {
        const group = stack.pop()
        if (!group) break
        regions[group.region]!.end = span.start
        region = group.parent
        break
      }
      case 'define': {
        const macro = readMacro(tokens, first, span, region)
        if (macro) macros.push(macro)
        break
      }
      case 'undef':
        if (first < span.endToken)
          undefinitions.push({ name: tokenText(tokens, first), offset: tokens.start[first]!, region })
        break
      case 'include':
      case 'include_next':
      case 'import': {
        const written = tokens.text.slice(tokens.end[span.firstToken], span.end)
        const named = includedPath(written)
        if (named) {
          includes.push({
            ...named,
            offset: span.start,
            end: span.end,
            region,
          })
        }
        break
      }
    }
  }
  return { macros, undefinitions, includes, regions }
}

/** What an `#include` names, by what stands behind that word; null for a macro. A path has no line end. */
function includedPath(written: string): { readonly path: string; readonly quoted: boolean } | null {
  const start = written.search(/\S/)
  const quoted = written[start] === '"'
  if (!quoted && written[start] !== '<') return null
  const end = written.indexOf(quoted ? '"' : '>', start + 1)
  const path = end < 0 ? '\n' : written.slice(start + 1, end)
  return path.includes('\n') ? null : { path: path.trim().slice(0, longestPath), quoted }
}

function conditionOf(tokens: Tokens, word: string, first: number, span: DirectiveSpan): Condition {
  if (word === 'if') return readCondition(tokens, first, span.endToken)
  if (first >= span.endToken || tokens.kind[first] !== Kind.identifier) return { kind: 'opaque', text: word }
  const defined: Condition = { kind: 'defined', name: tokenText(tokens, first) }
  return word === 'ifdef' || word === 'def' ? defined : not(defined)
}

function readMacro(tokens: Tokens, at: number, span: DirectiveSpan, region: RegionId): MacroDefinition | null {
  if (at >= span.endToken || tokens.kind[at] !== Kind.identifier) return null
  let body = at + 1
  let parameters: string[] | null = null
  // The parameter list begins without a blank after the name.
  if (body < span.endToken && isPunctuation(tokens, body, '(') && areAdjacent(tokens, at)) {
    parameters = []
    body++
    while (body < span.endToken && !isPunctuation(tokens, body, ')')) {
      // `args...` is one parameter for all that is left; what is no name is a mistake.
      const isRest = isPunctuation(tokens, body, '...') && tokens.kind[body - 1] !== Kind.identifier
      if (isRest || tokens.kind[body] === Kind.identifier) parameters.push(tokenText(tokens, body))
      body++
    }
    body++
  }
  const empty = body >= span.endToken
  return {
    name: tokenText(tokens, at),
    offset: tokens.start[at]!,
    bodyStart: empty ? tokens.end[at]! : tokens.start[body]!,
    bodyEnd: empty ? tokens.end[at]! : tokens.end[span.endToken - 1]!,
    firstToken: Math.min(body, span.endToken),
    endToken: span.endToken,
    parameters,
    value: empty || span.endToken - body > 150 ? null : worth(readCondition(tokens, body, span.endToken)),
    region,
  }
}

const worth = (condition: Condition): Condition | null => (condition.kind === 'opaque' ? null : condition)

/** The region of each offset, by binary search. */
export class RegionIndex {
  private readonly bounds: number[] = [0]
  private readonly owners: number[] = [0]

  constructor(regions: readonly Region[]) {
    // Regions come in the order in which they open and nest properly.
    const events: { at: Offset; region: RegionId; opens: boolean }[] = []
    regions.forEach((region, id) => {
      if (id === 0 || region.start >= region.end) return
      events.push({ at: region.start, region: id, opens: true }, { at: region.end, region: id, opens: false })
    })
    events.sort(
      (a, b) =>
        a.at - b.at || Number(a.opens) - Number(b.opens) || (a.opens ? a.region - b.region : b.region - a.region),
    )
    for (const event of events) {
      this.bounds.push(event.at)
      this.owners.push(event.opens ? event.region : regions[event.region]!.parent)
    }
  }

  at(offset: Offset): number {
    return this.owners[lastUpTo(this.bounds, offset)]!
  }
}
