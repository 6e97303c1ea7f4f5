import type { Project } from '../project/model.ts'
import type { FileId } from '../source/text.ts'
import type { FileSuppressions, NamedRule, Suppression } from '../suppressions/suppression.ts'
import type { Diagnostic } from './diagnostic.ts'

/** A suppression and what came of it. */
export interface SuppressionUse {
  readonly file: FileId
  readonly suppression: Suppression
  /** What it suppresses, sorted by offset and rule. */
  readonly suppressed: readonly Diagnostic[]
  /** The rules that it names and that have nothing there, though they ran and looked. */
  readonly unneeded: readonly NamedRule[]
  /** Whether it suppresses nothing, and all rules that it is for ran and looked. */
  readonly isUnneeded: boolean
  /** The rules that it names and that there are not, with what was perhaps meant. */
  readonly unknown: readonly { readonly rule: NamedRule; readonly near: readonly string[] }[]
}

/** What rules on suppressions are asked with, once all other rules ran. */
export interface SuppressionContext {
  readonly project: Project
  /** What the comments of files say that is compiled for any target; files that say nothing are left out. */
  readonly files: ReadonlyMap<FileId, FileSuppressions>
  readonly uses: readonly SuppressionUse[]
}
