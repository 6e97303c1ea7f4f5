import { execFileSync } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { folder, isWindows, run, scratch } from '../../fixtures/command-line.ts'
import { writeOutput } from './output.ts'
import { temporaryName } from './temporary.ts'

/** Files that somebody names for output. */

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const textsIn = (cwd: string): Readonly<Record<string, string>> =>
  Object.fromEntries(readdirSync(cwd).map((name) => [name, readFileSync(join(cwd, name), 'utf8')]))

test.skipIf(isWindows)('a report goes to a file whole, and to what is no file as it is', () => {
  const cwd = folder({ report: 'before' })
  writeOutput(join(cwd, 'report'), () => ['after'])
  expect(textsIn(cwd)).toEqual({ report: 'after' })
  writeFileSync(join(cwd, temporaryName('output', 99_999_999)), 'of a run that was killed')
  writeOutput(join(cwd, 'report'), () => ['again'])
  expect(textsIn(cwd)).toEqual({ report: 'again' })
  writeOutput('/dev/null', () => ['gone'])
  expect(statSync('/dev/null').isFile()).toBe(false)
  execFileSync('mkfifo', [join(cwd, 'fifo')])
  expect(() => writeOutput(join(cwd, 'fifo'), () => ['read by nobody'])).toThrow('ENXIO')
})

test.skipIf(isWindows)('a link to the standard output is that, whatever it is', async () => {
  const cwd = folder({ 'a.c': '', out: 'before\n' })
  symlinkSync('/dev/stdout', join(cwd, 'link'))
  await run(cwd, ['-f', 'json=link', '-f', 'concise=report', '.'], { redirect: '>>out' })
  expect(readFileSync(join(cwd, 'out'), 'utf8')).toMatch(/^before\n\{/)
  expect(lstatSync(join(cwd, 'link')).isSymbolicLink()).toBe(true)
})
