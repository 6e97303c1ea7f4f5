import { randomBytes } from 'node:crypto'
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  openSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { readRegular } from '../../analyzer/store/regular-file.ts'
import { systemPath } from '../../analyzer/store/system-path.ts'

/** Single files: written under another name beside their own, whole, and then renamed. */

/** A name in the directory of a file that nobody can guess, and that is short enough whatever the file is called. */
export const nameBeside = (path: string): string => join(dirname(path), `.abi3lint-${randomBytes(8).toString('hex')}`)

/** Whether a name is one that `nameBeside` gives. */
export const isBesideName = (name: string): boolean => /^\.abi3lint-[0-9a-f]{16}$/.test(name)

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
 * @param content its bytes, one part after the other
 * @param like whose mode and, as far as the system allows it, owner it gets; null for those of a new file
 * @param settles whether it is to be there after the power was cut
 * @throws where that fails; then there is no such file
 */
export function stage(path: string, content: Iterable<Uint8Array>, like: Stats | null, settles = true): void {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0 } = constants
  const file = openSync(systemPath(path), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, like === null ? 0o666 : 0o600)
  try {
    try {
      let size = 0
      for (const bytes of content) {
        for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done)
        size += bytes.length
      }
      if (like !== null) {
        // What runs as its owner must not run as another.
        fchmodSync(file, like.mode & (keepOwner(file, like) ? 0o7777 : 0o777))
      }
      if (settles) fsyncSync(file)
      if (fstatSync(file).size !== size) throw new Error('the disk took only a part of it')
    } finally {
      closeSync(file)
    }
  } catch (error) {
    unlinkSync(systemPath(path))
    throw error
  }
}

/** Gives a file an owner and a group, as far as the system allows it. @returns whether it has both */
function keepOwner(file: number, { uid, gid }: Stats): boolean {
  const now = fstatSync(file)
  if (now.uid === uid && now.gid === gid) return true
  // Only the superuser may give files away; who owns one may give it to a group of his.
  for (const owner of [uid, -1]) {
    try {
      fchownSync(file, owner, gid)
      return owner === uid || now.uid === uid
    } catch {
      // The next one.
    }
  }
  return false
}

/**
 * Sees whether a file may be written, and its name given to another.
 * @throws where not
 */
export function expectReplaceable(path: string, { uid }: Stats): void {
  accessSync(systemPath(path), constants.W_OK)
  const user = process.geteuid?.() ?? 0
  const around = statSync(systemPath(dirname(path)))
  const isSticky = (around.mode & 0o1000) !== 0
  if (isSticky && ![uid, around.uid, 0].includes(user))
    throw new Error('only its owner may replace it in this directory (see chmod(1), "restricted deletion flag")')
}

/**
 * Gives a file a second name, under which it stays when the first one is given to another; where the file system has
 * no such thing, copies it.
 * @returns whether it is a second name; false for a copy
 * @throws where neither can be done
 */
export function keep(path: string, second: string): boolean {
  try {
    linkSync(systemPath(path), systemPath(second))
    return true
  } catch {
    stage(second, [readRegular(path, Infinity)], statsOf(path))
    return false
  }
}

/**
 * Writes over what is in a file, in place, so that it keeps all that the system has beside its text.
 * @returns false where it has other names, too; then nothing is written
 * @throws where that fails; then it may have any text
 */
export function overwrite(path: string, bytes: Uint8Array): boolean {
  const { O_WRONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants
  const file = openSync(systemPath(path), O_WRONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    const { nlink } = fstatSync(file)
    if (nlink > 1) return false
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, done)
    ftruncateSync(file, bytes.length)
    fsyncSync(file)
    if (fstatSync(file).size !== bytes.length) throw new Error('the disk took only a part of it')
    return true
  } finally {
    closeSync(file)
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
