import type { Located, Run, Severity } from '../analyzer/check/diagnostic.ts'
import { findingsOf, remarksOf } from './findings.ts'
import { jsonParts, wellFormed } from './json-text.ts'
import { printable } from './printable.ts'

const severities = { error: 'ERROR', warning: 'WARNING', info: 'INFO' } as const satisfies Record<Severity, string>

/** From 1; reviewdog counts columns in bytes. */
const position = (line: number, column: number): object => ({ line, column })

function rangeOf({ line, endLine, details }: Located): object {
  if (details === null) return { start: { line } }
  return { start: position(line, details.byteColumn), end: position(endLine, details.endByteColumn) }
}

function suggestionsOf({ details }: Located): readonly object[] {
  const change = details?.substitution ?? null
  if (change === null) return []
  const { line, byteColumn, endLine, endByteColumn, text } = change
  return [
    { range: { start: position(line, byteColumn), end: position(endLine, endByteColumn) }, text: wellFormed(text) },
  ]
}

function diagnostic(found: Located, run: Run, pages: ReadonlyMap<string, string>): object {
  const { file, severity, rule, message } = found
  const remarks = remarksOf(found, run).map(({ label, text }) => `${label}: ${printable(text)}`)
  const url = pages.get(rule)
  return {
    message: [printable(message), ...remarks].join('\n'),
    location: { path: wellFormed(file), range: rangeOf(found) },
    severity: severities[severity],
    code: { value: wellFormed(rule), ...(url !== undefined && { url }) },
    suggestions: suggestionsOf(found),
  }
}

/**
 * Reviewdog's own format (`DiagnosticResult` of its `reviewdog.proto`), with what fixes write as suggestions, which
 * people accept with one click in a pull request. A fix that is more than one change of the file, needs an include or a
 * shim is told in the message alone: half of it would break the code.
 * @returns one JSON object, indented, with a final line feed
 */
export function rdjson(run: Run): Iterable<string> {
  const pages = new Map(run.rules.map(({ name, page }) => [name, page]))
  const shell = { source: { name: run.tool.name }, diagnostics: [] }
  return jsonParts(shell, 'diagnostics', findingsOf(run), (found) => diagnostic(found, run, pages))
}
