import type { Bytes } from './bytes.ts'

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

/** More than any module has; what a hostile file has beyond them is not looked at. */
export const mostPointers = 2_000_000
