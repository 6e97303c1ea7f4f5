import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asByteText } from '../source/text.ts'
import { lineHashes } from './line-hashes.ts'

const hashesOf = (text: string) => lineHashes(asByteText(new TextEncoder().encode(text)))

test("gives what the tests of GitHub's upload action expect", () => {
  expect(hashesOf('')).toEqual(['c129715d7a2bc9a3:1'])
  expect(hashesOf(' a\nb\n  \t\tc\n d')).toEqual([
    '271789c17abda88f:1',
    '54703d4cd895b18:1',
    '180aee12dab6264:1',
    'a23a3dc5e078b07b:1',
  ])
  const lorem = hashesOf('Lorem ipsum dolor sit amet.\n'.repeat(10))
  expect(lorem.slice(0, 6)).toEqual([1, 2, 3, 4, 5, 6].map((times) => `a7f2ff13bc495cf2:${times}`))
  expect(lorem).toHaveLength(11)
})

/** The same, in the words of what is meant: the code units of each line and those that follow, as a number. */
function plainHashes(text: string): readonly string[] {
  const kept = `${text.replace(/\r\n|\r/g, '\n').replace(/[ \t]/g, '')}\uffff`
  const starts = [0, ...[...kept.matchAll(/\n/g)].map(({ index }) => index + 1)]
  const seen: string[] = []
  return starts.map((start) => {
    let hash = 0n
    for (let at = start; at < start + 100; at++)
      hash = BigInt.asUintN(64, hash * 37n + BigInt(at < kept.length ? kept.charCodeAt(at) : 0))
    seen.push(hash.toString(16))
    return `${hash.toString(16)}:${seen.filter((each) => each === hash.toString(16)).length}`
  })
}

test('rolls to what a computation from scratch gives, whatever the text', () => {
  const pieces = fc.constantFrom('a', '\n', '\r', '\r\n', ' ', '\t', '漢', '🐍', '\uffff', '\ufeff', 'x'.repeat(150))
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      const text = parts.join('')
      expect(hashesOf(text)).toEqual(plainHashes(text))
    }),
  )
})

test('bytes that are no UTF-8 are U+FFFD, as they are for the action', () => {
  expect(lineHashes('caf\xe9')).toEqual(hashesOf('caf\ufffd'))
})
