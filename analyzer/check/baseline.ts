import { addTo } from '../source/multimap.ts'
import type { Located } from './diagnostic.ts'
import { fingerprintVersion } from './fingerprint.ts'

/** Findings that are known: what a baseline holds. */
export interface KnownFindings {
  /** Relative to the directory of the baseline, with `/`. */
  readonly file: string
  readonly rule: string
  readonly symbol: string
  readonly fingerprint: string
  /** How many of them there are, from 1. */
  readonly count: number
}

/** What a file of them says. */
export interface Baseline {
  /** The targets that they were found for, as users name them. */
  readonly targets: readonly string[]
  readonly entries: readonly KnownFindings[]
}

/** What findings are beside those that are known. */
export interface Comparison {
  /** Those that are not known, in the order in which they were found. */
  readonly fresh: readonly Located[]
  /** Those that are, where they stand now. */
  readonly known: readonly Located[]
  /** What is known and was not found, with how many of it were not. */
  readonly gone: readonly KnownFindings[]
}

/** What entries, and findings that they stand for, have in common. */
const keyOf = ({ file, fingerprint }: Pick<KnownFindings, 'file' | 'fingerprint'>): string => `${fingerprint} ${file}`

/** What is found, counted, in the order of a baseline. */
export function knownFrom(findings: readonly Located[]): readonly KnownFindings[] {
  const counts = new Map<string, KnownFindings>()
  for (const found of findings) {
    const { file, rule, symbol, fingerprint } = found
    const key = keyOf(found)
    counts.set(key, { file, rule, symbol, fingerprint, count: (counts.get(key)?.count ?? 0) + 1 })
  }
  return sorted([...counts.values()])
}

const sorted = (entries: KnownFindings[]): readonly KnownFindings[] =>
  entries.sort(
    (a, b) =>
      order(a.file, b.file) ||
      order(a.rule, b.rule) ||
      order(a.symbol, b.symbol) ||
      order(a.fingerprint, b.fingerprint),
  )

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * Tells findings that are known from others. One that is known in its file comes first; then one that is known in
 * another file and no longer there, since code moves and files get other names. Of equal ones in a file the last are
 * taken to be new, with a note.
 */
export function compare(findings: readonly Located[], known: readonly KnownFindings[]): Comparison {
  const held = new Map(known.map((each) => [keyOf(each), each.count]))
  const left = new Map(held)
  const take = (key: string): boolean => {
    const count = left.get(key) ?? 0
    if (count > 0) left.set(key, count - 1)
    return count > 0
  }
  const unknown = new Set(findings.filter((each) => !take(keyOf(each))))
  // The last of each list is the next to be taken; what has nothing left is not looked at again.
  const elsewhere = new Map<string, string[]>()
  for (const each of known.toReversed()) addTo(elsewhere, each.fingerprint, keyOf(each))
  for (const each of unknown) {
    const keys = elsewhere.get(each.fingerprint) ?? []
    while (keys.length > 0 && (left.get(keys.at(-1)!) ?? 0) === 0) keys.pop()
    if (keys.length > 0 && take(keys.at(-1)!)) unknown.delete(each)
  }
  return {
    fresh: findings.flatMap((each) => (unknown.has(each) ? [withDoubt(each, held)] : [])),
    known: findings.filter((each) => !unknown.has(each)),
    gone: known.flatMap((each) => {
      const count = left.get(keyOf(each))!
      return count > 0 ? [{ ...each, count }] : []
    }),
  }
}

/** A finding that is one more of some that are known: any of them may be the new one. */
function withDoubt(found: Located, held: ReadonlyMap<string, number>): Located {
  const count = held.get(keyOf(found)) ?? 0
  if (count === 0) return found
  const note = `the baseline has ${count} of these in this place; any of them may be the new one`
  return { ...found, notes: [...found.notes, note] }
}

/**
 * What is known from now on.
 * @param found findings, in the files where they stand now
 * @param unseen what was known before and not looked for
 */
export function knownWith(found: readonly Located[], unseen: readonly KnownFindings[]): readonly KnownFindings[] {
  const entries = new Map(knownFrom(found).map((each) => [keyOf(each), each]))
  for (const each of unseen) {
    const key = keyOf(each)
    entries.set(key, { ...each, count: each.count + (entries.get(key)?.count ?? 0) })
  }
  return sorted([...entries.values()])
}

/** What the first line of a baseline begins with. */
const head = { 'abi3lint-baseline': 1, fingerprints: fingerprintVersion }

/** A baseline as text: a line of JSON for each entry, sorted, so that changes read well and git can join two. */
export const showBaseline = ({ targets, entries }: Baseline): string =>
  [
    { ...head, targets },
    ...entries.map(({ file, rule, symbol, fingerprint, count }) => ({ file, rule, symbol, fingerprint, count })),
  ]
    .map((each) => `${JSON.stringify(each)}\n`)
    .join('')

/**
 * Reads a baseline. Entries may stand in any order; of one that is there twice, as git leaves it where two changes are
 * joined by `merge=union`, the larger number counts.
 * @returns with its entries in their order; or what is wrong with it, to go after its name, with the line
 */
export function readBaseline(text: string): Baseline | string {
  const entries = new Map<string, KnownFindings>()
  let targets: readonly string[] | null = null
  for (const [index, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    const place = `line ${index + 1}`
    if (line.trim() === '') continue
    if (/^(?:<{7}|={7}|>{7}|\|{7})/.test(line))
      return `${place}: a conflict that git left: take both sides, then run \`abi3lint baseline prune\``
    const value = parsed(line)
    if (value === null) return `${place}: is no JSON object`
    if ('abi3lint-baseline' in value) {
      const isOld = value['abi3lint-baseline'] === head['abi3lint-baseline'] && value.fingerprints === head.fingerprints
      if (!isOld) return `${place}: was written by another version of abi3lint: delete it, then \`baseline create\``
      targets = Array.isArray(value.targets) ? value.targets.map(String) : []
      continue
    }
    const entry = entryOf(value)
    if (entry === null)
      return `${place}: file, rule, symbol and fingerprint have to be texts, and count a number from 1`
    const key = keyOf(entry)
    if ((entries.get(key)?.count ?? 0) < entry.count) entries.set(key, entry)
  }
  if (targets === null) return 'this is no baseline: the first line of one has `"abi3lint-baseline"`'
  return { targets, entries: sorted([...entries.values()]) }
}

function parsed(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null
  } catch {
    return null
  }
}

function entryOf({ file, rule, symbol, fingerprint, count }: Readonly<Record<string, unknown>>): KnownFindings | null {
  const isWhole =
    typeof file === 'string' &&
    typeof rule === 'string' &&
    typeof symbol === 'string' &&
    typeof fingerprint === 'string' &&
    typeof count === 'number' &&
    Number.isInteger(count) &&
    count > 0
  return isWhole ? { file, rule, symbol, fingerprint, count } : null
}
