import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { systemPath } from '../../analyzer/store/system-path.ts'
import { remove, statsOf } from './stage.ts'

/** Files that are there for milliseconds, and what is known of the processes that make them. */

/** A process. */
export interface Owner {
  readonly pid: number
  /** When it was started, since numbers are given again; empty where the system does not say. */
  readonly started: string
  /** The machine since it was started, and the space of its process numbers. */
  readonly place: string
}

/** For how long a file has not been written to, in milliseconds. */
export const ageOf = (path: string): number => Math.abs(Date.now() - (statsOf(path)?.mtimeMs ?? 0))

/** Whether a process of this place is alive. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

let known: Owner | null = null
/** This process. */
export const self = (): Owner =>
  (known ??= { pid: process.pid, started: startOf(process.pid), place: placeOfProcess() })

/** When a process was started, in ticks since the system was; empty where the system does not say. Source: proc(5). */
export function startOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

function placeOfProcess(): string {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}

/** What a temporary file is for. */
type Purpose = 'journal' | 'output'

/** A name for a file that a process of this place, else this one, has not finished. */
export const temporaryName = (purpose: Purpose, pid = process.pid): string =>
  `.abi3lint-${purpose}.${pid}-${placeDigits()}${randomBytes(3).toString('hex')}`

const placeDigits = (): string => createHash('sha256').update(self().place).digest('hex').slice(0, 6)

/** Takes away what processes have left in a directory that were killed. */
export function removeTemporaries(directory: string): void {
  let names: readonly string[]
  try {
    names = readdirSync(systemPath(directory))
  } catch {
    return
  }
  for (const name of names) {
    const [, pid, digits] = /^\.abi3lint-(?:journal|output)\.(\d+)-([0-9a-f]{6})[0-9a-f]{6}$/.exec(name) ?? []
    const path = join(directory, name)
    if (pid === undefined || Number(pid) === process.pid || isAlive(Number(pid))) continue
    // Of another place nobody here knows what is alive there, but a temporary lives for milliseconds.
    if (digits !== placeDigits() && ageOf(path) <= 1000) continue
    try {
      remove(path)
    } catch {
      // It is somebody else's.
    }
  }
}
