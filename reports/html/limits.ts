import { blindSpots } from '../tally.ts'
import { doubtsOf, type ReportData } from './data.ts'
import { figure, folded, type Html, html, leftOut, prose, table } from './markup.ts'

/** How many rows the tables here have. */
const most = 400

const number = (title: string): { readonly title: string; readonly isNumber: boolean } => ({ title, isNumber: true })

/** What comments suppress, and what they do not. */
export function suppressedSection({ run }: ReportData): Html {
  const { suppressions } = run
  const findings = suppressions.reduce((sum, each) => sum + each.findings.length, 0)
  const idle = suppressions.filter((each) => each.findings.length === 0).length
  return html`<section id="suppressed" aria-labelledby="suppressed-h"><h2 id="suppressed-h">Suppressed</h2>
<p>${
    suppressions.length === 0
      ? 'No comment suppresses anything.'
      : `${figure(suppressions.length)} ${
          suppressions.length === 1 ? 'comment suppresses' : 'comments suppress'
        } ${figure(findings)} ${findings === 1 ? 'finding' : 'findings'}; ${figure(idle)} of them suppress nothing.`
  }</p>
${
  suppressions.length > 0 &&
  table(
    'Comments that suppress findings',
    [{ title: 'where' }, { title: 'rules' }, { title: 'reason' }, number('findings'), { title: 'what' }],
    suppressions
      .slice(0, most)
      .map(({ file, line, rules, reason, findings: own }) => [
        html`<span class="path">${file}:${line}</span>`,
        rules.join(', ') || 'all',
        reason === '' ? html`<em>none given</em>` : reason,
        figure(own.length),
        html`${own.slice(0, 3).map(({ message }, at) => html`${at > 0 && '; '}${prose(message)}`)}${
          own.length > 3 && ` and ${own.length - 3} more`
        }`,
      ]),
  )
}${leftOut(suppressions.length - most, 'comment')}</section>
`
}

/** What is in doubt, and what was not understood. */
export function limitsSection(data: ReportData): Html {
  const { run } = data
  const doubts = doubtsOf(run)
  const { files, problems } = run
  const blind = blindSpots(run)
  return html`<section id="limits" aria-labelledby="limits-h"><h2 id="limits-h">In doubt, and not understood</h2>
<p>${figure(doubts.length)} ${
    doubts.length === 1 ? 'finding is' : 'findings are'
  } in doubt: they hang on options of the build, on macros or
headers that were not read. They are among the findings as warnings and are not counted as blockers.</p>
${
  doubts.length > 0 &&
  folded(
    `Findings in doubt (${figure(doubts.length)})`,
    html`${table(
      'Findings in doubt',
      [{ title: 'where' }, { title: 'what' }, { title: 'why' }],
      doubts
        .slice(0, most)
        .map(({ file, line, message, notes }) => [
          html`<span class="path">${file}:${line}</span>`,
          prose(message),
          html`${notes.map((note, at) => html`${at > 0 && '; '}${prose(note)}`)}`,
        ]),
    )}${leftOut(doubts.length - most, 'finding')}`,
  )
}
<p>${
    blind === '' ? `The parser understood all of the ${figure(files.parsedBytes)} bytes that it was shown.` : blind
  }</p>
${
  files.unparsed.length > 0 &&
  folded(
    `Places that were not understood (${figure(files.unparsed.length)})`,
    html`${table(
      'Places that were not understood',
      [{ title: 'where' }, number('bytes')],
      files.unparsed
        .slice(0, most)
        .map(({ file, line, endLine, bytes }) => [
          html`<span class="path">${file}:${line}${endLine > line && `-${endLine}`}</span>`,
          figure(bytes),
        ]),
    )}${leftOut(files.unparsed.length - most, 'place')}`,
  )
}
${
  problems.length > 0 &&
  table(
    'Problems',
    [{ title: 'file' }, { title: 'severity' }, { title: 'what' }],
    problems
      .slice(0, most)
      .map(({ file, severity, message }) => [html`<span class="path">${file}</span>`, severity, prose(message)]),
  )
}${leftOut(problems.length - most, 'problem')}
<p>What no check of sources can tell: whether the build really defines <code>Py_LIMITED_API</code>, what code does
that programs generate later, and what libraries do whose headers were not read.</p></section>
`
}
