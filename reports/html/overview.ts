import { greatest } from '../../analyzer/source/lists.ts'
import { severityCounts } from '../tally.ts'
import {
  blockersOf,
  doubtsOf,
  effortCounts,
  efforts,
  headline,
  type Readiness,
  type ReportData,
  readinessOf,
} from './data.ts'
import { figure, folded, type Html, html, percent, prose, table } from './markup.ts'
import { effortBar, effortLegend, shareBar } from './plots.ts'

/** The verdict: how many modules are ready, how much is left, and what that takes. */
export function verdict(data: ReportData): Html {
  const { run, target, targets, uses } = data
  const blockers = blockersOf(run)
  const counts = effortCounts(blockers)
  const [all, blocked] = [
    uses.reduce((sum, each) => sum + each.all, 0),
    uses.reduce((sum, each) => sum + each.blocked, 0),
  ]
  const files = new Set(blockers.map(({ file }) => file)).size
  const { lowest } = targets.project
  const figures: readonly (readonly [string, string, string])[] = [
    [`${percent(all - blocked, all)} %`, 'of uses are allowed', `${figure(all - blocked)} of ${figure(all)}`],
    [
      figure(blockers.length),
      blockers.length === 1 ? 'blocker' : 'blockers',
      `in ${figure(files)} of ${figure(run.files.checked)} files`,
    ],
    [
      lowest ?? 'none',
      'lowest level without blockers',
      targets.project.abi3t ? 'abi3t works, too' : 'abi3t does not work yet',
    ],
    [figure(counts.safe), counts.safe === 1 ? 'safe fix' : 'safe fixes', 'made by check --fix'],
  ]
  const others = run.diagnostics.length - blockers.length
  return html`<section id="verdict" aria-labelledby="verdict-h">
<h2 id="verdict-h" class="headline">${headline(data)}.</h2>
<dl class="figures">${figures.map(
    ([value, title, more]) => html`<div><dt>${title}</dt><dd><strong>${value}</strong> <span>${more}</span></dd></div>`,
  )}</dl>
${
  blockers.length > 0 &&
  html`<h3>What the blockers take</h3>
${effortBar('Blockers by effort', counts)}${effortLegend()}
${table(
  'Blockers by what it takes to do away with them',
  [{ title: 'effort' }, { title: 'blockers', isNumber: true }, { title: 'share', isNumber: true }],
  efforts.map(({ kind, title, meaning }) => [
    html`${title} <span class="meaning">${prose(meaning)}</span>`,
    figure(counts[kind]),
    `${percent(counts[kind], blockers.length)} %`,
  ]),
)}`
}
${
  others > 0 &&
  html`<p class="note">Besides, ${figure(others)} ${
    others === 1 ? 'finding does' : 'findings do'
  } not block ${target}: ${figure(
    doubtsOf(run).length,
  )} in doubt, the rest advice and faults at run time. Of all findings: ${severityCounts(run.diagnostics)}.</p>`
}
${
  data.baseline !== null &&
  html`<p class="note">${figure(data.baseline.known.size)} of the findings are known to the baseline <code>${
    data.baseline.name
  }</code>; this report counts them, too.</p>`
}
</section>
`
}

/** How far each module is. */
export function modulesSection(data: ReportData): Html {
  const modules = readinessOf(data)
  const reach = ({ lowest, abi3t }: Readiness): string =>
    [...(lowest === null ? [] : [lowest]), ...(abi3t ? ['abi3t'] : [])].join(', ') || 'none'
  const rows = modules.map((each) => [
    html`<code>${each.name}</code>`,
    html`${shareBar(each.all - each.blocked, each.all)}<span class="pct">${percent(
      each.all - each.blocked,
      each.all,
    )} %</span>`,
    `${figure(each.all - each.blocked)} / ${figure(each.all)}`,
    figure(each.blockers.length),
    ...efforts.map(({ kind }) => figure(effortCounts(each.blockers)[kind])),
    reach(each),
    html`<span class="path">${each.definedIn}</span>`,
  ])
  const number = (title: string) => ({ title, isNumber: true })
  return html`<section id="modules" aria-labelledby="modules-h"><h2 id="modules-h">Modules</h2>
<p>Of the places where a module's files use the C API, how many ${
    data.target
  } allows. A header that several modules include counts for each of them.</p>
${
  modules.length === 0
    ? html`<p class="note">No <code>PyInit_</code> function was found, so no module is known.</p>`
    : table(
        'Readiness by module',
        [
          { title: 'module' },
          { title: 'ready' },
          number('allowed / all'),
          number('blockers'),
          ...efforts.map(({ title }) => number(title)),
          { title: 'works at' },
          { title: 'defined in' },
        ],
        rows,
      )
}
</section>
`
}

/** The oldest Python kept up at a time in seconds since 1970: each is for five years, from October on (PEP 602). */
const oldestKept = (seconds: number): number => {
  const day = new Date(seconds * 1000)
  const year = day.getUTCFullYear() + (day.getUTCMonth() >= 9 ? 1 : 0)
  // 3.9 came in October 2020 and is kept up to October 2025; each year has one more.
  return year - 2016
}

const minorOf = (version: string): number => Number(version.slice(version.indexOf('.') + 1))

/** Which level and which module have how many blockers. */
export function matrix(data: ReportData): Html {
  const { targets, requires, run, target } = data
  const { targets: names } = targets
  const most = greatest([1, ...targets.project.blockers])
  const kept = oldestKept(data.history.at(-1)?.time ?? 0)
  const isOld = (name: string): boolean => name !== 'abi3t' && minorOf(name) < kept && !run.targets.includes(name)
  const head = names.map((name) => {
    const marks = [run.targets.includes(name) ? 'target' : '', isOld(name) ? 'old' : ''].filter(Boolean).join(' ')
    return html`<th scope="col" class="n ${marks}">${name}</th>`
  })
  const cell = (count: number, at: number): Html => {
    const old = isOld(names[at]!) && ' old'
    if (count === 0)
      return html`<td class="n h0${old}"><span aria-hidden="true">&check;</span><span class="sr">0</span></td>`
    const heat = Math.min(5, 1 + Math.floor((5 * Math.log(count)) / Math.log(most + 1)))
    return html`<td class="n h${heat}${old}">${figure(count)}</td>`
  }
  const row = (
    name: Html,
    blockers: readonly number[],
    kind: string,
  ): Html => html`<tr class="${kind}"><th scope="row">${name}</th>${blockers.map(cell)}</tr>
`
  const files = new Map(targets.files.map((each) => [each.file, each]))
  const sum = (blockers: readonly number[]): number => blockers.reduce((all, each) => all + each, 0)
  const bodies = [...targets.modules]
    .sort((a, b) => sum(b.blockers) - sum(a.blockers) || (a.name < b.name ? -1 : 1))
    .map((module) => row(html`<code>${module.name}</code>`, module.blockers, 'module'))
  const worst = [...files.values()]
    .filter(({ blockers }) => sum(blockers) > 0)
    .sort((a, b) => sum(b.blockers) - sum(a.blockers))
  const grid = (caption: string, body: readonly Html[]): Html => html`<div class="scroll" role="region" aria-label="${
    caption
  }" tabindex="0"><table class="matrix"><caption>${
    caption
  }</caption><thead><tr><th scope="col">blockers</th>${head}</tr></thead><tbody>
${body}</tbody></table></div>
`
  return html`<section id="matrix" aria-labelledby="matrix-h"><h2 id="matrix-h">Target matrix</h2>
<p>Blockers if the project were built for each level of the Limited API, with the headers of CPython ${
    targets.headers
  }. &check; is none. The headers of older Pythons, which a check for ${target} asks too, can add some.
${
  requires !== null && html` The build says that the project is for Python ${requires} and newer.`
} Levels in italics are of Pythons that are no longer kept up<span
class="narrow">; they are left out where the screen is narrow</span>.</p>
${grid('Blockers by module and level', [
  ...bodies,
  row(html`<strong>all files</strong>`, targets.project.blockers, 'all'),
])}
${
  worst.length > 0 &&
  folded(
    html`By file (${figure(worst.length)})`,
    grid(
      'Blockers by file and level',
      worst.slice(0, 300).map(({ file, blockers }) => row(html`<span class="path">${file}</span>`, blockers, 'file')),
    ),
  )
}
${worst.length > 300 && html`<p class="note">${figure(worst.length - 300)} more files not shown here.</p>`}
${
  targets.libraries.length > 0 &&
  table(
    'Libraries whose headers were not read',
    [{ title: 'library' }, { title: 'works at' }],
    targets.libraries.map(({ name, lowest, abi3t }) => [
      name,
      [lowest, abi3t ? 'abi3t' : null].filter((each) => each !== null).join(', ') || 'no level',
    ]),
  )
}
</section>
`
}
