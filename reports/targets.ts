import { type Tally, type TargetStatus, type TargetSurvey, targetStatusOf } from '../analyzer/check/targets.ts'
import { shownName } from './file-name.ts'
import type { TextStyle } from './full.ts'
import { jsonText } from './json-text.ts'
import { inert, printable } from './printable.ts'
import { count } from './tally.ts'
import { displayWidth } from './width.ts'

/** Neighbouring targets at which every row has the same number are one column. */
interface Column {
  readonly title: string
  readonly index: number
}

/** The survey of all targets for people: a table of blockers, then what raising the lowest supported Python buys. */
export function targetsText(survey: TargetSurvey, { chalk }: TextStyle): string {
  const rows: { readonly name: string; readonly standings: TargetStatus; readonly bold: boolean }[] = []
  const shown = new Set<string>()
  const withBlockers = (file: string): (typeof survey.files)[number] | null => {
    const found = survey.files.find((each) => each.file === file)
    return found?.blockers.some((each) => each > 0) ? found : null
  }
  for (const module of survey.modules) {
    rows.push({
      name: `${inert(printable(module.name))} (${count(module.files.length, 'file')})`,
      standings: module,
      bold: true,
    })
    for (const file of module.files) {
      const found = withBlockers(file)
      shown.add(file)
      if (found) rows.push({ name: `  ${shownName(file)}`, standings: found, bold: false })
    }
  }
  const others = survey.files.filter(({ file }) => !shown.has(file) && withBlockers(file))
  if (others.length > 0 && survey.modules.length > 0)
    rows.push({ name: 'in no module that was found', standings: sum(others, survey), bold: true })
  for (const each of others)
    rows.push({ name: `${survey.modules.length > 0 ? '  ' : ''}${shownName(each.file)}`, standings: each, bold: false })
  rows.push({ name: 'all', standings: survey.project, bold: true })

  const columns = columnsOf(
    survey,
    rows.map(({ standings }) => standings),
  )
  const nameWidth = rows.reduce((width, { name }) => Math.max(width, displayWidth(name)), 0)
  const widths = columns.map(({ title, index }) =>
    rows.reduce((width, { standings }) => Math.max(width, String(standings.blockers[index]).length), title.length),
  )
  const pad = (text: string): string => ' '.repeat(Math.max(0, nameWidth - displayWidth(text)))
  const cell = (value: number, width: number): string =>
    value === 0 ? chalk.green('-'.padStart(width)) : String(value).padStart(width)
  const titles = columns.map(({ title }, at) => chalk.bold(title.padStart(widths[at]!))).join('  ')
  const lines = [
    `Blockers by target, with the headers of ${survey.headers}:`,
    '',
    `${' '.repeat(nameWidth)}  ${titles}  ${chalk.bold('reaches')}`,
    ...rows.map(({ name, standings, bold }) => {
      const cells = columns.map(({ index }, at) => cell(standings.blockers[index]!, widths[at]!)).join('  ')
      return `${bold ? chalk.bold(name) : name}${pad(name)}  ${cells}  ${reached(standings)}`
    }),
    '',
  ]
  const steps = survey.steps.filter(({ freed, added }) => freed.length > 0 || added.length > 0)
  if (steps.length > 0) {
    lines.push('What raising the lowest Python buys:')
    for (const { to, freed, added } of steps) {
      const parts = [
        ...(freed.length > 0 ? [`frees ${total(freed)}: ${names(freed)}`] : []),
        ...(added.length > 0 ? [`takes away ${total(added)}: ${names(added)}`] : []),
      ]
      lines.push(`  to ${chalk.bold(to.padEnd(4))}  ${parts.join('; ')}`)
    }
    lines.push('')
  }
  if (survey.left.length > 0) lines.push(`No level frees ${total(survey.left)}: ${names(survey.left)}`, '')
  for (const library of survey.libraries) lines.push(libraryLine(library))
  if (survey.libraries.length > 0) lines.push('')
  if (survey.doubts > 0)
    lines.push(`${count(survey.doubts, 'finding')} in doubt not counted; abi3lint check --target shows them.`)
  lines.push(verdict(survey))
  return `${lines.join('\n')}\n`
}

/** The survey as JSON: what `TargetSurvey` says, with the version of its form. */
export const targetsJson = (survey: TargetSurvey): string => jsonText({ schemaVersion: 1, ...survey })

function columnsOf({ targets }: TargetSurvey, rows: readonly TargetStatus[]): Column[] {
  const columns: Column[] = []
  let first = 0
  targets.forEach((target, index) => {
    const next = targets[index + 1]
    const same =
      next !== undefined && next !== 'abi3t' && rows.every(({ blockers }) => blockers[index] === blockers[index + 1])
    if (same) return
    columns.push({ title: first === index ? target : `${targets[first]!}-${target}`, index })
    first = index + 1
  })
  return columns
}

/** Since when a library that decides what of the C API is used can do with the Limited API. */
function libraryLine({ name, lowest, abi3t }: TargetSurvey['libraries'][number]): string {
  const works = [...(lowest === null ? [] : [`from ${lowest} on`]), ...(abi3t ? ['for abi3t'] : [])].join(' and ')
  return `${inert(printable(name))}, whose headers were not read, works ${works === '' ? 'with no level' : works}.`
}

const reached = ({ lowest, abi3t }: TargetStatus): string =>
  [...(lowest === null ? [] : [lowest]), ...(abi3t ? ['abi3t'] : [])].join(', ') || 'none'

const total = (tallies: readonly Tally[]): number => tallies.reduce((all, { places }) => all + places, 0)

const names = (tallies: readonly Tally[]): string =>
  tallies
    .map(({ symbol, places }) => (places === 1 ? printable(symbol) : `${printable(symbol)} (${places})`))
    .join(', ')

const sum = (rows: readonly TargetStatus[], { targets }: TargetSurvey): TargetStatus =>
  targetStatusOf(
    targets.map((_, index) => rows.reduce((all, each) => all + each.blockers[index]!, 0)),
    targets,
  )

function verdict({ project, targets }: TargetSurvey): string {
  if (project.lowest !== null)
    return `The lowest level without blockers is ${project.lowest}${project.abi3t ? '; abi3t has none either' : ''}.`
  const least = project.blockers.reduce((few, each) => Math.min(few, each), Number.POSITIVE_INFINITY)
  const at = targets[project.blockers.indexOf(least)]!
  return `No level is free of blockers; ${at} has the fewest, ${least}.`
}
