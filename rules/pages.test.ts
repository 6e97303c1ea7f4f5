import { expect, test } from 'vitest'
import { catalogue } from './catalogue.ts'
import { rules } from './index.ts'
import { pageOf } from './pages.ts'

test('rules lead to pages on what they are about, and the others to the one on the Limited API', () => {
  expect(pageOf('single-phase-init')).toBe('https://docs.python.org/3/c-api/module.html')
  expect(pageOf('no-such-rule')).toBe('https://docs.python.org/3/c-api/stable.html')
  const sections = new Set(catalogue.map(({ section }) => section))
  // A section that was renamed would lead all of its rules to the general page.
  for (const name of [
    'Heap types',
    'Module state',
    'Capsules',
    'abi3t',
    'Module initialisation',
    'From static types to specs',
  ])
    expect(sections).toContain(name)
  expect(new Set(rules.map(({ name }) => pageOf(name))).size).toBe(6)
})

test('where a site has the pages, rules lead there', () => {
  expect(pageOf('single-phase-init', 'https://example.org/abi3lint')).toBe(
    'https://example.org/abi3lint/rules/single-phase-init.html',
  )
  expect(pageOf('single-phase-init', 'https://example.org/')).toBe('https://example.org/rules/single-phase-init.html')
})
