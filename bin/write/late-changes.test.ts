import { appendFileSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { folder, scratch } from '../../fixtures/command-line.ts'
import { type FileChange, writeFiles } from './transaction.ts'

/** What somebody does to files in the moment in which they are renamed. */

let meanwhile: (from: string, to: string) => void = () => undefined

vi.mock('./stage.ts', async (original) => {
  const stage = await original<typeof import('./stage.ts')>()
  return {
    ...stage,
    rename: (from: string, to: string) => {
      meanwhile(from, to)
      stage.rename(from, to)
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

/** Does something once, when a file is about to get its new text. */
function whenRenamed(file: string, deed: (path: string) => void): void {
  meanwhile = (_, to) => {
    if (basename(to) !== file) return
    meanwhile = () => undefined
    deed(to)
  }
}

test('what is added to a file while it is renamed is kept', async () => {
  const cwd = folder({ a: 'a', b: 'b' })
  whenRenamed('a', (path) => appendFileSync(path, ' theirs'))
  const { files, problems } = await writeFiles(cwd, [change(cwd, 'a'), change(cwd, 'b')])
  expect([textsIn(cwd), [...files]]).toEqual([{ a: 'a theirs', b: 'B' }, [join(cwd, 'b')]])
  expect(problems).toMatchObject([{ message: 'was changed meanwhile: it is left as it is', severity: 'error' }])
})

test('and nothing is written of what changes only together with it', async () => {
  const cwd = folder({ a: 'a', b: 'b' })
  whenRenamed('a', (path) => appendFileSync(path, ' theirs'))
  const changes = [change(cwd, 'a'), change(cwd, 'b')]
  const { files } = await writeFiles(cwd, changes, new Set(changes.map(({ file }) => file)))
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
