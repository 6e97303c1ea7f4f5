/** What compiler options say of one translation unit, or of all. */
export interface UnitOptions {
  /** Where `#include` looks, in order: directories relative to the project's root, `.` for the root itself. */
  readonly includeDirectories: readonly string[]
  /** `-D` and `-U`, by macro: the text of the value, null for "not defined". */
  readonly definitions: ReadonlyMap<string, string | null>
}

/** What is known of how a project is compiled. */
export interface BuildOptions extends UnitOptions {
  /** The absolute path of the project's root, with `/`; `/` where it is of no matter. */
  readonly root: string
  /** For single files, by path relative to the root; these go before what holds for all. */
  readonly ofFile: ReadonlyMap<string, UnitOptions>
}

export const noOptions: BuildOptions = { root: '/', includeDirectories: [], definitions: new Map(), ofFile: new Map() }
