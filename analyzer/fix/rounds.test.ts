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
  const { changes, problems, last } = await fixAll(first, {
    wants: () => true,
    mayEdit: () => true,
    leaveOut: () => undefined,
    look,
  })
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
      expect([text, problems]).toEqual(['bad', [expect.stringMatching(/taken back.*\(toy: .*fault of abi3lint/)]])
    }
  },
)

test('only the fix that makes a file worse is taken back, and the message says which', async () => {
  const at = (now: string): Snapshot<Fixable> => ({
    texts: new Map([['a.c', now]]),
    diagnostics: [...now.matchAll(/bad(\d)/g)].map(
      ({ index, 1: digit }): Fixable => ({
        rule: 'toy',
        file: 'a.c',
        fix: {
          title: `write ${digit}`,
          safety: 'safe',
          reason: '',
          kind: 'file',
          rewrites: [{ start: index, end: index + 4, pieces: [digit === '4' ? '@' : `good${digit}`] }],
          includes: [],
          shims: [],
        },
      }),
    ),
    unparsed: new Map([['a.c', (now.match(/@/g) ?? []).length]]),
  })
  const text = 'bad1 bad2 bad3 bad4 bad5 bad6 bad7'
  const { changes, made, problems } = await fixAll(at(text), {
    wants: () => true,
    mayEdit: () => true,
    leaveOut: () => undefined,
    look: async (now) => at(now.get('a.c') ?? text),
  })
  expect([changes.get('a.c'), made.safe]).toEqual(['good1 good2 good3 bad4 good5 good6 good7', 6])
  expect(problems.map(({ message }) => message)).toEqual([expect.stringMatching(/^1 of its fixes .*toy: write 4/)])
})

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

test('many files that fixes make worse take as many looks as one', async () => {
  const at = (texts: ReadonlyMap<string, string>): Snapshot<Fixable> => ({
    texts,
    diagnostics: [...texts].flatMap(([file, now]) =>
      [...now.matchAll(/bad(\d)/g)].map(
        ({ index, 1: digit }): Fixable => ({
          rule: 'toy',
          file,
          fix: {
            title: `write ${digit}`,
            safety: 'safe',
            reason: '',
            kind: 'file',
            // In every file another one does harm; in every fifth none.
            rewrites: [{ start: index, end: index + 4, pieces: [`${file}`.endsWith(digit!) ? '@' : `good${digit}`] }],
            includes: [],
            shims: [],
          },
        }),
      ),
    ),
    unparsed: new Map([...texts].map(([file, now]) => [file, (now.match(/@/g) ?? []).length])),
  })
  const text = 'bad0 bad1 bad2 bad3'
  const files = Array.from({ length: 500 }, (_, index) => `a${index}.c${index % 5}`)
  const first = at(new Map(files.map((file) => [file, text])))
  let looks = 0
  const { changes, problems, made } = await fixAll(first, {
    wants: () => true,
    mayEdit: () => true,
    leaveOut: () => undefined,
    look: async (changed) => {
      looks++
      return at(new Map(files.map((file) => [file, changed.get(file) ?? text])))
    },
  })
  expect([...changes]).toEqual(
    files.map((file) => [
      file,
      text.replace(/bad(\d)/g, (bad, digit) => (file.endsWith(digit) ? bad : `good${digit}`)),
    ]),
  )
  expect([problems.length, made.safe, looks]).toEqual([400, 1600, 6])
})
