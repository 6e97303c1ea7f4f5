import { expect, test } from 'vitest'
import { type Fixable, fixAll, type Snapshot } from './rounds.ts'
import { commonDirectory, includeOf } from './shim-header.ts'

/** A project of one file in which a rule finds each `bad`, and a fix writes something for it. */
function projectOf(
  text: string,
  put: string,
): {
  readonly first: Snapshot<Fixable>
  readonly look: (changes: ReadonlyMap<string, string>) => Promise<Snapshot<Fixable>>
} {
  const at = (now: string): Snapshot<Fixable> => ({
    texts: new Map([['a.c', now]]),
    diagnostics: [...now.matchAll(/bad/g)].map(
      ({ index }): Fixable => ({
        rule: 'toy',
        file: 'a.c',
        fix: {
          title: '',
          safety: 'safe',
          reason: '',
          kind: 'file',
          rewrites: [{ start: index, end: index + 3, pieces: [put] }],
          includes: [],
          shims: [],
        },
      }),
    ),
    unparsed: new Map([['a.c', (now.match(/@/g) ?? []).length]]),
  })
  return { first: at(text), look: async (changes) => at(changes.get('a.c') ?? text) }
}

const fixed = async (
  text: string,
  put: string,
): Promise<{ readonly text: string; readonly problems: readonly string[] }> => {
  const { first, look } = projectOf(text, put)
  const { changes, problems, last } = await fixAll(first, { wants: () => true, mayEdit: () => true, look })
  expect(last.texts.get('a.c')).toBe(changes.get('a.c') ?? text)
  return { text: changes.get('a.c') ?? text, problems: problems.map(({ message }) => message) }
}

test('fixes are made in rounds, as long as there are fewer findings', async () => {
  expect(await fixed('bad bad', 'good')).toEqual({ text: 'good good', problems: [] })
})

test(
  'a round that leaves as many findings, or that the parser does not understand, is taken back and reported with ' +
    'its rule',
  async () => {
    for (const put of ['bad()', '@']) {
      const { text, problems } = await fixed('bad', put)
      expect([text, problems]).toEqual(['bad', [expect.stringMatching(/taken back.*\(toy\).*fault of abi3lint/)]])
    }
  },
)

test('files have a directory in common, and include a header from where they are', () => {
  expect(commonDirectory(['src/a.c'])).toBe('src')
  expect(commonDirectory(['src/a/b.c', 'src/c/d/e.h'])).toBe('src')
  expect(commonDirectory(['a.c', 'b/c.c'])).toBe('.')
  expect(commonDirectory(['src/a/b.c', 'src/ab/c.c'])).toBe('src')
  expect(commonDirectory(['../eggs/a.c', 'b.c'])).toBe('.')
  const include = (file: string, header = 'src/pep_shims.h'): string => includeOf(file, header, '/home/spam')
  expect(['src/a.c', 'src/c/d/e.h', 'b/c.c'].map((file) => include(file))).toEqual([
    '"pep_shims.h"',
    '"../../pep_shims.h"',
    '"../src/pep_shims.h"',
  ])
  expect(include('../eggs/a.c', 'pep_shims.h')).toBe('"../spam/pep_shims.h"')
})
