import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, describe, expect, test } from 'vitest'
import { folder, type Outcome, root, run, scratch } from '../fixtures/command-line.ts'
import { formats } from '../reports/index.ts'
import schema from '../reports/json.schema.json' with { type: 'json' }
import { rules } from '../rules/index.ts'

/** The program as users start it: the bundle, in a process of its own, in a directory of its own. */

const validate = new Ajv2020({ allErrors: true }).compile(schema)

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const head = '#define Py_LIMITED_API 0x030B0000\n#include <Python.h>\n'
const flaw = 'PyObject *f(PyObject *a) { return PyTuple_GET_ITEM(a, 0); }\n'
const bad = head + flaw
const good = `${head}PyObject *f(PyObject *a) { return PyTuple_GetItem(a, 0); }\n`

/** The line for a use of `PyTuple_GET_ITEM` in the concise format. */
const found = (file: string, line = 3, column = 35): string =>
  unfixable(file, line, column).replace('\n', ' [fix: safe]\n')

/** The same where the parser is lost. */
const unfixable = (file: string, line = 3, column = 35): string =>
  `${file}:${line}:${column}: error[unavailable-macro] \`PyTuple_GET_ITEM\` is not in the Limited API\n`

const concise = (cwd: string, ...args: readonly string[]): Promise<Outcome> => run(cwd, ['-f', 'concise', ...args])

interface Report {
  readonly targets: readonly string[]
  readonly diagnostics: readonly {
    readonly rule: string
    readonly file: string
    readonly line: number
    readonly targets: readonly string[]
  }[]
  readonly problems: readonly { readonly file: string; readonly message: string; readonly severity: string }[]
  readonly summary: {
    readonly filesChecked: number
    readonly parsedBytes: number
    readonly byRule: Readonly<Record<string, number>>
  }
}

function reportIn(text: string): Report {
  const report: unknown = JSON.parse(text)
  validate(report)
  expect(validate.errors).toBeNull()
  return report as Report
}

describe.concurrent('exit codes and streams', () => {
  test('0 and a verdict where nothing is found', async () => {
    const stdout = 'All clear: 1 file, target 3.11.\n'
    expect(await run(folder({ 'a.c': good }), [])).toEqual({ code: 0, stdout, stderr: '' })
  })

  test('1 where something is found, which goes to stdout', async () => {
    const cwd = folder({ 'a.c': bad })
    const full = await run(cwd, [])
    expect(full).toMatchObject({ code: 1, stderr: '' })
    expect(full.stdout).toContain('error[unavailable-macro]: `PyTuple_GET_ITEM` is not in the Limited API\n')
    expect(full.stdout).toContain('\n --> a.c:3:35\n')
    expect(full.stdout).toContain('Found 1 error in 1 of 1 file.')
    expect(await concise(cwd)).toEqual({ code: 1, stdout: found('a.c'), stderr: '' })
  })

  test('0 with --exit-zero, but a file that is missing stays 2', async () => {
    const cwd = folder({ 'a.c': bad })
    expect(await concise(cwd, '--exit-zero')).toEqual({ code: 0, stdout: found('a.c'), stderr: '' })
    expect(await concise(cwd, '--exit-zero', 'a.c', 'b.c')).toMatchObject({ code: 2, stdout: found('a.c') })
  })

  test('2 for a path that does not exist; the others are checked', async () => {
    const cwd = folder({ 'a.c': bad })
    const stderr = 'error: src/none.c: cannot be read: there is no such file or directory\n'
    expect(await concise(cwd, 'src/none.c', 'a.c')).toEqual({ code: 2, stdout: found('a.c'), stderr })
    expect(await run(cwd, ['src/none.c'])).toEqual({
      code: 2,
      stdout: 'Found nothing in 0 files, target 3.11; 1 file could not be checked.\n',
      stderr,
    })
  })

  test('2 for a link that leads nowhere or to itself', async () => {
    const cwd = folder({})
    symlinkSync('none', join(cwd, 'nowhere.c'))
    symlinkSync('itself.c', join(cwd, 'itself.c'))
    expect(await concise(cwd, 'nowhere.c', 'itself.c')).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'error: nowhere.c: cannot be read: there is no such file or directory\n' +
        'error: itself.c: cannot be read: its symbolic links go round in a circle\n',
    })
  })

  const withoutC: readonly [string, readonly string[]][] = [
    ['.', []],
    ['docs', ['docs']],
    ['empty.c', ['empty.c']],
  ]
  test.each(withoutC)('0 and a warning where %s holds no C files', async (name, args) => {
    const cwd = folder({ 'docs/a.txt': bad, 'empty.c/b.py': '' })
    expect(await run(cwd, args)).toEqual({
      code: 0,
      stdout: 'No C or C++ files to check.\n',
      stderr: `warning: ${name}: holds no C or C++ files\n`,
    })
  })

  test('a machine format has nothing else on stdout', async () => {
    const { code, stdout, stderr } = await run(folder({ 'a.txt': '' }), ['-f', 'json'])
    expect(reportIn(stdout).problems).toEqual([{ file: '.', message: 'holds no C or C++ files', severity: 'warning' }])
    expect([code, stderr]).toEqual([0, 'warning: .: holds no C or C++ files\n'])
  })

  test('a reader that goes away early is no fault', async () => {
    const cwd = folder({ 'a.c': head + flaw.repeat(1500) })
    expect(await run(cwd, ['-f', 'json'], { stopsReading: true })).toMatchObject({ code: 1, stderr: '' })
    expect(await run(cwd, [], { stopsReading: true })).toMatchObject({ code: 1, stderr: '' })
  })

  test.each(['<&-', '2>&-'])('works with %s', async (redirect) => {
    const outcome = await run(folder({ 'a.c': bad }), ['-f', 'concise'], { redirect })
    expect(outcome).toEqual({ code: 1, stdout: found('a.c'), stderr: '' })
  })
})

describe.concurrent('mistakes on the command line', () => {
  const cwd = folder({ 'a.c': bad })

  test.each<[string, readonly string[], RegExp]>([
    ['target', ['-t', '3.99'], /^error: --target 3\.99: known are 3\.2 to 3\.\d+, and abi3t\n$/],
    ['target, the second of two', ['-t', '3.9,abi4'], /^error: --target abi4: known are 3\.2 to /],
    ['headers', ['--headers', '2.7'], /^error: --headers 2\.7: known are 3\.2 to /],
    ['rule to select', ['--select', 'unavailable-makro'], /^error: .*unavailable-makro.*abi3lint rules/],
    ['rule to ignore', ['--ignore', 'unavailable-macro,nothing'], /^error: .*nothing.*abi3lint rules/],
    ['format', ['-f', 'jsn'], /^error: .*\bjsn\b.*\bjson\b.*\bsarif\b/],
    ['second format for stdout', ['-f', 'json', '-f', 'full'], /^error: only one format can go to stdout/],
    ['option', ['--taget', '3.9'], /^error: unknown option '--taget'\n\(Did you mean --target\?\)/],
    ['option without its value', ['--target'], /^error: option '-t, --target <version>' argument missing/],
    ['number of threads', ['-j', 'many'], /^error: --jobs many: a number from 1 to 99, or auto\n$/],
    ['number of threads, none', ['-j', '0'], /^error: --jobs 0: /],
    ['colour', ['--color', 'sometimes'], /^error: .*'sometimes' is invalid\. Allowed choices are auto, always, never/],
    ['name to explain', ['explain', 'PyTuple_GetItm'], /^error: PyTuple_GetItm .*did you mean PyTuple_GetItem\b/],
    ['rule to explain', ['explain', 'unavailable-makro'], /^error: unavailable-makro .*mean unavailable-macro\b/],
    ['field to explain', ['explain', 'PyTypeObject.tp_fre'], /^error: PyTypeObject\.tp_fre /],
    ['member of every JavaScript object', ['explain', 'toString'], /^error: toString is neither /],
    ['nothing to explain', ['explain'], /^error: missing required argument 'name'/],
  ])('unknown %s: 2, and stderr names it', async (_, args, message) => {
    const { code, stdout, stderr } = await run(cwd, args)
    expect(stderr).toMatch(message)
    expect([code, stdout]).toEqual([2, ''])
  })
})

describe.concurrent('odd contents', () => {
  const texts: Readonly<Record<string, [content: string | Buffer, expected: string]>> = {
    'Latin-1': [Buffer.from(`${head}/* \xe9\xff */ ${flaw}`, 'latin1'), found('a.c', 3, 44)],
    'UTF-8, columns in characters': [`${head}/* \u00e9\u4e2d\u{1f600} */ ${flaw}`, found('a.c', 3, 45)],
    'UTF-8 with a byte order mark': [`\ufeff${bad}`, found('a.c')],
    CRLF: [bad.replaceAll('\n', '\r\n'), found('a.c')],
    CR: [bad.replaceAll('\n', '\r'), found('a.c')],
    'NUL bytes': [`${bad}int a\0b;\n\0${flaw}`, found('a.c') + found('a.c', 5, 36)],
    'no line end': [bad.trimEnd(), found('a.c')],
    'nothing at all': ['', ''],
    'an end in a string': [`${bad}const char *s = "PyTuple_GET_ITEM`, found('a.c')],
    'an end in an escape': [`${bad}const char *s = "PyTuple_GET_ITEM\\`, found('a.c')],
    'an end in a character': [`${bad}int s = 'P`, found('a.c')],
    'an end in a comment': [`${bad}/* PyTuple_GET_ITEM(a, 0)`, found('a.c')],
    'an end in a line comment': [`${bad}// PyTuple_GET_ITEM(a, 0) \\`, found('a.c')],
    'an end in #if': [`${bad}#if`, found('a.c')],
    'an end in a condition': [`${bad}#if defined(A) && (PY_VERSION_HEX >= 0x0`, found('a.c')],
    'an end before #endif': [`${bad}#ifndef A\n${flaw}`, found('a.c') + found('a.c', 5)],
    'an end in a macro': [`${bad}#define A(x`, found('a.c')],
    'an end in an include': [`${bad}#include "a`, found('a.c')],
    'an end in a call': [`${bad}void g(PyObject *a) { PyTuple_GET_ITEM(`, found('a.c') + unfixable('a.c', 4, 23)],
    'a file that includes itself': [`#include "a.c"\n${bad}`, found('a.c', 4)],
  }
  test.each(Object.keys(texts))('%s', async (name) => {
    const [content, expected] = texts[name]!
    expect(await concise(folder({ 'a.c': content }))).toEqual({ code: expected ? 1 : 0, stdout: expected, stderr: '' })
  })

  const refused = {
    'UTF-16': [Buffer.from(`\ufeff${bad}`, 'utf16le'), 'is UTF-16 text, which compilers do not read; save it as UTF-8'],
    'UTF-16 without a mark': [Buffer.from(bad, 'utf16le'), 'is binary, not C source'],
    'a binary file': [Buffer.from(Array.from({ length: 2000 }, (_, at) => (at * 7) % 31)), 'is binary, not C source'],
  } as const
  test.each(Object.keys(refused) as (keyof typeof refused)[])('%s: 2 where named, else a warning', async (name) => {
    const [content, message] = refused[name]
    const cwd = folder({ 'odd.c': content, 'a.c': bad, 'good/b.c': good, 'good/odd.c': content })
    expect(await concise(cwd, 'odd.c')).toEqual({ code: 2, stdout: '', stderr: `error: odd.c: ${message}\n` })
    expect(await concise(cwd, 'good')).toEqual({ code: 0, stdout: '', stderr: `warning: good/odd.c: ${message}\n` })
    expect(await concise(cwd)).toMatchObject({ code: 1, stdout: found('a.c') })
  })

  test('terminal escape sequences in source text do not reach a terminal', async () => {
    const line = `void *f(void *a) { /* \x1b[31m\x07\u202e */ return PyTuple_GET_ITEM(a, 0); } // \x1b]0;x\x07\n`
    const cwd = folder({ 'a.c': head + line, '\x1b[31m.c': bad })
    for (const format of Object.keys(formats)) {
      const { code, stdout } = await run(cwd, ['-f', format])
      expect(code, format).toBe(1)
      expect(stdout, format).toContain('PyTuple_GET_ITEM')
      expect(stdout, format).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
    }
    const gone = await concise(cwd, '\x1b[2Jnone.c')
    expect(gone.stderr).toBe('error: \u241b[2Jnone.c: cannot be read: there is no such file or directory\n')
    expect(gone.code).toBe(2)
  })
})

describe.concurrent('large and deep', () => {
  const many = 20_000
  const each = (line: (index: number) => string, count = many): string =>
    Array.from({ length: count }, (_, index) => line(index)).join('')
  const last = (lines: string): string => found('a.c', lines.split('\n').length + 2)

  test.each<[string, string]>([
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
  ])('20,000 %s', async (_, lines) => {
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
  }, 60_000)

  test('the number of threads changes nothing', async () => {
    const filler = `int g(int a)\n{\n    int b[] = {${'1,'.repeat(400)}};\n    return PyList_GET_SIZE(NULL);\n}\n`
    const header = '#include <Python.h>\n#define FREE(x) ((PyTypeObject *)(x))->tp_free\ntypedef PyTypeObject *own;\n'
    const files: Record<string, string> = { 'h.h': header, 'broken.c': `${head}void f( { PyTuple_GET_ITEM(` }
    for (let i = 0; i < 8; i++) {
      const text = `#include "h.h"\nvoid f${i}(own x) { FREE(x)(x->tp_base); }\n${filler.repeat(110 + i)}`
      files[`d${i % 3}/f${i}.${i % 2 ? 'c' : 'cpp'}`] = text
    }
    const cwd = folder(files)
    const alone = await run(cwd, ['-f', 'json', '-j', '1'])
    expect(await run(cwd, ['-f', 'json', '-j', '4'])).toEqual(alone)
    const report = reportIn(alone.stdout)
    // Enough for threads to be started.
    expect(report.summary.parsedBytes).toBeGreaterThan(650_000)
    expect(report.diagnostics.length).toBeGreaterThan(800)
    expect([alone.code, alone.stderr]).toEqual([1, ''])
  })
})

describe.concurrent('finding files', () => {
  test('directories are searched in order, some are never entered', async () => {
    const skipped = ['node_modules/m/a.c', '.git/a.c', '.venv/lib/a.c', 'a.py', 'c.txt']
    const names = ['b.c', 'a/z.cpp', 'a/B.H', 'x.cc', ...skipped]
    const cwd = folder(Object.fromEntries(names.map((name) => [name, bad])))
    const { code, stdout, stderr } = await concise(cwd)
    expect(stdout).toBe(['a/B.H', 'a/z.cpp', 'b.c', 'x.cc'].map((file) => found(file)).join(''))
    expect([code, stderr]).toEqual([1, ''])
  })

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

  test('files given twice are checked once', async () => {
    const cwd = folder({ 'src/a.c': bad })
    const args = ['src/a.c', './src/a.c', 'src/../src/a.c', join(cwd, 'src/a.c'), 'src', '.', 'src/']
    expect(await concise(cwd, ...args)).toEqual({ code: 1, stdout: found('src/a.c'), stderr: '' })
  })

  test('links that go round in a circle end', async () => {
    const cwd = folder({ 'a/b/x.c': bad })
    symlinkSync('..', join(cwd, 'a/b/up'))
    symlinkSync('.', join(cwd, 'a/here'))
    expect(await concise(cwd)).toEqual({ code: 1, stdout: found('a/b/x.c'), stderr: '' })
    symlinkSync('loop.c', join(cwd, 'loop.c'))
    const { stdout, stderr } = await concise(cwd)
    expect(stdout).toBe(found('a/b/x.c'))
    expect(stderr).toMatch(/^\w+: loop\.c: cannot be read: its symbolic links go round in a circle\n$/)
  })

  test('a link to a folder elsewhere is followed', async () => {
    const elsewhere = folder({ 'x.c': bad })
    const cwd = folder({})
    symlinkSync(elsewhere, join(cwd, 'linked'))
    expect(await concise(cwd)).toEqual({ code: 1, stdout: found('linked/x.c'), stderr: '' })
  })

  test('deep folders', async () => {
    const name = `${'d/'.repeat(300)}a.c`
    expect(await concise(folder({ [name]: bad }))).toEqual({ code: 1, stdout: found(name), stderr: '' })
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

describe.concurrent('options', () => {
  test('several outputs at once; files are never coloured', async () => {
    const cwd = folder({ 'a.c': bad })
    const outputs = ['-f', 'json=r.json', '-f', 'concise', '-f', 'full=r.txt,sarif=r.sarif']
    expect(await run(cwd, [...outputs, '--color', 'always'])).toMatchObject({ code: 1, stderr: '' })
    expect(reportIn(readFileSync(join(cwd, 'r.json'), 'utf8')).diagnostics).toMatchObject([{ file: 'a.c', line: 3 }])
    expect(readFileSync(join(cwd, 'r.txt'), 'utf8')).toMatch(/^error\[unavailable-macro\]: /)
    expect(readFileSync(join(cwd, 'r.sarif'), 'utf8')).toContain('"version": "2.1.0"')
    expect(await run(cwd, outputs)).toMatchObject({ stdout: found('a.c') })
  })

  test.each<[coloured: boolean, args: readonly string[], env: Readonly<Record<string, string>>]>([
    [false, [], {}],
    [true, [], { FORCE_COLOR: '1' }],
    [true, [], { CLICOLOR_FORCE: '1' }],
    [true, [], { FORCE_COLOR: '1', TERM: 'dumb' }],
    [true, [], { FORCE_COLOR: '1', NO_COLOR: '' }],
    [false, [], { FORCE_COLOR: '0' }],
    [false, [], { FORCE_COLOR: '1', NO_COLOR: '1' }],
    [true, ['--color', 'always'], { NO_COLOR: '1' }],
    [true, ['--color=always'], { FORCE_COLOR: '0' }],
    [false, ['--color', 'never'], { FORCE_COLOR: '1' }],
    [false, ['--color', 'auto'], {}],
  ])('coloured: %s with %j and %j', async (coloured, args, env) => {
    const { stdout, stderr } = await run(folder({ 'a.c': bad }), [...args, 'a.c', 'none.c'], { env })
    expect([stdout.includes('\x1b['), stderr.includes('\x1b[')]).toEqual([coloured, coloured])
    // eslint-disable-next-line no-control-regex
    expect(stdout.replace(/\x1b\[[\d;]*m/g, '')).toContain('error[unavailable-macro]: `PyTuple_GET_ITEM`')
  })

  test('json follows its schema, whatever is reported', async () => {
    const broken = 'void f(PyObject *o) { ((( o->ob_type->tp_name; }'
    const cwd = folder({ 'a.c': bad, 'b.c': '\0'.repeat(99), 'c.cpp': broken, 'd.c': good })
    const { code, stdout, stderr } = await run(cwd, ['-f', 'json', '.', 'none.c'])
    const report = reportIn(stdout)
    expect(report.summary.filesChecked).toBe(3)
    expect(report.problems).toEqual([
      { file: 'none.c', message: 'cannot be read: there is no such file or directory', severity: 'error' },
      { file: 'b.c', message: 'is binary, not C source', severity: 'warning' },
    ])
    expect(Object.keys(report.summary.byRule)).toEqual(rules.map(({ name }) => name).sort())
    expect(code).toBe(2)
    expect(stderr.split('\n')).toHaveLength(3)
  })

  test('two targets at once: a finding names those it holds for', async () => {
    const old = 'long g(void *a) { return PyTuple_GET_SIZE(a); }\n'
    const code = `#include <Python.h>\nvoid *f(void) { return PyType_GetName; }\n${old}`
    const args = ['-f', 'json', '-t', '3.9', '--target', '3.12', '--select', 'newer-than-target,unavailable-macro']
    const report = reportIn((await run(folder({ 'a.c': code }), args)).stdout)
    expect(report.targets).toEqual(['3.9', '3.12'])
    expect(report.diagnostics.map(({ rule, line, targets }) => [rule, line, targets])).toEqual([
      ['newer-than-target', 2, ['3.9']],
      ['unavailable-macro', 3, ['3.9', '3.12']],
    ])
  })

  test('--select and --ignore', async () => {
    const cwd = folder({ 'a.c': `${bad}void g(PyTypeObject *t) { t->tp_base; }\n` })
    const of = async (...args: readonly string[]): Promise<readonly string[]> => {
      const { summary, diagnostics } = reportIn((await run(cwd, ['-f', 'json', ...args])).stdout)
      for (const { rule } of diagnostics) expect(Object.keys(summary.byRule)).toContain(rule)
      return [...new Set(diagnostics.map(({ rule }) => rule))]
    }
    expect(await of()).toEqual(['unavailable-macro', 'opaque-struct-member'])
    expect(await of('--select', 'opaque-struct-member')).toEqual(['opaque-struct-member'])
    expect(await of('--select', 'unavailable-macro, opaque-struct-member')).toEqual(await of())
    expect(await of('--ignore', 'opaque-struct-member')).toEqual(['unavailable-macro'])
    expect(await of('--select', 'unavailable-macro', '--ignore', 'unavailable-macro')).toEqual([])
    const silent = await concise(cwd, '--ignore', 'opaque-struct-member,unavailable-macro')
    expect(silent).toEqual({ code: 0, stdout: '', stderr: '' })
  })
})

describe.concurrent('explain, rules, help', () => {
  const explain = (name: string): Promise<Outcome> => run(scratch, ['explain', name])

  test('explain a rule', async () => {
    const { code, stdout, stderr } = await explain('unavailable-macro')
    expect(stdout).toMatch(/^unavailable-macro: .+\n\nseverity: error, effect: build-break\n\n/)
    expect(stdout).toContain('\nreported (target ')
    expect(stdout).toContain('\nsilent (target ')
    expect([code, stderr]).toEqual([0, ''])
  })

  test('explain a name', async () => {
    const { code, stdout, stderr } = await explain('PyTuple_GET_ITEM')
    expect(stdout).toMatch(/^PyTuple_GET_ITEM: macro/)
    expect(stdout).toMatch(/\nLimited API +no, at no level\n/)
    expect(stdout).toContain('PyTuple_GetItem')
    expect([code, stderr]).toEqual([0, ''])
    expect((await explain('PyType_GetName')).stdout).toMatch(/\nLimited API +from level 3\.11 on/)
  })

  test('explain a field', async () => {
    const { code, stdout, stderr } = await explain('PyTypeObject.tp_free')
    expect(stdout).toMatch(/^PyTypeObject\.tp_free: field, freefunc\n\nstruct +opaque at every level of the Limited/)
    expect(stdout).toContain('PyType_GetSlot')
    expect([code, stderr]).toEqual([0, ''])
  })

  test('every rule is listed and has a page', async () => {
    const { code, stdout, stderr } = await run(scratch, ['rules'])
    expect([code, stderr]).toEqual([0, ''])
    const listed = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ +/))
    const expected = rules.map(({ name, severity }) => [name, severity])
    expect(listed.map(([name, severity]) => [name, severity])).toEqual(expected)
  })

  test('help and version', async () => {
    const help = await run(scratch, ['--help'])
    expect(help).toMatchObject({ code: 0, stderr: '' })
    for (const command of ['check', 'explain', 'rules']) expect(help.stdout).toContain(`\n  ${command} `)
    const checkHelp = await run(scratch, ['check', '--help'])
    const options = ['--target', '--select', '--exit-zero', ...Object.keys(formats)]
    for (const option of options) expect(checkHelp.stdout).toContain(option)
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    expect(await run(scratch, ['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })
})

describe('targets', () => {
  const sources = {
    'setup.py': 'Extension("spam", ["spam.c", "eggs.c"])\n',
    'spam.c': '#include <Python.h>\nPyMODINIT_FUNC PyInit_spam(void) { return 0; }\n',
    'eggs.c': '#include <Python.h>\nPyObject *f(PyObject *o) { return PyType_GetName(Py_TYPE(o)); }\n',
  }
  test('says per file and module what keeps it from which level, and what raising the floor buys', async () => {
    const { code, stdout, stderr } = await run(folder(sources), ['targets'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(
      / 3\.2-3\.10 {2}3\.11-3\.15 {2}abi3t {2}reaches\nspam \(2 files\) +1 +- +- +3\.11, abi3t\n {2}eggs\.c /,
    )
    expect(stdout).toContain('to 3.11  frees 1: PyType_GetName\n')
    expect(stdout).toContain('The lowest level without blockers is 3.11; abi3t has none either.\n')
  })
  test('as JSON, and only of what was asked for', async () => {
    const { code, stdout } = await run(folder(sources), ['targets', '-f', 'json', 'spam.c'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      files: [{ file: 'spam.c', lowest: '3.2' }],
      project: { abi3t: true },
    })
  })
  test('a missing path', async () => {
    expect(await run(folder(sources), ['targets', 'nowhere', 'spam.c'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('nowhere: cannot be read'),
    })
  })
})

describe('how the project is compiled', () => {
  const sources = {
    'a.c': '#include <Python.h>\n#include <spam.h>\n#ifdef FAST\nint f(PyObject *o) { return SIZE(o); }\n#endif\n',
    'old/spam.h': '#define SIZE(o) PyTuple_GET_SIZE(o)\n',
    'new/spam.h': '#define SIZE(o) PyTuple_Size(o)\n',
  }
  const concise = async (path: string, ...args: string[]) =>
    (await run(path, ['-f', 'concise', ...args])).stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(' ', 2).join(' '))
  const at = (directory: string): string =>
    folder(
      Object.fromEntries(
        Object.entries(sources).map(([name, text]) => [
          name.replace('/', '_'),
          text.replace('<spam.h>', `<${directory}_spam.h>`),
        ]),
      ),
    )

  test('-D and -U decide conditions', async () => {
    const path = at('old')
    expect(await concise(path, '-D', 'FAST')).toEqual([expect.stringMatching(/^old_spam\.h:1:\d+: error/)])
    expect((await run(path, ['-D', '1x'])).code).toBe(2)
    expect((await run(path, ['-U', 'A=1'])).code).toBe(2)
  })
  test('a compilation database says where headers are, which macros are defined, and the target', async () => {
    const path = folder({})
    mkdirSync(join(path, 'old'))
    mkdirSync(join(path, 'new'))
    for (const [name, text] of Object.entries(sources)) writeFileSync(join(path, name), text)
    const database = (directory: string) =>
      writeFileSync(
        join(path, 'compile_commands.json'),
        JSON.stringify([
          {
            directory: path,
            file: 'a.c',
            arguments: ['cc', '-I', directory, '-DFAST', '-DPy_LIMITED_API=0x030C0000', 'a.c'],
          },
        ]),
      )
    database('old')
    expect((await run(path, ['check', 'a.c'])).stderr).toContain(
      'target 3.12, from `Py_LIMITED_API` in the compiler options',
    )
    database('new')
    expect((await run(path, ['check', '-f', 'concise', '-t', '3.12', 'a.c'])).stdout).toBe('')
    writeFileSync(join(path, 'compile_commands.json'), '{')
    expect(await run(path, ['check', '-t', '3.12', 'a.c'])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('warning: compile_commands.json: is no JSON'),
    })
    expect(await run(path, ['check', '-t', '3.12', '--compile-commands', 'no.json', 'a.c'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('error: no.json: cannot be read'),
    })
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
