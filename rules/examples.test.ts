import { describe, expect, test } from 'vitest'
import type { Example } from '../analyzer/check/rule.ts'
import { check, fixed, sourceOf, targetOf } from '../fixtures/rules.ts'
import { rules } from './index.ts'

const run = (rule: (typeof rules)[number], example: Example, text = sourceOf(example)): ReturnType<typeof check> =>
  check({ [example.file ?? 'example.c']: text }, [rule], [targetOf(example)])

describe.each(rules.map((rule) => [rule.name, rule] as const))('%s', (_, rule) => {
  test('has a page: a summary of one line, an explanation, good and bad examples', () => {
    expect(rule.name).toMatch(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)+$/)
    expect(rule.summary).toMatch(/^[^\n]*[^.\n]$/)
    expect(rule.explanation.length).toBeGreaterThan(80)
    expect(rule.examples.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['good', 'bad']))
  })

  test.each(rule.examples.map((example) => [example.kind, example.code.slice(0, 60), example] as const))(
    '%s: %s',
    async (kind, _code, example) => {
      const found = await run(rule, example)
      expect(found.map(({ message }) => message)).toHaveLength(kind === 'bad' ? 1 : 0)
      for (const { message, severity, effect } of found) {
        expect(message).not.toMatch(/\.$|undefined|\[object|null/)
        expect(message.split('`').length % 2).toBe(1)
        if (severity === 'error') expect(effect).not.toBe('advice')
      }
    },
  )

  const bad = rule.examples.filter(({ kind, file }) => kind === 'bad' && file === undefined)
  test.each(bad.map((example) => [example.code.slice(0, 60), example] as const))(
    'survives CRLF and text that is not ASCII: %s',
    async (_code, example) => {
      const text = sourceOf(example)
      const [plain] = await run(rule, example)
      const [crlf] = await run(rule, example, text.replaceAll('\n', '\r\n'))
      const front = '/* Grüße, 世界 */\n'
      const [moved] = await run(rule, example, front + text)
      expect(crlf?.symbol).toBe(plain!.symbol)
      expect(moved?.start).toBe(plain!.start + Buffer.byteLength(front))
    },
  )

  const fixable = rule.examples.filter((example) => example.fixed !== undefined)
  test.each(fixable.map((example) => [example.code.slice(0, 60), example] as const))(
    'is fixed: %s',
    async (_code, example) => {
      const unsafe = example.fixes === 'unsafe'
      const fix = async (text: string, all = unsafe): Promise<string> =>
        (await fixed({ 'example.c': text }, [rule], [targetOf(example)], all))['example.c']!
      const before = sourceOf(example)
      const after = sourceOf({ ...example, code: example.fixed! })
      expect(await fix(before)).toBe(after)
      expect(await run(rule, example, after)).toEqual([])
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
