import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { reason } from './reason.ts'
import { readRegular } from './regular-file.ts'
import { systemPath } from './system-path.ts'

/**
 * A directory with what runs have found out, for those that come after. Whatever goes wrong with it, it is as if
 * nothing were kept. Each entry is signed with a secret, so that one that is cut off, changed, or came with somebody
 * else's repository is none.
 */
export interface Cache {
  /** @returns what is kept under a name; null for nothing */
  get(name: string): Buffer | null
  /** Keeps parts of bytes, one behind the other, under a name, in the place of what was there. */
  put(name: string, parts: readonly Uint8Array[]): void
}

/** Entries together may have so many bytes, and one of them a quarter of that; the ones used last are kept. */
const most = 256 << 20
export const largestEntry = most >> 2

/** So many entries are kept: each time that one is written all are looked at. */
const mostEntries = 1000

/** Written entry by entry; what a run that was killed has left goes after so many milliseconds. */
const abandoned = 600_000

const tag = 'CACHEDIR.TAG'
const tagText = `Signature: 8a477f597d28d172789f06886806bc55
# This directory was made by abi3lint. What it is: https://bford.info/cachedir/
`
/** Modes of files: git of other users and backups are to read what is for them. */
const forAll = 0o644
const forOwner = 0o600

const ignoreFile = '.gitignore'
const secretFile = 'secret'
const isEntry = (name: string): boolean => /^[0-9a-f]{64}$/.test(name)
const isUnfinished = (name: string): boolean => /^[0-9a-f]{24}\.new$/.test(name)
const isOwn = (name: string): boolean =>
  isEntry(name) || isUnfinished(name) || [ignoreFile, secretFile, tag].includes(name)

/** Bytes of a signature and of a secret: those of SHA-256. */
const signatureLength = 32

/**
 * @param directory it is made where there is none; one that holds anything else is not used, as git and backups would
 * leave that out, too
 * @param secrets the directory that has the secret for it; null where it is in the cache itself, as somebody named that
 * @returns null where nothing can be kept there
 */
export function openCache(directory: string, secrets: string | null): Cache | null {
  try {
    if (secrets !== null) mkdirSync(systemPath(secrets), { recursive: true, mode: 0o700 })
    make(directory)
    return new DirectoryCache(directory, secretIn(secrets ?? directory))
  } catch {
    return null
  }
}

/**
 * Takes away what is kept in a directory, and that, if there is nothing else in it.
 * @returns how many entries there were; or why it cannot be done
 */
export function clearCache(directory: string): number | { readonly problem: string } {
  try {
    if (!isDirectory(directory)) return 0
    if (!isMarked(directory)) return { problem: `it has no ${tag} of abi3lint, so it was not made by abi3lint` }
    const names = readdirSync(systemPath(directory)).filter((name) => isOwn(name) && name !== tag)
    const faults = names.flatMap((name) => remove(directory, name) ?? [])
    // The tag goes last: what is left of a directory by a run that was killed is known by it.
    const problem = faults[0] ?? remove(directory, tag)
    if (problem !== null) return { problem }
    removeEmpty(directory)
    return names.filter(isEntry).length
  } catch (error) {
    return { problem: reason(error) }
  }
}

class DirectoryCache implements Cache {
  constructor(
    private readonly directory: string,
    private readonly secret: Buffer,
  ) {}

  get(name: string): Buffer | null {
    const file = fileOf(name)
    try {
      const path = join(this.directory, file)
      const bytes = readOwn(path, largestEntry + signatureLength)
      const content = bytes.subarray(signatureLength)
      const signature = bytes.subarray(0, signatureLength)
      if (bytes.length < signatureLength || !timingSafeEqual(signature, this.sign(file, [content]))) return null
      touch(path)
      return content
    } catch {
      return null
    }
  }

  put(name: string, parts: readonly Uint8Array[]): void {
    if (parts.reduce((sum, { length }) => sum + length, 0) > largestEntry) return
    const file = fileOf(name)
    const unfinished = `${randomBytes(12).toString('hex')}.new`
    try {
      writeWhole(join(this.directory, unfinished), [this.sign(file, parts), ...parts], forOwner)
      renameSync(systemPath(join(this.directory, unfinished)), systemPath(join(this.directory, file)))
      this.bound()
    } catch {
      remove(this.directory, unfinished)
    }
  }

  private sign(file: string, parts: readonly Uint8Array[]): Buffer {
    const signing = createHmac('sha256', this.secret).update(file)
    for (const part of parts) signing.update(part)
    return signing.digest()
  }

  /** Takes away what was used longest ago, until the rest is not too much. */
  private bound(): void {
    const now = Date.now()
    const entries: { readonly name: string; readonly size: number; readonly used: number }[] = []
    for (const name of readdirSync(systemPath(this.directory))) {
      const isNew = isUnfinished(name)
      const stats = isNew || isEntry(name) ? lstatSync(systemPath(join(this.directory, name))) : null
      if (stats === null) continue
      if (!isNew) entries.push({ name, size: stats.size, used: stats.mtimeMs })
      else if (Math.abs(now - stats.mtimeMs) > abandoned) remove(this.directory, name)
    }
    let all = 0
    for (const [index, { name, size }] of entries.sort((a, b) => b.used - a.used).entries()) {
      all += size
      if (all > most || index >= mostEntries) remove(this.directory, name)
    }
  }
}

const fileOf = (name: string): string => createHash('sha256').update(name).digest('hex')

/** Makes a directory that backups and git leave out. @throws where it is none, but a link, or holds something else */
function make(directory: string): void {
  if (!isDirectory(directory)) mkdirSync(systemPath(directory), { recursive: true })
  if (!isDirectory(directory)) throw new Error('it is no directory')
  if (isMarked(directory)) return
  const isMaking = (name: string): boolean => isOwn(name) && name !== tag
  if (!readdirSync(systemPath(directory)).every(isMaking)) throw new Error('it is of somebody else')
  writeNew(join(directory, ignoreFile), Buffer.from('*\n'), forAll)
  writeNew(join(directory, tag), Buffer.from(tagText), forAll)
}

/** Whether there is a directory of that very name, no link to one. */
const isDirectory = (path: string): boolean =>
  lstatSync(systemPath(path), { throwIfNoEntry: false })?.isDirectory() === true

/** Whether a directory was made by abi3lint. */
function isMarked(directory: string): boolean {
  try {
    return readOwn(join(directory, tag), tagText.length).toString() === tagText
  } catch {
    return false
  }
}

/** The secret of a directory, made where there is none. @throws where it cannot be read or written */
function secretIn(directory: string): Buffer {
  const path = join(directory, secretFile)
  const stats = lstatSync(systemPath(path), { throwIfNoEntry: false })
  // Where the power fails a file may stay empty.
  if (stats?.isFile() && stats.size !== signatureLength) remove(directory, secretFile)
  writeNew(path, randomBytes(signatureLength), forOwner)
  const secret = readOwn(path, signatureLength)
  if (secret.length !== signatureLength) throw new Error('it is no secret')
  return secret
}

/** Reads a file. @throws where it is none, but a link, or larger */
function readOwn(path: string, most: number): Buffer {
  // A link may lead to what must not even be opened: to some devices that does something.
  if (!lstatSync(systemPath(path)).isFile()) throw new Error('it is no regular file')
  return readRegular(path, most)
}

/** Writes a file that is not there; one that is stays as it is. @throws where it cannot be written whole */
function writeNew(path: string, bytes: Uint8Array, mode: number): void {
  if (lstatSync(systemPath(path), { throwIfNoEntry: false }) !== undefined) return
  // By way of another name, so that nobody reads half of it.
  const unfinished = `${randomBytes(12).toString('hex')}.new`
  try {
    writeWhole(join(dirname(path), unfinished), [bytes], mode)
    renameSync(systemPath(join(dirname(path), unfinished)), systemPath(path))
  } catch (error) {
    remove(dirname(path), unfinished)
    throw error
  }
}

/** @throws where the file is there, or cannot be written whole */
function writeWhole(path: string, parts: readonly Uint8Array[], mode: number): void {
  const file = openSync(systemPath(path), 'wx', mode)
  try {
    for (const part of parts)
      for (let done = 0; done < part.length; ) done += writeSync(file, part, done, part.length - done)
  } finally {
    closeSync(file)
  }
}

/** Says of a file that it was used. */
function touch(path: string): void {
  try {
    const now = new Date()
    utimesSync(systemPath(path), now, now)
  } catch {
    // It may be on a disk that nobody may write to.
  }
}

/** Takes a file away. @returns why that cannot be done; null where it is away */
function remove(directory: string, name: string): string | null {
  try {
    unlinkSync(systemPath(join(directory, name)))
    return null
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : `${name}: ${reason(error)}`
  }
}

/** Takes a directory away, unless something is in it. */
function removeEmpty(directory: string): void {
  try {
    rmdirSync(systemPath(directory))
  } catch {
    // Somebody else keeps something in it.
  }
}
