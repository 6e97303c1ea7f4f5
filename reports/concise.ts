import type { Located, Run } from '../analyzer/check/diagnostic.ts'
import { shownName } from './file-name.ts'
import { inParts } from './parts.ts'
import { printable } from './printable.ts'

/** One diagnostic as `path:line:col: error[rule] message`, without line feed and control characters, and no command. */
export const conciseLine = ({ file, line, column, severity, rule, message, fix }: Located): string =>
  `${shownName(file)}:${line}:${column}: ${severity}[${rule}] ` +
  `${printable(message)}${fix ? ` [fix: ${fix.safety}]` : ''}`

/**
 * The report for editors and other readers of lines.
 * @returns one line for each diagnostic, each with a line feed, and nothing else
 */
export const concise = ({ diagnostics }: Run): Iterable<string> =>
  inParts(diagnostics, (diagnostic) => `${conciseLine(diagnostic)}\n`)
