/** What a shared library says of itself to the loader, as far as names of Python's C API are concerned. */
export interface Binary {
  readonly format: Format
  /** One, or one for each architecture of a fat Mach-O file. */
  readonly images: readonly Image[]
}

export type Format = 'ELF' | 'Mach-O' | 'PE'

/** A library for one architecture. Of its symbols only those that begin with `Py` or `_Py` are there. */
export interface Image {
  /** `x86_64`, `arm64`; `machine 999` where it has no name here. */
  readonly architecture: string
  readonly imports: readonly Import[]
  /** What others can import from it. */
  readonly exports: readonly string[]
  /** The libraries without which the loader refuses it, as it names them. */
  readonly needed: readonly string[]
}

/** A name that somebody else has to define. */
export interface Import {
  readonly name: string
  /** The library it is looked for in; null where the loader looks in all of them, as it does for ELF. */
  readonly library: string | null
  /** The library loads without it. */
  readonly weak: boolean
}

/** A file that is no shared library, or a broken one. The message says why, without the file's name: `is empty`. */
export class BinaryError extends Error {}
