import { accessSync, closeSync, constants, fstatSync, openSync, type Stats, writeSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { systemPath } from '../../analyzer/store/system-path.ts'
import { wouldBe } from '../places.ts'
import { remove, rename, stage, statsOf } from './stage.ts'
import { removeTemporaries, temporaryName } from './temporary.ts'

/**
 * Writes a file that somebody named for output, whole or not at all; what is no regular file, such as `/dev/stdout`,
 * is written to, and so is a file that cannot be replaced.
 * @param content its parts, made again where they have to be written again
 * @throws where it cannot be; a FIFO that nobody reads is not waited for
 */
export function writeOutput(path: string, content: () => Iterable<string | Uint8Array>): void {
  const parts: Parts = {
    *[Symbol.iterator]() {
      for (const part of content()) yield Buffer.from(part as Uint8Array)
    },
  }
  const like = statsOf(path)
  const stream = streamOf(path, like)
  const real = wouldBe(path)
  if (like?.isBlockDevice()) throw Object.assign(new Error('it is a disk'), { code: 'ENOTSUP' })
  if (stream !== null) writeAll(stream, parts)
  else if (like !== null && !like.isFile()) writeInto(real, parts, 0)
  else writeFile(real, parts, like)
}

/** The bytes of a file, one part after the other, as often as they are asked for. */
type Parts = Iterable<Uint8Array>

/** @param like what the system says of the file that is there; null for none */
function writeFile(path: string, content: Parts, like: Stats | null): void {
  if (like !== null) accessSync(systemPath(path), constants.W_OK)
  try {
    replace(path, content, like)
  } catch (error) {
    const isKept = ['EACCES', 'EPERM', 'EBUSY', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')
    if (like === null || !isKept) throw error
    writeInto(path, content, constants.O_TRUNC)
  }
}

/** Puts a file in the place of one. */
function replace(path: string, content: Parts, like: Stats | null): void {
  removeTemporaries(dirname(path))
  const staged = join(dirname(path), temporaryName('output'))
  stage(staged, content, like)
  try {
    rename(staged, path)
  } catch (error) {
    remove(staged)
    throw error
  }
}

/**
 * The number of the open file that a path stands for: what this leads to may be a file that somebody adds to. Null for
 * any other.
 */
function streamOf(path: string, stats: Stats | null): number | null {
  const [, descriptor] = /^\/(?:dev\/fd|proc\/self\/fd)\/(\d+)$/.exec(resolve(path)) ?? []
  if (descriptor !== undefined) return Number(descriptor)
  const isThere = (number: number): boolean => {
    try {
      const { dev, ino } = fstatSync(number)
      return dev === stats?.dev && ino === stats.ino
    } catch {
      return false
    }
  }
  return process.platform === 'win32' ? null : ([1, 2].find(isThere) ?? null)
}

/** Writes into what is there. */
function writeInto(path: string, content: Parts, flags: number): void {
  const { O_WRONLY, O_NONBLOCK = 0, O_NOCTTY = 0 } = constants
  const file = openSync(systemPath(path), O_WRONLY | O_NONBLOCK | O_NOCTTY | flags)
  try {
    writeAll(file, content)
  } finally {
    closeSync(file)
  }
}

/** Writes to an open file, as fast as it takes it; a reader that goes away early is no fault. */
function writeAll(file: number, content: Parts): void {
  for (const part of content) if (!writePart(file, part)) return
}

/** @returns false where nobody reads any more */
function writePart(file: number, bytes: Uint8Array): boolean {
  const clock = new Int32Array(new SharedArrayBuffer(4))
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(file, bytes, done, bytes.length - done)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EPIPE') return false
      if (code !== 'EAGAIN') throw error
      Atomics.wait(clock, 0, 0, 5)
    }
  }
  return true
}
