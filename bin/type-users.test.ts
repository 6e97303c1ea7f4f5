import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { folder, isWindows, run, scratch } from '../fixtures/command-line.ts'

/** Who uses a static type: what is rewritten is right for all that is compiled, found and named or not. */

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const definition = (storage: string): string => `#include <Python.h>
${storage}PyTypeObject A_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "m.A",
    .tp_basicsize = sizeof(PyObject),
    .tp_flags = Py_TPFLAGS_DEFAULT,
};
int ready(void) { return PyType_Ready(&A_Type); }
`
const setup = 'from setuptools import setup, Extension\nsetup(ext_modules=[Extension("m", ["a.c", "b.c"])])\n'
const own = { 'a.c': definition(''), 'setup.py': setup }
const declared = '#include <Python.h>\nextern PyTypeObject A_Type;\n'
const use = 'void *type(void) { return &A_Type; }\n'

const git = (cwd: string, ...words: string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'core.autocrlf=false', ...words], {
    cwd,
    encoding: 'utf8',
    stdio: 'pipe',
  })

/** Rewrites types, and gives what is said of `A_Type`; empty where it was rewritten. */
async function left(cwd: string, ...names: string[]): Promise<string> {
  const { stdout } = await run(cwd, ['rewrite', 'types', '-t', '3.12', '--allow-dirty', ...names])
  const isRewritten = readFileSync(join(cwd, 'a.c'), 'latin1').includes('PyType_Spec')
  expect(stdout).toContain(isRewritten ? 'Fixed 1 finding' : 'Fixed nothing.')
  return isRewritten ? '' : (/`A_Type` alone: (.*?)(?: = note| Fixed)/.exec(stdout.replace(/\s+/g, ' '))?.[1] ?? '?')
}

const ways: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a struct': { 'b.c': `#include <Python.h>\nextern struct _typeobject A_Type;\n${use}` },
  'a comment': { 'b.c': `#include <Python.h>\nextern PyTypeObject /* in a.c */ A_Type;\n${use}` },
  'a typedef': { 'b.c': `#include <Python.h>\ntypedef PyTypeObject Type;\nextern Type A_Type;\n${use}` },
  'a macro': { 'b.c': `#include <Python.h>\n#define HIDDEN\nextern PyTypeObject HIDDEN A_Type;\n${use}` },
  'an attribute': {
    'b.c': `#include <Python.h>\nextern PyTypeObject __attribute__((visibility("hidden"))) A_Type;\n${use}`,
  },
  'a list': { 'b.c': `#include <Python.h>\nextern PyTypeObject\n    *other, A_Type;\n${use}` },
  'an array': { 'b.c': '#include <Python.h>\nextern char A_Type[];\nvoid *type(void) { return A_Type; }\n' },
  'an array, without Python': { 'b.c': 'extern char A_Type[];\nvoid *type(void) { return A_Type; }\n' },
  'a macro that declares': {
    'b.c': `#include <Python.h>\n#define DECLARE(t) extern PyTypeObject t\nDECLARE(A_Type);\n${use}`,
  },
  'a name of parts': {
    'b.c':
      '#include <Python.h>\n#define TYPE(x) x ## _Type\nextern PyTypeObject TYPE(A);\n' +
      'void *type(void) { return &TYPE(A); }\n',
  },
  'a name of parts, by a macro of a header': {
    'b.h': '#define PASTE(a, b) a##b\n#define TYPE(x) \\\n  PASTE(x, _Type)\n',
    'b.c': '#include <Python.h>\n#include "b.h"\nextern PyTypeObject TYPE(A);\nvoid *type(void) { return &TYPE(A); }\n',
  },
  'another file': { 'b.inc': declared, 'b.c': `#include "b.inc"\n${use}` },
  'another file that has all': { 'b.inc': declared + use, 'b.c': '#include "b.inc"\n' },
  'another file of any name': { 'b.def': declared + use, 'b.c': '#include "b.def"\n' },
  'a name for the linker': {
    'b.c': '#include <Python.h>\nextern PyTypeObject t __asm__("A_Type");\nvoid *type(void) { return &t; }\n',
  },
}

describe('a type is left alone where a source that was not asked for knows it by', () => {
  test.each(Object.entries(ways))('%s', async (_, files) => {
    expect(await left(folder({ ...own, ...files }), 'a.c')).not.toBe('')
  })
})

/** What is not understood, and leaves the type alone though all was asked for. */
const unclear = /^(?:a list|an array.*|a macro that declares|a name.*)$/

describe('of a whole project all is read that knows a type by', () => {
  test.each(Object.entries(ways))('%s', async (way, files) => {
    const cwd = folder({ ...own, ...files })
    const reason = await left(cwd, '.')
    if (unclear.test(way)) expect(reason).not.toBe('')
    else {
      expect(reason).toBe('')
      const all = Object.keys(files).map((file) => readFileSync(join(cwd, file), 'latin1'))
      expect(all.join('')).toMatch(/\b(?:PyTypeObject|_typeobject|Type)\b[^;]* \*A_Type;/)
      expect(all.join('')).toContain('return A_Type;')
    }
  })
})

test('a type of one translation unit is no matter of others', async () => {
  const files = { ...own, 'a.c': definition('static '), 'b.c': ways['an array']!['b.c']! }
  expect(await left(folder(files), 'a.c')).toBe('')
})

test.each(['a.c', '.'])('what git ignores is compiled where git has it, or the build names it: %s', async (asked) => {
  const hidden = { 'gen/b.c': declared + use, '.gitignore': 'gen/\n' }
  const tracked = folder({ 'a.c': definition(''), ...hidden })
  git(tracked, 'init', '-q')
  git(tracked, 'add', '-f', '.')
  git(tracked, 'commit', '-q', '-m', 'x')
  expect(await left(tracked, asked)).toBe('is not among the files to check (gen/b.c:1)')
  const named = folder({ 'a.c': definition(''), 'setup.py': setup.replace('b.c', 'gen/b.c'), ...hidden })
  git(named, 'init', '-q')
  expect(await left(named, asked)).toBe('is not among the files to check (gen/b.c:1)')
  // What nobody compiles is no matter.
  const other = folder({ 'a.c': definition(''), ...hidden })
  git(other, 'init', '-q')
  expect(await left(other, asked)).toBe('')
})

test('a source that is not there may use a type that its module has', async () => {
  expect(await left(folder(own), 'a.c')).toBe(
    '`b.c`, which `setup.py` names with its file, was not found, and may use it (a.c:2)',
  )
  expect(await left(folder({ ...own, 'a.c': definition('static ') }), 'a.c')).toBe('')
  const apart = setup.replace('["a.c", "b.c"])', '["a.c"]), Extension("n", ["b.c"])')
  expect(await left(folder({ ...own, 'setup.py': apart }), 'a.c')).toBe('')
})

test.skipIf(isWindows)('neither can one be followed that cannot be read', async () => {
  for (const asked of ['a.c', '.']) {
    const cwd = folder(own)
    execFileSync('mkfifo', [join(cwd, 'b.c')])
    expect(await left(cwd, asked)).toContain('`b.c`, which may use it, cannot be read: ')
  }
})
