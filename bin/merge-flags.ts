import type { Command } from 'commander'
import type { MergeOptions } from './commands/merge.ts'
import { UsageError } from './exit.ts'
import { jobSummaryFor, outputsFrom } from './output-flags.ts'

/** The flags of `report merge`, which are as those of `check`. */
export interface MergeFlags {
  readonly outputFormat: readonly string[]
  readonly group: boolean
  readonly exitZero: boolean
  /** False with `--no-baseline`. */
  readonly baseline?: string | false
  readonly baselineStrict: boolean
  readonly quiet: boolean
}

/** Adds those that `report` itself has not. */
export const mergeFlags = (report: Command): Command =>
  report
    .option('--no-group', 'merge: show each finding whole, though it repeats others of its file')
    .option('--exit-zero', 'merge: exit with 0 even if there are findings', false)
    .option('--baseline-strict', 'merge: exit with 1 where findings that are known are there no more', false)

/** @throws UsageError where no report is named, and for flags of the migration report */
export function mergeFrom(reports: readonly string[], flags: MergeFlags & object): MergeOptions {
  if (reports.length === 0)
    throw new UsageError('report merge: which reports? check --shard 1/2 -f json=FILE writes them')
  const others = ['html', 'htmlDir', 'historyFromGit', 'history', 'permalink', 'name'].filter((name) => name in flags)
  if (others.length > 0) throw new UsageError('report merge makes the reports of check: -f FORMAT=FILE')
  return {
    reports,
    quiet: flags.quiet,
    outputs: outputsFrom(flags.outputFormat),
    isGrouped: flags.group,
    jobSummary: jobSummaryFor(flags.outputFormat),
    exitZero: flags.exitZero,
    baseline: { file: flags.baseline || null, isOff: flags.baseline === false, isStrict: flags.baselineStrict },
  }
}
