import type { ChalkInstance } from 'chalk'
import type { Located, Run, Severity } from '../analyzer/check/diagnostic.ts'
import { frame, rememberingSplitter, type Splitter } from './frame.ts'
import { printable } from './printable.ts'
import { blindSpots, fixesLeft, fixesMade, verdict } from './tally.ts'
import { wrap } from './wrap.ts'

/** How a report for people looks. */
export interface TextStyle {
  /** Paints; of level 0 for text without colour. */
  readonly chalk: ChalkInstance
  /** Terminal columns a line may take; Infinity for no limit. Below 40 counts as 40. */
  readonly width: number
}

/** The colour of a severity. Its name is always printed too. */
export const paint = (chalk: ChalkInstance, severity: Severity): ChalkInstance =>
  ({ error: chalk.red, warning: chalk.yellow, info: chalk.cyan })[severity]

function block(diagnostic: Located, manyTargets: number, { chalk, width }: TextStyle, split: Splitter): string {
  const { rule, severity, message, file, line, column, endLine, excerpt, advice, fix, notes, targets } = diagnostic
  const colour = paint(chalk, severity)
  const gutter = ' '.repeat(String(line + Math.max(1, excerpt.length) - 1).length)
  const bar = `${gutter} ${chalk.blue('|')}`

  const rows = frame(diagnostic, Math.max(20, width - gutter.length - 3), split).flatMap(
    ({ text, indent, carets }, index) => [
      `${chalk.blue(`${String(line + index).padStart(gutter.length)} |`)} ${text}`.trimEnd(),
      ...(carets > 0 ? [`${bar} ${' '.repeat(indent)}${colour('^'.repeat(carets))}`] : []),
    ],
  )
  const more = excerpt.length > 0 && line + excerpt.length <= endLine ? [`${bar} ... to line ${endLine}`] : []

  const remark = (label: string, text: string): readonly string[] => {
    const lead = `${gutter} = ${label}: `
    const [first, ...rest] = wrap(text, width - lead.length)
    const hanging = rest.map((part) => ' '.repeat(lead.length) + part)
    return [`${gutter} ${chalk.blue('=')} ${chalk.bold(`${label}:`)} ${first}`, ...hanging]
  }
  return [
    `${colour.bold(`${severity}[${rule}]`)}${chalk.bold(`: ${printable(message)}`)}`,
    `${gutter}${chalk.blue('-->')} ${printable(file)}:${line}:${column}`,
    ...(rows.length > 0 ? [bar, ...rows, ...more] : []),
    ...(fix ? remark(`fix (${fix.safety})`, fix.title) : advice === '' ? [] : remark('help', advice)),
    ...(fix && fix.reason !== '' ? remark('why unsafe', fix.reason) : []),
    ...notes.flatMap((note) => remark('note', note)),
    ...(targets.length < manyTargets ? remark('targets', targets.join(', ')) : []),
  ].join('\n')
}

/**
 * The report for people: each diagnostic with its source line, the span underlined, help and notes, then a summary.
 * Problems are left out, see `problemLines`.
 * @returns lines that end in a line feed; free of control characters but those of `chalk`
 */
export function full(run: Run, look: TextStyle): string {
  const wide = { ...look, width: Math.max(40, look.width) }
  const split = rememberingSplitter()
  const blocks = run.diagnostics.map((diagnostic) => block(diagnostic, run.targets.length, wide, split))
  const summary = [fixesMade(run), verdict(run), fixesLeft(run), blindSpots(run)]
    .filter((line) => line !== '')
    .join('\n')
  return `${[...blocks, summary].join('\n\n')}\n`
}
