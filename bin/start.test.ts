import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, isWindows, program } from '../fixtures/command-line.ts'

const root = folder({ 'a.c': '#include <Python.h>\nint f(PyObject *o) { return PyTuple_GET_SIZE(o) > 0; }\n' })
const dist = join(root, 'package/dist')
cpSync(join(program, '..'), dist, { recursive: true, filter: (path) => !/\.cache$|\/types$/.test(path) })
writeFileSync(join(root, 'package/package.json'), '{"type": "module"}')

/** Runs the copy of the program in a process of its own. */
function run(...args: readonly string[]): string {
  const env = { PATH: process.env.PATH ?? '', ABI3LINT_NO_CACHE: '1' }
  const words = [join(dist, 'abi3lint.js'), ...args]
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: root, env, encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, ''])
  return stdout
}
const check = (): string => run('check', '-t', '3.12', '-f', 'json', '--exit-zero', 'a.c')
const kept = (): readonly string[] => readdirSync(dist).filter((name) => /\.cjs\./.test(name))
const pathOf = (): string => join(dist, kept()[0]!)

test('what V8 makes of the program is kept, used, and made anew where it is broken', () => {
  run('--version')
  expect(kept()).toEqual([])
  const first = check()
  expect(first).toContain('PyTuple_GET_SIZE')
  expect(kept()).toEqual([expect.stringMatching(/^program-\w+\.cjs\.[0-9a-f]+\.cache$/)])
  const { ino } = statSync(pathOf())
  expect(check()).toBe(first)
  expect(statSync(pathOf()).ino).toBe(ino)
  const whole = readFileSync(pathOf())
  const changed = Buffer.from(whole)
  changed[whole.length >> 1]! ^= 1
  for (const broken of [
    Buffer.alloc(0),
    Buffer.alloc(4),
    Buffer.alloc(whole.length),
    whole.subarray(0, whole.length >> 1),
    changed,
  ]) {
    writeFileSync(pathOf(), broken)
    expect(check()).toBe(first)
    expect(readFileSync(pathOf()).length).toBeGreaterThan(whole.length >> 1)
  }
})

test('where it cannot be kept nothing is said of that, and nothing is left', () => {
  const path = pathOf()
  const names = kept()
  rmSync(path)
  mkdirSync(join(path, 'x'), { recursive: true })
  expect(check()).toContain('PyTuple_GET_SIZE')
  expect(kept()).toEqual(names)
})

test.skipIf(isWindows)('a FIFO in its place keeps nobody waiting', () => {
  const path = pathOf()
  rmSync(path, { recursive: true })
  spawnSync('mkfifo', [path])
  expect(check()).toContain('PyTuple_GET_SIZE')
  expect(statSync(path).isFile()).toBe(true)
})

test('of what is kept for other flags of V8, and what was left by runs that were killed, the newest few stay', () => {
  const path = pathOf()
  for (let index = 0; index < 12; index++) {
    const other = `${path.replace(/\.[0-9a-f]+\.cache$/, `.${index}.cache`)}${index % 2 === 0 ? '' : '.123'}`
    writeFileSync(other, '')
    utimesSync(other, 1e9 + index, 1e9 + index)
  }
  rmSync(path)
  check()
  expect(
    kept()
      .map((name) => /\.cjs\.(\w+)/.exec(name)![1])
      .sort(),
  ).toEqual([/\.cjs\.(\w+)/.exec(path)![1]!, '5', '6', '7', '8', '9', '10', '11'].sort())
})

test('what was kept for another version, which was installed in its place, goes', () => {
  for (const name of kept()) rmSync(join(dist, name))
  const [here, gone] = ['program-HERE.cjs', 'program-GONE.cjs']
  writeFileSync(join(dist, here), '')
  for (const name of [here, gone]) writeFileSync(join(dist, `${name}.1.cache`), '')
  check()
  expect(kept().filter((name) => name.includes('.1.cache'))).toEqual([`${here}.1.cache`])
})
