import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import type { BuildFile } from '../analyzer/build/build-file.ts'
import { readCompileCommands } from '../analyzer/build/compile-commands.ts'
import { includeDirectories } from '../analyzer/build/include-directories.ts'
import type { Problem } from '../analyzer/check/diagnostic.ts'
import type { Api } from '../analyzer/knowledge/api.ts'
import { rewritable } from '../analyzer/knowledge/recipes/index.ts'
import type { BuildOptions, UnitOptions } from '../analyzer/project/build-options.ts'
import { linkProject, type Project } from '../analyzer/project/model.ts'
import { asByteText } from '../analyzer/source/text.ts'
import { type Analysis, analyze, type Before } from '../analyzer/store/analyze.ts'
import { reason } from '../analyzer/store/sources.ts'
import { buildFileNames, cSuffix, discover } from './discover.ts'
import { loadApi } from './table.ts'
import type { Terminal } from './terminal.ts'

/** What of the command line says which project is meant and how it is compiled. */
export interface ProjectOptions {
  readonly paths: readonly string[]
  /** `-I`, as given. */
  readonly includeDirectories: readonly string[]
  /** `-D` and `-U`: the text of the value, null for "not defined". */
  readonly definitions: ReadonlyMap<string, string | null>
  /** A compilation database; null to look for one in the usual places. */
  readonly compileCommands: string | null
  /** Threads to use, from 1. */
  readonly jobs: number
}

/** A project that was read and linked. */
export interface OpenProject {
  readonly project: Project
  readonly api: Api
  readonly analysis: Analysis
  readonly buildFiles: readonly BuildFile[]
  /**
   * Whether the command line asks for a file: names it, or a directory above it. A header that is only included may
   * stand elsewhere.
   */
  isAsked(file: string): boolean
  readonly problems: readonly Problem[]
}

/**
 * Reads and links what the command line names. Never throws for bad input: that is among the problems.
 * @param before the same project before its texts were changed
 */
export async function openProject(
  options: ProjectOptions,
  terminal: Terminal,
  what: string,
  before: Before | null = null,
): Promise<OpenProject> {
  const root = process.cwd()
  const found = discover(root, options.paths)
  // The project's own configuration tells its target, even where only some files were asked for.
  const buildFiles = [...new Set([...found.buildFiles, ...buildFileNames])].flatMap((path) => readBuildFile(root, path))
  const compiled = compileCommands(root, options.compileCommands)
  const all = new Map<string, UnitOptions>(compiled.commands.map((command) => [command.file, command]))
  const build: BuildOptions = {
    includeDirectories: [
      ...options.includeDirectories.map((path) => relative(root, resolve(root, path)).split(sep).join('/') || '.'),
      ...new Set(compiled.commands.flatMap((command) => command.includeDirectories)),
      ...buildFiles.flatMap(includeDirectories),
    ],
    definitions: options.definitions,
    ofFile: all,
  }
  const api = loadApi()
  const progress = terminal.progress(what)
  const analysis = await analyze(
    root,
    found.sources,
    api.vocabulary(rewritable),
    options.jobs,
    progress.report,
    build.includeDirectories,
    before,
  )
  progress.done()

  const named = new Set(options.paths.map((path) => relative(root, resolve(root, path)).split(sep).join('/')))
  const problems: Problem[] = [
    ...compiled.problems,
    // A link that leads nowhere may be an editor's lock file.
    ...found.problems.map(
      ({ file, message, named: asked }): Problem => ({ file, message, severity: asked ? 'error' : 'warning' }),
    ),
    ...analysis.problems.map(
      ({ file, message, unreadable }): Problem => ({
        file,
        message,
        severity: unreadable || named.has(file) ? 'error' : 'warning',
      }),
    ),
  ]
  if (found.sources.length === 0 && problems.length === 0) {
    problems.push({ file: options.paths.join(' '), message: 'holds no C or C++ files', severity: 'warning' })
  }
  const askedBuildFiles = new Set(found.buildFiles)
  /** `list.def` is C where something includes it. */
  const isFragment = (file: string): boolean =>
    !cSuffix.test(file) && [...named].some((path) => path === '' || path === '.' || file.startsWith(`${path}/`))
  const isAsked = (file: string): boolean => analysis.read.has(file) || askedBuildFiles.has(file) || isFragment(file)
  return { project: linkProject(analysis.facts, build, analysis.texts), api, analysis, buildFiles, isAsked, problems }
}

/** Where build systems put their compilation database. */
const usualDatabases = ['compile_commands.json', 'build/compile_commands.json', 'builddir/compile_commands.json']

function compileCommands(
  root: string,
  given: string | null,
): { readonly commands: ReturnType<typeof readCompileCommands>; readonly problems: readonly Problem[] } {
  const path = given ?? usualDatabases.find((name) => existsSync(join(root, name)))
  if (path === undefined) return { commands: [], problems: [] }
  const absolute = resolve(root, path)
  const slashed = (each: string): string => each.split(sep).join('/')
  try {
    return {
      commands: readCompileCommands(asByteText(readFileSync(absolute)), slashed(root), slashed(dirname(absolute))),
      problems: [],
    }
  } catch (error) {
    const message =
      (error as NodeJS.ErrnoException).code === undefined
        ? (error as Error).message
        : `cannot be read: ${reason(error)}`
    return { commands: [], problems: [{ file: path, message, severity: given === null ? 'warning' : 'error' }] }
  }
}

function readBuildFile(root: string, path: string): BuildFile[] {
  const kind = path.split('/').at(-1) as BuildFile['kind']
  try {
    return [{ kind, path, text: asByteText(readFileSync(join(root, path))) }]
  } catch {
    return []
  }
}
