import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { bad, concise, found, good, reportIn } from '../fixtures/checked.ts'
import { folder, run, scratch } from '../fixtures/command-line.ts'
import { rules } from '../rules/index.ts'

/** Options of `check`, formats, and colours. */

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe.concurrent('options', () => {
  test('two reports for one file are refused', async () => {
    const cwd = folder({ 'a.c': bad })
    expect(await run(cwd, ['-f', 'json=r', '-f', 'concise=r'])).toMatchObject({ code: 2 })
  })

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
    expect(stdout.replace(/\x1b\[[\d;]*m/g, '')).toContain('error[unavailable-macro]: `PyTuple_GET_ITEM`')
  })

  test('json follows its schema, whatever is reported', async () => {
    const broken = 'void f(PyObject *o) { ((( o->ob_type->tp_name; }'
    const cwd = folder({ 'a.c': bad, 'b.c': '\0'.repeat(99), 'c.cpp': broken, 'd.c': good })
    const { code, stdout, stderr } = await run(cwd, ['-f', 'json', '--select', 'all', '.', 'none.c'])
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
