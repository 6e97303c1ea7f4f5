import type { Offset, Span } from '../source/text.ts'

/** What a comment says of rules: `abi3lint: ignore[rule, rule] reason`. */
export interface Suppression extends Span {
  /**
   * What it is for. `line`: the lines that it stands on; `next`: the statement, declaration, entry or directive behind
   * it; `file`; `region`: from `disable` to `enable`.
   */
  readonly kind: 'line' | 'next' | 'file' | 'region'
  /** The comment that it stands in, which may say other things, too. */
  readonly comment: Span
  /** The rules that it names, in that order; empty where it is for all. */
  readonly rules: readonly NamedRule[]
  /** Where names are to be put: behind the word; what stands between brackets there, if there are any. */
  readonly list: Span
  /** The `enable` comments that end it; none where it is no region. */
  readonly enders: readonly Ender[]
  /** Text to the end of the comment's line, without blanks around it; one character per byte. */
  readonly reason: string
  /** For which places it is, of the rules that it names where there are any. */
  covers(rule: string, place: Span): boolean
}

/** An `enable` comment, with the regions that it ends. */
export interface Ender extends Pick<Suppression, 'comment' | 'rules' | 'list' | 'start' | 'end'> {
  readonly regions: readonly Suppression[]
}

/** A rule as a comment names it. */
export interface NamedRule extends Span {
  readonly name: string
}

/** A comment that is addressed to abi3lint, and that says nothing which it knows. */
export interface Misunderstood extends Span {
  /** What is wrong, as a sentence without full stop. */
  readonly message: string
  readonly advice: string
}

/** What the comments of a file say. */
export interface FileSuppressions {
  /** In the order of the text. */
  readonly suppressions: readonly Suppression[]
  readonly misunderstood: readonly Misunderstood[]
}

/** What begins what is addressed to abi3lint. */
export const address = 'abi3lint:'

/** Whether two spans share a place; an empty one has the place where it is. */
export const touch = (one: Span, other: Span): boolean =>
  (one.start < other.end && other.start < one.end) ||
  (one.start === one.end && other.start <= one.start && one.start < other.end) ||
  one.start === other.start

/** An offset beyond every text. */
export const endOfAll: Offset = Number.MAX_SAFE_INTEGER
