import fc from 'fast-check'
import { expect, test } from 'vitest'
import { conflict } from './edits.ts'
import { choose, type SettledFileFix, settle } from './plan.ts'

const fixOf = (edits: SettledFileFix['edits']): SettledFileFix => ({
  kind: 'file',
  title: '',
  safety: 'safe',
  reason: '',
  includes: [],
  shims: [],
  edits,
})

/** Fixes whose own edits do not overlap. */
const fix = fc
  .array(fc.tuple(fc.nat(6), fc.nat(3), fc.constantFrom('', 'x', 'y')), { minLength: 1, maxLength: 3 })
  .map((parts) => {
    let at = 0
    return fixOf(
      parts.map(([gap, length, text]) => {
        const start = at + gap
        at = start + length + 1
        return { start, end: start + length, text: length === 0 ? text || 'z' : text }
      }),
    )
  })

test('fixes that are chosen are in no conflict, and those left out are in one with them', () => {
  fc.assert(
    fc.property(fc.array(fix, { maxLength: 12 }), (fixes) => {
      const wanted = fixes.map((each) => ({ fix: each }))
      const chosen = choose(wanted)
      const same = (a: SettledFileFix, b: SettledFileFix): boolean =>
        JSON.stringify(a.edits) === JSON.stringify(b.edits)
      const clash = (a: SettledFileFix, b: SettledFileFix): boolean =>
        !same(a, b) && a.edits.some((one) => b.edits.some((other) => conflict(one, other)))
      for (const a of chosen) for (const b of chosen) expect(clash(a.fix, b.fix)).toBe(false)
      for (const each of wanted)
        if (!chosen.includes(each)) expect(chosen.some((other) => clash(each.fix, other.fix))).toBe(true)
      if (wanted.length > 0) expect(chosen.length).toBeGreaterThan(0)
    }),
    { numRuns: 500 },
  )
})

test('a fix that deletes a comment is not safe', () => {
  const text = 'f(a, /* why */ b)'
  const settled = (from: number, to: number): ReturnType<typeof settle> =>
    settle(
      {
        title: '',
        safety: 'safe',
        reason: '',
        includes: [],
        shims: [],
        kind: 'file',
        rewrites: [{ start: 0, end: text.length, pieces: ['g(', { start: from, end: to }, ')'] }],
      },
      text,
    )
  expect(settled(2, 16)).toMatchObject({ safety: 'safe', reason: '' })
  expect(settled(2, 3)).toMatchObject({ safety: 'unsafe', reason: 'it would delete a comment or a preprocessor line' })
})

test('of fixes in conflict the first by position is made, in whatever order they come', () => {
  const first = fixOf([{ start: 2, end: 5, text: 'a' }])
  const second = fixOf([{ start: 4, end: 6, text: 'b' }])
  const far = fixOf([
    { start: 20, end: 21, text: 'c' },
    { start: 0, end: 1, text: 'c' },
  ])
  const wanted = [second, far, first].map((fix) => ({ fix }))
  expect(choose(wanted).map(({ fix }) => fix)).toEqual([far, first])
  expect(choose([...wanted].reverse()).map(({ fix }) => fix)).toEqual([far, first])
})

test('fixes that make the same edits are one, and all are told so', () => {
  const same = Array.from({ length: 3 }, () => ({ fix: fixOf([{ start: 1, end: 2, text: 'a' }]) }))
  expect(choose(same)).toEqual(same)
})

test('a fix of several files is as it is; the text is not asked for', () => {
  const change = { edits: new Map(), shims: new Map() }
  const fix = { kind: 'project', title: 't', safety: 'unsafe', reason: 'r', change } as const
  expect(settle(fix, '')).toBe(fix)
})

test('what a fix loses is added to what it differs in', () => {
  const { edits: _, ...fix } = fixOf([])
  const rewrites = [{ start: 0, end: 9, pieces: ['g'] }]
  expect(settle({ ...fix, safety: 'unsafe', reason: 'no copy is made', rewrites }, 'f /* a */')).toMatchObject({
    safety: 'unsafe',
    reason: 'no copy is made',
  })
  expect(settle({ ...fix, safety: 'unsafe', reason: 'no copy is made', rewrites }, '/* a */ f')).toMatchObject({
    safety: 'unsafe',
    reason: 'no copy is made',
  })
  expect(settle({ ...fix, safety: 'unsafe', reason: 'no copy is made', rewrites }, 'a /**/ b')).toMatchObject({
    safety: 'unsafe',
    reason: 'no copy is made; it would delete a comment or a preprocessor line',
    edits: [{ start: 0, end: 8, text: 'g' }],
  })
})
