import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { catalogue, cataloguePage } from './catalogue.ts'
import { rules } from './index.ts'

const names = new Set(rules.map(({ name }) => name))

test('each pattern has one answer, by rules that there are', () => {
  expect(new Set(catalogue.map(({ name }) => name)).size).toBe(catalogue.length)
  expect(catalogue.flatMap((each) => each.rules.filter((name) => !names.has(name)))).toEqual([])
  const nameless = catalogue.filter(({ answer, rules: named, note }) =>
    answer === 'rule' || answer === 'part' ? named.length === 0 : note === '',
  )
  expect(nameless).toEqual([])
})

test('a pattern with a rule of its name says so', () => {
  expect(catalogue.filter(({ name, answer }) => names.has(name) && answer !== 'rule')).toEqual([])
})

test('the page is as it is written; `npm run docs` writes it anew', () => {
  expect(readFileSync(new URL('../docs/catalogue.md', import.meta.url), 'utf8')).toBe(cataloguePage())
})
