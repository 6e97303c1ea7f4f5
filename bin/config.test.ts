import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'smol-toml'
import { afterAll, describe, expect, test } from 'vitest'
import { flaw, reportIn } from '../fixtures/checked.ts'
import { folder, isWindows, type Outcome, run, scratch } from '../fixtures/command-line.ts'
import { rules } from '../rules/index.ts'
import { profiles } from '../rules/profiles.ts'
import { configurationPage } from './config/document.ts'
import { keys, overrideKeys } from './config/keys.ts'
import { configSchema } from './config/schema.ts'

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const bad = `#include <Python.h>\n${flaw}`
const said = (file: string, severity = 'error', rest = ''): string =>
  `${file}:2:35: ${severity}[unavailable-macro] \`PyTuple_GET_ITEM\` is not in the Limited API${rest} [fix: safe]\n`
/** Runs `check` without a target, quietly, with the concise format. */
const check = (cwd: string, ...args: readonly string[]): Promise<Outcome> =>
  run(cwd, ['check', '-q', '-f', 'concise', ...args])

describe('the place of a configuration', () => {
  test.each([
    ['abi3lint.toml', 'exclude = ["b.c"]\n'],
    ['.abi3lint.toml', 'exclude = ["b.c"]\n'],
    ['pyproject.toml', '[project]\nname = "x"\n[tool.abi3lint]\nexclude = ["b.c"]\n'],
    ['pyproject.toml', '[tool]\nabi3lint.exclude = ["b.c"]\n'],
  ])('stands in %s, in any directory up to that of the repository', async (file, text) => {
    const cwd = folder({ '.git/HEAD': '', [file]: text, 'src/deep/a.c': bad, 'src/deep/b.c': bad, 'b.c': bad })
    expect((await check(cwd)).stdout).toBe(said('src/deep/a.c'))
    expect((await check(join(cwd, 'src/deep'))).stdout).toBe(said('a.c'))
    expect((await check(join(cwd, 'src'), 'deep')).stdout).toBe(said('deep/a.c'))
    expect((await check(cwd, '--isolated')).stdout.split('\n')).toHaveLength(4)
  })

  test('above the repository is of somebody else, and so is a pyproject.toml that only names the package', async () => {
    const cwd = folder({
      'abi3lint.toml': 'nonsense',
      'repo/.git/HEAD': '',
      'repo/pyproject.toml': '[dependency-groups]\ndev = ["abi3lint"]\n[tool.uv.sources]\nabi3lint = { path = "x" }\n',
      'repo/a.c': bad,
    })
    expect(await check(join(cwd, 'repo'), '-t', '3.9')).toEqual({ code: 1, stdout: said('a.c'), stderr: '' })
  })

  test('is that of the first path, the closest one, and others are told of', async () => {
    const cwd = folder({
      '.git/HEAD': '',
      'abi3lint.toml': 'rules.unavailable-macro = "off"\n',
      'a/.abi3lint.toml': 'rules.unavailable-macro = "info"\n',
      'a/pyproject.toml': '[tool.abi3lint]\n',
      'a/a.c': bad,
      'b/b.c': bad,
    })
    const both = await run(cwd, ['check', '-f', 'concise', '-t', '3.9', 'a', 'b'])
    expect(both.stdout).toBe(said('a/a.c', 'info') + said('b/b.c', 'info'))
    expect(both.stderr).toBe(
      'warning: a/pyproject.toml: is not used: a/.abi3lint.toml is the configuration of this directory\n' +
        'warning: abi3lint.toml: is not used: the configuration of the first path counts for all of a run\n',
    )
    expect(await check(cwd, 'b', 'b/b.c')).toEqual({ code: 0, stdout: '', stderr: '' })
  })
})

describe('a configuration', () => {
  test('can be named, and its patterns are for the current directory then', async () => {
    const cwd = folder({
      'ci/strict.toml': 'exclude = ["/a.c"]\ninclude-directories = ["."]\n',
      'a.c': bad,
      'b.c': bad,
    })
    expect((await check(cwd, '--config', 'ci/strict.toml')).stdout).toBe(said('b.c'))
    const missing = await check(cwd, '--config', 'ci/none.toml')
    expect(missing).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: ci/none.toml: cannot be read: there is no such file or directory\n',
    })
    expect((await check(cwd, '--isolated', '--config', 'ci/strict.toml')).code).toBe(2)
  })

  test('sets what flags set, and flags come first', async () => {
    const cwd = folder({
      'conf/abi3lint.toml': [
        'target = "3.9"',
        'headers = "3.13"',
        'include-directories = ["../include"]',
        'define = ["SPAM", "EGGS=2"]',
        'undefine = ["HAM"]',
        'select = ["unavailable-macro"]',
      ].join('\n'),
      'include/spam.h': '#define IN_HEADER 1\n',
      'conf/a.c': `#include <Python.h>
#include "spam.h"
#if defined SPAM && SPAM == 1 && EGGS == 2 && !defined HAM && IN_HEADER
${flaw}#endif
PyObject *g(void) { return PyType_FromMetaclass(NULL, NULL, NULL, NULL); }
`,
    })
    const cwdOf = join(cwd, 'conf')
    const report = async (...args: readonly string[]) =>
      reportIn((await run(cwdOf, ['check', '-f', 'json', ...args])).stdout)
    const own = await report()
    expect(own.targets).toEqual(['3.9'])
    expect(own.diagnostics.map(({ rule }) => rule)).toEqual(['unavailable-macro'])
    expect((await report('-t', '3.11')).targets).toEqual(['3.11'])
    expect((await report('-D', 'HAM')).diagnostics).toEqual([])
    expect((await report('--select', 'newer-than-target')).diagnostics.map(({ rule }) => rule)).toEqual([
      'newer-than-target',
    ])
    expect((await report('--isolated', '-t', '3.9')).diagnostics.map(({ rule }) => rule)).toContain('newer-than-target')
  })

  test('goes on from others', async () => {
    const cwd = folder({
      'base/abi3lint.toml':
        'target = "3.9"\nselect = ["nothing"]\ninclude-directories = ["h"]\nrules.private-name = "off"\n',
      'base/h/x.h': '',
      'base/pyproject.toml': '[tool.abi3lint]\nrules.unavailable-macro = "warning"\nheaders = "3.13"\n',
      'p/abi3lint.toml':
        'extends = ["../base/abi3lint.toml", "../base/pyproject.toml"]\nselect = ["all"]\n' +
        'rules.private-name = "info"\n',
      'p/a.c': bad,
    })
    expect((await check(join(cwd, 'p'))).stdout).toBe(said('a.c', 'warning'))
    const { stdout } = await run(join(cwd, 'p'), ['config', 'show'])
    expect(stdout).toBe(`# abi3lint.toml, which extends ../base/pyproject.toml, ../base/abi3lint.toml
target = ["3.9"]                     # ../base/abi3lint.toml:1:1
headers = "3.13"                     # ../base/pyproject.toml:3:1
select = ["all"]                     # abi3lint.toml:2:11
rules.private-name = "info"          # abi3lint.toml:3:7
rules.unavailable-macro = "warning"  # ../base/pyproject.toml:2:7
include-directories = ["../base/h"]  # ../base/abi3lint.toml:3:24
# ignore: none
# exclude: what git ignores
# define: those of the compilation database and of build files
# undefine: none
# compile-commands: \`compile_commands.json\` in the current directory, in \`build\` or in \`builddir\`
`)
  })
})

test('says which rules run where flags do not, and flags say what is usual where it does not', async () => {
  const source = `${bad}int i; // abi3lint: ignore\n`
  const found = async (toml: string, ...args: readonly string[]): Promise<readonly string[]> => {
    const cwd = folder({ 'a.c': source, 'abi3lint.toml': toml })
    const { stdout } = await run(cwd, ['-t', '3.9', '-f', 'concise', '--default-select', 'unavailable-macro', ...args])
    return [...stdout.matchAll(/\[([a-z-]+)\] /g)].map((each) => each[1]!)
  }
  expect(await found('')).toEqual(['unavailable-macro'])
  expect(await found('', '--isolated')).toEqual(['unavailable-macro'])
  expect(await found('select = ["blanket-suppression"]')).toEqual(['blanket-suppression'])
  expect(await found('select = ["all"]', '--ignore', 'suppression-without-reason')).toEqual([
    'unavailable-macro',
    'blanket-suppression',
    'unused-suppression',
  ])
  expect(await found('rules.blanket-suppression = "error"')).toEqual(['unavailable-macro', 'blanket-suppression'])
  expect(await found('ignore = ["unavailable-macro"]')).toEqual([])
  expect(await found('select = ["all"]', '--select', 'blanket-suppression')).toEqual(['blanket-suppression'])
  const cwd = folder({ 'a.c': source })
  expect(await run(cwd, ['--default-select', 'erors'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean errors?'),
  })
})

describe('mistakes are told with their place, all of them, and the exit code is 2', () => {
  const several = 'tagret = "3.9"\n\n[rules]\nunavailable-macro = "of"\n[[overrides]]\nfiles = "a"\nexclude = []\n'
  test.each([
    [
      'a key that is not known',
      'a = 1\ntagret = "3.9"\n',
      /^error: abi3lint\.toml:2:1: .*`tagret`; did you mean `target`\?$/m,
    ],
    ['a key of flags', '--include_directories = 1', /did you mean `include-directories`\?\n$/],
    ['all at once', several, /^(?:error: abi3lint\.toml:(?:1:1|4:1|6:1|7:1): .*\n){4}$/],
    [
      'a number for a version',
      'target = 3.10',
      /^error: abi3lint\.toml:1:1: `target` is a number, .*quotes around it\n$/,
    ],
    [
      'a target that there is not',
      'target = ["3.9", "3.99"]',
      /^error: abi3lint\.toml:1:18: `target` knows no target 3\.99/,
    ],
    [
      'a wrong type',
      'exclude = "a"',
      /^error: abi3lint\.toml:1:1: `exclude` is a string, and should be a list of patterns/,
    ],
    [
      'a pattern that takes too long',
      'exclude = ["a/**/b/**/c/**/d/**"]',
      /:1:12: `exclude` has more than 3 `\*\*`\n$/,
    ],
    ['a macro that is none', 'define = ["1X"]', /^error: abi3lint\.toml:1:11: `define` should be a macro/],
    [
      'a rule that there is not',
      '[rules]\nunavailable-makro = "off"',
      /toml:2:1: there is no rule `unavailable-makro`; did you mean/,
    ],
    [
      'one in an override',
      '[[overrides]]\nfiles = ["a"]\nrules.x = "off"',
      /toml:3:7: there is no rule `x`; abi3lint rules/,
    ],
    ['a profile for a rule', 'rules = { errors = "off" }', /toml:1:11: `errors` is a profile/],
    ['one in a list', 'select = ["errors",\n"eror"]', /toml:2:1: there is no rule `eror`; did you mean errors\?/],
    ['no files in an override', '[[overrides]]\ntarget = "3.9"', /toml:1:1: the key `files` is missing here\n$/],
    ['no TOML', 'target = ', /^error: abi3lint\.toml:1:\d+: is no TOML: /],
    [
      'a circle',
      'extends = "abi3lint.toml"',
      /toml:1:1: `extends` goes in a circle: abi3lint\.toml -> abi3lint\.toml\n$/,
    ],
    [
      'nothing to extend',
      'extends = ["x.toml"]',
      /toml:1:12: `extends` names x\.toml, which cannot be read: there is no/,
    ],
    ['no UTF-8', Buffer.from('# \xff\n', 'latin1'), /^error: abi3lint\.toml: is not UTF-8/],
  ])('%s', async (_, text, message) => {
    const cwd = folder({ 'abi3lint.toml': text, 'a.c': bad })
    for (const args of [['check', '-t', '3.9'], ['targets'], ['config', 'check'], ['check', '--fix']]) {
      const { code, stdout, stderr } = await run(cwd, args)
      expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(message)])
    }
    expect(readFileSync(join(cwd, 'a.c'), 'utf8')).toBe(bad)
  })

  test('of a pyproject.toml, in its table', async () => {
    const cwd = folder({ 'pyproject.toml': '[project]\nname = "a"\n\n[tool.abi3lint.rules]\nx = "off"\n' })
    expect((await run(cwd, ['config', 'check'])).stderr).toMatch(/^error: pyproject\.toml:5:1: there is no rule `x`/)
  })

  test.skipIf(isWindows)('of a file that cannot be read', async () => {
    const cwd = folder({ 'a.c': bad, 'sub/abi3lint.toml/x': '' })
    symlinkSync('nowhere', join(cwd, 'abi3lint.toml'))
    expect((await check(cwd)).stderr).toMatch(/^error: abi3lint\.toml: cannot be read: there is no such file/)
    expect((await check(cwd, 'sub')).stderr).toMatch(/^error: sub\/abi3lint\.toml: cannot be read: it is a directory/)
  })
})

describe('what is excluded', () => {
  const files = {
    '.git/HEAD': '',
    'abi3lint.toml': 'exclude = ["vendor/", "/gen_*.c", "list.def"]\n',
    'a.c': `#include "vendor/v.h"\n#include "list.def"\n${bad}`,
    'gen_a.c': bad,
    'sub/gen_b.c': bad,
    'vendor/v.h': bad,
    'vendor/deep/v.c': bad,
    'list.def': flaw.replace('f(', 'g('),
  }
  test('is not checked, be it named or included, and a note says so', async () => {
    const cwd = folder(files)
    const own = said('a.c').replace(':2:', ':4:') + said('sub/gen_b.c')
    expect(await check(cwd)).toEqual({ code: 1, stdout: own, stderr: '' })
    const named = await check(cwd, 'gen_a.c', 'vendor/deep/v.c', 'vendor/v.h', 'vendor', 'vendor/deep', 'sub/gen_b.c')
    expect(named.stdout).toBe(said('sub/gen_b.c'))
    expect(named.stderr).toBe(
      'warning: abi3lint.toml:1:1: `exclude` leaves out what was named: gen_a.c, vendor/deep/v.c, vendor/v.h, ' +
        '2 more; --no-exclude checks that, too\n',
    )
    expect(await check(join(cwd, 'vendor'), 'v.h')).toEqual({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('warning: ../abi3lint.toml:1:1: `exclude` leaves out'),
    })
    expect((await check(cwd, '--no-exclude')).stdout.split('\n')).toHaveLength(7)
    expect((await check(cwd, '--no-exclude', 'gen_a.c')).stdout).toBe(said('gen_a.c'))
  })

  test('is not written to by fixes', async () => {
    const cwd = folder(files)
    await check(cwd, '--fix', '--allow-dirty')
    expect(readFileSync(join(cwd, 'vendor/v.h'), 'utf8')).toBe(bad)
    expect(readFileSync(join(cwd, 'list.def'), 'utf8')).toBe(files['list.def'])
    expect(readFileSync(join(cwd, 'a.c'), 'utf8')).toContain('PyTuple_GetItem')
  })
})

describe('severities', () => {
  const rule = 'rules.unavailable-macro'
  test('count for exit codes, and off is no finding and no fix', async () => {
    const cwd = folder({ 'abi3lint.toml': `${rule} = "warning"`, 'a.c': bad })
    expect(await check(cwd)).toEqual({ code: 0, stdout: said('a.c', 'warning'), stderr: '' })
    writeFileSync(join(cwd, 'abi3lint.toml'), `${rule} = "off"`)
    expect(await check(cwd, '--fix', '--allow-dirty')).toMatchObject({ code: 0, stdout: '' })
    expect(await run(cwd, ['port', '-t', '3.9', '--diff', '-q'])).toEqual({ code: 0, stdout: '', stderr: '' })
    // Who names a rule by itself means it.
    expect((await check(cwd, '--select', 'unavailable-macro')).stdout).toBe(said('a.c'))
    expect((await check(cwd, '--select', 'errors')).stdout).toBe('')
  })

  test('differ from file to file, and the last override counts', async () => {
    const cwd = folder({
      'abi3lint.toml': `${rule} = "off"
[[overrides]]
files = ["src/"]
${rule} = "info"
[[overrides]]
files = ["src/b*"]
rules = { unavailable-macro = "error" }
[[overrides]]
files = ["src/b*"]
rules.string-loop-access = "off"
`,
      'a.c': bad,
      'src/a.c': bad,
      'src/b.c': bad,
    })
    expect((await check(cwd)).stdout).toBe(said('src/a.c', 'info') + said('src/b.c'))
    expect((await check(join(cwd, 'src'))).stdout).toBe(said('a.c', 'info') + said('b.c'))
    expect((await check(cwd, '--ignore', 'unavailable-macro')).stdout).toBe('')
  })

  test('make rules on request run', async () => {
    const loop = `#include <Python.h>
void f(PyObject *s) { for (Py_ssize_t i = 0; i < PyUnicode_GetLength(s); i++) PyUnicode_ReadChar(s, i); }
`
    const cwd = folder({ 'abi3lint.toml': '', 'a.c': loop })
    const names = async (): Promise<readonly string[]> =>
      reportIn((await run(cwd, ['check', '-t', '3.9', '-f', 'json'])).stdout).diagnostics.map(({ rule: each }) => each)
    expect(await names()).not.toContain('string-loop-access')
    writeFileSync(join(cwd, 'abi3lint.toml'), 'rules.string-loop-access = "warning"\n')
    expect(await names()).toContain('string-loop-access')
    writeFileSync(join(cwd, 'abi3lint.toml'), '[[overrides]]\nfiles = ["b.c"]\nrules.string-loop-access = "info"\n')
    expect(await names()).not.toContain('string-loop-access')
    writeFileSync(join(cwd, 'b.c'), loop.replace('f(', 'g('))
    expect(await names()).toEqual(['string-loop-access'])
  })
})

test('translation units have targets of their own', async () => {
  const cwd = folder({
    'abi3lint.toml': 'target = "3.9"\n[[overrides]]\nfiles = ["new/"]\ntarget = ["3.12", "abi3t"]\n',
    'old.c': '#include "both.h"\n',
    'new/new.c': '#include "../both.h"\nPyObject *g(void) { return PyType_FromMetaclass(0, 0, 0, 0); }\n',
    'both.h': '#include <Python.h>\nstatic void h(void) { PyType_FromMetaclass(0, 0, 0, 0); }\n',
  })
  const report = async (...args: readonly string[]) =>
    reportIn((await run(cwd, ['check', '-f', 'json', '--select', 'newer-than-target', ...args])).stdout)
  const own = await report()
  expect(own.targets).toEqual(['3.9', '3.12', 'abi3t'])
  expect(own.diagnostics.map(({ file, targets }) => [file, targets])).toEqual([['both.h', ['3.9']]])
  expect((await report('-t', '3.9')).diagnostics.map(({ file }) => file)).toEqual(['both.h', 'new/new.c'])
  expect((await run(cwd, ['check', '--explain-target'])).stdout).toBe(
    'target 3.9, from `target` in abi3lint.toml:1:1\n' +
      'target 3.12, abi3t, from `target` in abi3lint.toml:4:1 for new/\n' +
      '  without that: 3.11, from the oldest Python that is still maintained\n',
  )
})

test('--explain-target says who says what', async () => {
  const cwd = folder({ 'a.c': bad, 'setup.py': 'setup(python_requires=">=3.8")\n' })
  const explain = async (...args: readonly string[]): Promise<string> =>
    (await run(cwd, ['check', '--explain-target', ...args])).stdout
  expect(await explain()).toBe('target 3.8, from the oldest Python in setup.py\n')
  writeFileSync(join(cwd, 'setup.py'), 'options = {"python_requires": ">=3.8"}\nsetup(**options)\n')
  expect(await explain()).toBe('target 3.8, from the oldest Python in setup.py\n')
  expect(await explain('-t', 'abi3t')).toBe(
    'target abi3t, from --target\n  without that: 3.8, from the oldest Python in setup.py\n',
  )
  writeFileSync(join(cwd, 'b.c'), '#define Py_LIMITED_API 0x030B0000\n#include <Python.h>\n')
  writeFileSync(join(cwd, 'c.c'), '#define Py_LIMITED_API 0x03090000\n#include <Python.h>\n')
  expect(await explain()).toBe(
    'target 3.9, from `Py_LIMITED_API` for a.c, c.c\ntarget 3.11, from `Py_LIMITED_API` for b.c\n',
  )
})

describe('what is kept from run to run', () => {
  const cached = (cwd: string): Promise<Outcome> =>
    run(cwd, ['check', '-q', '-f', 'concise'], { env: { HOME: join(scratch, 'home'), ABI3LINT_NO_CACHE: '' } })
  test('hangs on configurations, those that come and go among them', async () => {
    const cwd = folder({ '.git/HEAD': '', 'p/a.c': bad, 'base.toml': 'rules.unavailable-macro = "info"\n' })
    const directory = join(cwd, 'p')
    const severity = async (): Promise<string> => {
      const first = (await cached(directory)).stdout
      expect((await cached(directory)).stdout).toBe(first)
      return /(\w+)\[/.exec(first)?.[1] ?? 'off'
    }
    expect(await severity()).toBe('error')
    writeFileSync(join(cwd, 'pyproject.toml'), '[tool.abi3lint]\nrules.unavailable-macro = "warning"\n')
    expect(await severity()).toBe('warning')
    writeFileSync(join(directory, 'abi3lint.toml'), 'extends = "../base.toml"\n')
    expect(await severity()).toBe('info')
    writeFileSync(join(cwd, 'base.toml'), 'rules.unavailable-macro = "off"\n')
    expect(await severity()).toBe('off')
    unlinkSync(join(directory, 'abi3lint.toml'))
    expect(await severity()).toBe('warning')
    unlinkSync(join(cwd, 'pyproject.toml'))
    expect(await severity()).toBe('error')
    writeFileSync(join(cwd, 'abi3lint.toml'), 'rules.unavailable-makro = "off"\n')
    for (let turns = 0; turns < 2; turns++) expect((await cached(directory)).code).toBe(2)
  })
})

describe('config', () => {
  test('shows what counts for a file', async () => {
    const cwd = folder({
      'abi3lint.toml':
        'rules.private-name = "off"\n[[overrides]]\nfiles = ["b.c"]\nrules.private-name = "info"\ntarget = "3.12"\n',
      'a.c': bad,
      'b.c': bad,
    })
    const head = async (...args: readonly string[]): Promise<readonly string[]> =>
      (await run(cwd, ['config', 'show', ...args])).stdout.split('\n').slice(1, 3)
    expect(await head()).toEqual([
      expect.stringMatching(/^rules\.private-name = "off" +# abi3lint\.toml:1:7$/),
      '[[overrides]]: files = ["b.c"], target = ["3.12"], rules.private-name = "info"  # abi3lint.toml:2:1',
    ])
    expect(await head('b.c')).toEqual([
      'target = ["3.12"]            # abi3lint.toml:5:1',
      'rules.private-name = "info"  # abi3lint.toml:4:7',
    ])
    expect((await run(cwd, ['config', 'show', 'c.c'])).code).toBe(2)
  })

  test('checks those that are named', async () => {
    const cwd = folder({ 'a/abi3lint.toml': 'x = 1\n', 'b/abi3lint.toml': '', 'b/pyproject.toml': '[project]\n' })
    expect(await run(cwd, ['config', 'check', 'a/abi3lint.toml', 'b/abi3lint.toml', 'b/pyproject.toml'])).toEqual({
      code: 2,
      stdout: 'b/abi3lint.toml: no mistakes\nb/pyproject.toml: no configuration\n',
      stderr: expect.stringMatching(
        /^error: a\/abi3lint\.toml:1:1: unknown key `x`; known here are extends, target, .*\n$/,
      ),
    })
    expect(await run(cwd, ['config', 'check'])).toEqual({ code: 0, stdout: 'here: no configuration\n', stderr: '' })
  })

  test('prints the schema, which is in the package and takes every example', async () => {
    const { stdout } = await run(folder({}), ['config', 'schema'])
    expect(stdout).toBe(configSchema(rules, profiles))
    for (const file of ['./config/config.schema.json', '../dist/config.schema.json'])
      expect(readFileSync(new URL(file, import.meta.url), 'utf8')).toBe(stdout)
    const validate = new Ajv2020({ allErrors: true }).compile(JSON.parse(stdout) as object)
    for (const { example } of keys) expect([validate(parse(example)), validate.errors]).toEqual([true, null])
    for (const { name, example } of overrideKeys) {
      const table = {
        overrides: [{ files: ['a'], ...parse(name === 'rules' ? example.replace('overrides.', '') : example) }],
      }
      expect([validate(table), validate.errors]).toEqual([true, null])
    }
    for (const wrong of [
      { tagret: '3.9' },
      { target: 3.9 },
      { rules: { x: 'off' } },
      { overrides: [{ target: '3.9' }] },
    ])
      expect(validate(wrong)).toBe(false)
  })

  test('has a page that is made of the same', () => {
    const page = readFileSync(new URL('../docs/configuration.md', import.meta.url), 'utf8')
    expect(page).toBe(configurationPage())
  })
})

describe('init', () => {
  test('writes a configuration that is right, once, and shows what else to write', async () => {
    const cwd = folder({ 'a.c': bad, 'pyproject.toml': '[project]\nrequires-python = ">=3.9"\n' })
    expect((await run(cwd, ['init'], { alone: true })).stderr).toMatch(/^error: init asks before it writes/)
    expect(existsSync(join(cwd, 'abi3lint.toml'))).toBe(false)
    const { code, stdout } = await run(cwd, ['init', '--yes'])
    expect([code, stdout]).toEqual([0, expect.stringContaining('abi3lint.toml is written.\n')])
    for (const word of ['- id: abi3lint', 'npx abi3lint', '[tool.abi3lint]']) expect(stdout).toContain(word)
    expect(readFileSync(join(cwd, 'abi3lint.toml'), 'utf8')).toMatch(/^# target = "3\.9"$/m)
    expect((await run(cwd, ['config', 'check'])).stdout).toBe('abi3lint.toml: no mistakes\n')
    expect((await run(cwd, ['init', '--yes'])).stderr).toMatch(/^error: abi3lint\.toml is there already/)
  })

  test('writes the target down where nothing else tells it', async () => {
    const cwd = folder({ 'a.c': bad })
    mkdirSync(join(cwd, 'sub'))
    await run(cwd, ['init', '--yes'])
    expect(parse(readFileSync(join(cwd, 'abi3lint.toml'), 'utf8'))).toEqual({ target: '3.11' })
    expect((await run(join(cwd, 'sub'), ['init', '-y'])).code).toBe(0)
  })
})
