import type { Minor } from '../knowledge/version.ts'

/** What is read of a build, or what it depends on where that does not show. */
export type Read<T> =
  | { readonly kind: 'known'; readonly value: T }
  /** `why` goes after "depends on": `` `get_version()` ``. */
  | { readonly kind: 'unknown'; readonly why: string }

export const known = <T>(value: T): Read<T> => ({ kind: 'known', value })
export const notKnown = (why: string): Read<never> => ({ kind: 'unknown', why })

/** What makes the C code of a module of other sources, and that of modules in other languages. */
export type Maker = 'Cython' | 'SWIG' | 'cffi' | 'mypyc' | 'sip' | 'f2py' | 'Rust'

/** A level that a build defines `Py_LIMITED_API` to; null for none. */
export type BuiltLevel = Minor | 'floating' | null

/** An extension module that a build makes. */
export interface BuiltModule {
  /** What is imported: `spam._core`. */
  readonly name: Read<string>
  /** The build file that defines it, and the line there, from 1. */
  readonly file: string
  readonly line: number
  /** Its sources as the build file names them, relative to it; patterns included. */
  readonly sources: readonly string[]
  /** Why it may have others; null where it has not. */
  readonly otherSources: string | null
  readonly maker: Maker | null
  readonly level: Read<BuiltLevel>
  /** Whether its file is named for the stable ABI: `_core.abi3.so`. */
  readonly isNamedStable: Read<boolean>
}

/** The build systems that are read. */
export type BuildSystem = 'setuptools' | 'meson-python' | 'scikit-build-core' | 'maturin' | 'bazel' | 'other'

/** What a build makes of a package. */
export interface PackageBuild {
  /** The directory with its build files; `.` for the root. */
  readonly root: string
  readonly system: BuildSystem
  /** The backend that `pyproject.toml` names; empty for none. */
  readonly backend: string
  readonly modules: readonly BuiltModule[]
  /** Why there may be other modules; null where there are none. */
  readonly otherModules: string | null
  /** The oldest Python in the tag of abi3 wheels, `floating` for the one that builds; null for wheels of one Python. */
  readonly tag: Read<BuiltLevel>
}

/** What a generator is told to keep to the Limited API, a sentence without full stop; null where nothing helps. */
export const makerAdvice: Readonly<Record<Maker, string>> = {
  Cython:
    'Cython keeps to the Limited API from 3.1 on where `Py_LIMITED_API` is defined, which sets `CYTHON_LIMITED_API`',
  SWIG:
    'SWIG keeps to the Limited API from 4.2 on where `Py_LIMITED_API` is defined, ' +
    'but not with `-builtin` or `-fastproxy`',
  cffi: 'cffi defines `Py_LIMITED_API` by itself, unless `py_limited_api=False` is given to `set_source`',
  mypyc: 'mypyc has no option that makes it keep to the Limited API',
  sip: 'sip keeps to the Limited API with `use_limited_api=True` in `%Module`, where the `sip` module is shared',
  f2py: 'f2py has no option that makes it keep to the Limited API',
  Rust: 'PyO3 keeps to the Limited API with a feature such as `abi3-py39`',
}
