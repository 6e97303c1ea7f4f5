import type { Located } from '../analyzer/check/diagnostic.ts'

/**
 * Names diagnostics so that no two of a file have the same name, and they are known again after code was moved,
 * indented or put into another file: the fingerprint, then `:` and the how-many-th with this one in its file.
 * @param diagnostics in the order of a run
 * @returns one name for each diagnostic, in the same order
 */
export function fingerprints(diagnostics: readonly Located[]): readonly string[] {
  const seen = new Map<string, number>()
  return diagnostics.map(({ file, fingerprint }) => {
    const key = `${fingerprint} ${file}`
    const occurrence = (seen.get(key) ?? 0) + 1
    seen.set(key, occurrence)
    return `${fingerprint}:${occurrence}`
  })
}
