import type { Located, Run } from '../analyzer/check/diagnostic.ts'
import { byFile, findingsOf } from './findings.ts'
import { inParts } from './parts.ts'
import { xmlHead, xmlTag } from './xml-text.ts'

const error = ({ line, column, severity, rule, message }: Located): string =>
  `${xmlTag('error', { line, column, severity, message, source: `abi3lint.${rule}` })}/>\n`

/**
 * Checkstyle's XML, which Jenkins, reviewdog and many others read. They split `source` at its last dot: what is before
 * it is the category, what follows the type.
 * @returns a document, with a line for each finding
 */
export function* checkstyle(run: Run): Generator<string> {
  yield `${xmlHead}<checkstyle version="4.3">\n`
  for (const found of byFile(findingsOf(run))) {
    yield `${xmlTag('file', { name: found[0]!.file })}>\n`
    yield* inParts(found, error)
    yield '</file>\n'
  }
  yield '</checkstyle>\n'
}
