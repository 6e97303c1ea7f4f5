import type { BuildFile } from '../build-file.ts'
import { type BuiltLevel, known, notKnown, type Read } from '../built-modules.ts'

/** An extension module that CMake makes, or a library that may turn out to be one. */
export interface CmakeTarget {
  readonly target: string
  readonly file: BuildFile
  readonly start: number
  /** Relative to the project's root; null in place of what is not known. */
  readonly sources: (string | null)[]
  /** The name of its file, without beginning and endings; null where it is not known. */
  output: string | null
  /** What the name of its file begins with: `lib`; null where it is not known. */
  prefix: string | null
  /** Whether it is an extension module, as far as that shows; else it is a library. */
  isModule: boolean
  level: Read<BuiltLevel>
  /** Whether its file is named for the stable ABI. */
  isNamedStable: Read<boolean>
  /** What it depends on whether it is made; null for nothing. */
  readonly doubt: string | null
}

/** What the build has of the stable ABI. */
export interface SabiFacts {
  /** The version of the Python that builds. */
  readonly python: number
  /** Whether `find_package(Python)` was asked for `Development.SABIModule`. */
  readonly hasSabiModule: boolean
}

const pythonLibrary = /^python3?_add_library$/
const options = new Set(
  (
    'STATIC SHARED MODULE WITH_SOABI EXCLUDE_FROM_ALL NO_EXTRAS THIN_LTO OPT_SIZE NOMINSIZE NOSTRIP NB_STATIC ' +
    'NB_SHARED LTO PROTECT_STACK STABLE_ABI FREE_THREADED NOTRIM NB_SUPPRESS_WARNINGS MUSL_DYNAMIC_LIBCPP SYSTEM'
  ).split(' '),
)

/** The first Python with a stable ABI that nanobind can use. Source: its documentation of `nanobind_add_module`. */
const nanobindLevel = 12

/** Whether a command makes an extension module. */
export const makesModule = (command: string): boolean =>
  pythonLibrary.test(command) ||
  /^(?:pybind11_add_module|nanobind_add_module|swig_add_library|python_extension_module)$/.test(command)

/**
 * The extension module that a command makes.
 * @param args of the command, null for those that are not known
 * @returns null for a library that is none
 */
export function moduleOf(
  command: string,
  args: readonly (string | null)[],
  { python, hasSabiModule }: SabiFacts,
): (Pick<CmakeTarget, 'sources' | 'output' | 'level' | 'isNamedStable'> & { readonly target: string }) | null {
  const [target, ...rest] = args
  if (target == null) return null
  if (command === 'swig_add_library') return swigModule(target, rest)
  if (pythonLibrary.test(command)) return pythonModule(target, rest)
  const words = withoutPairs(rest, /^(?:NB_DOMAIN)$/)
  const sources = words.filter((each) => each === null || !options.has(each))
  const isStable = command === 'nanobind_add_module' && words.includes('STABLE_ABI')
  const isLimited = isStable && python >= nanobindLevel && hasSabiModule
  return {
    target,
    output: target,
    sources,
    level: known(isLimited ? nanobindLevel : null),
    isNamedStable: known(isLimited),
  }
}

function pythonModule(target: string, rest: readonly (string | null)[]): ReturnType<typeof moduleOf> {
  if (rest.includes('STATIC') || rest.includes('SHARED')) return null
  const at = rest.indexOf('USE_SABI')
  const version = at < 0 ? undefined : rest[at + 1]
  const words = at < 0 ? rest : [...rest.slice(0, at), ...rest.slice(at + 2)]
  const minor = /^3\.(\d{1,2})$/.exec(version ?? '')?.[1]
  const level: Read<BuiltLevel> =
    at < 0
      ? known(null)
      : minor !== undefined
        ? known(Number(minor))
        : version === '3'
          ? known(2)
          : notKnown('`USE_SABI`')
  return {
    target,
    output: target,
    sources: words.filter((each) => each === null || !options.has(each)),
    level,
    // Without `WITH_SOABI` it is named for no Python at all.
    isNamedStable: at >= 0 || words.includes('WITH_SOABI') ? known(at >= 0) : known(false),
  }
}

function swigModule(target: string, rest: readonly (string | null)[]): ReturnType<typeof moduleOf> {
  const language = rest[rest.indexOf('LANGUAGE') + 1]
  if (rest.includes('LANGUAGE') && !/^python$/i.test(language ?? '')) return null
  const words = withoutPairs(rest, /^(?:TYPE|LANGUAGE|OUTPUT_DIR|OUTFILE_DIR)$/)
  const sources = words.filter((each) => each === null || !/^[A-Z_]+$/.test(each))
  return { target, output: `_${target}`, sources, level: known(null), isNamedStable: known(false) }
}

/**
 * The library that `add_library` makes. Python may load it if what is said of it says so, by `linkAsModule` and
 * `setProperties`.
 * @param prefixOf what the names of files of a kind begin with: `MODULE`
 * @returns null for what nobody can load
 */
export function libraryOf(
  [target, kind, ...rest]: readonly (string | null)[],
  prefixOf: (kind: string) => string | null,
): (NonNullable<ReturnType<typeof moduleOf>> & Pick<CmakeTarget, 'prefix'>) | null {
  if (target == null || (kind !== 'MODULE' && kind !== 'SHARED')) return null
  const sources = rest.filter((each) => each !== 'EXCLUDE_FROM_ALL')
  const [level, isNamedStable] = [known(null), known(false)]
  return { target, output: target, sources, level, isNamedStable, prefix: prefixOf(kind) }
}

/** `target_link_libraries(target Python::Module)` says that a target is a module. */
export const linksPython = (args: readonly (string | null)[]): boolean =>
  args.some((each) => /^Python[23]?::(?:Module|SABIModule)$/.test(each ?? ''))

/**
 * Takes what `set_target_properties` says of a target.
 * @param properties names, each with its value behind it
 */
export function setProperties(target: CmakeTarget, properties: readonly (string | null)[], isPlugin: boolean): void {
  for (let index = 0; index + 1 < properties.length; index += 2) {
    const value = properties[index + 1] ?? null
    switch (properties[index]) {
      case 'OUTPUT_NAME':
      case 'LIBRARY_OUTPUT_NAME':
        target.output = value
        break
      case 'PREFIX':
        target.prefix = value
        // Nobody links to a library that has no `lib`.
        if (value === '' && isPlugin) target.isModule = true
        break
      case 'SUFFIX':
        target.isNamedStable = value === null ? notKnown('`SUFFIX`') : known(/^\.abi3\b/.test(value))
        break
    }
  }
}

const withoutPairs = (words: readonly (string | null)[], keys: RegExp): (string | null)[] =>
  words.filter((each, index) => !keys.test(each ?? '') && !keys.test(words[index - 1] ?? ''))
