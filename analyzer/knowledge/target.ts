import { type Minor, newest, oldest, oldestAbi3t, parseVersion, showVersion } from './version.ts'

/** What the code shall be built for, and with which headers. */
export interface Target {
  /** The level: the value of `Py_LIMITED_API`. */
  readonly level: Minor
  /** The CPython whose headers are assumed; at least the level. */
  readonly headers: Minor
  /** Built with `Py_TARGET_ABI3T` (PEP 803), for builds with and without the GIL. */
  readonly abi3t: boolean
  /** The oldest Python that imports the module, where the project says that it is not the level. */
  readonly requires?: Minor
}

/** The oldest Python that imports the module: what happens on older ones is no matter. */
export const oldestPython = ({ level, requires }: Target): Minor => Math.max(level, requires ?? level)

/** The name by which users know a target: `3.9`, `abi3t`. */
export const showTarget = (target: Target): string => (target.abi3t ? 'abi3t' : showVersion(target.level))

/**
 * Reads a `--target`: `3.9` or `abi3t`.
 * @param headers the CPython whose headers are assumed, the newest known if null; raised to the level where it is below
 * @returns null where the text names no target
 */
export function parseTarget(text: string, headers: Minor | null = null): Target | null {
  const abi3t = text.trim() === 'abi3t'
  const level = abi3t ? oldestAbi3t : parseVersion(text)
  if (level === null) return null
  return { level, headers: Math.max(headers ?? newest, level), abi3t }
}

/** All targets by the names that users know them by: `3.2` to the newest level, then `abi3t`. */
export const targetNames: readonly string[] = [
  ...Array.from({ length: newest - oldest + 1 }, (_, index) => showVersion(oldest + index)),
  'abi3t',
]

/** The Pythons whose headers the table of the C API was made from, newest first. */
const headerSets: readonly Minor[] = [15, 14, 13, 11, 9]

/**
 * A target with each of the headers that may be compiled against where nobody says which: those of the newest Python,
 * then, newest first, all others that are known and not older than the oldest Python that imports the module, and its
 * own.
 */
export function withAllHeaders<T extends Target>(target: T): T[] {
  const first = oldestPython(target)
  const own = first >= headerSets.at(-1)! ? [first] : []
  return [...new Set([...headerSets.filter((each) => each >= first), ...own])].map((headers) => ({
    ...target,
    headers,
  }))
}
