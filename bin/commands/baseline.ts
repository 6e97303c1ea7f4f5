import type { Run } from '../../analyzer/check/diagnostic.ts'
import type { Target } from '../../analyzer/knowledge/target.ts'
import type { Minor } from '../../analyzer/knowledge/version.ts'
import { formats } from '../../reports/index.ts'
import { printable } from '../../reports/printable.ts'
import { problemLines } from '../../reports/problems.ts'
import { count, groupBy } from '../../reports/tally.ts'
import {
  type AppliedBaseline,
  BaselineFile,
  baselineName,
  bytesOfBaseline,
  findBaseline,
  knownIn,
  newBaseline,
  writeBaseline,
} from '../baseline-file.ts'
import { Exit, hasErrors, UsageError } from '../exit.ts'
import { isLink } from '../places.ts'
import { findProject, type ProjectOptions } from '../project.ts'
import { type RuleSelection, rulesOf } from '../rule-selection.ts'
import type { Terminal } from '../terminal.ts'

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
  const found = findProject({ ...options, writes: false })
  const file = options.file ?? (action === 'create' ? newBaseline(found.roots) : null)
  if (action === 'create') refuseOther(file!)
  const known = action === 'create' ? null : findBaseline({ file, isOff: false }, found.roots, null)
  if (action !== 'create' && known === null)
    throw new UsageError(`there is no ${baselineName} here: \`abi3lint baseline create\` writes it`)
  const before = known && new BaselineFile(known, false)
  const { workspace, problems } = await found.open(terminal, 'checking', null)
  const { run } = workspace.check({ ...options, ...(await rulesOf(options, options.configuration)) })
  const all = [...run.problems, ...problems]
  terminal.complain(problemLines(all, terminal.complaintLook))
  // What is not read would look like what is gone.
  if (hasErrors(all)) return Exit.unusable
  if (before === null) return create(file!, run, terminal)
  if (!before.isFor(run)) throw new UsageError(before.mismatch(run))
  const applied = before.apply(run, found.roots)
  if (action === 'status') return status(before.path, applied, options.format, terminal)
  return write(before, run, applied, options, terminal)
}

/** @throws UsageError where the file is there, or a link that leads nowhere: what it led to would not be written */
function refuseOther(path: string): void {
  const isThere = bytesOfBaseline(path) !== null
  if (!isThere && isLink(path))
    throw new UsageError(`${path} is a symbolic link that leads nowhere: delete it, or make what it leads to`)
  if (isThere)
    throw new UsageError(
      `${path} is there already: \`baseline update --accept-new\` adds what is new; to make it anew, delete it first`,
    )
}

/** Takes out what is gone; what is new is added or told of. */
async function write(
  before: BaselineFile,
  run: Run,
  { run: fresh, known, unseen }: AppliedBaseline,
  { action, acceptsNew }: BaselineCommand,
  terminal: Terminal,
): Promise<number> {
  const isAccepted = action === 'update' && acceptsNew
  writeBaseline(before.path, before.with(isAccepted ? run.diagnostics : known, unseen))
  const isTold = action === 'update' && !isAccepted && fresh.diagnostics.length > 0
  if (isTold) {
    const render = await formats.full.load()
    await terminal.writeParts(render(fresh, terminal.look))
  }
  const added = isAccepted ? `, ${count(fresh.diagnostics.length, 'new one')} added` : ''
  const left = known.length + unseen.reduce((sum, each) => sum + each.count, 0)
  terminal.write(`${printable(before.path)}: ${left} of its findings are left, ${fresh.baseline!.gone} gone${added}.\n`)
  return isTold ? Exit.findings : Exit.clean
}

function create(path: string, run: Run, terminal: Terminal): number {
  writeBaseline(path, knownIn(run))
  const files = new Set(run.diagnostics.map(({ file }) => file)).size
  terminal.write(
    `Wrote ${count(run.diagnostics.length, 'finding')} in ${count(files, 'file')} to ${printable(path)}: checks tell ` +
      `of others alone. Commit it; \`${baselineName} merge=union\` in .gitattributes spares conflicts.\n`,
  )
  return Exit.clean
}

/** Says what is left of what is known, by rule. */
function status(
  path: string,
  { run: fresh, known }: AppliedBaseline,
  format: 'full' | 'json',
  terminal: Terminal,
): number {
  const { gone } = fresh.baseline!
  const byRule = [...groupBy(known, ({ rule }) => rule)]
    .map(([rule, { length }]): [string, number] => [rule, length])
    .sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1))
  if (format === 'json') {
    const counts = { known: known.length, gone, new: fresh.diagnostics.length }
    terminal.write(`${JSON.stringify({ targets: fresh.targets, ...counts, byRule: Object.fromEntries(byRule) })}\n`)
    return Exit.clean
  }
  const files = groupBy(known, ({ file }) => file)
  terminal.write(
    `${printable(path)}: ${count(known.length, 'finding')} left in ${count(files.size, 'file')}, ${gone} gone, ` +
      `${fresh.diagnostics.length} new\n`,
  )
  for (const [rule, number] of byRule) terminal.write(`${String(number).padStart(7)} ${rule}\n`)
  return Exit.clean
}
