import { expect, test } from 'vitest'
import { parseTarget, type Target } from '../knowledge/target.ts'
import { Interning } from '../source/interning.ts'
import type { Diagnostic } from './diagnostic.ts'
import { FoundAtTarget } from './found-at-target.ts'

const target = (headers: number): Target => ({ ...parseTarget('3.9')!, headers })

const diagnostic = (start: number, rule: string, headers: string): Diagnostic => ({
  rule,
  severity: 'error',
  effect: 'build-break',
  file: 'a.c',
  start,
  end: start + 1,
  symbol: rule,
  message: '',
  advice: '',
  fix: null,
  since: null,
  notes: [],
  targets: ['3.9'],
  headers: [headers],
})

test('what is found with several headers is one finding, at a place where another one is, too', () => {
  const found = new FoundAtTarget(new Interning())
  for (const headers of [15, 14]) {
    found.begin(target(headers))
    for (const start of [1, 2]) found.add(diagnostic(start, 'a', `3.${headers}`))
    found.add(diagnostic(1, 'b', `3.${headers}`))
  }
  found.begin(target(13))
  found.add(diagnostic(1, 'b', '3.13'))
  const all = [...found.all()]
  expect(all.map(({ start, rule, headers, notes }) => [start, rule, headers, notes])).toEqual([
    [1, 'a', ['3.15', '3.14'], ['only with the headers of CPython 3.14 to 3.15']],
    [1, 'b', ['3.15', '3.14', '3.13'], []],
    [2, 'a', ['3.15', '3.14'], ['only with the headers of CPython 3.14 to 3.15']],
  ])
  // Findings may be hundreds of thousands: of equal lists one is kept.
  expect(all[0]!.headers).toBe(all[2]!.headers)
  expect(all[0]!.notes).toBe(all[2]!.notes)
})
