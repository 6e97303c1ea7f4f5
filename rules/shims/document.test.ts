import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { shimsPage } from './document.ts'
import { shims } from './index.ts'
import { instead, sections } from './instead.ts'

test('docs/shims.md is what npm run docs would write', () => {
  expect(readFileSync(new URL('../../docs/shims.md', import.meta.url), 'utf8')).toBe(shimsPage())
})

test('shims that the tables name exist', () => {
  const texts = [...sections.map(({ here }) => here), ...instead.map(({ use }) => use)]
  const named = texts.flatMap((text) => [...text.matchAll(/\bPep\w*[a-zA-Z]\b/g)].map(([name]) => name))
  expect(named.filter((name) => !shims.has(name) && !/^(?:PepCode|Pep_CO)/.test(name))).toEqual([])
  expect(named.length).toBeGreaterThan(40)
})
