import { type Stats, statSync } from 'node:fs'
import { dirname, relative, resolve, sep } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import type { Store } from '../workspace/store.ts'
import { readAsset } from './assets.ts'
import { Places } from './places.ts'
import { threads } from './pool.ts'
import { reason } from './reason.ts'
import { readRegular } from './regular-file.ts'
import { systemPath } from './system-path.ts'

/** The name of a path: relative to the root, with `/`; `.` for the root itself. */
export const nameOf = (root: string, path: string): string =>
  relative(root, resolve(root, path)).split(sep).join('/') || '.'

/**
 * The files below a directory, and what is installed beside the program.
 * @param directory what names are relative to, absolute or relative to the current directory
 * @param jobs how many threads may be used, from 1
 * @param places directories from which alone is read, by their real paths, besides those that the build names for
 * headers; null for all
 */
export function diskStore(directory: string, jobs: number, places: readonly string[] | null = null): Store {
  const root = resolve(directory)
  const pool = threads(root, jobs)
  const allowed = places && new Places(places)
  return {
    root: root.split(sep).join('/'),
    asset: readAsset,
    read(name) {
      const path = resolve(root, name)
      try {
        if (allowed?.has(path) === false)
          return { problem: 'it is outside of what was asked for', isThere: isFileAt(path) }
        return { bytes: readRegular(path) }
      } catch (error) {
        return { problem: reason(error), isThere: isFileAt(path) }
      }
    },
    find(path) {
      const absolute = resolve(root, path)
      return isFileAt(absolute) && isFindable(absolute, allowed) ? nameOf(root, path) : null
    },
    readsFrom(directories) {
      for (const each of directories) allowed?.add(resolve(root, each))
    },
    ...(pool && { threads: pool }),
  }
}

/** Whether there is anything but a directory. */
const isFileAt = (path: string): boolean => statsOf(path)?.isDirectory() === false

/**
 * Whether a file may be read, or is told of as it may not: a device, and what a link in a directory that may be read
 * leads to.
 */
function isFindable(path: string, allowed: Places | null): boolean {
  try {
    return allowed === null || allowed.has(path) || statsOf(path)?.isFile() === false || allowed.has(dirname(path))
  } catch {
    // It has vanished.
    return false
  }
}

/** What the system says of a path, through links; null where there is nothing. */
function statsOf(path: string): Stats | null {
  try {
    return statSync(systemPath(path), { throwIfNoEntry: false }) ?? null
  } catch {
    return null
  }
}

/** Below so many bytes of sources V8's first, quick translation of the parser does best. */
const worthOptimising = 200_000

/**
 * Makes V8 wait eight times as long before it optimises a function, and copy a quarter as much of others into it, by
 * its major version: what the flag counts has changed, and one that V8 does not know is complained about. Source:
 * `node --v8-options` of Node 20, 22 and 24.
 */
const patience: Readonly<Record<string, string>> = {
  11: '--interrupt-budget=540672 --max-inlined-bytecode-size-cumulative=230',
  12: '--invocation-count-for-turbofan=24000 --max-inlined-bytecode-size-cumulative=230',
  13: '--invocation-count-for-turbofan=24000 --max-inlined-bytecode-size-cumulative=230',
}

/**
 * For `Store.prepare`, in a process that checks once and ends before it pays to optimise most of its functions: V8
 * waits longer. What little there is will be parsed before the parser's code could be optimised, so that is left alone.
 * It holds for all code of the process.
 * @param bytes of all sources together
 */
export function spareOptimising(bytes: number): void {
  const flag = patience[process.versions.v8.split('.')[0]!]
  if (flag !== undefined) setFlagsFromString(flag)
  if (bytes < worthOptimising) setFlagsFromString('--wasm-tiering-budget=100000000')
}

/**
 * For `Store.spareMemory`, in a process that checks once: V8 collects garbage when there is a tenth of what is kept,
 * not when there is as much. It holds for all of the process. Source: `node --v8-options` of Node 20, 22 and 24.
 */
export function spareMemory(): void {
  if (Object.hasOwn(patience, process.versions.v8.split('.')[0]!)) setFlagsFromString('--heap-growing-percent=10')
}
