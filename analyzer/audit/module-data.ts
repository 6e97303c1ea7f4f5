import { type AbiInfo, BinaryError, isEntry, type ModuleData, type TypeSize } from './image.ts'
import type { Memory } from './memory.ts'

/** Slots by the numbers that 3.15 has for them; older ones have none of these. */
const slot = { lastOfTypes: 83, last: 110, abi: 109, name: 95, basicsize: 96 } as const
/** Flags that no spec has: unused bits, and those that say of which built-in type a type is derived. */
const unusedTypeFlags = 0xff280003
const largestInstance = 0x100000
/** `PySlot_OPTIONAL`, `_STATIC` and `_INTPTR`. */
const slotFlags = 7
const abiFlags = 15
/** Arrays of slots have an end; what has none within so many is no such array. */
const mostSlots = 500
const mostFound = 10_000

/**
 * Reads what the data of an image says of the module in it: nothing where no function that `import` calls is exported,
 * or where its tables of pointers are damaged.
 * @param memory asked for only where it is needed
 */
export function readModuleData(exports: readonly string[], memory: () => Memory): ModuleData {
  const nothing: ModuleData = { abi: [], types: [] }
  if (!exports.some(isEntry)) return nothing
  try {
    return moduleData(memory())
  } catch (error) {
    if (error instanceof BinaryError) return nothing
    throw error
  }
}

/**
 * A slot is known by its number, by the pointer behind it, and by what that
 * leads to: all three have to fit.
 */
function moduleData(memory: Memory): ModuleData {
  const abi = new Map<string, AbiInfo>()
  const types = new Map<string, TypeSize>()
  const found = (type: TypeSize | null): void => {
    if (type && types.size < mostFound) types.set(`${type.name} ${type.size}`, type)
  }
  for (const [address, target] of memory.pointers) {
    if (target === null) continue
    const info = slotBefore(memory, address) === slot.abi ? abiInfoAt(memory, target) : null
    if (info && abi.size < mostFound) abi.set(JSON.stringify(info), info)
    found(typeSpecAt(memory, address))
    if (slotBefore(memory, address) === slot.name) found(typeOfSlots(memory, address - 8))
  }
  return { abi: [...abi.values()], types: [...types.values()] }
}

/** An unsigned number of 2 or 4 bytes; null where none is loaded. */
function number(memory: Memory, address: number, size: 2 | 4): number | null {
  const offset = memory.offsetOf(address, size)
  if (offset === null) return null
  return size === 2 ? memory.bytes.u16(offset) : memory.bytes.u32(offset)
}

const signed = (value: number): number => value | 0

/**
 * The number of the slot whose value stands at an address: of a `PySlot`, whose value is its second half of 16 bytes
 * everywhere, or of a `PyType_Slot` or `PyModuleDef_Slot`, which are a number and a pointer. Null for anything else.
 */
function slotBefore(memory: Memory, address: number): number | null {
  const id = number(memory, address - 8, 2)
  const flags = number(memory, address - 6, 2)
  const reserved = number(memory, address - 4, 4)
  if (id !== null && id > 0 && id <= slot.last && flags! <= slotFlags && reserved === 0) return id
  return !memory.wide && reserved !== null && reserved > 0 && reserved <= slot.last ? reserved : null
}

const versionOf = (hex: number): number | null => (hex >>> 24 === 3 ? (hex >>> 16) & 0xff : null)

/** The `PyABIInfo` at an address; null where there is none. */
function abiInfoAt(memory: Memory, address: number): AbiInfo | null {
  const offset = memory.offsetOf(address, 12)
  if (offset === null || memory.bytes.u8(offset) !== 1) return null
  const flags = memory.bytes.u16(offset + 2)
  const built = memory.bytes.u32(offset + 4)
  const version = memory.bytes.u32(offset + 8)
  const isVersion = (hex: number): boolean => hex === 0 || versionOf(hex) !== null
  return flags <= abiFlags && isVersion(built) && isVersion(version) ? { flags, built, version } : null
}

/** The type that the `PyType_Spec` at an address describes; null where there is none. */
function typeSpecAt(memory: Memory, address: number): TypeSize | null {
  const { pointers, wide } = memory
  const first = address + (wide ? 8 : 4)
  const slots = pointers.get(first + (wide ? 16 : 12))
  const name = pointers.get(address)
  if (slots === undefined || slots === null || name === undefined || name === null) return null
  if ([0, 4, 8].some((at) => pointers.has(first + at))) return null
  const [size, items, flags] = [0, 4, 8].map((at) => number(memory, first + at, 4))
  if (size == null || items == null || flags == null || (wide && number(memory, first + 12, 4) !== 0)) return null
  const isLikely = Math.abs(signed(size)) <= largestInstance && items <= largestInstance
  if (!isLikely || (flags & unusedTypeFlags) !== 0) return null
  const text = typeName(memory, name)
  return text !== null && isTypeSlots(memory, slots) ? { name: text, size: signed(size) } : null
}

/** Whether an array of `PyType_Slot` begins at an address. */
function isTypeSlots(memory: Memory, address: number): boolean {
  const { pointers, wide } = memory
  const half = wide ? 8 : 4
  for (let index = 0; index < mostSlots; index++) {
    const at = address + index * 2 * half
    const id = number(memory, at, 4)
    if (id === 0) return index > 0 && !pointers.has(at + half)
    if (id === null || id > slot.lastOfTypes || (wide && number(memory, at + 4, 4) !== 0)) return false
    // NULL is allowed; anything else is set by the loader.
    if (!pointers.has(at + half) && number(memory, at + half, 4) !== 0) return false
  }
  return false
}

/** The type of the array of `PySlot` that has `Py_tp_name` at an address; null where it says no size. */
function typeOfSlots(memory: Memory, nameAt: number): TypeSize | null {
  const name = typeName(memory, memory.pointers.get(nameAt + 8)!)
  if (name === null) return null
  let size: number | null = null
  for (const step of [-16, 16]) {
    for (let index = 0, at = nameAt; index < mostSlots; index++, at += step) {
      const id = slotBefore(memory, at + 8)
      if (id === null) break
      if (id === slot.basicsize && !memory.pointers.has(at + 8)) size = signed(number(memory, at + 8, 4) ?? 0)
    }
  }
  return size === null ? null : { name, size }
}

/** The name of a type at an address; null where there is something else. */
function typeName(memory: Memory, address: number): string | null {
  const offset = memory.offsetOf(address, 1)
  if (offset === null) return null
  const text = memory.bytes.text(offset)
  return /^[A-Za-z_]\w*(?:\.\w+)*$/.test(text) ? text : null
}
