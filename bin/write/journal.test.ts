import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, linkSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { folder, isWindows, scratch } from '../../fixtures/command-line.ts'
import { digest, findJournal, Journal, type Phase, recover } from './journal.ts'
import { temporaryName } from './temporary.ts'
import { type FileChange, writeFiles } from './transaction.ts'

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const bytes = (text: string): Buffer => Buffer.from(text)

const textsIn = (cwd: string): Readonly<Record<string, string>> =>
  Object.fromEntries(readdirSync(cwd).map((name) => [name, readFileSync(join(cwd, name), 'utf8')]))

const messages = (problems: readonly { readonly message: string }[]): string[] => problems.map(({ message }) => message)

const beside = (digit: string): string => `.abi3lint-${digit.repeat(16)}`
/** Where the old text is that belongs to the new one that `beside` names. */
const keptBeside = (digit: number): string => beside('abcdef'[digit]!)
// Process numbers end at 2^22.
const dead = 99_999_999

/** Leaves what a run leaves that was killed while it wrote `a` and made `new`. @returns the name of its journal */
function killed(cwd: string, phase: Phase, more: readonly object[] = [], others: readonly string[] = []): string {
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
  const name = temporaryName('journal', dead)
  writeFileSync(join(cwd, name), JSON.stringify({ first: '', others, phase, entries: [...entries, ...more] }))
  return name
}

describe('a run that was killed', () => {
  test('while it staged: what it made is taken away', () => {
    const cwd = folder({ a: 'a' })
    killed(cwd, 'staging')
    expect([findJournal([cwd]) !== null, messages(recover(cwd)), textsIn(cwd)]).toEqual([
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

  test('what somebody wrote to the old text while it renamed is brought back', () => {
    const cwd = folder({ a: 'a' })
    killed(cwd, 'renaming')
    rmSync(join(cwd, 'a'))
    renameSync(join(cwd, beside('1')), join(cwd, 'a'))
    writeFileSync(join(cwd, beside('2')), 'a theirs')
    recover(cwd)
    expect(textsIn(cwd)).toEqual({ a: 'a theirs', new: 'N' })
  })

  test('while it copied an old text: the file has its new one', () => {
    const cwd = folder({ a: 'a' })
    killed(cwd, 'renaming')
    rmSync(join(cwd, beside('2')))
    writeFileSync(join(cwd, beside('2')), '')
    recover(cwd)
    expect(textsIn(cwd)).toEqual({ a: 'A', new: 'N' })
  })

  test('while it took back what it had written: all of that is', () => {
    const cwd = folder({ a: 'a' })
    killed(cwd, 'undoing')
    renameSync(join(cwd, beside('1')), join(cwd, 'a'))
    renameSync(join(cwd, beside('3')), join(cwd, 'new'))
    recover(cwd)
    expect(textsIn(cwd)).toEqual({ a: 'a' })
  })

  test('while it gave old files their new texts: all have them', () => {
    const cwd = folder({ a: 'a' })
    killed(cwd, 'reusing')
    renameSync(join(cwd, beside('1')), join(cwd, 'a'))
    renameSync(join(cwd, beside('3')), join(cwd, 'new'))
    writeFileSync(join(cwd, beside('2')), 'tor')
    recover(cwd)
    expect(textsIn(cwd)).toEqual({ a: 'A', new: 'N' })
  })
})

/** What a run says of a file in its journal: by digit the name of its new text, and of its old one where it has one. */
const entryOf = (file: string, digit: string, before: string | null, after: string, more: object = {}): object => ({
  file,
  staged: beside(digit),
  kept: before === null ? null : keptBeside(Number(digit)),
  before: before === null ? null : digest(bytes(before)),
  after: digest(bytes(after)),
  ...more,
})

/** Leaves what a run leaves that was killed while it renamed: `a` is new, `b` and `c` are not. */
function killedBetween(cwd: string, ofA: object, ofB: object, ofC: object = {}): void {
  const entries = [entryOf('a', '1', 'a', 'A', ofA), entryOf('b', '2', 'b', 'B', ofB), entryOf('c', '3', 'c', 'C', ofC)]
  const made = { a: 'A', [keptBeside(1)]: 'a', b: 'b', [beside('2')]: 'B', c: 'c', [beside('3')]: 'C' }
  for (const [name, text] of Object.entries(made)) writeFileSync(join(cwd, name), text)
  const name = temporaryName('journal', dead)
  writeFileSync(join(cwd, name), JSON.stringify({ first: '', others: [], phase: 'renaming', entries }))
}

describe('files that change together, after a run was killed', () => {
  const together = { together: true }

  test('are finished where nobody has changed one', () => {
    const cwd = folder({})
    killedBetween(cwd, together, together)
    expect([messages(recover(cwd)), textsIn(cwd)]).toEqual([
      ['a run that was killed had begun to write 3 files: the rest, 2, is written now'],
      { a: 'A', b: 'B', c: 'C' },
    ])
  })

  test('have their old texts again where somebody has changed one that was not written; others are finished', () => {
    const cwd = folder({})
    killedBetween(cwd, together, together)
    writeFileSync(join(cwd, 'b'), 'theirs')
    expect([messages(recover(cwd)), textsIn(cwd)]).toEqual([
      [
        'a run that was killed had begun to write 3 files: 1 more is written now',
        /^has its old text again: it changes only together with .*b, which was changed since$/,
        'was changed since a run was killed: it is left as it is',
      ].map((each) => expect.stringMatching(each)),
      { a: 'a', b: 'theirs', c: 'C' },
    ])
  })

  test('keep their old texts where somebody has changed one that was written', () => {
    const cwd = folder({})
    killedBetween(cwd, together, together)
    writeFileSync(join(cwd, 'a'), 'A theirs')
    expect([messages(recover(cwd)), textsIn(cwd)]).toEqual([
      [
        'a run that was killed had written 1 of 3 files: no more is written now',
        /^has got its new text from a run that was killed, and was changed since: .* may not fit/,
        /^keeps its old text: it changes only together with .*a, which was changed since$/,
      ].map((each) => expect.stringMatching(each)),
      { a: 'A theirs', b: 'b', c: 'c' },
    ])
  })

  test('keep their old texts where somebody has given one that was written its old text back', () => {
    const cwd = folder({})
    killedBetween(cwd, together, together, together)
    writeFileSync(join(cwd, 'a'), 'a')
    const problems = recover(cwd)
    expect([problems.filter(({ severity }) => severity === 'error'), textsIn(cwd)]).toEqual([
      [],
      { a: 'a', b: 'b', c: 'c' },
    ])
    expect(messages(problems)).toContain('had got its new text from a run that was killed, and has its old one again')
  })

  test('go back with what was not written since another one was changed', () => {
    const cwd = folder({})
    killedBetween(cwd, {}, {}, together)
    writeFileSync(join(cwd, 'd'), 'D')
    const [name] = readdirSync(cwd).filter((each) => each.includes('journal'))
    const journal = JSON.parse(readFileSync(join(cwd, name!), 'utf8')) as { entries: object[] }
    journal.entries.push(entryOf('d', '4', null, 'D', together))
    writeFileSync(join(cwd, name!), JSON.stringify(journal))
    writeFileSync(join(cwd, 'a'), 'theirs')
    recover(cwd)
    expect(textsIn(cwd)).toEqual({ a: 'theirs', b: 'b', c: 'c' })
  })

  test('what needs a header goes back where somebody has changed that', () => {
    const cwd = folder({})
    killedBetween(cwd, { needs: beside('2') }, {}, { needs: beside('2') })
    writeFileSync(join(cwd, 'b'), 'theirs')
    expect([messages(recover(cwd)), textsIn(cwd)]).toEqual([
      expect.arrayContaining([
        expect.stringMatching(/^has its old text again: it needs .*b, which was changed since$/),
      ]),
      { a: 'a', b: 'theirs', c: 'c' },
    ])
  })
})

describe('what is said of a run that was killed', () => {
  test('after all was written', () => {
    const cwd = folder({ a: 'a' })
    killed(cwd, 'reusing')
    renameSync(join(cwd, beside('1')), join(cwd, 'a'))
    renameSync(join(cwd, beside('3')), join(cwd, 'new'))
    expect(messages(recover(cwd))).toEqual([expect.stringContaining('had written all 2 files')])
  })

  test('between the two names of a new file: nobody has changed it', () => {
    const cwd = folder({ a: 'a' })
    killed(cwd, 'renaming')
    renameSync(join(cwd, beside('1')), join(cwd, 'a'))
    linkSync(join(cwd, beside('3')), join(cwd, 'new'))
    expect([messages(recover(cwd)), textsIn(cwd)]).toEqual([
      [expect.stringContaining('had written all 2 files')],
      { a: 'A', new: 'N' },
    ])
  })

  /** Leaves `a` and `new` to be written, `sub/b` written, and `sub/c` to be written. */
  function inTwo(cwd: string, phase: Phase = 'renaming'): void {
    const name = killed(cwd, phase, [], ['sub'])
    const entries = [entryOf('b', '4', 'b', 'B'), entryOf('c', '5', 'c', 'C')]
    for (const [file, text] of [
      ['b', 'B'],
      [keptBeside(4), 'b'],
      ['c', 'c'],
      [beside('5'), 'C'],
    ] as const)
      writeFileSync(join(cwd, 'sub', file), text)
    writeFileSync(join(cwd, 'sub', name), JSON.stringify({ first: '..', others: [], phase: 'staging', entries }))
  }

  test.each(['', 'lib'])('whose directory was renamed since: it is found beside, from "%s"', (start) => {
    const cwd = folder({ a: 'a', 'sub/b': '' })
    inTwo(cwd)
    renameSync(join(cwd, 'sub'), join(cwd, 'lib'))
    expect(messages(recover(join(cwd, start)))).toEqual([expect.stringContaining('the rest, 3, is written now')])
    expect([readdirSync(cwd).sort(), textsIn(join(cwd, 'lib'))]).toEqual([['a', 'lib', 'new'], { b: 'B', c: 'C' }])
  })

  test('whose directory was moved since: some may be new, and some old', () => {
    const cwd = folder({ a: 'a', 'sub/b': '', 'other/x': '' })
    inTwo(cwd)
    renameSync(join(cwd, 'sub'), join(cwd, 'other/sub'))
    expect(messages(recover(cwd))).toContainEqual(
      expect.stringContaining('was moved or deleted since a run was killed'),
    )
    expect(messages(recover(join(cwd, 'other/sub')))).toEqual([
      expect.stringContaining('1 of 2 files here have their new texts'),
    ])
    expect(textsIn(join(cwd, 'other/sub'))).toEqual({ b: 'B', c: 'c' })
  })
})

describe('what runs left that were killed', () => {
  test('in several directories: who comes to one of them settles that in all', () => {
    const cwd = folder({ a: 'a', 'sub/b': 'b', 'other/c': 'c' })
    const name = killed(cwd, 'renaming', [], ['sub', 'other'])
    const entry = { file: 'b', staged: beside('4'), kept: null, before: digest(bytes('b')), after: digest(bytes('B')) }
    writeFileSync(join(cwd, 'sub', beside('4')), 'B')
    for (const [directory, entries] of [['sub', [entry]] as const, ['other', []] as const])
      writeFileSync(join(cwd, directory, name), JSON.stringify({ first: '..', others: [], phase: 'staging', entries }))
    expect(messages(recover(join(cwd, 'other')))).toEqual([expect.stringContaining('written now')])
    expect(readdirSync(cwd).sort()).toEqual(['a', 'new', 'other', 'sub'])
    expect([textsIn(join(cwd, 'sub')), textsIn(join(cwd, 'other'))]).toEqual([{ b: 'B' }, { c: 'c' }])
  })

  test('a journal that names what no run writes does no harm', () => {
    const outside = folder({ x: 'x', '.abi3lint-1111111111111111': 'evil' })
    const out = `../${basename(outside)}`
    const cwd = folder({ a: 'a', keep: 'keep', sub: '' })
    const hostile = [
      { file: `${out}/x`, staged: `${out}/${beside('1')}` },
      { file: 'keep', staged: 'keep' },
      { file: 'sub/../keep', staged: beside('1') },
      { file: '..', staged: beside('1') },
    ].map((each) => ({ ...each, kept: null, before: digest(bytes('x')), after: digest(bytes('evil')) }))
    killed(cwd, 'renaming', hostile, [out, '/'])
    recover(cwd)
    expect(textsIn(cwd)).toEqual({ a: 'A', new: 'N', keep: 'keep', sub: '' })
    expect(textsIn(outside)).toEqual({ x: 'x', '.abi3lint-1111111111111111': 'evil' })
  })

  test('before its journal was whole: that is taken away at once, unless its run may be alive', () => {
    const elsewhere = temporaryName('journal', dead).replace(/-[0-9a-f]{12}/, '-000000000000')
    const names = [temporaryName('journal', process.ppid), temporaryName('output'), elsewhere]
    const torn = [temporaryName('journal', dead), temporaryName('new', dead), temporaryName('output', dead)]
    const cwd = folder(Object.fromEntries([...torn, ...names].map((name) => [name, '{'])))
    expect(recover(cwd)).toEqual([])
    expect(Object.keys(textsIn(cwd)).sort()).toEqual(names.sort())
    utimesSync(join(cwd, elsewhere), 0, 0)
    recover(cwd)
    expect(existsSync(join(cwd, elsewhere))).toBe(false)
  })

  test.skipIf(isWindows)('and whose parent has not asked how it ended', async () => {
    const parent = spawn('sh', ['-c', 'sh -c "" & echo $!; exec sleep 30'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const pid = Number(String((await once(parent.stdout, 'data'))[0]))
    await setTimeout(200)
    const cwd = folder({ [temporaryName('journal', pid)]: '' })
    recover(cwd)
    parent.kill()
    expect(textsIn(cwd)).toEqual({})
  })
})

describe('runs that write at the same time', () => {
  const add = (cwd: string, file: string, word: string): FileChange => ({
    file: join(cwd, file),
    before: null,
    after: bytes(word),
    remake: (now) => bytes(`${String(now)}${word}`),
  })
  const sorted = (cwd: string, file: string): string => [...readFileSync(join(cwd, file), 'utf8')].sort().join('')

  test('wait for each other', async () => {
    const cwd = folder({ a: '' })
    await Promise.all(['1', '2', '3', '4'].map((word) => writeFiles(cwd, [add(cwd, 'a', word)])))
    expect(sorted(cwd, 'a')).toBe('1234')
  })

  test('do so whatever directories they were asked for', async () => {
    const cwd = folder({ a: '', 'sub/b': '', 'sub/x/c': '' })
    const names = ['a', 'sub/b', 'sub/x/c']
    const asked = [cwd, join(cwd, 'sub'), join(cwd, 'sub/x')]
    const runs = asked.map((directory, index) => {
      const mine = names.slice(index).map((file) => add(cwd, file, String(index)))
      return writeFiles(directory, index === 1 ? mine.reverse() : mine)
    })
    expect((await Promise.all(runs)).map(({ problems }) => problems)).toEqual([[], [], []])
    expect(names.map((name) => sorted(cwd, name))).toEqual(['0', '01', '012'])
  })

  test('have their journals where they write, and nowhere else', async () => {
    const cwd = folder({ 'one/a': '', 'two/b': '' })
    const journal = await Journal.begin([join(cwd, 'one'), join(cwd, 'two')], () => undefined)
    expect([findJournal([cwd]), readdirSync(cwd)]).toEqual([null, ['one', 'two']])
    expect(readdirSync(join(cwd, 'one'))).toContain(basename(findJournal([join(cwd, 'two')])!))
    journal.end()
    expect([textsIn(join(cwd, 'one')), textsIn(join(cwd, 'two'))]).toEqual([{ a: '' }, { b: '' }])
  })

  test('one that was taken for killed leaves the journal of the next one alone, and writes nothing', async () => {
    const cwd = folder({})
    const first = await Journal.begin([cwd], () => undefined)
    rmSync(findJournal([cwd])!)
    const second = await Journal.begin([cwd], () => undefined)
    const journal = findJournal([cwd])
    expect(() => first.write(new Map())).toThrow('is gone')
    first.end()
    expect(findJournal([cwd])).toBe(journal)
    second.end()
    expect(readdirSync(cwd)).toEqual([])
  })
})
