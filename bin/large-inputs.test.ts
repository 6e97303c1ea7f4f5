import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { conciseAlone as concise, flaw, found, head, reportIn } from '../fixtures/checked.ts'
import { folder, run, scratch } from '../fixtures/command-line.ts'

/** Files that are long, deep or many. */

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const many = 20_000
const each = (line: (index: number) => string, count = many): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('')

/** What compilers read without end, most of it 20,000 times. */
const repetitions: readonly [what: string, text: string][] = [
  ['parentheses', `int x = ${'('.repeat(many)}1${')'.repeat(many)};\n`],
  ['parentheses that stay open', `void g() { x = ${'('.repeat(many)}; }\n`],
  ['braces', `void g() ${'{'.repeat(many)}${'}'.repeat(many)}\n`],
  ['braces that close nothing', `void g() ${'}'.repeat(many)}\n`],
  ['calls', `int x = ${'g('.repeat(many)}1${')'.repeat(many)};\n`],
  ['casts', `int x = ${'(int)'.repeat(many)}1;\n`],
  ['choices', `int x = ${'a ? b : '.repeat(many)}1;\n`],
  ['#elif', `#if A < 0\n${each((i) => `#elif A == ${i}\nint v${i};\n`)}#endif\n`],
  ['#if one after the other', each((i) => `#ifdef A${i}\nint v${i};\n#endif\n`)],
  ['parentheses in #if', `#if ${'('.repeat(many)}1${')'.repeat(many)}\n#endif\n`],
  ['! in #if', `#if ${'!'.repeat(many)}1\n#endif\n`],
  ['&& in #if', `#if ${each((i) => `defined(A${i}) && `)}1\n#endif\n`],
  ['macros that mean each other', `#define M0 1\n${each((i) => `#define M${i + 1} M${i}\n`)}#if M${many}\n#endif\n`],
  ['macros that grow', `#define M0 A\n${each((i) => `#define M${i + 1} (M${i} && M${i})\n`, 60)}#if M60\n#endif\n`],
  [
    'macros that hand a parameter on',
    `struct S { int f; };\n#define M0(x) ((x)->f)\n${each((i) => `#define M${i + 1}(x) M${i}(x)\n`, 5000)}int ` +
      `h(struct S *s) { return M5000(s); }\n`,
  ],
  [
    'macros defined anew',
    `struct S { int f; };\n${each(
      (i) => `#undef M\n#define M(x) ((x)->f + ${i})\nint h${i}(struct S *s) { return M(s); }\n`,
      5000,
    )}`,
  ],
  [
    'macros that paste',
    `#define P0(x) x##_\n${each((i) => `#define P${i + 1}(x) P${i}(x) P${i}(x##0)\n`, 60)}P60(a)\n`,
  ],
  ['macros in a circle', '#define A B\n#define B A\n#if A\n#endif\n'],
  ['typedefs', `typedef int T0;\n${each((i) => `typedef T${i} T${i + 1};\n`)}`],
  ['strings', `const char *s = ${'"a" '.repeat(many)};\n`],
  ['continued lines', '\\\n'.repeat(many)],
  ['numbers', `int x[] = {${'1,'.repeat(500_000)}};\n`],
  ['slashes', `${'/'.repeat(10 * many)}\n`],
]

describe.concurrent('large and deep', () => {
  const last = (lines: string): string => found('a.c', lines.split('\n').length + 2)

  test.each(repetitions)('20,000 %s', async (_, lines) => {
    const { stdout, ...outcome } = await concise(folder({ 'a.c': head + lines + flaw }))
    // What nests too deep is not parsed, so nothing there is fixed.
    expect({ ...outcome, stdout: stdout.replace(/( \[fix: safe\])?\n$/, ' [fix: safe]\n') }).toEqual({
      code: 1,
      stdout: last(lines),
      stderr: '',
    })
  })

  test('a generated file of 30 MB', async () => {
    const loop = '    for (int i = 0; i < 9; i++) { sum += i; }\n'
    const body = `{\n    /* of no interest */\n    int sum = 0;\n${loop}    return PyLong_FromLong(sum);\n}\n\n`
    const one = (i: number): string => `static PyObject *\nfunction_${i}(PyObject *self)\n${body}`
    const lines = each(one, Math.ceil(30_000_000 / one(10_000).length))
    const cwd = folder({ 'a.c': head + lines + flaw })
    expect(statSync(join(cwd, 'a.c')).size).toBeGreaterThan(29_000_000)
    expect(await concise(cwd)).toEqual({ code: 1, stdout: last(lines), stderr: '' })
    rmSync(cwd, { recursive: true })
  }, 240_000)

  test('the number of threads changes nothing', async () => {
    const filler = `int g(int a)\n{\n    int b[] = {${'1,'.repeat(400)}};\n    return PyList_GET_SIZE(NULL);\n}\n`
    const header = '#include <Python.h>\n#define FREE(x) ((PyTypeObject *)(x))->tp_free\ntypedef PyTypeObject *own;\n'
    const files: Record<string, string> = { 'h.h': header, 'broken.c': `${head}void f( { PyTuple_GET_ITEM(` }
    for (let i = 0; i < 8; i++) {
      const text = `#include "h.h"\nvoid f${i}(own x) { FREE(x)(x->tp_base); }\n${filler.repeat(110 + i)}`
      files[`d${i % 3}/f${i}.${i % 2 ? 'c' : 'cpp'}`] = text
    }
    const cwd = folder(files)
    const alone = await run(cwd, ['-f', 'json', '-j', '1'], { alone: true })
    expect(await run(cwd, ['-f', 'json', '-j', '4'], { alone: true })).toEqual(alone)
    const report = reportIn(alone.stdout)
    // Enough for threads to be started.
    expect(report.summary.parsedBytes).toBeGreaterThan(650_000)
    expect(report.diagnostics.length).toBeGreaterThan(800)
    expect([alone.code, alone.stderr]).toEqual([1, ''])
  })
})
