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
  /** What it says in its data; of a library without a function that `import` calls, nothing. */
  readonly data: ModuleData
}

/** What the data of a module says of it, as far as it is there before any of its code runs. */
export interface ModuleData {
  /** What its slots `Py_mod_abi` point to, each once. */
  readonly abi: readonly AbiInfo[]
  /** Types that are described by `PyType_Spec` or by slots with `Py_tp_name`. */
  readonly types: readonly TypeSize[]
}

/** A `PyABIInfo` (PEP 793). */
export interface AbiInfo {
  /** `PyABIInfo_STABLE` is 1, `_GIL` 2, `_FREETHREADED` 4, `_INTERNAL` 8. */
  readonly flags: number
  /** `PY_VERSION_HEX` of the headers it was built with; 0 where it is not told. */
  readonly built: number
  /** The version of the ABI, `0x030F0000`; 0 where any does. */
  readonly version: number
}

/** The size of a type's instances, as its description says: negative for what is added to that of its base. */
export interface TypeSize {
  readonly name: string
  readonly size: number
}

/** Whether a name that is exported is that of a function that `import` calls. */
export const isEntry = (name: string): boolean => /^Py(?:Init|ModExport)U?_/.test(name)

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
