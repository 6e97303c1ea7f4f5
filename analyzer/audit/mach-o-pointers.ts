import type { Bytes } from './bytes.ts'
import { type LoadedPart, mostPointers } from './memory.ts'

/** A part of a Mach-O file that is loaded. */
export interface Segment extends LoadedPart {
  /** `__TEXT`, `__DATA_CONST` */
  readonly name: string
}

/** Reads a load command that says where a segment goes. */
export function segmentAt(bytes: Bytes, command: number, wide: boolean): Segment {
  const word = wide ? 8 : 4
  const field = (index: number): number => bytes.word(command + 24 + index * word, wide)
  return { name: bytes.text(command + 8).slice(0, 16), address: field(0), offset: field(2), size: field(3) }
}

/**
 * Where the pointers in the data of a Mach-O file lead.
 * @param fixups where the chains of pointers are described (`LC_DYLD_CHAINED_FIXUPS`); null in files of older linkers,
 *   whose data has the addresses themselves: whatever is one is taken for a pointer
 */
export function machOPointers(
  bytes: Bytes,
  wide: boolean,
  segments: readonly Segment[],
  fixups: number | null,
): ReadonlyMap<number, number | null> {
  if (fixups !== null) return chained(bytes, segments, fixups)
  const pointers = new Map<number, number | null>()
  const word = wide ? 8 : 4
  for (const { name, address, offset, size } of segments) {
    if (!name.startsWith('__DATA')) continue
    bytes.need(offset, size)
    for (let at = 0; at + word <= size && pointers.size < mostPointers; at += word) {
      const target = bytes.word(offset + at, wide)
      if (target !== 0 && segments.some((each) => target >= each.address && target < each.address + each.size))
        pointers.set(address + at, target)
    }
  }
  return pointers
}

/** `DYLD_CHAINED_PTR_64`: addresses; `DYLD_CHAINED_PTR_64_OFFSET`: from where the image begins. */
const [addresses, offsets] = [2, 6]
const noPointer = 0xffff

function chained(bytes: Bytes, segments: readonly Segment[], fixups: number): ReadonlyMap<number, number | null> {
  const pointers = new Map<number, number | null>()
  const base = segments.find(({ name }) => name === '__TEXT')?.address ?? 0
  const starts = fixups + bytes.u32(fixups + 4)
  for (const [index, segment] of segments.entries()) {
    const described = index < bytes.u32(starts) ? bytes.u32(starts + 4 + index * 4) : 0
    if (described === 0) continue
    const at = starts + described
    const format = bytes.u16(at + 6)
    if (format !== addresses && format !== offsets) continue
    for (let page = 0; page < bytes.u16(at + 20); page++) {
      const start = bytes.u16(at + 22 + page * 2)
      if (start === noPointer) continue
      for (let place = page * bytes.u16(at + 4) + start; pointers.size < mostPointers; ) {
        const [high, low] = bytes.halves(segment.offset + place)
        // Above the 36 bits of the target are eight for tags, twelve for the way to the next pointer, in steps of four
        // bytes, and one for what another library has.
        const target = low + (high & 0xf) * 0x1_0000_0000 + (format === offsets ? base : 0)
        pointers.set(segment.address + place, high >>> 31 === 1 ? null : target)
        const step = ((high >>> 19) & 0xfff) * 4
        if (step === 0) break
        place += step
      }
    }
  }
  return pointers
}
