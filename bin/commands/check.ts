import type { Problem, Run } from '../../analyzer/check/diagnostic.ts'
import { showTarget, type Target } from '../../analyzer/knowledge/target.ts'
import type { Minor } from '../../analyzer/knowledge/version.ts'
import { reason } from '../../analyzer/store/reason.ts'
import type { TraceWriter } from '../../analyzer/store/trace.ts'
import type { ModuleStyle, RewriteName } from '../../analyzer/workspace/rewrite-names.ts'
import { buildFileKind, isSourceName } from '../../analyzer/workspace/source-text.ts'
import type { CheckResult, FixResult, SuppressResult } from '../../analyzer/workspace/workspace.ts'
import { type FormatName, formats } from '../../reports/index.ts'
import { printable } from '../../reports/printable.ts'
import { problemLines } from '../../reports/problems.ts'
import { count } from '../../reports/tally.ts'
import { BaselineFile, type BaselineOptions, besideCommit, findBaseline, noteOnGone } from '../baseline-file.ts'
import type { CacheOptions } from '../cache.ts'
import { Exit, hasErrors, UsageError } from '../exit.ts'
import { KeptOutput, type Output } from '../kept-output.ts'
import {
  type FoundProject,
  findProject,
  type OpenProject,
  openProject,
  type ProjectOptions,
  startDirectory,
} from '../project.ts'
import { type BaseCommit, baseCommit, indexFiles, type OtherFiles } from '../revisions.ts'
import { type RuleSelection, rulesOf } from '../rule-selection.ts'
import { Saved } from '../saved.ts'
import type { Terminal } from '../terminal.ts'
import { diffOf } from '../write/diff.ts'
import { addToJobSummary } from '../write/job-summary.ts'
import { writeOutput } from '../write/output.ts'
import { sameBytes } from '../write/stage.ts'
import { type FileChange, writeFiles } from '../write/transaction.ts'

export interface CheckOptions extends ProjectOptions {
  /** Empty to take it from the project; with each of the headers to assume. */
  readonly targets: readonly Target[]
  /** The targets that the configuration has for a file alone, null for none; undefined where it has none for any. */
  readonly targetsOf: ((file: string) => readonly Target[] | null) | undefined
  /** The CPython whose headers are assumed where the project says the target; null for all known. */
  readonly headers: Minor | null
  readonly quiet: boolean
  /** What to do; a fix may be unsafe. */
  readonly work:
    | ({ readonly kind: 'check' | 'fix'; readonly unsafe: boolean } & RuleSelection)
    | ({ readonly kind: 'suppress'; readonly reason: string } & RuleSelection)
    | { readonly kind: 'rewrite'; readonly what: RewriteName; readonly style: ModuleStyle }
  /** At most one without a path: that one goes to stdout. */
  readonly outputs: readonly { readonly format: FormatName; readonly path: string | null }[]
  /** Whether findings that repeat themselves in a file are one line each after the first ones, for people. */
  readonly isGrouped: boolean
  /** The file that the summary of a job of GitHub Actions is added to; null for none. */
  readonly jobSummary: string | null
  /** End with 0 whatever is found. */
  readonly exitZero: boolean
  /** End with 1 where a file was changed, whatever is left in it. */
  readonly exitNonZeroOnFix: boolean
  /** Print what fixes would change and write nothing. */
  readonly diff: boolean
  /** Change files that git could not bring back, too. */
  readonly allowDirty: boolean
  /** Tell what comments suppress, too. */
  readonly ignoreSuppressions: boolean
  /** Where the output of checks is kept. */
  readonly cache: CacheOptions
  readonly baseline: BaselineOptions
  /** A commit: what was found there already is known. */
  readonly diffBase: string | null
  /** Check the files as they are in git's index. */
  readonly isStaged: boolean
}

/**
 * `abi3lint check` and `abi3lint rewrite`: discovers files, checks or fixes them, writes what was fixed, reports.
 * @returns the exit code: 2 where something could not be read or written, else 1 where there are errors or a
 * difference, or a file was changed and that is to be known, else 0
 */
export async function check(options: CheckOptions, terminal: Terminal): Promise<number> {
  const { work, diff, outputs } = options
  if (work.kind === 'rewrite' && work.style === 'macros' && work.what !== 'module')
    throw new UsageError('--style macros is for rewrite module')
  // Of a name that is no rule is told before anything is touched.
  if (work.kind === 'fix' || work.kind === 'suppress') await rulesOf(work, options.configuration)
  const ofGit = filesOfGit(options)
  const found = findProject({ ...options, writes: work.kind !== 'check' && !diff, others: ofGit.files })
  const known = findBaseline(options.baseline, found.roots)
  const settings = [settingsOf(options, terminal), known && [known.path, known.digest]]
  const cache = { ...options.cache, isOff: options.cache.isOff || ofGit.isAsked }
  const kept = work.kind === 'check' ? new KeptOutput(cache, found, settings) : null
  const last = kept?.find() ?? null
  if (last !== null) return say(last, options, terminal)
  const baseline = known && new BaselineFile(known)
  const renderers = await Promise.all(outputs.map(({ format }) => formats[format].load()))
  const summaries = options.jobSummary === null ? [] : [(await import('../../reports/markdown.ts')).jobSummary]
  const ran = await runOf(found, kept?.trace ?? null, options, terminal)
  if (typeof ran === 'number') return ran
  const beside = baseline === null ? ran.run : baseline.apply(ran.run, found.roots).run
  const run =
    ofGit.base === null
      ? beside
      : besideCommit(beside, ofGit.base, await checkAt(ofGit.base, options, terminal), found.roots)
  const { isStrict } = options.baseline
  const mismatch = baseline === null || baseline.isFor(run) ? '' : `note: ${printable(baseline.mismatch(run))}\n`
  const output = {
    note: [
      ran.note,
      options.quiet ? '' : mismatch,
      options.quiet && !isStrict ? '' : noteOnGone(beside, isStrict),
    ].join(''),
    problems: [...run.problems, ...ofGit.problems],
    fails: hasErrors(run.diagnostics) || (isStrict && beside.baseline !== null && beside.baseline.gone > 0),
    reports: [
      ...renderers.map((render, index) => {
        const look = outputs[index]!.path === null ? terminal.look : terminal.plainLook
        return () => render(run, { ...look, isGrouped: options.isGrouped })
      }),
      ...summaries.map((render) => () => render(run)),
    ],
  }
  const code = await say(kept?.recorded(output) ?? output, options, terminal)
  if (code !== Exit.unusable) kept?.keep(output)
  const isChanged = (run.fixed?.files ?? 0) > 0
  return code === Exit.clean && options.exitNonZeroOnFix && isChanged ? Exit.findings : code
}

/** What of git is to be looked at. @throws UsageError where that is not to be had */
function filesOfGit({ diffBase, isStaged, work, baseline }: CheckOptions): {
  readonly isAsked: boolean
  /** To be checked as they are there; null for as they are on the disk. */
  readonly files: OtherFiles | null
  readonly base: BaseCommit | null
  readonly problems: readonly Problem[]
} {
  const isAsked = isStaged || diffBase !== null
  if (isAsked && work.kind !== 'check') throw new UsageError('--staged and --diff-base are for checks without fixes')
  if (diffBase !== null && baseline.file !== null) throw new UsageError('--diff-base and --baseline: one of them')
  const current = isAsked ? startDirectory() : ''
  const staged = isStaged ? indexFiles(current) : null
  const base = diffBase === null ? null : baseCommit(current, diffBase)
  return {
    isAsked,
    files: staged?.files ?? null,
    base,
    problems: [...(staged?.problems ?? []), ...(base?.problems ?? [])],
  }
}

/** Checks the files as they are in a commit. What is wrong with them is no matter. */
async function checkAt({ files }: BaseCommit, options: CheckOptions, terminal: Terminal): Promise<Run> {
  const project = await findProject({ ...options, writes: false, others: files, follows: true }).open(
    terminal,
    'checking',
    null,
  )
  return ((await resultOf(project, options)) as CheckResult).run
}

/** What the output of a check hangs on besides the project. */
const settingsOf = (options: CheckOptions, terminal: Terminal): unknown => {
  const { targets, targetsOf, headers, quiet, work, outputs, isGrouped, jobSummary, baseline } = options
  return [
    'check',
    targetsOf !== undefined,
    options.ignoreSuppressions,
    baseline.isStrict,
    isGrouped,
    jobSummary !== null,
    targets,
    headers,
    quiet,
    'what' in work ? work.what : [work.select, work.ignore],
    outputs.map(({ format, path }) => {
      const { chalk, width } = path === null ? terminal.look : terminal.plainLook
      return [format, chalk.level, String(width)]
    }),
  ]
}

/** Reports. @returns the exit code */
async function say(output: Output, options: CheckOptions, terminal: Terminal): Promise<number> {
  const unwritten: Problem[] = []
  terminal.complain(output.note)
  for (const [index, { path }] of options.outputs.entries()) {
    const report = output.reports[index]!
    if (path === null) await terminal.writeParts(report())
    else unwritten.push(...writeReport(path, report))
  }
  const { jobSummary, outputs } = options
  if (jobSummary !== null) unwritten.push(...addToJobSummary(jobSummary, output.reports[outputs.length]!()))
  const said = [...output.problems, ...unwritten]
  terminal.complain(problemLines(said, terminal.complaintLook))
  if (hasErrors(said)) return Exit.unusable
  return !options.exitZero && output.fails ? Exit.findings : Exit.clean
}

/**
 * Checks or fixes, and writes what was fixed. What was read for that is let go with the end of it: reports of many
 * findings take the memory.
 * @returns what is to be reported; or the exit code where differences were shown instead
 */
async function runOf(
  found: FoundProject,
  trace: TraceWriter | null,
  options: CheckOptions,
  terminal: Terminal,
): Promise<{ readonly run: Run; readonly note: string } | number> {
  const project = await found.open(terminal, 'checking', trace)
  const result = await resultOf(project, options)
  const note = options.quiet || result.chosen === null ? '' : noteOn(result.chosen)
  const problems = [...project.problems, ...problemsOfLocks(result)]
  if (options.diff) {
    const { run, changes } = result as FixResult | SuppressResult
    const all = [...run.problems, ...problems]
    terminal.complain(note)
    terminal.write(await diffOf(changes, (file) => project.workspace.read(file)))
    terminal.complain(problemLines(all, terminal.complaintLook))
    if (hasErrors(all)) return Exit.unusable
    return changes.size > 0 && !options.exitZero ? Exit.findings : Exit.clean
  }
  if ('count' in result) {
    const { run, said } = await writeComments(result, project, options, terminal)
    return { run: { ...run, problems: [...run.problems, ...problems] }, note: note + said }
  }
  const written = 'changes' in result ? await write(result, project, options, terminal) : result.run
  return { run: { ...written, problems: [...written.problems, ...problems] }, note }
}

/** Writes comments that suppress findings. @returns what is left, and how many there were */
async function writeComments(
  { run, changes, before, count: findings }: SuppressResult,
  { repository }: OpenProject,
  options: CheckOptions,
  terminal: Terminal,
): Promise<{ readonly run: Run; readonly said: string }> {
  const list = [...changes].map(([file, after]): FileChange => ({ file, before: before.get(file) ?? null, after }))
  const { files, problems } = await writeFiles(repository, list)
  const isAsMade = files.size === list.length && !hasErrors(problems)
  const now = isAsMade ? run : (await checkAgain(options, terminal)).run
  const said = `note: ${count(findings, 'finding')} suppressed by comments in ${count(files.size, 'file')}\n`
  return { run: { ...now, problems: [...now.problems, ...problems] }, said: isAsMade && !options.quiet ? said : '' }
}

/** Writes what was fixed. @returns what is to be reported: of the files as they are now on the disk */
async function write(
  result: FixResult,
  { repository }: OpenProject,
  options: CheckOptions,
  terminal: Terminal,
): Promise<Run> {
  const changes = [...result.changes].map(([file, after]): FileChange => {
    const remake = result.shared.get(file)
    const needs = result.needs.get(file)
    return {
      file,
      before: result.before.get(file) ?? null,
      after,
      ...(remake && { remake }),
      ...(needs !== undefined && { needs }),
    }
  })
  const { files, problems } = await writeFiles(repository, changes, result.together)
  // Where a shim alone was missing the file that uses it stays as it is.
  const isSame = ({ before, after }: FileChange): boolean => before !== null && sameBytes(before, after)
  const same = changes.filter((each) => isSame(each) && (each.needs === undefined || files.has(each.needs)))
  const done = new Set([...files, ...same.map(({ file }) => file)])
  const isAsMade = done.size === changes.length && !hasErrors(problems)
  const { run } = isAsMade ? result : await checkAgain(options, terminal)
  const made = [...result.fixedIn].flatMap(([file, each]) => (done.has(file) ? [each] : []))
  const sumOf = (safety: 'safe' | 'unsafe'): number => made.reduce((sum, each) => sum + each[safety], 0)
  const differs = new Set(made.flatMap((each) => each.differs))
  const told = new Set(run.problems.map(({ message }) => message))
  const ofFixing = result.run.problems.filter(({ message }) => !told.has(message))
  return {
    ...run,
    fixed: { safe: sumOf('safe'), unsafe: sumOf('unsafe'), files: files.size, differs: [...differs] },
    problems: [...run.problems, ...(run === result.run ? [] : ofFixing), ...problems],
  }
}

/** Checks what is there now, since not all was written that was fixed. */
async function checkAgain(options: CheckOptions, terminal: Terminal): Promise<CheckResult> {
  const { targets, targetsOf, headers, work, configuration, ignoreSuppressions } = options
  const { workspace } = await openProject({ ...options, writes: false }, terminal, 'checking')
  const details = wantsDetails(options)
  return workspace.check({
    targets,
    targetsOf,
    headers,
    details,
    ignoreSuppressions,
    ...(work.kind === 'rewrite' ? {} : await rulesOf(work, configuration)),
  })
}

/** Writes a report to the file that was named for it. @returns why it could not be written; empty where it was */
function writeReport(file: string, text: () => Iterable<string | Uint8Array>): readonly Problem[] {
  if (isSourceName(file) || buildFileKind(file) !== null)
    return [{ file, message: 'is a source by its name: no report is written over it', severity: 'error' }]
  try {
    writeOutput(file, text)
    return []
  } catch (error) {
    return [{ file, message: `cannot be written: ${reason(error)}`, severity: 'error' }]
  }
}

/** What is to be said of the target that the project tells. */
function noteOn({ target, source, ofUnits }: NonNullable<CheckResult['chosen']>): string {
  if (ofUnits.length === 0)
    return `note: target ${showTarget(target)}, from ${printable(source)}; --target sets another\n`
  const levels = [...new Set(ofUnits.map(showTarget))].join(', ')
  return `note: targets ${levels}: each file is checked at the \`Py_LIMITED_API\` that it sets; --target sets another\n`
}

async function resultOf(
  { workspace, outside }: OpenProject,
  options: CheckOptions,
): Promise<CheckResult | FixResult | SuppressResult> {
  const { work, configuration, targets, targetsOf, headers, ignoreSuppressions } = options
  const asked = { targets, targetsOf, headers, details: wantsDetails(options), ignoreSuppressions }
  if (work.kind === 'check') return workspace.check({ ...asked, ...(await rulesOf(work, configuration)) })
  const saved = options.diff || options.allowDirty ? null : new Saved()
  const locked = (file: string): string | null => outside(file) ?? saved?.problem(file, workspace.read(file)) ?? null
  if (work.kind === 'suppress')
    return workspace.suppress(work.reason, { ...asked, ...(await rulesOf(work, configuration)), locked })
  return work.kind === 'rewrite'
    ? workspace.rewrite(work.what, { ...asked, locked, moduleStyle: work.style })
    : workspace.fix({ ...asked, ...(await rulesOf(work, configuration)), locked, unsafe: work.unsafe })
}

const wantsDetails = ({ outputs }: CheckOptions): boolean =>
  outputs.some(({ format }) => formats[format].details === true)

const problemsOfLocks = (result: CheckResult | FixResult | SuppressResult): readonly Problem[] =>
  ('left' in result ? result.left : []).map(({ file, why }) => {
    const advice = why.includes('git') ? '; commit or stage it, or pass --allow-dirty' : ''
    const what = 'count' in result ? 'findings to suppress' : 'fixes'
    return { file, message: `has ${what}, but ${why.replace(/^has /, '')}${advice}`, severity: 'error' }
  })
