import type { Bytes } from './bytes.ts'
import { elfPointers } from './elf-pointers.ts'
import { BinaryError, type Image, type Import } from './image.ts'
import { offsetIn, requiredOffset } from './memory.ts'
import { readModuleData } from './module-data.ts'

const machines: Readonly<Record<number, string>> = {
  3: 'i386',
  20: 'ppc',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x86_64',
  183: 'aarch64',
  243: 'riscv',
  258: 'loongarch',
}
const kinds: Readonly<Record<number, string>> = { 1: 'an object file', 2: 'a program', 4: 'a memory dump' }

const sharedObject = 3
const dynamicSegment = 2
const loadSegment = 1
const dynamicSymbols = 11
const tag = { needed: 1, hash: 4, strings: 5, symbols: 6, gnuHash: 0x6ffffef5 } as const
const weak = 2
const mostLibraries = 4096

/**
 * Reads an ELF shared library by what the loader goes by, its dynamic segment; section headers only tell the number of
 * symbols.
 * @param bytes the file, in its byte order
 * @throws BinaryError
 */
export function readElf(bytes: Bytes): Image {
  const wide = bytes.u8(4) === 2
  const at = (narrow: number, wideOffset: number): number => (wide ? wideOffset : narrow)
  const type = bytes.u16(16)
  if (type !== sharedObject)
    throw new BinaryError(`is ${kinds[type] ?? `an ELF file of type ${type}`}, no shared library`)
  const machine = bytes.u16(18)

  const segments = table(
    bytes,
    bytes.word(at(28, 32), wide),
    bytes.u16(at(42, 54)),
    bytes.u16(at(44, 56)),
    at(32, 56),
  ).map((offset) => ({
    type: bytes.u32(offset),
    offset: bytes.word(offset + at(4, 8), wide),
    address: bytes.word(offset + at(8, 16), wide),
    size: bytes.word(offset + at(16, 32), wide),
  }))
  const dynamic = segments.find((segment) => segment.type === dynamicSegment)
  if (!dynamic) throw new BinaryError('has no dynamic segment, so it imports nothing and cannot be a Python extension')
  const loaded = segments.filter((segment) => segment.type === loadSegment)
  const inFile = (address: number): number => requiredOffset(loaded, address)

  const values = new Map<number, number>()
  const neededAt: number[] = []
  const word = at(4, 8)
  bytes.need(dynamic.offset, dynamic.size)
  for (let offset = dynamic.offset; offset + 2 * word <= dynamic.offset + dynamic.size; offset += 2 * word) {
    const key = bytes.word(offset, wide)
    if (key === 0) break
    const value = bytes.word(offset + word, wide)
    if (key === tag.needed) neededAt.push(value)
    else values.set(key, value)
  }
  const strings = values.get(tag.strings)
  const symbols = values.get(tag.symbols)
  if (strings === undefined || symbols === undefined)
    throw new BinaryError('is damaged: its dynamic segment names no symbols')
  const names = inFile(strings)
  const first = inFile(symbols)
  const size = at(16, 24)
  const count = sectionCount(bytes, wide, size) ?? hashedCount(bytes, values, machine, wide, inFile)
  bytes.need(first, count * size)

  const imports: Import[] = []
  const exports: string[] = []
  const isUndefined = (symbol: number): boolean => bytes.u16(symbol + at(14, 6)) === 0
  for (let index = 1; index < count; index++) {
    const symbol = first + index * size
    const binding = bytes.u8(symbol + at(12, 4)) >> 4
    if (binding === 0) continue
    const name = bytes.pythonName(names + bytes.u32(symbol))
    if (name === null) continue
    const visibility = bytes.u8(symbol + at(13, 5)) & 3
    if (isUndefined(symbol)) imports.push({ name, library: null, weak: binding === weak })
    else if (visibility === 0 || visibility === 3) exports.push(name)
  }
  return {
    architecture: machines[machine] ?? `machine ${machine}`,
    imports,
    exports,
    needed: neededAt.slice(0, mostLibraries).map((offset) => bytes.text(names + offset)),
    data: readModuleData(exports, () => ({
      bytes,
      wide,
      offsetOf: (address, length) => offsetIn(loaded, address, length),
      pointers: elfPointers({
        bytes,
        wide,
        machine,
        values,
        inFile,
        symbolAddress: (index) => {
          const symbol = first + index * size
          return isUndefined(symbol) ? null : bytes.word(symbol + at(4, 8), wide)
        },
      }),
    })),
  }
}

/** The offsets of the entries of a table. */
function table(bytes: Bytes, offset: number, entrySize: number, count: number, least: number): number[] {
  if (count === 0) return []
  if (entrySize < least) throw new BinaryError('is damaged: the entries of its header tables are too small')
  bytes.need(offset, entrySize * count)
  return Array.from({ length: count }, (_, index) => offset + index * entrySize)
}

/** The number of dynamic symbols by the section headers; null where those were stripped. */
function sectionCount(bytes: Bytes, wide: boolean, symbolSize: number): number | null {
  const offset = bytes.word(wide ? 40 : 32, wide)
  if (offset === 0) return null
  const sections = table(bytes, offset, bytes.u16(wide ? 58 : 46), bytes.u16(wide ? 60 : 48), wide ? 64 : 40)
  const section = sections.find((each) => bytes.u32(each + 4) === dynamicSymbols)
  return section === undefined ? null : Math.floor(bytes.word(section + (wide ? 32 : 20), wide) / symbolSize)
}

/** The number of dynamic symbols by the hash tables that the loader uses. */
function hashedCount(
  bytes: Bytes,
  values: ReadonlyMap<number, number>,
  machine: number,
  wide: boolean,
  inFile: (address: number) => number,
): number {
  const hash = values.get(tag.hash)
  // s390x alone has a table of 8-byte words.
  if (hash !== undefined) return machine === 22 && wide ? bytes.u64(inFile(hash) + 8) : bytes.u32(inFile(hash) + 4)
  const gnuHash = values.get(tag.gnuHash)
  if (gnuHash === undefined) throw new BinaryError('is damaged: nothing tells the number of its symbols')
  const offset = inFile(gnuHash)
  const bucketCount = bytes.u32(offset)
  const firstHashed = bytes.u32(offset + 4)
  const buckets = offset + 16 + bytes.u32(offset + 8) * (wide ? 8 : 4)
  bytes.need(buckets, bucketCount * 4)
  let last = 0
  for (let index = 0; index < bucketCount; index++) last = Math.max(last, bytes.u32(buckets + index * 4))
  if (last < firstHashed) return firstHashed
  // The lowest bit marks the end of a chain.
  while ((bytes.u32(buckets + bucketCount * 4 + (last - firstHashed) * 4) & 1) === 0) last++
  return last + 1
}
