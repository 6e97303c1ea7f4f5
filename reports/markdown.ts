import { type Located, type Problem, type Run, severities } from '../analyzer/check/diagnostic.ts'
import { problemsOf } from './findings.ts'
import { code, plain, prose } from './markdown-text.ts'
import { blindSpots, count, groupBy, severityCounts, suppressed, targetNames, verdict } from './tally.ts'

/** GitHub takes comments of up to 65,536 characters. */
const maxComment = 65_000
/** GitHub takes job summaries of up to 1 MiB for each step, which may have written something before. */
const maxSummary = 900_000
const maxSymbols = 5
/** Longest text taken from a diagnostic, in characters. */
const maxText = 500

/** How much is shown: rows of the table, and places in each of the lists. */
interface Amount {
  readonly rows: number
  readonly places: number
}

interface Group {
  readonly rule: string
  readonly summary: string
  readonly found: readonly Located[]
}

const shorten = (text: string): string => (text.length <= maxText ? text : `${[...text].slice(0, maxText).join('')}…`)

/** The diagnostics by rule: rules with errors first, then by number, then by name. */
function groups(run: Run): readonly Group[] {
  const worst = (group: Group): number =>
    group.found.reduce((least, { severity }) => Math.min(least, severities.indexOf(severity)), +severities.length)
  const summaries = new Map(run.rules.map(({ name, summary }) => [name, summary]))
  return [...groupBy(run.diagnostics, ({ rule }) => rule)]
    .map(([rule, found]) => ({ rule, found, summary: summaries.get(rule) ?? '' }))
    .sort((a, b) => worst(a) - worst(b) || b.found.length - a.found.length || (a.rule < b.rule ? -1 : 1))
}

function tableRow({ rule, found }: Group): string {
  const symbols = [
    ...groupBy(
      found.filter(({ symbol }) => symbol !== ''),
      ({ symbol }) => symbol,
    ),
  ].sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
  const shown = symbols.slice(0, maxSymbols).map(([symbol, uses]) => `${code(shorten(symbol))} (${uses.length})`)
  const more = symbols.length > maxSymbols ? [`${symbols.length - maxSymbols} more`] : []
  const files = new Set(found.map(({ file }) => file)).size
  return `| ${code(rule)} | ${severityCounts(found)} | ${files} | ${[...shown, ...more].join(', ')} |`
}

function place({ file, line, column, severity, message, advice, targets }: Located, run: Run): string {
  const only = targets.length < run.targets.length ? ` (only ${targets.join(', ')})` : ''
  const help = advice === '' ? '' : `. ${prose(shorten(advice))}`
  return `${code(`${shorten(file)}:${line}:${column}`)} ${severity}${only}: ${prose(shorten(message))}${help}`
}

const problem = ({ file, severity, message }: Problem): string =>
  `${code(shorten(file))} ${severity}: ${prose(shorten(message))}`

function details<T>(title: string, items: readonly T[], places: number, show: (item: T) => string): readonly string[] {
  const shown = items.slice(0, places).map(show)
  const left = items.length - shown.length
  const lines = [...shown, ...(left > 0 ? [`${left} more, left out here`] : [])].map((item) => `- ${item}`)
  return ['', `<details><summary>${title} (${items.length})</summary>`, '', ...lines, '', '</details>']
}

const oldestFirst = (headers: Run['headers']): string => [...headers].reverse().join(', ')

function page(run: Run, all: readonly Group[], { rows, places }: Amount): string {
  const shown = all.slice(0, rows)
  const hidden = all.length - shown.length
  const listed = shown.reduce((sum, { found }) => sum + Math.min(found.length, places), 0)
  const table = [
    '',
    '| rule | found | files | symbols |',
    '|---|---|--:|---|',
    ...shown.map(tableRow),
    ...(hidden > 0 ? [`| ${hidden} more rules, left out here | | | |`] : []),
  ]
  const omitted = run.diagnostics.length - listed
  const notes = [suppressed(run), blindSpots(run)].filter((line) => line !== '')
  const problems = problemsOf(run)
  return [
    '## abi3lint',
    '',
    `${verdict(run)} Checked for ${targetNames(run)}, with the headers of CPython ${oldestFirst(run.headers)}.`,
    ...notes.flatMap((line) => ['', line]),
    ...(all.length > 0 ? table : []),
    ...(omitted > 0
      ? ['', `Left out below to keep this short: ${omitted} of ${count(run.diagnostics.length, 'place')}.`]
      : []),
    ...shown.flatMap(({ rule, summary, found }) =>
      details(`<code>${plain(rule)}</code> ${plain(summary)}`.trimEnd(), found, places, (item) => place(item, run)),
    ),
    ...(problems.length > 0 ? details('Problems', problems, places, problem) : []),
    '',
  ].join('\n')
}

/**
 * The report for a comment on a pull request: a table of the rules, then a folded list of places for each.
 * @returns GitHub Markdown that ends in a line feed, of at most 65,000 UTF-16 units. Where that is too little, each
 * list is cut to the same number of places, and the text says how many are left out
 */
export const markdown = (run: Run): readonly [string] => [within(run, ({ length }) => length <= maxComment)]

/** The same for the summary of a job of GitHub Actions, of at most 900,000 bytes. */
export const jobSummary = (run: Run): readonly [string] => [
  within(run, (text) => new TextEncoder().encode(text).length <= maxSummary),
]

function within(run: Run, fits: (text: string) => boolean): string {
  const all = groups(run)
  let amount: Amount = { rows: all.length, places: Math.max(run.diagnostics.length, problemsOf(run).length) }
  let text = page(run, all, amount)
  while (!fits(text) && amount.rows + amount.places > 0) {
    amount =
      amount.places > 0
        ? { ...amount, places: Math.floor(amount.places / 2) }
        : { ...amount, rows: Math.floor(amount.rows / 2) }
    text = page(run, all, amount)
  }
  return text
}
