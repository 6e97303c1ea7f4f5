import fc from 'fast-check'
import { expect, test } from 'vitest'
import { WordFilter, WordIndex } from './word-filter.ts'

const word = fc.stringMatching(/^[A-Za-z_$\x80-\xff][\w$\x80-\xff]{0,12}$/)
const text = fc.array(fc.oneof(word, fc.constantFrom(' ', '\n', '(', '::', '"', '/*', '0x1f', '->')), { maxLength: 40 })

test('an index gives all texts that hold a word, in their order', () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 8 }), word, (texts, other) => {
      const joined = texts.map((each) => each.join(' '))
      const index = new WordIndex(joined.map((each) => new WordFilter(each)))
      for (const name of [other, ...texts.flat()]) {
        const found = [...index.withWord(name)]
        const holding = texts.flatMap((each, at) => (each.includes(name) && /^[\w$\x80-\xff]+$/.test(name) ? [at] : []))
        expect(found).toEqual(expect.arrayContaining(holding))
        expect(found).toEqual([...found].sort((a, b) => a - b))
      }
    }),
  )
})

test('an index gives few texts that do not hold a word', () => {
  const texts = Array.from({ length: 1000 }, (_, at) => `int only_${at}; static int same;`)
  const index = new WordIndex(texts.map((each) => new WordFilter(each)))
  const counts = texts.map((_, at) => index.withWord(`only_${at}`).length)
  expect(counts.reduce((sum, each) => sum + each, 0)).toBeLessThan(1100)
  expect(index.withWord('same')).toHaveLength(1000)
})
