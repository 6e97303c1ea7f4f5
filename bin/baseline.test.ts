import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { flaw, head } from '../fixtures/checked.ts'
import { folder, isWindows, run, scratch } from '../fixtures/command-line.ts'

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const name = 'abi3lint-baseline.jsonl'
const target = ['-t', '3.9']
const other = 'static PyObject *other(PyObject *o) { return PyList_GET_ITEM(o, 1); }\n'
const another = other.replace('other', 'another')
const withBaseline = async (sources: Readonly<Record<string, string>>): Promise<string> => {
  const cwd = folder(sources)
  const { code, stdout } = await run(cwd, ['baseline', 'create', ...target])
  expect(code, stdout).toBe(0)
  return cwd
}
const lines = (cwd: string): readonly string[] => readFileSync(join(cwd, name), 'utf8').trimEnd().split('\n')

describe('a baseline', () => {
  test('keeps quiet what is known, and what is new is told of alone', async () => {
    const cwd = await withBaseline({ 'a.c': head + flaw })
    const known = lines(cwd).length - 1
    expect(known).toBeGreaterThan(0)
    const quiet = await run(cwd, target)
    expect(quiet.code).toBe(0)
    expect(quiet.stdout).toContain(`Nothing new: 1 file, target 3.9, ${known} known finding`)
    appendFileSync(join(cwd, 'a.c'), other)
    const loud = await run(cwd, [...target, '-f', 'json'])
    expect(loud.code).toBe(1)
    const { diagnostics, baseline } = JSON.parse(loud.stdout)
    expect(diagnostics.map(({ symbol }: { symbol: string }) => symbol)).toEqual(['PyList_GET_ITEM'])
    expect(baseline).toEqual({ name, known, gone: 0 })
    expect((await run(cwd, [...target, '--no-baseline', '-f', 'json'])).stdout).toContain('"baseline": null')
  })

  test('knows code again that was moved, indented, or put into another file', async () => {
    const cwd = await withBaseline({ 'a.c': head + flaw + other })
    writeFileSync(join(cwd, 'a.c'), `${head}\n\n/* moved */\n${other}\n    ${flaw.replaceAll(' ', '\n  ')}`)
    expect((await run(cwd, target)).code).toBe(0)
    mkdirSync(join(cwd, 'src'))
    renameSync(join(cwd, 'a.c'), join(cwd, 'src', 'b.c'))
    expect((await run(cwd, target)).code).toBe(0)
    appendFileSync(join(cwd, 'src', 'b.c'), another)
    expect((await run(cwd, target)).code).toBe(1)
  })

  test('tells of one more of what it has, and that any may be it', async () => {
    const cwd = await withBaseline({ 'a.c': head + other })
    writeFileSync(join(cwd, 'a.c'), head + other.replace(';', '; return PyList_GET_ITEM(o, 1);'))
    const { code, stdout } = await run(cwd, target)
    expect(code).toBe(1)
    expect(stdout).toContain('the baseline has 1 of these in this place; any of them may be the new one')
  })
})

test('a report for people says what it does not show: what is known, and what comments suppress', async () => {
  const suppressed = '/* abi3lint: ignore[unavailable-macro] why */'
  const cwd = await withBaseline({ 'a.c': head + flaw })
  appendFileSync(join(cwd, 'a.c'), another.replace('\n', `${suppressed}\n`))
  const full = await run(cwd, target)
  expect(full.stdout).toContain('1 known finding.\nSuppressed by comments: 1 finding (--ignore-suppressions).\n')
  const concise = await run(cwd, [...target, '-f', 'concise'])
  expect(concise).toMatchObject({ code: 0, stdout: '' })
  expect(concise.stderr).toContain(`note: not shown: 1 known finding of ${name}, 1 suppressed by comments\n`)
  expect((await run(cwd, [...target, '-f', 'concise', '--quiet'])).stderr).toBe('')
  const all = await run(cwd, [...target, '-f', 'concise', '--no-baseline', '--ignore-suppressions'])
  expect(all.stderr).not.toContain('not shown')
  expect(all.stdout.split('\n')).toHaveLength(3)
})

describe('a baseline that is there', () => {
  test('shrinks by what is gone; what is new goes in where that is asked for', async () => {
    const cwd = await withBaseline({ 'a.c': head + flaw, 'b.c': head + other })
    const before = lines(cwd)
    writeFileSync(join(cwd, 'b.c'), head)
    const note = await run(cwd, target)
    expect(note.code).toBe(0)
    expect(note.stderr).toContain('1 finding of abi3lint-baseline.jsonl is no longer there')
    expect((await run(cwd, [...target, '--baseline-strict'])).code).toBe(1)
    // Of what was not looked for nothing is known to be gone.
    for (const part of [['a.c'], ['b.c'], ['--select', 'unavailable-type'], ['-t', '3.12']])
      expect((await run(cwd, [...(part[0] === '-t' ? [] : target), ...part])).stderr).not.toContain('no longer')
    appendFileSync(join(cwd, 'a.c'), another)
    const updated = await run(cwd, ['baseline', 'update', ...target])
    expect(updated.code).toBe(1)
    expect(updated.stdout).toContain('PyList_GET_ITEM')
    expect(lines(cwd)).toEqual(before.filter((line) => !line.includes('b.c')))
    expect((await run(cwd, ['baseline', 'update', '--accept-new', ...target])).code).toBe(0)
    expect((await run(cwd, target)).code).toBe(0)
    writeFileSync(join(cwd, 'a.c'), head)
    const status = await run(cwd, ['baseline', 'status', '-f', 'json', ...target])
    expect(JSON.parse(status.stdout)).toMatchObject({ known: 0, new: 0, byRule: {} })
    expect((await run(cwd, ['baseline', 'prune', ...target])).code).toBe(0)
    expect(lines(cwd)).toHaveLength(1)
  })

  test('that has what is gone says so with --baseline-strict in every report, and why the run failed', async () => {
    const cwd = await withBaseline({ 'a.c': head + flaw })
    writeFileSync(join(cwd, 'a.c'), head)
    const quiet = await run(cwd, target)
    expect(quiet.stdout).toContain('All clear')
    const full = await run(cwd, [...target, '--baseline-strict'])
    expect(full.stdout).toContain(`Nothing new, but ${name} has 1 finding that is no longer there: `)
    for (const format of ['json', 'sarif', 'gitlab', 'azure', 'junit', 'checkstyle', 'rdjson', 'pylint', 'markdown']) {
      const { code, stdout } = await run(cwd, [...target, '--baseline-strict', '-f', format])
      expect(stdout, format).toMatch(/has 1 finding that is no longer there: [^ ]*abi3lint baseline prune/)
      expect(code, format).toBe(1)
    }
    // Nothing is gone.
    writeFileSync(join(cwd, 'a.c'), head + flaw)
    expect((await run(cwd, [...target, '--baseline-strict', '-f', 'sarif'])).stdout).not.toContain('prune')
  })

  test('follows findings into other files, and loses none that were not looked for', async () => {
    const cwd = await withBaseline({ 'a.c': head + flaw + other, 'b.c': head })
    writeFileSync(join(cwd, 'a.c'), head + flaw)
    writeFileSync(join(cwd, 'b.c'), head + other)
    const before = lines(cwd)
    expect((await run(cwd, ['baseline', 'prune', 'a.c', ...target])).stdout).toContain(' 0 gone')
    expect(lines(cwd)).toEqual(before)
    expect((await run(cwd, ['baseline', 'update', ...target])).code).toBe(0)
    expect(lines(cwd).filter((line) => line.includes('PyList_GET_ITEM'))).toEqual([
      expect.stringContaining('"file":"b.c"'),
    ])
    appendFileSync(join(cwd, 'b.c'), another)
    expect((await run(cwd, ['baseline', 'update', '--accept-new', 'b.c', ...target])).code).toBe(0)
    expect(lines(cwd)).toHaveLength(before.length + 1)
    expect((await run(cwd, target)).code).toBe(0)
  })
})

describe('a baseline and a run', () => {
  test('is for its targets', async () => {
    const cwd = await withBaseline({ 'a.c': head + flaw })
    const before = lines(cwd)
    for (const action of ['update', 'prune', 'status']) {
      const { code, stderr } = await run(cwd, ['baseline', action, '-t', '3.12'])
      expect(stderr).toContain(`${name} is for 3.9, and this run for 3.12: --target says what is meant`)
      expect(code).toBe(2)
    }
    expect(lines(cwd)).toEqual(before)
    expect((await run(cwd, ['-t', '3.12'])).stderr).toContain(`note: ${name} is for 3.9, and this run for 3.12`)
  })

  test('is found from elsewhere', async () => {
    const cwd = folder({ 'src/a.c': head + flaw, 'setup.py': '' })
    const elsewhere = folder({})
    expect((await run(elsewhere, ['baseline', 'create', cwd, ...target])).code).toBe(0)
    expect(existsSync(join(cwd, name))).toBe(true)
    expect((await run(elsewhere, [cwd, ...target])).code).toBe(0)
    expect((await run(cwd, target)).code).toBe(0)
  })

  test('knows the first use of a name, and strings however they are divided', async () => {
    const one = 'int one(char *s) { return strlen(s) > 1; }\n'
    const two = 'int two(char *s) { return strlen(s) > 2; }\n'
    const say = (text: string): string => `void say(PyObject *o) { printf(${text}, PyTuple_GET_SIZE(o)); }\n`
    const cwd = folder({ 'a.c': head + one + two + say('"a b" "%d"') })
    expect((await run(cwd, ['baseline', 'create', '-t', '3.12'])).code).toBe(0)
    writeFileSync(join(cwd, 'a.c'), head + two + one + say('"a "\n  "b"\n  "%d"'))
    const { code, stdout } = await run(cwd, ['-t', '3.12'])
    expect(stdout).toContain('Nothing new')
    expect(code).toBe(0)
  })

  test('is read from any directory of the repository, and in any order', async () => {
    const cwd = await withBaseline({ 'src/a.c': head + flaw, '.git/HEAD': '' })
    const [first, ...rest] = lines(cwd)
    writeFileSync(join(cwd, name), [...rest, ...rest, first, ''].join('\n'))
    expect((await run(join(cwd, 'src'), target)).code).toBe(0)
  })

  test('with --fix nothing is lost of it', async () => {
    const cwd = await withBaseline({ 'a.c': head + flaw })
    const { code } = await run(cwd, ['--fix', '--allow-dirty', ...target])
    expect(code).toBe(0)
  })

  test('that is none is an error that names it, and so are a missing one and one too many', async () => {
    const cwd = folder({ 'a.c': head + flaw })
    const refused = async (args: readonly string[], why: string): Promise<void> => {
      const { code, stderr } = await run(cwd, [...args, ...target])
      expect(stderr).toContain(why)
      expect(code).toBe(2)
    }
    await refused(['--baseline', 'gone.jsonl'], 'gone.jsonl is not there')
    await refused(['baseline', 'update'], 'there is no abi3lint-baseline.jsonl here')
    for (const [text, why] of [
      ['{}\n', 'line 1: file, rule, symbol and fingerprint have to be texts, and count a number from 1'],
      ['', 'this is no baseline'],
      ['[]\n', 'line 1: is no JSON object'],
      ['{"abi3lint-baseline":1,"fingerprints":0}\n', 'line 1: was written by another version'],
      ['\ufeff{"abi3lint-baseline":1,"fingerprints":1}\n<<<<<<< HEAD\n', 'line 2: a conflict that git left'],
    ] as const) {
      writeFileSync(join(cwd, name), text)
      await refused([], `${name}: ${why}`)
    }
    await refused(['baseline', 'create'], `${name} is there already`)
    if (!isWindows) {
      symlinkSync('nowhere.jsonl', join(cwd, 'link.jsonl'))
      const leads = 'link.jsonl is a symbolic link that leads nowhere'
      await refused(['baseline', 'create', '--baseline', 'link.jsonl'], leads)
      expect(lstatSync(join(cwd, 'link.jsonl')).isSymbolicLink()).toBe(true)
    }
    await refused(['baseline', 'create', '--baseline', '/dev/null'], '/dev/null cannot be read')
    expect(existsSync(join(cwd, name))).toBe(true)
  })
})
