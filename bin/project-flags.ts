import { availableParallelism } from 'node:os'
import type { Command } from 'commander'
import { findConfiguration } from './config/project-configuration.ts'
import { UsageError } from './exit.ts'
import type { ProjectOptions } from './project.ts'
import type { Sight } from './revisions.ts'

/** The flags of `projectFlags`. */
export interface ProjectFlags {
  readonly includeDirectory: readonly string[]
  readonly define: readonly string[]
  readonly undefine: readonly string[]
  readonly compileCommands?: string
  readonly jobs: string
  readonly quiet: boolean
  readonly config?: string
  readonly isolated: boolean
  readonly exclude: boolean
  /** Of commands that have it. */
  readonly staged?: boolean
}

/** Adds a value of an option that may be repeated to those before. */
export const append = (value: string, before: readonly string[]): readonly string[] => [...before, value]

/** The flags of all commands that read a project. */
export const projectFlags = (command: Command): Command =>
  command
    .option('-I, --include-directory <directory>', 'look for headers there too', append, [])
    .option('-D, --define <name[=value]>', 'the build defines this macro', append, [])
    .option('-U, --undefine <name>', 'the build does not define this macro', append, [])
    .option(
      '--compile-commands <file>',
      'a compilation database (default: compile_commands.json here, in build or builddir)',
    )
    .option(
      '--config <file>',
      'the configuration (default: the closest abi3lint.toml or [tool.abi3lint] up from there)',
    )
    .option('--isolated', 'use no configuration', false)
    .option('--no-exclude', 'check what the configuration excludes, too')
    .option('-j, --jobs <n>', 'threads to use, or auto', 'auto')
    .option('-q, --quiet', 'show neither progress nor notes', false)

/**
 * What the flags say, and what the configuration of the project says where they say nothing.
 * @throws UsageError for what they cannot mean, and for what is wrong with the configuration
 */
export async function projectFrom(given: readonly string[], flags: ProjectFlags): Promise<ProjectOptions> {
  const paths = given.length > 0 ? given : ['.']
  const definitions = definitionsFrom(flags)
  const jobs = jobsFrom(flags.jobs)
  if (flags.isolated && flags.config !== undefined) throw new UsageError('--isolated uses no --config')
  const staged = flags.staged ? await filesOfIndex() : null
  const others = staged?.files ?? null
  const { configuration, problems } = flags.isolated
    ? { configuration: null, problems: [] }
    : await findConfiguration(paths, flags.config ?? null, others)
  return {
    paths,
    includeDirectories: flags.includeDirectory,
    definitions: new Map([
      ...[...(configuration?.definitions ?? [])].map(([name, { value }]) => [name, value] as const),
      ...definitions,
    ]),
    compileCommands: flags.compileCommands ?? configuration?.compileCommands?.value ?? null,
    jobs,
    configuration,
    problems: [...problems, ...(staged?.problems ?? [])],
    excludes: flags.exclude,
    others,
  }
}

async function filesOfIndex(): Promise<Sight> {
  const { indexFiles } = await import('./revisions.ts')
  const { startDirectory } = await import('./project.ts')
  return indexFiles(startDirectory())
}

function definitionsFrom({ define, undefine }: ProjectFlags): Map<string, string | null> {
  const definitions = new Map<string, string | null>()
  for (const [flag, given] of [
    ['-D', define],
    ['-U', undefine],
  ] as const) {
    for (const text of given) {
      const match = /^([A-Za-z_]\w*)(?:=([\s\S]*))?$/.exec(text)
      if (!match || (flag === '-U' && match[2] !== undefined))
        throw new UsageError(
          `${flag} ${text}: ${flag === '-D' ? 'a macro, or a macro and its value: -D HAVE_X=1' : 'a macro'}`,
        )
      definitions.set(match[1]!, flag === '-U' ? null : (match[2] ?? '1'))
    }
  }
  return definitions
}

function jobsFrom(text: string): number {
  if (text === 'auto') return Math.min(availableParallelism(), 8)
  if (!/^[1-9]\d?$/.test(text)) throw new UsageError(`--jobs ${text}: a number from 1 to 99, or auto`)
  return Number(text)
}
