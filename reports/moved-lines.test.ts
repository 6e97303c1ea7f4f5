import { expect, test } from 'vitest'
import { movedLines } from './moved-lines.ts'

const moved = (before: string, after: string): number[] =>
  before.split('').map((_, index) => movedLines(before.split('').join('\n'), after.split('').join('\n'))(index + 1))

test('lines are found again where others come and go before them', () => {
  expect(moved('abc', 'abc')).toEqual([1, 2, 3])
  expect(moved('abc', 'xaybc')).toEqual([2, 4, 5])
  expect(moved('abc', 'c')).toEqual([1, 1, 1])
})

test('a line that changes is found among those that come', () => {
  const line = movedLines(
    '#include "a"\nint f(void) { return g(); }\n}\n',
    '#include "a"\nnew\nint f(void) { return h(); }\n}\n',
  )
  expect([line(1), line(2), line(3)]).toEqual([1, 3, 4])
})
