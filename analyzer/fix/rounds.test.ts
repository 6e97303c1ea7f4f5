import { expect, test } from 'vitest'
import { type Fixable, fixAll, type Snapshot } from './rounds.ts'
import { shimHeaderPlace } from './shim-header.ts'

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

test('the header of the shims stands where all who need it have a directory in common, or where it is', () => {
  const place = (files: string[], present: string | null = null): string[] => {
    const { path, include } = shimHeaderPlace(files, present, '/home/spam')
    return [path, ...files.map(include)]
  }
  expect(place(['src/a.c'])).toEqual(['src/pep_shims.h', '"pep_shims.h"'])
  expect(place(['src/a/b.c', 'src/c/d/e.h'])).toEqual(['src/pep_shims.h', '"../pep_shims.h"', '"../../pep_shims.h"'])
  expect(place(['a.c', 'b/c.c'])).toEqual(['pep_shims.h', '"pep_shims.h"', '"../pep_shims.h"'])
  expect(place(['src/a/b.c', 'src/ab/c.c'])).toEqual(['src/pep_shims.h', '"../pep_shims.h"', '"../pep_shims.h"'])
  expect(place(['../eggs/a.c', 'b.c'])).toEqual(['pep_shims.h', '"../spam/pep_shims.h"', '"pep_shims.h"'])
  expect(place(['src/a.c'], 'include/pep_shims.h')).toEqual(['include/pep_shims.h', '"../include/pep_shims.h"'])
})
