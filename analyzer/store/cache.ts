import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  statSync,
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

/** Written entry by entry; what a run that was killed has left goes after so many milliseconds. */
const abandoned = 600_000

const tag = 'CACHEDIR.TAG'
const tagText = `Signature: 8a477f597d28d172789f06886806bc55
# This directory was made by abi3lint. What it is: https://bford.info/cachedir/
`
const ignoreFile = '.gitignore'
const secretFile = 'secret'
const isEntry = (name: string): boolean => /^[0-9a-f]{64}$/.test(name)
const isUnfinished = (name: string): boolean => /^[0-9a-f]{24}\.new$/.test(name)

/** Bytes of a signature and of a secret: those of SHA-256. */
const signatureLength = 32

/**
 * @param directory it is made where there is none
 * @param secrets the directory that has the secret for it; null where it is in the cache itself, as somebody named that
 * @returns null where nothing can be kept there
 */
export function openCache(directory: string, secrets: string | null): Cache | null {
  try {
    make(directory)
    if (secrets !== null) mkdirSync(systemPath(secrets), { recursive: true, mode: 0o700 })
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
    const names = readdirSync(systemPath(directory))
    if (!names.includes(tag)) return { problem: `it has no ${tag}, so it was not made by abi3lint` }
    const entries = names.filter(isEntry)
    const own = [ignoreFile, secretFile, tag]
    for (const name of names) if (isEntry(name) || isUnfinished(name) || own.includes(name)) remove(directory, name)
    if (readdirSync(systemPath(directory)).length === 0) rmdirSync(systemPath(directory))
    return entries.length
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
      const bytes = readRegular(path, largestEntry + signatureLength)
      const content = bytes.subarray(signatureLength)
      const signature = bytes.subarray(0, signatureLength)
      if (bytes.length < signatureLength || !timingSafeEqual(signature, this.sign(file, [content]))) return null
      const now = new Date()
      utimesSync(systemPath(path), now, now)
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
      writeWhole(join(this.directory, unfinished), [this.sign(file, parts), ...parts])
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
      else if (now - stats.mtimeMs > abandoned) remove(this.directory, name)
    }
    let all = entries.reduce((sum, { size }) => sum + size, 0)
    for (const { name, size } of all <= most ? [] : entries.sort((a, b) => a.used - b.used)) {
      if (all <= most) break
      remove(this.directory, name)
      all -= size
    }
  }
}

const fileOf = (name: string): string => createHash('sha256').update(name).digest('hex')

/** Makes a directory that backups and git leave out. @throws where it is none, but a link */
function make(directory: string): void {
  if (!isDirectory(directory)) mkdirSync(systemPath(directory), { recursive: true })
  if (!isDirectory(directory)) throw new Error('it is no directory')
  if (readdirSync(systemPath(directory)).includes(tag)) return
  writeNew(join(directory, ignoreFile), Buffer.from('*\n'))
  writeNew(join(directory, tag), Buffer.from(tagText))
}

/** Whether there is a directory of that very name, no link to one. */
const isDirectory = (path: string): boolean =>
  lstatSync(systemPath(path), { throwIfNoEntry: false })?.isDirectory() === true

/** The secret of a directory, made where there is none. @throws where it cannot be read or written */
function secretIn(directory: string): Buffer {
  const path = join(directory, secretFile)
  if (statSync(systemPath(path), { throwIfNoEntry: false }) === undefined) writeNew(path, randomBytes(signatureLength))
  const secret = readRegular(path, signatureLength)
  if (secret.length !== signatureLength) throw new Error('it is no secret')
  return secret
}

/** Writes a file that is not there; one that is stays as it is. */
function writeNew(path: string, bytes: Uint8Array): void {
  // By way of another name, so that nobody reads half of it.
  const unfinished = join(dirname(path), `${randomBytes(12).toString('hex')}.new`)
  if (lstatSync(systemPath(path), { throwIfNoEntry: false }) !== undefined) return
  writeWhole(unfinished, [bytes])
  renameSync(systemPath(unfinished), systemPath(path))
}

/** @throws where the file is there, or cannot be written whole */
function writeWhole(path: string, parts: readonly Uint8Array[]): void {
  const file = openSync(systemPath(path), 'wx', 0o600)
  try {
    for (const part of parts)
      for (let done = 0; done < part.length; ) done += writeSync(file, part, done, part.length - done)
  } finally {
    closeSync(file)
  }
}

function remove(directory: string, name: string): void {
  try {
    unlinkSync(systemPath(join(directory, name)))
  } catch {
    // Somebody else has done it, or may not.
  }
}
