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
  const { text, count, start, kind, directive } = tokens
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
    if (directive[at] !== -1) continue
    const opens = kind[at] === Kind.punctuation && text.charCodeAt(start[at]!) === 123
    if (!opens || previous < 0 || !(isPunctuation(tokens, previous, ')') || isPunctuation(tokens, previous, '='))) {
      previous = at
      continue
    }
    const end = closing(at)
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

  /** The brace in the first column that closes the one at `open`; -1 where the braces between do not pair. */
  function closing(open: number): number {
    let depth = 0
    for (let at = open; at < count; at++) {
      if (kind[at] !== Kind.punctuation || directive[at] !== -1) continue
      const code = text.charCodeAt(start[at]!)
      if (code === 123) depth++
      else if (code === 125) {
        depth--
        const atLineStart = start[at]! === 0 || text.charCodeAt(start[at]! - 1) === 10
        if (atLineStart) return depth === 0 ? at : -1
        if (depth <= 0) return -1
      }
    }
    return -1
  }
}
