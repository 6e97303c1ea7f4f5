import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { folder, isWindows, scratch } from '../fixtures/command-line.ts'
import { patience, withoutPrograms } from './git.ts'
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

test('flags of the index do not hide changes', () => {
  const cwd = repository({ 'a.c': 'a\n', 'b.c': 'b\n' })
  git(cwd, 'update-index', '--assume-unchanged', 'a.c')
  git(cwd, 'update-index', '--skip-worktree', 'b.c')
  for (const name of ['a.c', 'b.c']) writeFileSync(join(cwd, name), 'changed\n')
  expect(['a.c', 'b.c'].map((name) => problem(cwd, name))).toEqual([unsaved, unsaved])
})

test.each([
  ['false', '', unsaved],
  ['true', '', null],
  ['input', '', unsaved],
  ['true', '*.c -text', unsaved],
  ['true', '*.c text eol=lf', unsaved],
  ['false', '*.c text eol=crlf', null],
  ['false', '*.c eol=crlf', null],
  ['true', '*.c -crlf', unsaved],
  ['true', '*.c text=auto', null],
  ['input', '*.c text', unsaved],
])('line ends of Windows are saved where git writes them: autocrlf %s, "%s"', (autocrlf, attributes, expected) => {
  const cwd = repository({ 'a.c': 'a\n', 'b.c': 'b\n', 'é.c': 'c\n', '.gitattributes': `${attributes}\n` })
  git(cwd, 'config', 'core.autocrlf', autocrlf)
  writeFileSync(join(cwd, 'a.c'), 'a\r\n')
  writeFileSync(join(cwd, 'b.c'), 'b\r\nx\r\n')
  writeFileSync(join(cwd, 'é.c'), 'c\r\n')
  expect(['a.c', 'b.c', 'é.c'].map((name) => problem(cwd, name))).toEqual([expected, unsaved, expected])
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
  for (const name of ['GIT_DIR', 'GIT_WORK_TREE']) {
    process.env[name] = join(cwd, '.git')
    expect(problem(folder({ 'a.c': '' }), 'a.c')).toContain(name)
    delete process.env[name]
  }
})

/** Where a repository keeps an object that is not packed. */
const looseObject = (cwd: string, name: string): string => join(cwd, '.git/objects', name.slice(0, 2), name.slice(2))

test('objects that are damaged, or that stand for others, are not known', () => {
  const text = Array.from({ length: 3000 }, (_, index) => `${Math.imul(index, 2654435761)}\n`).join('')
  const cwd = repository({ 'a.c': text, 'b.c': 'b\n' })
  const [damaged, other] = ['a.c', 'b.c'].map((name) => git(cwd, 'rev-parse', `HEAD:${name}`).trim())
  const path = looseObject(cwd, damaged!)
  const bytes = readFileSync(path)
  chmodSync(path, 0o644)
  writeFileSync(path, bytes.subarray(0, bytes.length / 2))
  expect(problem(cwd, 'a.c')).toMatch(/^may have changes that git could not bring back \(.+\)$/)
  expect(problem(cwd, 'b.c')).toBe(null)
  rmSync(path, { force: true })
  git(cwd, 'update-ref', `refs/replace/${damaged}`, other!)
  expect([problem(cwd, 'a.c'), problem(cwd, 'b.c')]).toEqual([unsaved, null])
})

test('many files are asked for at once', () => {
  const cwd = repository({ 'a.c': 'a\n', 'b.c': 'b\n', 'c.c': 'c\n' })
  writeFileSync(join(cwd, 'b.c'), 'changed\n')
  const other = join(folder({ 'd.c': '' }), 'd.c')
  const files = [...['a.c', 'b.c', 'c.c'].map((name) => join(cwd, name)), other]
  const problems = new Saved().problems([
    ...files.map((file) => [file, readFileSync(file)] as const),
    [join(cwd, 'e.c'), null],
  ])
  expect([...problems]).toEqual([[join(cwd, 'b.c'), unsaved]])
})

test.skipIf(isWindows)('a repository whose .git leads nowhere is not known', () => {
  const cwd = folder({ 'a.c': '' })
  symlinkSync('nowhere', join(cwd, '.git'))
  expect(problem(cwd, 'a.c')).toMatch(/^may have changes/)
})

test.skipIf(isWindows)('git is none of the repository, and no directory', () => {
  const cwd = repository({ 'a.c': 'a\n' })
  const ran = join(cwd, 'ran')
  mkdirSync(join(cwd, 'bin'))
  writeFileSync(join(cwd, 'bin/git'), `#!/bin/sh\ntouch ${ran}\n`, { mode: 0o755 })
  const path = process.env.PATH
  process.env.PATH = [join(cwd, 'bin'), folder({ 'git/x': '' }), path].join(':')
  expect([problem(cwd, 'a.c'), existsSync(ran)]).toEqual([null, false])
  process.env.PATH = join(cwd, 'bin')
  expect([problem(cwd, 'a.c'), existsSync(ran)]).toEqual([expect.stringContaining('there is no git'), false])
  process.env.PATH = path
})

test.skipIf(isWindows)('git that does not answer is not waited for', () => {
  const cwd = repository({ 'a.c': 'a\n' })
  rmSync(join(cwd, '.git/index'))
  execFileSync('mkfifo', [join(cwd, '.git/index')])
  const saved = new Saved()
  const usual = patience.milliseconds
  patience.milliseconds = 500
  const why = 'may have changes that git could not bring back (git does not answer within 0.5 seconds)'
  for (const _ of [1, 2]) expect(saved.problem(join(cwd, 'a.c'), Buffer.from('a\n'))).toBe(why)
  expect(patience.milliseconds).toBe(125)
  patience.milliseconds = usual
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
