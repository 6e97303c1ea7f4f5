import { jsonText } from '../json-text.ts'
import { printable } from '../printable.ts'
import { effortOf, efforts, type ReportData, readinessOf, workOf } from './data.ts'
import { figure, type Html, html } from './markup.ts'

/** What the report tells, for other programs: findings as a table, and the figures of the other sections. */

/** A file that a reader may keep. */
export interface Download {
  /** Its name beside the page. */
  readonly name: string
  readonly type: string
  readonly title: string
  readonly text: () => string
}

/**
 * A cell of CSV (RFC 4180). What a spreadsheet would take for a formula begins with an apostrophe.
 * Source: owasp.org/www-community/attacks/CSV_Injection
 */
const cell = (value: string | number): string => {
  const shown = typeof value === 'string' ? printable(value) : String(value)
  const text = /^[=+\-@]/.test(shown) ? `'${shown}` : shown
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

const columns = ['file', 'line', 'column', 'severity', 'rule', 'symbol', 'effort', 'message']

/** All findings, a line for each. */
function findingsTable({ run }: ReportData): string {
  const rows = run.diagnostics.map((found) => {
    const { file, line, column, severity, rule, symbol, message } = found
    return [file, line, column, severity, rule, symbol, effortOf(found), message]
  })
  return [columns, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

/** The figures of the sections, as JSON. */
function figures(data: ReportData): string {
  const { name, run, targets, history, time, commit, requires } = data
  const found = {
    name,
    tool: run.tool,
    time,
    commit,
    targets: run.targets,
    requiresPython: requires,
    efforts: efforts.map(({ kind }) => kind),
    modules: readinessOf(data).map(({ files, blockers, ...rest }) => ({
      ...rest,
      files: files.length,
      blockers: blockers.length,
    })),
    matrix: {
      levels: targets.targets,
      project: targets.project.blockers,
      modules: Object.fromEntries(targets.modules.map((each) => [each.name, each.blockers])),
    },
    symbols: workOf(run).map(({ symbol, found: places, files }) => ({ symbol, blockers: places.length, files })),
    history,
  }
  return jsonText(found)
}

/** The files that a reader may keep. */
export const downloadsOf = (data: ReportData): readonly Download[] => [
  { name: 'findings.csv', type: 'text/csv', title: 'all findings', text: () => findingsTable(data) },
  { name: 'figures.json', type: 'application/json', title: 'the figures of this report', text: () => figures(data) },
]

/** Findings in a page of one file that also holds their table. */
const most = 5000

/** A text as an address that holds it. */
const addressOf = ({ type, text }: Download): string =>
  `data:${type};charset=utf-8,${text().replace(/[^\w.!~*()/:;,@$+?=-]+/gu, encodeURIComponent)}`

/**
 * Where the files are had, and how the report is made again.
 * @param isWhole whether the page is one file with all in it
 */
export function dataSection(data: ReportData, isWhole: boolean): Html {
  const count = data.run.diagnostics.length
  const prefix = data.name.replace(/[^\w.-]+/g, '-')
  const links = downloadsOf(data)
    .filter(({ name }) => !isWhole || count <= most || name !== 'findings.csv')
    .map((each) => {
      const address = isWhole ? addressOf(each) : each.name
      return html`<li><a href="${address}" download="${prefix}-${each.name}">${each.name}</a>: ${each.title}</li>
`
    })
  return html`<section id="data" aria-labelledby="data-h"><h2 id="data-h">Data</h2>
<p>For spreadsheets and other programs:</p>
<ul>
${links}</ul>
${
  isWhole &&
  count > most &&
  html`<p class="note">The table of ${figure(count)} findings would make this page too large: it is a file of its own with
<code>--html-dir</code>.</p>`
}
<p>Fixes and all else that is known of each finding: <code>abi3lint check -f json</code>. To make this report again:</p>
<pre>${data.command}</pre></section>
`
}
