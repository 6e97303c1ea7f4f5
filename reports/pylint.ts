import type { Located, Run } from '../analyzer/check/diagnostic.ts'
import { shownName } from './file-name.ts'
import { findingsOf, problemRule } from './findings.ts'
import { inParts } from './parts.ts'
import { printable } from './printable.ts'

const letters = { error: 'E', warning: 'W', info: 'I' } as const

/** Pylint's letter: a fatal error is what kept it from checking. */
const letterOf = ({ rule, severity }: Located): string =>
  rule === problemRule && severity === 'error' ? 'F' : letters[severity]

/**
 * Text behind which nothing can be taken for the end of the brackets: Jenkins looks for the last `] ` of a line. The
 * blank becomes one that does not break.
 */
const open = (text: string): string => printable(text).replaceAll('] ', ']\u00a0')

const line = (found: Located): string => {
  const { file, line: number, rule, symbol, message } = found
  const about = [`${letterOf(found)}(${open(rule)})`, ...(symbol === '' ? [] : [open(symbol)])].join(', ')
  return `${shownName(file)}:${number}: [${about}] ${open(message)}\n`
}

/**
 * Lines as pylint writes them with `--output-format=parseable`: `src/a.c:12: [E(unavailable-macro), PyTuple_GET_ITEM]
 * message`. The letter is all that rules of other tools have of a number; Jenkins takes it for how bad it is.
 * @returns one line for each finding, each with a line feed, and nothing else
 */
export const pylint = (run: Run): Iterable<string> => inParts(findingsOf(run), line)
