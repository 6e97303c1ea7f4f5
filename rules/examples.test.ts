import { describe, expect, test } from 'vitest'
import { examplesOf } from '../analyzer/check/examples.ts'
import { diagnose, reportedIn, reportedSource, rulesFor } from '../fixtures/reported.ts'
import { fixed, sourceOf, targetOf } from '../fixtures/rules.ts'
import { rules } from './index.ts'

describe.each(rules.map((rule) => [rule.name, rule] as const))('%s', (_, rule) => {
  test('has a page: a summary of one line, an explanation, good and bad examples', () => {
    expect(rule.name).toMatch(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)+$/)
    expect(rule.summary).toMatch(/^[^\n]*[^.\n]$/)
    expect(rule.explanation.length).toBeGreaterThan(80)
    // A fence stands on a line of its own.
    expect(rule.explanation.match(/```/g) ?? []).toEqual(rule.explanation.match(/^```(?=\w*$)/gm) ?? [])
    expect(examplesOf(rule).map(({ kind }) => kind)).toEqual(expect.arrayContaining(['good', 'bad']))
  })

  test.each(examplesOf(rule).map((example) => [example.kind, example.code.slice(0, 60), example] as const))(
    '%s: %s',
    async (kind, _code, example) => {
      const found = await diagnose(rule, example)
      const reported = reportedIn(rule, example, found)
      const pasted = reported.map((each) => `\n${reportedSource(each)}`).join('')
      if (kind === 'bad')
        expect(example.reports, `a bad example states what it reports; now that is${pasted}`).toBeDefined()
      expect(reported, `other than the example says; to accept it, write${pasted || ' a good one'}`).toEqual(
        example.reports === undefined ? [] : [example.reports],
      )
      for (const { message, severity, effect } of found) {
        expect(message).not.toMatch(/\.$|undefined|\[object|null/)
        expect(message.split('`').length % 2).toBe(1)
        if (severity === 'error') expect(effect).not.toBe('advice')
      }
    },
  )

  const bad = examplesOf(rule).filter(({ kind, file }) => kind === 'bad' && file === undefined)
  test.each(bad.map((example) => [example.code.slice(0, 60), example] as const))(
    'survives CRLF and text that is not ASCII: %s',
    async (_code, example) => {
      const text = sourceOf(example)
      const [plain] = await diagnose(rule, example)
      const [crlf] = await diagnose(rule, example, text.replaceAll('\n', '\r\n'))
      const front = '/* Grüße, 世界 */\n'
      const [moved] = await diagnose(rule, example, front + text)
      expect(crlf?.symbol).toBe(plain!.symbol)
      expect(moved?.start).toBe(plain!.start + Buffer.byteLength(front))
    },
  )

  const fixable = examplesOf(rule).filter((example) => example.fixed !== undefined)
  test.each(fixable.map((example) => [example.code.slice(0, 60), example] as const))(
    'is fixed: %s',
    async (_code, example) => {
      const unsafe = example.fixes === 'unsafe'
      const file = example.file ?? 'example.c'
      const fix = async (text: string, all = unsafe): Promise<string> =>
        (await fixed({ [file]: text }, rulesFor(rule, example), [targetOf(example)], all))[file]!
      const before = sourceOf(example)
      const after = sourceOf({ ...example, code: example.fixed! })
      expect(await fix(before)).toBe(after)
      expect(await diagnose(rule, example, after)).toEqual([])
      expect(await fix(after)).toBe(after)
      expect(await fix(before.replaceAll('\n', '\r\n'))).toBe(after.replaceAll('\n', '\r\n'))
      if (unsafe) expect(await fix(before, false)).toBe(before)
      const full = `#include <Python.h>\n#ifndef Py_LIMITED_API\n${example.code}\n#endif\n`
      expect(await fix(full)).toBe(full)
    },
  )
})

test('rules are sorted by name, and no two have one name', () => {
  const names = rules.map(({ name }) => name)
  expect(names).toEqual([...new Set(names)].sort())
})
