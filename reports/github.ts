import { type Effect, type Located, type Run, type Severity, severities } from '../analyzer/check/diagnostic.ts'
import { concise } from './concise.ts'
import { inParts } from './parts.ts'
import { printable } from './printable.ts'

/** GitHub shows at most this many annotations of each level for a step. */
const maxPerLevel = 10
/** The worst first. */
const effects: readonly Effect[] = ['build-break', 'import-break', 'abi-break', 'runtime-bug', 'advice']
const commands = { error: 'error', warning: 'warning', info: 'notice' } as const satisfies Record<Severity, string>

const escapeData = (text: string): string => text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A')
const escapeProperty = (text: string): string => escapeData(printable(text)).replace(/:/g, '%3A').replace(/,/g, '%2C')

function command({ severity, file, line, endLine, column, endColumn, rule, message, advice }: Located): string {
  const columns = line === endLine ? `,col=${column},endColumn=${Math.max(column, endColumn)}` : ''
  const place = `file=${escapeProperty(file)},line=${line},endLine=${endLine}${columns}`
  const text = [message, advice]
    .filter((part) => part !== '')
    .map(printable)
    .join('\n')
  return `::${commands[severity]} ${place},title=${escapeProperty(rule)}::${escapeData(text)}`
}

/**
 * Workflow commands that annotate a pull request, for the log of GitHub Actions: the 10 worst of each level, then all
 * diagnostics as plain lines, then how many have no annotation. No text from a source file can make a command.
 * @returns lines that end in a line feed; empty where there are no diagnostics
 */
export function* github(run: Run): Generator<string> {
  const annotated = severities.flatMap((severity) =>
    effects
      .flatMap((effect) => run.diagnostics.filter((found) => found.severity === severity && found.effect === effect))
      .slice(0, maxPerLevel),
  )
  const more = run.diagnostics.length - annotated.length
  const rest = `${more} more than GitHub shows as annotations; the list above has all ${run.diagnostics.length}`
  yield* inParts(annotated, (found) => `${command(found)}\n`)
  yield* concise(run)
  if (more > 0) yield `${rest}\n`
}
