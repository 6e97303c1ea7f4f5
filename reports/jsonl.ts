import type { Run } from '../analyzer/check/diagnostic.ts'
import { diagnosticJson } from './json.ts'
import { jsonLine } from './json-text.ts'
import { inParts } from './parts.ts'

/**
 * JSON Lines: each diagnostic as `json` has it, for programs that read a stream.
 * @returns one JSON object a line, each with a line feed; empty where there are no diagnostics
 */
export const jsonl = ({ diagnostics }: Run): Iterable<string> =>
  inParts(diagnostics, (found) => jsonLine(diagnosticJson(found)))
