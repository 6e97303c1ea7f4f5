import { lastUpTo } from '../source/search.ts'
import type { Offset } from '../source/text.ts'

/**
 * A masked text without its long runs of blanks: most of it is blanks, and a parser goes through them one by one.
 * Offsets into the compact text and into the file are turned into each other.
 */
export interface Compact {
  readonly text: string
  /** The offset in the file of an offset in the compact text. */
  toFile(offset: Offset): Offset
  /** The offset in the compact text of an offset in the file; inside a run that was left out, that of its end. */
  toCompact(offset: Offset): Offset
}

const blank = 32
/** Fewer blanks are left where they are. */
const longRun = ' '.repeat(8)

/** @param masked a text in which runs of blanks mean no more than one blank */
export function compact(masked: string): Compact {
  // Of each part that is kept: where it begins in the file and in the compact text.
  const inFile: Offset[] = [0]
  const inCompact: Offset[] = [0]
  const parts: string[] = []
  let from = 0
  let size = 0
  for (let run = masked.indexOf(longRun); run >= 0; run = masked.indexOf(longRun, from)) {
    parts.push(masked.slice(from, run + 1))
    size += run + 1 - from
    from = run + longRun.length
    while (masked.charCodeAt(from) === blank) from++
    inFile.push(from)
    inCompact.push(size)
  }
  parts.push(masked.slice(from))
  const shift = (offset: Offset, starts: readonly Offset[], targets: readonly Offset[]): Offset => {
    const part = lastUpTo(starts, offset)
    const end = targets[part + 1]
    const shifted = targets[part]! + offset - starts[part]!
    return end === undefined ? shifted : Math.min(shifted, end)
  }
  return {
    text: parts.join(''),
    toFile: (offset) => shift(offset, inCompact, inFile),
    toCompact: (offset) => shift(offset, inFile, inCompact),
  }
}
