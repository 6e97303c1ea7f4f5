import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { pathOfBytes, systemPath } from '../../analyzer/store/system-path.ts'
import { remove, statsOf } from './stage.ts'

/** Files that are there while a process works, named after it, and what is known of the processes that make them. */

/** For how long a file has not been written to, in milliseconds; of one that cannot be looked at, for ever. */
export function ageOf(path: string): number {
  try {
    return Math.abs(Date.now() - (statsOf(path)?.mtimeMs ?? 0))
  } catch {
    return Date.now()
  }
}

/** What a temporary file is for: a journal, one that takes its place, a report, or what is to be committed. */
export type Purpose = 'journal' | 'new' | 'output' | 'commit'

/** A name for a file of a process of this place, else this one: it says which, and nothing else has it. */
export const temporaryName = (purpose: Purpose, pid = process.pid): string =>
  `.abi3lint-${purpose}.${pid}-${processOf(pid).started}-${placeDigits()}${randomBytes(6).toString('hex')}`

const pattern = /^\.abi3lint-(journal|new|output|commit)\.(\d+)-(\d*)-([0-9a-f]{12})[0-9a-f]{12}$/

/** The names of what is in a directory; none where it cannot be read. */
export function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(systemPath(directory), { encoding: 'buffer' }).map(pathOfBytes)
  } catch {
    return []
  }
}

/** The names of temporary files for some purposes in a directory; none where it cannot be read. */
export const temporariesIn = (directory: string, purposes: readonly Purpose[]): readonly string[] =>
  namesIn(directory).filter((name) => purposes.includes(pattern.exec(name)?.[1] as Purpose))

/** How old a temporary of an unknown place is when nobody works at it, in milliseconds. */
export const abandoned = 30_000

/** Whether the process that made a temporary file may be at work. Of another place nobody here knows who is alive. */
export function isOfRunning(path: string, name: string): boolean {
  const [, , pid, started, place] = pattern.exec(name)!
  if (place !== placeDigits()) return ageOf(path) < abandoned
  if (!isAlive(Number(pid))) return false
  const now = processOf(Number(pid))
  return now.isRunning && (started === '' || now.started === '' || now.started === started)
}

/** Whether there is a process with a number. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * When a process was started, in ticks since the system was, since numbers are given again; empty where the system does
 * not say. It does not run where it has ended and nobody has asked how. Source: proc(5).
 */
function processOf(pid: number): { readonly started: string; readonly isRunning: boolean } {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { started: fields[19] ?? '', isRunning: !/^[ZX]/.test(fields[0]!) }
  } catch {
    return { started: '', isRunning: true }
  }
}

let known: string | null = null
/** The machine since it was started, and the space of its process numbers. */
const placeDigits = (): string => (known ??= createHash('sha256').update(placeOfProcess()).digest('hex').slice(0, 12))

function placeOfProcess(): string {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}

/** Takes away what processes have left in a directory that were killed before it was whole. */
export function removeTemporaries(directory: string): void {
  for (const name of temporariesIn(directory, ['new', 'output'])) {
    const path = join(directory, name)
    if (isOfRunning(path, name)) continue
    try {
      remove(path)
    } catch {
      // It is somebody else's.
    }
  }
}
