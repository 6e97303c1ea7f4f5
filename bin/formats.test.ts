import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from 'sarif'
import { afterAll, expect, test } from 'vitest'
import { bad } from '../fixtures/checked.ts'
import { folder, run, scratch } from '../fixtures/command-line.ts'
import { formats } from '../reports/index.ts'

/** Reports as the program writes them: what needs the text of files, files of GitHub's, options. */

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const use = (at: number): string => `void *f${at}(PyObject *a) { return PyTuple_GET_ITEM(a, ${at}); }\n`
const uses = (times: number): string =>
  `#include <Python.h>\n${Array.from({ length: times }, (_, at) => use(at)).join('')}`

test('SARIF and rdjson hold the fix, and what the text alone tells', async () => {
  const cwd = folder({
    'a.c': '#include <Python.h>\nvoid *f(PyObject *a) { /* é */ return PyTuple_GET_ITEM(a, 0); }\n',
  })
  await run(cwd, ['-f', 'sarif=r.sarif,rdjson=r.json'])
  const sarif = JSON.parse(readFileSync(join(cwd, 'r.sarif'), 'utf8')) as Log
  const [result] = sarif.runs[0]!.results!
  expect(result!.partialFingerprints!.primaryLocationLineHash).toMatch(/^[\da-f]+:1$/)
  expect(result!.fixes![0]!.artifactChanges[0]!.replacements[0]).toMatchObject({
    deletedRegion: { startLine: 2, startColumn: 39 },
    insertedContent: { text: expect.stringMatching(/^PyTuple_GetItem/) },
  })
  const { diagnostics } = JSON.parse(readFileSync(join(cwd, 'r.json'), 'utf8')) as { diagnostics: readonly object[] }
  expect(diagnostics).toMatchObject([{ suggestions: [{ range: { start: { line: 2, column: 40 } } }] }])
})

test('-f full groups, --no-group does not, and what was kept of the one is not said for the other', async () => {
  const cwd = folder({ 'a.c': uses(6) })
  const env = { ABI3LINT_NO_CACHE: '' }
  const blocks = async (...args: readonly string[]): Promise<number> =>
    (await run(cwd, [...args, '--cache-dir', 'kept'], { env })).stdout.match(/^error\[/gm)!.length
  expect([await blocks(), await blocks('--no-group'), await blocks(), await blocks('--no-group')]).toEqual([3, 6, 3, 6])
  const { stdout } = await run(cwd, [])
  expect(stdout.match(/^a\.c:\d+:\d+: error\[/gm)).toHaveLength(3)
  expect(stdout).toContain('\nMost frequent: PyTuple_GET_ITEM (6).\n')
})

test('-f github adds a summary to what the step has written, and is no reason to fail where it cannot', async () => {
  const cwd = folder({ 'a.c': bad, 'summary.md': 'before\n' })
  const summary = join(cwd, 'summary.md')
  const env = { GITHUB_STEP_SUMMARY: summary }
  const written = () => readFileSync(summary, 'utf8')
  expect(await run(cwd, ['-f', 'concise'], { env })).toMatchObject({ code: 1 })
  expect(written()).toBe('before\n')
  expect(await run(cwd, ['-f', 'github'], { env })).toMatchObject({ code: 1, stderr: '' })
  expect(written()).toMatch(/^before\n## abi3lint\n\nFound 1 error in 1 of 1 file\./)
  const once = written().length
  await run(cwd, ['-f', 'concise', '-f', 'github=log.txt'], { env })
  expect(written()).toHaveLength(2 * once - 'before\n'.length)

  writeFileSync(summary, 'x'.repeat(1024 * 1024))
  const full = await run(cwd, ['-f', 'github', '--exit-zero'], { env })
  expect([full.code, full.stderr]).toEqual([
    0,
    expect.stringMatching(/has no room for the job summary: GitHub takes 1 MiB\n$/),
  ])
  expect(written()).toHaveLength(1024 * 1024)
  mkdirSync(join(cwd, 'directory'))
  const none = await run(cwd, ['-f', 'github', '--exit-zero'], { env: { GITHUB_STEP_SUMMARY: join(cwd, 'directory') } })
  expect([none.code, none.stderr]).toEqual([0, expect.stringContaining('is no file: the job summary is left out')])
})

test('a summary is written where the report itself was kept, too', async () => {
  const cwd = folder({ 'a.c': bad })
  const env = { GITHUB_STEP_SUMMARY: join(cwd, 'summary.md'), ABI3LINT_NO_CACHE: '' }
  const args = ['-f', 'github', '--cache-dir', 'kept', 'a.c']
  const first = await run(cwd, args, { env })
  const text = readFileSync(join(cwd, 'summary.md'), 'utf8')
  expect(await run(cwd, args, { env })).toEqual(first)
  expect(readFileSync(join(cwd, 'summary.md'), 'utf8')).toBe(text + text)
})

test('the help names every format', async () => {
  const { stdout } = await run(folder({}), ['check', '--help'])
  for (const [name, { summary }] of Object.entries(formats))
    expect(stdout).toContain(`  ${name.padEnd(10)}  ${summary}\n`)
})

test('every format is written at once, each into a file', async () => {
  const cwd = folder({ 'a.c': uses(5) })
  const names = Object.keys(formats)
  expect(await run(cwd, ['-f', names.map((name) => `${name}=out.${name}`).join(','), '--exit-zero'])).toMatchObject({
    code: 0,
    stdout: '',
  })
  for (const name of names) expect(readFileSync(join(cwd, `out.${name}`), 'utf8')).toContain('PyTuple_GET_ITEM')
})
