import type { Minor } from '../../knowledge/version.ts'
import type { BuildFile } from '../build-file.ts'
import type { ModuleDefinition } from '../module-definitions.ts'

/** Text of a build file that takes the place of other text. Offsets are bytes, `end` exclusive. */
export interface BuildEdit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** What has to be done to a build file by hand, in a sentence. */
export interface ByHand {
  readonly file: BuildFile
  readonly message: string
}

/** How modules that a build file defines come to be built with `Py_LIMITED_API`. */
export interface LimitedFile {
  /** In any order; no two touch. */
  readonly edits: readonly BuildEdit[]
  /** Edits of what the file imports. */
  readonly others?: readonly { readonly file: BuildFile; readonly edits: readonly BuildEdit[] }[]
  /** The definitions that are limited with these edits, those that were before among them. */
  readonly limited: readonly ModuleDefinition[]
  readonly byHand: readonly ByHand[]
}

/** What is asked of a build file. */
export interface LimitRequest {
  readonly level: Minor
  /**
   * Whether modules are to be built for abi3t of that level, beside what is built of them: by free-threaded Pythons,
   * all modules or none.
   */
  readonly abi3t?: boolean
  /** Whether the sources of a module compile with the Limited API of that level; for null, those of all. */
  isReady(definition: ModuleDefinition | null): boolean
}

/** Nothing to be done. */
export const untouched: LimitedFile = { edits: [], limited: [], byHand: [] }
