import { chmodSync, linkSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { folder, isWindows, scratch } from '../../fixtures/command-line.ts'
import { type FileChange, writeFiles } from './transaction.ts'

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const bytes = (text: string): Buffer => Buffer.from(text)

/** A change of a file in a directory. */
const change = (cwd: string, file: string, before: string | null, after: string): FileChange => ({
  file: join(cwd, file),
  before: before === null ? null : bytes(before),
  after: bytes(after),
})

const textsIn = (cwd: string): Readonly<Record<string, string>> =>
  Object.fromEntries(readdirSync(cwd).map((name) => [name, readFileSync(join(cwd, name), 'utf8')]))

const messages = (problems: readonly { readonly message: string }[]): string[] => problems.map(({ message }) => message)

describe('writing', () => {
  test('all files get their new texts, with the modes that they had', async () => {
    const cwd = folder({ a: 'a', b: 'b' })
    chmodSync(join(cwd, 'a'), 0o750)
    const { files, problems } = await writeFiles(cwd, [
      change(cwd, 'new', null, 'N'),
      change(cwd, 'a', 'a', 'A'),
      change(cwd, 'b', 'b', 'B'),
    ])
    expect([files.size, problems, textsIn(cwd)]).toEqual([3, [], { a: 'A', b: 'B', new: 'N' }])
    if (!isWindows) expect(statSync(join(cwd, 'a')).mode & 0o777).toBe(0o750)
  })

  test.skipIf(isWindows)('a file stays the one that it was, with all that the system has beside its text', async () => {
    const cwd = folder({ a: 'a long text', b: 'b', new: 'n' })
    linkSync(join(cwd, 'b'), join(cwd, 'names'))
    const before = statSync(join(cwd, 'a')).ino
    await writeFiles(cwd, [change(cwd, 'a', 'a long text', 'A'), change(cwd, 'b', 'b', 'B is longer')])
    expect([statSync(join(cwd, 'a')).ino, textsIn(cwd)]).toEqual([
      before,
      { a: 'A', b: 'B is longer', names: 'b', new: 'n' },
    ])
  })

  test('where one cannot be written none is, and nothing is left beside them', async () => {
    const cwd = folder({ a: 'a', b: 'b' })
    const changes = [change(cwd, 'a', 'a', 'A'), change(cwd, 'b', 'b', 'B'), change(cwd, 'no/such', null, 'N')]
    const { files, problems } = await writeFiles(cwd, changes)
    expect([files.size, textsIn(cwd)]).toEqual([0, { a: 'a', b: 'b' }])
    expect(messages(problems)).toEqual([expect.stringMatching(/^cannot be written: .*; no file was changed$/)])
  })

  test('what others have changed, deleted or made meanwhile is left to them, and what goes with it', async () => {
    const cwd = folder({ a: 'theirs', b: 'b', c: 'c', made: 'theirs' })
    const changes = [
      change(cwd, 'a', 'a', 'A'),
      change(cwd, 'b', 'b', 'B'),
      change(cwd, 'c', 'c', 'C'),
      change(cwd, 'gone', 'g', 'G'),
      change(cwd, 'made', null, 'M'),
    ]
    const { files, problems } = await writeFiles(cwd, changes, new Set([join(cwd, 'a'), join(cwd, 'c')]))
    expect([...files]).toEqual([join(cwd, 'b')])
    expect(textsIn(cwd)).toEqual({ a: 'theirs', b: 'B', c: 'c', made: 'theirs' })
    expect(messages(problems)).toEqual([
      expect.stringContaining('was changed by somebody else'),
      expect.stringContaining('was deleted by somebody else'),
      expect.stringContaining('was made by somebody else'),
      expect.stringContaining('changes only together with'),
    ])
  })

  test('what has its new text already is not written and not complained about', async () => {
    const cwd = folder({ a: 'A' })
    const { files, problems } = await writeFiles(cwd, [change(cwd, 'a', 'a', 'A')])
    expect([files.size, problems, textsIn(cwd)]).toEqual([0, [], { a: 'A' }])
  })

  test('what can be made anew is made of what there is', async () => {
    const cwd = folder({ a: 'theirs' })
    const remake = (now: Uint8Array | null): Uint8Array => bytes(`${String(now)} and ours`)
    await writeFiles(cwd, [{ ...change(cwd, 'a', null, 'ours'), remake }])
    expect(textsIn(cwd)).toEqual({ a: 'theirs and ours' })
  })

  test.skipIf(isWindows)('through a link within the repository, never out of it; other names are told of', async () => {
    const cwd = folder({ a: 'a', two: 'b' })
    const outside = folder({ x: 'x' })
    symlinkSync('a', join(cwd, 'link'))
    linkSync(join(cwd, 'two'), join(cwd, 'names'))
    symlinkSync(join(outside, 'x'), join(cwd, 'out'))
    const { problems } = await writeFiles(cwd, [change(cwd, 'link', 'a', 'A'), change(cwd, 'two', 'b', 'B')])
    expect([messages(problems), textsIn(cwd)]).toEqual([
      [expect.stringContaining('hard links')],
      { a: 'A', link: 'A', two: 'B', names: 'b', out: 'x' },
    ])
    expect((await writeFiles(cwd, [change(cwd, 'out', 'x', 'X')])).files.size).toBe(0)
    expect(textsIn(outside)).toEqual({ x: 'x' })
  })
})

describe('what belongs together', () => {
  test.skipIf(isWindows)('two names of one file that are both written are said to be two files now', async () => {
    const cwd = folder({ a: 'a' })
    linkSync(join(cwd, 'a'), join(cwd, 'b'))
    const { problems } = await writeFiles(cwd, [change(cwd, 'a', 'a', 'A'), change(cwd, 'b', 'a', 'A')])
    expect([messages(problems), textsIn(cwd)]).toEqual([
      [1, 2].map(() => expect.stringMatching(/^is one of 2 names .* is a file of its own now$/)),
      { a: 'A', b: 'A' },
    ])
  })

  test('what goes together goes with what one of it needs', async () => {
    const cwd = folder({ a: 'theirs', b: 'b', c: 'c' })
    const needing = { ...change(cwd, 'c', 'c', 'C'), needs: join(cwd, 'a') }
    const changes = [change(cwd, 'a', 'a', 'A'), change(cwd, 'b', 'b', 'B'), needing]
    await writeFiles(cwd, changes, new Set([join(cwd, 'b'), join(cwd, 'c')]))
    expect(textsIn(cwd)).toEqual({ a: 'theirs', b: 'b', c: 'c' })
  })
})
