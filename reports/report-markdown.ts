import type { Located } from '../analyzer/check/diagnostic.ts'
import {
  blockersOf,
  doubtsOf,
  effortCounts,
  efforts,
  headline,
  type ReportData,
  readinessOf,
  workOf,
} from './html/data.ts'
import { figure, percent } from './html/markup.ts'
import { code, plain, prose } from './markdown-text.ts'
import { blindSpots } from './tally.ts'

/** GitHub takes comments of up to 65,536 characters. */
const maxComment = 65_000
/** Longest text taken from a project, in characters. */
const maxText = 200

const short = (text: string): string => {
  const start = [...text.slice(0, 4 * maxText)]
  return start.length <= maxText && text.length <= 4 * maxText ? text : `${start.slice(0, maxText).join('')}…`
}

type Row = readonly string[]

function table(columns: readonly string[], rows: readonly Row[], most: number): readonly string[] {
  if (rows.length === 0) return []
  const shown = rows.slice(0, most)
  const left = rows.length - shown.length
  return [
    '',
    `| ${columns.map((each) => each.replace('>', '')).join(' | ')} |`,
    `|${columns.map((each) => (each.startsWith('>') ? '--:|' : '---|')).join('')}`,
    ...shown.map((row) => `| ${row.join(' | ')} |`),
    ...(left > 0 ? ['', `${figure(left)} more left out here.`] : []),
  ]
}

const folded = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', `<details><summary>${title}</summary>`, ...lines, '', '</details>']

const name = (text: string): string => code(short(text))

const reached = ({ lowest, abi3t }: { readonly lowest: string | null; readonly abi3t: boolean }): string =>
  [...(lowest === null ? [] : [lowest]), ...(abi3t ? ['abi3t'] : [])].join(', ') || 'none'

const sum = (list: readonly { readonly places: number }[]): number =>
  list.reduce((total, { places }) => total + places, 0)

/** The verdict, and how far each module is. */
function overview(data: ReportData, most: number): readonly string[] {
  const { run, targets, uses, target } = data
  const blockers = blockersOf(run)
  const counts = effortCounts(blockers)
  const all = uses.reduce((total, each) => total + each.all, 0)
  const allowed = all - uses.reduce((total, each) => total + each.blocked, 0)
  const efforted = efforts.map(({ kind, title }) => `${figure(counts[kind])} ${title}`).join(', ')
  return [
    `## ${plain(short(data.name))}: ${headline(data)}`,
    '',
    `${figure(allowed)} of ${figure(all)} uses of the C API are allowed at ${target} (${percent(allowed, all)} %). ` +
      `${figure(blockers.length)} ${blockers.length === 1 ? 'place blocks' : 'places block'}: ${efforted}. ` +
      `Works at: ${reached(targets.project)}.`,
    ...table(
      ['module', '>ready', '>allowed / all', '>blockers', 'works at'],
      readinessOf(data).map((each) => [
        name(each.name),
        `${percent(each.all - each.blocked, each.all)} %`,
        `${figure(each.all - each.blocked)} / ${figure(each.all)}`,
        figure(each.blockers.length),
        reached(each),
      ]),
      most,
    ),
  ]
}

/** What to do first, and what a higher floor frees. */
function work({ run, targets }: ReportData, most: number): readonly string[] {
  const total = blockersOf(run).length
  let before = 0
  const rows = workOf(run).map(({ symbol, found, files }): Row => {
    before += found.length
    const { since, fix, advice } = found[0]!
    const what = prose(short(fix?.title ?? advice))
    const from = since === null ? 'never' : `3.${since}`
    return [name(symbol), figure(found.length), figure(files), `${percent(before, total)} %`, from, what]
  })
  const left = (to: string): string => figure(targets.project.blockers[targets.targets.indexOf(to)]!)
  const names = (list: (typeof targets.steps)[number]['freed']): string =>
    list
      .slice(0, 6)
      .map(({ symbol, places }) => `${name(symbol)} (${places})`)
      .join(', ')
  const steps = targets.steps.filter(({ freed, added }) => freed.length + added.length > 0)
  return [
    ...section('Work list', table(['symbol', '>blockers', '>files', '>sum', 'since', 'what to do'], rows, most)),
    ...section(
      'Raise the floor',
      table(
        ['to', '>left', '>frees', '>takes away', 'names'],
        steps.map(({ to, freed, added }) => [to, left(to), figure(sum(freed)), figure(sum(added)), names(freed)]),
        most,
      ),
    ),
    ...folded(
      'Target matrix',
      table(
        ['blockers', ...targets.targets.map((each) => `>${each}`)],
        [
          ...targets.modules.map((each): Row => [name(each.name), ...each.blockers.map(figure)]),
          ['all files', ...targets.project.blockers.map(figure)],
        ],
        most,
      ),
    ),
  ]
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', `### ${title}`, ...lines]

/** How modules keep their state, and how the work went. */
function state({ modules, history }: ReportData, most: number): readonly string[] {
  const rows = modules.modules.map((each) => [
    name(each.name),
    each.init,
    figure(each.types.length),
    figure(each.globals.length),
    prose(short(each.obstacles.join('; ') || 'nothing was found')),
  ])
  const points = [...history].reverse().map((each) => {
    const day = new Date(each.time * 1000).toISOString().slice(0, 10)
    return [day, name(each.commit.slice(0, 10)), figure(each.safe + each.unsafe + each.newer + each.manual)]
  })
  const columns = ['module', 'init', '>types', '>globals', 'between it and two interpreters']
  return [
    ...folded('State and subinterpreters', table(columns, rows, most)),
    ...(points.length < 2 ? [] : folded('Burn-down', table(['day', 'commit', '>blockers'], points, most))),
  ]
}

/** The findings, and what is not counted among them. */
function findings({ run, permalink }: ReportData, most: number): readonly string[] {
  const { diagnostics, suppressions, problems } = run
  const place = ({ file, line, column }: Located): string => {
    const text = name(`${file}:${line}:${column}`)
    const link = permalink?.(file, line).replace(/[()]/g, (each) => (each === '(' ? '%28' : '%29'))
    return link === undefined ? text : `[${text}](${link})`
  }
  const fixOf = ({ fix }: Located): string => (fix === null ? '' : ` (${fix.safety} fix: ${prose(short(fix.title))})`)
  const lines = diagnostics
    .slice(0, most)
    .map((each) => `- ${place(each)} ${each.severity}: ${prose(short(each.message))}${fixOf(each)}`)
  const left = diagnostics.length - lines.length
  const suppressed = suppressions.reduce((total, each) => total + each.findings.length, 0)
  const blind = blindSpots(run)
  const troubles = problems.slice(0, most).map(({ file, message }) => `- ${name(file)} ${prose(short(message))}`)
  return [
    ...folded(`Findings (${figure(diagnostics.length)})`, [
      '',
      ...lines,
      ...(left > 0 ? [`- ${figure(left)} more left out here`] : []),
    ]),
    '',
    `Suppressed: ${figure(suppressed)} by ${figure(suppressions.length)} comments. In doubt, and not counted: ` +
      `${figure(doubtsOf(run).length)}. ${blind === '' ? 'All code was understood.' : blind}`,
    ...(troubles.length === 0 ? [] : folded(`Problems (${figure(problems.length)})`, ['', ...troubles])),
    '',
  ]
}

/** @param most rows of each table */
const page = (data: ReportData, most: number): string =>
  [overview, work, state, findings].flatMap((each) => each(data, most)).join('\n')

/**
 * The migration report for a pull request.
 * @returns GitHub Markdown that ends in a line feed, of at most 65,000 UTF-16 units; what is left out is said
 */
export function markdownReport(data: ReportData): string {
  for (let most = 400; ; most = Math.floor(most / 2)) {
    const text = page(data, most)
    if (text.length <= maxComment || most === 0) return text
  }
}
