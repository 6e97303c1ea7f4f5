import { rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { bad, conciseAlone as concise, flaw, found, good, head, reportIn } from '../fixtures/checked.ts'
import { folder, isWindows, run as runThere, type Settings, scratch } from '../fixtures/command-line.ts'

/** What the program ends with, and what goes to which stream. */

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const run = (cwd: string, args: readonly string[], settings: Settings = {}): ReturnType<typeof runThere> =>
  runThere(cwd, args, { ...settings, alone: true })

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

  test('findings in build files are counted beside those in sources', async () => {
    const build = "Extension('a', ['a.c'], define_macros=[('Py_LIMITED_API', '0x03100000')])\n"
    const cwd = folder({ 'a.c': bad, 'setup.py': `from setuptools import Extension\n${build}` })
    const counted = async (...args: readonly string[]): Promise<string> =>
      /Found .*/.exec((await run(cwd, ['-t', '3.11', ...args])).stdout)![0]
    expect(await counted()).toBe('Found 2 errors in 1 of 1 file and 1 build file.')
    expect(await counted('--select', 'suspicious-version-literal')).toBe(
      'Found 1 error in 1 build file, in none of 1 file.',
    )
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

  test.skipIf(isWindows)('2 for a link that leads nowhere or to itself', async () => {
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

  test.skipIf(isWindows).each(['<&-', '2>&-'])('works with %s', async (redirect) => {
    const outcome = await run(folder({ 'a.c': bad }), ['-f', 'concise'], { redirect })
    expect(outcome).toEqual({ code: 1, stdout: found('a.c'), stderr: '' })
  })
})
