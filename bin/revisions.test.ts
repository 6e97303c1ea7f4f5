import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { flaw, head } from '../fixtures/checked.ts'
import { folder, run, scratch } from '../fixtures/command-line.ts'

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const git = (cwd: string, ...words: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], { cwd, encoding: 'utf8', stdio: 'pipe' })

const commit = (cwd: string): void => {
  git(cwd, 'add', '-A')
  git(cwd, 'commit', '-qm', 'a commit')
}

/** A repository whose first commit has some files. */
const repository = (files: Readonly<Record<string, string>>): string => {
  const cwd = folder(files)
  git(cwd, 'init', '-q', '-b', 'main')
  commit(cwd)
  return cwd
}

const newOne = (name: string): string => `static PyObject *${name}(PyObject *o) { return PyList_GET_ITEM(o, 1); }\n`

/** What a check finds: files and symbols. */
const found = async (cwd: string, ...args: readonly string[]): Promise<readonly string[]> => {
  const { stdout, stderr } = await run(cwd, ['-t', '3.9', '-f', 'json', ...args])
  expect(stderr).toBe('')
  return JSON.parse(stdout).diagnostics.map((each: { file: string; symbol: string }) => `${each.file} ${each.symbol}`)
}

describe('--diff-base', () => {
  test('tells of what a branch brings, committed or not, in files that are new, too', async () => {
    const cwd = repository({ 'a.c': head + flaw, 'b.c': head + flaw, '.gitignore': 'made.h\n' })
    git(cwd, 'checkout', '-qb', 'change')
    expect(await found(cwd, '--diff-base', 'main')).toEqual([])
    appendFileSync(join(cwd, 'a.c'), newOne('one'))
    commit(cwd)
    appendFileSync(join(cwd, 'b.c'), newOne('two'))
    writeFileSync(join(cwd, 'c.c'), head + newOne('three'))
    const brought = ['a.c PyList_GET_ITEM', 'b.c PyList_GET_ITEM', 'c.c PyList_GET_ITEM']
    expect(await found(cwd, '--diff-base', 'main')).toEqual(brought)
    git(cwd, 'add', 'c.c')
    expect(await found(cwd, '--diff-base', 'main')).toEqual(brought)
    // What comes on the other branch later is not this one's.
    git(cwd, 'stash', '-q')
    git(cwd, 'checkout', '-q', 'main')
    writeFileSync(join(cwd, 'a.c'), head)
    commit(cwd)
    git(cwd, 'checkout', '-q', 'change')
    expect(await found(cwd, '--diff-base', 'main')).toEqual(['a.c PyList_GET_ITEM'])
  })

  test('takes a file for new that was a link', async () => {
    const cwd = repository({ 'a.c': head + flaw })
    symlinkSync('a.c', join(cwd, 'b.c'))
    commit(cwd)
    unlinkSync(join(cwd, 'b.c'))
    writeFileSync(join(cwd, 'b.c'), head + newOne('one'))
    expect(await found(cwd, '--diff-base', 'HEAD')).toEqual(['b.c PyList_GET_ITEM'])
  })

  test('sees what a changed header does to a file that is as it was, and what was moved or deleted', async () => {
    const cwd = repository({
      'a.h': '#define FIRST(o) PyList_GetItem(o, 0)\n',
      'a.c': `${head}#include "a.h"\n${flaw}PyObject *f(PyObject *o) { return FIRST(o); }\n`,
      'old.c': head + flaw,
    })
    mkdirSync(join(cwd, 'src'))
    renameSync(join(cwd, 'old.c'), join(cwd, 'src', 'new.c'))
    expect(await found(cwd, '--diff-base', 'HEAD')).toEqual([])
    writeFileSync(join(cwd, 'a.h'), '#define FIRST(o) PyList_GET_ITEM(o, 0)\n')
    expect(await found(cwd, '--diff-base', 'HEAD')).toEqual(['a.h PyList_GET_ITEM'])
    unlinkSync(join(cwd, 'src', 'new.c'))
    expect(await found(join(cwd, 'src'), '--diff-base', 'HEAD', '..')).toEqual(['../a.h PyList_GET_ITEM'])
  })

  test('with a baseline tells of what neither has', async () => {
    const cwd = repository({ 'a.c': head + flaw })
    await run(cwd, ['baseline', 'create', '-t', '3.9'])
    appendFileSync(join(cwd, 'a.c'), newOne('one'))
    expect(await found(cwd, '--diff-base', 'HEAD')).toEqual(['a.c PyList_GET_ITEM'])
  })

  test('with a baseline tells of one more of what both have', async () => {
    const twice = 'PyObject *f(PyObject *o) { g(PyList_GET_ITEM(o, 0)); }\n'
    const cwd = repository({ 'a.c': head + twice })
    await run(cwd, ['baseline', 'create', '-t', '3.9'])
    writeFileSync(join(cwd, 'a.c'), head + twice.replace('g(', 'g(PyList_GET_ITEM(o, 0)); g('))
    expect(await found(cwd, '--no-baseline', '--diff-base', 'HEAD')).toEqual(['a.c PyList_GET_ITEM'])
    expect(await found(cwd, '--diff-base', 'HEAD')).toEqual(['a.c PyList_GET_ITEM'])
  })

  test('says what is wrong with a commit', async () => {
    const cwd = repository({ 'a.c': head })
    const refused = async (where: string, args: readonly string[], why: string): Promise<void> => {
      const { code, stderr } = await run(where, args)
      expect(stderr).toContain(why)
      expect(code).toBe(2)
    }
    await refused(cwd, ['--diff-base', 'gone'], '--diff-base gone: git knows no such commit')
    await refused(cwd, ['--diff-base=--help'], '--diff-base --help: a branch, a tag or a commit')
    await refused(cwd, ['--diff-base', 'HEAD', '--fix'], '--staged and --diff-base are for checks without fixes')
    git(cwd, 'checkout', '-q', '--orphan', 'other')
    writeFileSync(join(cwd, 'b.c'), head)
    commit(cwd)
    await refused(cwd, ['--diff-base', 'main'], 'has no commit in common with this one')
    await refused(folder({ 'a.c': head }), ['--diff-base', 'HEAD'], 'is for a git repository, and this is none')
  })
})

describe('--diff-base beyond what is asked for', () => {
  test('knows a file again that was renamed into what is asked for', async () => {
    const cwd = repository({ 'a.c': head + flaw, 'gone.c': head + newOne('one'), 'sub/b.c': head })
    renameSync(join(cwd, 'a.c'), join(cwd, 'sub', 'c.c'))
    expect(await found(cwd, '--diff-base', 'HEAD', 'sub')).toEqual([])
    git(cwd, 'add', '-A')
    expect(await found(cwd, '--diff-base', 'HEAD', 'sub')).toEqual([])
    expect(await found(cwd, '--diff-base', 'HEAD', 'sub/c.c')).toEqual([])
    expect(await found(cwd, '--staged', '--diff-base', 'HEAD', 'sub/c.c')).toEqual([])
    expect(await found(join(cwd, 'sub'), '--diff-base', 'HEAD')).toEqual([])
    appendFileSync(join(cwd, 'sub', 'c.c'), newOne('two'))
    expect(await found(cwd, '--diff-base', 'HEAD', 'sub/c.c')).toEqual(['sub/c.c PyList_GET_ITEM'])
    // Of what was deleted elsewhere it is not told that it is gone.
    unlinkSync(join(cwd, 'gone.c'))
    const { stdout } = await run(cwd, ['-t', '3.9', '--diff-base', 'HEAD', 'sub/b.c', 'sub/c.c'])
    expect(stdout).not.toContain('no longer')
  })

  test('reads submodules as they were, or says that it does not', async () => {
    const inner = repository({ 'i.c': head + flaw })
    const cwd = repository({ 'a.c': head })
    git(cwd, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, 'inner')
    expect(await found(cwd, '--diff-base', 'HEAD')).toEqual(['inner/i.c PyTuple_GET_ITEM'])
    commit(cwd)
    expect(await found(cwd, '--diff-base', 'HEAD')).toEqual([])
    appendFileSync(join(cwd, 'inner', 'i.c'), newOne('one'))
    const changed = ['inner/i.c PyList_GET_ITEM']
    expect(await found(cwd, '--diff-base', 'HEAD')).toEqual(changed)
    expect(await found(cwd, '--staged', '--diff-base', 'HEAD')).toEqual([])
    commit(join(cwd, 'inner'))
    expect(await found(cwd, '--diff-base', 'HEAD')).toEqual(changed)
    git(cwd, 'update-index', '--cacheinfo', `160000,${'1'.repeat(40)},inner`)
    git(cwd, 'commit', '-qm', 'a commit that the submodule lacks')
    const { stderr } = await run(cwd, ['-t', '3.9', '--diff-base', 'HEAD'])
    expect(stderr).toContain('warning: inner: is a submodule that is taken as it is now: git does not say what it was')
  })
})

describe('--staged', () => {
  test('checks what is about to be committed', async () => {
    const cwd = repository({ 'a.c': head, 'b.c': head, 'made.h': '' })
    appendFileSync(join(cwd, 'a.c'), newOne('one'))
    git(cwd, 'add', 'a.c')
    writeFileSync(join(cwd, 'a.c'), head)
    appendFileSync(join(cwd, 'b.c'), newOne('two'))
    writeFileSync(join(cwd, 'c.c'), head + newOne('three'))
    expect(await found(cwd, '--staged')).toEqual(['a.c PyList_GET_ITEM'])
    unlinkSync(join(cwd, 'a.c'))
    expect(await found(cwd, '--staged')).toEqual(['a.c PyList_GET_ITEM'])
    expect(await found(cwd)).toEqual(['b.c PyList_GET_ITEM', 'c.c PyList_GET_ITEM'])
    expect(await found(cwd, '--staged', '--diff-base', 'HEAD')).toEqual(['a.c PyList_GET_ITEM'])
  })

  test('refuses a merge that is not resolved, as git does', async () => {
    const cwd = repository({ 'a.c': head, 'src/b.c': head })
    git(cwd, 'checkout', '-qb', 'other')
    writeFileSync(join(cwd, 'a.c'), head + newOne('one'))
    commit(cwd)
    git(cwd, 'checkout', '-q', 'main')
    writeFileSync(join(cwd, 'a.c'), head + newOne('two'))
    commit(cwd)
    expect(() => git(cwd, 'merge', 'other')).toThrow()
    const { code, stderr } = await run(join(cwd, 'src'), ['--staged'])
    expect(stderr).toContain('--staged: ../a.c is in a merge that is not resolved; git commits nothing before')
    expect(code).toBe(2)
    git(cwd, 'add', 'a.c')
    expect(await found(cwd, '--staged')).toEqual(['a.c PyList_GET_ITEM', 'a.c PyList_GET_ITEM'])
  })
})

/** A repository with a configuration of which another one includes the most. */
const configured = (text: string): string =>
  repository({
    'a.c': head + newOne('one'),
    'vendor/b.c': head + newOne('two'),
    'abi3lint.toml': 'extends = "shared/base.toml"\n',
    'shared/base.toml': text,
  })

describe('the configuration of --staged', () => {
  const excluding = 'exclude = ["vendor/"]\n'

  test('is that of the index, with all that it goes on from', async () => {
    const cwd = configured('')
    writeFileSync(join(cwd, 'shared', 'base.toml'), excluding)
    expect(await found(cwd, '--staged')).toEqual(['a.c PyList_GET_ITEM', 'vendor/b.c PyList_GET_ITEM'])
    expect(await found(cwd)).toEqual(['a.c PyList_GET_ITEM'])
    git(cwd, 'add', '-A')
    writeFileSync(join(cwd, 'shared', 'base.toml'), 'a mistake')
    expect(await found(cwd, '--staged')).toEqual(['a.c PyList_GET_ITEM'])
    rmSync(join(cwd, 'shared'), { recursive: true })
    unlinkSync(join(cwd, 'abi3lint.toml'))
    expect(await found(cwd, '--staged')).toEqual(['a.c PyList_GET_ITEM'])
  })

  test('does not count as long as git does not have it, unless it is named', async () => {
    const cwd = repository({ 'a.c': head + newOne('one') })
    writeFileSync(join(cwd, 'abi3lint.toml'), 'ignore = ["all"]\n')
    expect(await found(cwd, '--staged')).toEqual(['a.c PyList_GET_ITEM'])
    expect(await found(cwd, '--staged', '--config', 'abi3lint.toml')).toEqual([])
    writeFileSync(join(cwd, 'pyproject.toml'), '[tool.abi3lint]\nignore = ["all"]\n')
    git(cwd, 'add', 'pyproject.toml')
    expect(await found(cwd, '--staged')).toEqual([])
  })

  test('and so are severities, rules and overrides', async () => {
    const cwd = configured('')
    const severity = async (...args: readonly string[]): Promise<unknown> =>
      JSON.parse((await run(cwd, ['-t', '3.9', '-f', 'json', ...args])).stdout).summary.bySeverity
    const own = '[[overrides]]\nfiles = ["vendor/"]\nrules.unavailable-macro = "info"\n'
    writeFileSync(join(cwd, 'shared', 'base.toml'), `rules.unavailable-macro = "warning"\n${own}`)
    expect(await severity()).toEqual({ error: 0, warning: 1, info: 1 })
    expect(await severity('--staged')).toEqual({ error: 2, warning: 0, info: 0 })
    writeFileSync(join(cwd, 'shared', 'base.toml'), 'select = ["static-type-object"]\n')
    expect(await found(cwd)).toEqual([])
    expect(await found(cwd, '--staged')).toHaveLength(2)
  })
})

test('the baseline of --staged is that of the index, unless it is named', async () => {
  const cwd = repository({ 'a.c': head + newOne('one') })
  await run(cwd, ['baseline', 'create', '-t', '3.9'])
  expect(await found(cwd)).toEqual([])
  expect(await found(cwd, '--staged')).toEqual(['a.c PyList_GET_ITEM'])
  expect(await found(cwd, '--staged', '--baseline', 'abi3lint-baseline.jsonl')).toEqual([])
  git(cwd, 'add', '-A')
  expect(await found(cwd, '--staged')).toEqual([])
  unlinkSync(join(cwd, 'abi3lint-baseline.jsonl'))
  expect(await found(cwd, '--staged')).toEqual([])
  expect(await found(cwd)).toEqual(['a.c PyList_GET_ITEM'])
})

describe('the configuration of --diff-base', () => {
  test('is that of now for both checks: what is checked from now on is known', async () => {
    const cwd = configured('ignore = ["unavailable-macro"]\nexclude = ["vendor/"]\n')
    expect(await found(cwd)).toEqual([])
    writeFileSync(join(cwd, 'shared', 'base.toml'), 'rules.unavailable-macro = "warning"\n')
    expect(await found(cwd)).toHaveLength(2)
    expect(await found(cwd, '--diff-base', 'HEAD')).toEqual([])
    appendFileSync(join(cwd, 'vendor', 'b.c'), newOne('three'))
    expect(await found(cwd, '--diff-base', 'HEAD')).toEqual(['vendor/b.c PyList_GET_ITEM'])
    writeFileSync(join(cwd, 'shared', 'base.toml'), 'exclude = ["vendor/"]\n')
    expect(await found(cwd, '--diff-base', 'HEAD')).toEqual([])
  })

  test('sets no target where it says none: a level that was lowered breaks what was right', async () => {
    const setup =
      "from setuptools import Extension\nExtension('a', ['a.c'], define_macros=[('Py_LIMITED_API', 'LEVEL')])\n"
    const code = '#include <Python.h>\nint f(PyObject *m, PyObject *o) { return PyModule_AddObjectRef(m, "o", o); }\n'
    const cwd = repository({ 'a.c': code, 'setup.py': setup.replace('LEVEL', '0x030A0000') })
    const check = ['check', '--quiet', '-f', 'concise', '--diff-base', 'HEAD']
    expect(await run(cwd, check)).toEqual({ code: 0, stdout: '', stderr: '' })
    writeFileSync(join(cwd, 'setup.py'), setup.replace('LEVEL', '0x03090000'))
    const { code: status, stdout } = await run(cwd, check)
    expect(stdout).toContain('PyModule_AddObjectRef')
    expect(status).toBe(1)
  })
})
