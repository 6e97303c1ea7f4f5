import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { folder, run, scratch } from '../fixtures/command-line.ts'

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const plain = '#include <Python.h>\n'

/** What a check says besides its findings, a line for each; and its exit code where it is not 0. */
async function said(
  files: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  at = '.',
): Promise<string[]> {
  const cwd = folder({ '.git/HEAD': '', 'src/a.c': plain, 'src/deep/b.c': plain, ...files })
  const { code, stderr } = await run(join(cwd, at), ['check', '-q', '-t', '3.9', '--no-cache', ...args])
  return [...stderr.split('\n').filter((line) => line !== ''), ...(code === 0 ? [] : [`exit code ${code}`])]
}

describe('patterns that fit nothing', () => {
  test('are told of with their places, where all that they are for was asked for', async () => {
    const text = `exclude = [
  "vendr/",
  "src/deep/",
  "/src/nothing.c",
  "build/", "*_generated.c", "parser.tab.c", "dist/x.c", "!src/a.c",
]
[[overrides]]
files = ["src/*.c", "lib/**"]
[[overrides]]
files = ["*.cpp"]
`
    const lines = [
      'warning: abi3lint.toml:2:3: `exclude` has `vendr/`, which fits no file here',
      'warning: abi3lint.toml:4:3: `exclude` has `/src/nothing.c`, which fits no file here',
      'warning: abi3lint.toml:8:21: `files` has `lib/**`, which fits no file here',
      'warning: abi3lint.toml:10:10: `files` has `*.cpp`, which fits no file here',
    ]
    expect(await said({ 'abi3lint.toml': text })).toEqual(lines)
    expect(await said({ 'abi3lint.toml': text }, ['src'])).toEqual([])
    expect(await said({ 'abi3lint.toml': text }, ['src/a.c'])).toEqual([])
    expect(await said({ 'abi3lint.toml': text }, ['--isolated'])).toEqual([])
  })

  test('are not those of what is left out anyway, of others, and of what is there', async () => {
    const deep = 'exclude = ["src/", "src/deep/b.c", "src/*.c"]\n[[overrides]]\nfiles = ["src/a.c", "main.c"]\n'
    expect(await said({ 'abi3lint.toml': deep, 'main.c': plain })).toEqual([])
    const shared = { 'abi3lint.toml': 'extends = "ci/all.toml"\n', 'ci/all.toml': 'exclude = ["vendor/"]\n' }
    expect(await said(shared)).toEqual([])
    expect(await said({ 'abi3lint.toml': 'exclude = ["src\\\\a.c"]\n' })).toEqual([
      'warning: abi3lint.toml:1:12: `exclude` has `src\\a.c`, which fits no file here; names are divided by `/`',
    ])
  })
})

test('who leaves out all is told what does that', async () => {
  expect(await said({ 'abi3lint.toml': 'exclude = ["*"]\n' })).toEqual([
    'warning: abi3lint.toml:1:1: no C or C++ file is left to check: `exclude` leaves out src; ' +
      '--no-exclude checks that, too',
  ])
  expect(await said({ 'abi3lint.toml': 'exclude = ["*"]\n' }, ['--no-exclude'])).toEqual([])
  expect(await said({ 'abi3lint.toml': 'exclude = ["src/deep/"]\n' })).toEqual([])
})

describe('tables and files with other names', () => {
  test.each([
    ['[tool.abi3-lint]', 'tool.abi3-lint'],
    ['[tool.abi3_lint]', 'tool.abi3_lint'],
    ['[tool.abilint]', 'tool.abilint'],
    ['[abi3lint]', 'abi3lint'],
    ['[tools.abi3lint]', 'tools.abi3lint'],
  ])('%s', async (head, name) => {
    const found = await said({ 'pyproject.toml': `[project]\nname = "x"\n${head}\nexclude = ["src/"]\n` })
    expect(found).toEqual([
      `warning: pyproject.toml:3:${head.startsWith('[abi') ? 2 : head.indexOf('.') + 2}: \`[${name}]\` is not used: ` +
        'the table of abi3lint is called `[tool.abi3lint]`',
    ])
  })

  test('are not those of others', async () => {
    const text =
      '[tool.abi3audit]\nx = 1\n[dependency-groups]\ndev = ["abi3lint"]\n[tool.uv.sources]\nabi3lint = {path = "x"}\n'
    expect(await said({ 'pyproject.toml': text })).toEqual([])
    expect(await said({ 'abi3-lint.toml': '' })).toEqual([
      'warning: abi3-lint.toml: is not used: a configuration is called abi3lint.toml or .abi3lint.toml, ' +
        'not abi3-lint.toml',
    ])
  })
})

test.each([
  ['.', 'names ., which is a directory; did you mean ./abi3lint.toml?'],
  ['src', 'names src, which is a directory; name a file in it'],
  [
    'https://example.org/abi3lint.toml',
    'names the address https://example.org/abi3lint.toml: nothing is fetched; keep a copy in a file',
  ],
])('extends = "%s"', async (value, message) => {
  expect(await said({ 'abi3lint.toml': `target = "3.9"\nextends = ["${value}"]\n` })).toEqual([
    `error: abi3lint.toml:2:12: \`extends\` ${message}`,
    'exit code 2',
  ])
})

test('configurations below are told of that are not used', async () => {
  const why = 'a run on src/deep alone, or --config src/deep/abi3lint.toml, uses it'
  const deep = { 'src/deep/abi3lint.toml': 'target = "3.12"\n' }
  expect(await said(deep)).toEqual([
    `warning: src/deep/abi3lint.toml: is not used: a configuration is looked for from what is asked for up; ${why}`,
  ])
  expect(await said({ ...deep, 'abi3lint.toml': 'target = "3.9"\n' })).toEqual([
    `warning: src/deep/abi3lint.toml: is not used: abi3lint.toml counts for all of the run; ${why}`,
  ])
  expect(await said(deep, ['src/deep'])).toEqual([])
  expect(await said(deep, ['--isolated'])).toEqual([])
  expect(await said(deep, ['src/deep/b.c'])).toEqual([])
  expect(await said({ ...deep, 'ci.toml': '' }, ['--config', 'ci.toml'])).toEqual([])
  expect(await said({ 'abi3lint.toml': 'extends = "src/deep/abi3lint.toml"\n', ...deep })).toEqual([])
  const own = { 'src/pyproject.toml': '[project]\nname = "abi3lint-user"\n' }
  expect(await said(own)).toEqual([])
  expect((await said({ 'src/pyproject.toml': '[tool.abi3lint]\n' }))[0]).toContain('src/pyproject.toml: is not used')
})
