import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { concise, found, head, reportIn } from '../fixtures/checked.ts'
import { folder, type Outcome, run, scratch } from '../fixtures/command-line.ts'

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const body = (more: string): string => `PyObject *f(PyObject *a) { return PyTuple_GET_ITEM(a, 0); }${more}\n`
const ignored = body(' // abi3lint: ignore[unavailable-macro] full builds')
const clear: Outcome = { code: 0, stdout: '', stderr: '' }
const one = 'note: not shown: 1 suppressed by comments\n'

interface Suppression {
  readonly line: number
  readonly kind: string
  readonly rules: readonly string[]
  readonly reason: string
  readonly findings: readonly { readonly rule: string; readonly line: number }[]
}
const suppressionsIn = (text: string): readonly Suppression[] => {
  reportIn(text)
  return (JSON.parse(text) as { suppressions: readonly Suppression[] }).suppressions
}

describe('what is suppressed', () => {
  const files = { 'a.c': head + ignored + body('').replace('f(', 'g(') }
  test('counts for no exit code, is not fixed, and stands in JSON alone', async () => {
    const cwd = folder({ 'a.c': head + ignored })
    expect(await concise(cwd)).toEqual({ ...clear, stderr: one })
    expect((await run(cwd, ['check', '-t', '3.9', '--fix', '--unsafe-fixes', '--allow-dirty'])).code).toBe(0)
    expect(readFileSync(join(cwd, 'a.c'), 'utf8')).toBe(head + ignored)
    const { stdout } = await run(cwd, ['-f', 'json'])
    expect(reportIn(stdout).diagnostics).toEqual([])
    expect(suppressionsIn(stdout)).toMatchObject([
      {
        line: 3,
        kind: 'line',
        rules: ['unavailable-macro'],
        reason: 'full builds',
        findings: [{ rule: 'unavailable-macro', line: 3 }],
      },
    ])
    const sarif = (await run(cwd, ['-f', 'sarif'])).stdout
    expect(sarif).not.toMatch(/"suppressions"|"ruleId"/)
    expect((await run(cwd, ['targets'])).stdout).not.toContain('PyTuple_GET_ITEM')
  })

  test('leaves what is not', async () => {
    const cwd = folder(files)
    expect(await concise(cwd)).toEqual({ code: 1, stdout: found('a.c', 4), stderr: one })
    const all = found('a.c', 3) + found('a.c', 4)
    expect(await concise(cwd, '--ignore-suppressions')).toEqual({ code: 1, stdout: all, stderr: '' })
    expect((await run(cwd, ['check', '-t', '3.9', '--fix', '--allow-dirty'])).code).toBe(0)
    expect(readFileSync(join(cwd, 'a.c'), 'utf8')).toBe(
      head + ignored + body('').replace('f(', 'g(').replace('GET_ITEM', 'GetItem'),
    )
  })

  test('is left alone by a change of all files', async () => {
    const type = (name: string, comment: string): string =>
      `static PyTypeObject ${name} = {PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "a.${name}"};${comment}\n`
    const source = `${head}${type('A', ' // abi3lint: ignore[static-type-object] for now')}${type('B', '')}
int ready(void) { return PyType_Ready(&A) + PyType_Ready(&B); }
`
    const cwd = folder({ 'a.c': source })
    const { code, stdout } = await concise(cwd, '--fix', '--unsafe-fixes', '--allow-dirty')
    expect([code, stdout]).toEqual([0, ''])
    const after = readFileSync(join(cwd, 'a.c'), 'utf8')
    expect(after).toContain(type('A', ' // abi3lint: ignore[static-type-object] for now'))
    expect(after).toContain('PyType_Ready(&A) + PepType_Ready(&B, &B_spec, NULL)')
  })

  test('is kept with what was said, and told with --ignore-suppressions', async () => {
    const cwd = folder(files)
    const cached = (...args: readonly string[]): Promise<Outcome> =>
      run(cwd, ['-f', 'concise', ...args], { env: { HOME: join(scratch, 'home'), ABI3LINT_NO_CACHE: '' } })
    for (let turns = 0; turns < 2; turns++) {
      expect((await cached()).stdout).toBe(found('a.c', 4))
      expect((await cached('--ignore-suppressions')).stdout).toBe(found('a.c', 3) + found('a.c', 4))
    }
    writeFileSync(join(cwd, 'a.c'), files['a.c'].replace('[unavailable-macro]', '[private-name]'))
    expect((await cached()).stdout).toContain('unused-suppression')
  })
})

describe('what is not needed', () => {
  const unused = (file: string, line: number, column: number): string =>
    `${file}:${line}:${column}: warning[unused-suppression] \`unavailable-macro\` finds nothing here that this ` +
    'suppresses [fix: safe]\n'
  const idle = 'int f(void); // abi3lint: ignore[unavailable-macro]\n'

  test('is a warning, and its fix takes the comment away', async () => {
    const cwd = folder({ 'a.c': head + idle })
    expect(await concise(cwd)).toEqual({ code: 0, stdout: unused('a.c', 3, 17), stderr: '' })
    await run(cwd, ['check', '-q', '--fix', '--allow-dirty'])
    expect(readFileSync(join(cwd, 'a.c'), 'utf8')).toBe(`${head}int f(void);\n`)
  })

  test('is not told where its rule did not run, or a target needs it', async () => {
    const cwd = folder({ 'a.c': head + idle, 'b.c': '#include <Python.h>\nvoid *p = PyObject_CallOneArg;\n' })
    expect((await concise(cwd, '--select', 'private-name,unused-suppression', 'a.c')).stdout).toBe('')
    expect((await concise(cwd, '--ignore', 'unavailable-macro', 'a.c')).stdout).toBe('')
    writeFileSync(join(cwd, 'abi3lint.toml'), 'rules.unavailable-macro = "off"\n')
    expect((await concise(cwd, 'a.c')).stdout).toBe('')
    const old = 'void *p = PyType_FromMetaclass; // abi3lint: ignore[newer-than-target]\n'
    const other = folder({ 'c.c': `#include <Python.h>\n${old}` })
    expect((await concise(other, '-t', '3.9', '-t', '3.12')).stdout).toBe('')
    expect((await run(other, ['check', '-f', 'concise', '-t', '3.12'])).stdout).toContain('unused-suppression')
  })

  test('is not told where others may need it that were not read', async () => {
    const cwd = folder({
      '.git/HEAD': '',
      'setup.py': '',
      'a.h': '#define SIZE(o) PyTuple_GET_SIZE(o) /* abi3lint: ignore[unavailable-macro, private-name] */\n',
      'a.c': `${head}#include "a.h"\nint f(PyObject *o) { return SIZE(o) > 0; }\n`,
    })
    expect((await concise(cwd, 'a.h')).stdout).toBe('')
    expect((await concise(cwd)).stdout).toContain('a.h:1:76: warning[unused-suppression] `private-name`')
  })

  test('is not told of code that no target compiles, and is where that is not known', async () => {
    const within = (condition: string): string => `${head}#if ${condition}\n${idle}#endif\n`
    const cwd = folder({ 'a.c': within('!defined Py_LIMITED_API'), 'b.c': within('HAVE_SPAM'), 'c.c': within('0') })
    expect((await concise(cwd)).stdout).toBe(unused('b.c', 4, 17))
  })

  test('is not told where the parser is lost', async () => {
    const lost = `${head}void f(PyObject *t) { if (x { ) ] t->; }\n${idle}`
    const report = (await run(folder({ 'a.c': lost }), ['-f', 'json'])).stdout
    expect((JSON.parse(report) as { summary: { unparsedBytes: number } }).summary.unparsedBytes).toBeGreaterThan(0)
    expect(reportIn(report).diagnostics.map(({ rule }) => rule)).not.toContain('unused-suppression')
  })

  test('can be suppressed itself', async () => {
    const cwd = folder({ 'a.c': `/* abi3lint: ignore-file[unused-suppression] of another tool */\n${head}${idle}` })
    expect(await concise(cwd)).toEqual({ ...clear, stderr: one })
  })
})

test('reasons are asked for on request', async () => {
  const cwd = folder({ 'a.c': head + ignored.replace(' full builds', '') })
  expect((await concise(cwd)).stdout).toBe('')
  writeFileSync(join(cwd, 'abi3lint.toml'), 'rules.suppression-without-reason = "error"\n')
  expect(await concise(cwd)).toMatchObject({ code: 1, stdout: expect.stringContaining('does not say why') })
})

describe('--add-suppressions', () => {
  const files = {
    'a.c': head + body(''),
    'b/b.h': body('').replace('f(', 'g('),
    'setup.py': 'Extension("a", ["a.c"])\n',
  }
  const add = (cwd: string, ...args: readonly string[]): Promise<Outcome> =>
    run(cwd, ['check', '-t', '3.11', '-f', 'concise', ...args])

  test('writes comments, after which nothing is left', async () => {
    const cwd = folder(files)
    expect(await add(cwd, '--add-suppressions')).toEqual({
      ...clear,
      stderr: 'note: 2 findings suppressed by comments in 2 files\n',
    })
    expect(readFileSync(join(cwd, 'a.c'), 'utf8')).toBe(head + body(' /* abi3lint: ignore[unavailable-macro] */'))
    expect(await concise(cwd)).toMatchObject({ code: 0, stdout: '' })
    expect(await add(cwd, '--add-suppressions')).toMatchObject({ code: 0, stdout: '' })
  })

  test('takes its reason behind `=` alone', async () => {
    const cwd = folder(files)
    await add(cwd, '--add-suppressions', 'b')
    expect(readFileSync(join(cwd, 'a.c'), 'utf8')).toBe(files['a.c'])
    expect(readFileSync(join(cwd, 'b/b.h'), 'utf8')).toContain('[unavailable-macro] */\n')
    await add(cwd, '--add-suppressions=until 2.0', 'a.c')
    expect(readFileSync(join(cwd, 'a.c'), 'utf8')).toContain('[unavailable-macro] until 2.0 */\n')
    for (const args of [['--add-suppressions=a*/b'], ['--add-suppressions', '--fix']])
      expect(await add(cwd, ...args)).toMatchObject({ code: 2, stdout: '' })
  })

  test('shows with --diff what it would write, and writes nothing that git could not bring back', async () => {
    const cwd = folder({ ...files, '.git/HEAD': 'ref: refs/heads/main\n' })
    const { code, stdout } = await add(cwd, '--add-suppressions', '--diff', 'a.c')
    expect([code, stdout]).toEqual([1, expect.stringContaining('+PyObject *f(PyObject *a) { return PyTuple_GET_ITEM')])
    const refused = await add(cwd, '--add-suppressions', 'a.c')
    expect(refused).toMatchObject({ code: 2, stdout: found('a.c') })
    expect(refused.stderr).toContain('error: a.c: has findings to suppress, but')
    expect(readFileSync(join(cwd, 'a.c'), 'utf8')).toBe(files['a.c'])
  })
})
