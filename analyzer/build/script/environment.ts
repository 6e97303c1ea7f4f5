import type { Minor } from '../../knowledge/version.ts'

/** What builds: CPython with the GIL on Linux with an x86-64 processor, asked for nothing but a wheel. */
export interface BuildEnvironment {
  /** The version of the Python that builds. */
  readonly python: Minor
  /** What the build requires of others, in small letters with `-`; null where that is not said. */
  readonly requires: ReadonlySet<string> | null
  /** The statements of a script of the project; null where it has none of that name, or it is not understood. */
  readonly script: (path: string) => import('./syntax.ts').Block | null
  /** The files that fit a pattern, relative to the project's root; null where that is not known. */
  readonly find: (pattern: string) => readonly string[] | null
}
