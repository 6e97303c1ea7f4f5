import { crc32, deflateRawSync } from 'node:zlib'

/** A file for an archive; its name is ASCII, with `/`. */
export interface ZipEntry {
  readonly name: string
  readonly bytes: Uint8Array
}

/**
 * A zip archive, the same for the same files: each is of the first day of the format, and may be read by all and
 * written by its owner. Source: APPNOTE.TXT 6.3.10, 4.3.
 * @param entries in their order; less than 4 GB in all, and less than 65536
 */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, bytes } of entries) {
    const packed = deflateRawSync(bytes, { level: 9 })
    const nameBytes = Buffer.from(name, 'ascii')
    // Version and flags, method, time and date, checksum, sizes, length of the name, no extra field.
    const shared = Buffer.concat([
      shorts(versionNeeded, 0, deflated, 0, firstDay),
      longs(crc32(bytes), packed.length, bytes.length),
      shorts(nameBytes.length, 0),
    ])
    const file = Buffer.concat([longs(0x04034b50), shared, nameBytes, packed])
    // No comment, the first disk, no attributes of MS-DOS.
    const rest = [shorts(0, 0, 0), longs(regularFile, offset), nameBytes]
    directory.push(Buffer.concat([longs(0x02014b50), shorts(madeOnUnix), shared, ...rest]))
    files.push(file)
    offset += file.length
  }
  const list = Buffer.concat(directory)
  const end = [longs(0x06054b50), shorts(0, 0, entries.length, entries.length), longs(list.length, offset), shorts(0)]
  return Buffer.concat([Buffer.concat(files), list, Buffer.concat(end)])
}

/** Numbers of so many bytes, little-endian. */
function numbers(size: 2 | 4, values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(size * values.length)
  for (const [index, value] of values.entries()) buffer.writeUIntLE(value, size * index, size)
  return buffer
}
const shorts = (...values: readonly number[]): Buffer => numbers(2, values)
const longs = (...values: readonly number[]): Buffer => numbers(4, values)

/** 2.0, of the format with deflated files. */
const versionNeeded = 20
const deflated = 8
/** 1 January 1980, as MS-DOS counts: year 0, month 1, day 1. */
const firstDay = (1 << 5) | 1
/** Version 3.0, and that the attributes are those of Unix. */
const madeOnUnix = (3 << 8) | 30
/** The mode `-rw-r--r--` in the upper half. */
const regularFile = 0o100644 * 0x10000
