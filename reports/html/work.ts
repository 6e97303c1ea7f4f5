import type { Tally } from '../../analyzer/check/targets.ts'
import { groupBy } from '../tally.ts'
import { blockersOf, effortCounts, efforts, type ReportData, workOf } from './data.ts'
import { figure, folded, type Html, html, leftOut, percent, prose, table } from './markup.ts'
import { burnDown, dateOf, effortLegend, floorCurve, massMap, pareto } from './plots.ts'

const number = (title: string): { readonly title: string; readonly isNumber: boolean } => ({ title, isNumber: true })

const tallies = (list: readonly Tally[], most: number): Html => {
  const shown = list.slice(0, most)
  const more = list.length - shown.length
  return html`${shown.map(
    ({ symbol, places }, index) =>
      html`${index > 0 && ', '}<code>${symbol}</code>${places > 1 && ` (${figure(places)})`}`,
  )}${more > 0 && `, and ${figure(more)} more`}`
}

const sum = (list: readonly Tally[]): number => list.reduce((all, { places }) => all + places, 0)

/** What a higher lowest Python buys. */
export function floorSection({ targets, run }: ReportData): Html {
  const levels = targets.targets.slice(0, -1)
  const blockers = targets.project.blockers.slice(0, -1)
  const steps = targets.steps.filter(({ freed, added }) => freed.length + added.length > 0)
  return html`<section id="floor" aria-labelledby="floor-h"><h2 id="floor-h">Raise the floor</h2>
<p>Each later level of the Limited API has more. This is what is left if the oldest supported Python were newer.</p>
${floorCurve(levels, blockers, run.targets)}
${table(
  'What each step frees',
  [{ title: 'to' }, number('left'), number('frees'), { title: 'names' }, number('takes away')],
  steps.map(({ to, freed, added }) => [
    to,
    figure(blockers[levels.indexOf(to)]!),
    figure(sum(freed)),
    html`${tallies(freed, 8)}${added.length > 0 && html`${freed.length > 0 && '; '}takes away ${tallies(added, 4)}`}`,
    figure(sum(added)),
  ]),
)}
${targets.left.length > 0 && html`<p>No level frees ${figure(sum(targets.left))}: ${tallies(targets.left, 12)}.</p>`}
</section>
`
}

/** How many symbols the work list shows at once. */
const shownSymbols = 60

/** What to do first: the symbols by how many blockers go with them. */
export function workSection({ run }: ReportData): Html {
  const work = workOf(run)
  const total = blockersOf(run).length
  let before = 0
  const rows = work.map(({ symbol, found, files }) => {
    before += found.length
    const [first] = found as [(typeof found)[number], ...typeof found]
    const counts = effortCounts(found)
    const kinds = efforts
      .filter(({ kind }) => counts[kind] > 0)
      .map(({ kind, title }) => `${title} ${figure(counts[kind])}`.replaceAll(' ', '\u00a0'))
    // Names of the C library have a header, not a level.
    const never = first.rule === 'missing-standard-include' ? '' : 'never'
    const since = first.since === null ? never : `3.${first.since}`
    const what = first.fix?.title ?? first.advice
    return [
      html`<a class="name" href="#f-${first.fingerprint}"><code>${symbol}</code></a>`,
      figure(found.length),
      figure(files),
      `${percent(before, total)} %`,
      since,
      kinds.join(', '),
      prose(what.length > 220 ? `${[...what].slice(0, 220).join('')}…` : what),
    ]
  })
  const columns = [
    { title: 'symbol' },
    number('blockers'),
    number('files'),
    number('sum'),
    { title: 'since' },
    { title: 'effort' },
    { title: 'what to do' },
  ]
  return html`<section id="work" aria-labelledby="work-h"><h2 id="work-h">Work list</h2>
<p>The names and fields that block, those with the most places first. The column &ldquo;sum&rdquo; says how much is
done once all down to this line are.</p>
${
  total === 0
    ? html`<p class="note">Nothing blocks.</p>`
    : html`${pareto(
        'Blockers by symbol',
        work.map(({ found }) => found.length),
        total,
      )}
${table('Work by symbol', columns, rows.slice(0, shownSymbols))}
${
  rows.length > shownSymbols &&
  folded(
    `${figure(rows.length - shownSymbols)} more symbols`,
    table('More work by symbol', columns, rows.slice(shownSymbols)),
  )
}`
}
</section>
`
}

/** How many files the treemap shows one by one. */
const shownFiles = 150

/** Where the blockers are. */
export function massSection({ run }: ReportData): Html | null {
  const blockers = blockersOf(run)
  if (blockers.length === 0) return null
  const byFile = [...groupBy(blockers, ({ file }) => file)]
    .map(([file, { length }]) => ({ file, count: length }))
    .sort((a, b) => b.count - a.count || (a.file < b.file ? -1 : 1))
  const split = (file: string): readonly [string, string] => {
    const slash = file.lastIndexOf('/')
    return slash < 0 ? ['.', file] : [file.slice(0, slash), file.slice(slash + 1)]
  }
  const directories = [...groupBy(byFile.slice(0, shownFiles), ({ file }) => split(file)[0])].map(([name, files]) => ({
    name,
    files: files.map(({ file, count }) => ({ name: split(file)[1], count })),
  }))
  const all = [...groupBy(byFile, ({ file }) => split(file)[0])]
    .map(([name, files]) => ({
      name,
      files: files.length,
      headers: files.reduce((most, { file, count }) => most + (/\.h\w*$/.test(file) ? count : 0), 0),
      count: files.reduce((most, { count }) => most + count, 0),
    }))
    .sort((a, b) => b.count - a.count)
  return html`<section id="mass" aria-labelledby="mass-h"><h2 id="mass-h">Where the mass is</h2>
${massMap(directories)}${leftOut(byFile.length - shownFiles, 'file')}
${table(
  'Blockers by directory',
  [{ title: 'directory' }, number('blockers'), number('in headers'), number('files')],
  all
    .slice(0, 60)
    .map(({ name, count, headers, files }) => [
      html`<span class="path">${name}</span>`,
      figure(count),
      figure(headers),
      figure(files),
    ]),
)}
${folded(
  `By file (${figure(byFile.length)})`,
  table(
    'Blockers by file',
    [{ title: 'file' }, number('blockers')],
    byFile.map(({ file, count }) => [html`<span class="path">${file}</span>`, figure(count)]),
  ),
)}
</section>
`
}

/** How the work went so far. */
export function historySection({ history }: ReportData): Html {
  const total = (point: (typeof history)[number]): number => efforts.reduce((all, { kind }) => all + point[kind], 0)
  const isOfOne = new Set(history.map(({ target }) => target)).size === 1
  return html`<section id="history" aria-labelledby="history-h"><h2 id="history-h">Burn-down</h2>
${
  history.length < 2
    ? html`<p class="note">There is no earlier run. <code>--history FILE --record</code> writes this one down, and
<code>--history-from-git v1.0..HEAD</code> looks at commits.</p>`
    : html`${burnDown(history)}${effortLegend()}
${
  !isOfOne &&
  html`<p class="note">These runs are not all for the same target, so their figures say little beside each
other.</p>`
}
${table(
  'Blockers over time',
  [
    { title: 'day' },
    { title: 'commit' },
    { title: 'target' },
    number('blockers'),
    ...efforts.map(({ title }) => number(title)),
  ],
  [...history]
    .reverse()
    .map((each) => [
      dateOf(each.time),
      html`<code>${each.commit.slice(0, 10)}</code>`,
      each.target,
      figure(total(each)),
      ...efforts.map(({ kind }) => figure(each[kind])),
    ]),
)}`
}
</section>
`
}
