import type { Problem, Run } from '../analyzer/check/diagnostic.ts'
import { reason } from '../analyzer/store/reason.ts'
import { buildFileKind, isSourceName } from '../analyzer/workspace/source-text.ts'
import { type FormatName, formats } from '../reports/index.ts'
import { printable } from '../reports/printable.ts'
import { problemLines } from '../reports/problems.ts'
import { notShown } from '../reports/tally.ts'
import { type BaselineFile, type BaselineOptions, noteOnGone } from './baseline-file.ts'
import { Exit, hasErrors } from './exit.ts'
import type { Output } from './kept-output.ts'
import type { Terminal } from './terminal.ts'
import { addToJobSummary } from './write/job-summary.ts'
import { writeOutput } from './write/output.ts'

/** How what is found is told, by whatever command. */
export interface ReportingOptions {
  readonly quiet: boolean
  /** At most one without a path: that one goes to stdout. */
  readonly outputs: readonly { readonly format: FormatName; readonly path: string | null }[]
  /** Whether findings that repeat themselves in a file are one line each after the first ones, for people. */
  readonly isGrouped: boolean
  /** The file that the summary of a job of GitHub Actions is added to; null for none. */
  readonly jobSummary: string | null
  /** End with 0 whatever is found. */
  readonly exitZero: boolean
  readonly baseline: BaselineOptions
}

/** Loads what writes the reports that are asked for. @returns gives those of a run, that for the job summary last */
export async function loadReports(
  { outputs, isGrouped, jobSummary }: ReportingOptions,
  terminal: Terminal,
): Promise<(run: Run) => Output['reports']> {
  const renderers = await Promise.all(outputs.map(({ format }) => formats[format].load()))
  const summaries = jobSummary === null ? [] : [(await import('../reports/markdown.ts')).jobSummary]
  return (run) => [
    ...renderers.map((render, index) => {
      const look = outputs[index]!.path === null ? terminal.look : terminal.plainLook
      return () => render(run, { ...look, isGrouped })
    }),
    ...summaries.map((render) => () => render(run)),
  ]
}

/**
 * What is to be said of the baseline, and of what `concise`, which has no summary, does not show.
 * @param beside the run beside the baseline alone
 */
export function notesOn(
  run: Run,
  beside: Run,
  known: BaselineFile | null,
  { quiet, outputs, baseline }: ReportingOptions,
): string {
  const mismatch = known === null || known.isFor(run) ? '' : `note: ${printable(known.mismatch(run))}\n`
  const isConcise = outputs.some(({ format, path }) => format === 'concise' && path === null)
  const hidden = isConcise ? notShown(run) : ''
  return [
    quiet ? '' : mismatch,
    quiet && !baseline.isStrict ? '' : noteOnGone(beside),
    quiet || hidden === '' ? '' : `note: not shown: ${hidden}\n`,
  ].join('')
}

/** Reports. @returns the exit code */
export async function say(
  output: Output,
  { outputs, jobSummary, exitZero }: Pick<ReportingOptions, 'outputs' | 'jobSummary' | 'exitZero'>,
  terminal: Terminal,
): Promise<number> {
  let said = output.problems
  terminal.complain(output.note)
  for (const [index, { path }] of outputs.entries()) {
    const report = output.reports[index]!
    if (path === null) await terminal.writeParts(report())
    else said = [...said, ...writeReport(path, report)]
  }
  if (jobSummary !== null) said = [...said, ...addToJobSummary(jobSummary, output.reports[outputs.length]!())]
  terminal.complain(problemLines(said, terminal.complaintLook))
  if (hasErrors(said)) return Exit.unusable
  return !exitZero && output.fails ? Exit.findings : Exit.clean
}

/** Writes a report to the file that was named for it. @returns why it could not be written; empty where it was */
export function writeReport(file: string, text: () => Iterable<string | Uint8Array>): readonly Problem[] {
  if (isSourceName(file) || buildFileKind(file) !== null)
    return [{ file, message: 'is a source by its name: no report is written over it', severity: 'error' }]
  try {
    writeOutput(file, text)
    return []
  } catch (error) {
    return [{ file, message: `cannot be written: ${reason(error)}`, severity: 'error' }]
  }
}
