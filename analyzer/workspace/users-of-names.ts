import posix from 'path-browserify'
import type { BuildFile } from '../build/build-file.ts'
import { buildText } from '../build/build-text.ts'
import { moduleDefinitions } from '../build/module-definitions.ts'

/** What may name a variable that files define: sources, by their words, and build files, by the sources they name. */

/**
 * Of some files those that hold a name, or that a macro could make one for: by its body, by others that it calls, or
 * of parts (`name##_Type`). Whatever the name stands for there, comments and strings count, too.
 * @param names of variables
 * @param files those that are asked about
 * @param others where macros may be defined besides
 * @param textOf the text of each, one character per byte; empty where there is none
 */
export function usersOfNames(
  names: ReadonlySet<string>,
  files: Iterable<string>,
  others: Iterable<string>,
  textOf: (file: string) => string,
): ReadonlySet<string> {
  const words = new Map<string, ReadonlySet<string>>()
  const macros: (readonly [name: string, words: readonly string[]])[] = []
  const wanted = new Set(names)
  const asked = new Set(files)
  for (const file of new Set([...asked, ...others])) {
    const text = textOf(file).replace(/\\[ \t]*\r?\n/g, '')
    const own = new Set(wordsIn(text))
    if (asked.has(file)) words.set(file, own)
    for (const [, name, parameters, body] of text.matchAll(macro)) {
      if (pasting.test(body!) && mayMake(names, parameters ?? '', body!)) wanted.add(name!)
      macros.push([name!, wordsIn(body!)])
    }
  }
  for (let size = -1; size < wanted.size; ) {
    size = wanted.size
    for (const [name, body] of macros) if (body.some((word) => wanted.has(word))) wanted.add(name)
  }
  const holds = (own: ReadonlySet<string>): boolean => [...own].some((word) => wanted.has(word))
  return new Set([...words].flatMap(([file, own]) => (holds(own) ? [file] : [])))
}

const macro = /^[ \t]*(?:#|%:)[ \t]*define[ \t]+([\w\x80-\xff$]+)(?:\(([^)\n]*)\))?(.*)/gm
const pasting = /##|%:%:/

const wordsIn = (text: string): readonly string[] => text.match(/[A-Za-z_\x80-\xff$][\w\x80-\xff$]*/g) ?? []

/** Whether the parts that a body puts together may make a name, whatever stands for the parameters. */
function mayMake(names: ReadonlySet<string>, parameters: string, body: string): boolean {
  const open = new Set(['', '__VA_ARGS__', ...parameters.split(',').map((each) => each.trim())])
  return pastedParts(body).some((parts) => [...names].some((name) => isOfParts(name, parts, (part) => open.has(part))))
}

/** The parts of each name that a body puts together; one that is no word is empty. */
function pastedParts(body: string): readonly (readonly string[])[] {
  const found: string[][] = []
  let parts: string[] = []
  for (const [index, piece] of body
    .replace(/\/\*.*?\*\//g, ' ')
    .split(/##|%:%:/)
    .entries()) {
    const between = piece.trim()
    const [first] = /^[\w\x80-\xff$]*/.exec(between)!
    if (index > 0) parts.push(first)
    if (index > 0 && first === between) continue
    parts = [/[\w\x80-\xff$]*$/.exec(between)![0]]
    found.push(parts)
  }
  return found.filter((each) => each.length > 1)
}

/** Whether a name consists of parts, some of which may be anything. */
function isOfParts(name: string, parts: readonly string[], isOpen: (part: string) => boolean): boolean {
  let at = 0
  let isFree = false
  for (const part of parts) {
    if (isOpen(part)) {
      isFree = true
      continue
    }
    const found = isFree ? name.indexOf(part, at) : name.startsWith(part, at) ? at : -1
    if (found < 0) return false
    at = found + part.length
    isFree = false
  }
  return isFree || at === name.length || (parts.some(isOpen) && name.endsWith(parts.at(-1)!))
}

/** A source that a build file names. */
export interface NamedSource {
  /** Relative to the root, with `/`, as far as that shows. */
  readonly file: string
  readonly buildFile: string
  /** The text of the definitions of modules that name it. */
  readonly definitions: readonly string[]
}

/** The sources that a build file names in what is code there: what is compiled, as far as that shows. */
export function sourcesNamedIn(buildFile: BuildFile): readonly NamedSource[] {
  const { code } = buildText(buildFile)
  const definitions = moduleDefinitions(buildFile)
  return [...code.matchAll(/[\w./+-]*\w\.(?:c|cc|cpp|cxx|c\+\+)(?![\w.+])/gi)].map(({ 0: path, index }) => ({
    file: posix.join(posix.dirname(buildFile.path), path.replace(/^\/+/, '')),
    buildFile: buildFile.path,
    definitions: definitions
      .filter(({ start, end }) => start <= index && index < end)
      .map(({ start, end }) => code.slice(start, end)),
  }))
}
