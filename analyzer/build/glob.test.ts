import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  anyDirectories,
  anyNumber,
  anyNumberInName,
  anySign,
  anySignInName,
  isMatch,
  signClass,
  signs,
} from './glob.ts'

const parts = {
  '**/': [anyDirectories, '(?:.*/)?'],
  '**': [anyNumber, '.*'],
  '*': [anyNumberInName, '[^/]*'],
  '?': [anySignInName, '[^/]'],
  '!': [anySign, '.'],
  a: [signs('a'), 'a'],
  '/': [signs('/'), '/'],
  '[a-c]': [signClass('a-c'), '[a-c]'],
} as const

test('a pattern takes what the regular expression for it does', () => {
  const pattern = fc.array(fc.constantFrom(...(Object.keys(parts) as (keyof typeof parts)[])), { maxLength: 8 })
  const name = fc.stringMatching(/^[ab/]{0,8}$/)
  fc.assert(
    fc.property(pattern, name, (signs, text) => {
      const expected = new RegExp(`^${signs.map((each) => parts[each][1]).join('')}$`).test(text)
      expect(
        isMatch(
          signs.map((each) => parts[each][0]),
          text,
        ),
      ).toBe(expected)
    }),
    { numRuns: 2000 },
  )
})

test('many ways to take a name are followed at once', () => {
  const many = Array.from({ length: 400 }, (_, index) => (index % 2 === 0 ? anyNumber : signs('a')))
  expect(isMatch([...many, signs('b')], 'a'.repeat(400))).toBe(false)
})
