import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Chalk } from 'chalk'
import { afterAll, describe, expect, test } from 'vitest'
import { folder, isWindows, run, scratch } from '../fixtures/command-line.ts'
import { verificationText } from '../reports/verification.ts'
import { firstErrors, newWarnings, warningsIn } from './verify/compiler-log.ts'
import { type Interpreter, unfit } from './verify/interpreter.ts'
import { copyProject, layoutOf, overlay } from './verify/project-copy.ts'
import { stepsToKeep } from './verify/take-back.ts'
import { differenceOf, type Trial, testOutcome } from './verify/test-run.ts'

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe('which steps are kept', () => {
  /** Steps of which some change an outcome, and how often the project was built to find out. */
  const keep = async (count: number, bad: (steps: number) => boolean) => {
    const asked: number[] = []
    const kept = await stepsToKeep(count, async (steps) => {
      asked.push(steps)
      return bad(steps) ? [`differs with ${steps}`] : []
    })
    return { ...kept, asked }
  }

  test('all where nothing differs in the end, which one look tells', async () => {
    expect(await keep(3, () => false)).toEqual({ count: 3, differences: [], asked: [3] })
    expect(await keep(0, () => true)).toEqual({ count: 0, differences: [], asked: [] })
  })

  test('those before the first that changes something, and what it changes', async () => {
    expect(await keep(4, (steps) => steps >= 2)).toEqual({
      count: 1,
      differences: ['differs with 2'],
      asked: [4, 1, 2],
    })
    expect(await keep(1, () => true)).toEqual({ count: 0, differences: ['differs with 1'], asked: [1] })
    expect(await keep(3, (steps) => steps === 3)).toMatchObject({ count: 2, differences: ['differs with 3'] })
  })
})

describe('what differs in tests', () => {
  const trial = (output: string, code = 0, unimportable: Record<string, string> = {}): Trial => ({
    unimportable: new Map(Object.entries(unimportable)),
    tests: testOutcome(output, { code, signal: null, timedOut: false }),
    seconds: 1,
  })
  const good = trial('10 passed in 0.1s')
  const bad = trial('FAILED t.py::a - x\nFAILED t.py::b - x\n2 failed, 8 passed in 0.1s', 1)

  test('nothing where as many passed and the same failed', () => {
    expect(differenceOf(bad, trial('FAILED t.py::a\nFAILED t.py::b - y\n2 failed, 8 passed in 3s', 1), null)).toBeNull()
    expect(differenceOf(trial('fine'), trial('all right'), null)).toBeNull()
  })

  test('what fails now is named', () => {
    expect(differenceOf(good, bad, null)).toBe(
      'tests: 8 passed, 2 failed; before: 10 passed; failed now: t.py::a, t.py::b',
    )
    expect(differenceOf(good, trial('9 passed in 0.1s'), null)).toBe('tests: 9 passed; before: 10 passed')
    expect(differenceOf(trial('fine'), trial('oh\nno', 3), null)).toBe('tests: no summary of tests (exit code 3): no')
  })

  test('on another Python than before, other tests may be skipped', () => {
    const skipping = trial('8 passed, 2 skipped in 0.1s')
    expect(differenceOf(good, skipping, null)).not.toBeNull()
    expect(differenceOf(good, skipping, 'python3')).toBeNull()
    expect(differenceOf(good, bad, 'python3')).not.toBeNull()
  })

  test('a module that could be imported before', () => {
    const lost = trial('10 passed in 0.1s', 0, { 'x._y': 'ImportError: no' })
    expect(differenceOf(good, lost, null)).toBe('`import x._y` fails: ImportError: no')
    expect(differenceOf(lost, lost, null)).toBeNull()
  })
})

describe('the log of a build', () => {
  const log = `  /tmp/t/src/a.c: In function 'f':
  /tmp/t/src/a.c:10:3: warning: unused variable 'x' [-Wunused-variable]
     10 | int x;
  ./b.h:3: warning: old
  ./b.h:3: warning: old
  /tmp/t/src/a.c:12:3: error: one
  error: command '/usr/bin/gcc' failed with exit code 1
  ERROR: Failed building wheel for x
ERROR: Failed to build one or more wheels
`

  test('has warnings, by file and text', () => {
    const warnings = warningsIn(log, '/tmp/t')
    expect(warnings).toEqual([
      { file: 'src/a.c', line: 10, text: "unused variable 'x' [-Wunused-variable]" },
      { file: 'b.h', line: 3, text: 'old' },
      { file: 'b.h', line: 3, text: 'old' },
    ])
    const moved = warnings.map((each) => ({ ...each, line: each.line + 7 }))
    expect(newWarnings(warnings, moved)).toEqual([])
    expect(newWarnings(warnings.slice(0, 2), moved)).toEqual([moved[2]])
    expect(newWarnings([], warnings)).toEqual(warnings)
  })

  test('has errors: those of a compiler, else those of who called it, else what was said last', () => {
    const output = `/a/b/x.c:1:2: warning: implicit
/a/b/x.c:3:4: error: one
/a/b/x.c:3:4: error: one
src/y.h:5:6: fatal error: two
z.c:7:8: error: three
z.c:9:8: error: four
`
    expect(firstErrors(output)).toBe('x.c:3:4: error: one; y.h:5:6: fatal error: two; z.c:7:8: error: three')
    expect(firstErrors(log)).toBe('a.c:12:3: error: one')
    expect(firstErrors(log.replace(/.*: error: one\n/, ''))).toBe(
      "error: command '/usr/bin/gcc' failed with exit code 1",
    )
    expect(firstErrors("Traceback\nModuleNotFoundError: No module named 'x'\n")).toBe(
      "ModuleNotFoundError: No module named 'x'",
    )
    expect(firstErrors('what\nnow')).toBe('now')
  })
})

describe('the copy of a project', () => {
  test('is without what tools made, and what is built goes beside the sources of its package', async () => {
    const cwd = folder({
      'setup.py': '',
      '.git/config': '',
      'build/lib.linux/x.py': '',
      'build/notes.txt': '',
      'build/scripts/make.sh': '',
      'env/pyvenv.cfg': '',
      'src/x/__init__.py': 'mine',
      'src/x/_y.cpython-311-x86_64-linux-gnu.so': 'old',
      'src/x/libz.so': '',
      'other/__init__.py': '',
    })
    const copy = join(scratch, 'copy')
    await copyProject(cwd, copy)
    for (const there of ['setup.py', 'build/notes.txt', 'build/scripts/make.sh', 'src/x/libz.so'])
      expect(existsSync(join(copy, there))).toBe(true)
    for (const gone of ['.git', 'build/lib.linux', 'env', 'src/x/_y.cpython-311-x86_64-linux-gnu.so'])
      expect(existsSync(join(copy, gone))).toBe(false)
    const site = folder({ 'x/__init__.py': 'built', 'x/_y.abi3.so': 'new', '__init__.py': '' })
    await overlay(site, copy)
    expect(readFileSync(join(copy, 'src/x/_y.abi3.so'), 'utf8')).toBe('new')
    expect(readFileSync(join(copy, 'src/x/__init__.py'), 'utf8')).toBe('mine')
    expect(existsSync(join(copy, 'other/_y.abi3.so'))).toBe(false)
  })

  test.skipIf(isWindows)('has links inside, and what links outside lead to', async () => {
    const outside = folder({ 'a.h': 'a' })
    const cwd = folder({ 'b.h': 'b' })
    symlinkSync('b.h', join(cwd, 'in.h'))
    symlinkSync(join(outside, 'a.h'), join(cwd, 'out.h'))
    symlinkSync('nowhere', join(cwd, 'dead.h'))
    const copy = join(scratch, 'links')
    await copyProject(cwd, copy)
    writeFileSync(join(copy, 'in.h'), 'new')
    expect(readFileSync(join(copy, 'b.h'), 'utf8')).toBe('new')
    expect(readFileSync(join(cwd, 'b.h'), 'utf8')).toBe('b')
    expect(lstatSync(join(copy, 'out.h')).isFile()).toBe(true)
  })

  test('is of the directory with the build file', () => {
    const cwd = folder({ 'python/setup.py': '', 'src/x.c': '' })
    expect(layoutOf(cwd, ['src'])).toBeNull()
    expect(layoutOf(cwd, ['src', 'python'])).toEqual({ root: cwd, here: '', project: 'python' })
    const both = folder({ 'setup.py': '', 'tests/setup.py': '' })
    expect(layoutOf(both, ['.', 'tests'])).toMatchObject({ project: '' })
    expect(layoutOf(both, ['tests'])).toMatchObject({ root: both, project: 'tests' })
    const below = join(cwd, 'python', 'src')
    mkdirSync(below)
    expect(layoutOf(below, ['..'])).toEqual({ root: join(cwd, 'python'), here: 'src', project: '' })
  })
})

test('interpreters that cannot judge', () => {
  const python: Interpreter = {
    name: 'python3',
    command: 'python3',
    isCPython: true,
    version: 12,
    isFreeThreaded: false,
    hasPip: false,
  }
  expect(unfit(python, 11, false)).toBeNull()
  expect(unfit(python, 11, true)).toContain('no pip')
  expect(unfit(python, 13, false)).toBe('is 3.12; what is built is for 3.13 and later')
  expect(unfit({ ...python, isFreeThreaded: true }, 11, false)).toContain('free-threaded')
  expect(unfit({ ...python, isCPython: false }, 11, false)).toContain('no CPython')
})

test('mistakes are told before anything is done', async () => {
  const cwd = folder({ 'setup.py': '', 'a.c': '#include <Python.h>\n' })
  const port = async (...words: string[]) => (await run(cwd, ['port', '-t', '3.12', '--allow-dirty', ...words])).stderr
  expect(await port('--python', 'python3')).toBe('error: --python is for --verify and --test\n')
  expect(await port('--python', 'a', '--python', 'b', '--test', 'pytest')).toContain('{python} has to stand in it')
  expect(await port('--verify', '--python', 'no-such-python')).toBe(
    'error: --python no-such-python: there is no such program\n',
  )
  const empty = folder({ 'a.c': '#include <Python.h>\n' })
  const { code, stderr } = await run(empty, ['port', '-t', '3.12', '--verify', '--allow-dirty'])
  expect([code, stderr]).toEqual([2, 'error: --verify: there is neither pyproject.toml nor setup.py here to build\n'])
})

test('a verification in words', () => {
  const look = { chalk: new Chalk({ level: 0 }), width: 100 }
  const build = { python: 'python3', wheel: 'x-1-cp311-abi3-linux.whl', modules: 2, seconds: 12.3 }
  const trial = { python: 'python3', outcome: '5 passed', seconds: 0.25, isSame: true }
  const text = verificationText(
    {
      stages: [
        { title: 'before the port', builds: [{ ...build, modules: 1 }], trials: [{ ...trial, isSame: null }] },
        { title: 'built for the stable ABI', builds: [build], trials: [trial, { ...trial, seconds: null }] },
      ],
      warnings: [{ file: 'a.c', line: 3, text: 'unused [-Wunused]' }],
      takenBack: [{ steps: ['static types'], reasons: ['python3: tests: 4 passed, 1 failed'] }],
      notes: ['python3.13 is compared with python3: it has no pip'],
    },
    look,
  )
  expect(text).toBe(`before the port:
  python3 built x-1-cp311-abi3-linux.whl with 1 extension module in 12 s
  python3: 5 passed in 0.3 s
built for the stable ABI:
  python3 built x-1-cp311-abi3-linux.whl with 2 extension modules in 12 s
  python3: the same, 5 passed in 0.3 s
  python3: the same, 5 passed
1 new warning of the compiler:
  a.c:3: unused [-Wunused]
took back static types:
  python3: tests: 4 passed, 1 failed
note: python3.13 is compared with python3: it has no pip

`)
})
