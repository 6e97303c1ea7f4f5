import posix from 'path-browserify'
import { includedPaths } from './includes.ts'

/**
 * Of the sources around files those that may use what these define: those that include one of them, be it by way of
 * others, and those that declare a type of one themselves.
 * @param asked names of the files
 * @param all names of the sources around them, and of what these include
 * @param textOf the text of each, one character per byte; empty where there is none
 * @returns names of files that are none of those asked for
 */
export function usersOf(
  asked: readonly string[],
  all: Iterable<string>,
  textOf: (file: string) => string,
): ReadonlySet<string> {
  const own = new Set(asked)
  const includers = new Map<string, string[]>()
  const users = new Set<string>()
  const types = new Set(asked.flatMap((file) => typesIn(textOf(file))))
  for (const file of new Set(all)) {
    const text = textOf(file)
    for (const { path } of includedPaths(text)) {
      const name = posix.basename(path)
      const known = includers.get(name)
      if (known === undefined) includers.set(name, [file])
      else known.push(file)
    }
    if (!own.has(file) && typesIn(text).some((name) => types.has(name))) users.add(file)
  }
  const todo = asked.map((file) => posix.basename(file))
  const seen = new Set(todo)
  while (todo.length > 0) {
    for (const file of includers.get(todo.pop()!) ?? []) {
      if (!own.has(file)) users.add(file)
      const name = posix.basename(file)
      if (seen.has(name)) continue
      seen.add(name)
      todo.push(name)
    }
  }
  return users
}

/** The names of types that a text defines or declares. */
const typesIn = (text: string): readonly string[] =>
  [...text.matchAll(/\bPyTypeObject\)?\s+(\w+(?:\s*,\s*\w+)*)/g)].flatMap((match) => match[1]!.split(/\s*,\s*/))
