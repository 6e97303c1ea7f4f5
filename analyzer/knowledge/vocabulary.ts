/** The C API names that facts are collected about; what is not in it is the project's own. */
export interface Vocabulary {
  /** Functions, macros, types, constants, data. */
  readonly names: ReadonlySet<string>
  /** Fields of structs that some Limited API hides, as far as their names tell them from other people's: `tp_free`. */
  readonly fields: ReadonlySet<string>
  /**
   * The other fields of such structs (`len`, `next`), with the structs: they matter only where something leads to
   * those.
   */
  readonly plainFields: ReadonlyMap<string, readonly string[]>
  /** By name of the C API, the structs that it leads to: itself, what it returns or is, what its fields are. */
  readonly leadsTo: ReadonlyMap<string, readonly string[]>
  /** Structs that are incomplete somewhere: typedef names, and `struct tag`. */
  readonly structs: ReadonlySet<string>
  /** Names of the C API, but fields, that there is a recipe to rewrite. */
  readonly rewritable: ReadonlySet<string>
  /** Names of the C library that `Python.h` does not bring at every level. */
  readonly library: ReadonlySet<string>
}
