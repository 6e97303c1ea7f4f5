import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hostileRun } from '../fixtures/reports/hostile-run.ts'
import { cleanRun, plainDiagnostic, whole } from '../fixtures/reports/sample.ts'
import { readXml } from '../fixtures/reports/xml.ts'
import { checkstyle } from './checkstyle.ts'
import { findingsOf } from './findings.ts'
import { junit } from './junit.ts'
import { printable } from './printable.ts'

const runs = fc.sample(hostileRun, 300)
const shown = (text: string): string => printable(text).replace(/[\ufffe\uffff]/g, '\ufffd')

test('Checkstyle is XML whatever the texts are, and a parser gives them back', () => {
  for (const [index, root] of readXml(runs.map((run) => whole(checkstyle(run)))).entries()) {
    const read = root.children.flatMap(({ attributes: { name }, children }) =>
      children.map(({ attributes: { message, line, severity } }) => [name, message, line, severity]),
    )
    expect(read).toEqual(
      findingsOf(runs[index]!).map((each) => [shown(each.file), shown(each.message), String(each.line), each.severity]),
    )
  }
})

test('JUnit is XML whatever the texts are, with a test for each finding, and counts that are right', () => {
  for (const [index, root] of readXml(runs.map((run) => whole(junit(run)))).entries()) {
    const found = findingsOf(runs[index]!)
    const cases = root.children.flatMap((suite) => suite.children)
    const count = (name: string) => cases.filter(({ children }) => children.some((each) => each.name === name)).length
    const { tests, failures, errors } = root.attributes
    expect([tests, failures, errors]).toEqual([`${cases.length}`, `${count('failure')}`, `${count('error')}`])
    expect(cases).toHaveLength(Math.max(1, found.length))
    expect(count('skipped')).toBe(found.filter(({ severity }) => severity !== 'error').length)
    for (const suite of root.children) {
      expect(suite.attributes.tests).toBe(`${suite.children.length}`)
      expect(new Set(suite.children.map(({ attributes: { name } }) => name)).size).toBe(suite.children.length)
    }
    for (const [at, { severity, message }] of found.entries()) {
      const told = severity === 'error' ? message : `${severity}: ${message}`
      expect(cases[at]!.children[0]!.attributes.message).toBe(shown(told))
    }
    // Jenkins takes the last dot for the end of a package.
    for (const { attributes } of cases) expect(attributes.classname).toMatch(/^abi3lint\.[^.]*$/)
  }
})

test('a clean run is a test that passes, and what could not be checked is an error', () => {
  const [clean, unread] = readXml([
    whole(junit(cleanRun)),
    whole(junit({ ...cleanRun, problems: [{ file: 'a.c', message: 'cannot be read', severity: 'error' }] })),
  ])
  expect(clean!.attributes).toEqual({ name: 'abi3lint', tests: '1', failures: '0', errors: '0' })
  expect(clean!.children[0]!.children).toMatchObject([
    { attributes: { name: expect.stringMatching(/^All clear: 1 file/) }, children: [] },
  ])
  expect(unread!.attributes).toMatchObject({ tests: '1', failures: '0', errors: '1' })
})

test('findings at one place have names of their own', () => {
  const [root] = readXml([whole(junit({ ...cleanRun, diagnostics: [plainDiagnostic, plainDiagnostic] }))])
  expect(root!.children[0]!.children.map(({ attributes }) => attributes.name)).toEqual([
    'unavailable-macro PyTuple_GET_ITEM @ 1:1',
    'unavailable-macro PyTuple_GET_ITEM @ 1:1 (2)',
  ])
})
