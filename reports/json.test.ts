import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hostileText } from '../fixtures/reports/hostile.ts'
import { cleanRun, plainDiagnostic, sampleRun, whole } from '../fixtures/reports/sample.ts'
import schema from './json.schema.json' with { type: 'json' }
import { json } from './json.ts'
import { jsonParts, jsonText } from './json-text.ts'
import { jsonl } from './jsonl.ts'

const validate = new Ajv2020({ allErrors: true }).compile(schema)

const fixed = { safe: 1, unsafe: 2, files: 1, differs: ['it is slower'] }

test.each([sampleRun, cleanRun, { ...cleanRun, fixed }])('a report follows the schema', (run) => {
  validate(JSON.parse(whole(json(run))))
  expect(validate.errors).toBeNull()
})

test('the schema knows every property, and asks for each', () => {
  const report = JSON.parse(whole(json(sampleRun))) as { diagnostics: Record<string, unknown>[] }
  expect(validate({ ...report, more: 1 })).toBe(false)
  for (const name of Object.keys(report.diagnostics[0]!)) {
    const { [name]: _, ...rest } = report.diagnostics[0]!
    expect(validate({ ...report, diagnostics: [rest] }), name).toBe(false)
  }
})

test('texts come back as they were, and nothing in them makes a terminal act', () => {
  fc.assert(
    fc.property(hostileText, (message) => {
      const text = whole(json({ ...cleanRun, diagnostics: [{ ...plainDiagnostic, message }] }))
      const { diagnostics } = JSON.parse(text) as { diagnostics: { message: string }[] }
      expect(diagnostics[0]!.message).toBe(message.replace(/\p{Cs}/gu, '\ufffd'))
      expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/u)
    }),
  )
})

test('half of a surrogate pair, which strict readers refuse, stands in no text, and what looks like it stays', () => {
  const file = 'a\udcff.c'
  const message = 'a name \\udcff, \ud83d\ude00, \ud83d'
  const shown = { file: 'a\ufffd.c', message: 'a name \\udcff, \ud83d\ude00, \ufffd' }
  const run = { ...cleanRun, diagnostics: [{ ...plainDiagnostic, file, message }] }
  expect(JSON.parse(whole(json(run))).diagnostics[0]).toMatchObject(shown)
  expect(JSON.parse(whole(jsonl(run)))).toMatchObject(shown)
  expect(() => JSON.parse(jsonText(run), (_, value) => encodeURI(String(value)) && value)).not.toThrow()
})

test('what comes in parts is the JSON of the whole', () => {
  const texts = fc.array(fc.string({ unit: 'binary' }), { maxLength: 3 })
  const many = fc.nat({ max: 1200 }).map((length) => Array.from({ length }, (_, index) => `"list": [${index}`))
  fc.assert(
    fc.property(fc.oneof(texts, many), fc.string(), (items, other) => {
      const shell = { other: `${other}"list": [`, list: [], last: { list: [] } }
      const parts = jsonParts(shell, 'list', items, (item, index) => ({ item: { index, item } }))
      expect(whole(parts)).toBe(jsonText({ ...shell, list: items.map((item, index) => ({ item: { index, item } })) }))
    }),
  )
})
