import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { folder, isWindows, scratch } from '../fixtures/command-line.ts'
import { withoutPrograms } from './git.ts'
import { Saved } from './saved.ts'

/** Whether git has what stands in files. */

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const git = (cwd: string, ...words: string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'protocol.file.allow=always', ...words], {
    cwd,
    encoding: 'utf8',
    stdio: 'pipe',
  })

function repository(files: Readonly<Record<string, string>>): string {
  const cwd = folder(files)
  git(cwd, 'init', '-q')
  git(cwd, 'config', 'core.autocrlf', 'false')
  git(cwd, 'add', '-A')
  git(cwd, 'commit', '-q', '-m', 'x')
  return cwd
}

const problem = (cwd: string, file: string): string | null =>
  new Saved().problem(join(cwd, file), readFileSync(join(cwd, file)))

const unsaved = 'has changes that git could not bring back'

test('what was committed or staged is saved; what was changed since, or is not tracked, is not', () => {
  const cwd = repository({ 'a.c': 'a\n', 'b.c': 'b\n', 'é\n.c': 'c\n', 'd.c': 'd\n' })
  writeFileSync(join(cwd, 'b.c'), 'changed\n')
  writeFileSync(join(cwd, 'é\n.c'), 'changed\n')
  writeFileSync(join(cwd, 'd.c'), 'staged\n')
  git(cwd, 'add', 'd.c')
  writeFileSync(join(cwd, 'e.c'), 'new\n')
  writeFileSync(join(cwd, 'f.c'), '')
  writeFileSync(join(cwd, 'g.c'), 'meant\n')
  git(cwd, 'add', '-N', 'g.c')
  const names = ['a.c', 'b.c', 'é\n.c', 'd.c', 'e.c', 'f.c', 'g.c']
  expect(names.map((name) => problem(cwd, name))).toEqual([null, unsaved, unsaved, null, unsaved, unsaved, unsaved])
})

test('flags of the index and line ends of Windows do not hide changes', () => {
  const cwd = repository({ 'a.c': 'a\n', 'b.c': 'b\n', 'c.c': 'c\n', 'd.c': 'd\n' })
  git(cwd, 'update-index', '--assume-unchanged', 'a.c')
  git(cwd, 'update-index', '--skip-worktree', 'b.c')
  for (const name of ['a.c', 'b.c']) writeFileSync(join(cwd, name), 'changed\n')
  writeFileSync(join(cwd, 'c.c'), 'c\r\n')
  writeFileSync(join(cwd, 'd.c'), 'd\r\nx\r\n')
  expect(['a.c', 'b.c', 'c.c', 'd.c'].map((name) => problem(cwd, name))).toEqual([unsaved, unsaved, null, unsaved])
})

test('repositories in repositories, their worktrees, and links', () => {
  const inner = repository({ 'a.c': 'a\n' })
  const cwd = repository({ 'real/a.c': 'a\n' })
  git(cwd, 'submodule', 'add', '-q', inner, 'sub')
  git(cwd, 'worktree', 'add', '-q', join(cwd, 'tree'), '-b', 'other')
  expect(['sub/a.c', 'tree/real/a.c', 'real/a.c'].map((name) => problem(cwd, name))).toEqual([null, null, null])
  if (!isWindows) symlinkSync('real', join(cwd, 'link'))
  for (const name of ['sub/a.c', 'tree/real/a.c', 'real/a.c']) writeFileSync(join(cwd, name), 'changed\n')
  const names = ['sub/a.c', 'tree/real/a.c', ...(isWindows ? [] : ['link/a.c'])]
  expect(names.map((name) => problem(cwd, name))).toEqual(names.map(() => unsaved))
})

test('what cannot be known is not saved; where there is no repository nothing is asked', () => {
  const cwd = repository({ 'a.c': 'a\n' })
  writeFileSync(join(cwd, '.git/index'), 'garbage')
  expect(problem(cwd, 'a.c')).toMatch(/^may have changes that git could not bring back \(.+\)$/)
  const path = process.env.PATH
  process.env.PATH = 'bin'
  expect(problem(cwd, 'a.c')).toContain('there is no git')
  process.env.PATH = path
  expect(problem(folder({ 'a.c': '' }), 'a.c')).toBe(null)
})

test('objects that are missing, and a repository that only the environment names, are not known', () => {
  const cwd = repository({ 'a.c': 'a\n' })
  rmSync(join(cwd, '.git/objects'), { recursive: true })
  mkdirSync(join(cwd, '.git/objects'))
  expect(problem(cwd, 'a.c')).toBe(unsaved)
  process.env.GIT_DIR = join(cwd, '.git')
  expect(problem(folder({ 'a.c': '' }), 'a.c')).toContain('GIT_DIR')
  delete process.env.GIT_DIR
})

test.skipIf(isWindows)('nothing runs that a repository names', () => {
  const cwd = repository({ 'a.c': 'a\n', '.gitattributes': '*.c filter=x\n' })
  const ran = join(cwd, 'ran')
  const program = join(cwd, 'program')
  writeFileSync(program, `#!/bin/sh\ntouch ${ran}\ncat\n`, { mode: 0o755 })
  git(cwd, 'config', 'core.fsmonitor', program)
  git(cwd, 'config', 'filter.x.clean', program)
  git(cwd, 'config', 'filter.x.required', 'true')
  git(cwd, 'config', 'gpg.program', program)
  writeFileSync(join(cwd, '.git/hooks/post-index-change'), `#!/bin/sh\ntouch ${ran}\n`, { mode: 0o755 })
  rmSync(ran, { force: true })
  expect([problem(cwd, 'a.c'), existsSync(ran)]).toEqual([null, false])
  expect(withoutPrograms(cwd)).toEqual([
    ['filter.x.clean', ''],
    ['filter.x.required', 'false'],
    ['commit.gpgSign', 'false'],
  ])
  git(cwd, 'config', 'filter.a=b.clean', program)
  expect(() => withoutPrograms(cwd)).toThrow('filter.a=b.clean')
})
