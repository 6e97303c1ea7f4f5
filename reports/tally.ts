import { type Run, type Severity, severities } from '../analyzer/check/diagnostic.ts'
import { printable } from './printable.ts'

/** How many diagnostics there are of each severity. */
export function tally(diagnostics: readonly { readonly severity: Severity }[]): Readonly<Record<Severity, number>> {
  const counts = { error: 0, warning: 0, info: 0 }
  for (const { severity } of diagnostics) counts[severity]++
  return counts
}

/** `1 file`, `2 files`. `noun` forms its plural with an s. */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`

/** `3 errors, 1 warning, 2 info`: the severities that occur, the worst first; empty where there are no diagnostics. */
export function severityCounts(diagnostics: readonly { readonly severity: Severity }[]): string {
  const counts = tally(diagnostics)
  const words = severities.filter((severity) => counts[severity] > 0)
  return words.map((word) => (word === 'info' ? `${counts.info} info` : count(counts[word], word))).join(', ')
}

/** `target 3.9` or `targets 3.9, 3.12`. */
export const targetNames = (run: Run): string =>
  `${run.targets.length === 1 ? 'target' : 'targets'} ${run.targets.join(', ')}`

/** The outcome of a run in one sentence. Claims "all clear" only where every file could be read. */
export function verdict(run: Run): string {
  const { checked } = run.files
  if (run.diagnostics.length > 0) {
    const known = run.baseline === null ? '' : `, besides ${count(run.baseline.known, 'known finding')}`
    return `Found ${severityCounts(run.diagnostics)} in ${whereFound(run)}${known}.`
  }
  const failed = new Set(run.problems.filter(({ severity }) => severity === 'error').map(({ file }) => file)).size
  if (failed > 0) {
    const where = `${count(checked, 'file')}, ${targetNames(run)}`
    return `Found nothing in ${where}; ${count(failed, 'file')} could not be checked.`
  }
  const { unparsedBytes, parsedBytes } = run.files
  if (unparsedBytes > parsedBytes / 10)
    return `Found nothing in ${count(checked, 'file')}, ${targetNames(run)}, but much of the code was not understood.`
  const stale = run.baseline?.stale
  if (stale) return `Nothing new, but ${printable(stale.file)} ${printable(stale.message)}.`
  if (run.baseline !== null && run.baseline.known > 0)
    return `Nothing new: ${count(checked, 'file')}, ${targetNames(run)}, ${count(run.baseline.known, 'known finding')}.`
  return checked === 0
    ? 'No C or C++ files to check.'
    : `All clear: ${count(checked, 'file')}, ${targetNames(run)}${ofFewRules(run)}.`
}

/** `1 of 2 files`, `1 of 2 files and 1 build file`: build files are none of those that are checked as C. */
function whereFound({ diagnostics, files }: Run): string {
  const all = new Set(diagnostics.map(({ file }) => file))
  const ofBuilds = files.ofBuilds.filter((file) => all.has(file)).length
  const sources = `${all.size - ofBuilds} of ${count(files.checked, 'file')}`
  if (ofBuilds === 0) return sources
  const builds = count(ofBuilds, 'build file')
  return ofBuilds === all.size ? `${builds}, in none of ${count(files.checked, 'file')}` : `${sources} and ${builds}`
}

/** How many findings comments suppress; one that two comments are for counts once. */
export function suppressions(run: Run): number {
  const places = run.suppressions.flatMap(({ file, findings }) =>
    findings.map(({ rule, line, column, symbol, message }) => [file, rule, line, column, symbol, message].join('\0')),
  )
  return new Set(places).size
}

/** How many findings comments suppress, in one sentence; empty where none is. */
export function suppressed(run: Run): string {
  const number = suppressions(run)
  return number === 0 ? '' : `Suppressed by comments: ${count(number, 'finding')} (--ignore-suppressions).`
}

/** What a report does not show though it was found, to go after `not shown: `; empty for nothing. */
export function notShown(run: Run): string {
  const known = run.baseline?.known ?? 0
  const number = suppressions(run)
  return [
    ...(known > 0 ? [`${count(known, 'known finding')} of ${printable(run.baseline!.name)}`] : []),
    ...(number > 0 ? [`${number} suppressed by comments`] : []),
  ].join(', ')
}

/** How many rules are so few that the outcome names them. */
const fewRules = 3

/** What is said where few rules were asked for, since nothing else is clear; empty otherwise. */
const ofFewRules = ({ rules }: Run): string =>
  rules.length === 0 || rules.length > fewRules
    ? ''
    : `, for ${rules.map(({ name }) => `\`${name}\``).join(', ')} alone`

/** Says in one sentence how much of the code the parser did not understand; empty where it understood everything. */
export function blindSpots(run: Run): string {
  const { unparsed, unparsedBytes, parsedBytes } = run.files
  if (unparsedBytes === 0) return ''
  const files = new Set(unparsed.map(({ file }) => file)).size
  const where = `${count(unparsed.length, 'place')} in ${count(files, 'file')}`
  return `Not understood: ${unparsedBytes} of ${parsedBytes} bytes, ${where}; something may be missed there.`
}

/** What was fixed, in one sentence; empty where nothing was asked for. */
export function fixesMade({ fixed }: Run): string {
  if (fixed === null) return ''
  const { safe, unsafe, files } = fixed
  if (safe + unsafe === 0) return 'Fixed nothing.'
  const warning = unsafe > 0 ? `; ${unsafe} of the fixes ${unsafe === 1 ? 'was' : 'were'} unsafe, read the diff` : ''
  return `Fixed ${count(safe + unsafe, 'finding')} in ${count(files, 'file')}${warning}.`
}

/** How many of the findings have a fix, in one sentence; empty where none has. */
export function fixesLeft({ diagnostics }: Run): string {
  const safe = diagnostics.filter(({ fix }) => fix?.safety === 'safe').length
  const unsafe = diagnostics.filter(({ fix }) => fix?.safety === 'unsafe').length
  if (safe + unsafe === 0) return ''
  const kinds = [
    ...(safe > 0 ? [`${safe} safe (--fix)`] : []),
    ...(unsafe > 0 ? [`${unsafe} unsafe (--fix --unsafe-fixes)`] : []),
    ...(diagnostics.length > safe + unsafe ? [`${diagnostics.length - safe - unsafe} by hand`] : []),
  ]
  return `Fixes: ${kinds.join(', ')}.`
}

/** Items by a key, in the order in which keys come first. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group === undefined) groups.set(key(item), [item])
    else group.push(item)
  }
  return groups
}
