import { crc32, deflateRawSync } from 'node:zlib'

/** A file for an archive; its name is ASCII, with `/`. */
export interface ZipEntry {
  readonly name: string
  readonly bytes: Uint8Array
}

/**
 * A zip archive, the same for the same files: each is of the first day of the format, and may be read by all and written
 * by its owner. Source: APPNOTE.TXT 6.3.10, 4.3.
 * @param entries in their order; less than 4 GB in all, and less than 65536
 */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  const put = (list: Buffer[], ...bytes: readonly Buffer[]): void => {
    list.push(...bytes)
    if (list === parts) offset += bytes.reduce((sum, { length }) => sum + length, 0)
  }
  for (const { name, bytes } of entries) {
    const packed = deflateRawSync(bytes, { level: 9 })
    const nameBytes = Buffer.from(name, 'ascii')
    const common = fields([
      [2, versionNeeded],
      [2, 0],
      [2, deflated],
      [2, 0],
      [2, firstDay],
      [4, crc32(bytes)],
      [4, packed.length],
      [4, bytes.length],
      [2, nameBytes.length],
      [2, 0],
    ])
    const end = fields([
      [2, 0],
      [2, 0],
      [2, 0],
      [4, regularFile],
      [4, offset],
    ])
    put(directory, fields([[4, 0x02014b50]]), fields([[2, madeOnUnix]]), common, end, nameBytes)
    put(parts, fields([[4, 0x04034b50]]), common, nameBytes, packed)
  }
  const whole = Buffer.concat(directory)
  const end = fields([
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, entries.length],
    [2, entries.length],
    [4, whole.length],
    [4, offset],
    [2, 0],
  ])
  return Buffer.concat([...parts, whole, end])
}

/** Numbers one after the other, little-endian. */
function fields(numbers: readonly (readonly [bytes: 2 | 4, value: number])[]): Buffer {
  const buffer = Buffer.alloc(numbers.reduce((sum, [bytes]) => sum + bytes, 0))
  let at = 0
  for (const [bytes, value] of numbers) at = buffer.writeUIntLE(value, at, bytes)
  return buffer
}

/** 2.0, of the format with deflated files. */
const versionNeeded = 20
const deflated = 8
/** 1 January 1980, as MS-DOS counts: year 0, month 1, day 1. */
const firstDay = (1 << 5) | 1
/** Version 3.0, and that the attributes are those of Unix. */
const madeOnUnix = (3 << 8) | 30
/** The mode `-rw-r--r--` in the upper half. */
const regularFile = 0o100644 * 0x10000
