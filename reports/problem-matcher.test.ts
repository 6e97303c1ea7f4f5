import fc from 'fast-check'
import { expect, test } from 'vitest'
import matcher from '../bin/action/problem-matcher.json' with { type: 'json' }
import { hostileRun } from '../fixtures/reports/hostile-run.ts'
import { sampleRun, whole } from '../fixtures/reports/sample.ts'
import { concise } from './concise.ts'
import { shownName } from './file-name.ts'
import { printable } from './printable.ts'

const [{ pattern }] = matcher.problemMatcher as [(typeof matcher.problemMatcher)[number]]
const [groups] = pattern as [(typeof pattern)[number]]

test('the problem matcher knows each line of the concise format, whatever stands in it', () => {
  fc.assert(
    fc.property(fc.oneof(hostileRun, fc.constant(sampleRun)), (run) => {
      const lines = whole(concise(run)).split('\n').slice(0, -1)
      expect(lines.length).toBe(run.diagnostics.length)
      for (const [index, line] of lines.entries()) {
        const match = new RegExp(groups.regexp).exec(line)
        const { file, line: number, column, severity, rule, message, fix } = run.diagnostics[index]!
        expect(match?.[groups.file]).toBe(shownName(file))
        expect([match?.[groups.line], match?.[groups.column]]).toEqual([String(number), String(column)])
        expect([match?.[groups.severity], match?.[groups.code]]).toEqual([severity, rule])
        expect(match?.[groups.message]).toBe(printable(message) + (fix ? ` [fix: ${fix.safety}]` : ''))
      }
    }),
  )
})

test('nothing else is taken for a finding', () => {
  for (const line of ['Found 3 errors in 2 files.', 'error: a.c:1:2: no', 'a.c:1:2: fatal[x] y', 'a.c:1: error[x] y'])
    expect(new RegExp(groups.regexp).test(line)).toBe(false)
})
