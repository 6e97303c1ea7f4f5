import type { Minor } from '../../analyzer/knowledge/version.ts'
import type { TraceWriter } from '../../analyzer/store/trace.ts'
import { problemLines } from '../../reports/problems.ts'
import type { CacheOptions } from '../cache.ts'
import { Exit, hasErrors } from '../exit.ts'
import { KeptOutput, type Output } from '../kept-output.ts'
import { type FoundProject, findProject, type ProjectOptions } from '../project.ts'
import { rulesOf } from '../rule-selection.ts'
import type { Terminal } from '../terminal.ts'

export interface TargetsOptions extends ProjectOptions {
  /** The CPython whose headers are assumed; null for the newest known. */
  readonly headers: Minor | null
  readonly format: 'full' | 'json'
  /** Where the output is kept. */
  readonly cache: CacheOptions
}

/**
 * `abi3lint targets`: what keeps a project from each level of the Limited API, and from abi3t.
 * @returns the exit code: 2 where something could not be read, else 0
 */
export async function targets(options: TargetsOptions, terminal: Terminal): Promise<number> {
  const { headers, format } = options
  const found = findProject({ ...options, writes: false })
  const { chalk, width } = terminal.look
  const look = format === 'json' ? null : [chalk.level, String(width)]
  const settings = ['targets', headers, format, look]
  const kept = new KeptOutput(options.cache, found, settings)
  const known = kept.find()
  const output = known ?? kept.recorded(await outputOf(found, kept.trace, options, terminal))
  for (const report of output.reports) await terminal.writeParts(report())
  terminal.complain(problemLines(output.problems, terminal.complaintLook))
  if (hasErrors(output.problems)) return Exit.unusable
  if (known === null) kept.keep(output)
  return Exit.clean
}

async function outputOf(
  found: FoundProject,
  trace: TraceWriter | null,
  { headers, format }: TargetsOptions,
  terminal: Terminal,
): Promise<Output> {
  const { targetsJson, targetsText } = await import('../../reports/targets.ts')
  const { workspace, problems } = await found.open(terminal, 'checking', trace)
  const survey = workspace.targets({ headers, rules: (await rulesOf({ select: ['all'], ignore: [] }, null)).rules })
  const report = format === 'json' ? targetsJson(survey) : targetsText(survey, terminal.look)
  return { note: '', problems: [...workspace.problems, ...problems], fails: false, reports: [() => [report]] }
}
