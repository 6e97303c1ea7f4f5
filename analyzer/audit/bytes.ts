import { asByteText } from '../source/text.ts'
import { BinaryError } from './image.ts'

/** Longer names are no names of Python's. */
const longestName = 512
/** CPython has some thousands; a hostile file may give each of its million symbols the same long name. */
const mostNames = 100_000

/**
 * A file's bytes, read in its byte order. Every read outside of them throws a `BinaryError`; offsets are in bytes,
 * from 0.
 */
export class Bytes {
  private readonly view: DataView
  readonly length: number
  private names = 0
  /** The names read so far, by where they stand: a hostile file may ask for one again and again. */
  private readonly texts = new Map<number, string>()

  constructor(
    private readonly bytes: Uint8Array,
    private readonly littleEndian: boolean,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.length = bytes.byteLength
  }

  /** @throws BinaryError where a part is not inside the file */
  need(offset: number, size: number): void {
    if (!(offset >= 0 && size >= 0 && offset + size <= this.length)) {
      throw new BinaryError(
        `is cut off or damaged: it says that there is something at byte ${offset}, and has ${this.length} bytes`,
      )
    }
  }

  u8(offset: number): number {
    this.need(offset, 1)
    return this.view.getUint8(offset)
  }

  u16(offset: number): number {
    this.need(offset, 2)
    return this.view.getUint16(offset, this.littleEndian)
  }

  u32(offset: number): number {
    this.need(offset, 4)
    return this.view.getUint32(offset, this.littleEndian)
  }

  /** As a number: beyond 2^53 it is inexact, and far outside of any file. */
  u64(offset: number): number {
    this.need(offset, 8)
    return Number(this.view.getBigUint64(offset, this.littleEndian))
  }

  /** The upper and the lower half of 8 bytes. */
  halves(offset: number): readonly [high: number, low: number] {
    const [first, second] = [this.u32(offset), this.u32(offset + 4)]
    return this.littleEndian ? [second, first] : [first, second]
  }

  /** An address or a size: 8 bytes or 4. */
  word(offset: number, wide: boolean): number {
    return wide ? this.u64(offset) : this.u32(offset)
  }

  part(offset: number, size: number): Uint8Array {
    this.need(offset, size)
    return this.bytes.subarray(offset, offset + size)
  }

  /** The text up to the next zero byte, one character per byte; cut after 512. */
  text(offset: number): string {
    this.need(offset, 1)
    const limit = Math.min(this.length, offset + longestName)
    let end = offset
    while (end < limit && this.bytes[end] !== 0) end++
    return asByteText(this.bytes.subarray(offset, end))
  }

  /** The name at a place if it begins with `Py` or `_Py`, else null: of a million others none is made into text. */
  pythonName(offset: number): string | null {
    this.need(offset, 1)
    const first = this.bytes[offset] === 0x5f ? offset + 1 : offset
    if (this.bytes[first] !== 0x50 || this.bytes[first + 1] !== 0x79) return null
    if (++this.names > mostNames)
      throw new BinaryError(`is damaged: it has more than ${mostNames} names that begin like Python's`)
    const known = this.texts.get(offset) ?? this.text(offset)
    this.texts.set(offset, known)
    return known
  }
}
