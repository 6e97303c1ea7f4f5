import { describe, expect, test } from 'vitest'
import { audit } from '../audit/audit.ts'
import { readCompileCommands, shellWords } from '../build/compile-commands.ts'
import { choose } from '../fix/plan.ts'
import { Api } from '../knowledge/api.ts'
import table from '../knowledge/table.json' with { type: 'json' }
import { parseTarget } from '../knowledge/target.ts'
import { integerLiteral } from '../preprocess/condition-parser.ts'
import { bodiesAtFileLevel } from '../preprocess/idle.ts'
import { scan } from '../preprocess/scanner.ts'
import { Lines } from '../source/text.ts'
import { readAsset } from '../store/assets.ts'
import { memoryStore } from '../store/memory.ts'
import { looksLikeCxx } from './source-text.ts'
import { openWorkspace } from './workspace.ts'

/**
 * Inputs of which the work once grew with the square of their size, or the stack with their depth: with these sizes
 * that took minutes, or ended the run.
 */

const python = '#include <Python.h>\n'
const use = 'int f(PyObject *t) { return PyTuple_GET_SIZE(t); }\n'

async function symbolsIn(files: Readonly<Record<string, string>>): Promise<string[]> {
  const workspace = await openWorkspace(memoryStore(new Map(Object.entries(files)), readAsset), Object.keys(files))
  const { run } = workspace.check({ targets: [parseTarget('3.9')!] })
  return [...new Set(run.diagnostics.map(({ symbol }) => symbol))]
}

describe('readers of text', () => {
  test('lines that look like C++ and lead to nothing', () => {
    expect(looksLikeCxx('class a\n'.repeat(300_000))).toBe(false)
    expect(looksLikeCxx(`${'class a\n'.repeat(300_000)}{`)).toBe(true)
    expect(looksLikeCxx(`${'class a;\n'.repeat(3)}class b : a {`)).toBe(true)
  })
  test('lines that end in CR alone', () => {
    const lines = new Lines('a\r'.repeat(2_000_000))
    expect(lines.position(3_999_999)).toEqual({ line: 2_000_000, column: 2 })
  })
  test('numbers without end', () => {
    const text = '1e+'.repeat(300_000)
    expect(scan(text).count).toBe(1)
    expect(integerLiteral(text)).toBeNull()
    expect(integerLiteral(`1${'u'.repeat(300_000)}.`)).toBeNull()
    expect([...scan('0x1e+2 0x1p+2 1e+2').start]).toMatchObject({ 0: 0, 1: 4, 2: 5, 3: 7, 4: 14 })
  })
  test('braces that nothing closes', () => {
    expect(bodiesAtFileLevel(scan('){'.repeat(300_000)), [])).toEqual([])
  })
  test('words of a command line that do not end', () => {
    expect(shellWords('a'.repeat(2_000_000))).toEqual(['a'.repeat(2_000_000)])
    expect(shellWords('a "b c')).toEqual(['a', 'b c'])
    expect(shellWords('"\\'.repeat(300_000))).toHaveLength(1)
    expect(() => readCompileCommands('['.repeat(300_000), '/p', '/p')).toThrow(/^is no JSON/)
  })
})

/** Lines that are made of a number. */
const each = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('')

describe('many places are found one by one', () => {
  test.each([
    ['values at file level', each(30_000, () => 'int v = Py_SIZE(v);\n')],
    ['macros of one name', '#define A(x) A(x\n'.repeat(60_000)],
    ['parameters of a macro', `#define A(${each(30_000, (i) => `a${i},`)}b) ${each(30_000, (i) => `a${i} `)}\n`],
    ['calls within each other in a macro', `#define A(x) ${'A(x '.repeat(60_000)}\n`],
    [
      'local variables that are named like macros of the C API',
      each(
        20_000,
        (i) => `int g${i}(PyObject *t) { int PyTuple_GET_ITEM = 1; return PyTuple_GET_SIZE(t) + PyTuple_GET_ITEM; }\n`,
      ),
    ],
    [
      'capsules',
      each(
        9000,
        (i) =>
          `static void d${i}(PyObject *c) { free(PyCapsule_GetPointer(c, "a.c${i}")); }\nstatic void *q${i};\n` +
          `PyObject *g${i}(void) { return PyCapsule_New(malloc(8), "a.c${i}", d${i}); }\n` +
          `int h${i}(void) { q${i} = PyCapsule_Import("a.c${i}", 0); return q${i} != NULL; }\n`,
      ),
    ],
    ['functions', each(6000, (i) => `static int g${i}(char *s) { return strlen(s); }\n`)],
    ['functions of the C library in one', `int g(char *s) {\n${'x += strlen(s);\n'.repeat(6000)}}\n`],
    [
      'slots',
      [
        'slots',
        `static PyType_Slot s[] = {${'{Py_tp_free, f}, '.repeat(8000)}{0, 0}};\n` +
          'static PyType_Spec p = {"a.b", 1, 0, 0, s};\n',
      ],
    ],
    [
      'items that are set in a function',
      'PyObject *g(PyObject **v) {\nPyObject *t = PyTuple_New(9000);\n' +
        `${each(9000, (i) => `PyTuple_SET_ITEM(t, ${i}, v[${i}]);\n`)}return t;\n}\n`,
    ],
    [
      'items that are read and set in a function',
      'void g(PyObject *t, PyObject *u) {\n' +
        each(6000, (i) => `x = PyTuple_GET_ITEM(t, ${i});\nh(x);\nPyTuple_SET_ITEM(u, ${i}, x);\n`) +
        '}\n',
    ],
    [
      'macros that name what they are not given, and functions that hand on data',
      each(3000, (i) => `#define M${i} (data + M${i + 1})\n`) +
        each(
          3000,
          (i) =>
            `static void g${i}(void *data) { h(data); g${i + 1}(data); }\n` +
            `void k${i}(PyObject *o) { void *data = PyUnicode_DATA(o); g${i}(data); }\n`,
        ),
    ],
    [
      'structs that the Limited API leaves out',
      `#ifndef Py_LIMITED_API\n${each(6000, (i) => `typedef struct { int a; int b; } h${i};\n`)}#endif\n` +
        each(6000, (i) => `int f${i}(h${i} *p) { h${i} q; q.a = sizeof(h${i}); return p->b; }\n`),
    ],
    [
      'uses of a struct that the Limited API leaves out',
      '#ifndef Py_LIMITED_API\nstruct h { int a; int b; };\n#endif\nint f(struct h *p) {\n' +
        `${'p->a = p->b + sizeof(struct h);\n'.repeat(20_000)}}\n`,
    ],
    ['constants', `#ifndef Py_LIMITED_API\nenum h { ${each(100_000, (i) => `c${i}, `)} };\n#endif\n`],
    ['a long string', `const char *s = "${'\\"a'.repeat(5_000_000)}";\n`],
    ['a long comment', `/*${'* '.repeat(5_000_000)}*/\n`],
    ['a long path', `#include "${'a/../'.repeat(2_000_000)}b.h"\n`],
  ])('%s', { timeout: 120_000 }, async (_, lines) => {
    expect(await symbolsIn({ 'a.c': python + lines + use })).toContain('PyTuple_GET_SIZE')
  })
  test('headers in headers, one within the other', { timeout: 120_000 }, async () => {
    const headers = Array.from({ length: 12_000 }, (_, i): [string, string] => [
      `h${i}.h`,
      `#include "h${i + 1}.h"\nint x${i}(PyObject *t);\n`,
    ])
    const files = { 'a.c': `${python}#include "h0.h"\n${use}`, ...Object.fromEntries(headers) }
    expect(await symbolsIn(files)).toContain('PyTuple_GET_SIZE')
  })
})

describe('many parts of an expression or a function are read one by one', () => {
  test.each([
    [
      'containers of a function',
      '#define M(t, v) PyTuple_SET_ITEM(t, 0, v)\nvoid g(PyObject *v) {\n' +
        `${each(6000, (i) => `PyObject *t${i} = PyTuple_New(1); M(t${i}, v); k(t${i});\n`)}}\n`,
    ],
    [
      'names of a container',
      'void g(PyObject *v) { PyObject *t0 = PyTuple_New(1);\n' +
        `${each(5000, (i) => `PyObject *t${i + 1} = t${i}; PyTuple_SET_ITEM(t${i}, 0, v);\n`)}}\n`,
    ],
    ['an operand of many operators', `int g(PyObject *t) { return PyTuple_GET_SIZE(${'h(t) + '.repeat(30_000)}t); }\n`],
    ['an expression that is too long to be parsed', `int v = ${'a + '.repeat(1_250_000)}1;\n`],
  ])('%s', { timeout: 120_000 }, async (_, lines) => {
    expect(await symbolsIn({ 'a.c': python + lines + use })).toContain('PyTuple_GET_SIZE')
  })
  test('what may be arguments of templates', { timeout: 120_000 }, async () => {
    expect(
      await symbolsIn({ 'a.cpp': `${python}int v = ${'a<'.repeat(1_000_000)}b;\n`, 'b.cpp': python + use }),
    ).toEqual(['PyTuple_GET_SIZE'])
  })
})

/** Files of which each declares some of what all include. */
function inFiles(count: number, extern: (index: number) => string, own: (index: number) => string) {
  const parts = Array.from({ length: count / 10 }, (_, part): [string, string] => [
    `a${part}.c`,
    `${python}#include "h.h"\n${each(10, (index) => own(part * 10 + index))}`,
  ])
  return { 'h.h': each(count, extern), ...Object.fromEntries(parts) }
}

describe('many names in many files are found where they are', () => {
  test('static types', { timeout: 120_000 }, async () => {
    const type = (i: number): string =>
      `PyTypeObject T${i} = { PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "a.b", .tp_basicsize = sizeof(PyObject) };\n`
    const init = `PyMODINIT_FUNC PyInit_a(void) { ${each(3000, (i) => `Py_INCREF(&T${i}); PyType_Ready(&T${i});`)} }\n`
    const files = inFiles(3000, (i) => `extern PyTypeObject T${i};\n`, type)
    expect(await symbolsIn({ ...files, 'm.c': `${python}#include "h.h"\n${init}${use}` })).toContain('PyTuple_GET_SIZE')
  })
  test('names that the Limited API leaves out', { timeout: 120_000 }, async () => {
    const headers = Array.from({ length: 3000 }, (_, i): [string, string] => [`h${i}.h`, `int q${i}(int);\n`])
    const hidden = each(3000, (i) => `#define OWN${i} 1\nstruct s${i} { int a; };\n`)
    const uses = each(3000, (i) => `int f${i}(struct s${i} *x) { return OWN${i} + x->a; }\n#define X${i} OWN${i}\n`)
    const includes = each(3000, (i) => `#include "h${i}.h"\n`)
    const text = `${python}${includes}#ifndef Py_LIMITED_API\n${hidden}#endif\n${uses}`
    expect(await symbolsIn({ 'a.c': text, ...Object.fromEntries(headers) })).toHaveLength(3001)
  })
  test('variables', { timeout: 120_000 }, async () => {
    const files = inFiles(
      10_000,
      (i) => `extern int v${i};\n`,
      (i) => `int v${i};\nint f${i}(void) { return v${i}++; }\n`,
    )
    const all = { ...files, 'm.c': `${python}PyMODINIT_FUNC PyInit_m(void) { return PyModule_Create(&m); }\n` }
    const workspace = await openWorkspace(memoryStore(new Map(Object.entries(all)), readAsset), Object.keys(all))
    const { modules, others } = workspace.modules(parseTarget('3.9')!)
    expect([...others, ...modules.flatMap(({ globals }) => globals)]).toHaveLength(10_000)
  })
})

describe('one file is no end of a run', () => {
  test.each([
    ['a condition with many arguments', { 'b.c': `${python}#if A(${'1,'.repeat(125_000)}1)\n#endif\n` }],
    [
      'a version with many exceptions',
      { 'pyproject.toml': `[project]\nname = "a"\nrequires-python = ">=3.9${', !=3.9.1'.repeat(40_000)}"\n` },
    ],
    ['values in values', { 'pyproject.toml': `a = ${'['.repeat(20_000)}${']'.repeat(20_000)}\n` }],
    ['calls in calls', { 'setup.py': `setup(include_dirs=${'[f('.repeat(50_000)}${')]'.repeat(50_000)})\n` }],
    ['conditions in conditions', { 'b.c': `${python}${'#if A\n'.repeat(4000)}int a;\n${'#endif\n'.repeat(4000)}` }],
    ['commands in brackets', { 'compile_commands.json': '['.repeat(200_000) }],
  ])('%s', { timeout: 60_000 }, async (_, files) => {
    expect(await symbolsIn({ 'a.c': python + use, ...files })).toContain('PyTuple_GET_SIZE')
  })
})

test('many fixes of one file are chosen at once', () => {
  const wanted = Array.from({ length: 300_000 }, (_, index) => {
    const edits = [index * 20, 10_000_000 - index * 20].map((start) => ({ start, end: start + 5, text: `x${index}` }))
    const rest = { title: '', safety: 'safe', reason: '', includes: [], shims: [] } as const
    return { fix: { kind: 'file', edits, ...rest } as const }
  })
  expect(choose(wanted)).toHaveLength(250_001)
})

test('many symbols of one name are one import', () => {
  const symbol = { name: 'PyLong_AsLong', library: null, weak: false }
  const imports = Array.from({ length: 100_000 }, () => symbol)
  const image = { architecture: 'x86_64', imports, exports: ['PyInit_a'], needed: [], data: { abi: [], types: [] } }
  const binary = { format: 'ELF', images: [image] } as const
  const { audited } = audit({ wheel: null, parts: [{ file: 'a.abi3.so', member: '', binary }] }, null, new Api(table))
  expect(audited.map(({ imports }) => imports)).toEqual([1])
})
