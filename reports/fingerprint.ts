import { createHash } from 'node:crypto'
import type { Located } from '../analyzer/check/diagnostic.ts'

/**
 * Names diagnostics so that they are known again after lines were moved, indented or put into another file: a hash of
 * rule, symbol and the first source line without blanks, then `:` and the how-many-th of this hash in its file.
 * @param diagnostics in the order of a run
 * @returns one fingerprint for each diagnostic, in the same order; unique within a file
 */
export function fingerprints(diagnostics: readonly Located[]): readonly string[] {
  const seen = new Map<string, number>()
  return diagnostics.map(({ rule, symbol, file, excerpt }) => {
    const text = (excerpt[0] ?? '').replace(/\s+/g, '')
    const hash = createHash('sha256')
      .update(JSON.stringify([rule, symbol, text]))
      .digest('hex')
    const key = JSON.stringify([file, hash])
    const occurrence = (seen.get(key) ?? 0) + 1
    seen.set(key, occurrence)
    return `${hash}:${occurrence}`
  })
}
