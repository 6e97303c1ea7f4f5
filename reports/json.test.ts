import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hostileText } from '../fixtures/reports/hostile.ts'
import { cleanRun, plainDiagnostic, sampleRun } from '../fixtures/reports/sample.ts'
import schema from './json.schema.json' with { type: 'json' }
import { json } from './json.ts'

const validate = new Ajv2020({ allErrors: true }).compile(schema)

test.each([sampleRun, cleanRun])('a report follows the schema', (run) => {
  validate(JSON.parse(json(run)))
  expect(validate.errors).toBeNull()
})

test('the schema knows every property, and asks for each', () => {
  const report = JSON.parse(json(sampleRun)) as { diagnostics: Record<string, unknown>[] }
  expect(validate({ ...report, more: 1 })).toBe(false)
  for (const name of Object.keys(report.diagnostics[0]!)) {
    const { [name]: _, ...rest } = report.diagnostics[0]!
    expect(validate({ ...report, diagnostics: [rest] }), name).toBe(false)
  }
})

test('texts come back as they were, and nothing in them makes a terminal act', () => {
  fc.assert(
    fc.property(hostileText, (message) => {
      const text = json({ ...cleanRun, diagnostics: [{ ...plainDiagnostic, message }] })
      expect((JSON.parse(text) as { diagnostics: { message: string }[] }).diagnostics[0]!.message).toBe(message)
      expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/u)
    }),
  )
})
