import type { Offset } from '../source/text.ts'
import type { Region } from './directives.ts'
import type { MaskEdit } from './mask-writer.ts'
import { isPunctuation, Kind, type Tokens } from './scanner.ts'

/**
 * Function bodies and initialisers at file level in which nothing is to be found: blanking them saves the parser most
 * of its work. Only what plainly begins and ends is taken: from a brace after `)` or `=` to the brace in the first
 * column that closes it, with no condition between them; and what an earlier view has shown already.
 * @param worthwhile whether something of interest lies between two offsets
 * @param isNew whether the view shows something between two offsets that none before has shown
 */
export function idleBodies(
  tokens: Tokens,
  regions: readonly Region[],
  worthwhile: (start: Offset, end: Offset) => boolean,
  isNew: (start: Offset, end: Offset) => boolean = () => true,
): MaskEdit[] {
  const { text, count, start, kind, directive } = tokens
  const conditions = regions
    .slice(1)
    .map((region) => region.start)
    .sort((a, b) => a - b)
  let condition = 0
  const edits: MaskEdit[] = []
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
    while (condition < conditions.length && conditions[condition]! < from) condition++
    const whole = condition >= conditions.length || conditions[condition]! >= to
    if (to - from > 40 && (!isNew(from, to) || (whole && !worthwhile(from, to))))
      edits.push({ start: from, end: to, put: '' })
    at = end
    previous = end
  }
  return edits

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
