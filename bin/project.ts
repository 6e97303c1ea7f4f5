import { relative, resolve, sep } from 'node:path'
import type { Problem } from '../analyzer/check/diagnostic.ts'
import { diskStore, spareOptimising } from '../analyzer/store/disk.ts'
import type { Progress } from '../analyzer/workspace/store.ts'
import { openWorkspace, type Workspace } from '../analyzer/workspace/workspace.ts'
import { discover } from './discover.ts'
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

/** A workspace on what the command line names. */
export interface OpenProject {
  readonly workspace: Workspace
  /** What is to be said besides the problems of the workspace. */
  readonly problems: readonly Problem[]
}

/** Opens a workspace on what the command line names. Never throws for bad input: that is among the problems. */
export async function openProject(options: ProjectOptions, terminal: Terminal, what: string): Promise<OpenProject> {
  const root = process.cwd()
  const slashed = (path: string): string => path.split(sep).join('/')
  const nameOf = (path: string): string => slashed(relative(root, resolve(root, path)))
  const found = discover(root, options.paths)
  const workspace = await openWorkspace(
    { ...diskStore(root, options.jobs), prepare: spareOptimising },
    [...found.sources, ...found.buildFiles],
    {
      includeDirectories: options.includeDirectories.map((path) => nameOf(path) || '.'),
      definitions: options.definitions,
      compileCommands: options.compileCommands === null ? null : slashed(options.compileCommands),
      paths: options.paths.map(nameOf),
      // A link that leads nowhere may be an editor's lock file.
      problems: found.problems.map(({ file, message, named }) => ({
        file,
        message,
        severity: named ? 'error' : 'warning',
      })),
      progress: progressOn(terminal, what),
    },
  )
  const isEmpty = found.sources.length === 0 && workspace.problems.length === 0
  return {
    workspace,
    problems: isEmpty
      ? [{ file: options.paths.join(' '), message: 'holds no C or C++ files', severity: 'warning' }]
      : [],
  }
}

/** Shows on a terminal how far each analysis is. */
function progressOn(terminal: Terminal, what: string): Progress {
  let shown: ReturnType<Terminal['progress']> | null = terminal.progress(what)
  return (done, all) => {
    shown ??= terminal.progress(what)
    if (done < all) shown.report(done, all)
    else {
      shown.done()
      shown = null
    }
  }
}
