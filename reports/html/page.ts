import { createHash } from 'node:crypto'
import { headline, type ReportData } from './data.ts'
import { dataSection, downloadsOf } from './downloads.ts'
import { findingsSection, rulesSection } from './findings.ts'
import { limitsSection, suppressedSection } from './limits.ts'
import { figure, Html, html } from './markup.ts'
import { matrix, modulesSection, verdict } from './overview.ts'
import { script } from './script.ts'
import { stateSection } from './state.ts'
import { style } from './style.ts'
import { floorSection, historySection, massSection, workSection } from './work.ts'

/** The files of a report as it is served by what forbids inline code. */
export interface Site {
  readonly name: string
  readonly text: () => Iterable<string>
}

const nothingElse = "default-src 'none'; base-uri 'none'; form-action 'none'"

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`

/** The report in one file: style and script within, by their hashes, and nothing may be loaded. It comes in parts. */
export const htmlReport = (data: ReportData): Iterable<string> =>
  page(
    data,
    html`<meta http-equiv="Content-Security-Policy" content="${`${nothingElse}; style-src ${hashOf(
      style,
    )}; script-src ${hashOf(script)}`}">
<style>${new Html(style)}</style>`,
    html`<script>${new Html(script)}</script>`,
    true,
  )

/**
 * The report as files of one directory without inline code. `file:` is for readers who open it from a disk, where
 * browsers do not agree on what `'self'` is.
 */
export const htmlSite = (data: ReportData): readonly Site[] => [
  {
    name: 'index.html',
    text: () =>
      page(
        data,
        html`<meta http-equiv="Content-Security-Policy" content="${`${
          nothingElse
        }; style-src 'self' file:; script-src 'self' file:`}">
<link rel="stylesheet" href="report.css">`,
        html`<script src="report.js" defer></script>`,
        false,
      ),
  },
  { name: 'report.css', text: () => [style] },
  { name: 'report.js', text: () => [script] },
  ...downloadsOf(data).map(({ name, text }) => ({ name, text: () => [text()] })),
]

const places: readonly (readonly [id: string, title: string])[] = [
  ['verdict', 'Verdict'],
  ['modules', 'Modules'],
  ['matrix', 'Target matrix'],
  ['floor', 'Raise the floor'],
  ['work', 'Work list'],
  ['mass', 'Where the mass is'],
  ['state', 'State'],
  ['history', 'Burn-down'],
  ['findings', 'Findings'],
  ['rules', 'Explanations'],
  ['suppressed', 'Suppressed'],
  ['limits', 'Doubts and limits'],
  ['data', 'Data'],
]

function* page(data: ReportData, head: Html, foot: Html, isWhole: boolean): Generator<string> {
  const { name, time, commit, run, targets } = data
  const mass = massSection(data)
  yield html`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="abi3lint ${run.tool.version}">
<title>${name}: ${headline(data)}</title>
${head}
</head><body><div class="page">
<header><h1>${name}</h1>
<p>Migration to the Limited API of CPython, target <strong>${run.targets.join(', ')}</strong>${
    commit !== '' && html` &middot; commit <code>${commit.slice(0, 12)}</code>`
  }${
    time !== '' && html` &middot; ${time}`
  } &middot; ${figure(run.files.checked)} files &middot; abi3lint ${run.tool.version}</p>
<nav aria-label="Sections"><ul>${places
    .filter(([id]) => id !== 'mass' || mass !== null)
    .map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav></header>
<main>
`.text
  for (const section of [verdict, modulesSection, matrix, floorSection, workSection]) yield section(data).text
  if (mass !== null) yield mass.text
  for (const section of [stateSection, historySection]) yield section(data).text
  for (const part of findingsSection(data)) yield part.text
  for (const section of [rulesSection, suppressedSection, limitsSection]) yield section(data).text
  yield dataSection(data, isWhole).text
  yield html`</main>
<footer><p>Made by abi3lint ${run.tool.version}; headers of CPython ${run.headers.join(', ')} for the findings, ${
    targets.headers
  } for the matrix.</p></footer>
</div>
${foot}
</body></html>
`.text
}
