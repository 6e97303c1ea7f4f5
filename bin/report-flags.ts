import type { Command } from 'commander'
import { baselineName } from './baseline-file.ts'
import type { ReportOptions } from './commands/report.ts'
import { UsageError } from './exit.ts'
import { type MergeFlags, mergeFlags, mergeFrom } from './merge-flags.ts'
import { collectOutputs } from './output-flags.ts'
import { type ProjectFlags, projectFlags, projectFrom } from './project-flags.ts'
import {
  collect,
  headersFrom,
  headersOption,
  type TargetFlags,
  targetOption,
  targetsFrom,
  targetsOfFiles,
} from './target-flags.ts'
import type { Terminal } from './terminal.ts'

interface ReportFlags extends ProjectFlags, TargetFlags, MergeFlags {
  readonly html?: string
  readonly htmlDir?: string
  readonly outputFormat: readonly string[]
  readonly select: readonly string[]
  readonly ignore: readonly string[]
  readonly name?: string
  readonly permalink?: string
  readonly history?: string
  readonly record: boolean
  readonly historyFromGit?: string
  readonly samples: string
  readonly baseline?: string | false
}

/** Adds `abi3lint report` to the program. */
export function addReportCommand(program: Command, terminal: (isQuiet: boolean) => Terminal): void {
  const command = projectFlags(
    program
      .command('report')
      .description(
        'a migration report: how far each module is, what is left, what to do first and what a newer Python would ' +
          'free (default: of the current directory); report merge FILES: join what `check --shard` has written',
      )
      .argument('[paths...]')
      .addOption(targetOption())
      .addOption(headersOption())
      .option('--html <file>', 'write one page, with all that belongs to it')
      .option('--html-dir <directory>', 'write a page and its files: for servers that forbid inline code')
      .option(
        '-f, --output-format <format[=path]>',
        'markdown, for a comment on a pull request; merge: as of check',
        collectOutputs,
        [],
      )
      .option('--select <rules>', 'tell of these rules alone, or of profiles of them: errors, advice, all', collect, [])
      .option('--ignore <rules>', 'do not tell of these rules or profiles', collect, [])
      .option('--name <name>', 'what the project is called (default: its directory)')
      .option('--permalink <template>', 'addresses of lines: https://example.org/{commit}/{path}#L{line}')
      .option('--history <file>', 'earlier runs, a line for each: how the work went')
      .option('--record', 'add this run to the history', false)
      .option('--history-from-git <range>', 'look at commits, too: v1.0..HEAD')
      .option('--samples <n>', 'at how many of them', '20')
      .option('--baseline <file>', `findings that are known (default: the nearest ${baselineName})`)
      .option('--no-baseline', 'say of no finding that it is known'),
  )
  mergeFlags(command).action(async (paths: string[], flags: ReportFlags) => {
    if (paths[0] === 'merge') {
      const { mergeReports } = await import('./commands/merge.ts')
      process.exitCode = await mergeReports(mergeFrom(paths.slice(1), flags), terminal(flags.quiet))
      return
    }
    const { report } = await import('./commands/report.ts')
    process.exitCode = await report(await optionsFrom(paths, flags), terminal(flags.quiet))
  })
}

async function optionsFrom(paths: readonly string[], flags: ReportFlags): Promise<ReportOptions> {
  const outputs = outputsFrom(flags)
  if (!flags.group || flags.exitZero || flags.baselineStrict)
    throw new UsageError('--no-group, --exit-zero and --baseline-strict are for report merge')
  if (flags.record && flags.history === undefined) throw new UsageError('--record is for --history')
  if (!/^\d{1,3}$/.test(flags.samples) || Number(flags.samples) < 2)
    throw new UsageError(`--samples ${flags.samples}: a number from 2 to 999`)
  const project = await projectFrom(paths, flags)
  return {
    ...project,
    targets: targetsFrom(flags, project.configuration),
    targetsOf: targetsOfFiles(flags, project.configuration),
    headers: headersFrom(flags, project.configuration),
    select: flags.select,
    ignore: flags.ignore,
    outputs,
    baseline: { file: flags.baseline || null, isOff: flags.baseline === false, isStrict: false },
    permalink: flags.permalink ?? null,
    history: flags.history ?? null,
    isRecorded: flags.record,
    commits:
      flags.historyFromGit === undefined ? null : { range: flags.historyFromGit, samples: Number(flags.samples) },
    name: flags.name ?? null,
    command: ['abi3lint', ...process.argv.slice(2).map(quoted)].join(' '),
  }
}

const quoted = (word: string): string =>
  /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`

function outputsFrom({ html, htmlDir, outputFormat }: ReportFlags): ReportOptions['outputs'] {
  const outputs = [
    ...(html === undefined ? [] : [{ kind: 'html' as const, path: html }]),
    ...(htmlDir === undefined ? [] : [{ kind: 'html-dir' as const, path: htmlDir }]),
    ...outputFormat.map((text) => {
      const [, format, path] = /^([^=]*)(?:=([\s\S]*))?$/.exec(text)!
      if (format !== 'markdown' || path === '')
        throw new UsageError(`-f ${text}: markdown, or markdown and a file: markdown=report.md`)
      return { kind: 'markdown' as const, path: path ?? null }
    }),
  ]
  if (outputs.length === 0)
    throw new UsageError('say what to write: --html report.html, --html-dir report, or -f markdown')
  if (outputs.filter(({ path }) => path === null).length > 1) throw new UsageError('only one report can go to stdout')
  return outputs
}
