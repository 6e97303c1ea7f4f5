/**
 * What to write instead of a C API name that a target does not have. The text is reviewed by hand and lives in
 * `replacements/`, one file per part of the C API; since when a replacement exists is never written there, it comes
 * from the generated table.
 */

/** One way to do without a name. */
export interface Alternative {
  /** What to write, as C or in a few words: `PyTuple_GetItem(t, i)`. */
  readonly use: string
  /** The C API names that it needs; the way is open to a target that has all of them. */
  readonly needs: readonly string[]
  /**
   * What differs: borrowed or new reference, a new way to fail, NULL, cost. One or two sentences, empty if nothing
   * does.
   */
  readonly differs: string
}

export interface Replacement {
  /** The C API names it stands for; a field as `PyTypeObject.tp_free`. */
  readonly names: readonly string[]
  /** Best first. */
  readonly ways: readonly Alternative[]
  /** What people do where no way is open, or that there is nothing. */
  readonly otherwise: string
}

/**
 * The advice for a target: the best way that is open to it, else what people do.
 * @param available whether the target has a C API name
 */
export function advise(replacement: Replacement, available: (name: string) => boolean): string {
  const way = replacement.ways.find((each) => each.needs.every(available))
  if (way) return `use \`${way.use}\`${way.differs ? `; ${way.differs}` : ''}`
  return replacement.otherwise
}
