import type { BuildFile } from '../build-file.ts'
import { cmakeTruth, type Word } from './condition.ts'
import type { CmakeCommand } from './syntax.ts'
import type { CmakeTarget } from './targets.ts'

/** What CMake is told from outside. */
export interface CmakeEnvironment {
  /** The version of the Python that builds. */
  readonly python: number
  /** Files of CMake by their names relative to the project's root. */
  readonly file: (path: string) => BuildFile | null
  readonly variables: ReadonlyMap<string, string>
}

/** Longer values of variables are taken for unknown, and so are longer texts with their values. */
const longestValue = 10_000
const longestText = 100_000

/** Variables in each other are replaced so deep. */
const deepest = 20

/** In place of what is not known in a text. */
export const hole = '\0'

/** The variables of CMake, and what is made of them. */
export abstract class CmakeVariables {
  readonly targets: CmakeTarget[] = []
  protected variables: Map<string, string>
  /** What it depends on whether what is read now is done; null where it is done. */
  protected doubt: string | null = null
  /** Variables whose values are not known. */
  private readonly open = new Set<string>()

  constructor(protected readonly environment: CmakeEnvironment) {
    const { python } = environment
    this.variables = new Map([
      ...Object.entries({
        UNIX: '1',
        LINUX: '1',
        CMAKE_SYSTEM_NAME: 'Linux',
        CMAKE_SYSTEM_PROCESSOR: 'x86_64',
        CMAKE_BUILD_TYPE: 'Release',
        CMAKE_VERSION: '3.31.0',
        CMAKE_C_COMPILER_ID: 'GNU',
        CMAKE_CXX_COMPILER_ID: 'GNU',
        CMAKE_SIZEOF_VOID_P: '8',
        Python_VERSION: `3.${python}.0`,
        Python_VERSION_MAJOR: '3',
        Python_VERSION_MINOR: String(python),
        Python_INTERPRETER_ID: 'Python',
      }),
      ...environment.variables,
    ])
  }

  /** Replaces variables in a text; what is not known leaves a hole. */
  protected expand(text: string, depth = 0): string {
    if (!text.includes('$') || depth > deepest || text.length > 10_000) return text
    let length = 0
    const inner = text.replace(/\$\{([\w./+-]*)\}/g, (_, name: string) => {
      const value = this.valueOf(name) ?? hole
      length += value.length
      return length > longestText ? hole : value
    })
    const isDone = inner === text || !/\$\{[\w./+-]*\}/.test(inner)
    const outside = inner.replace(/\$<[^<>]*>|\$ENV\{[^}]*\}/g, hole)
    return isDone ? outside : this.expand(inner, depth + 1)
  }

  /** The value of a variable: empty for one that is not set; null where it is not known. */
  protected valueOf(name: string): string | null {
    const value = this.variables.get(name)
    if (value !== undefined) return value.includes(hole) ? null : value
    if (this.open.has(name)) return null
    return /_FOUND$|^(?:CMAKE|Python3?|PYTHON|HAVE|HAS|CI)(?:_|$)/.test(name) ? null : ''
  }

  protected arguments({ args }: CmakeCommand): (string | null)[] {
    return args.flatMap(({ text, isQuoted }) => {
      const value = this.expand(text)
      const parts = isQuoted ? [value] : value.split(';').filter((each) => each !== '')
      return parts.map((each) => (each.includes(hole) ? null : each))
    })
  }

  protected truth({ args }: CmakeCommand): boolean | null {
    const words = args.map(({ text, isQuoted }): Word => {
      const value = this.expand(text)
      return { text: value.includes(hole) ? null : value, isQuoted }
    })
    return cmakeTruth(words, {
      variable: (name) => this.valueOf(name),
      isTarget: (name) => (this.targets.some(({ target }) => target === name) ? true : null),
      exists: () => null,
    })
  }

  /** What a loop goes over. @param words of `foreach`, after the variable */
  protected loopItems([first, ...words]: readonly (string | null)[]): (string | null)[] {
    const all = first === undefined ? [] : [first, ...words]
    const items =
      first !== 'IN'
        ? all
        : words.flatMap((each, index) =>
            words.slice(0, index + 1).includes('ITEMS') || !words.includes('LISTS') ? [each] : this.items(each),
          )
    return items.filter((each) => each !== 'LISTS' && each !== 'ITEMS')
  }

  private items(name: string | null): (string | null)[] {
    if (name === null || name === 'LISTS') return []
    const value = this.valueOf(name)
    return value === null ? [null] : value.split(';').filter((each) => each !== '')
  }

  protected set(name: string, value: string | null): void {
    if (value === null || value.length > longestValue || (this.doubt !== null && this.variables.get(name) !== value)) {
      this.variables.delete(name)
      this.open.add(name)
    } else {
      this.variables.set(name, value)
      this.open.delete(name)
    }
  }

  /** `list(APPEND name more...)` */
  protected extend(name: string, more: readonly (string | null)[]): void {
    const old = this.valueOf(name)
    this.set(name, old === null || more.includes(null) ? null : [...(old === '' ? [] : [old]), ...more].join(';'))
  }

  protected forget(name: string): void {
    if (/^[A-Za-z_]\w*$/.test(name)) this.set(name, null)
  }

  /** Gives the parameters of a function or a macro their values. */
  protected bind(command: CmakeCommand, args: readonly (string | null)[]): void {
    const joined = (all: readonly (string | null)[]): string => all.map((each) => each ?? hole).join(';')
    const parameters = command.args.slice(1).map(({ text }) => text)
    for (const [index, parameter] of parameters.entries())
      this.variables.set(parameter, args[index] ?? (index < args.length ? hole : ''))
    for (const [index, each] of args.entries()) this.variables.set(`ARGV${index}`, each ?? hole)
    this.variables.set('ARGN', joined(args.slice(parameters.length)))
    this.variables.set('ARGV', joined(args))
    this.variables.set('ARGC', String(args.length))
  }

  /** Source: CMake's documentation of `FindPython`. */
  protected foundPython(name: string | null | undefined): void {
    if (name == null || !/^Python3?$/.test(name)) return
    this.set(`${name}_SOABI`, `cpython-3${this.environment.python}-x86_64-linux-gnu`)
    this.set(`${name}_SOSABI`, 'abi3')
  }

  /** `cmake_parse_arguments(PREFIX options one several ARGS...)` */
  protected parse([prefix, options, one, several, ...words]: readonly (string | null)[]): void {
    const keys = (text: string | null | undefined): Set<string> =>
      new Set((text ?? '').split(';').filter((each) => each !== ''))
    const [flags, singles, lists] = [keys(options), keys(one), keys(several)]
    const found = new Map<string, (string | null)[]>([...flags, ...singles, ...lists].map((each) => [each, []]))
    let key = 'UNPARSED_ARGUMENTS'
    for (const word of words) {
      if (word !== null && found.has(word)) {
        key = flags.has(word) ? 'UNPARSED_ARGUMENTS' : word
        if (flags.has(word)) found.set(word, ['TRUE'])
      } else {
        found.set(key, [...(found.get(key) ?? []), word])
        if (singles.has(key)) key = 'UNPARSED_ARGUMENTS'
      }
    }
    for (const [name, values] of found) {
      const value = values.length === 0 && flags.has(name) ? 'FALSE' : joinedValue(values)
      this.set(`${prefix}_${name}`, value)
    }
  }

  /** `string(REPLACE ...)` and its like; what else it makes is not known. */
  protected string([kind, ...args]: readonly (string | null)[]): void {
    const isRegex = kind === 'REGEX' && args[0] === 'REPLACE'
    const [from, to, out, ...texts] = isRegex ? args.slice(1) : args
    if (kind === 'REPLACE' || isRegex) {
      const text = texts.includes(null) || from == null || to == null ? null : texts.join('')
      const pattern = isRegex && from != null ? simplePattern(from) : null
      const made =
        text === null || (isRegex && pattern === null)
          ? null
          : isRegex
            ? text.replace(pattern!, to!)
            : text.replaceAll(from!, to!)
      if (out != null) this.set(out, made)
    } else if ((kind === 'TOLOWER' || kind === 'TOUPPER') && to != null)
      this.set(to, from == null ? null : kind === 'TOLOWER' ? from.toLowerCase() : from.toUpperCase())
    else for (const each of args) if (each !== null) this.forget(each)
  }
}

/** A pattern without anything that repeats, as in `^./src/?`; null for others. */
const simplePattern = (pattern: string): RegExp | null =>
  /^\^?[\w./ -]{1,200}\??\$?$/.test(pattern) ? new RegExp(pattern.replace(/\./g, '\\.'), 'g') : null

/** Values of a variable that is set to several; null where one is not known. */
export function joinedValue(values: readonly (string | null)[]): string | null {
  const end = values.findIndex((each) => each === 'CACHE' || each === 'PARENT_SCOPE')
  const own = end < 0 ? values : values.slice(0, end)
  return own.includes(null) ? null : own.join(';')
}
