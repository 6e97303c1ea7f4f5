import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeHostile } from '../fixtures/pages/hostile.ts'
import { templateOfRemote } from './permalink.ts'

const program = fileURLToPath(new URL('../dist/abi3lint.js', import.meta.url))
let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'abi3lint-report-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const run = (...words: string[]) =>
  spawnSync(process.execPath, [program, 'report', ...words], { cwd: directory, encoding: 'utf8' })
const read = (name: string): string => readFileSync(join(directory, name), 'utf8')
const source = (tuple: string): string =>
  `#include <Python.h>\nPyObject *f(PyObject *t) { return ${
    tuple
  }(t, 0); }\nPyMODINIT_FUNC PyInit_m(void) { return 0; }\n`

test('a page tells of modules, findings and fixes, and holds all that it needs', () => {
  writeFileSync(join(directory, 'm.c'), source('PyTuple_GET_ITEM'))
  const { status, stderr } = run('--target', '3.9', '--html', 'r.html', '--html-dir', 'site', '-f', 'markdown=r.md')
  expect([status, stderr]).toEqual([0, ''])
  const page = read('r.html')
  expect(page).toContain('0 of 1 module is ready for 3.9')
  expect(page).toContain('<mark>PyTuple_GET_ITEM</mark>')
  expect(page).toContain('<ins>+PyObject *f(PyObject *t) { return PyTuple_GetItem(t, 0); }</ins>')
  expect(page).not.toMatch(/<(?:link|img|iframe)|@import|url\(|\sstyle=|\son\w+=/)
  expect(read('r.md')).toContain('0 of 1 module is ready for 3.9')
  expect(readdirSync(join(directory, 'site')).sort()).toEqual([
    'figures.json',
    'findings.csv',
    'index.html',
    'report.css',
    'report.js',
  ])
  expect(read('site/index.html')).not.toMatch(/<style|<script>|\sstyle=/)
})

test('what a page gives to other programs is data to them, and no formula', () => {
  writeFileSync(join(directory, '=1.c'), source('PyTuple_GET_ITEM'))
  expect(run('--target', '3.9', '--html', 'r.html', '--html-dir', 'site', '-q').status).toBe(0)
  const [, table = ''] = /href="data:text\/csv;charset=utf-8,([^"]*)"/.exec(read('r.html')) ?? []
  expect(decodeURIComponent(table.replaceAll('&#39;', "'"))).toBe(read('site/findings.csv'))
  const [head, ...rows] = read('site/findings.csv').split('\r\n')
  expect(head).toBe('file,line,column,severity,rule,symbol,effort,message')
  expect(rows[0]).toMatch(/^'=1\.c,2,35,error,unavailable-macro,PyTuple_GET_ITEM,safe,`PyTuple_GET_ITEM` is not/)
  expect(rows.at(-1)).toBe('')
  const { modules } = JSON.parse(read('site/figures.json'))
  expect(modules).toMatchObject([{ name: 'm', files: 1, blockers: 1, abi3t: false }])
})

test('a page of very many findings stays small, and has all of them', () => {
  const calls = Array.from({ length: 8000 }, () => '    g(PyTuple_GET_ITEM(t, 0));\n').join('')
  writeFileSync(join(directory, 'm.c'), `#include <Python.h>\nvoid f(PyObject *t)\n{\n${calls}}\n`)
  expect(run('--target', '3.9', '--html', 'r.html', '-q').status).toBe(0)
  const page = read('r.html')
  expect(page.length).toBeGreaterThan(2_000_000)
  expect(page.length).toBeLessThan(5_000_000)
  expect(page.match(/class="f" /g)!.length).toBeGreaterThanOrEqual(8000)
  expect(page).toMatch(/of each symbol the first [1-9][0-9]+ open/)
})

test('no page is written over a source', () => {
  writeFileSync(join(directory, 'm.c'), source('PyTuple_GET_ITEM'))
  const { status, stderr } = run('--target', '3.9', '--html', 'm.c', '-f', 'markdown=setup.py')
  expect([status, read('m.c')]).toEqual([2, source('PyTuple_GET_ITEM')])
  expect(stderr).toContain('m.c: is a source by its name')
  expect(readdirSync(directory)).toEqual(['m.c'])
})

test('hostile text is text', () => {
  writeHostile(directory)
  expect(run('--target', '3.9', '--html', 'r.html', '-f', 'markdown=r.md', '-q').status).toBe(0)
  const page = read('r.html')
  expect(page.match(/<script/g)).toHaveLength(1)
  expect(page).not.toMatch(/<img|<i>|[\u202a-\u202e\u2066-\u2069\u0000-\u0009\u001b]|##vso\[/)
  expect(page.length).toBeLessThan(200_000)
  expect(read('r.md')).not.toMatch(/<img|<script|[\u202a-\u202e\u001b]/)
})

test('what there is to write has to be said, and what is wrong is told', () => {
  expect(run().stderr).toContain('--html report.html')
  expect(run('--html', 'r.html', '--record').stderr).toContain('--record is for --history')
  expect(run('-f', 'sarif').status).toBe(2)
  expect(run('--html', 'r.html', '--history', 'none').stderr).toContain('--history none cannot be read')
})

test('a history grows by each run that is recorded', () => {
  writeFileSync(join(directory, 'm.c'), source('PyTuple_GET_ITEM'))
  for (let at = 0; at < 2; at++) run('--target', '3.9', '-f', 'markdown', '--history', 'h.jsonl', '--record')
  const lines = read('h.jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toHaveLength(2)
  expect(lines[0]).toMatchObject({ target: '3.9', safe: 1, manual: 0 })
})

test('a history is read from git, and nothing is checked out', () => {
  const git = (...words: string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], { cwd: directory, encoding: 'utf8' })
  git('init', '-q')
  git('remote', 'add', 'origin', 'https://name:secret@github.com/owner/project.git')
  for (const tuple of ['PyTuple_GET_ITEM', 'PyTuple_GetItem']) {
    writeFileSync(join(directory, 'm.c'), source(tuple))
    git('add', 'm.c')
    git('commit', '-qm', tuple)
  }
  writeFileSync(join(directory, 'm.c'), source('PyTuple_GET_ITEM'))
  const words = ['--target', '3.9', '--html', 'r.html', '--history-from-git', 'HEAD~1..HEAD']
  expect(run(...words).status).toBe(0)
  const page = read('r.html')
  expect(page).toContain('1 blockers at first, 1 now')
  expect(page).toContain(`https://github.com/owner/project/blob/${git('rev-parse', 'HEAD').trim()}/m.c#L2`)
  expect(page).not.toContain('secret')
  expect(read('m.c')).toBe(source('PyTuple_GET_ITEM'))
})

test('addresses of remotes', () => {
  expect(templateOfRemote('git@gitlab.com:a/b/c.git')).toBe('https://gitlab.com/a/b/c/-/blob/{commit}/{path}#L{line}')
  expect(templateOfRemote('https://codeberg.org/a/b')).toBe(
    'https://codeberg.org/a/b/src/commit/{commit}/{path}#L{line}',
  )
  expect(templateOfRemote('https://example.org/a/b')).toBeNull()
  expect(templateOfRemote('/srv/git/a.git')).toBeNull()
})
