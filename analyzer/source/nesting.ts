import { lastUpTo } from './search.ts'
import type { Offset, Span } from './text.ts'

/** Finds in spans that nest what holds an offset, from the inside out, without going through all of them. */
export class Nesting<T extends Span> {
  private readonly spans: readonly T[]
  private readonly starts: readonly Offset[]
  /** Of each the number of the one that it stands in; -1 for none. */
  private readonly around: readonly number[]

  /** @param spans in any order; of those that begin together the shorter ones stand in the longer ones */
  constructor(spans: Iterable<T>) {
    this.spans = [...spans].sort((a, b) => a.start - b.start || b.end - a.end)
    this.starts = this.spans.map(({ start }) => start)
    const open: number[] = []
    this.around = this.spans.map(({ start }, at) => {
      while (open.length > 0 && this.spans[open.at(-1)!]!.end <= start) open.pop()
      const inside = open.at(-1) ?? -1
      open.push(at)
      return inside
    })
  }

  /** Those that hold an offset, the innermost first. */
  *at(offset: Offset): Iterable<T> {
    for (let at = lastUpTo(this.starts, offset); at >= 0; at = this.around[at]!)
      if (offset < this.spans[at]!.end) yield this.spans[at]!
  }

  /** The innermost that holds an offset; null for none. */
  innermostAt(offset: Offset): T | null {
    for (let at = lastUpTo(this.starts, offset); at >= 0; at = this.around[at]!)
      if (offset < this.spans[at]!.end) return this.spans[at]!
    return null
  }
}
