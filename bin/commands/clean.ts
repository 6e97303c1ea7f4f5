import { clearCache } from '../../analyzer/store/cache.ts'
import { currentDirectory } from '../../analyzer/store/places.ts'
import { printable } from '../../reports/printable.ts'
import { type CacheOptions, cacheDirectory } from '../cache.ts'
import { Exit } from '../exit.ts'
import type { Terminal } from '../terminal.ts'

/**
 * `abi3lint clean`: deletes what earlier runs have kept.
 * @returns the exit code: 2 where that cannot be done, else 0
 */
export function clean(options: CacheOptions, terminal: Terminal): number {
  const directory = cacheDirectory(options, currentDirectory())
  const cleared = clearCache(directory)
  if (typeof cleared === 'object') {
    terminal.complain(`error: ${printable(directory)} cannot be cleaned: ${cleared.problem}\n`)
    return Exit.unusable
  }
  const count = `${cleared} ${cleared === 1 ? 'entry' : 'entries'}`
  terminal.write(cleared === 0 ? 'Nothing is kept.\n' : `Deleted ${count} of ${printable(directory)}.\n`)
  return Exit.clean
}
