import type { Minor } from '../../analyzer/knowledge/version.ts'

/**
 * A `Pep*` shim: a small piece of C that does under the Limited API what a name does that it does not have. In builds
 * without `Py_LIMITED_API` it is another name for the real thing, so those do not change. Named by the convention of
 * PySide's transition document: `PyRun_String` comes back as `PepRun_String`, `_PyLong_AsInt` as `PepLong_AsInt`.
 */
export interface Shim {
  /** The name it is asked for by, and what else it defines, all beginning with `Pep`. */
  readonly provides: readonly [string, ...string[]]
  /** The C API names that it stands for, fields as `PyTypeObject.tp_name`. */
  readonly replaces: readonly string[]
  /**
   * The level whose Limited API has the real thing, so that the shim does nothing from there on; null for none up to
   * now.
   */
  readonly until: Minor | null
  /** The lowest level at which it compiles and works. */
  readonly since: Minor
  /** What differs from the real thing under the Limited API: errors, references, lifetime. Empty where nothing does. */
  readonly differs: string
  /** What it costs at run time, in a few words: `one attribute lookup`. */
  readonly cost: string
  /** Headers of the C library that `limited` needs: `<string.h>`. */
  readonly includes?: readonly string[]
  /**
   * What stands where the Limited API lacks the real thing: `static inline` functions. May use other shims and ask
   * for the level.
   */
  readonly limited: string
  /** What stands everywhere else: macros for the real thing. */
  readonly full: string
}
