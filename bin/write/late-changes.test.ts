import { appendFileSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { folder, scratch } from '../../fixtures/command-line.ts'
import { type FileChange, writeFiles } from './transaction.ts'

/** What somebody does to files in the moment in which they are renamed. */

type Call = 'keep' | 'overwrite' | 'rename'
let meanwhile: (call: Call, path: string) => void = () => undefined

vi.mock('./stage.ts', async (original) => {
  const stage = await original<typeof import('./stage.ts')>()
  return {
    ...stage,
    rename: (from: string, to: string) => {
      meanwhile('rename', to)
      stage.rename(from, to)
    },
    keep: (path: string, second: string) => {
      meanwhile('keep', path)
      return stage.keep(path, second)
    },
    overwrite: (path: string, text: Uint8Array) => {
      meanwhile('overwrite', path)
      return stage.overwrite(path, text)
    },
  }
})

afterAll(() => rmSync(scratch, { recursive: true, force: true }))
afterEach(() => {
  meanwhile = () => undefined
})

const change = (cwd: string, file: string): FileChange => ({
  file: join(cwd, file),
  before: Buffer.from(file),
  after: Buffer.from(file.toUpperCase()),
})
const textsIn = (cwd: string): Readonly<Record<string, string>> =>
  Object.fromEntries(readdirSync(cwd).map((name) => [name, readFileSync(join(cwd, name), 'utf8')]))

const writeTogether = (cwd: string, names: readonly string[] = ['a', 'b']): ReturnType<typeof writeFiles> => {
  const changes = names.map((name) => change(cwd, name))
  return writeFiles(cwd, changes, new Set(changes.map(({ file }) => file)))
}

/** Does something once, when something is about to be done with a file, for the first time or a later one. */
function before(call: Call, file: string, deed: (path: string) => void, times = 1): void {
  let left = times
  meanwhile = (each, path) => {
    if (each !== call || basename(path) !== file || --left > 0) return
    meanwhile = () => undefined
    deed(path)
  }
}

const whenRenamed = (file: string, deed: (path: string) => void): void => before('rename', file, deed)

/** Saves a file as most editors do. */
function save(path: string): void {
  writeFileSync(`${path}.saving`, 'theirs')
  renameSync(`${path}.saving`, path)
}

const late = { message: 'was changed meanwhile: it is left as it is', severity: 'error' }
const after = {
  message: 'has got its new text, and was changed by somebody right after: that is left as it is',
  severity: 'error',
}

test.each([
  ['after it was compared, before it is renamed', 1, ['b'], late],
  ['while its old file gets the new text', 2, ['a', 'b'], after],
] as const)('a file that somebody puts in its place %s is kept', async (_, times, written, problem) => {
  const cwd = folder({ a: 'a', b: 'b' })
  before('keep', 'a', save, times)
  const { files, problems } = await writeFiles(cwd, [change(cwd, 'a'), change(cwd, 'b')])
  expect([textsIn(cwd), [...files]]).toEqual([{ a: 'theirs', b: 'B' }, written.map((each) => join(cwd, each))])
  expect(problems).toMatchObject([problem])
})

test('what is added to the new text before the old file gets it is kept, with what goes with it', async () => {
  const cwd = folder({ a: 'a', b: 'b' })
  before('rename', 'a', (path) => appendFileSync(path, ' theirs'), 2)
  const { files, problems } = await writeTogether(cwd)
  expect([textsIn(cwd), files.size, problems]).toMatchObject([{ a: 'A theirs', b: 'B' }, 2, [after]])
})

test.each(['a', 'b'])('what is added to the old text of %s while it is to get the new one undoes all', async (file) => {
  const cwd = folder({ a: 'a', b: 'b' })
  // The second name of its old text is the one that is written over.
  const inode = statSync(join(cwd, file)).ino
  meanwhile = (call) => {
    const [old] = readdirSync(cwd).filter((name) => statSync(join(cwd, name)).ino === inode)
    const isReused = call === 'keep' && old !== file && readFileSync(join(cwd, file), 'utf8') === file.toUpperCase()
    if (!isReused || (file === 'b' && readFileSync(join(cwd, 'a'), 'utf8') !== 'A')) return
    meanwhile = () => undefined
    appendFileSync(join(cwd, old!), ' theirs')
  }
  const { files } = await writeTogether(cwd)
  expect([textsIn(cwd), files.size]).toEqual([{ a: 'a', b: 'b', [file]: `${file} theirs` }, 0])
})

test.each(['keep', 'rename'] as const)(
  'what needs a file that is changed by somebody (at %s) goes back',
  async (call) => {
    const cwd = folder({ a: 'a', b: 'b', c: 'c' })
    before(call, 'b', () => {
      const [old] = readdirSync(cwd).filter(
        (name) => name.includes('abi3lint-') && readFileSync(join(cwd, name), 'utf8') === 'a',
      )
      appendFileSync(join(cwd, old!), ' theirs')
    })
    const needing = { ...change(cwd, 'b'), needs: join(cwd, 'a') }
    const { files, problems } = await writeFiles(cwd, [change(cwd, 'a'), needing, change(cwd, 'c')])
    expect([textsIn(cwd), [...files]]).toEqual([{ a: 'a theirs', b: 'b', c: 'C' }, [join(cwd, 'c')]])
    expect(problems).toMatchObject([late, { file: needing.file, message: expect.stringMatching(/^needs .*left out$/) }])
  },
)

test('a file that is deleted before its old one gets the new text stays deleted', async () => {
  const cwd = folder({ a: 'a' })
  before('keep', 'a', (path) => rmSync(path), 2)
  await writeFiles(cwd, [change(cwd, 'a')])
  expect(textsIn(cwd)).toEqual({})
})

test('a directory that is moved takes what is written in it along, and the rest is undone', async () => {
  const cwd = folder({ 'x/a': 'x/a', 'y/b': 'y/b' })
  before('rename', 'b', () => renameSync(join(cwd, 'x'), join(cwd, 'z')))
  const { files, problems } = await writeFiles(cwd, [change(cwd, 'x/a'), change(cwd, 'y/b')])
  expect([files.size, textsIn(join(cwd, 'y'))]).toEqual([0, { b: 'y/b' }])
  expect(problems.map(({ message }) => message)).toEqual([
    expect.stringContaining('was moved or deleted'),
    expect.stringContaining('is gone'),
  ])
  expect(readFileSync(join(cwd, 'z/a'), 'utf8')).toBe('X/A')
})

test('where the old file cannot get the new text, another has it', async () => {
  const cwd = folder({ a: 'a' })
  meanwhile = (call, path) => {
    if (call !== 'overwrite') return
    writeFileSync(path, 'torn')
    throw new Error('no room')
  }
  const { files, problems } = await writeFiles(cwd, [change(cwd, 'a')])
  expect([textsIn(cwd), files.size, problems]).toEqual([{ a: 'A' }, 1, []])
})

test('what is added to a file while it is renamed is kept', async () => {
  const cwd = folder({ a: 'a', b: 'b' })
  whenRenamed('a', (path) => appendFileSync(path, ' theirs'))
  const { files, problems } = await writeFiles(cwd, [change(cwd, 'a'), change(cwd, 'b')])
  expect([textsIn(cwd), [...files]]).toEqual([{ a: 'a theirs', b: 'B' }, [join(cwd, 'b')]])
  expect(problems).toMatchObject([late])
})

test('and nothing is written of what changes only together with it', async () => {
  const cwd = folder({ a: 'a', b: 'b' })
  whenRenamed('a', (path) => appendFileSync(path, ' theirs'))
  const { files } = await writeTogether(cwd)
  expect([textsIn(cwd), files.size]).toEqual([{ a: 'a theirs', b: 'b' }, 0])
})

test('what somebody makes of a file that has its new text stays when the others are undone', async () => {
  const cwd = folder({ a: 'a', b: 'b' })
  whenRenamed('b', (path) => {
    writeFileSync(join(cwd, 'saving'), 'theirs')
    renameSync(join(cwd, 'saving'), join(cwd, 'a'))
    rmSync(path)
    throw new Error('no room')
  })
  const { files } = await writeFiles(cwd, [change(cwd, 'a'), change(cwd, 'b')])
  expect([textsIn(cwd), files.size]).toEqual([{ a: 'theirs' }, 0])
})
