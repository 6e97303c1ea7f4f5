import { createHash } from 'node:crypto'
import type { Details, Located } from '../analyzer/check/diagnostic.ts'
import type { ProjectEdits } from '../analyzer/fix/fix.ts'
import type { Minor } from '../analyzer/knowledge/version.ts'

/** What reports in JSON say besides where they are parts of a run, so that every report can be made of the parts. */

/** What other reports tell of a diagnostic, and JSON does not. */
export interface DiagnosticOfShard {
  readonly excerpt: readonly string[]
  readonly details: Details | null
  readonly since: Minor | null
  /** What a fix of several files is known by: those that are the same change have the same. Null for no such fix. */
  readonly change: string | null
}

/** @param found with its details */
export const shardOfDiagnostic = ({ excerpt, details, since, fix }: Located): DiagnosticOfShard => ({
  excerpt,
  details,
  since,
  change: fix?.kind === 'project' ? digestOfChange(fix.change) : null,
})

/** Many findings have the same change. */
const known = new WeakMap<ProjectEdits, string>()

function digestOfChange(change: ProjectEdits): string {
  let digest = known.get(change)
  if (digest === undefined) {
    const { edits, shims, files = new Map() } = change
    const parts = [[...edits], [...shims].map(([file, names]) => [file, [...names]]), [...files]]
    digest = sha256().update(JSON.stringify(parts)).digest('hex').slice(0, 16)
    known.set(change, digest)
  }
  return digest
}

/**
 * What a report that is part of a run is known by, so that nobody takes for one what was cut or changed.
 * @param shell all of it but its diagnostics and the digest itself, as plain data
 * @param show gives a diagnostic as it stands there
 * @returns 64 hexadecimal digits
 */
export function digestOfParts<T>(shell: object, diagnostics: readonly T[], show: (found: T) => object): string {
  const digest = sha256().update(JSON.stringify(shell))
  for (const each of diagnostics) digest.update(JSON.stringify(show(each)))
  return digest.digest('hex')
}

const sha256 = (): ReturnType<typeof createHash> => createHash('sha256')
