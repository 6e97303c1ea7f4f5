import { describe, expect, test } from 'vitest'
import { parseTarget, type Target } from '../knowledge/target.ts'
import { asBytes } from '../source/text.ts'
import { readAsset } from '../store/assets.ts'
import { memoryStore } from '../store/memory.ts'
import type { Settings } from './settings.ts'
import type { Content } from './source-text.ts'
import type { Answer, Store, Threads } from './store.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

const target = (text: string): Target => parseTarget(text)!
const at = { targets: [target('3.12')] }
const python = '#include <Python.h>\n'
const bad = `${python}PyObject *f(PyObject *t) { return PyTuple_GET_ITEM(t, 0); }\n`
const good = bad.replace('GET_ITEM', 'GetItem')
const unsafe = `${python}PyObject *f(PyObject *o, Py_ssize_t i) { return PySequence_ITEM(o, i); }\n`

type Files = Readonly<Record<string, Content>>

const storeOf = (files: Files): Store => memoryStore(new Map(Object.entries(files)), readAsset)

/** A workspace on files that are all asked for. */
const open = (files: Files, settings: Settings = {}): Promise<Workspace> =>
  openWorkspace(storeOf(files), Object.keys(files), settings)

const found = (workspace: Workspace): string[] =>
  workspace.check(at).run.diagnostics.map(({ file, line, symbol }) => `${file}:${line} ${symbol}`)

const shown = (changes: ReadonlyMap<string, Uint8Array>): Readonly<Record<string, string>> =>
  Object.fromEntries([...changes].map(([file, bytes]) => [file, new TextDecoder().decode(bytes)]))

describe('opening', () => {
  test('reads what was asked for, and what that includes', async () => {
    const store = storeOf({
      'src/a.c': `${python}#include "b.h"\n#include "sub/c.h"\n#include <d.h>\n`,
      'src/b.h': '#include "e.def"\n',
      'include/sub/c.h': '',
      'include/d.h': '',
      'src/e.def': '',
      'src/other.c': bad,
    })
    const { files, problems } = await openWorkspace(store, ['src/a.c'])
    expect([[...files].sort(), problems]).toEqual([['include/sub/c.h', 'src/a.c', 'src/b.h', 'src/e.def'], []])
  })

  test('reads what is included in angle brackets from directories of the build, not CPython', async () => {
    const store = storeOf({
      'src/a.c': `${python}#include <lib/b.h>\n#include <c.h>\n#include <d.h>\n#include <lib/e.h>\n`,
      'inc/c.h': '',
      'lib/b.h': '',
      'python/Python.h': '',
      'python/d.h': '',
      'setup.py': "Extension('a', ['src/a.c'], include_dirs=['inc'])\n",
    })
    const { files } = await openWorkspace(store, ['src/a.c'], { includeDirectories: ['python'] })
    expect([...files].sort()).toEqual(['inc/c.h', 'lib/b.h', 'src/a.c'])
  })

  test('checks only what was asked for: the files, and fragments below the paths that they were found by', async () => {
    const files = { 'a.c': `${python}#include "b.h"\n#include "sub/c.def"\n`, 'b.h': bad, 'sub/c.def': bad }
    const asked = async (settings: Settings): Promise<string[]> =>
      found(await openWorkspace(storeOf(files), ['a.c'], settings))
    expect(await asked({})).toEqual([])
    expect(await asked({ paths: ['sub'] })).toEqual(['sub/c.def:2 PyTuple_GET_ITEM'])
    expect(await asked({ paths: ['.'] })).toEqual(['sub/c.def:2 PyTuple_GET_ITEM'])
  })

  test('says what cannot be read; what was named and is no C is an error', async () => {
    const files = { 'a.c': bad, 'b.c': new Uint8Array([0xff, 0xfe, 0, 0]) }
    const problems = async (settings: Settings): Promise<readonly string[]> =>
      (await openWorkspace(storeOf(files), ['a.c', 'b.c', 'c.c'], settings)).problems.map(
        ({ file, severity, message }) => `${severity}: ${file} ${message}`,
      )
    const utf16 = 'b.c is UTF-16 text, which compilers do not read; save it as UTF-8'
    const missing = 'error: c.c cannot be read: there is no such file'
    expect(await problems({})).toEqual([`error: ${utf16}`, missing])
    const known = { file: 'x', message: 'is known', severity: 'warning' } as const
    expect(await problems({ paths: ['.'], problems: [known] })).toEqual([
      'warning: x is known',
      `warning: ${utf16}`,
      missing,
    ])
  })

  test('takes macros and directories from settings, and from a compilation database', async () => {
    const guarded = `#ifdef WHOLE\n${bad}#endif\n`
    const database = (text: unknown): Files => ({ 'a.c': guarded, 'build/compile_commands.json': JSON.stringify(text) })
    const commands = [{ directory: '..', file: 'a.c', command: 'cc -DWHOLE -Iinc -c a.c' }]
    const check = async (files: Files, settings: Settings = {}): Promise<string[]> =>
      found(await openWorkspace(storeOf(files), ['a.c'], settings))
    expect(await check({ 'a.c': guarded }, { definitions: new Map([['WHOLE', null]]) })).toEqual([])
    expect(await check({ 'a.c': guarded }, { definitions: new Map([['WHOLE', '1']]) })).toHaveLength(1)
    expect(await check(database(commands))).toHaveLength(1)
    const wrong = await openWorkspace(storeOf(database(1)), ['a.c'])
    expect(wrong.problems).toEqual([
      {
        file: 'build/compile_commands.json',
        message: 'is no compilation database: a list of commands is expected',
        severity: 'warning',
      },
    ])
    const missing = await openWorkspace(storeOf({}), [], { compileCommands: 'x.json' })
    expect(missing.problems).toEqual([
      { file: 'x.json', message: 'cannot be read: there is no such file', severity: 'error' },
    ])
  })

  test('fails where an asset is missing', async () => {
    const asset = async (): Promise<Uint8Array> => {
      throw new Error('nothing there')
    }
    await expect(openWorkspace(memoryStore(new Map(), asset), [])).rejects.toThrow('nothing there')
  })
})

describe('checking', () => {
  test('finds what is wrong, with places in lines and columns', async () => {
    const { run, chosen } = (await open({ 'a.c': bad.replace('\n', '\n/* gr\u00fc\u00dfe */ ') })).check(at)
    expect(chosen).toBe(null)
    expect(run).toMatchObject({
      tool: { name: 'abi3lint' },
      targets: ['3.12'],
      headers: ['3.15'],
      fixed: null,
      files: { checked: 1, unparsedBytes: 0 },
    })
    expect(run.diagnostics).toMatchObject([
      {
        rule: 'unavailable-macro',
        symbol: 'PyTuple_GET_ITEM',
        line: 2,
        column: 47,
        endColumn: 63,
        fix: { safety: 'safe' },
      },
    ])
  })
})

describe('checking without a target or headers', () => {
  test('without a target takes that of the project, from files at the root too', async () => {
    const store = storeOf({ 'a.c': bad, 'setup.py': "setup(options={'bdist_wheel': {'py_limited_api': 'cp310'}})\n" })
    const workspace = await openWorkspace(store, ['a.c'])
    const { chosen, run } = workspace.check({ headers: 13 })
    expect([run.targets, run.headers, chosen?.source]).toEqual([['3.10'], ['3.13'], 'the wheel tag in setup.py'])
    expect(workspace.defaultTarget().target).toEqual({ level: 10, headers: 15, abi3t: false })
  })

  test('without headers checks with all from the level up, and says where only some break', async () => {
    const code = `#include <Python.h>
size_t length(const char *text) { return strlen(text); }
#if PY_VERSION_HEX < 0x030D0000
PyObject *older(PyObject *o) { return PyTuple_GET_ITEM(o, 0); }
#endif
PyObject *removed(PyObject *o) { return PyEval_CallObject(o, NULL); }
int both(void) { return errno; }
`
    const setup = "Extension('a', ['a.c'], define_macros=[('Py_LIMITED_API', '0x030B0000')])\n"
    const { run } = (await open({ 'a.c': code, 'setup.py': setup })).check()
    expect([run.targets, run.headers]).toEqual([['3.11'], ['3.15', '3.14', '3.13', '3.11']])
    expect(run.diagnostics.map(({ rule, symbol, notes }) => [rule, symbol, notes.at(-1)])).toEqual([
      ['missing-standard-include', 'strlen', 'only with the headers of CPython 3.11 to 3.14'],
      ['unavailable-macro', 'PyTuple_GET_ITEM', 'only with the headers of CPython 3.11'],
      ['removed-from-headers', 'PyEval_CallObject', 'only with the headers of CPython 3.13 to 3.15'],
      ['missing-standard-include', 'errno', undefined],
    ])
    expect(run.diagnostics[0]?.headers).toEqual(['3.14', '3.13', '3.11'])
  })

  test('without headers leaves out those of Pythons that do not build the project', async () => {
    const code = '#include <Python.h>\nPyObject *f(PyObject *o) { return Py_NewRef(o); }\n'
    const setup = (required: string): string =>
      `setup(${required}ext_modules=[Extension('a', ['a.c'], define_macros=[('Py_LIMITED_API', '0x03080000')])])\n`
    const rules = async (required: string): Promise<unknown> => {
      const { run } = (await open({ 'a.c': code, 'setup.py': setup(required) })).check()
      return [run.headers, run.diagnostics.map(({ rule, notes }) => [rule, ...notes])]
    }
    expect(await rules('')).toEqual([
      ['3.15', '3.14', '3.13', '3.11', '3.9'],
      [['newer-than-target', 'only with the headers of CPython 3.9']],
    ])
    expect(await rules("python_requires='>=3.11', ")).toEqual([['3.15', '3.14', '3.13', '3.11'], []])
  })

  test('what only happens on Pythons that do not install the project is not said', async () => {
    const code = `#include <Python.h>
int f(PyObject *o) { return PyMapping_HasKeyStringWithError(o, "a"); }
int g(PyObject *o, char **s, int *n) { return PyArg_ParseTuple(o, "s#", s, n); }
`
    const project = (required: string): string =>
      `[project]\nname = "a"\nrequires-python = "${required}"\n[[tool.setuptools.ext-modules]]\nname = "a"\n` +
      `sources = ["a.c"]\ndefine-macros = [["Py_LIMITED_API", "0x03080000"]]\n`
    const rules = async (required: string): Promise<unknown> =>
      (await open({ 'a.c': code, 'pyproject.toml': project(required) })).check().run.diagnostics.map(({ rule }) => rule)
    expect(await rules('>=3.8')).toEqual(['unguarded-newer-function', 'hash-length-format'])
    expect(await rules('>=3.13')).toEqual([])
  })

  test('refuses what is no target', async () => {
    const workspace = await open({ 'a.c': bad })
    for (const change of [{ level: 1 }, { headers: 11 }, { headers: 99 }, { level: Number.NaN }]) {
      expect(() => workspace.check({ targets: [{ ...target('3.12'), ...change }] })).toThrow(RangeError)
    }
    await expect(workspace.fix({ targets: [{ ...target('3.12'), level: 1 }] })).rejects.toThrow(RangeError)
  })

  test('counts what keeps files from each target', async () => {
    const survey = (await open({ 'a.c': bad, 'b.c': python })).targets()
    expect(survey.files.map(({ file, lowest, abi3t }) => [file, lowest, abi3t])).toEqual([
      ['a.c', null, false],
      ['b.c', '3.2', true],
    ])
  })
})

test('a pyproject.toml that is no TOML is said to be left out', async () => {
  const { run } = (await open({ 'a.c': 'int a;\n', 'pyproject.toml': '[project]\nname = "a\n' })).check()
  const [problem, ...others] = run.problems
  expect(others).toEqual([])
  expect(problem).toMatchObject({ file: 'pyproject.toml', severity: 'warning' })
  expect(problem!.message).toMatch(/^is left out, as it is no TOML: /)
})

describe('the target of a translation unit', () => {
  test('without a target checks each translation unit at the level that it sets', async () => {
    const header = '#ifndef Py_LIMITED_API\n#define Py_LIMITED_API 0x03090000\n#endif\n#include <Python.h>\n'
    const use = 'PyObject *NAME(void) { return Py_GetConstant(0); }\n'
    const unit = (level: string, name: string): string => `${level}#include "common.h"\n${use.replace('NAME', name)}`
    const set = '#define Py_LIMITED_API 0x030d0000\n'
    const checked = async (files: Files): Promise<unknown> => {
      const { run, chosen } = (await open({ 'common.h': header, ...files })).check()
      return [chosen?.source, run.targets, run.diagnostics.map(({ file, rule }) => `${file} ${rule}`)]
    }
    expect(await checked({ 'a.c': unit(set, 'f') })).toEqual(['`Py_LIMITED_API` in a.c', ['3.13'], []])
    expect(await checked({ 'a.c': unit(set, 'f'), 'b.c': unit('', 'g') })).toEqual([
      '`Py_LIMITED_API` in common.h',
      ['3.9', '3.13'],
      ['b.c newer-than-target'],
    ])
  })

  test('an empty Py_LIMITED_API is level 3.2, as it is for the headers', async () => {
    const use = '#include <Python.h>\nvoid *f(PyTypeObject *type) { return PyType_GetSlot(type, 3); }\n'
    const checked = async (files: Files): Promise<unknown> => {
      const { run, chosen } = (await open(files)).check()
      return [chosen?.source, run.targets, run.diagnostics.map(({ rule }) => rule)]
    }
    const implicit = 'implicit-limited-api-level'
    expect(await checked({ 'a.c': `#define Py_LIMITED_API\n${use}` })).toEqual([
      '`Py_LIMITED_API` in a.c',
      ['3.2'],
      [implicit, 'newer-than-target'],
    ])
    const setup = 'Extension("a", ["a.c"], define_macros=[("Py_LIMITED_API", None)], py_limited_api=True)\n'
    expect(await checked({ 'a.c': use, 'setup.py': setup })).toEqual([
      '`Py_LIMITED_API` in setup.py',
      ['3.2'],
      ['newer-than-target', implicit],
    ])
  })

  test('what is linked into one library requires the highest level of it', async () => {
    const level = (value: string): string => `#ifndef Py_LIMITED_API\n#define Py_LIMITED_API ${value}\n#endif\n`
    const header = `${level('0x03050000')}#include <Python.h>\nint add_a(PyObject *);\nint add_b(PyObject *);\n`
    const unit = (name: string): string =>
      `#include "parts.h"\nint add_${name}(PyObject *o) { return PyObject_GC_IsTracked(Py_NewRef(o)); }\n`
    const checked = async (files: Files): Promise<unknown> => {
      const { run } = (await open({ 'parts.h': header, 'a.c': unit('a'), ...files })).check()
      return run.diagnostics.flatMap(({ file, rule, severity }) => (severity === 'info' ? [] : [`${file} ${rule}`]))
    }
    const newer = level('0x030d0000')
    const init = (name: string): string =>
      `#include "parts.h"\nPyMODINIT_FUNC PyInit_${name}(void) { return add_a(NULL) ? NULL : PyModule_Create(0); }\n`
    const faults = ['a.c unguarded-newer-function', 'a.c newer-than-target']
    expect(await checked({})).toEqual(faults)
    expect(await checked({ 'b.c': newer + unit('b') })).toEqual([])
    expect(await checked({ 'b.c': newer + unit('b'), 'm.c': init('m') })).toEqual([])
    // They may be linked into either module.
    expect(await checked({ 'b.c': newer + unit('b'), 'm.c': init('m'), 'n.c': newer + init('n') })).toEqual(faults)
    expect(await checked({ 'b.c': `${newer}#include <Python.h>\nPyObject *b(void) { return NULL; }\n` })).toEqual(
      faults,
    )
  })

  test('a level that the build sets for one translation unit is its own', async () => {
    const header = '#ifndef Py_LIMITED_API\n#define Py_LIMITED_API 0x03050000\n#endif\n#include <Python.h>\n'
    const unit = (name: string): string =>
      `#include "common.h"\nPyObject *${name}(PyObject *o) { return Py_NewRef(o); }\n`
    const level = (value: string): string => `define_macros=[("Py_LIMITED_API", "${value}")]`
    const checked = async (build: Files): Promise<unknown> => {
      const files = { 'common.h': header, 'src/a.c': unit('f'), 'src/ba.c': unit('g') }
      const { run } = (await open({ ...files, ...build })).check()
      return [run.targets, run.diagnostics.map(({ file, rule }) => `${file} ${rule}`)]
    }
    const command = (file: string, value: string): object => ({
      directory: '.',
      file,
      command: `cc -DPy_LIMITED_API=${value} -c ${file}`,
    })
    const [low, high] = ['0x03080000', '0x030c0000']
    const first = `Extension("a", ["src/a.c"], ${level(high)})`
    const two = (ofB: string): Files => ({
      'setup.py': `setup(ext_modules=[${first}, Extension("ba", ["src/ba.c"]${ofB})])\n`,
    })
    const commands = JSON.stringify([command('src/a.c', high), command('src/ba.c', low)])
    expect(await checked(two(''))).toEqual([['3.5', '3.12'], ['src/ba.c newer-than-target']])
    expect(await checked(two(`, ${level(low)}`))).toEqual([['3.8', '3.12'], ['src/ba.c newer-than-target']])
    expect(await checked({ 'compile_commands.json': commands })).toEqual([
      ['3.8', '3.12'],
      ['src/ba.c newer-than-target'],
    ])
  })
})

describe('fixing', () => {
  test('gives the bytes that change, and leaves the workspace as it is', async () => {
    const latin = asBytes(`/* \xe9\xff */ ${bad}`)
    const workspace = await open({ 'a.c': latin, 'b.c': python })
    const { changes, run, left } = await workspace.fix(at)
    expect(changes).toEqual(new Map([['a.c', asBytes(`/* \xe9\xff */ ${good}`)]]))
    expect([run.diagnostics, run.fixed, left]).toEqual([[], { safe: 1, unsafe: 0, files: 1, differs: [] }, []])
    expect([workspace.read('a.c'), workspace.read('x.c'), found(workspace)]).toEqual([
      latin,
      null,
      ['a.c:2 PyTuple_GET_ITEM'],
    ])
  })

  test('makes unsafe fixes only where they are wanted', async () => {
    const workspace = await open({ 'a.c': unsafe })
    expect((await workspace.fix(at)).changes.size).toBe(0)
    const { changes } = await workspace.fix({ ...at, unsafe: true })
    expect(shown(changes)).toEqual({ 'a.c': unsafe.replace('ITEM', 'GetItem') })
  })

  test('leaves files that are locked, and names them', async () => {
    const workspace = await open({ 'a.c': bad, 'b.c': bad, 'c.c': python })
    const locked = (file: string): string | null => (file === 'b.c' ? null : 'is open elsewhere')
    const { changes, left, run } = await workspace.fix({ ...at, locked })
    expect([shown(changes), left, run.diagnostics.length]).toEqual([
      { 'b.c': good },
      [{ file: 'a.c', why: 'is open elsewhere' }],
      1,
    ])
  })

  test('writes the header of the shims that fixes use, unless the caller has it', async () => {
    const text = `${python}int f(const char *s) { return PyRun_SimpleString(s); }\n`
    const workspace = await open({ 'src/a.c': text })
    const options = { targets: [target('3.9')], unsafe: true }
    const { 'src/a.c': fixed, 'src/pep_shims.h': header } = shown((await workspace.fix(options)).changes)
    expect(fixed).toContain('#include <Python.h>\n#include "pep_shims.h"\n')
    expect(header).toContain('PepRun_SimpleString')
    expect(shown((await workspace.fix({ ...options, shimHeader: false })).changes)).toEqual({
      'src/a.c': text.replace('PyRun', 'PepRun'),
    })
  })

  test('rewrites static types in all files at once', async () => {
    const workspace = await open({
      'a.c': `${python}#include "a.h"
PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(PyObject),
};
int ready(void) { return PyType_Ready(&Spam_Type) + PyTuple_GET_SIZE(NULL); }
`,
      'a.h': 'extern PyTypeObject Spam_Type;\n',
    })
    const { changes, run } = await workspace.rewrite('types', at)
    const { 'a.c': source, 'a.h': header } = shown(changes)
    expect(source).toContain('PyType_Spec Spam_Type_spec')
    // What else is wrong is for `fix`.
    expect(source).toContain('PyTuple_GET_SIZE')
    expect(header).toContain('extern PyTypeObject *Spam_Type;')
    expect(run.rules.map(({ name }) => name)).toEqual(['static-type-object'])
  })
})

describe('updating', () => {
  test('texts take the place of those of the store, and are taken back', async () => {
    const workspace = await open({ 'a.c': bad, 'b.c': python })
    await workspace.update(
      new Map([
        ['a.c', good],
        ['b.c', `\n${bad}`],
      ]),
    )
    expect(found(workspace)).toEqual(['b.c:3 PyTuple_GET_ITEM'])
    await workspace.update(new Map([['a.c', null]]))
    expect(found(workspace)).toEqual(['a.c:2 PyTuple_GET_ITEM', 'b.c:3 PyTuple_GET_ITEM'])
  })

  test('a file that is new is checked and included, and goes when it is taken back', async () => {
    const workspace = await open({ 'src/a.c': `${python}#include "sub/b.h"\n` })
    expect([workspace.files, found(workspace)]).toEqual([['src/a.c'], []])
    await workspace.update(new Map([['src/sub/b.h', bad]]))
    expect([[...workspace.files].sort(), found(workspace)]).toEqual([
      ['src/a.c', 'src/sub/b.h'],
      ['src/sub/b.h:2 PyTuple_GET_ITEM'],
    ])
    await workspace.update(new Map([['src/sub/b.h', null]]))
    expect([workspace.files, found(workspace)]).toEqual([['src/a.c'], []])
  })

  test('a build file that is new tells the target', async () => {
    const workspace = await open({ 'a.c': python })
    await workspace.update(
      new Map([['setup.py', "Extension('a', define_macros=[('Py_LIMITED_API', '0x030b0000')])\n"]]),
    )
    expect(workspace.defaultTarget()).toMatchObject({ target: { level: 11 }, source: '`Py_LIMITED_API` in setup.py' })
  })

  test('a compilation database that is new is read', async () => {
    const workspace = await open({ 'a.c': python })
    const commands = [{ directory: '.', file: 'a.c', arguments: ['cc', '-DPy_LIMITED_API=0x030c0000', '-c', 'a.c'] }]
    await workspace.update(new Map([['build/compile_commands.json', JSON.stringify(commands)]]))
    expect(workspace.defaultTarget()).toMatchObject({
      target: { level: 12 },
      source: '`Py_LIMITED_API` in the compiler options',
    })
  })

  test('what fixes change can be put in place, and then nothing is left to fix', async () => {
    const workspace = await open({ 'a.c': bad })
    await workspace.update((await workspace.fix(at)).changes)
    expect([found(workspace), (await workspace.fix(at)).changes.size]).toEqual([[], 0])
  })

  test('updates are made in order, and each answer is of one state', async () => {
    const workspace = await open({ 'a.c': good })
    const fixing = workspace.fix(at)
    const updates = [workspace.update(new Map([['a.c', `\n${bad}`]])), workspace.update(new Map([['a.c', bad]]))]
    expect(found(workspace)).toEqual([])
    expect((await fixing).changes.size).toBe(0)
    await Promise.all(updates)
    expect(found(workspace)).toEqual(['a.c:2 PyTuple_GET_ITEM'])
  })

  test('facts of texts that stay the same are not collected again', async () => {
    const counts: number[] = []
    const progress = (done: number, all: number): void => {
      if (done === all) counts.push(all)
    }
    const workspace = await open({ 'a.c': bad, 'b.c': bad, 'c.c': bad }, { progress })
    await workspace.update(new Map([['b.c', good]]))
    await workspace.update(new Map([['b.c', '#define M(x) Py##x\n']]))
    expect(counts).toEqual([3, 1, 3])
  })
})

test('threads are given what is much, and their faults are problems', async () => {
  const asked: (readonly string[])[] = []
  const threads: Threads = {
    worthwhile: 2 * bad.length - 1,
    async collect(texts, _context, progress) {
      asked.push(texts.map(({ file, changed }) => `${file}${changed ? ' changed' : ''}`))
      progress(texts.length, texts.length)
      return texts.map((_, index): Answer => ({ index, fault: 'no memory' }))
    },
  }
  const workspace = await openWorkspace({ ...storeOf({ 'a.c': bad, 'b.c': bad }), threads }, ['a.c', 'b.c'])
  expect(workspace.problems.map(({ file, message }) => `${file} ${message}`).sort()).toEqual([
    'a.c could not be analyzed: no memory',
    'b.c could not be analyzed: no memory',
  ])
  await workspace.update(new Map([['a.c', bad]]))
  expect(asked.map((each) => [...each].sort())).toEqual([
    ['a.c', 'b.c'],
    ['a.c changed', 'b.c'],
  ])
})

const named = `
PyObject *f(PyObject *o) {
    PyErr_Format(PyExc_TypeError, "%s", Py_TYPE(o)->tp_name);
    return _PyObject_CallNoArg(o);
}
`

test.each([
  ['the sources', { 'a.c': `#define Py_LIMITED_API 0x03070000\n${python}${named}` }],
  [
    'the build',
    { 'a.c': python + named, 'setup.py': `Extension("a", ["a.c"], define_macros=[("Py_LIMITED_API", "0x03070000")])` },
  ],
])('fixes are for the level that %s set where it is lower than the target', async (_, files) => {
  const { changes } = await (await open(files)).fix({ ...at, unsafe: true })
  const { 'a.c': text, 'pep_shims.h': header } = shown(changes)
  expect(header).toContain('Py_LIMITED_API + 0 < 0x03070000')
  expect(text).toContain('PyObject_CallObject(o, NULL)')
})
