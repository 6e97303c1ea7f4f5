import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fixesPage } from './document.ts'

test('docs/fixes.md is what npm run docs would write', () => {
  expect(readFileSync(new URL('../../../docs/fixes.md', import.meta.url), 'utf8')).toBe(fixesPage())
})
