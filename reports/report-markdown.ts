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

/** @param most rows of each table */
function page(data: ReportData, most: number): string {
  const { run, targets, modules, uses, target } = data
  const blockers = blockersOf(run)
  const counts = effortCounts(blockers)
  const all = uses.reduce((sum, each) => sum + each.all, 0)
  const blocked = uses.reduce((sum, each) => sum + each.blocked, 0)
  const doubts = doubtsOf(run)
  const levels = targets.targets
  const steps = targets.steps.filter(({ freed, added }) => freed.length + added.length > 0)
  const sum = (list: readonly { readonly places: number }[]): number =>
    list.reduce((total, { places }) => total + places, 0)
  const link = (found: (typeof blockers)[number]): string => {
    const text = name(`${found.file}:${found.line}:${found.column}`)
    return data.permalink === null
      ? text
      : `[${text}](${data.permalink(found.file, found.line).replace(/[()]/g, encodeURIComponent)})`
  }
  let before = 0
  const work = workOf(run).map(({ symbol, found, files }): Row => {
    before += found.length
    const first = found[0]!
    const since = first.since === null ? 'no level' : `3.${first.since}`
    return [
      name(symbol),
      figure(found.length),
      figure(files),
      `${percent(before, blockers.length)} %`,
      since,
      prose(short(first.fix?.title ?? first.advice)),
    ]
  })
  const suppressed = run.suppressions.reduce((total, { findings }) => total + findings.length, 0)
  const blind = blindSpots(run)
  return [
    `## ${plain(short(data.name))}: ${headline(data)}`,
    '',
    `${figure(all - blocked)} of ${figure(all)} uses of the C API are allowed at ${target} (${percent(all - blocked, all)} %). ${figure(blockers.length)} places block: ${efforts.map(({ kind, title }) => `${figure(counts[kind])} ${title}`).join(', ')}. Lowest level without blockers: ${targets.project.lowest ?? 'none'}${targets.project.abi3t ? ', and abi3t' : ''}.`,
    ...table(
      ['module', '>ready', '>allowed / all', '>blockers', 'works at'],
      readinessOf(data).map((each) => [
        name(each.name),
        `${percent(each.all - each.blocked, each.all)} %`,
        `${figure(each.all - each.blocked)} / ${figure(each.all)}`,
        figure(each.blockers.length),
        [...(each.lowest === null ? [] : [each.lowest]), ...(each.abi3t ? ['abi3t'] : [])].join(', ') || 'none',
      ]),
      most,
    ),
    '',
    '### Work list',
    ...table(['symbol', '>blockers', '>files', '>sum', 'since', 'what to do'], work, most),
    '',
    '### Raise the floor',
    ...table(
      ['to', '>left', '>frees', '>takes away', 'names'],
      steps.map(({ to, freed, added }) => [
        to,
        figure(targets.project.blockers[levels.indexOf(to)]!),
        figure(sum(freed)),
        figure(sum(added)),
        freed
          .slice(0, 6)
          .map(({ symbol, places }) => `${name(symbol)} (${places})`)
          .join(', '),
      ]),
      most,
    ),
    ...folded(
      'Target matrix',
      table(
        ['blockers', ...levels.map((each) => `>${each}`)],
        [
          ...targets.modules.map((each): Row => [name(each.name), ...each.blockers.map(figure)]),
          ['all files', ...targets.project.blockers.map(figure)],
        ],
        most,
      ),
    ),
    ...folded(
      'State and subinterpreters',
      table(
        ['module', 'init', '>types', '>globals', 'between it and two interpreters'],
        modules.modules.map((each) => [
          name(each.name),
          each.init,
          figure(each.types.length),
          figure(each.globals.length),
          prose(short(each.obstacles.join('; ') || 'nothing was found')),
        ]),
        most,
      ),
    ),
    ...(data.history.length < 2
      ? []
      : folded(
          'Burn-down',
          table(
            ['day', 'commit', '>blockers'],
            data.history.map((each) => [
              new Date(each.time * 1000).toISOString().slice(0, 10),
              name(each.commit.slice(0, 10)),
              figure(each.safe + each.unsafe + each.newer + each.manual),
            ]),
            most,
          ),
        )),
    ...folded(`Findings (${figure(run.diagnostics.length)})`, [
      '',
      ...run.diagnostics
        .slice(0, most)
        .map(
          (found) =>
            `- ${link(found)} ${found.severity}: ${prose(short(found.message))}${found.fix === null ? '' : ` (${found.fix.safety} fix: ${prose(short(found.fix.title))})`}`,
        ),
      ...(run.diagnostics.length > most ? [`- ${figure(run.diagnostics.length - most)} more left out here`] : []),
    ]),
    '',
    `Suppressed: ${figure(suppressed)} by ${figure(run.suppressions.length)} comments. In doubt, and not counted: ${figure(doubts.length)}. ${blind === '' ? 'All code was understood.' : blind}`,
    ...(run.problems.length === 0
      ? []
      : folded(`Problems (${figure(run.problems.length)})`, [
          '',
          ...run.problems.slice(0, most).map(({ file, message }) => `- ${name(file)} ${prose(short(message))}`),
        ])),
    '',
  ].join('\n')
}

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
