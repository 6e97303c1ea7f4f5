import { hierarchy, treemap, treemapSquarify } from 'd3-hierarchy'
import { scaleLinear } from 'd3-scale'
import { area, curveStepAfter, line } from 'd3-shape'
import { greatest } from '../../analyzer/source/lists.ts'
import type { HistoryPoint } from '../history.ts'
import { type Effort, efforts } from './data.ts'
import { figure, type Html, html, type Piece, percent } from './markup.ts'

/**
 * Plots as SVG. Widths are percentages and heights are pixels, so that text keeps its size on any screen; colours are
 * attributes for readers without the style sheet, which has its own for light and dark.
 */

/** Colours that people tell apart who see none, or few: by Okabe and Ito; the style sheet has the same classes. */
const fills: Readonly<Record<Effort, string>> = {
  safe: '#56b4e9',
  unsafe: '#0072b2',
  newer: '#e69f00',
  manual: '#c2410c',
}

/** A plot with its title and description. @param height pixels */
function plot(title: string, description: string, height: number, content: Piece): Html {
  const id = `plot-${title.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`
  return html`<svg class="plot" role="img" aria-labelledby="${id}-t ${id}-d" width="100%" height="${height}">
<title id="${id}-t">${title}</title><desc id="${id}-d">${description}</desc>
${content}</svg>
`
}

const at = (value: number): string => `${Number(value.toFixed(3))}%`

/** Blockers by effort, as one bar. */
export function effortBar(title: string, counts: Readonly<Record<Effort, number>>): Html {
  const total = efforts.reduce((sum, { kind }) => sum + counts[kind], 0)
  const scale = scaleLinear([0, Math.max(1, total)], [0, 100])
  let from = 0
  const parts = efforts.flatMap(({ kind, title: name }) => {
    const count = counts[kind]
    if (count === 0) return []
    const [x, width] = [scale(from), scale(count)]
    from += count
    const label =
      width < 6
        ? null
        : html`<text class="on-${kind}" x="${at(x + width / 2)}" y="23" text-anchor="middle">${figure(count)}</text>`
    return [
      html`<g><title>${name}: ${figure(count)}</title><rect class="e-${kind}" fill="${fills[kind]}" x="${at(
        x,
      )}" y="0" width="${at(width)}" height="36"/>${label}</g>
`,
    ]
  })
  const said = efforts.map(({ kind, title: name }) => `${name} ${figure(counts[kind])}`).join(', ')
  return plot(title, `A bar of ${figure(total)} blockers: ${said}.`, 36, parts)
}

/** Which colour is which effort. */
export const effortLegend = (): Html => html`<ul class="legend">${efforts.map(
  ({ kind, title }) =>
    html`<li><svg width="12" height="12" aria-hidden="true"><rect class="e-${kind}" fill="${
      fills[kind]
    }" width="12" height="12"/></svg> ${title}</li>`,
)}</ul>
`

/** A share of a whole as a bar of a line's height. */
export const shareBar = (part: number, whole: number): Html =>
  html`<svg class="share" width="100%" height="10" aria-hidden="true"><rect class="track" fill="#ddd" width="100%"
height="10"/><rect class="done" fill="#0072b2" width="${at(whole === 0 ? 100 : (100 * part) / whole)}"
height="10"/></svg>`

/** The frame of a plot with an axis of numbers on the left: horizontal lines with their numbers. */
const gridLines = (most: number, scale: (value: number) => number): Html[] =>
  scaleLinear([0, most], [0, 1])
    .ticks(4)
    .filter(Number.isInteger)
    .map(
      (tick) =>
        html`<line class="grid" stroke="#ccc" x1="0" x2="100%" y1="${scale(tick)}" y2="${scale(
          tick,
        )}"/><text class="axis" x="0" y="${scale(tick) - 4}">${figure(tick)}</text>
`,
    )

/** A box of its own units within a plot, whose width is stretched. */
const stretched = (y: number, height: number, content: Piece): Html =>
  html`<svg x="0" y="${y}" width="100%" height="${height}" viewBox="0 0 1000 ${height}" preserveAspectRatio="none">${
    content
  }</svg>
`

/** How many blockers each level leaves: a line with a step for each. */
export function floorCurve(levels: readonly string[], blockers: readonly number[], marked: readonly string[]): Html {
  const [top, height] = [22, 200]
  const most = greatest([1, ...blockers])
  const y = scaleLinear([0, most], [height, 0])
  const width = 1000 / levels.length
  const points = [...blockers, blockers.at(-1)!].map((value, index): [number, number] => [index * width, y(value)])
  const path = line().curve(curveStepAfter)(points)!
  const under = area<[number, number]>()
    .x(([x]) => x)
    .y0(height)
    .y1(([, each]) => each)
    .curve(curveStepAfter)(points)!
  const labels = levels.map((level, index) => {
    const x = at((100 * (index + 0.5)) / levels.length)
    const isMarked = marked.includes(level)
    const isNew = index === 0 || blockers[index] !== blockers[index - 1]
    return html`<text class="tick${isMarked ? ' marked' : ''}" x="${x}" y="${
      top + height + 18
    }" text-anchor="middle">${level.replace('3.', '.')}</text>
${
  isNew &&
  html`<text class="value" x="${x}" y="${top + y(blockers[index]!) - 6}" text-anchor="middle">${figure(
    blockers[index]!,
  )}</text>`
}`
  })
  const [first, last] = [blockers[0]!, blockers.at(-1)!]
  return plot(
    'Blockers by lowest Python',
    `A falling line: ${figure(first)} ${first === 1 ? 'blocker' : 'blockers'} at ${levels[0]!}, ` +
      `${figure(last)} at ${levels.at(-1)!}. Labels below are minor versions of Python 3.`,
    top + height + 26,
    [
      stretched(top, height, [
        html`<path class="under" fill="#0072b2" fill-opacity="0.12" d="${under}"/>`,
        html`<path class="curve" fill="none" stroke="#0072b2" stroke-width="2.5" vector-effect="non-scaling-stroke"
d="${path}"/>`,
      ]),
      html`<line class="base" stroke="#888" x1="0" x2="100%" y1="${top + height}" y2="${top + height}"/>`,
      labels,
    ],
  )
}

/** How much of the whole the first so many of a list make up: bars, and a line of their sum. */
export function pareto(title: string, counts: readonly number[], total: number): Html {
  const shown = counts.slice(0, 40)
  const [top, height] = [18, 150]
  const bar = scaleLinear([0, Math.max(1, shown[0] ?? 1)], [0, height])
  const width = 1000 / Math.max(1, shown.length)
  let sum = 0
  const sums = shown.map((count, index): [number, number] => {
    sum += count
    return [(index + 0.5) * width, height - (height * sum) / Math.max(1, total)]
  })
  const half = counts.findIndex((_, index) => 2 * counts.slice(0, index + 1).reduce((a, b) => a + b, 0) >= total) + 1
  return plot(
    title,
    `Bars of the ${shown.length} symbols with the most blockers, and a line of their sum. The first ${
      half
    } hold half of all.`,
    top + height + 4,
    [
      stretched(top, height, [
        shown.map(
          (count, index) =>
            html`<rect class="done" fill="#0072b2" x="${Number((index * width + width * 0.1).toFixed(2))}"
            width="${Number(
              (width * 0.8).toFixed(2),
            )}" y="${Number((height - bar(count)).toFixed(2))}" height="${Number(bar(count).toFixed(2))}"/>`,
        ),
        html`<path class="sum" fill="none" stroke="#c2410c" stroke-width="2" vector-effect="non-scaling-stroke" d="${
          line()(sums) ?? ''
        }"/>`,
      ]),
      html`<text class="value" x="0" y="12">${figure(
        shown[0] ?? 0,
      )}</text><text class="value" x="100%" y="12" text-anchor="end">${percent(sum, total)} % in ${shown.length}</text>
`,
    ],
  )
}

/** A part of a treemap: a name, a number of blockers. */
export interface Mass {
  readonly name: string
  readonly count: number
}

/** Where the blockers are, as areas. @param directories each with its files */
export function massMap(directories: readonly { readonly name: string; readonly files: readonly Mass[] }[]): Html {
  const height = 340
  interface Node {
    readonly name: string
    readonly count?: number
    readonly children?: readonly Node[]
  }
  const data: Node = { name: '', children: directories.map(({ name, files }) => ({ name, children: files })) }
  const root = hierarchy<Node>(data, (node) => node.children as Node[] | undefined)
    .sum(({ count }) => count ?? 0)
    .sort((a, b) => b.value! - a.value! || (a.data.name < b.data.name ? -1 : 1))
  const laid = treemap<Node>()
    .tile(treemapSquarify)
    .size([1000, height])
    .paddingInner(2)
    .paddingOuter(1)
    .paddingTop(18)(root)
  const boxes = (laid.children ?? []).flatMap((directory, index) => [
    html`<svg x="${at(directory.x0 / 10)}" y="${Number(directory.y0.toFixed(1))}" width="${at(
      (directory.x1 - directory.x0) / 10,
    )}" height="${Number(
      (directory.y1 - directory.y0).toFixed(1),
    )}"><text class="axis" x="3" y="13">${directory.data.name} (${figure(directory.value!)})</text></svg>
`,
    (directory.children ?? []).map((file) => {
      const [w, h] = [(file.x1 - file.x0) / 10, file.y1 - file.y0]
      const text = w > 5 && h > 20 ? html`<text class="on-mass" x="5" y="15">${file.data.name}</text>` : null
      const more = w > 5 && h > 38 ? html`<text class="on-mass" x="5" y="31">${figure(file.value!)}</text>` : null
      return html`<svg x="${at(file.x0 / 10)}" y="${Number(file.y0.toFixed(1))}" width="${at(w)}" height="${Number(
        h.toFixed(1),
      )}"><title>${directory.data.name}/${file.data.name}: ${figure(
        file.value!,
      )}</title><rect class="mass-${index % 2}" fill="#0b5c8f" width="100%" height="100%"/>${text}${more}</svg>
`
    }),
  ])
  const biggest = laid.leaves()[0]
  const total = root.value ?? 0
  const of = biggest?.data.name ?? ''
  return plot(
    'Where the blockers are',
    `Areas of ${figure(total)} blockers by directory and file, the largest ${of}.`,
    height,
    boxes,
  )
}

/** Blockers over time by effort: areas on each other. */
export function burnDown(history: readonly HistoryPoint[]): Html {
  const [top, height] = [16, 200]
  const totals = history.map((each) => efforts.reduce((sum, { kind }) => sum + each[kind], 0))
  const most = greatest([1, ...totals])
  const [first, last] = [history[0]!.time, history.at(-1)!.time]
  const x = scaleLinear([first, Math.max(first + 1, last)], [0, 1000])
  const y = scaleLinear([0, most], [height, 0])
  const lower = history.map(() => 0)
  const areas = efforts.map(({ kind }) => {
    const points = history.map((each, index): [number, number, number] => {
      const from = lower[index]!
      lower[index] = from + each[kind]
      return [x(each.time), y(from), y(from + each[kind])]
    })
    const made = area<[number, number, number]>()
      .x(([a]) => a)
      .y0(([, b]) => b)
      .y1(([, , c]) => c)(points)!
    return html`<path class="e-${kind}" fill="${fills[kind]}" d="${made}"/>`
  })
  return plot(
    'Blockers over time',
    `Stacked areas from ${dateOf(first)} to ${dateOf(last)}: ${figure(totals[0]!)} ${
      totals[0] === 1 ? 'blocker' : 'blockers'
    } at first, ${figure(totals.at(-1)!)} now.`,
    top + height + 24,
    [
      stretched(top, height, areas),
      gridLines(most, (value) => top + y(value)),
      html`<text class="tick" x="0" y="${top + height + 18}">${dateOf(first)}</text><text class="tick" x="100%" y="${
        top + height + 18
      }" text-anchor="end">${dateOf(last)}</text>`,
    ],
  )
}

/** The day of a time in seconds since 1970, in UTC: `2026-11-29`. */
export const dateOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10)
