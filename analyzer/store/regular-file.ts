import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { systemPath } from './system-path.ts'

/** The most bytes that are read of a source or a build file. */
export const largestText = 64 << 20

/**
 * Reads a regular file. A device, a FIFO or a socket is not waited for, whatever a link or an include names.
 * @param most how many bytes it may have
 * @throws what the system says, or an Error whose message goes after `cannot be read: `
 */
export function readRegular(path: string, most: number = largestText): Buffer {
  const { O_RDONLY, O_NONBLOCK = 0, O_NOCTTY = 0 } = constants
  const file = openSync(systemPath(path), O_RDONLY | O_NONBLOCK | O_NOCTTY)
  try {
    const stats = fstatSync(file)
    const problem = problemOf(stats)
    if (problem !== null) throw new Error(problem)
    const parts: Buffer[] = []
    // What the system makes up as it is read (`/proc`) has no size before; what grows meanwhile has more.
    for (let all = 0, size = stats.size + 1; ; size = 1 << 16) {
      if (stats.size > most || all > most) throw new Error(`it is larger than ${most >> 20} MiB`)
      const part = Buffer.allocUnsafe(size)
      const count = readSync(file, part, 0, size, null)
      if (count === 0) return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
      parts.push(part.subarray(0, count))
      all += count
    }
  } finally {
    closeSync(file)
  }
}

/** Why what is not a regular file is not read, to go after `cannot be read: `; null for a regular file. */
export function problemOf(stats: Pick<Stats, 'isFile' | 'isDirectory' | 'isFIFO' | 'isSocket'>): string | null {
  if (stats.isFile()) return null
  if (stats.isDirectory()) return 'it is a directory'
  return `it is no regular file but a ${stats.isFIFO() ? 'FIFO' : stats.isSocket() ? 'socket' : 'device'}`
}
