import type { Located, Run } from '../analyzer/check/diagnostic.ts'
import { conciseLine } from './concise.ts'
import { findingsOf } from './findings.ts'
import { inParts } from './parts.ts'
import { printable } from './printable.ts'

const escapes: Readonly<Record<string, string>> = {
  '%': '%AZP25',
  ';': '%3B',
  '\r': '%0D',
  '\n': '%0A',
  ']': '%5D',
}

/** As the agent takes it back (`CommandStringConvertor` of azure-pipelines-agent), in properties and in data. */
const escaped = (text: string): string => text.replace(/[%;\r\n\]]/g, (character) => escapes[character]!)

/** A path of the agent's: it drops an equals sign that a value begins with. */
const path = (file: string): string => printable(file.startsWith('=') ? `./${file}` : file)

function line(found: Located): string {
  const { severity, file, line: linenumber, column: columnnumber, rule, message, advice } = found
  // The agent knows nothing that is less than a warning.
  if (severity === 'info') return `${conciseLine(found)}\n`
  const properties = { type: severity, sourcepath: path(file), linenumber, columnnumber, code: printable(rule) }
  const shown = Object.entries(properties).map(([key, value]) => `${key}=${escaped(String(value))};`)
  const text = [message, advice].filter((part) => part !== '').map(printable)
  return `##vso[task.logissue ${shown.join('')}]${escaped(text.join('\n'))}\n`
}

/**
 * Logging commands for the log of Azure Pipelines, one for each error and warning; advice is plain lines. The agent
 * lists the first ten of each level as issues, counts all, and shows all in the log. No text from a source file can
 * make a command.
 * @returns lines that end in a line feed
 */
export const azure = (run: Run): Iterable<string> => inParts(findingsOf(run), line)
