import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { folder, isWindows, scratch } from '../../fixtures/command-line.ts'
import { digest, hasJournal, journalName, recover } from './journal.ts'
import { writeOutput } from './output.ts'
import { temporaryName } from './temporary.ts'
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
      expect.stringContaining('changes only together with'),
      expect.stringContaining('was deleted by somebody else'),
      expect.stringContaining('was made by somebody else'),
    ])
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

  test.skipIf(isWindows)('a report goes to a file whole, and to what is no file as it is', () => {
    const cwd = folder({ report: 'before' })
    writeOutput(join(cwd, 'report'), 'after')
    expect(textsIn(cwd)).toEqual({ report: 'after' })
    writeFileSync(join(cwd, temporaryName('output', 99_999_999)), 'of a run that was killed')
    writeOutput(join(cwd, 'report'), 'again')
    expect(textsIn(cwd)).toEqual({ report: 'again' })
    writeOutput('/dev/null', 'gone')
    expect(statSync('/dev/null').isFile()).toBe(false)
  })
})

describe('a run that was killed', () => {
  const beside = (digit: string): string => `.abi3lint-${digit.repeat(16)}`

  /** Leaves what a run leaves that was killed while it wrote `a` and made `new`. */
  function killed(cwd: string, phase: 'staging' | 'renaming', more: readonly object[] = []): void {
    const entries = [
      {
        file: 'a',
        staged: beside('1'),
        kept: beside('2'),
        before: digest(bytes('a')),
        after: digest(bytes('A')),
      },
      { file: 'new', staged: beside('3'), kept: null, before: null, after: digest(bytes('N')) },
    ]
    writeFileSync(join(cwd, entries[0]!.staged), 'A')
    linkSync(join(cwd, 'a'), join(cwd, entries[0]!.kept!))
    writeFileSync(join(cwd, entries[1]!.staged), phase === 'staging' ? '' : 'N')
    // Process numbers end at 2^22.
    const owner = { pid: 99_999_999, started: '1', place: 'elsewhere' }
    writeFileSync(join(cwd, journalName), JSON.stringify({ owner, phase, entries: [...entries, ...more] }))
    const past = new Date(Date.now() - 60_000)
    utimesSync(join(cwd, journalName), past, past)
  }

  test('while it staged: what it made is taken away', () => {
    const cwd = folder({ a: 'a' })
    killed(cwd, 'staging')
    expect([hasJournal(cwd), messages(recover(cwd)), textsIn(cwd)]).toEqual([
      true,
      [expect.stringContaining('taken away')],
      { a: 'a' },
    ])
  })

  test('while it renamed: that is finished, but for what somebody has changed since', () => {
    const cwd = folder({ a: 'a' })
    killed(cwd, 'renaming')
    expect([messages(recover(cwd)), textsIn(cwd)]).toEqual([
      [expect.stringContaining('written now')],
      { a: 'A', new: 'N' },
    ])
    const other = folder({ a: 'a' })
    killed(other, 'renaming')
    rmSync(join(other, 'a'))
    writeFileSync(join(other, 'a'), 'theirs')
    expect(messages(recover(other))).toContainEqual(expect.stringContaining('was changed since'))
    expect(textsIn(other)).toEqual({ a: 'theirs', new: 'N' })
    expect(recover(other)).toEqual([])
  })

  test('a journal that names what no run writes does no harm', () => {
    const outside = folder({ x: 'x', '.abi3lint-1111111111111111': 'evil' })
    const cwd = folder({ a: 'a', keep: 'keep', sub: '' })
    const hostile = [
      { file: `../${outside.split('/').at(-1)}/x`, staged: `../${outside.split('/').at(-1)}/${beside('1')}` },
      { file: 'keep', staged: 'keep' },
      { file: 'sub/../keep', staged: '../keep' },
    ].map((each) => ({ ...each, kept: null, before: digest(bytes('x')), after: digest(bytes('evil')) }))
    killed(cwd, 'renaming', hostile)
    recover(cwd)
    expect(textsIn(cwd)).toEqual({ a: 'A', new: 'N', keep: 'keep', sub: '' })
    expect(textsIn(outside)).toMatchObject({ x: 'x' })
    writeFileSync(join(cwd, journalName), '{"owner":')
    utimesSync(join(cwd, journalName), 0, 0)
    recover(cwd)
    expect(existsSync(join(cwd, journalName))).toBe(false)
  })

  test('before its journal was whole: that is taken away, unless its run may be alive', () => {
    const elsewhere = `${journalName}.99999999-000000000000`
    const names = [temporaryName('journal', process.ppid), temporaryName('output'), elsewhere]
    const cwd = folder(Object.fromEntries([temporaryName('journal', 99_999_999), ...names].map((name) => [name, '{'])))
    expect(recover(cwd)).toEqual([])
    expect(Object.keys(textsIn(cwd)).sort()).toEqual(names.sort())
    utimesSync(join(cwd, elsewhere), 0, 0)
    recover(cwd)
    expect(existsSync(join(cwd, elsewhere))).toBe(false)
  })

  test('runs that write at the same time wait for each other', async () => {
    const cwd = folder({ a: '' })
    mkdirSync(join(cwd, 'x'))
    const add = (word: string): FileChange => ({
      ...change(cwd, 'a', null, word),
      remake: (now) => bytes(`${String(now)}${word}`),
    })
    await Promise.all(['1', '2', '3', '4'].map((word) => writeFiles(cwd, [add(word)])))
    expect([...readFileSync(join(cwd, 'a'), 'utf8')].sort().join('')).toBe('1234')
  })
})
