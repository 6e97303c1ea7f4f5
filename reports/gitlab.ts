import { createHash } from 'node:crypto'
import type { Located, Run, Severity } from '../analyzer/check/diagnostic.ts'
import { findingsOf, problemRule } from './findings.ts'
import { fingerprints } from './fingerprint.ts'
import { jsonList, wellFormed } from './json-text.ts'

const severities = { error: 'major', warning: 'minor', info: 'info' } as const satisfies Record<Severity, string>

/** GitLab shows one finding of each fingerprint in a report, whatever its file. */
const unique = (file: string, print: string): string =>
  createHash('sha256')
    .update(JSON.stringify([file, print]))
    .digest('hex')

const degradation = ({ rule, severity, file, line, message }: Located, print: string): object => ({
  // The name of the check is not shown.
  description: wellFormed(`${rule}: ${message}`),
  check_name: wellFormed(rule),
  fingerprint: unique(file, print),
  severity: rule === problemRule && severity === 'error' ? 'critical' : severities[severity],
  location: { path: wellFormed(file), lines: { begin: line } },
})

/**
 * GitLab's Code Quality report, for `artifacts:reports:codequality`. Paths are relative to the root of the project.
 * GitLab stops at the first finding that its schema refuses.
 * @returns a JSON array, `[]` where there is nothing to tell
 */
export function gitlab(run: Run): Iterable<string> {
  const found = findingsOf(run)
  const prints = fingerprints(found)
  return jsonList(found, (each, index) => degradation(each, prints[index]!))
}
