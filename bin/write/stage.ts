import { randomBytes } from 'node:crypto'
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { readRegular } from '../../analyzer/store/regular-file.ts'
import { systemPath } from '../../analyzer/store/system-path.ts'

/** Single files: written under another name beside their own, whole, and then renamed. */

/** A name in the directory of a file that nobody can guess, and that is short enough whatever the file is called. */
export const nameBeside = (path: string): string => join(dirname(path), `.abi3lint-${randomBytes(8).toString('hex')}`)

/** Whether a name is one that `nameBeside` gives for a file. */
export const isBeside = (path: string, file: string): boolean =>
  dirname(path) === dirname(file) && /^\.abi3lint-[0-9a-f]{16}$/.test(basename(path))

/** What the system says of a file; null where there is none. */
export const statsOf = (path: string): Stats | null => statSync(systemPath(path), { throwIfNoEntry: false }) ?? null

/** The bytes of a file; null where there is none. @throws where it cannot be read, or is no regular file */
export function bytesAt(path: string): Buffer | null {
  try {
    return readRegular(path, Infinity)
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** Whether an error says that there is no such file, or no directory for it. */
export const isMissing = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')

export const sameBytes = (one: Uint8Array | null, other: Uint8Array | null): boolean =>
  one === null || other === null ? one === other : Buffer.compare(one, other) === 0

/**
 * Makes a file that must not be there, and sees to it that every byte is on the disk.
 * @param like whose mode and, as far as the system allows it, owner it gets; null for those of a new file
 * @throws where that fails; then there is no such file
 */
export function stage(path: string, bytes: Uint8Array, like: Stats | null): void {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0 } = constants
  const file = openSync(systemPath(path), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, like === null ? 0o666 : 0o600)
  try {
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done)
      if (like !== null) {
        keepOwner(file, like)
        fchmodSync(file, like.mode & 0o7777)
      }
      fsyncSync(file)
      if (fstatSync(file).size !== bytes.length) throw new Error('the disk took only a part of it')
    } finally {
      closeSync(file)
    }
  } catch (error) {
    unlinkSync(systemPath(path))
    throw error
  }
}

function keepOwner(file: number, { uid, gid }: Stats): void {
  const now = fstatSync(file)
  if (now.uid === uid && now.gid === gid) return
  try {
    fchownSync(file, uid, gid)
  } catch {
    // Only the superuser may give files away.
  }
}

/**
 * Gives a file a second name, under which it stays when the first one is given to another; where the file system has
 * no such thing, copies it.
 * @throws where neither can be done, or where the file may not be written
 */
export function keep(path: string, second: string): void {
  accessSync(systemPath(path), constants.W_OK)
  try {
    linkSync(systemPath(path), systemPath(second))
  } catch {
    stage(second, readRegular(path, Infinity), statsOf(path))
  }
}

/** Takes a file away, if it is there. @throws where it is and cannot be */
export function remove(path: string): void {
  try {
    unlinkSync(systemPath(path))
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

/** Gives a staged file its name, over what has that name. */
export const rename = (from: string, to: string): void => renameSync(systemPath(from), systemPath(to))

/**
 * Gives a staged file a name that nothing has.
 * @returns whether it did; false where something has that name
 */
export function renameNew(from: string, to: string): boolean {
  try {
    linkSync(systemPath(from), systemPath(to))
    remove(from)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    // A file system without second names.
    if (statsOf(to) !== null) return false
    rename(from, to)
  }
  return true
}

/** Sees to it that the names in a directory are on the disk, where the system can. */
export function settleNames(directory: string): void {
  try {
    const handle = openSync(systemPath(directory), 'r')
    try {
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
  } catch {
    // Windows has no such thing.
  }
}
