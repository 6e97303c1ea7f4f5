import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { elf, wheelText, zip } from '../fixtures/binaries.ts'
import { bad, flaw, good, head } from '../fixtures/checked.ts'
import { folder, isWindows, type Outcome, run, scratch } from '../fixtures/command-line.ts'
import { commandsIn } from '../fixtures/reports/hostile.ts'
import { formats } from '../reports/index.ts'

/** Names, arguments and contents that would be commands in the log of a CI system, or act on a terminal. */

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const hostile = '\n  ::error::x\r::add-mask::y\n##[error]\x1b[31m\u202e\x9b2J##vso[task.complete]##teamcity[x]'

/** What goes to a log, in one text. @param own what is meant to be a command */
function expectHarmless({ stdout, stderr }: Outcome, own: RegExp = /(?!)/): void {
  const output = stdout + stderr
  expect(commandsIn(output).filter((line) => !own.test(line))).toEqual([])
  expect(output).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
}

describe.concurrent('arguments that are repeated', () => {
  const cwd = folder({ 'a.c': bad })
  const cases: readonly (readonly string[])[] = [
    ['-t', hostile],
    ['--headers', hostile],
    ['--select', hostile],
    ['-f', hostile],
    ['-f', `json=${hostile}/x`],
    [`--${hostile}`],
    [`--taget${hostile}`],
    ['--color', hostile],
    ['-j', hostile],
    ['-D', hostile],
    ['-I', hostile],
    ['--compile-commands', hostile],
    [hostile],
    ['.', hostile],
    ['::error::x'],
    ['rewrite', hostile],
    ['targets', hostile],
    ['targets', '-f', hostile],
    ['explain', hostile],
    ['explain', `PyTypeObject.${hostile}`],
    ['shims', hostile],
    ['shims', 'PyRun_String', '-o', `${hostile}/x`],
    ['audit', hostile],
    ['audit', '-t', hostile, '.'],
    ['port', '-t', `3.9,${hostile}`],
    ['port', '--python', hostile],
    ['port', '-t', '3.11', '--verify', '--python', hostile],
    ['port', '--test', hostile, '--python', 'a', '--python', 'b'],
  ]
  // Titles of tests are printed, too.
  const titled = cases.map((args) => [args.join(' ').replaceAll(hostile, '...').replaceAll('::', ': :'), args] as const)
  test.each(titled)('abi3lint %s', async (_, args) => {
    const outcome = await run(cwd, args)
    expect(outcome.code, outcome.stderr).not.toBe(3)
    expect(outcome.stderr + outcome.stdout).not.toBe('')
    expectHarmless(outcome)
  })
})

describe.skipIf(isWindows)('files', () => {
  const source = `${head}/* ${hostile.replace(/[\r\n]/g, ' ')} */ ${flaw}`
  const files = { 'a.c': source, [`${hostile}.c`]: bad, '::error::x,y=z.c': bad, ' ::error::x.c': bad, ':.c': bad }

  test.each(Object.keys(formats))('in the format %s', async (format) => {
    const outcome = await run(folder(files), ['-f', format])
    expect(outcome.code).toBe(1)
    const own: Readonly<Record<string, RegExp>> = {
      github: /^::error file=[^:,]*,line=\d+,endLine=\d+,col=/,
      azure:
        /^##vso\[task\.logissue type=error;sourcepath=[^;\]]*;linenumber=\d+;columnnumber=\d+;code=[\w-]+;\][^\];]*$/,
    }
    expectHarmless(outcome, own[format])
  })

  test('that cannot be read, or are no C', async () => {
    const cwd = folder({
      [`${hostile}.c`]: Buffer.from(bad, 'utf16le'),
      '::error::x.c': Buffer.from([0, 1, 2, 3, 255]),
    })
    expectHarmless(await run(cwd, []))
    expectHarmless(await run(cwd, ['targets', '.']))
  })

  test('in the survey of targets, with the module that they make', async () => {
    const modules = "setup(ext_modules=[Extension('::error::x', ['::error::x.c'])])"
    const setup = `from setuptools import Extension, setup\n${modules}\n`
    for (const format of ['full', 'json'])
      expectHarmless(
        await run(folder({ ...files, '::error::x.c': bad, 'setup.py': setup }), ['targets', '-f', format, '.']),
      )
  })

  test('that the target comes from', async () => {
    const setup = "setup(ext_modules=[Extension('a', ['a.c'], define_macros=[('Py_LIMITED_API', '0x030B0000')])])\n"
    const cwd = folder({
      [`${hostile}/a.c`]: bad,
      [`${hostile}/setup.py`]: `from setuptools import Extension, setup\n${setup}`,
    })
    expectHarmless(await run(cwd, ['check', '.']))
  })

  test('in what port left', async () => {
    const left = `${head}int f(PyFrameObject *f) { return f->f_lineno + f->${'f_lasti'}; }\n`
    expectHarmless(await run(folder({ ...files, '::warning::y.c': left }), ['port', '-t', '3.11', '.']))
  })

  test('in a difference, which git takes', async () => {
    const comment = '/*\n  ::error::x ::\n\t##[error]\n*/\n'
    const texts = { ...files, 'a.c': `${head}${comment}${flaw}${comment}` }
    const { 'a.c': _, ...named } = files
    const { stdout: headers, ...rest } = await run(folder(named), ['--diff'])
    // As in diffs of git, a tab ends a name with blanks.
    expectHarmless({ ...rest, stdout: headers.replace(/\t$/gm, '') })
    const cwd = folder(texts)
    const { stdout } = await run(cwd, ['--diff'])
    expect(commandsIn(stdout).filter((line) => /^[^-+]/.test(line))).toEqual([])
    execFileSync('git', ['apply'], { cwd, input: stdout })
    expect(readFileSync(join(cwd, `${hostile}.c`), 'utf8')).toBe(good)
    expect(readFileSync(join(cwd, 'a.c'), 'utf8')).toBe(texts['a.c'].replace('GET_ITEM', 'GetItem'))
  })

  test.each(['full', 'concise', 'json'])('members of wheels and symbols, in the format %s', async (format) => {
    const library = elf({ imports: { '': [`_Py${hostile}`, 'PyList_New'] }, exports: [`PyInit_${hostile}`] })
    const members = {
      [`::error::x/${hostile}.abi3.so`]: library,
      '::error::y.so': Buffer.from('\x7fELF'),
      [hostile]: '',
    }
    const wheel = zip({ ...members, 'x-1.0.dist-info/WHEEL': wheelText('cp39-abi3-linux_x86_64') })
    const cwd = folder({
      '::error::x-1.0-cp39-abi3-linux_x86_64.whl': wheel,
      [`${hostile}.so`]: library,
      ':.abi3.so': library,
    })
    const outcome = await run(cwd, ['audit', '-f', format, '.'])
    expect(outcome.stdout).not.toBe('')
    expectHarmless(outcome)
  })
})
