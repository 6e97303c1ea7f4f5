import { execFileSync } from 'node:child_process'
import { appendFileSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { folder, scratch } from '../../fixtures/command-line.ts'
import { port } from '../commands/port.ts'
import { openTerminal } from '../terminal.ts'

/** What somebody writes to a file that `port --commits` has just written. */

let times = 0

vi.mock('./stage.ts', async (original) => {
  const stage = await original<typeof import('./stage.ts')>()
  return {
    ...stage,
    rename: (from: string, to: string) => {
      // It has its new text, and its old file does not have that name back yet.
      if (basename(to) === 'spam.c' && ++times === 2) appendFileSync(to, '/* theirs */\n')
      stage.rename(from, to)
    },
  }
})

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

test('is not committed, and that the rest is not committed either is said', async () => {
  const source = '#include <Python.h>\nPyObject *f(PyObject *o) { return PyTuple_GET_ITEM(o, 0); }\n'
  const cwd = folder({ 'spam.c': source })
  const git = (...words: string[]): string => execFileSync('git', words, { cwd, encoding: 'utf8', stdio: 'pipe' })
  for (const words of ['init -q', 'config user.name a', 'config user.email a@b.c', 'add -A', 'commit -q -m All'])
    git(...words.split(' '))
  let said = ''
  const terminal = {
    ...openTerminal('never', true),
    write: () => undefined,
    complain: (text: string) => {
      said += text
    },
  }
  const code = await port(
    {
      paths: [cwd],
      includeDirectories: [],
      definitions: new Map(),
      compileCommands: null,
      configuration: null,
      problems: [],
      isSearched: false,
      excludes: true,
      others: null,
      jobs: 1,
      targets: [{ level: 11, headers: 11, abi3t: false }],
      headers: null,
      quiet: true,
      diff: false,
      allowDirty: false,
      commits: true,
      verify: null,
    },
    terminal,
  )
  expect([code, git('log', '--format=%s')]).toEqual([2, 'All\n'])
  expect(readFileSync(join(cwd, 'spam.c'), 'utf8')).toMatch(/PyTuple_GetItem[\s\S]*theirs/)
  expect(said).toMatch(/spam.c: has got its new text, and was changed by somebody right after/)
  expect(said).toMatch(/spam.c: is written and not committed/)
})
