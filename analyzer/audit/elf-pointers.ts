import type { Bytes } from './bytes.ts'
import { mostPointers } from './memory.ts'

/** What is needed of an ELF file to find its pointers. */
export interface ElfTables {
  readonly bytes: Bytes
  readonly wide: boolean
  readonly machine: number
  /** Of the dynamic segment. */
  readonly values: ReadonlyMap<number, number>
  readonly inFile: (address: number) => number
  /** The address of a symbol that the file itself defines; null for another library's. */
  readonly symbolAddress: (index: number) => number | null
}

const tag = { rela: 7, relaSize: 8, rel: 17, relSize: 18, relrSize: 35, relr: 36 } as const

/** By machine: the kinds of relocation that add the address of the image, and that put the address of a symbol. */
const kinds: Readonly<Record<number, readonly [relative: number, absolute: number]>> = {
  3: [8, 1],
  21: [22, 38],
  22: [12, 22],
  40: [23, 2],
  62: [8, 1],
  183: [1027, 257],
  243: [3, 2],
  258: [3, 2],
}

/**
 * Where the pointers in the data of an ELF file lead, by its relocations, with those of `DT_RELR`. Calls and accesses
 * by way of the global offset table are left out.
 */
export function elfPointers(tables: ElfTables): ReadonlyMap<number, number | null> {
  const pointers = new Map<number, number | null>()
  const known = kinds[tables.machine]
  if (known === undefined) return pointers
  readRelocations(tables, tag.rela, tag.relaSize, true, known, pointers)
  readRelocations(tables, tag.rel, tag.relSize, false, known, pointers)
  readPacked(tables, pointers)
  return pointers
}

function readRelocations(
  { bytes, wide, values, inFile, symbolAddress }: ElfTables,
  start: number,
  size: number,
  hasAddend: boolean,
  [relative, absolute]: readonly [number, number],
  pointers: Map<number, number | null>,
): void {
  const address = values.get(start)
  const length = values.get(size) ?? 0
  if (address === undefined || length === 0) return
  const word = wide ? 8 : 4
  const entry = (hasAddend ? 3 : 2) * word
  const first = inFile(address)
  bytes.need(first, length)
  for (let at = first; at + entry <= first + length && pointers.size < mostPointers; at += entry) {
    const place = bytes.word(at, wide)
    const [symbol, kind] = wide ? bytes.halves(at + word) : parted(bytes.u32(at + word))
    if (kind !== relative && kind !== absolute) continue
    const base = kind === relative ? 0 : symbolAddress(symbol)
    pointers.set(place, base === null ? null : base + bytes.word(hasAddend ? at + 2 * word : inFile(place), wide))
  }
}

/** The symbol and the kind in the `r_info` of a 32-bit file; in others they are the halves of it. */
const parted = (info: number): readonly [symbol: number, kind: number] => [info >>> 8, info & 0xff]

/** `DT_RELR`: an address, then words whose bits stand for the words behind it, the lowest bit apart. */
function readPacked({ bytes, wide, values, inFile }: ElfTables, pointers: Map<number, number | null>): void {
  const address = values.get(tag.relr)
  const length = values.get(tag.relrSize) ?? 0
  if (address === undefined || length === 0) return
  const word = wide ? 8 : 4
  const first = inFile(address)
  bytes.need(first, length)
  let place = 0
  const set = (at: number): void => {
    if (pointers.size < mostPointers) pointers.set(at, bytes.word(inFile(at), wide))
  }
  for (let at = first; at + word <= first + length; at += word) {
    const [high, low] = wide ? bytes.halves(at) : [0, bytes.u32(at)]
    if ((low & 1) === 0) {
      place = bytes.word(at, wide)
      set(place)
      place += word
      continue
    }
    for (let bit = 1; bit < 8 * word; bit++)
      if ((((bit < 32 ? low : high) >>> (bit & 31)) & 1) === 1) set(place + (bit - 1) * word)
    place += (8 * word - 1) * word
  }
}
