import { createHash } from 'node:crypto'
import { relative, resolve, sep } from 'node:path'
import type { AskedShard, Problem, Run } from '../../analyzer/check/diagnostic.ts'
import { showTarget, type Target } from '../../analyzer/knowledge/target.ts'
import type { Minor } from '../../analyzer/knowledge/version.ts'
import type { TraceWriter } from '../../analyzer/store/trace.ts'
import type { ModuleStyle, RewriteName } from '../../analyzer/workspace/rewrite-names.ts'
import type { CheckResult, FixResult, SuppressResult } from '../../analyzer/workspace/workspace.ts'
import { formats } from '../../reports/index.ts'
import { printable } from '../../reports/printable.ts'
import { problemLines } from '../../reports/problems.ts'
import { count } from '../../reports/tally.ts'
import { BaselineFile, besideCommit, findBaseline } from '../baseline-file.ts'
import { buildIdentity, type CacheOptions } from '../cache.ts'
import { Exit, hasErrors, UsageError } from '../exit.ts'
import { KeptOutput } from '../kept-output.ts'
import {
  type FoundProject,
  findProject,
  type OpenProject,
  openProject,
  type ProjectOptions,
  startDirectory,
} from '../project.ts'
import { loadReports, notesOn, type ReportingOptions, say } from '../reporting.ts'
import { type BaseCommit, baseCommit } from '../revisions.ts'
import { type RuleSelection, rulesOf, type SelectedRules } from '../rule-selection.ts'
import { Saved } from '../saved.ts'
import type { Terminal } from '../terminal.ts'
import { diffOf } from '../write/diff.ts'
import { sameBytes } from '../write/stage.ts'
import { type FileChange, writeFiles } from '../write/transaction.ts'

export interface CheckOptions extends ProjectOptions, ReportingOptions {
  /** Empty to take it from the project; with each of the headers to assume. */
  readonly targets: readonly Target[]
  /** The targets that the configuration has for a file alone, null for none; undefined where it has none for any. */
  readonly targetsOf: ((file: string) => readonly Target[] | null) | undefined
  /** The CPython whose headers are assumed where the project says the target; null for all known. */
  readonly headers: Minor | null
  /** What to do; a fix may be unsafe. */
  readonly work:
    | ({ readonly kind: 'check' | 'fix'; readonly unsafe: boolean } & RuleSelection)
    | ({ readonly kind: 'suppress'; readonly reason: string } & RuleSelection)
    | {
        readonly kind: 'rewrite'
        readonly what: RewriteName
        readonly style: ModuleStyle
        readonly exportHooksOnly: boolean
      }
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
  /** A commit: what was found there already is known. */
  readonly diffBase: string | null
  /** The part of the run to tell of; null for all. What is decided when all parts are there is not decided. */
  readonly shard: { readonly number: number; readonly count: number } | null
}

/**
 * `abi3lint check` and `abi3lint rewrite`: discovers files, checks or fixes them, writes what was fixed, reports.
 * @returns the exit code: 2 where something could not be read or written, else 1 where there are errors or a
 * difference, or a file was changed and that is to be known, else 0
 */
export async function check(options: CheckOptions, terminal: Terminal): Promise<number> {
  const { work, diff, shard } = options
  if (work.kind === 'rewrite' && work.style === 'macros' && work.what !== 'module')
    throw new UsageError('--style macros is for rewrite module')
  if (work.kind === 'rewrite' && work.exportHooksOnly && work.what !== 'abi3t')
    throw new UsageError('--only is for rewrite abi3t')
  // Of a name that is no rule is told before anything is touched.
  if (work.kind === 'fix' || work.kind === 'suppress') await rulesOf(work, options.configuration)
  const base = baseOf(options)
  const found = findProject({ ...options, writes: work.kind !== 'check' && !diff })
  const known = shard === null ? findBaseline(options.baseline, found.roots, options.others) : null
  const settings = [settingsOf(options, terminal), known && [known.path, known.digest]]
  const cache = { ...options.cache, isOff: options.cache.isOff || options.others !== null || base !== null }
  const kept = work.kind === 'check' ? new KeptOutput(cache, found, settings) : null
  const last = kept?.find() ?? null
  if (last !== null) return say(last, options, terminal)
  const baseline = known && new BaselineFile(known, options.baseline.isStrict)
  const reports = await loadReports(options, terminal)
  const ran = await runOf(found, kept?.trace ?? null, options, terminal)
  if (typeof ran === 'number') return ran
  const unknown = (each: Run): Run => (baseline === null ? each : baseline.apply(each, found.roots).run)
  const beside = unknown(ran.run)
  const before = base && unknown(await checkAt(base, options, terminal))
  const run = before === null ? beside : besideCommit(beside, base!, before, found.roots)
  // Comments for all that is found are no news.
  const notes = notesOn(run, beside, baseline, work.kind === 'suppress' ? { ...options, outputs: [] } : options)
  const output = {
    note: ran.note + notes + noteOnShard(run, options),
    problems: [...run.problems, ...(base?.problems ?? [])],
    // Whether that is too much is decided when all parts are there.
    fails: shard === null && (hasErrors(run.diagnostics) || run.baseline?.stale != null),
    reports: reports(run),
  }
  const code = await say(kept?.recorded(output) ?? output, options, terminal)
  if (code !== Exit.unusable) kept?.keep(output)
  const isChanged = (run.fixed?.files ?? 0) > 0
  return code === Exit.clean && options.exitNonZeroOnFix && isChanged ? Exit.findings : code
}

/** The commit to compare with; null for none. @throws UsageError where that is not to be had */
function baseOf({ diffBase, others, work, baseline }: CheckOptions): BaseCommit | null {
  if ((others !== null || diffBase !== null) && work.kind !== 'check')
    throw new UsageError('--staged and --diff-base are for checks without fixes')
  if (diffBase === null) return null
  if (baseline.file !== null) throw new UsageError('--diff-base and --baseline: one of them')
  return baseCommit(startDirectory(), diffBase)
}

/** What is to be said of a part of a run. */
function noteOnShard({ shard, diagnostics }: Run, { quiet }: CheckOptions): string {
  if (shard === undefined || quiet) return ''
  const found = `${count(diagnostics.length, 'finding')} in ${count(shard.files.length, 'file')}`
  return `note: part ${shard.number} of ${shard.count}: ${found}; \`abi3lint report merge\` gives the verdict on all\n`
}

/** Checks the files as they are in a commit, with the configuration of now. What is wrong with them is no matter. */
async function checkAt({ files }: BaseCommit, options: CheckOptions, terminal: Terminal): Promise<Run> {
  const found = findProject({ ...options, writes: false, others: files, follows: true })
  const project = await found.open(terminal, 'checking', null)
  // No report shows what is found there, so nobody asks for its details.
  return ((await resultOf(project, { ...options, outputs: [] })) as CheckResult).run
}

/** What the output of a check hangs on besides the project. */
const settingsOf = (options: CheckOptions, terminal: Terminal): unknown => {
  const { targets, targetsOf, headers, quiet, work, outputs, isGrouped, jobSummary, baseline } = options
  return [
    'check',
    targetsOf !== undefined,
    options.ignoreSuppressions,
    options.shard,
    baseline.isStrict,
    isGrouped,
    jobSummary !== null,
    targets,
    headers,
    quiet,
    'what' in work ? work.what : [work.select, work.ignore, work.usual],
    outputs.map(({ format, path }) => {
      const { chalk, width, links = false } = path === null ? terminal.look : terminal.plainLook
      return [format, chalk.level, String(width), links]
    }),
  ]
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
  const done = terminal.stage(stageOf(options))
  const result = await resultOf(project, options).finally(done)
  const note = options.quiet || result.chosen === null ? '' : noteOn(result.chosen)
  const problems = [...project.problems, ...problemsOfLocks(result)]
  if (options.diff) {
    const { run, changes } = result as FixResult | SuppressResult
    const all = [...run.problems, ...problems]
    terminal.complain(note)
    terminal.write(await diffOf(changes, (file) => project.workspace.read(file), terminal.look.chalk))
    terminal.complain(problemLines(all, terminal.complaintLook))
    if (hasErrors(all)) return Exit.unusable
    return changes.size > 0 && !options.exitZero ? Exit.findings : Exit.clean
  }
  if ('count' in result) {
    const { run, said } = await writeComments(result, project, options, terminal)
    return { run: { ...run, problems: [...run.problems, ...problems] }, note: note + said }
  }
  const written = 'changes' in result ? await write(result, project, options, terminal) : result.run
  const told = 'build' in result && !options.quiet ? noteOnBuild(result) : ''
  return { run: { ...written, problems: [...written.problems, ...problems] }, note: note + told }
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
  const sources = [...files].filter((file) => !result.build.includes(file)).length
  const differs = new Set(made.flatMap((each) => each.differs))
  const told = new Set(run.problems.map(({ message }) => message))
  const ofFixing = result.run.problems.filter(({ message }) => !told.has(message))
  return {
    ...run,
    fixed: { safe: sumOf('safe'), unsafe: sumOf('unsafe'), files: sources, differs: [...differs] },
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

/** What is to be said of the target that the project tells. */
function noteOn({ target, source, ofUnits }: NonNullable<CheckResult['chosen']>): string {
  if (ofUnits.length === 0)
    return `note: target ${showTarget(target)}, from ${printable(source)}; --target sets another\n`
  const levels = [...new Set(ofUnits.map(showTarget))].join(', ')
  return `note: targets ${levels}: each file is checked at the \`Py_LIMITED_API\` that it sets; --target sets another\n`
}

/** What is to be said of build files that change. */
const noteOnBuild = ({ build }: FixResult): string =>
  build.length === 0
    ? ''
    : `note: Pythons without the GIL, from 3.15 on, build for abi3t: ${build.map(printable).join(', ')}\n`

/** What is done once the files have been read. */
const stageOf = ({ work }: CheckOptions): string =>
  work.kind === 'check'
    ? 'checking: asking the rules'
    : work.kind === 'rewrite'
      ? `rewriting: ${work.what}`
      : work.kind === 'fix'
        ? 'fixing: until no fix is left'
        : 'writing suppressions'

async function resultOf(
  { workspace, outside }: OpenProject,
  options: CheckOptions,
): Promise<CheckResult | FixResult | SuppressResult> {
  const { work, configuration, targets, targetsOf, headers, ignoreSuppressions } = options
  const asked = { targets, targetsOf, headers, details: wantsDetails(options), ignoreSuppressions }
  if (work.kind === 'check') {
    const selected = await rulesOf(work, configuration)
    return workspace.check({ ...asked, ...selected, shard: askedShard(options, selected) })
  }
  const saved = options.diff || options.allowDirty ? null : new Saved()
  const locked = (file: string): string | null => outside(file) ?? saved?.problem(file, workspace.read(file)) ?? null
  if (work.kind === 'suppress')
    return workspace.suppress(work.reason, { ...asked, ...(await rulesOf(work, configuration)), locked })
  return work.kind === 'rewrite'
    ? workspace.rewrite(work.what, { ...asked, locked, moduleStyle: work.style, exportHooksOnly: work.exportHooksOnly })
    : workspace.fix({ ...asked, ...(await rulesOf(work, configuration)), locked, unsafe: work.unsafe })
}

const wantsDetails = ({ outputs, shard }: CheckOptions): boolean =>
  shard !== null || outputs.some(({ format }) => formats[format].details === true)

/** The part that is asked for, with what tells its run from others; null for all of it. */
function askedShard(options: CheckOptions, { rules }: SelectedRules): AskedShard | null {
  const { shard, configuration, targets, headers, targetsOf, ignoreSuppressions, excludes } = options
  if (shard === null) return null
  const current = startDirectory()
  const paths = options.paths.map((path) => relative(current, resolve(current, path)).split(sep).join('/') || '.')
  const settings = [
    [paths, targets, headers, targetsOf !== undefined, ignoreSuppressions, excludes],
    [
      [...options.definitions],
      options.includeDirectories,
      rules.map(({ name }) => name),
      configuration?.tables ?? null,
    ],
  ]
  const digest = createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 16)
  return { ...shard, program: buildIdentity() ?? '', paths, settings: digest }
}

const problemsOfLocks = (result: CheckResult | FixResult | SuppressResult): readonly Problem[] =>
  ('left' in result ? result.left : []).map(({ file, why }) => {
    const advice = why.includes('git') ? '; commit or stage it, or pass --allow-dirty' : ''
    const what = 'count' in result ? 'findings to suppress' : 'fixes'
    return { file, message: `has ${what}, but ${why.replace(/^has /, '')}${advice}`, severity: 'error' }
  })
