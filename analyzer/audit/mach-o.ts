import { Bytes } from './bytes.ts'
import { BinaryError, type Image, type Import } from './image.ts'
import { machOPointers, type Segment, segmentAt } from './mach-o-pointers.ts'
import { offsetIn } from './memory.ts'
import { readModuleData } from './module-data.ts'

const machines: Readonly<Record<number, string>> = {
  7: 'i386',
  12: 'arm',
  18: 'ppc',
  0x1000007: 'x86_64',
  0x100000c: 'arm64',
  0x200000c: 'arm64_32',
  0x1000012: 'ppc64',
}

/** `MH_DYLIB` and `MH_BUNDLE`: what `dlopen` takes. */
const libraries: ReadonlySet<number> = new Set([6, 8])
const twoLevel = 0x80
const symbolTable = 2
/** `LC_SEGMENT` and `LC_SEGMENT_64` */
const segmentCommands: ReadonlySet<number> = new Set([1, 0x19])
const chainedFixups = 0x80000034
const mostSegments = 256
/**
 * `LC_LOAD_DYLIB`, `..._WEAK_...`, `LC_REEXPORT_DYLIB`, `LC_LAZY_LOAD_DYLIB`, `LC_LOAD_UPWARD_DYLIB`: what ordinals
 * count.
 */
const loads: ReadonlySet<number> = new Set([0xc, 0x80000018, 0x8000001f, 0x20, 0x80000023])
const weakLoad = 0x80000018
const fatArchitectures = 32
const mostLibraries = 4096

/** A library that the symbol's own file is. */
const itself = ''

/**
 * The first four bytes of a Mach-O file of one architecture, or null: whether its byte order is little-endian, and
 * its width.
 */
export function machOMagic(bytes: Uint8Array): { readonly littleEndian: boolean; readonly wide: boolean } | null {
  const magic = bytes.length < 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  switch (magic) {
    case 0xfeedface:
      return { littleEndian: false, wide: false }
    case 0xfeedfacf:
      return { littleEndian: false, wide: true }
    case 0xcefaedfe:
      return { littleEndian: true, wide: false }
    case 0xcffaedfe:
      return { littleEndian: true, wide: true }
    default:
      return null
  }
}

/**
 * The parts of a fat Mach-O file, one for each architecture.
 * @returns null where it is none
 * @throws BinaryError
 */
export function fatParts(file: Uint8Array): Uint8Array[] | null {
  if (file.length < 8) return null
  const bytes = new Bytes(file, false)
  const magic = bytes.u32(0)
  if (magic !== 0xcafebabe && magic !== 0xcafebabf) return null
  const wide = magic === 0xcafebabf
  const count = bytes.u32(4)
  // Java's class files begin with the same bytes, and then have a version.
  if (count === 0 || count > fatArchitectures) throw new BinaryError('is no fat Mach-O file, though it begins like one')
  return Array.from({ length: count }, (_, index) => {
    const entry = 8 + index * (wide ? 32 : 20)
    return bytes.part(bytes.word(entry + 8, wide), bytes.word(entry + (wide ? 16 : 12), wide))
  })
}

/**
 * Reads a Mach-O library or bundle by its symbol table.
 * @param bytes one architecture, in its byte order
 * @throws BinaryError
 */
export function readMachO(bytes: Bytes, wide: boolean): Image {
  const type = bytes.u32(12)
  if (!libraries.has(type)) throw new BinaryError(`is a Mach-O file of type ${type}, neither a bundle nor a library`)
  const isTwoLevel = (bytes.u32(24) & twoLevel) !== 0
  const commands = bytes.u32(16)
  const loaded: string[] = []
  const needed: string[] = []
  const segments: Segment[] = []
  let fixups: number | null = null
  let symtab: number | null = null
  let command = wide ? 32 : 28
  const end = command + bytes.u32(20)
  bytes.need(command, end - command)
  for (let index = 0; index < commands && command < end; index++) {
    const kind = bytes.u32(command)
    const size = bytes.u32(command + 4)
    if (size < 8) throw new BinaryError('is damaged: it has a load command without size')
    if (kind === symbolTable) symtab ??= command
    else if (kind === chainedFixups) fixups ??= bytes.u32(command + 8)
    else if (segmentCommands.has(kind)) {
      if (segments.length < mostSegments) segments.push(segmentAt(bytes, command, kind !== 1))
    } else if (loads.has(kind)) {
      const library = bytes.text(command + bytes.u32(command + 8))
      loaded.push(library)
      if (loaded.length > mostLibraries)
        throw new BinaryError(`is damaged: it loads more than ${mostLibraries} libraries`)
      if (kind !== weakLoad) needed.push(library)
    }
    command += size
  }
  if (symtab === null) throw new BinaryError('has no symbol table, so nothing tells what it imports')

  const first = bytes.u32(symtab + 8)
  const count = bytes.u32(symtab + 12)
  const names = bytes.u32(symtab + 16)
  const size = wide ? 16 : 12
  bytes.need(first, count * size)
  const imports: Import[] = []
  const exports: string[] = []
  for (let index = 0; index < count; index++) {
    const symbol = first + index * size
    const flags = bytes.u8(symbol + 4)
    const isDebugging = (flags & 0xe0) !== 0
    const isExternal = (flags & 1) !== 0 && (flags & 0x10) === 0
    if (isDebugging || !isExternal) continue
    // Names in C have an underscore before them.
    const at = names + bytes.u32(symbol)
    const name = bytes.u8(at) === 0x5f ? bytes.pythonName(at + 1) : null
    if (name === null) continue
    if ((flags & 0xe) !== 0) {
      exports.push(name)
      continue
    }
    const description = bytes.u16(symbol + 6)
    const library = isTwoLevel ? libraryOf(description >> 8, loaded) : null
    if (library !== itself) imports.push({ name, library, weak: (description & 0x40) !== 0 })
  }
  const machine = bytes.u32(4)
  const data = readModuleData(exports, () => ({
    bytes,
    wide,
    offsetOf: (address, length) => offsetIn(segments, address, length),
    pointers: machOPointers(bytes, wide, segments, fixups),
  }))
  return { architecture: machines[machine] ?? `machine ${machine}`, imports, exports, needed, data }
}

/** The library that an ordinal stands for; null where it is looked up in all. */
function libraryOf(ordinal: number, loaded: readonly string[]): string | null {
  if (ordinal === 0) return itself
  // 0xfe is the dynamic lookup, 0xff the program, which is Python.
  return loaded[ordinal - 1] ?? null
}
