import posix from 'path-browserify'
import type { UnitOptions } from '../project/build-options.ts'
import { decode } from '../source/text.ts'

/** An entry of a compilation database, with paths relative to the project's root. */
export interface CompileCommand extends UnitOptions {
  readonly file: string
}

/**
 * Reads `compile_commands.json`, as CMake, Meson and Bear write it.
 * Format: https://clang.llvm.org/docs/JSONCompilationDatabase.html
 * @param text with one character per byte
 * @param root the project's root, absolute with `/`
 * @param base the directory that holds the database, absolute with `/`; relative directories in it are meant from there
 * @returns the entries of files below the root; includes from outside of it are left out
 * @throws Error with a sentence for users where the text is no compilation database
 */
export function readCompileCommands(text: string, root: string, base: string): CompileCommand[] {
  let entries: unknown
  try {
    entries = JSON.parse(decode(text))
  } catch (error) {
    throw new Error(`is no JSON: ${(error as Error).message}`)
  }
  if (!Array.isArray(entries)) throw new Error('is no compilation database: a list of commands is expected')
  return entries.flatMap((entry: unknown) => readEntry(entry, root, base))
}

function readEntry(entry: unknown, root: string, base: string): CompileCommand[] {
  if (typeof entry !== 'object' || entry === null) return []
  const { directory = '.', file, arguments: words, command } = entry as Readonly<Record<string, unknown>>
  if (typeof file !== 'string' || typeof directory !== 'string') return []
  const at = posix.resolve(base, directory)
  const inRoot = (path: string): string | null => {
    const name = posix.relative(root, posix.resolve(at, path)) || '.'
    return name.startsWith('../') || name === '..' ? null : name
  }
  const name = inRoot(file)
  if (name === null) return []
  const list = Array.isArray(words)
    ? words.filter((word) => typeof word === 'string')
    : typeof command === 'string'
      ? shellWords(command)
      : []
  return [{ file: name, ...compilerOptions(list, inRoot) }]
}

/**
 * What the options of a compiler say of includes and macros.
 * @param inRoot the name of a directory relative to the project's root, null where it is outside
 */
export function compilerOptions(words: readonly string[], inRoot: (path: string) => string | null): UnitOptions {
  const includeDirectories: string[] = []
  const definitions = new Map<string, string | null>()
  for (let at = 0; at < words.length; at++) {
    const match = /^(-I|-isystem|-iquote|-idirafter|\/I|-D|\/D|-U|\/U)(.*)$/s.exec(words[at]!)
    if (!match) continue
    const value = match[2] || words[++at]
    if (value === undefined) break
    if (/^[-/]D$/.test(match[1]!)) {
      const equals = value.indexOf('=')
      definitions.set(equals < 0 ? value : value.slice(0, equals), equals < 0 ? '1' : value.slice(equals + 1))
    } else if (/^[-/]U$/.test(match[1]!)) definitions.set(value, null)
    else {
      const name = inRoot(value)
      if (name !== null) includeDirectories.push(name)
    }
  }
  return { includeDirectories: [...new Set(includeDirectories)], definitions }
}

/**
 * The words of a command line, as a POSIX shell takes quotes and backslashes.
 * @param hasComments whether a word that begins with `#` begins a comment
 */
export function shellWords(command: string, hasComments = false): string[] {
  const words: string[] = []
  let word: string[] | null = null
  for (let at = 0; at < command.length; ) {
    const sign = command[at]!
    if (/\s/.test(sign)) {
      if (word !== null) words.push(word.join(''))
      word = null
      at++
      continue
    }
    if (hasComments && sign === '#' && word === null) break
    word ??= []
    const end = endOfPart(command, at)
    if (sign === "'") word.push(command.slice(at + 1, end - 1))
    else if (sign === '"') word.push(command.slice(at + 1, end - 1).replace(/\\(["\\$`\n])/g, '$1'))
    else if (sign === '\\') word.push(command.slice(at + 1, end))
    else word.push(command.slice(at, end))
    at = end
  }
  if (word !== null) words.push(word.join(''))
  return words
}

/** The offset behind a part of a word: what stands in quotes, an escaped character, or all up to the next of these. */
function endOfPart(command: string, start: number): number {
  const sign = command[start]!
  if (sign === '\\') return start + 2
  if (sign === "'") {
    const close = command.indexOf("'", start + 1)
    return close < 0 ? command.length + 1 : close + 1
  }
  if (sign !== '"') {
    plainEnd.lastIndex = start
    return plainEnd.exec(command)?.index ?? command.length
  }
  for (let at = start + 1; at < command.length; at++) {
    if (command[at] === '"') return at + 1
    if (command[at] === '\\') at++
  }
  return command.length + 1
}

/** What ends a part of a word that is neither in quotes nor escaped. */
const plainEnd = /[\s"'\\]/g
