import { readFileSync } from 'node:fs'
import { Ajv2020, type AnySchemaObject } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hostileRun } from '../fixtures/reports/hostile-run.ts'
import { cleanRun, marked, plainDiagnostic, sampleRun, whole } from '../fixtures/reports/sample.ts'
import { azure } from './azure.ts'
import { findingsOf } from './findings.ts'
import { gitlab } from './gitlab.ts'
import { json } from './json.ts'
import { jsonl } from './jsonl.ts'
import { printable } from './printable.ts'
import { pylint } from './pylint.ts'
import { rdjson } from './rdjson.ts'

/** What the readers of reports make of them, as their own sources have it; the properties hold for any text. */

const schema = (path: string): AnySchemaObject =>
  JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as AnySchemaObject

/** Says what a schema refuses. */
function faults(found: AnySchemaObject, value: unknown): unknown {
  const ajv = new Ajv2020({ allErrors: true })
  ajv.validate(found, value)
  return ajv.errors
}

const isWellFormed = (text: string): boolean => !/\p{Cs}/u.test(text)
const repaired = (text: string): string => text.replace(/\p{Cs}/gu, '\ufffd')

interface Degradation {
  readonly description: string
  readonly fingerprint: string
  readonly severity: string
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } }
}

test('GitLab reads each finding, whatever the texts are, and takes no two for one', () => {
  const validate = new Ajv2020().compile(schema('../fixtures/reports/schemas/gitlab.schema.json'))
  fc.assert(
    fc.property(hostileRun, (run) => {
      const read = JSON.parse(whole(gitlab(run))) as readonly Degradation[]
      // A name that begins with a slash is none of a project.
      if (!findingsOf(run).some(({ file }) => /^\.?\//.test(file))) expect(validate(read)).toBe(true)
      expect(read.map(({ location }) => location.path)).toEqual(findingsOf(run).map(({ file }) => repaired(file)))
      expect(new Set(read.map(({ fingerprint }) => fingerprint)).size).toBe(read.length)
    }),
  )
  expect(whole(gitlab(cleanRun))).toBe('[]\n')
})

test("GitLab's fingerprints outlive moves and tell files and equal lines apart", () => {
  const prints = (...diagnostics: Parameters<typeof marked>[]) =>
    (
      JSON.parse(
        whole(gitlab({ ...cleanRun, diagnostics: diagnostics.map((each) => marked(...each)) })),
      ) as Degradation[]
    ).map(({ fingerprint }) => fingerprint)
  const [here] = prints([1, 'x = «f»(1);', {}])
  expect(prints([90, '\tx = «f»(1);', {}])).toEqual([here])
  expect(new Set([here, ...prints([1, 'x = «f»(1);', { file: 'b.c' }], [1, 'y = «f»(1);', {}])]).size).toBe(3)
})

interface RdDiagnostic {
  readonly message: string
  readonly location: { readonly path: string }
  readonly suggestions: readonly { readonly text: string }[]
}

test('reviewdog reads each finding and each suggestion, whatever the texts are', () => {
  const validate = new Ajv2020().compile(schema('../fixtures/reports/schemas/rdjson.schema.json'))
  fc.assert(
    fc.property(hostileRun, (run) => {
      const text = whole(rdjson(run))
      const { diagnostics } = JSON.parse(text) as { readonly diagnostics: readonly RdDiagnostic[] }
      const found = findingsOf(run)
      if (found.every(({ message }) => message !== '')) expect(validate(JSON.parse(text))).toBe(true)
      // Go's reader of JSON refuses the whole report for one.
      for (const { message, location, suggestions } of diagnostics)
        expect([message, location.path, ...suggestions.map((each) => each.text)].every(isWellFormed)).toBe(true)
      expect(diagnostics.map(({ suggestions }) => suggestions[0]?.text ?? null)).toEqual(
        found.map(({ details }) => (details === null ? null : repaired(details.substitution!.text))),
      )
    }),
  )
  expect(faults(schema('../fixtures/reports/schemas/rdjson.schema.json'), JSON.parse(whole(rdjson(sampleRun))))).toBe(
    null,
  )
})

test('JSON Lines are the diagnostics of the JSON report, a line each', () => {
  const { diagnostics } = JSON.parse(whole(json(sampleRun))) as { readonly diagnostics: readonly unknown[] }
  const lines = whole(jsonl(sampleRun)).trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(diagnostics)
  fc.assert(
    fc.property(hostileRun, (run) => {
      expect(whole(jsonl(run)).split(/[\n\r\u2028\u2029\x85]/)).toHaveLength(run.diagnostics.length + 1)
    }),
  )
})

/** How Jenkins reads lines of pylint (`PyLintParser` of its analysis model). */
const jenkins = /^(.*):(\d+): \[(\D\d*).*\] (.*)$/

test('Jenkins reads each line of pylint, and where it ends, whatever the texts are', () => {
  const letters = { error: 'E', warning: 'W', info: 'I' }
  fc.assert(
    fc.property(hostileRun, (run) => {
      const lines = whole(pylint(run))
        .split(/[\n\r\x85\u2028\u2029]/)
        .slice(0, -1)
      const found = findingsOf(run)
      expect(lines).toHaveLength(found.length)
      for (const [index, { line, severity, message, rule }] of found.entries()) {
        const [, , number, letter, text] = jenkins.exec(lines[index]!)!
        const fatal = rule === 'problem' && severity === 'error'
        expect([number, letter]).toEqual([String(line), fatal ? 'F' : letters[severity]])
        expect(text!.replaceAll('\u00a0', ' ')).toBe(printable(message).replaceAll('\u00a0', ' '))
      }
    }),
  )
})

/** How the agent of Azure Pipelines reads a line (`Command.TryParse`); null for one that is no command. */
function command(line: string): { readonly properties: ReadonlyMap<string, string>; readonly data: string } | null {
  const prefix = line.indexOf('##vso[')
  const end = line.indexOf(']', prefix)
  if (prefix < 0 || end < 0) return null
  const info = line.slice(prefix + '##vso['.length, end)
  const unescaped = (text: string): string =>
    text
      .replaceAll('%3B', ';')
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%5D', ']')
      .replaceAll('%AZP25', '%')
  const properties = info
    .slice(info.indexOf(' ') + 1)
    .split(';')
    .filter((each) => each !== '')
    .map((each): [string, string] => {
      const [key] = each.split('=', 1)
      return [key!, unescaped(each.slice(key!.length + 1).replace(/^=+/, ''))]
    })
  return { properties: new Map(properties), data: unescaped(line.slice(end + 1)) }
}

test("Azure's agent reads each error and warning, whatever the texts are", () => {
  fc.assert(
    fc.property(hostileRun, (run) => {
      const read = whole(azure(run))
        .split(/[\n\r]/)
        .slice(0, -1)
        .map(command)
      const found = findingsOf(run)
      expect(read).toHaveLength(found.length)
      for (const [index, { file, message, advice, severity, line }] of found.entries()) {
        if (severity === 'info') expect(read[index]).toBe(null)
        else {
          const { properties, data } = read[index]!
          const name = printable(file)
          expect(properties.get('sourcepath')).toBe(name.startsWith('=') ? `./${name}` : name)
          expect([properties.get('type'), properties.get('linenumber')]).toEqual([severity, `${line}`])
          expect(data).toBe(
            [message, advice]
              .filter((part) => part !== '')
              .map(printable)
              .join('\n'),
          )
        }
      }
    }),
  )
})

test('what could not be checked is told in each of them', () => {
  const run = { ...cleanRun, problems: [{ file: 'a.c', message: 'cannot be read', severity: 'error' as const }] }
  for (const render of [gitlab, rdjson, pylint, azure]) expect(whole(render(run))).toContain('cannot be read')
  expect(JSON.parse(whole(gitlab(run)))).toMatchObject([{ severity: 'critical' }])
})

test('half a fix is no suggestion: what needs a shim or an include has no change of its own', () => {
  const fix = {
    kind: 'file',
    title: 'use it',
    safety: 'safe',
    reason: '',
    edits: [],
    includes: ['<a.h>'],
    shims: [],
  } as const
  const details = { byteColumn: 1, endByteColumn: 2, lineHash: '1:1', substitution: null }
  const { diagnostics } = JSON.parse(
    whole(rdjson({ ...cleanRun, diagnostics: [{ ...plainDiagnostic, fix, details }] })),
  ) as { readonly diagnostics: readonly RdDiagnostic[] }
  expect(diagnostics).toMatchObject([{ message: 'A message\nfix (safe): use it', suggestions: [] }])
})
