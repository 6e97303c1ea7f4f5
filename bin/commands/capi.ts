import {
  compareTables,
  lockText,
  type PublishedTable,
  readLock,
  type TableChange,
} from '../../analyzer/check/capi-lock.ts'
import type { Target } from '../../analyzer/knowledge/target.ts'
import { reason } from '../../analyzer/store/reason.ts'
import { printable } from '../../reports/printable.ts'
import { problemLines } from '../../reports/problems.ts'
import { count } from '../../reports/tally.ts'
import { Exit, hasErrors } from '../exit.ts'
import { openProject, type ProjectOptions } from '../project.ts'
import type { Terminal } from '../terminal.ts'
import { writeOutput } from '../write/output.ts'
import { bytesAt } from '../write/stage.ts'

export interface CapiOptions extends ProjectOptions {
  /** `lock` writes down the tables that capsules hand out, `check` compares them with what was written. */
  readonly action: 'lock' | 'check'
  /** The file that holds what was published. */
  readonly lock: string
  /** What the modules are built for; null for what the project says. */
  readonly target: Target | null
}

/**
 * `abi3lint capi lock` and `abi3lint capi check`: a table that was published may only grow.
 * @returns the exit code: 1 where a table changed otherwise, 2 where something could not be read or written
 */
export async function capi(options: CapiOptions, terminal: Terminal): Promise<number> {
  const { action, lock, target } = options
  const { workspace, problems: others } = await openProject({ ...options, writes: false }, terminal, 'reading')
  const problems = [...workspace.problems, ...others]
  terminal.complain(problemLines(problems, terminal.complaintLook))
  // A table that is not read would look like one that is gone.
  if (hasErrors(problems)) return Exit.unusable
  const tables = workspace.modules(target).tables
  const fail = (what: string): number => {
    terminal.complain(`error: ${printable(`${lock} ${what}`)}\n`)
    return Exit.unusable
  }
  try {
    if (action === 'lock') {
      const wrong = versionsNotRaised(bytesAt(lock), tables)
      if (wrong.length > 0) {
        writeChanges(wrong, terminal)
        terminal.write(`${printable(lock)} was left as it was; if what it says was never published, remove it.\n`)
        return Exit.findings
      }
      writeOutput(lock, () => [lockText(tables)])
      terminal.write(`${count(tables.length, 'table')} written to ${printable(lock)}.\n`)
      return Exit.clean
    }
    const bytes = bytesAt(lock)
    if (bytes === null) return fail('is not there; abi3lint capi lock writes it')
    const published = readLock(bytes.toString('utf8'))
    if (published === null) return fail('was not written by abi3lint capi lock')
    const { changes, unlisted } = compareTables(published, tables)
    writeChanges(changes, terminal)
    for (const { capsule, what } of unlisted)
      terminal.write(`${printable(`"${capsule}"`)} ${sayings[what](printable(lock))}: run abi3lint capi lock.\n`)
    terminal.write(`${count(tables.length, 'table')}, ${count(changes.length, 'change')}.\n`)
    return changes.length > 0 ? Exit.findings : Exit.clean
  } catch (error) {
    if (error instanceof Error && 'code' in error) return fail(`cannot be read or written: ${reason(error)}`)
    throw error
  }
}

/** What is said of a table that is not what was published, and need not be. */
const sayings = {
  new: (lock: string) => `is not in ${lock}`,
  grown: (lock: string) => `has more than ${lock} says`,
  version: (lock: string) => `has another version than ${lock} says`,
} as const

/** Tables that have grown since they were published, and do not say so: writing that down would hide it. */
function versionsNotRaised(lock: Uint8Array | null, tables: readonly PublishedTable[]): readonly TableChange[] {
  const published = lock && readLock(Buffer.from(lock).toString('utf8'))
  return published ? compareTables(published, tables).changes.filter(({ isOfVersion }) => isOfVersion) : []
}

function writeChanges(changes: readonly TableChange[], terminal: Terminal): void {
  for (const { message } of changes) terminal.write(`error[changed-capsule-table] ${printable(message)}\n`)
  if (changes.some(({ isOfVersion }) => !isOfVersion))
    terminal.write('  = Keep what was published as it is, and add at the end; or give the table another version.\n')
  if (changes.some(({ isOfVersion }) => isOfVersion))
    terminal.write('  = Users ask for the minor version before they use what was added: raise it with each release.\n')
}
