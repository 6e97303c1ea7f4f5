import type { Vocabulary } from '../knowledge/vocabulary.ts'
import type { Shapes } from '../preprocess/shapes.ts'

/** What the facts of a file depend on besides its text. */
export interface CollectContext {
  readonly vocabulary: Vocabulary
  /** The grammar-changing macros of the whole project. */
  readonly shapes: Shapes
  /** The macros of the project that read fields of their arguments. */
  readonly fieldMacros: ReadonlySet<string>
  /** The macros of the project whose bodies make names of their arguments. */
  readonly pastingMacros: ReadonlySet<string>
  /** The macros of the project whose bodies hand their arguments to functions that take an object: `takesObject`. */
  readonly objectMacros: ReadonlySet<string>
  /** Of each macro the identifiers in its body. */
  readonly macroWords: ReadonlyMap<string, readonly string[]>
  /** The names of all macros of the project. */
  readonly macroNames: ReadonlySet<string>
  /** Structs of the C API that headers of the project lead to. */
  readonly namedStructs: ReadonlySet<string>
  /**
   * Names of variables, fields and functions that somewhere point to something else than a `PyObject` that may be
   * changed.
   */
  readonly otherPointers: ReadonlySet<string>
  /** Names that the project gives to structs of the C API that some target hides: typedefs, macros. */
  readonly structAliases: ReadonlySet<string>
  /** Whether to read the bodies of all macros, as those who make the table of the C API want. */
  readonly everyBody?: boolean
}
