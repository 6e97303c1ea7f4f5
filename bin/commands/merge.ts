import { resolve } from 'node:path'
import { currentDirectory } from '../../analyzer/store/places.ts'
import { rules } from '../../rules/index.ts'
import { BaselineFile, findBaseline } from '../baseline-file.ts'
import { hasErrors } from '../exit.ts'
import { wouldBe } from '../places.ts'
import { loadReports, notesOn, type ReportingOptions, say } from '../reporting.ts'
import { merged } from '../shards/merge.ts'
import { PartReader } from '../shards/read.ts'
import type { Terminal } from '../terminal.ts'

/** What `report merge` is asked for. */
export interface MergeOptions extends ReportingOptions {
  /** Files with parts of runs. */
  readonly reports: readonly string[]
}

/**
 * `abi3lint report merge`: joins parts of runs, and runs for other targets, to one report, beside the baseline.
 * @returns the exit code, as that of a check
 * @throws UsageError where a part is missing or there twice, or is none that can be merged
 */
export async function mergeReports(options: MergeOptions, terminal: Terminal): Promise<number> {
  const reader = new PartReader(rules)
  const { run, paths } = merged(options.reports.map((name) => reader.read(name)))
  const current = currentDirectory()
  const roots = paths.map((path) => wouldBe(resolve(current, path)))
  const found = findBaseline(options.baseline, roots, null)
  const known = found && new BaselineFile(found, options.baseline.isStrict)
  const beside = known === null ? run : known.apply(run, roots).run
  const reports = await loadReports(options, terminal)
  const fails = hasErrors(beside.diagnostics) || beside.baseline?.stale != null
  const output = {
    note: notesOn(beside, beside, known, options),
    problems: beside.problems,
    fails,
    reports: reports(beside),
  }
  return say(output, options, terminal)
}
