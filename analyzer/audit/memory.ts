import type { Bytes } from './bytes.ts'
import { BinaryError } from './image.ts'

/** An image as the loader lays it out in memory. Addresses are those that its own tables speak of. */
export interface Memory {
  readonly bytes: Bytes
  /** Pointers have 8 bytes, not 4. */
  readonly wide: boolean
  /** Where in the file a number of bytes stands that is loaded to an address; null where they are not in the file. */
  readonly offsetOf: (address: number, size: number) => number | null
  /** The address that each pointer leads to, by the one where it stands; null for what another library has. */
  readonly pointers: ReadonlyMap<number, number | null>
}

/** A part of a file that is loaded: where, and where it stands in the file. */
export interface LoadedPart {
  readonly address: number
  readonly offset: number
  /** In the file. */
  readonly size: number
}

/** Where in a file a number of bytes stands that is loaded to an address; null where they are not in the file. */
export function offsetIn(parts: readonly LoadedPart[], address: number, size: number): number | null {
  const part = parts.find((each) => address >= each.address && address + size <= each.address + each.size)
  return part === undefined ? null : part.offset + address - part.address
}

/**
 * Where in a file a byte stands that is loaded to an address.
 * @throws BinaryError where it is not in the file
 */
export function requiredOffset(parts: readonly LoadedPart[], address: number): number {
  const offset = offsetIn(parts, address, 1)
  if (offset === null) throw new BinaryError(`is damaged: nothing of it is loaded to the address ${address}`)
  return offset
}

/** More than any module has; what a hostile file has beyond them is not looked at. */
export const mostPointers = 2_000_000
