import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CostlyFile, divided } from './shards.ts'

const files = fc.uniqueArray(fc.record({ file: fc.string({ minLength: 1 }), bytes: fc.nat({ max: 100_000 }) }), {
  selector: ({ file }) => file,
  maxLength: 40,
})

const loadsOf = (list: readonly CostlyFile[], count: number): readonly number[] => {
  const parts = divided(list, count)
  return Array.from({ length: count }, (_, index) =>
    list.reduce((sum, { file, bytes }) => sum + (parts.get(file) === index + 1 ? bytes + 2000 : 0), 0),
  )
}

test('each file is in one part, whatever order they are given in', () => {
  fc.assert(
    fc.property(files, fc.integer({ min: 1, max: 9 }), fc.infiniteStream(fc.nat()), (list, count, numbers) => {
      const parts = divided(list, count)
      expect([...parts.keys()].sort()).toEqual(list.map(({ file }) => file).sort())
      for (const part of parts.values()) expect(part).toBeGreaterThanOrEqual(1)
      for (const part of parts.values()) expect(part).toBeLessThanOrEqual(count)
      const shuffled = list
        .map((each) => ({ each, at: numbers.next().value ?? 0 }))
        .sort((a, b) => a.at - b.at)
        .map(({ each }) => each)
      expect(Object.fromEntries(divided(shuffled, count))).toEqual(Object.fromEntries(parts))
    }),
  )
})

test('parts differ by no more than the most costly file', () => {
  fc.assert(
    fc.property(files, fc.integer({ min: 1, max: 9 }), (list, count) => {
      const loads = loadsOf(list, count)
      const largest = list.reduce((most, { bytes }) => Math.max(most, bytes + 2000), 0)
      const all = loads.reduce((sum, each) => sum + each, 0)
      for (const load of loads) expect(load).toBeLessThanOrEqual(all / count + largest)
    }),
  )
})
