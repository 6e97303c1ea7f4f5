import type { Offset, Span } from '../source/text.ts'

/** A change of the sources that does away with a finding. All of it is applied, or nothing. */
export type Fix = FileFix | ProjectFix

interface FixPromise {
  /** What to do, as an order without full stop: "use `PyTuple_GetItem(t, i)`". */
  readonly title: string
  /**
   * `safe`: in every build, limited or not, with the CPython of the oldest target or newer, and for every input for
   * which the old code has a meaning, the new code does the same. `unsafe`: something may differ.
   */
  readonly safety: 'safe' | 'unsafe'
  /** Of an unsafe one: what may differ. */
  readonly reason: string
}

/** A change of the file that the finding is in. */
export interface FileFix extends FixPromise {
  readonly kind: 'file'
  readonly rewrites: readonly Rewrite[]
  /** Headers that the file needs for it, as they are included: `<errno.h>`. */
  readonly includes: readonly string[]
  /** The shims that it uses. */
  readonly shims: readonly string[]
  /** Whether all it does is to keep code from limited builds: that is done in headers copied from elsewhere, too. */
  readonly isOmission?: boolean
  /** Whether what it deletes are comments that are addressed to abi3lint: nothing else is lost. */
  readonly isOfComments?: boolean
}

/** A change of the project. Findings that are fixed together have the same one. */
export interface ProjectFix extends FixPromise {
  readonly kind: 'project'
  readonly change: ProjectEdits
  /** Whether it is made only where somebody asks for that alone: `abi3lint rewrite module`. */
  readonly isOnDemand?: boolean
}

/** A change of several files that is made whole or not at all. No two edits of a file touch. */
export interface ProjectEdits {
  readonly edits: ReadonlyMap<string, readonly TextEdit[]>
  /** The shims that each file uses by it. */
  readonly shims: ReadonlyMap<string, ReadonlySet<string>>
  /** Files that are new, with their texts, one character per byte. */
  readonly files?: ReadonlyMap<string, string>
  /** Headers of the project that files include from then on, for which source distributions have to have them. */
  readonly included?: readonly string[]
  /** What is to be done by hand with files, or known of them, as the rest of a sentence with the name of one. */
  readonly byHand?: ReadonlyMap<string, string>
}

/** What stands between two offsets of a file is written anew. `end` is exclusive. */
export interface Rewrite {
  readonly start: Offset
  readonly end: Offset
  /** Text, and what is kept of the old, from left to right. */
  readonly pieces: readonly (string | Span)[]
}

/**
 * Text that takes the place of other text; where `start` is `end` it is put in between. Offsets are bytes, `end`
 * exclusive.
 */
export interface TextEdit {
  readonly start: Offset
  readonly end: Offset
  readonly text: string
}
