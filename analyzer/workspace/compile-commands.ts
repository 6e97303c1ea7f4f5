import posix from 'path-browserify'
import { type CompileCommand, readCompileCommands } from '../build/compile-commands.ts'
import type { Problem } from '../check/diagnostic.ts'
import { readText, type Sources } from './sources.ts'

/** Where build systems put their compilation database. */
const usualDatabases = ['compile_commands.json', 'build/compile_commands.json', 'builddir/compile_commands.json']

const isAbsolute = (path: string): boolean => /^(?:[A-Za-z]:)?\//.test(path)

/**
 * Reads the compilation database of a project.
 * @param root the absolute path of the project's root, with `/`
 * @param given the database, absolute or relative to the root, with `/`; null to look for one in the usual places
 * @returns its entries, and what is wrong with it: an error where it was given, else a warning
 */
export function compileCommandsOf(
  sources: Sources,
  root: string,
  given: string | null,
): { readonly commands: readonly CompileCommand[]; readonly problems: readonly Problem[] } {
  const path = given ?? usualDatabases.find((name) => sources.store.find(name) !== null)
  if (path === undefined) return { commands: [], problems: [] }
  const wrong = (message: string): ReturnType<typeof compileCommandsOf> => ({
    commands: [],
    problems: [{ file: path, message, severity: given === null ? 'warning' : 'error' }],
  })
  const found = readText(sources, path)
  if ('problem' in found) return wrong(`cannot be read: ${found.problem}`)
  const base = isAbsolute(path) ? posix.dirname(path) : posix.join(root, posix.dirname(path))
  try {
    return { commands: readCompileCommands(found.text, root, base), problems: [] }
  } catch (error) {
    return wrong((error as Error).message)
  }
}
