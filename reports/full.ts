import type { ChalkInstance } from 'chalk'
import type { Located, Run, Severity } from '../analyzer/check/diagnostic.ts'
import { conciseLine } from './concise.ts'
import { shownName } from './file-name.ts'
import { remarksOf } from './findings.ts'
import { frame, rememberingSplitter, type Splitter } from './frame.ts'
import { inParts } from './parts.ts'
import { printable } from './printable.ts'
import { mostFrequent, oneChange } from './repeats.ts'
import { blindSpots, fixesLeft, fixesMade, groupBy, severityCounts, verdict } from './tally.ts'
import { wrap } from './wrap.ts'

/** How a report for people looks. */
export interface TextStyle {
  /** Paints; of level 0 for text without colour. */
  readonly chalk: ChalkInstance
  /** Terminal columns a line may take; Infinity for no limit. Below 40 counts as 40. */
  readonly width: number
  /** Whether the name of a rule is a hyperlink to its page (OSC 8). */
  readonly links?: boolean
}

/** A text that leads to an address where a terminal shows that. Source: the specification of OSC 8. */
const linked = (text: string, address: string | undefined): string =>
  address === undefined ? text : `\x1b]8;;${address}\x1b\\${text}\x1b]8;;\x1b\\`

/** The colour of a severity. Its name is always printed too. */
export const paint = (chalk: ChalkInstance, severity: Severity): ChalkInstance =>
  ({ error: chalk.red, warning: chalk.yellow, info: chalk.cyan })[severity]

function block(found: Located, run: Run, { chalk, width, links }: TextStyle, split: Splitter, more: string): string {
  const { rule, severity, message, file, line, column, endLine, excerpt } = found
  const colour = paint(chalk, severity)
  const page = links ? run.rules.find(({ name }) => name === rule)?.page : undefined
  const gutter = ' '.repeat(String(line + Math.max(1, excerpt.length) - 1).length)
  const bar = `${gutter} ${chalk.blue('|')}`

  const rows = frame(found, Math.max(20, width - gutter.length - 3), split).flatMap(
    ({ text, indent, carets }, index) => [
      `${chalk.blue(`${String(line + index).padStart(gutter.length)} |`)} ${text}`.trimEnd(),
      ...(carets > 0 ? [`${bar} ${' '.repeat(indent)}${colour('^'.repeat(carets))}`] : []),
    ],
  )
  const below = excerpt.length > 0 && line + excerpt.length <= endLine ? [`${bar} ... to line ${endLine}`] : []

  const remark = (label: string, text: string): readonly string[] => {
    const lead = `${gutter} = ${label}: `
    const [first, ...rest] = wrap(text, width - lead.length)
    const hanging = rest.map((part) => ' '.repeat(lead.length) + part)
    return [`${gutter} ${chalk.blue('=')} ${chalk.bold(`${label}:`)} ${first}`, ...hanging]
  }
  return [
    `${linked(colour.bold(`${severity}[${rule}]`), page)}${chalk.bold(`: ${printable(message)}`)}`,
    `${gutter}${chalk.blue('-->')} ${shownName(file)}:${line}:${column}`,
    ...(rows.length > 0 ? [bar, ...rows, ...below] : []),
    ...remarksOf(found, run).flatMap(({ label, text }) => remark(label, text)),
    ...(more === '' ? [] : remark('more', more)),
  ].join('\n')
}

/** What says that a program made the file: what else is found there is told in one line. */
const ofGenerator = ({ rule }: Located): boolean => rule === 'generated-source'
const maxSymbols = 5

/** `12 errors, 1 info: PyTuple_GET_ITEM (4), ...`: what is found in one file, most frequent first. */
function inOneLine(found: readonly Located[]): string {
  const counts = new Map<string, number>()
  for (const { symbol, rule } of found) counts.set(symbol || rule, (counts.get(symbol || rule) ?? 0) + 1)
  const names = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  const shown = names.slice(0, maxSymbols).map(([name, times]) => (times === 1 ? name : `${name} (${times})`))
  const more = names.length > maxSymbols ? [`${names.length - maxSymbols} more`] : []
  return `${severityCounts(found)}, which --format concise lists: ${[...shown, ...more].join(', ')}`
}

/** The diagnostics that are shown, those of generated files with what else is found there as a note. */
function folded(diagnostics: readonly Located[]): readonly Located[] {
  const generated = new Set(diagnostics.filter(ofGenerator).map(({ file }) => file))
  if (generated.size === 0) return diagnostics
  const others = groupBy(
    diagnostics.filter((each) => generated.has(each.file) && !ofGenerator(each)),
    ({ file }) => file,
  )
  return diagnostics.flatMap((each) => {
    if (!generated.has(each.file)) return [each]
    if (!ofGenerator(each)) return []
    const found = others.get(each.file)
    return [found === undefined ? each : { ...each, notes: [...each.notes, `in this file: ${inOneLine(found)}`] }]
  })
}

/** After so many findings of a rule and a symbol in a file the others are one line each. */
const mostWhole = 3

/** A finding that is shown whole, with those like it that follow it in one line each. */
interface Shown {
  readonly found: Located
  readonly rest: readonly Located[]
}

/** What is shown whole, in the order of the run: of findings that repeat themselves in a file the first ones. */
function grouped(diagnostics: readonly Located[]): readonly Shown[] {
  const groups = groupBy(diagnostics, ({ file, rule, symbol }) => `${rule} ${symbol} ${file}`)
  return diagnostics.flatMap((found) => {
    const group = groups.get(`${found.rule} ${found.symbol} ${found.file}`)!
    if (group.length <= mostWhole) return [{ found, rest: [] }]
    const place = group.slice(0, mostWhole).indexOf(found)
    return place < 0 ? [] : [{ found, rest: place === mostWhole - 1 ? group.slice(mostWhole) : [] }]
  })
}

/** What an item looks like: a block, then lines, then an empty line. */
function shown({ found, rest }: Shown, run: Run, look: TextStyle, split: Splitter): string {
  const more = rest.length === 0 ? '' : `${rest.length} in this file, a line for each; --no-group shows them whole`
  const lines = rest.map((each) => `${conciseLine(each)}\n`)
  return `${block(found, run, look, split, more)}\n${lines.join('')}\n`
}

/** How a report for people looks, and how much of it is shown. */
export interface FullStyle extends TextStyle {
  /** Whether findings that repeat themselves in a file are one line each after the first ones. */
  readonly isGrouped?: boolean
}

/**
 * The report for people: each diagnostic with its source line, the span underlined, help and notes, then a summary.
 * What is found in a file that a generator made is one line of the block that says so.
 * Problems are left out, see `problemLines`.
 * @returns lines that end in a line feed; free of control characters but those of `chalk`
 */
export function* full(run: Run, look: FullStyle): Generator<string> {
  const wide = { ...look, width: Math.max(40, look.width) }
  const split = rememberingSplitter()
  const all = folded(run.diagnostics)
  const items = look.isGrouped ? grouped(all) : all.map((found): Shown => ({ found, rest: [] }))
  yield* inParts(items, (item) => shown(item, run, wide, split))
  const summary = [
    fixesMade(run),
    ...whatDiffers(run, wide.width),
    verdict(run),
    fixesLeft(run),
    ...(look.isGrouped ? [mostFrequent(run), ...oneChange(run)] : []),
    blindSpots(run),
  ]
    .filter((line) => line !== '')
    .join('\n')
  yield `${summary}\n`
}

/** How many of the things are told that unsafe fixes change: those of changes of several files come first. */
const mostDiffering = 20

/** What unsafe fixes that were made say that they change, each on lines of its own. */
function* whatDiffers({ fixed }: Run, width: number): Generator<string> {
  const all = fixed?.differs ?? []
  if (all.length === 0) return
  const more = all.length - mostDiffering
  const shown = [...all.slice(0, mostDiffering), ...(more > 0 ? [`${more} more, which --output-format json has`] : [])]
  yield 'What differs:'
  for (const each of shown) {
    const [first, ...rest] = wrap(each, width - 4)
    yield `  - ${first}`
    for (const line of rest) yield `    ${line}`
  }
}
