import { appendFileSync } from 'node:fs'
import type { Problem } from '../../analyzer/check/diagnostic.ts'
import { reason } from '../../analyzer/store/reason.ts'
import { systemPath } from '../../analyzer/store/system-path.ts'
import { statsOf } from './stage.ts'

/** GitHub refuses the summary of a step that is longer, with all that the step wrote before. */
const maxBytes = 1024 * 1024

/**
 * Adds to the summary of a job of GitHub Actions, behind what the step has written before.
 * @param file the one that `GITHUB_STEP_SUMMARY` names; made where it is not there
 * @returns why it was not; empty where it was. That is no reason for the run to fail
 */
export function addToJobSummary(file: string, text: Iterable<string | Uint8Array>): readonly Problem[] {
  const problem = (message: string): readonly Problem[] => [{ file, message, severity: 'warning' }]
  try {
    const stats = statsOf(file)
    if (stats !== null && !stats.isFile()) return problem('is no file: the job summary is left out')
    const bytes = Buffer.concat(Array.from(text, (part) => Buffer.from(part as Uint8Array)))
    if ((stats?.size ?? 0) + bytes.length > maxBytes)
      return problem('has no room for the job summary: GitHub takes 1 MiB')
    appendFileSync(systemPath(file), bytes)
    return []
  } catch (error) {
    return problem(`cannot be written, the job summary is left out: ${reason(error)}`)
  }
}
