import type { Located, Run } from '../analyzer/check/diagnostic.ts'
import { conciseLine } from './concise.ts'
import { byFile, findingsOf, problemRule, remarksOf } from './findings.ts'
import { inParts } from './parts.ts'
import { inert, printable } from './printable.ts'
import { verdict } from './tally.ts'
import { xmlHead, xmlTag, xmlText } from './xml-text.ts'

/** What a finding is as the result of a test. Only errors make a run fail, so only they are failures. */
const outcomeOf = ({ rule, severity }: Located): 'error' | 'failure' | 'skipped' =>
  severity !== 'error' ? 'skipped' : rule === problemRule ? 'error' : 'failure'

const countOf = (found: readonly Located[], outcome: ReturnType<typeof outcomeOf>): number =>
  found.reduce((sum, each) => sum + (outcomeOf(each) === outcome ? 1 : 0), 0)

/** Jenkins takes what is before the last dot for a package, so the name of a file may have none. */
const classOf = (file: string): string => `abi3lint.${printable(file).replaceAll('.', '_')}`

/** Names of tests of one file: `unavailable-macro PyTuple_GET_ITEM @ 214:18`, with a number where there are several. */
function namesOf(found: readonly Located[]): readonly string[] {
  const seen = new Map<string, number>()
  return found.map(({ rule, symbol, line, column }) => {
    const name = `${[rule, symbol].filter((part) => part !== '').join(' ')} @ ${line}:${column}`
    const times = (seen.get(name) ?? 0) + 1
    seen.set(name, times)
    return times === 1 ? name : `${name} (${times})`
  })
}

function testCase(found: Located, name: string, run: Run): string {
  const { rule, severity, file, message } = found
  const remarks = remarksOf(found, run).map(({ label, text }) => inert(`${label}: ${printable(text)}`))
  const body = [conciseLine(found), ...remarks].map(xmlText).join('\n')
  const outcome = outcomeOf(found)
  const shown = severity === 'error' ? message : `${severity}: ${message}`
  return (
    `${xmlTag('testcase', { name, classname: classOf(file) })}>\n` +
    `${xmlTag(outcome, { type: rule, message: shown })}>${body}</${outcome}>\n</testcase>\n`
  )
}

/** Attributes that the XSD knows of suites: it has no file for a single test. */
function* suite(found: readonly Located[], run: Run): Generator<string> {
  const { file } = found[0]!
  yield `${xmlTag('testsuite', {
    name: file,
    tests: found.length,
    failures: countOf(found, 'failure'),
    errors: countOf(found, 'error'),
    skipped: countOf(found, 'skipped'),
    file,
  })}>\n`
  const names = namesOf(found)
  yield* inParts(found, (each, index) => testCase(each, names[index]!, run))
  yield '</testsuite>\n'
}

/**
 * JUnit's XML as Jenkins' XSD has it (`junit-10.xsd` of its xUnit plugin), for all that shows results of tests: a suite
 * for each file, a test for each finding. Errors are failures, files that could not be checked are errors, warnings
 * and advice are skipped tests, which are shown and fail nothing. A run without findings is one test that passes: some
 * readers take a report without tests for a fault.
 * @returns a document
 */
export function* junit(run: Run): Generator<string> {
  const found = findingsOf(run)
  const [failures, errors] = [countOf(found, 'failure'), countOf(found, 'error')]
  const tests = Math.max(1, found.length)
  yield `${xmlHead}${xmlTag('testsuites', { name: 'abi3lint', tests, failures, errors })}>\n`
  for (const each of byFile(found)) yield* suite(each, run)
  if (found.length === 0) {
    const counts = { name: 'abi3lint', tests, failures, errors, skipped: 0 }
    const clear = xmlTag('testcase', { name: verdict(run), classname: 'abi3lint.abi3lint' })
    yield `${xmlTag('testsuite', counts)}>\n${clear}/>\n</testsuite>\n`
  }
  yield '</testsuites>\n'
}
