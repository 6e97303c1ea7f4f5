import { type Located, type Run, severities } from '../analyzer/check/diagnostic.ts'
import { shownName } from './file-name.ts'
import { paint, type TextStyle } from './full.ts'
import { printable } from './printable.ts'
import { count, groupBy, targetNames } from './tally.ts'
import { wrap } from './wrap.ts'

/** What a port came to, as far as it is told. */
export interface Port {
  /** What is found after it. */
  readonly run: Run
  readonly steps: readonly {
    readonly kind: 'safe fixes' | 'unsafe fixes' | 'static types' | 'build'
    readonly changes: { readonly size: number }
    readonly count: number
    /** The unsafe fixes made, at their places in the texts as they are now. */
    readonly toRead: readonly Located[]
  }[]
  readonly modules: { readonly all: number; readonly limited: number }
  readonly byHand: readonly { readonly file: string; readonly message: string }[]
}

/** What is left of one kind: the same rule says it of the same name, with the same advice. */
interface Left {
  readonly first: Located
  readonly places: readonly Located[]
}

/** How many places of one kind are named. */
const mostPlaces = 4
/** How many reasons of one kind are told. */
const mostNotes = 3

/** What is left, by kind: errors first, then what is found at most places. What is said as information alone is not. */
function leftIn({ diagnostics }: Run): Left[] {
  const told = diagnostics.filter(({ severity }) => severity !== 'info')
  const kinds = groupBy(told, ({ severity, rule, symbol, fix, advice }) =>
    JSON.stringify([severity, rule, symbol, fix?.title ?? advice]),
  )
  const rank = ({ first: { severity } }: Left): number => severities.indexOf(severity)
  return [...kinds.values()]
    .map((places) => ({ first: places[0]!, places }))
    .sort((a, b) => rank(a) - rank(b) || b.places.length - a.places.length)
}

function leftLines({ first, places }: Left, { chalk, width }: TextStyle): string[] {
  const { severity, rule, symbol, message, fix, advice } = first
  const colour = paint(chalk, severity)
  const head = `${String(places.length).padStart(4)}  ${colour.bold(`${severity}[${rule}]`)}`
  const notes = [...new Set(places.flatMap((each) => each.notes))]
  const told = [...notes.slice(0, mostNotes), ...(notes.length > mostNotes ? [`${notes.length - mostNotes} more`] : [])]
  const text = (label: string, content: string): string[] =>
    wrap(`${label}${content}`, width - 6).map((line) => `      ${line}`)
  const what = fix?.title ?? advice
  return [
    `${head} ${chalk.bold(printable(symbol === '' ? message : `${symbol}: ${message}`))}`,
    ...text('at ', placesOf(places)),
    ...(what === '' ? [] : text('do: ', what)),
    ...told.flatMap((note) => text('note: ', note)),
    '',
  ]
}

/** What unsafe fixes wrote, where, and what differs by it: of equal ones once. */
function toReadLines(toRead: readonly Located[], { width }: TextStyle): string[] {
  const kinds = groupBy(toRead, ({ rule, symbol, fix }) => JSON.stringify([rule, symbol, fix!.title, fix!.reason]))
  return [...kinds.values()].flatMap((places) => {
    const { symbol, fix } = places[0]!
    const text = (content: string, indent: string): string[] =>
      wrap(content, width - indent.length).map((line) => `${indent}${line}`)
    const { title, reason } = fix!
    return [
      ...text(symbol === '' ? title : `${symbol}: ${title}`, '  '),
      ...text(`at ${placesOf(places)}`, '      '),
      ...(reason === '' ? [] : text(`differs: ${reason}`, '      ')),
    ]
  })
}

/** The first places of some findings, and how many more there are. */
function placesOf(places: readonly Located[]): string {
  const shown = places.slice(0, mostPlaces).map(({ file, line, column }) => `${shownName(file)}:${line}:${column}`)
  return [...shown, ...(places.length > mostPlaces ? [`${places.length - mostPlaces} more`] : [])].join(', ')
}

const names = {
  'safe fixes': (made: number) => `made ${made} safe ${made === 1 ? 'fix' : 'fixes'}`,
  'unsafe fixes': (made: number) => `made ${made} unsafe ${made === 1 ? 'fix, to be read,' : 'fixes, to be read,'}`,
  'static types': (made: number) => `made heap types of static types: ${count(made, 'finding')} less`,
  build: (made: number) => `made the build limited for ${count(made, 'module')}`,
} as const

/**
 * What a port did and what it left, for people: the steps, then what is left, errors first and then what is found at
 * most places.
 * @returns lines that end in a line feed
 */
export function portText(port: Port, look: TextStyle): string {
  const { run, steps, modules, byHand } = port
  const left = leftIn(run)
  const lines = steps.flatMap(({ kind, count: made, changes, toRead }) => [
    `${names[kind](made)} in ${count(changes.size, 'file')}`,
    ...(kind === 'unsafe fixes' ? toReadLines(toRead, look) : []),
  ])
  const kept = byHand.map(({ file, message }) => `${shownName(file)}: ${printable(message)}`)
  return [
    ...(lines.length > 0 ? lines : ['changed nothing']),
    '',
    ...left.flatMap((each) => leftLines(each, look)),
    ...kept.flatMap((each) => wrap(each, look.width)),
    ...(kept.length > 0 ? [''] : []),
    outcome(run, left, modules),
    '',
  ].join('\n')
}

function outcome(run: Run, kept: readonly Left[], modules: Port['modules']): string {
  const found = (severity: string): number => run.diagnostics.filter((each) => each.severity === severity).length
  const [errors, warnings] = [found('error'), found('warning')]
  const kinds = kept.filter(({ first }) => first.severity === 'error').length
  const target = targetNames(run)
  const warned = warnings > 0 ? `, ${count(warnings, 'warning')}` : ''
  const left = errors > 0 ? `Left for ${target}: ${count(errors, 'error')} of ${count(kinds, 'kind')}${warned}.` : ''
  return `${left || `Nothing keeps the sources from ${target}${warned}.`}${builtFor(modules)}`
}

/** How many modules the build makes with the Limited API; nothing where it shows none. */
function builtFor({ all, limited }: Port['modules']): string {
  if (all === 0) return ''
  if (all === 1) return ` The module is ${limited === 1 ? 'built' : 'not built'} for it.`
  const some = limited === 0 ? 'None' : limited === all ? 'All' : limited
  return ` ${some} of the ${all} modules ${limited === 1 ? 'is' : 'are'} built for it.`
}
