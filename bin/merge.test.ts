import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { flaw, head } from '../fixtures/checked.ts'
import { folder, type Outcome, run, scratch } from '../fixtures/command-line.ts'
import { formats } from '../reports/index.ts'
import schema from '../reports/json.schema.json' with { type: 'json' }

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const names = Object.keys(formats)
const target = ['-t', '3.9']
const outputs = (directory: string): string[] => names.flatMap((name) => ['-f', `${name}=${directory}.${name}`])
const reportsIn = (cwd: string, directory: string): readonly string[] =>
  names.map((name) => readFileSync(join(cwd, `${directory}.${name}`), 'utf8'))
const part = (cwd: string, which: string, args: readonly string[] = target, name = 'part'): Promise<Outcome> =>
  run(cwd, [...args, '--shard', which, '-f', `json=${name}${which.replace('/', '-')}.json`])
const merge = (cwd: string, ...args: readonly string[]): Promise<Outcome> => run(cwd, ['report', 'merge', ...args])
const diagnosticsOf = ({ stdout }: Outcome): readonly Record<string, unknown>[] => JSON.parse(stdout).diagnostics

const other = 'static PyObject *other(PyObject *o) { return PyList_GET_ITEM(o, 1); }\n'
const type = 'static PyTypeObject T = { PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "a.T" };\n'
/** Of each kind: an include that others have, a suppression, a file without Python, odd characters, build files. */
const project = {
  'a.c': `${head}#include "b.h"\n#include "list.def"\n${flaw}`,
  'b.h': `${head}${other}`,
  'c.cpp': `${head}${type}PyTypeObject *t(void) { T.tp_free = 0; return &T; } /* ]]> <b> %0A ::error:: \u{1f600} */\n`,
  'list.def': 'static inline PyObject *d(PyObject *o) { return PyTuple_GET_ITEM(o, 1); }\n',
  'src/sub dir/é.c': `${head}${other.replace('\n', ' // abi3lint: ignore[unavailable-macro] known\n')}${flaw}@@@ (\n`,
  'plain.c': 'int x;\n',
  'setup.py': 'Extension("a", ["a.c"], define_macros=[("Py_LIMITED_API", "0x03100000")], py_limited_api=True)\n',
}

async function partsOf(cwd: string, count: number, args: readonly string[] = target): Promise<readonly string[]> {
  for (let number = 1; number <= count; number++) {
    const outcome = await part(cwd, `${number}/${count}`, args)
    expect(outcome.code, outcome.stderr).toBe(0)
    expect(outcome.stderr).toContain(`note: part ${number} of ${count}: `)
  }
  return Array.from({ length: count }, (_, index) => `part${index + 1}-${count}.json`)
}

describe('parts of a run', () => {
  test.each([target, ['-t', '3.12', '-t', 'abi3t']])(
    'merged in any order make each report, for %j %j',
    async (...args) => {
      const cwd = folder(project)
      const whole = await run(cwd, [...args, ...outputs('whole')])
      expect(whole.code).toBe(1)
      const lists = new Map<number, readonly string[]>()
      for (const count of [1, 2, 3, 5, 9]) lists.set(count, await partsOf(cwd, count, args))
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...lists.values()).chain((all) => fc.shuffledSubarray([...all], { minLength: all.length })),
          async (parts) => {
            expect(await merge(cwd, ...parts, ...outputs('merged'))).toEqual({ code: 1, stdout: '', stderr: '' })
            expect(reportsIn(cwd, 'merged')).toEqual(reportsIn(cwd, 'whole'))
          },
        ),
        { numRuns: 20 },
      )
    },
  )

  test('hold each finding once, and follow the schema', async () => {
    const cwd = folder(project)
    const validate = new Ajv2020({ allErrors: true }).compile(schema)
    const parts = (await partsOf(cwd, 3)).map((name) => JSON.parse(readFileSync(join(cwd, name), 'utf8')))
    for (const each of parts) {
      validate(each)
      expect(validate.errors).toBeNull()
    }
    const files = parts.map(
      ({ diagnostics }) => new Set<string>(diagnostics.map((each: { file: string }) => each.file)),
    )
    const all = files.flatMap((each) => [...each])
    expect(new Set(all).size).toBe(all.length)
    expect(files.filter((each) => each.has('setup.py'))).toEqual([files[0]])
    expect(parts.map(({ summary }) => summary.filesChecked).reduce((a, b) => a + b)).toBe(5)
  })

  test('leave what is known to the merge', async () => {
    const cwd = folder(project)
    await run(cwd, ['baseline', 'create', ...target])
    const parts = await partsOf(cwd, 2)
    await run(cwd, [...target, ...outputs('whole')])
    expect((await merge(cwd, ...parts, ...outputs('merged'))).code).toBe(0)
    expect(reportsIn(cwd, 'merged')).toEqual(reportsIn(cwd, 'whole'))
    expect((await merge(cwd, ...parts, '--no-baseline', '-f', 'concise')).code).toBe(1)
    writeFileSync(join(cwd, 'a.c'), head)
    const fewer = await partsOf(cwd, 3)
    const plain = await run(cwd, target)
    expect(plain.stderr).toMatch(/^note: \d+ findings of abi3lint-baseline.jsonl are no longer there/m)
    expect(await merge(cwd, ...fewer)).toMatchObject({ code: 0, stdout: plain.stdout, stderr: plain.stderr })
    expect((await merge(cwd, ...fewer, '--baseline-strict')).code).toBe(1)
    expect((await merge(cwd, ...fewer, '--baseline-strict', '--exit-zero')).code).toBe(0)
  })

  test('that could not read all end with 2, and so does the merge', async () => {
    const cwd = folder({ 'a.c': head })
    const args = [...target, 'a.c', 'gone.c']
    expect((await part(cwd, '1/2', args)).code).toBe(2)
    expect((await part(cwd, '2/2', args)).code).toBe(2)
    const whole = await run(cwd, args)
    expect(await merge(cwd, 'part2-2.json', 'part1-2.json')).toEqual(whole)
  })

  test('are no runs of their own', async () => {
    const cwd = folder({ 'a.c': head })
    const errors = [
      [['--shard', '0/2', '-f', 'json=x'], '--shard 0/2: which part, and of how many, up to 999: --shard 2/4'],
      [['--shard', '3/2', '-f', 'json=x'], '--shard 3/2: which part'],
      [['--shard', '1'], '--shard 1: which part'],
      [['--shard', '1/2'], '--shard 1/2: the parts are merged of -f json=FILE, which is missing'],
      [['--shard', '1/2', '-f', 'json', '--fix'], '--shard is for checks that change nothing'],
      [['--shard', '1/2', '-f', 'json', '--diff-base', 'x'], '--shard and --diff-base: one of them'],
      [['--shard', '1/2', '-f', 'json', '--baseline-strict'], 'pass that to `report merge`'],
    ] as const
    for (const [args, message] of errors) {
      const { code, stderr } = await run(cwd, args)
      expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
    }
  })
})

const failing = async (cwd: string, ...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await merge(cwd, ...args)
  expect([code, stdout], stderr).toEqual([2, ''])
  return stderr
}

describe('report merge', () => {
  test('has other flags than the report that is no merge', async () => {
    const cwd = folder({ 'a.c': head })
    await part(cwd, '1/1')
    expect(await failing(cwd)).toContain('report merge: which reports?')
    expect(await failing(cwd, 'part1-1.json', '--html', 'x.html')).toContain('-f FORMAT=FILE')
    const other = await run(cwd, ['report', '-t', '3.9', '.', '-f', 'markdown', '--exit-zero'])
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('are for report merge') })
    expect((await merge(cwd, 'part1-1.json', '-f', 'markdown')).stdout).toContain('All clear: 1 file, target 3.9')
  })

  test('names the part that is missing, or there twice', async () => {
    const cwd = folder(project)
    const [one, two, three] = (await partsOf(cwd, 3)) as [string, string, string]
    expect(await failing(cwd, three, one)).toBe(
      'error: part 2 of 3 of the run is missing that part3-3.json, part1-3.json is of\n',
    )
    expect(await failing(cwd, two)).toContain('parts 1, 3 of 3 of the run are missing')
    expect(await failing(cwd, one, two, three, two)).toContain('part2-3.json and part2-3.json are both part 2 of 3')
    const [half] = (await partsOf(cwd, 2)) as [string]
    expect(await failing(cwd, one, two, half)).toContain('all parts are made with the same number behind the slash')
  })

  test('says why a part is not of the run that it was meant for', async () => {
    const cwd = folder(project)
    await part(cwd, '1/2')
    await part(cwd, '2/2', [...target, '-D', 'X'])
    const args = ['part1-2.json', 'part2-2.json']
    expect(await failing(cwd, ...args)).toContain(
      'part2-2.json is part 2 of 2 parts of another run: with other options',
    )
    writeFileSync(join(cwd, 'b.h'), head)
    await part(cwd, '2/2')
    expect(await failing(cwd, ...args)).toMatch(/part2-2.json is part 2 of 2 parts of other sources|is another text/)
  })

  test('refuses what is no part of a run of this version', async () => {
    const cwd = folder({ 'a.c': head + flaw, 'text.json': 'text', 'list.json': '[]', 'null.json': 'null' })
    await run(cwd, [...target, '-f', 'json=plain.json'])
    await part(cwd, '1/1')
    const text = readFileSync(join(cwd, 'part1-1.json'), 'utf8')
    const versions = {
      'new.json': text.replace(/"version": "[^"]*"/, '"version": "99.1.0"'),
      'schema.json': text.replace('"schemaVersion": 1', '"schemaVersion": 2'),
      'build.json': text.replace(/"program": "[^"]*"/, '"program": "x"'),
      'changed.json': text.replace('"severity": "error"', '"severity": "info"'),
      'cut.json': text.slice(0, -100),
    }
    for (const [name, content] of Object.entries(versions)) writeFileSync(join(cwd, name), content)
    const messages = {
      'gone.json': 'gone.json: there is no such file',
      'text.json': 'text.json: is no JSON, or was cut',
      'list.json': 'list.json: is no report of abi3lint in JSON',
      'null.json': 'null.json: is no report of abi3lint in JSON',
      'plain.json': 'plain.json: was written without --shard',
      'new.json': 'new.json: was written by abi3lint 99.1.0, and this is ',
      'schema.json': 'schema.json: is of version 2 of the schema, and this is for 1',
      'build.json': 'build.json: was written by another build of abi3lint',
      'changed.json': 'changed.json: was cut or changed after abi3lint wrote it',
      'cut.json': 'cut.json: is no JSON, or was cut',
    }
    for (const [name, message] of Object.entries(messages))
      expect(await failing(cwd, 'part1-1.json', name)).toContain(message)
  })
})

describe('report merge of several runs', () => {
  test('joins runs for other targets: equal findings are one', async () => {
    const cwd = folder({ 'a.c': head + flaw + other.replace('PyList_GET_ITEM(o, 1)', 'PyObject_CallNoArgs(o)') })
    await part(cwd, '1/1', ['-t', 'abi3t'], 'x')
    await part(cwd, '1/1', ['-t', '3.8'], 'y')
    await part(cwd, '1/1', ['-t', '3.12'], 'z')
    const joined = await merge(cwd, 'x1-1.json', 'z1-1.json', 'y1-1.json', '-f', 'json')
    const orders = [
      ['y', 'x', 'z'],
      ['z', 'y', 'x'],
    ].map((list) => list.map((name) => `${name}1-1.json`))
    for (const each of orders) expect(await merge(cwd, ...each, '-f', 'json')).toEqual(joined)
    const report = JSON.parse(joined.stdout)
    expect(report.targets).toEqual(['3.8', '3.12', 'abi3t'])
    const whole = await run(cwd, ['-t', '3.8', '-t', '3.12', '-t', 'abi3t', '-f', 'json'])
    const shown = (each: Record<string, unknown>) => [each.rule, each.symbol, each.line, each.severity, each.targets]
    expect(diagnosticsOf(joined).map(shown)).toEqual(diagnosticsOf(whole).map(shown))
    expect(report.summary.filesChecked).toBe(1)
  })

  test('joins runs with other macros: what one needs is needed', async () => {
    const uses = (name: string, comment: string): string =>
      `#ifdef ${name}\n${other.replace('other', name.toLowerCase()).trimEnd()}${comment}\n#endif\n`
    const ignore = (...rules: readonly string[]): string => ` // abi3lint: ignore[${rules.join(', ')}] known`
    const cwd = folder({
      'a.c': [
        head,
        uses('A', ignore('unavailable-macro')),
        uses('B', ignore('unavailable-macro')),
        'int i; // abi3lint: ignore[unavailable-macro] never\n',
      ].join(''),
    })
    await part(cwd, '1/1', [...target, '-D', 'A', '-U', 'B'], 'a')
    await part(cwd, '1/1', [...target, '-U', 'A', '-D', 'B'], 'b')
    const joined = await merge(cwd, 'a1-1.json', 'b1-1.json', '-f', 'json')
    expect(await merge(cwd, 'b1-1.json', 'a1-1.json', '-f', 'json')).toEqual(joined)
    const unused = diagnosticsOf(joined).filter(({ rule }) => rule === 'unused-suppression')
    expect(unused.map(({ line }) => line)).toEqual([9])
    const { suppressions } = JSON.parse(joined.stdout)
    expect(suppressions.map(({ findings }: { findings: unknown[] }) => findings.length)).toEqual([1, 1, 0])
  })

  test('joins what a comment is for in either run, rule by rule', async () => {
    const cwd = folder({
      'a.c': [
        head,
        '/* abi3lint: disable[unavailable-macro, newer-in-python3-dll] known */\n',
        '#ifdef A\n',
        other,
        '#else\n',
        other.replace('PyList_GET_ITEM(o, 1)', 'PyObject_CallNoArgs(o)'),
        '#endif\n/* abi3lint: enable */\n',
      ].join(''),
    })
    await part(cwd, '1/1', [...target, '-D', 'A'], 'a')
    await part(cwd, '1/1', [...target, '-U', 'A'], 'b')
    const alone = await merge(cwd, 'a1-1.json', '-f', 'json')
    const joined = await merge(cwd, 'a1-1.json', 'b1-1.json', '-f', 'json')
    const unused = (outcome: Outcome): number =>
      diagnosticsOf(outcome).filter(({ rule }) => rule === 'unused-suppression').length
    const second = await merge(cwd, 'b1-1.json', '-f', 'json')
    expect([alone, second, joined].map(unused)).toEqual([1, 1, 0])
    expect(await merge(cwd, 'b1-1.json', 'a1-1.json', '-f', 'json')).toEqual(joined)
  })

  test('refuses two texts of a file', async () => {
    const cwd = folder({ 'a.c': head + flaw })
    await part(cwd, '1/1', ['-t', '3.9'], 'a')
    writeFileSync(join(cwd, 'a.c'), head + other + flaw)
    await part(cwd, '1/1', ['-t', '3.12'], 'b')
    expect(await failing(cwd, 'a1-1.json', 'b1-1.json')).toContain('a.c is another text in b1-1.json than in a1-1.json')
  })
})
