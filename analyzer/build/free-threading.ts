import type { BuildFile } from './build-file.ts'
import { buildText, type Span } from './build-text.ts'
import { anyNumber, anySign, isMatch, signs } from './glob.ts'
import { type ModuleDefinition, moduleAround } from './module-definitions.ts'
import { at, stringsIn, toml } from './pyproject.ts'

/** A place in a build file that has something built for Pythons without the GIL. */
export interface FreeThreadedBuild extends Span {
  readonly file: BuildFile
  /** As it stands there: `cp313t`, `Py_GIL_DISABLED`. */
  readonly written: string
}

/** The wheel of the first free-threaded Python, as cibuildwheel names it. */
const firstWheel = 'cp313t-manylinux_x86_64'

/**
 * What cibuildwheel is told to build of free-threaded Pythons, where it is named or enabled: `build = "cp313t-*"`,
 * `enable = ["cpython-freethreading"]`. A pattern of everything is not enough for it.
 */
export function freeThreadedWheels(file: BuildFile): FreeThreadedBuild[] {
  if (file.kind !== 'pyproject.toml') return []
  const table = at(toml(file), 'tool', 'cibuildwheel')
  const skipped = words(at(table, 'skip'))
  const named = words(at(table, 'build')).find(
    (each) => /^cp3\d+t(?:-|$)/.test(each) && !skipped.some((skip) => matches(skip, each)),
  )
  if (named !== undefined) return placed(file, named, named.split('-')[0]!)
  const taken = words(at(table, 'build'))
  const isTaken = taken.length === 0 || taken.some((each) => matches(each, firstWheel))
  if (!isTaken || skipped.some((skip) => matches(skip, firstWheel))) return []
  if (words(at(table, 'enable')).includes('cpython-freethreading'))
    return placed(file, 'cpython-freethreading', 'cp313t')
  return at(table, 'free-threaded-support') === true ? placed(file, 'free-threaded-support', 'cp313t') : []
}

function placed(file: BuildFile, word: string, written: string): FreeThreadedBuild[] {
  const section = Math.max(0, buildText(file).code.search(/^[ \t]*\[\s*tool\s*\.\s*cibuildwheel\s*\]/m))
  const start = buildText(file).code.indexOf(word, section)
  return start < 0 ? [] : [{ file, start, end: start + word.length, written }]
}

/** What cibuildwheel is told is a few words, none of them long. */
const mostWords = 200
const longestWord = 200

const words = (value: unknown): string[] =>
  [...new Set(stringsIn(value).flatMap((each) => each.split(/\s+/)))]
    .filter((each) => each.length <= longestWord)
    .slice(0, mostWords)

/** Whether a pattern of cibuildwheel takes a build, or all that another pattern takes, as far as `*` and `?` tell. */
const matches = (pattern: string, build: string): boolean =>
  isMatch(
    [...pattern].map((sign) => (sign === '*' ? anyNumber : sign === '?' ? anySign : signs(sign))),
    build,
  )

/** A definition of `Py_GIL_DISABLED` in the definition of a module. */
export interface GilDefinition extends FreeThreadedBuild {
  readonly module: ModuleDefinition
}

/** Where the definition of a module defines `Py_GIL_DISABLED`, to whatever value, and nothing there decides whether. */
export function gilDefinitions(file: BuildFile): GilDefinition[] {
  const { code } = buildText(file)
  const decided = new Map<ModuleDefinition, boolean>()
  const isDecided = (module: ModuleDefinition): boolean => {
    const is = decided.get(module) ?? /\bif\b/.test(code.slice(module.start, module.end))
    decided.set(module, is)
    return is
  }
  const definition = /(?:\(\s*["']|\[\s*["']|[-/]D\s?)Py_GIL_DISABLED\b/g
  return [...code.matchAll(definition)].flatMap((match) => {
    const module = moduleAround(file, match.index)
    if (module === null || isDecided(module)) return []
    const start = match.index + match[0].length - 'Py_GIL_DISABLED'.length
    return [{ file, module, start, end: start + 'Py_GIL_DISABLED'.length, written: 'Py_GIL_DISABLED' }]
  })
}

/** Whether a build file asks which kind of Python runs it, and so may leave the level out where there is no GIL. */
export const asksForGil = (file: BuildFile): boolean =>
  /Py_GIL_DISABLED|free.?thread|abiflags|nogil|_is_gil_enabled|ABIFLAGS/i.test(buildText(file).code)
