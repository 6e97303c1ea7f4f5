import stored from './c-library.json' with { type: 'json' }
import type { Minor } from './version.ts'

/**
 * Which headers of the C library `Python.h` includes, and which names are gone with those that it does not.
 * `c-library.json` is made by `npm run knowledge`, which asks gcc with the headers of glibc, libstdc++ and five
 * CPythons; so what one header includes of others is what it includes there.
 */

export type Language = 'c' | 'cpp'

/** Lists are words in one text, parted by blanks. */
export interface StoredLibrary {
  /**
   * By language and CPython version of the headers: the headers of the library that `Python.h` brings, from a level of
   * the Limited API on.
   */
  readonly python: Readonly<Record<Language, Record<string, Record<string, string>>>>
  /**
   * By language and header, as it is included: the other headers that it brings, and the names that it declares itself,
   * of those that some `Python.h` gives at some level and another one does not.
   */
  readonly headers: Readonly<Record<Language, Record<string, { readonly opens: string; readonly names: string }>>>
  /** By header its names of those: the one that C11 says, else POSIX, else the one of glibc's that declares it. */
  readonly homes: Record<string, string>
}

const library: StoredLibrary = stored

const words = (text: string): readonly string[] => (text === '' ? [] : text.split(' '))

const homes: ReadonlyMap<string, string> = new Map(
  Object.entries(library.homes).flatMap(([header, names]) => words(names).map((name) => [name, header] as const)),
)

/** The names of the C library that `Python.h` gives for some targets and not for others. */
export const libraryNames: ReadonlySet<string> = new Set(homes.keys())

/** The header that a portable program includes for a name of `libraryNames`: `stdlib.h`; `cstdlib` for `std::free`. */
export const headerOf = (name: string): string =>
  name.startsWith(std) ? `c${homes.get(name.slice(std.length))!.replace(/\.h$/, '')}` : homes.get(name)!

const std = 'std::'

/**
 * The names that headers of C++ put into `std`: those of `stdlib.h` by `cstdlib`. `std::abs` is left out, which `cmath`
 * declares, too.
 */
const inStd = (headers: readonly string[]): readonly string[] =>
  headers.flatMap((header) =>
    header.startsWith('c')
      ? words(library.homes[`${header.slice(1)}.h`] ?? '').flatMap((name) => (name === 'abs' ? [] : [std + name]))
      : [],
  )

/** The headers of `Python.h` of one of the CPythons that were asked. */
function broughtBy(version: Minor, level: Minor, language: Language): readonly string[] {
  const levels = Object.entries(library.python[language][version]!)
  return words(levels.findLast(([from]) => Number(from) <= level)?.[1] ?? '')
}

/**
 * The headers of the C library, and in C++ of that of C++, that `Python.h` includes, itself or by way of others:
 * `stdio.h`, `cmath`.
 * @param headers the CPython that `Python.h` is of; of one that was not asked all that its neighbours include
 */
export function pythonHeaders(headers: Minor, level: Minor, language: Language): ReadonlySet<string> {
  const versions = Object.keys(library.python[language]).map(Number)
  const older = versions.findLast((each) => each <= headers) ?? versions[0]!
  const newer = versions.find((each) => each >= headers) ?? versions.at(-1)!
  return new Set([older, newer].flatMap((version) => broughtBy(version, level, language)))
}

/**
 * The names of `libraryNames`, and in C++ those of `std`, that an include gives; null where the header is none of the
 * C library.
 * @param path as it is included: `stdlib.h`, `cstdlib`, `string`
 */
export function namesGivenBy(path: string, language: Language): ReadonlySet<string> | null {
  const own = library.headers[language]
  if (!Object.hasOwn(own, path)) return ofPython.test(path) || ofWindows.test(path) ? nothing : null
  return remembered(`${language} ${path}`, () => {
    const { opens, names } = own[path]!
    const opened = words(opens)
    return [
      ...words(names),
      ...opened.flatMap((header) => words(own[header]!.names)),
      ...(language === 'cpp' ? inStd([path, ...opened]) : []),
    ]
  })
}

/** The names of `libraryNames`, and in C++ those of `std`, that `Python.h` gives. */
export function namesOfPython(headers: Minor, level: Minor, language: Language): ReadonlySet<string> {
  return remembered(`${language} ${headers} ${level}`, () => {
    const brought = [...pythonHeaders(headers, level, language)]
    return [
      ...brought.flatMap((header) => words(library.headers[language][header]!.names)),
      ...(language === 'cpp' ? inStd(brought) : []),
    ]
  })
}

const sets = new Map<string, ReadonlySet<string>>()

function remembered(key: string, make: () => Iterable<string>): ReadonlySet<string> {
  let set = sets.get(key)
  if (!set) {
    set = new Set(make())
    sets.set(key, set)
  }
  return set
}

/** The names of `std`, `std::free`, that `Python.h` gives for some targets and not for others. */
export const namesOfStd: ReadonlySet<string> = new Set(
  inStd(Object.values(library.python.cpp).flatMap((levels) => Object.values(levels).flatMap(words))),
)

/** The last level below another one at which `Python.h` gives a name; null where it does at none. */
export function lastLevel(name: string, headers: Minor, below: Minor, language: Language): Minor | null {
  for (let level = below - 1; level >= 2; level--) if (namesOfPython(headers, level, language).has(name)) return level
  return null
}

const nothing: ReadonlySet<string> = new Set()

const alternatives = (text: string): string => text.trim().split(/\s+/).join('|')

const ofWindows = new RegExp(`^(?:${alternatives('windows winsock winsock2 ws2tcpip io process direct')})\\.h$`, 'i')

const ofPython = new RegExp(
  `^(?:[\\w.]+/)?(?:${alternatives(`patchlevel pyconfig structmember datetime structseq marshal longintrepr abstract
py[a-z_]+
(?:bytes|bytearray|dict|float|frame|list|long|method|module|set|tuple|unicode|weakref)?object`)})\\.h$`,
)
