import type { Run } from '../../analyzer/check/diagnostic.ts'
import type { Target } from '../../analyzer/knowledge/target.ts'
import type { Minor } from '../../analyzer/knowledge/version.ts'
import { formats } from '../../reports/index.ts'
import { printable } from '../../reports/printable.ts'
import { problemLines } from '../../reports/problems.ts'
import { count, groupBy } from '../../reports/tally.ts'
import { BaselineFile, baselineName, knownIn, writeBaseline } from '../baseline-file.ts'
import { Exit, hasErrors, UsageError } from '../exit.ts'
import { findProject, type ProjectOptions } from '../project.ts'
import { type RuleSelection, rulesOf } from '../rule-selection.ts'
import type { Terminal } from '../terminal.ts'
import { bytesAt } from '../write/stage.ts'

/** What can be done with a baseline. */
export const baselineActions = ['create', 'update', 'prune', 'status'] as const
export type BaselineAction = (typeof baselineActions)[number]

export interface BaselineCommand extends ProjectOptions, RuleSelection {
  readonly action: BaselineAction
  /** Empty to take it from the project; with each of the headers to assume. */
  readonly targets: readonly Target[]
  readonly headers: Minor | null
  /** The targets that the configuration has for a file alone, null for none; undefined where it has none for any. */
  readonly targetsOf: ((file: string) => readonly Target[] | null) | undefined
  /** The baseline; null for the nearest one, and to make one in the current directory. */
  readonly file: string | null
  /** With `update`: what is new is known from now on. */
  readonly acceptsNew: boolean
  /** Of `status`. */
  readonly format: 'full' | 'json'
}

/**
 * `abi3lint baseline`: writes down what is found now, so that checks tell of what is new alone; takes out what is gone;
 * says what is left.
 * @returns the exit code: 2 where something could not be read or written, 1 where `update` found what is new, else 0
 * @throws UsageError where the baseline is there already, is not there, or is none
 */
export async function baseline(options: BaselineCommand, terminal: Terminal): Promise<number> {
  const { action } = options
  const before = action === 'create' ? refuseOther(options) : BaselineFile.find({ ...options, isOff: false })
  if (action !== 'create' && before === null)
    throw new UsageError(`there is no ${baselineName} here: \`abi3lint baseline create\` writes it`)
  const found = findProject({ ...options, writes: false })
  const { workspace, problems } = await found.open(terminal, 'checking', null)
  const { run } = workspace.check({ ...options, ...(await rulesOf(options, options.configuration)) })
  const all = [...run.problems, ...problems]
  terminal.complain(problemLines(all, terminal.complaintLook))
  // What is not read would look like what is gone.
  if (hasErrors(all)) return Exit.unusable
  if (before === null) return create(options.file ?? baselineName, run, terminal)
  const { run: fresh, gone } = before.apply(run, found.roots)
  const left = before.without(gone)
  if (action === 'status') return status(before.path, run, fresh, options.format, terminal)
  const isAccepted = action === 'update' && options.acceptsNew
  writeBaseline(before.path, isAccepted ? knownIn(run) : left)
  const { known, gone: removed } = fresh.baseline!
  if (action === 'update' && !isAccepted && fresh.diagnostics.length > 0) {
    const render = await formats.full.load()
    await terminal.writeParts(render(fresh, terminal.look))
  }
  const added = isAccepted ? `, ${count(fresh.diagnostics.length, 'new one')} added` : ''
  terminal.write(`${printable(before.path)}: ${known} of its findings are left, ${removed} gone${added}.\n`)
  return action === 'update' && !isAccepted && fresh.diagnostics.length > 0 ? Exit.findings : Exit.clean
}

/** @returns null: there is none to begin with */
function refuseOther({ file }: BaselineCommand): null {
  const path = file ?? baselineName
  if (bytesAt(path) !== null)
    throw new UsageError(`${path} is there already: \`baseline update --accept-new\` adds what is new to it`)
  return null
}

function create(path: string, run: Run, terminal: Terminal): number {
  writeBaseline(path, knownIn(run))
  const files = new Set(run.diagnostics.map(({ file }) => file)).size
  terminal.write(
    `Wrote ${count(run.diagnostics.length, 'finding')} in ${count(files, 'file')} to ${printable(path)}: checks tell ` +
      `of others alone. Commit it; \`${printable(path)} merge=union\` in .gitattributes spares conflicts.\n`,
  )
  return Exit.clean
}

/** Says what is left of what is known, by rule. */
function status(path: string, all: Run, fresh: Run, format: 'full' | 'json', terminal: Terminal): number {
  const { known, gone } = fresh.baseline!
  const unknown = new Set(fresh.diagnostics.map((each) => `${each.file} ${each.start} ${each.rule} ${each.symbol}`))
  const left = all.diagnostics.filter((each) => !unknown.has(`${each.file} ${each.start} ${each.rule} ${each.symbol}`))
  const byRule = [...groupBy(left, ({ rule }) => rule)]
    .map(([rule, { length }]): [string, number] => [rule, length])
    .sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1))
  if (format === 'json') {
    const shown = {
      targets: all.targets,
      known,
      gone,
      new: fresh.diagnostics.length,
      byRule: Object.fromEntries(byRule),
    }
    terminal.write(`${JSON.stringify(shown)}\n`)
    return Exit.clean
  }
  const files = groupBy(left, ({ file }) => file)
  terminal.write(
    `${printable(path)}: ${count(known, 'finding')} left in ${count(files.size, 'file')}, ${gone} gone, ` +
      `${fresh.diagnostics.length} new\n`,
  )
  for (const [rule, number] of byRule) terminal.write(`${String(number).padStart(7)} ${rule}\n`)
  return Exit.clean
}
