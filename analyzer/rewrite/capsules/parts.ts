import type { CapsuleTable } from '../../semantics/capsule-tables.ts'
import type { Obstacles } from '../modules/obstacles.ts'
import type { Sources } from '../sources.ts'
import { arrayEntries, type Entries } from './entries.ts'
import { structEntries } from './struct-entries.ts'
import { type TableUser, usersOf } from './users.ts'

/** A table, with what it holds and who uses it. */
export interface Part {
  readonly table: CapsuleTable
  readonly entries: Entries
  readonly users: readonly TableUser[]
}

/** Reads a table and finds its users; what is not understood is an obstacle. */
export function partOf(sources: Sources, file: string, table: CapsuleTable, obstacles: Obstacles): Part | null {
  const [capsule, ...more] = table.capsule.names
  if (capsule === undefined || more.length > 0) {
    obstacles.add(file, table.capsule.call.span.start, 'the name of its capsule is not known, or several are')
    return null
  }
  const entries = entriesOf(sources, file, table, obstacles)
  return entries && { table, entries, users: usersOf(sources, file, table, capsule, obstacles) }
}

/** Reads what a table holds; what is not understood is an obstacle. */
function entriesOf(sources: Sources, file: string, table: CapsuleTable, obstacles: Obstacles): Entries | null {
  const [origin] = table.capsule.origins
  const variable = origin?.variable
  if (!origin || !variable || origin.kind !== 'static') {
    obstacles.add(file, table.capsule.call.span.start, 'what its capsule points to is no variable of the process')
    return null
  }
  if (sources.model.files[origin.file]!.file !== file) {
    obstacles.add(file, table.capsule.call.span.start, `\`${variable.name}\` is in another file than its capsule`)
    return null
  }
  if (table.shape === 'struct') return structEntries(sources, file, table, variable, obstacles)
  const found = arrayEntries(sources, file, table, origin, variable, obstacles)
  const sorted = [...found.all].sort((a, b) => a.index - b.index)
  const twice = sorted.find((each, at) => sorted[at - 1]?.index === each.index)
  if (twice) obstacles.add(file, twice.offset, `entry ${twice.index} is set twice`)
  return { all: sorted, end: found.end }
}
