import type { Span } from '../source/text.ts'
import type { Region } from './directives.ts'
import { isPunctuation, Kind, type Tokens } from './scanner.ts'

/** What is between the braces of a function or an initialiser. */
export interface Body extends Span {
  /** Conditions that begin in it end in it. */
  readonly isWhole: boolean
}

/** Characters of a body that is worth blanking: one with fewer costs the parser nothing. */
const shortest = 40

/**
 * The bodies of functions and initialisers at file level, in order: blanking those in which nothing is to be found
 * saves the parser most of its work. Only what plainly begins and ends is taken: from a brace after `)` or `=` to the
 * brace in the first column that closes it, in all branches together.
 */
export function bodiesAtFileLevel(tokens: Tokens, regions: readonly Region[]): readonly Body[] {
  const { text, count, start, kind, isInDirective } = tokens
  const closers = closersInFirstColumn(tokens)
  // Where regions begin and end, each with the other end.
  const boundaries = regions
    .slice(1)
    .flatMap((region) => [
      { at: region.start, other: region.end },
      { at: region.end, other: region.start },
    ])
    .sort((a, b) => a.at - b.at)
  let boundary = 0
  const bodies: Body[] = []
  let previous = -1
  for (let at = 0; at < count; at++) {
    if (isInDirective[at] !== 0) continue
    const opens = kind[at] === Kind.punctuation && text.charCodeAt(start[at]!) === 123
    if (!opens || previous < 0 || !(isPunctuation(tokens, previous, ')') || isPunctuation(tokens, previous, '='))) {
      previous = at
      continue
    }
    const end = closers.get(at) ?? -1
    previous = at
    if (end < 0) continue
    const from = start[at]! + 1
    const to = start[end]!
    while (boundary < boundaries.length && boundaries[boundary]!.at < from) boundary++
    let isWhole = true
    for (; boundary < boundaries.length && boundaries[boundary]!.at < to; boundary++)
      isWhole &&= from <= boundaries[boundary]!.other && boundaries[boundary]!.other <= to
    if (to - from > shortest) bodies.push({ start: from, end: to, isWhole })
    at = end
    previous = end
  }
  return bodies
}

/**
 * The braces that one in the first column closes, with that one, where no other such one is between them, and no brace
 * before them is open since the last such one.
 */
function closersInFirstColumn({ text, count, start, kind, isInDirective }: Tokens): ReadonlyMap<number, number> {
  const closers = new Map<number, number>()
  const open: number[] = []
  let last = -1
  for (let at = 0; at < count; at++) {
    if (kind[at] !== Kind.punctuation || isInDirective[at] !== 0) continue
    const code = text.charCodeAt(start[at]!)
    if (code === 123) open.push(at)
    else if (code === 125) {
      const opener = open.pop()
      if (start[at]! !== 0 && text.charCodeAt(start[at]! - 1) !== 10) continue
      // Where branches of an `#if` open a block twice, the brace may be one within the body of a function.
      const isOutermost = (open.at(-1) ?? -1) <= last
      if (opener !== undefined && opener > last && isOutermost) closers.set(opener, at)
      last = at
    }
  }
  return closers
}
