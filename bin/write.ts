import type { Problem } from '../analyzer/check/diagnostic.ts'
import { reason } from '../analyzer/store/reason.ts'

/**
 * Writes files, each whole or not at all.
 * @param changes new bytes by name
 * @returns why files could not be written; empty where all were
 */
export async function writeChanges(changes: ReadonlyMap<string, Uint8Array>): Promise<Problem[]> {
  const problems: Problem[] = []
  for (const [file, bytes] of changes) {
    const { default: writeFileAtomic } = await import('write-file-atomic')
    problems.push(...attempt(file, () => writeFileAtomic.sync(file, Buffer.from(bytes))))
  }
  return problems
}

/** Writes a file. @returns why it could not be written; empty where it was */
export function attempt(file: string, write: () => void): readonly Problem[] {
  try {
    write()
    return []
  } catch (error) {
    return [{ file, message: `cannot be written: ${reason(error)}`, severity: 'error' }]
  }
}

/**
 * One unified diff that `git apply` takes, of all files that changed.
 * @param before the old bytes of a file; null for a new one
 */
export async function diffOf(
  changes: ReadonlyMap<string, Uint8Array>,
  before: (file: string) => Uint8Array | null,
): Promise<Uint8Array> {
  const { diffText } = await import('../reports/diff.ts')
  const { asByteText } = await import('../analyzer/source/text.ts')
  const shown = [...changes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, bytes]) => {
      const old = before(file)
      return diffText(file, old && asByteText(old), asByteText(bytes))
    })
  return Buffer.from(shown.join(''), 'latin1')
}
