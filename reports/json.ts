import type { FixesMade, Located, Run } from '../analyzer/check/diagnostic.ts'
import type { SettledFix } from '../analyzer/fix/plan.ts'
import { problemsOf } from './findings.ts'
import { jsonParts } from './json-text.ts'
import { digestOfParts, shardOfDiagnostic } from './shard.ts'
import { tally } from './tally.ts'

/** The version of the schema in `json.schema.json`. It is raised when a property changes its meaning or goes away. */
export const schemaVersion = 1

/** The edits of a change of several files are not shown. */
const nothing = { edits: [], includes: [], shims: [] } as const

function fix(found: SettledFix): object {
  const { title, safety, reason } = found
  const { edits, includes, shims } = found.kind === 'file' ? found : nothing
  const shown = edits.map(({ start, end, text }) => ({ startByte: start, endByte: end, text }))
  return { title, safety, reason, edits: shown, includes, shims }
}

/** A diagnostic as `json.schema.json` describes it. */
export const diagnosticJson = (found: Located): object => ({
  rule: found.rule,
  severity: found.severity,
  effect: found.effect,
  file: found.file,
  line: found.line,
  column: found.column,
  endLine: found.endLine,
  endColumn: found.endColumn,
  symbol: found.symbol,
  message: found.message,
  advice: found.advice,
  fixes: found.fix ? [fix(found.fix)] : [],
  targets: found.targets,
  headers: found.headers,
  notes: found.notes,
  startByte: found.start,
  endByte: found.end,
  fingerprint: found.fingerprint,
})

/** Diagnostics per rule; the rules that ran and found nothing are there with 0. Sorted by name. */
function byRule(run: Run): Readonly<Record<string, number>> {
  const counts = new Map(run.rules.map(({ name }) => [name, 0]))
  for (const { rule } of run.diagnostics) counts.set(rule, (counts.get(rule) ?? 0) + 1)
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/**
 * The report for programs, as `json.schema.json` describes it.
 * @returns one JSON object, indented, with a final line feed
 */
export function json(run: Run): Iterable<string> {
  const { shard, rules, diagnostics } = run
  if (shard === undefined) return jsonParts(shellOf(run), 'diagnostics', diagnostics, diagnosticJson)
  const show = (found: Located): object => ({ ...diagnosticJson(found), shard: shardOfDiagnostic(found) })
  const { number, count, program, settings, sources, paths, files, builds } = shard
  const names = rules.map(({ name }) => name)
  const told = { number, count, program, settings, sources, paths, rules: names, files, builds }
  const shell = { ...shellOf(run), shard: told }
  const whole = { ...shell, shard: { ...told, digest: digestOfParts(shell, diagnostics, show) } }
  return jsonParts(whole, 'diagnostics', diagnostics, show)
}

const fixesMade = ({ safe, unsafe, files, differs }: FixesMade): FixesMade => ({ safe, unsafe, files, differs })

/** All of it but the diagnostics. */
function shellOf(run: Run) {
  return {
    schemaVersion,
    tool: { name: run.tool.name, version: run.tool.version },
    targets: run.targets,
    headers: run.headers[0],
    headerSets: run.headers,
    diagnostics: [],
    suppressions: run.suppressions.map(({ file, line, column, kind, rules, reason, findings }) => ({
      file,
      line,
      column,
      kind,
      rules,
      reason,
      findings: findings.map((each) => ({
        rule: each.rule,
        severity: each.severity,
        line: each.line,
        column: each.column,
        endLine: each.endLine,
        endColumn: each.endColumn,
        symbol: each.symbol,
        message: each.message,
        targets: each.targets,
      })),
    })),
    problems: problemsOf(run).map(({ file, message, severity }) => ({ file, message, severity })),
    fixed: run.fixed && fixesMade(run.fixed),
    baseline: run.baseline && { name: run.baseline.name, known: run.baseline.known, gone: run.baseline.gone },
    summary: {
      bySeverity: tally(run.diagnostics),
      byRule: byRule(run),
      filesChecked: run.files.checked,
      parsedBytes: run.files.parsedBytes,
      unparsedBytes: run.files.unparsedBytes,
      unparsed: run.files.unparsed.map(({ file, line, endLine, bytes }) => ({ file, line, endLine, bytes })),
    },
  }
}
