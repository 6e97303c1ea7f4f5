import type { Severity } from '../check/diagnostic.ts'
import type { Minor } from '../knowledge/version.ts'
import type { Binary, Format, Import } from './image.ts'
import type { WheelTags } from './wheel-name.ts'

/** What can be wrong with a built extension module. */
export type AuditRule =
  | 'import-outside-abi'
  | 'import-newer-than-target'
  | 'wrong-python-library'
  | 'wrong-file-name'
  | 'wrong-wheel-tag'
  | 'module-entry'
  | 'wrong-abi-info'
  | 'object-layout'

/** Where it is: a file, or a file in a wheel. */
export interface LibraryPlace {
  /** As the user knows it: `dist/x-1.0-cp39-abi3-win_amd64.whl`. */
  readonly file: string
  /** Path inside the wheel; empty for the wheel itself and outside of wheels. */
  readonly member: string
}

/** What is wrong, apart from where. */
export interface LibraryFault {
  readonly rule: AuditRule
  readonly severity: Severity
  /** The name of the C API it is about; empty where it is about none. */
  readonly symbol: string
  /** First Python that offers the symbol as part of its stable ABI; null where none does, or where it is about none. */
  readonly since: Minor | null
  /** What is wrong, one sentence without full stop, C and file names in backquotes. */
  readonly message: string
  /** What to do; empty where nothing can be said. */
  readonly advice: string
  readonly notes: readonly string[]
}

export interface AuditFinding extends LibraryPlace, LibraryFault {}

/** A library as it was read. */
export interface LibraryPart extends LibraryPlace {
  readonly binary: Binary
}

/** Files that are installed together: the libraries of a wheel, or all files of a run that are in none. */
export interface Bundle {
  /** Null outside of wheels. */
  readonly wheel: Wheel | null
  readonly parts: readonly LibraryPart[]
}

export interface Wheel {
  readonly file: string
  /** By its name, and by what it says inside; null where that is missing. */
  readonly named: WheelTags | null
  readonly inside: WheelTags | null
}

/** A name of Python's that a library imports, over all its architectures. */
export interface FoundImport extends Import {
  readonly format: Format
  /** The architectures that import it; empty where all do. */
  readonly only: readonly string[]
  /** Another library, which is not at hand, may have it. */
  readonly mayBeElsewhere: boolean
}
