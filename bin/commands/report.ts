import { mkdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { Problem, Run } from '../../analyzer/check/diagnostic.ts'
import { parseTarget, type Target } from '../../analyzer/knowledge/target.ts'
import { type Minor, showVersion } from '../../analyzer/knowledge/version.ts'
import { asByteText } from '../../analyzer/source/text.ts'
import { reason } from '../../analyzer/store/reason.ts'
import { systemPath } from '../../analyzer/store/system-path.ts'
import { type HistoryPoint, historyLine, readHistory } from '../../reports/history.ts'
import { blockersOf, effortCounts, type ReportData } from '../../reports/html/data.ts'
import { problemLines } from '../../reports/problems.ts'
import { BaselineFile, type BaselineOptions, findBaseline } from '../baseline-file.ts'
import { Exit, hasErrors, UsageError } from '../exit.ts'
import { permalinks, templateOfOrigin } from '../permalink.ts'
import { isRepository } from '../places.ts'
import { type FoundProject, findProject, type OpenProject, type ProjectOptions, startDirectory } from '../project.ts'
import { writeReport } from '../reporting.ts'
import { filesOfCommit, headOf, sampledCommits } from '../revisions.ts'
import { type RuleSelection, rulesOf } from '../rule-selection.ts'
import type { Terminal } from '../terminal.ts'

export interface ReportOptions extends ProjectOptions, RuleSelection {
  /** Empty to take it from the project; with each of the headers to assume. */
  readonly targets: readonly Target[]
  readonly targetsOf: ((file: string) => readonly Target[] | null) | undefined
  readonly headers: Minor | null
  /** What to write: at most the Markdown goes to stdout. */
  readonly outputs: readonly { readonly kind: 'html' | 'html-dir' | 'markdown'; readonly path: string | null }[]
  readonly baseline: BaselineOptions
  /** A template of addresses of lines; null for what git's `origin` says. */
  readonly permalink: string | null
  /** A file with earlier runs; null for none. */
  readonly history: string | null
  /** Whether this run is added to it. */
  readonly isRecorded: boolean
  /** A range of commits to look at, and how many of them. */
  readonly commits: { readonly range: string; readonly samples: number } | null
  /** How the project is called; null for its directory. */
  readonly name: string | null
  /** What was typed, to be told. */
  readonly command: string
}

/**
 * `abi3lint report`: the state of a project on its way to the Limited API, as pages and as Markdown. The sources are
 * read once, and answer all of it.
 * @returns the exit code: 2 where something could not be read or written, else 0
 */
export async function report(options: ReportOptions, terminal: Terminal): Promise<number> {
  const earlier = options.history === null ? [] : historyOf(options.history, options.isRecorded)
  const commits = options.commits && sampledCommits(startDirectory(), options.commits.range, options.commits.samples)
  const found = findProject({ ...options, writes: false })
  const known = findBaseline(options.baseline, found.roots, null)
  const project = await found.open(terminal, 'checking', null)
  const data = await dataOf(options, found, project, known && new BaselineFile(known, false))
  const past: HistoryPoint[] = []
  const unknown = new Map<string, Problem>()
  for (const each of commits ?? []) {
    const { files: others, problems: unknownThen } = filesOfCommit(startDirectory(), each.commit)
    for (const problem of unknownThen) unknown.set(problem.file, problem)
    const then = await findProject({ ...options, writes: false, others }).open(terminal, 'checking', null)
    past.push(pointOf(await checkIn(then, options), each.time, each.commit))
  }
  const now = pointOf(data.run, seconds(), data.commit)
  const whole = { ...data, history: [...[...earlier, ...past].sort((a, b) => a.time - b.time), now] }
  const problems = [...data.run.problems, ...unknown.values()]
  if (options.isRecorded) problems.push(...writeReport(options.history!, () => [...earlier, now].map(historyLine)))
  for (const output of options.outputs) problems.push(...(await writeOne(output, whole, terminal)))
  terminal.complain(problemLines(problems, terminal.complaintLook))
  return hasErrors(problems) ? Exit.unusable : Exit.clean
}

async function dataOf(
  options: ReportOptions,
  { root, roots, repository }: FoundProject,
  project: OpenProject,
  baseline: BaselineFile | null,
): Promise<ReportData> {
  const { workspace, problems } = project
  const checked = await checkIn(project, options)
  const run = { ...checked, problems: [...checked.problems, ...problems] }
  const target = options.targets[0] ?? parseTarget(run.targets[0]!, null)!
  const all = (await rulesOf({ select: ['all'], ignore: [] }, null)).rules
  const commit = isRepository(repository) ? headOf(repository) : ''
  const template = options.permalink ?? (commit === '' ? null : templateOfOrigin(repository))
  const texts = new Map<string, string | null>()
  const { oldestPython } = workspace
  return {
    name: options.name ?? basename(isRepository(repository) ? repository : (roots[0] ?? root)),
    run,
    target: run.targets.join(' and '),
    targets: workspace.targets({ headers: options.headers, rules: all }),
    modules: workspace.modules(target),
    uses: workspace.uses(target, run),
    baseline: baseline && { name: baseline.path, known: new Set(baseline.apply(run, roots).known) },
    requires: oldestPython === null ? null : showVersion(oldestPython),
    text: (file) => {
      let text = texts.get(file)
      if (text === undefined) {
        const bytes = workspace.read(file)
        text = bytes && asByteText(bytes)
        texts.set(file, text)
      }
      return text
    },
    permalink: template === null ? null : permalinks(template, commit, root, repository),
    time: `${new Date(seconds() * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    commit,
    command: options.command,
    history: [],
  }
}

async function checkIn({ workspace }: OpenProject, options: ReportOptions): Promise<Run> {
  const { targets, targetsOf, headers, configuration } = options
  const rules = await rulesOf(options, configuration)
  return workspace.check({ targets, targetsOf, headers, ...rules }).run
}

const pointOf = (run: Run, time: number, commit: string): HistoryPoint => ({
  time,
  commit,
  target: run.targets.join(' and '),
  ...effortCounts(blockersOf(run)),
})

/** Seconds since 1970: now, or what `SOURCE_DATE_EPOCH` says (reproducible-builds.org/specs/source-date-epoch). */
function seconds(): number {
  const said = process.env.SOURCE_DATE_EPOCH ?? ''
  return /^\d{1,10}$/.test(said) ? Number(said) : Math.floor(Date.now() / 1000)
}

/** @param isMade whether the file may be new @throws UsageError where it is no history */
function historyOf(path: string, isMade: boolean): readonly HistoryPoint[] {
  let text = ''
  try {
    text = readFileSync(systemPath(resolve(path)), 'utf8')
  } catch (error) {
    if (!isMade || (error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new UsageError(`--history ${path} cannot be read: ${reason(error)}`)
  }
  const history = readHistory(text)
  if (typeof history === 'string') throw new UsageError(`--history ${path}: ${history}`)
  return history
}

async function writeOne(
  { kind, path }: ReportOptions['outputs'][number],
  data: ReportData,
  terminal: Terminal,
): Promise<readonly Problem[]> {
  if (kind === 'markdown') {
    const { markdownReport } = await import('../../reports/report-markdown.ts')
    const text = markdownReport(data)
    if (path !== null) return writeReport(path, () => [text])
    await terminal.writeParts([text])
    return []
  }
  const { htmlReport, htmlSite } = await import('../../reports/html/page.ts')
  if (kind === 'html') return writeReport(path!, () => htmlReport(data))
  try {
    mkdirSync(systemPath(resolve(path!)), { recursive: true })
  } catch (error) {
    return [{ file: path!, message: `cannot be made: ${reason(error)}`, severity: 'error' }]
  }
  return htmlSite(data).flatMap(({ name, text }) => writeReport(join(path!, name), text))
}
