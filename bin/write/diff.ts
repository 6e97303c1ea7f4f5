/**
 * One unified diff that `git apply` takes, of all files that changed.
 * @param before the old bytes of a file; null for a new one
 */
export async function diffOf(
  changes: ReadonlyMap<string, Uint8Array>,
  before: (file: string) => Uint8Array | null,
): Promise<Uint8Array> {
  const { createTwoFilesPatch } = await import('diff')
  const { asByteText } = await import('../../analyzer/source/text.ts')
  const shown = [...changes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, bytes]) => {
      const old = before(file)
      const patch = createTwoFilesPatch(
        old === null ? '/dev/null' : `a/${file}`,
        `b/${file}`,
        old === null ? '' : asByteText(old),
        asByteText(bytes),
        '',
        '',
        { context: 3 },
      )
      return patch.replace(/^=+\n/, '').replace(/^(---|\+\+\+) ([^\t\n]*)\t$/gm, '$1 $2')
    })
  return Buffer.from(shown.join(''), 'latin1')
}
