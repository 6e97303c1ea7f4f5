import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { bad, concise, found, good, head, reportIn } from '../fixtures/checked.ts'
import { folder, isWindows, program, run, scratch } from '../fixtures/command-line.ts'

/** Which files are found below the paths that are given. */

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe.concurrent('finding files', () => {
  test('directories are searched in order, some are never entered', async () => {
    const skipped = ['node_modules/m/a.c', '.git/a.c', '.venv/lib/a.c', 'a.py', 'c.txt']
    const names = ['b.c', 'a/z.cpp', 'a/B.H', 'x.cc', ...skipped]
    const cwd = folder(Object.fromEntries(names.map((name) => [name, bad])))
    const { code, stdout, stderr } = await concise(cwd)
    expect(stdout).toBe(['a/B.H', 'a/z.cpp', 'b.c', 'x.cc'].map((file) => found(file)).join(''))
    expect([code, stderr]).toEqual([1, ''])
  })

  test('what is included does not hang on the current directory', async () => {
    const cwd = folder({
      'spam/a.c': `${head}#include "spam/b.h"\nint f(PyObject *o) { return SIZE(o); }\n`,
      'spam/b.h': '#define SIZE(o) PyTuple_GET_SIZE(o)\n',
    })
    const from = async (directory: string, path: string) => {
      const { stdout } = await run(join(cwd, directory), ['-t', '3.9', '-f', 'json', path])
      return JSON.parse(stdout).diagnostics.map(({ severity, symbol, notes }: Record<string, unknown>) => [
        severity,
        symbol,
        String(notes).replace(/\S*a\.c/, 'a.c'),
      ])
    }
    const found = [['error', 'PyTuple_GET_SIZE', 'in the body of macro `SIZE()`, used in a.c']]
    expect(await from('.', '.')).toEqual(found)
    expect(await from('spam', '.')).toEqual(found)
    expect(await from('spam', '..')).toEqual(found)
  })
})

describe.concurrent('finding files in repositories', () => {
  test('.gitignore files count in a repository: folders, anchors, nesting, negation', async () => {
    const names = [
      'build/a.c',
      'src/build/a.c',
      'a_gen.c',
      'src/keep_gen.c',
      'src/old/a.c',
      'src/old/new.c',
      'only.c',
      'sub/only.c',
      'sub/deep/only.c',
      'sub/local.c',
      'sub/deep/local.h',
      'local.c',
    ]
    const cwd = folder({
      '.gitignore': '# comment\n/build/\n*_gen.c\n!keep_gen.c\nsrc/old/*\n!src/old/new.c\n',
      'sub/.gitignore': '/only.c\nlocal.*\n',
      ...Object.fromEntries(names.map((name) => [name, bad])),
    })
    // An archive holds what the repository that it was made from ignores.
    expect((await concise(cwd)).stdout.trimEnd().split('\n')).toHaveLength(names.length)
    mkdirSync(join(cwd, '.git'))
    const kept = ['local.c', 'only.c', 'src/build/a.c', 'src/keep_gen.c', 'src/old/new.c', 'sub/deep/only.c']
    expect(await concise(cwd)).toEqual({ code: 1, stdout: kept.map((file) => found(file)).join(''), stderr: '' })
    // What is named is meant.
    expect(await concise(cwd, 'a_gen.c', 'build')).toMatchObject({ stdout: found('a_gen.c') + found('build/a.c') })
  })

  test('a line of a .gitignore with many wildcards is left out, and takes no time', async () => {
    const deep = `${'a/'.repeat(60)}a.c`
    const rules = `${'**/a/'.repeat(25)}b\r\n**/b.c\r\n${'*a'.repeat(300_000)}\n`
    const cwd = folder({ [deep]: bad, 'x/b.c': bad, '.gitignore': rules, '.git/x': '' })
    expect(await concise(cwd)).toEqual({
      code: 1,
      stdout: found(deep),
      stderr:
        'warning: .gitignore: has a line of more than 10000 characters, which is left out\n' +
        'warning: .gitignore: has a line with more than 3 `**`, which is left out\n',
    })
  })

  test('files given twice are checked once', async () => {
    const cwd = folder({ 'src/a.c': bad })
    const args = ['src/a.c', './src/a.c', 'src/../src/a.c', join(cwd, 'src/a.c'), 'src', '.', 'src/']
    expect(await concise(cwd, ...args)).toEqual({ code: 1, stdout: found('src/a.c'), stderr: '' })
  })

  test.skipIf(isWindows)('links that go round in a circle end', async () => {
    const cwd = folder({ 'a/b/x.c': bad })
    symlinkSync('..', join(cwd, 'a/b/up'))
    symlinkSync('.', join(cwd, 'a/here'))
    expect(await concise(cwd)).toEqual({ code: 1, stdout: found('a/b/x.c'), stderr: '' })
    symlinkSync('loop.c', join(cwd, 'loop.c'))
    const { stdout, stderr } = await concise(cwd)
    expect(stdout).toBe(found('a/b/x.c'))
    expect(stderr).toMatch(/^\w+: loop\.c: cannot be read: its symbolic links go round in a circle\n$/)
  })

  test.skipIf(isWindows)('a link to a folder elsewhere is told of and not followed, unless it is named', async () => {
    const elsewhere = folder({ 'x.c': bad })
    const cwd = folder({ 'a.c': bad })
    symlinkSync(elsewhere, join(cwd, 'linked'))
    expect(await concise(cwd)).toEqual({
      code: 1,
      stdout: found('a.c'),
      stderr: 'warning: linked: is a link that leads out of what was asked for: left out\n',
    })
    expect(await concise(cwd, 'linked')).toMatchObject({ code: 1, stdout: expect.stringContaining('x.c') as string })
  })

  test('deep folders', async () => {
    const name = `${'d/'.repeat(300)}a.c`
    expect(await concise(folder({ [name]: bad }))).toEqual({ code: 1, stdout: found(name), stderr: '' })
  })
})

describe.skipIf(isWindows).concurrent('odd files', () => {
  test('what is no regular file is told of and not waited for', async () => {
    const cwd = folder({ 'a.c': `${bad}#include "pipe.h"\n`, '.git/x': '' })
    for (const name of ['pipe.c', 'pipe.h', 'setup.py', '.gitignore']) execFileSync('mkfifo', [join(cwd, name)])
    const { code, stdout, stderr } = await concise(cwd)
    expect([code, stdout]).toEqual([1, found('a.c')])
    expect(stderr.split('\n').sort()).toEqual([
      '',
      ...['.gitignore', 'pipe.c', 'pipe.h', 'setup.py'].map(
        (name) => `warning: ${name}: cannot be read: it is no regular file but a FIFO`,
      ),
    ])
  })

  test('an include that is no regular file, and one by a name with other letters', async () => {
    const cwd = folder({ 'a.c': `${bad}#include ".cache/pipe.h"\n#include "é.h"\nint f(void) { return E_SIZE(0); }\n` })
    mkdirSync(join(cwd, '.cache'))
    execFileSync('mkfifo', [join(cwd, '.cache/pipe.h')])
    writeFileSync(join(cwd, 'é.h'), '#define E_SIZE(o) PyList_GET_SIZE(o)\n')
    const { stdout, stderr } = await concise(cwd, 'a.c', 'é.h')
    expect(stdout).toContain('é.h:1:19: error')
    expect(stderr).toBe('warning: .cache/pipe.h: cannot be read: it is no regular file but a FIFO\n')
  })

  test('links to them, and what includes and build files lead out to', async () => {
    const cwd = folder({
      'p/a.c': `${bad}#include "zero.def"\n#include "../null.h"\n`,
      'p/setup.py': 'import conf\n',
      'p/s/b.c': good,
    })
    const links = {
      'p/zero.def': '/dev/zero',
      'null.h': '/dev/null',
      'p/s/pyproject.toml': '../pipe',
      'p/setup.cfg': '/dev/zero',
      'p/conf.py': 'pipe',
    }
    execFileSync('mkfifo', [join(cwd, 'p/pipe')])
    for (const [name, target] of Object.entries(links)) symlinkSync(target, join(cwd, name))
    const outside = 'cannot be read: it is outside of what was asked for'
    const { code, stdout, stderr } = await concise(join(cwd, 'p'))
    expect([code, stdout]).toEqual([1, found('a.c')])
    expect(stderr.trim().split('\n').sort()).toEqual([
      `warning: ../null.h: ${outside}`,
      'warning: conf.py: cannot be read: it is no regular file but a FIFO',
      'warning: s/pyproject.toml: cannot be read: it is no regular file but a FIFO',
      `warning: setup.cfg: ${outside}`,
      'warning: setup.cfg: is a link that leads out of what was asked for: left out',
      `warning: zero.def: ${outside}`,
    ])
    expect((await concise(join(cwd, 'p'), 's')).stderr).toContain(`warning: setup.cfg: ${outside}\n`)
  })

  test('the current directory may have any name, and be deleted', async () => {
    const cwd = folder({ 'a.c': bad })
    const inside = (name: string): string =>
      `d=$(printf '${name}'); mkdir "$d" && cp a.c "$d" && cd "$d" && "$0" "$1" -t 3.11 -f concise .`
    const sh = (script: string): readonly [string, number | null] => {
      const { stdout, stderr, status } = spawnSync('sh', ['-c', script, process.execPath, program], { cwd })
      return [`${stdout}${stderr}`, status]
    }
    expect(sh(inside('\\351'))).toEqual([found('a.c'), 1])
    const gone = 'error: the current directory cannot be read: there is no such file or directory\n'
    expect(sh('mkdir gone && cd gone && rmdir ../gone && "$0" "$1" check .')).toEqual([gone, 2])
  })

  test('names that are not UTF-8', async () => {
    const cwd = folder({})
    writeFileSync(Buffer.concat([Buffer.from(`${cwd}/`), Buffer.of(0xe9), Buffer.from('.c')]), bad)
    const { code, stdout } = await run(cwd, ['-f', 'json'])
    expect([code, reportIn(stdout).diagnostics.map(({ file }) => file)]).toEqual([1, ['\ufffd.c']])
  })
})

describe.concurrent('paths', () => {
  test('a file that is something else by its name is not read as C; one that may be C is', async () => {
    const cwd = folder({ 'README.md': bad, 'a.py': bad, 'a.c.src': bad, 'b.tpp': bad, LICENSE: bad, 'setup.py': '' })
    const { code, stdout, stderr } = await concise(cwd, 'README.md', 'a.py', 'a.c.src', 'b.tpp', 'LICENSE', 'setup.py')
    expect([code, stdout.split('\n').map((line) => line.split(':')[0])]).toEqual([
      1,
      ['LICENSE', 'a.c.src', 'b.tpp', ''],
    ])
    expect(stderr).toBe(
      'warning: README.md: is no C or C++ by its name, so it is left out\n' +
        'warning: a.py: is no C or C++ by its name, so it is left out\n',
    )
  })

  test('blanks, letters of all kinds, and what looks like an option in paths', async () => {
    const names = ['-f.c', 'a b.c', '\u00e4 \u00f6/\u65e5\u672c/\u{1f600} \u00fc.c']
    const cwd = folder(Object.fromEntries(names.map((name) => [name, bad])))
    expect(await concise(cwd)).toEqual({ code: 1, stdout: names.map((name) => found(name)).join(''), stderr: '' })
    expect(await concise(cwd, '--', ...names)).toEqual(await concise(cwd))
    const { stdout } = await run(cwd, ['-f', 'json'])
    expect(reportIn(stdout).diagnostics.map(({ file }) => file)).toEqual(names)
  })

  test('paths are relative to where it runs, however they are given', async () => {
    const project = folder({ 'src/a.c': bad, 'other/b.txt': '' })
    expect(await concise(join(project, 'src'), project)).toMatchObject({ code: 1, stdout: found('a.c') })
    expect(await concise(join(project, 'other'), '../src')).toMatchObject({ code: 1, stdout: found('../src/a.c') })
    const absolute = join(project, 'src/a.c')
    expect(await concise(join(project, 'other'), absolute)).toMatchObject({ code: 1, stdout: found('../src/a.c') })
    const { stdout } = await run(join(project, 'other'), ['-f', 'json', '..'])
    expect(reportIn(stdout).diagnostics.map(({ file }) => file)).toEqual(['../src/a.c'])
  })
})

test('a list that is only included is checked where a directory above it is asked for', async () => {
  const files = {
    'a.c': `${head}#define SIZE(T) PyList_GET_SIZE(T);\nvoid f(PyObject *o) {\n#include "list.def"\n}\n`,
    'list.def': 'SIZE(o)\nPyTuple_GET_SIZE(o);\n',
  }
  const path = folder(files)
  const list = /list\.def:2:1: error/
  expect((await run(path, ['-f', 'concise', '.'])).stdout).toMatch(list)
  expect((await run(path, ['-f', 'concise', 'a.c'])).stdout).not.toMatch(list)
})

test('what a file alone seems to own is told where all sources of the package were read', async () => {
  const cwd = folder({
    'setup.py': '',
    'spam.h': '#include <Python.h>\ntypedef struct { PyObject_HEAD PyObject *items; } Spam;\n',
    'a.c': `#include "spam.h"
static int spam_init(Spam *self, PyObject *args, PyObject *kwargs)
{
    self->items = PyList_New(0);
    return self->items == NULL ? -1 : 0;
}
static void spam_dealloc(Spam *self)
{
    Py_TYPE(self)->tp_free((PyObject *)self);
}
PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_dealloc = (destructor)spam_dealloc,
    .tp_init = (initproc)spam_init,
    .tp_new = PyType_GenericNew,
};
`,
    'b.c': '#include "spam.h"\nvoid lend(Spam *self, PyObject *o) { self->items = PyTuple_GetItem(o, 0); }\n',
  })
  const told = async (...paths: readonly string[]): Promise<readonly string[]> => {
    const { stdout } = await run(cwd, ['-t', '3.12', '--select', 'all', '-f', 'concise', ...paths])
    return stdout.match(/(?<=\[)(?:overwritten-member|unvisited-member|inherited-dealloc)(?=\])/g) ?? []
  }
  expect(await told()).toEqual([])
  expect(await told('a.c')).toEqual([])
  writeFileSync(join(cwd, 'b.c'), '#include "spam.h"\nint is_set(Spam *self) { return self->items != Py_None; }\n')
  expect(await told()).toEqual(['overwritten-member', 'unvisited-member'])
  expect(await told('a.c', 'b.c')).toEqual(['overwritten-member', 'unvisited-member'])
  expect(await told('a.c')).toEqual([])
})
