import type { ChalkInstance } from 'chalk'

/**
 * One unified diff that `git apply` takes, of all files that changed.
 * @param before the old bytes of a file; null for a new one
 * @param chalk paints it, where it does
 */
export async function diffOf(
  changes: ReadonlyMap<string, Uint8Array>,
  before: (file: string) => Uint8Array | null,
  chalk: ChalkInstance,
): Promise<Uint8Array> {
  const { diffText } = await import('../../reports/diff.ts')
  const { paintedDiff } = await import('../../reports/painted-diff.ts')
  const { asByteText } = await import('../../analyzer/source/text.ts')
  const shown = [...changes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, bytes]) => {
      const old = before(file)
      return paintedDiff(diffText(file, old && asByteText(old), asByteText(bytes)), chalk)
    })
  return Buffer.from(shown.join(''), 'latin1')
}
