import type { ProjectModel } from '../project/model.ts'
import { capsuleTables } from '../semantics/capsule-tables.ts'

/** A table that a capsule hands out to other modules, as it was published or as it is now. */
export interface PublishedTable {
  /** The name of the capsule: `spam._C_API`. */
  readonly capsule: string
  readonly shape: 'array' | 'struct'
  /** What the field that tells its version holds, a number or else as it is written; null for none. */
  readonly version: string | null
  /** The same of the field that tells its minor version; nothing for none. */
  readonly minor?: string
  /** Its entries in order, with their types where these are known: `boil: int(*)(int)`. */
  readonly entries: readonly string[]
}

/** The tables of functions and data that a project hands out, by the names of their capsules. */
export function publishedTables(model: ProjectModel): readonly PublishedTable[] {
  const found = new Map<string, PublishedTable>()
  for (const { capsule, shape, version, minor, entries, types } of capsuleTables(model)) {
    const [name, ...others] = capsule.names
    if (!name || others.length > 0 || found.has(name)) continue
    found.set(name, {
      capsule: name,
      shape,
      version,
      ...(minor === null ? {} : { minor }),
      entries: entries.map((each, index) => (types[index] ? `${each}: ${types[index]}` : each)),
    })
  }
  return [...found.values()].sort((a, b) => (a.capsule < b.capsule ? -1 : 1))
}

/** What became of a published table that breaks modules which were compiled against it. */
export interface TableChange {
  readonly capsule: string
  /** A sentence without full stop. */
  readonly message: string
  /** Whether its version alone is wrong: it does not say what was added. */
  readonly isOfVersion: boolean
}

/** How tables differ from what was published. */
export interface TableComparison {
  readonly changes: readonly TableChange[]
  /**
   * The tables that are not what was published, and need not be. `new`: there was none; `grown`: it has more entries;
   * `version`: it has another version.
   */
  readonly unlisted: readonly { readonly capsule: string; readonly what: 'new' | 'grown' | 'version' }[]
}

/**
 * Compares tables with what was published of them. A table may grow at its end, and its minor version goes up then if
 * it has one; one whose version is another one may be anything.
 */
export function compareTables(published: readonly PublishedTable[], now: readonly PublishedTable[]): TableComparison {
  const changes: TableChange[] = []
  const known = new Set(published.map(({ capsule }) => capsule))
  const present = new Map(now.map((each) => [each.capsule, each]))
  const unlisted: TableComparison['unlisted'][number][] = now.flatMap(({ capsule }) =>
    known.has(capsule) ? [] : [{ capsule, what: 'new' }],
  )
  for (const before of published) {
    const { capsule } = before
    const after = present.get(capsule)
    if (!after) changes.push({ capsule, message: `"${capsule}" hands out no table any more`, isOfVersion: false })
    else if (before.version !== after.version) unlisted.push({ capsule, what: 'version' })
    else {
      const broken = changeOf(before, after)
      const message = broken ?? minorChange(before, after)
      if (message !== null) changes.push({ capsule, message, isOfVersion: broken === null })
      else if (after.entries.length > before.entries.length) unlisted.push({ capsule, what: 'grown' })
      else if (before.minor !== after.minor) unlisted.push({ capsule, what: 'version' })
    }
  }
  return { changes, unlisted }
}

/** What is wrong with the minor version of a table that may have grown; null for nothing, and where it is not known. */
function minorChange(before: PublishedTable, after: PublishedTable): string | null {
  const { capsule, minor: old } = before
  const { minor } = after
  if (old === undefined || minor === undefined) return null
  const isHigher = /^\d+$/.test(old) && /^\d+$/.test(minor) ? Number(minor) > Number(old) : minor !== old
  const added = after.entries[before.entries.length]
  if (isHigher || (added === undefined && minor === old)) return null
  return added === undefined
    ? `the minor version of "${capsule}" is ${minor} and was ${old}`
    : `"${capsule}" has a new entry, \`${added}\`, and its minor version is ${minor} and was ${old}`
}

/** The first thing that breaks modules compiled against a table; null for nothing. */
function changeOf(before: PublishedTable, after: PublishedTable): string | null {
  const { capsule } = before
  if (before.shape !== after.shape)
    return `the table of "${capsule}" was ${before.shape === 'array' ? 'an' : 'a'} ${before.shape} and is another`
  for (const [index, entry] of before.entries.entries()) {
    const found = after.entries[index]
    if (found === undefined) return `entry ${index} of "${capsule}", \`${entry}\`, is gone`
    if (found !== entry) return `entry ${index} of "${capsule}" was \`${entry}\` and is \`${found}\``
  }
  return null
}

/** The text of such a file. */
export const lockText = (tables: readonly PublishedTable[]): string =>
  `${JSON.stringify({ schemaVersion: 1, tables }, null, 2)}\n`

/** Reads the text of such a file. @returns null where it is none */
export function readLock(text: string): readonly PublishedTable[] | null {
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    return null
  }
  const { schemaVersion, tables } = asRecord(read)
  if (schemaVersion !== 1 || !Array.isArray(tables)) return null
  const found = tables.flatMap((each: unknown): PublishedTable[] => {
    const { capsule, shape, version, minor, entries } = asRecord(each)
    const isTable =
      typeof capsule === 'string' &&
      (shape === 'array' || shape === 'struct') &&
      (version === null || typeof version === 'string') &&
      (minor === undefined || typeof minor === 'string') &&
      Array.isArray(entries) &&
      entries.every((entry) => typeof entry === 'string')
    if (!isTable) return []
    return [{ capsule, shape, version, ...(minor === undefined ? {} : { minor }), entries: entries as string[] }]
  })
  return found.length === tables.length ? found : null
}

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
