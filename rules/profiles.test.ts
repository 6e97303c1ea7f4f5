import { expect, test } from 'vitest'
import { rules } from './index.ts'
import { rulesList, selectedRules, usualRules } from './profiles.ts'

const names = (select: readonly string[], ignore: readonly string[] = []): readonly string[] =>
  selectedRules(select, ignore).map(({ name }) => name)

test('all rules run but those on request, which a name or a profile brings', () => {
  expect(usualRules).toEqual(rules.filter(({ onRequest }) => !onRequest))
  expect(usualRules.length).toBeLessThan(rules.length)
  expect(names(['all'])).toEqual(rules.map(({ name }) => name))
  expect(names(['string-loop-access', 'unavailable-macro'])).toEqual(['string-loop-access', 'unavailable-macro'])
  expect(names(['advice'])).toEqual(expect.arrayContaining(['single-phase-init', 'string-loop-access']))
  expect(names(['all'], ['advice'])).not.toContain('single-phase-init')
})

test('errors are what a build, an import or every run shows', () => {
  const errors = names(['errors'])
  expect(errors).toEqual(expect.arrayContaining(['unavailable-macro', 'malformed-module-def']))
  for (const name of ['single-phase-init', 'missing-type-decref']) expect(errors).not.toContain(name)
  const certain = rules.filter(({ severity }) => severity === 'error').map(({ name }) => name)
  expect(errors).toEqual(expect.arrayContaining(certain))
})

test('the list has each rule once, under what it is about', () => {
  const lines = rulesList().split('\n')
  for (const { name } of rules) expect(lines.filter((line) => line.startsWith(`${name} `))).toHaveLength(1)
})
