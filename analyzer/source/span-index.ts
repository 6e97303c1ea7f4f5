import { lastUpTo } from './search.ts'
import type { Offset, Span } from './text.ts'

/** Finds in a list of what stands in a text what holds an offset, without going through all of it. */
export class SpanIndex<T extends { readonly span: Span }> {
  private readonly starts: readonly Offset[]
  /** For each how far it or one before it goes. */
  private readonly ends: readonly Offset[]

  /** @param items in the order of the text */
  constructor(private readonly items: readonly T[]) {
    let last = 0
    this.starts = items.map(({ span }) => span.start)
    this.ends = items.map(({ span }) => {
      last = Math.max(last, span.end)
      return last
    })
  }

  /** Whether any holds an offset. */
  holds(offset: Offset): boolean {
    const at = lastUpTo(this.starts, offset)
    return at >= 0 && this.ends[at]! > offset
  }

  /** The first that holds an offset; null for none. */
  firstAt(offset: Offset): T | null {
    let found: T | null = null
    for (let at = lastUpTo(this.starts, offset); at >= 0 && this.ends[at]! > offset; at--)
      if (offset < this.items[at]!.span.end) found = this.items[at]!
    return found
  }
}
