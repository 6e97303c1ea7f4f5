import { type Entry, openPromise, type ZipFile } from 'yauzl'
import { systemPath } from './system-path.ts'

/** Bytes. A library is read as a whole; a wheel may say of itself that it holds thousands of gigabytes. */
export const largestMember = 512 * 2 ** 20
const largestWheel = 2 * 2 ** 30
const largestText = 2 ** 20

/** What was found in a wheel besides its libraries. */
export interface WheelContents {
  /** The text of its `WHEEL` file; null where there is none. */
  readonly wheelText: string | null
  /** Members that could not be read, and why. */
  readonly problems: readonly { readonly member: string; readonly message: string }[]
}

/** Shared libraries of all systems, those with a version behind included: `libx.so.6.12`. */
const library = /\.(?:so(?:\.\d+)*|pyd|dylib|dll)$/i

/**
 * Reads the libraries of a wheel, one after the other, so that one at a time is held.
 * @param path of a zip file
 * @param take gets the path inside the wheel and all bytes
 * @throws Error where it cannot be opened or its directory is damaged
 */
export async function readWheel(path: string, take: (member: string, bytes: Buffer) => void): Promise<WheelContents> {
  const problems: { member: string; message: string }[] = []
  let wheelText: string | null = null
  let total = 0
  // It hands the path on to the system, for which bytes are one, too.
  const zip = await openPromise(systemPath(path) as string)
  try {
    for await (const entry of zip.eachEntry()) {
      const member = entry.fileName
      const isWheelText = /^[^/]+\.dist-info\/WHEEL$/.test(member)
      if (!isWheelText && !library.test(member)) continue
      total += entry.uncompressedSize
      const limit = isWheelText ? largestText : largestMember
      if (entry.uncompressedSize > limit || total > largestWheel) {
        const size =
          entry.uncompressedSize > limit
            ? `it says that it has ${entry.uncompressedSize} bytes; up to ${limit} are read`
            : `the libraries of a wheel are read up to ${largestWheel} bytes in all`
        problems.push({ member, message: `is too large: ${size}` })
        continue
      }
      try {
        const bytes = await unpack(zip, entry)
        if (isWheelText) wheelText = bytes.toString('utf8')
        else take(member, bytes)
      } catch (error) {
        problems.push({
          member,
          message: `cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`,
        })
      }
    }
  } finally {
    zip.close()
  }
  return { wheelText, problems }
}

/** The bytes of a member; never more than the wheel's directory says. */
async function unpack(zip: ZipFile, entry: Entry): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of await zip.openReadStreamPromise(entry)) parts.push(part as Buffer)
  return Buffer.concat(parts)
}
