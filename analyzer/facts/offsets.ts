import { lastUpTo } from '../source/search.ts'
import type { Offset } from '../source/text.ts'

/** Sorted offsets of the tokens that make a subtree worth a visit. */
export class Offsets {
  constructor(private readonly sorted: Int32Array) {}

  /** Whether one of them lies in a span, `end` exclusive. */
  within(start: Offset, end: Offset): boolean {
    const last = lastUpTo(this.sorted, end - 1)
    return last >= 0 && this.sorted[last]! >= start
  }

  has(offset: Offset): boolean {
    return this.within(offset, offset + 1)
  }

  /** The same in another text. @param place turns offsets into that one's, in the same order */
  placed(place: (offset: Offset) => Offset): Offsets {
    return new Offsets(this.sorted.map(place))
  }
}
