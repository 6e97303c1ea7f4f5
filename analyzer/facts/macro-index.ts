import { lastUpTo } from '../source/search.ts'
import type { Offset } from '../source/text.ts'
import type { FileFacts } from './file-facts.ts'

const starts = new WeakMap<FileFacts['macros'], readonly Offset[]>()

/**
 * The macro of a file in whose body an offset stands.
 * @returns its number among those of the file; -1 for none
 */
export function macroAround({ macros }: FileFacts, offset: Offset): number {
  const known = starts.get(macros) ?? macros.map(({ bodyStart }) => bodyStart)
  starts.set(macros, known)
  const found = lastUpTo(known, offset)
  return found >= 0 && offset < macros[found]!.bodyEnd ? found : -1
}
