import type { Bytes } from './bytes.ts'
import { BinaryError, type Image, type Import } from './image.ts'
import { mostPointers, offsetIn, requiredOffset } from './memory.ts'
import { readModuleData } from './module-data.ts'

const machines: Readonly<Record<number, string>> = { 0x14c: 'x86', 0x1c4: 'arm', 0x8664: 'x86_64', 0xaa64: 'arm64' }

/** More than any library has: the entries of a hostile file may all lead to the same table. */
const mostNames = 1_000_000
/** Windows loads no more. */
const mostSections = 96
const libraryFlag = 0x2000

/**
 * Reads a PE library by its import, delayed import and export tables.
 * @param bytes the file
 * @throws BinaryError
 */
export function readPe(bytes: Bytes): Image {
  const header = bytes.u32(0x3c)
  if (bytes.u32(header) !== 0x4550) throw new BinaryError('is a program for DOS, no library for Windows')
  const machine = bytes.u16(header + 4)
  if ((bytes.u16(header + 22) & libraryFlag) === 0) throw new BinaryError('is a program for Windows, no library')
  const optional = header + 24
  const magic = bytes.u16(optional)
  if (magic !== 0x10b && magic !== 0x20b) throw new BinaryError('is damaged: its optional header is of no known kind')
  const wide = magic === 0x20b
  const directories = optional + (wide ? 112 : 96)
  const directoryCount = bytes.u32(directories - 4)
  const imageBase = wide ? bytes.u64(optional + 24) : bytes.u32(optional + 28)
  const sectionTable = optional + bytes.u16(header + 20)
  const sectionCount = bytes.u16(header + 6)
  if (sectionCount > mostSections) throw new BinaryError(`is damaged: it has more than ${mostSections} sections`)
  const sections = Array.from({ length: sectionCount }, (_, index) => {
    const section = sectionTable + index * 40
    return { size: bytes.u32(section + 16), address: bytes.u32(section + 12), offset: bytes.u32(section + 20) }
  })
  const inFile = (address: number): number => requiredOffset(sections, address)
  const directory = (index: number): number => (index < directoryCount ? bytes.u32(directories + index * 8) : 0)
  const directorySize = (index: number): number => (index < directoryCount ? bytes.u32(directories + index * 8 + 4) : 0)

  const imports: Import[] = []
  const needed: string[] = []
  let seen = 0
  const count = (): void => {
    if (++seen > mostNames) throw new BinaryError(`is damaged: it has more than ${mostNames} imports and exports`)
  }
  const take = (nameAddress: number, namesAddress: number, isDelayed: boolean): void => {
    count()
    const library = bytes.text(inFile(nameAddress))
    if (!isDelayed) needed.push(library)
    const size = wide ? 8 : 4
    for (let thunk = inFile(namesAddress); ; thunk += size) {
      count()
      const low = bytes.u32(thunk)
      const high = wide ? bytes.u32(thunk + 4) : low
      if (low === 0 && high === 0) return
      // The highest bit marks a number in place of a name.
      if (high >>> 31 === 1) continue
      const name = bytes.pythonName(inFile(low) + 2)
      if (name !== null) imports.push({ name, library, weak: isDelayed })
    }
  }

  const importTable = directory(1)
  if (importTable !== 0) {
    for (let entry = inFile(importTable); bytes.u32(entry + 12) !== 0; entry += 20) {
      const names = bytes.u32(entry)
      take(bytes.u32(entry + 12), names === 0 ? bytes.u32(entry + 16) : names, false)
    }
  }
  const delayTable = directory(13)
  if (delayTable !== 0) {
    for (let entry = inFile(delayTable); bytes.u32(entry + 4) !== 0; entry += 32) {
      // Old linkers wrote addresses in place of offsets from the image's base.
      const base = (bytes.u32(entry) & 1) === 1 ? 0 : imageBase
      take(bytes.u32(entry + 4) - base, bytes.u32(entry + 16) - base, true)
    }
  }

  const exports: string[] = []
  const exportTable = directory(0)
  if (exportTable !== 0) {
    const entry = inFile(exportTable)
    const length = bytes.u32(entry + 24)
    const names = length === 0 ? 0 : inFile(bytes.u32(entry + 32))
    bytes.need(names, length * 4)
    for (let index = 0; index < length; index++) {
      count()
      const name = bytes.pythonName(inFile(bytes.u32(names + index * 4)))
      if (name !== null) exports.push(name)
    }
  }
  const data = readModuleData(exports, () => ({
    bytes,
    wide,
    offsetOf: (address, length) => offsetIn(sections, address, length),
    pointers: pointersOf(bytes, wide, imageBase, inFile, directory(5), directorySize(5)),
  }))
  return { architecture: machines[machine] ?? `machine ${machine}`, imports, exports, needed, data }
}

/** Where pointers lead, by the table of those that change when the library is not loaded to where it wants to be. */
function pointersOf(
  bytes: Bytes,
  wide: boolean,
  imageBase: number,
  inFile: (address: number) => number,
  table: number,
  tableSize: number,
): ReadonlyMap<number, number> {
  const pointers = new Map<number, number>()
  const wanted = wide ? 10 : 3
  let block = table === 0 ? 0 : inFile(table)
  for (const end = block + tableSize; block + 8 <= end; ) {
    const page = bytes.u32(block)
    const size = bytes.u32(block + 4)
    if (size < 8) break
    for (let entry = block + 8; entry + 2 <= block + size && pointers.size < mostPointers; entry += 2) {
      const value = bytes.u16(entry)
      const place = page + (value & 0xfff)
      if (value >> 12 === wanted) pointers.set(place, bytes.word(inFile(place), wide) - imageBase)
    }
    block += size
  }
  return pointers
}
