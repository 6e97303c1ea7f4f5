import { writeFileSync } from 'node:fs'
import type { Problem, Run } from '../../analyzer/check/diagnostic.ts'
import type { Rule } from '../../analyzer/check/rule.ts'
import { showTarget, type Target } from '../../analyzer/knowledge/target.ts'
import type { Minor } from '../../analyzer/knowledge/version.ts'
import type { RewriteName } from '../../analyzer/workspace/rewrites.ts'
import type { CheckResult, FixResult, Workspace } from '../../analyzer/workspace/workspace.ts'
import { type FormatName, formats } from '../../reports/index.ts'
import { printable } from '../../reports/printable.ts'
import { problemLines } from '../../reports/problems.ts'
import { Exit, hasErrors } from '../exit.ts'
import { unsaved } from '../git.ts'
import { openProject, type ProjectOptions } from '../project.ts'
import type { Terminal } from '../terminal.ts'
import { attempt, diffOf, writeChanges } from '../write.ts'

export interface CheckOptions extends ProjectOptions {
  /** Empty to take it from the project; with each of the headers to assume. */
  readonly targets: readonly Target[]
  /** The CPython whose headers are assumed where the project says the target; null for all known. */
  readonly headers: Minor | null
  readonly quiet: boolean
  /** What to do; a fix may be unsafe. */
  readonly work:
    | { readonly kind: 'check' | 'fix'; readonly rules: readonly Rule[]; readonly unsafe: boolean }
    | { readonly kind: 'rewrite'; readonly what: RewriteName }
  /** At most one without a path: that one goes to stdout. */
  readonly outputs: readonly { readonly format: FormatName; readonly path: string | null }[]
  readonly exitZero: boolean
  /** Print what fixes would change and write nothing. */
  readonly diff: boolean
  /** Change files that git could not bring back, too. */
  readonly allowDirty: boolean
}

/**
 * `abi3lint check` and `abi3lint rewrite`: discovers files, checks or fixes them, writes what was fixed, reports.
 * @returns the exit code: 2 where something could not be read or written, else 1 where there are errors or a
 * difference, else 0
 */
export async function check(options: CheckOptions, terminal: Terminal): Promise<number> {
  const outputs = await Promise.all(
    options.outputs.map(async ({ format, path }) => ({ path, render: await formats[format].load() })),
  )
  const { workspace, problems: others } = await openProject(options, terminal, 'checking')
  const result = await resultOf(workspace, options)
  if (!options.quiet && result.chosen !== null) terminal.complain(noteOn(result.chosen))
  const problems = [...result.run.problems, ...others, ...problemsOfLocks(result)]

  if (options.diff) {
    const { changes } = result as FixResult
    terminal.write(await diffOf(changes, (file) => workspace.read(file)))
    terminal.complain(problemLines(problems, terminal.complaintLook))
    if (hasErrors(problems)) return Exit.unusable
    return changes.size > 0 && !options.exitZero ? Exit.findings : Exit.clean
  }
  const unwritten = 'changes' in result ? await writeChanges(result.changes) : []
  const run: Run = { ...result.run, problems }
  for (const { path, render } of outputs) {
    const toTerminal = path === null
    const text = render(run, toTerminal ? terminal.look : terminal.plainLook)
    if (toTerminal) terminal.write(text)
    else unwritten.push(...attempt(path, () => writeFileSync(path, text)))
  }
  terminal.complain(problemLines([...problems, ...unwritten], terminal.complaintLook))
  if (unwritten.length > 0 || hasErrors(problems)) return Exit.unusable
  return !options.exitZero && hasErrors(run.diagnostics) ? Exit.findings : Exit.clean
}

/** What is to be said of the target that the project tells. */
function noteOn({ target, source, ofUnits }: NonNullable<CheckResult['chosen']>): string {
  if (ofUnits.length === 0)
    return `note: target ${showTarget(target)}, from ${printable(source)}; --target sets another\n`
  const levels = [...new Set(ofUnits.map(showTarget))].join(', ')
  return `note: targets ${levels}: each file is checked at the \`Py_LIMITED_API\` that it sets; --target sets another\n`
}

async function resultOf(workspace: Workspace, options: CheckOptions): Promise<CheckResult | FixResult> {
  const { targets, headers, work } = options
  if (work.kind === 'check') return workspace.check({ targets, headers, rules: work.rules })
  const dirty =
    options.diff || options.allowDirty ? null : unsaved(process.cwd(), [...workspace.files, ...workspace.manifests])
  const locked = (file: string): string | null =>
    dirty?.has(file) ? 'has changes that git could not bring back' : null
  return work.kind === 'rewrite'
    ? workspace.rewrite(work.what, { targets, headers, locked })
    : workspace.fix({ targets, headers, locked, rules: work.rules, unsafe: work.unsafe })
}

const problemsOfLocks = (result: CheckResult | FixResult): readonly Problem[] =>
  ('left' in result ? result.left : []).map((file) => ({
    file,
    message: 'has fixes, but changes that git could not bring back; commit or stage it, or pass --allow-dirty',
    severity: 'error',
  }))
