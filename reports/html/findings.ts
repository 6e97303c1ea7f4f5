import type { Located } from '../../analyzer/check/diagnostic.ts'
import { isBlocker } from '../../analyzer/check/targets.ts'
import { byFile } from '../findings.ts'
import { type Effort, effortOf, efforts, type ReportData } from './data.ts'
import { Excerpts } from './excerpt.ts'
import { figure, type Html, html, prose } from './markup.ts'

/** Bytes of a page that findings may have: it stays below 5 MB, and opens at once. */
const room = 4_300_000
/** Bytes of a finding that is a line, with its line of the table (`downloads.ts`), and of one that opens: measured. */
const ofLine = 470
const ofDetails = 1150

/** Findings of each symbol, or of each rule, that open to their code: as many as there is room for, one at least. */
function shownOfEach(found: readonly Located[]): number {
  const counts = new Map<string, number>()
  for (const { symbol, rule } of found) counts.set(symbol || rule, (counts.get(symbol || rule) ?? 0) + 1)
  const most = (room - found.length * ofLine) / ofDetails
  if (found.length <= most) return Number.POSITIVE_INFINITY
  let [shown, open] = [0, counts.size]
  for (let each = 1; ; each++) {
    shown += open
    if (shown > most) return Math.max(1, each - 1)
    for (const count of counts.values()) if (count === each) open--
  }
}

/** Findings of one change of the project that show it whole. */
const shownOfChange = 1

const titles = Object.fromEntries(efforts.map(({ kind, title }) => [kind, title])) as Readonly<Record<Effort, string>>

/** Shows the findings of a run, one after the other. */
class Findings {
  private readonly perSymbol = new Map<string, number>()
  private readonly perAnchor = new Map<string, number>()
  private readonly perChange = new Map<unknown, number>()

  constructor(
    private readonly data: ReportData,
    private readonly detailed: number,
  ) {}

  /** The findings of a file. */
  file(found: readonly Located[]): Html {
    const { file } = found[0]!
    const text = this.data.text(file)
    const excerpts = text === null ? null : new Excerpts(text)
    return html`<section class="file"><h3><span class="path">${file}</span> <span class="count">${figure(
      found.length,
    )}</span></h3>
${found.map((each) => this.finding(each, excerpts))}</section>
`
  }

  private finding(found: Located, excerpts: Excerpts | null): Html {
    const { rule, severity, line, column, symbol, message, file, notes, targets, advice } = found
    const { data } = this
    const effort = effortOf(found)
    const isKnown = data.baseline?.known.has(found) === true
    const link = data.permalink?.(file, line) ?? null
    const anchor = this.anchorOf(found)
    const known = html`id="${anchor}" data-e="${isBlocker(found) ? effort : 'other'}" data-r="${rule}"`
    const text = prose(message)
    const at = html`<span class="at">${line}:${column}</span> <span class="sev ${severity}">${severity}</span>`
    const fixed = found.fix !== null && html`<span class="tag t-${effort}">${titles[effort]}</span>`
    const told = html`${at} ${text} ${fixed}${isKnown && html` <span class="tag">known</span>`}`
    if (!this.isDetailed(symbol || rule))
      return html`<div class="f" ${known}><div>${told}</div></div>
`
    return html`<details class="f" ${known}><summary>${told}</summary>
${excerpts?.around(found) ?? null}
${found.fix === null ? advice !== '' && html`<p>${prose(advice)}</p>` : this.fix(found, excerpts)}
${notes.map((note) => html`<p class="note">${prose(note)}</p>`)}
<p class="more">${targets.length < data.run.targets.length && `Only for ${targets.join(', ')}. `}<a href="#r-${
      rule
    }">${rule}</a> &middot; <a href="#${anchor}">link to this finding</a>${
      link !== null && html` &middot; <a href="${link}" rel="noopener noreferrer">source</a>`
    }</p></details>
`
  }

  private isDetailed(symbol: string): boolean {
    const before = this.perSymbol.get(symbol) ?? 0
    this.perSymbol.set(symbol, before + 1)
    return before < this.detailed
  }

  /** Findings that are alike have the same fingerprint; all but the first have a number behind it. */
  private anchorOf({ fingerprint }: Located): string {
    const before = this.perAnchor.get(fingerprint) ?? 0
    this.perAnchor.set(fingerprint, before + 1)
    return before === 0 ? `f-${fingerprint}` : `f-${fingerprint}-${before + 1}`
  }

  private fix({ fix, file }: Located, excerpts: Excerpts | null): Html {
    const { title, safety, reason } = fix!
    const edits = fix!.kind === 'file' ? fix!.edits : (fix!.change.edits.get(file) ?? [])
    const shims =
      fix!.kind === 'file' &&
      fix!.shims.length > 0 &&
      html`<p class="note">Uses the shim ${fix!.shims.map(
        (each, at) => html`${at > 0 && ', '}<code>${each}</code>`,
      )}, which goes into <code>pep_shims.h</code>.</p>`
    return html`<p><strong>${safety === 'safe' ? 'Safe fix' : 'Fix to review'}:</strong> ${prose(title)}</p>
${reason !== '' && html`<p><strong>Why unsafe:</strong> ${prose(reason)}</p>`}
${excerpts !== null && this.isShown(fix!) ? excerpts.changes(edits) : null}${
  fix!.kind === 'project' &&
  html`<p class="note">A part of one change of ${fix!.change.edits.size} ${
    fix!.change.edits.size === 1 ? 'file' : 'files'
  }, made whole or not at all.</p>`
}${shims}`
  }

  /** What is one change of the project is shown once in each file. */
  private isShown(fix: NonNullable<Located['fix']>): boolean {
    if (fix.kind === 'file') return true
    const before = this.perChange.get(fix.change) ?? 0
    this.perChange.set(fix.change, before + 1)
    return before < shownOfChange
  }
}

/** All findings by file, with what to do about each. */
export function* findingsSection(data: ReportData): Generator<Html> {
  const { run } = data
  const detailed = shownOfEach(run.diagnostics)
  yield html`<section id="findings" aria-labelledby="findings-h"><h2 id="findings-h">Findings</h2>
<p>${figure(run.diagnostics.length)} in all, by file. ${
    Number.isFinite(detailed)
      ? `There are too many for one page: of each symbol the first ${
          detailed === 1 ? 'one opens' : `${figure(detailed)} open`
        } to the code, the fix as a difference, and what is to be known of it; the others are alike.`
      : 'Each opens to the code, the fix as a difference, and what is to be known of it.'
  }</p>
<form id="filter" hidden><label>Search <input type="search" id="q" autocomplete="off"></label> <label>Effort <select
id="e"><option value="">all</option>${efforts.map(
    ({ kind, title }) => html`<option
value="${kind}">${title}</option>`,
  )}<option value="other">does not block</option></select></label> <button
type="button" id="open">Open all shown</button> <output id="hits" aria-live="polite"></output></form>
`
  const findings = new Findings(data, detailed)
  for (const found of byFile(run.diagnostics)) yield findings.file(found)
  yield html`</section>
`
}

/** What the rules say whose findings there are. */
export function rulesSection({ run }: ReportData): Html {
  const hit = new Map<string, number>()
  for (const { rule } of run.diagnostics) hit.set(rule, (hit.get(rule) ?? 0) + 1)
  const told = run.rules.filter(({ name }) => hit.has(name))
  return html`<section id="rules" aria-labelledby="rules-h"><h2 id="rules-h">Explanations</h2>
${told.map(
  ({
    name,
    summary,
    explanation,
    page,
  }) => html`<details class="rule" id="r-${name}"><summary><code>${name}</code> ${prose(
    summary,
  )} <span class="count">${figure(hit.get(name)!)}</span></summary>
${explanation.split(/\n\s*\n/).map((each) => html`<p>${prose(each.replace(/\s+/g, ' ').trim())}</p>`)}
${
  /^https:\/\//.test(page) &&
  html`<p class="more"><a href="${page}" rel="noopener noreferrer">CPython&rsquo;s documentation</a></p>`
}</details>
`,
)}</section>
`
}
