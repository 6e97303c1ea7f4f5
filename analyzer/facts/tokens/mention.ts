import type { Offset, TokenIndex } from '../../source/text.ts'

/** A word of the lexicon where it stands, but after `.` or `->`. */
export interface Mention {
  readonly name: string
  /** What it can mean, see `Word`. */
  readonly bits: number
  readonly token: TokenIndex
  readonly offset: Offset
  /** The index of the macro in whose body it stands, or -1. */
  readonly macro: number
  /** Followed by `(`. */
  readonly called: boolean
}
