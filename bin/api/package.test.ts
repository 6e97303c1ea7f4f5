import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }

/** The built package as a project sees it that has installed it. */

const root = fileURLToPath(new URL('../..', import.meta.url))
const project = mkdtempSync(join(tmpdir(), 'abi3lint-package-'))
const run = promisify(execFile)

beforeAll(() => {
  mkdirSync(join(project, 'node_modules'))
  symlinkSync(root, join(project, 'node_modules', 'abi3lint'), 'junction')
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
})
afterAll(() => rmSync(project, { recursive: true, force: true }))

/** What a module of the project prints, as JSON. */
async function printed(code: string): Promise<unknown> {
  const file = join(project, 'main.js')
  writeFileSync(file, `${code}\n`)
  return JSON.parse((await run(process.execPath, [file], { cwd: project })).stdout) as unknown
}

const bad = '#include <Python.h>\nPyObject *f(PyObject *t) { return PyTuple_GET_ITEM(t, 0); }\n'

test('checks and fixes texts', async () => {
  const told = await printed(`
    import { open, parseTarget, version } from 'abi3lint'
    const workspace = await open(new Map([['spam.c', ${JSON.stringify(bad)}]]))
    const options = { targets: [parseTarget('3.12')] }
    const { run } = workspace.check(options)
    const { changes } = await workspace.fix(options)
    console.log(JSON.stringify([
      version, run.diagnostics.map(({ symbol }) => symbol), new TextDecoder().decode(changes.get('spam.c'))
    ]))`)
  expect(told).toEqual([manifest.version, ['PyTuple_GET_ITEM'], bad.replace('GET_ITEM', 'GetItem')])
})

test('checks files on the disk, in threads where there is much of them, and writes nothing', async () => {
  mkdirSync(join(project, 'src/include'), { recursive: true })
  const long = `/* ${'long '.repeat(80_000)}*/\n`
  writeFileSync(join(project, 'src/a.c'), `#include "b.h"\n${long}${bad}`)
  writeFileSync(join(project, 'src/c.c'), `${long}${bad}`)
  writeFileSync(join(project, 'src/include/b.h'), '#include <Python.h>\n')
  const told = await printed(`
    import { open } from 'abi3lint'
    const workspace = await open(['a.c', 'c.c', 'missing.c'], { root: 'src', jobs: 2 })
    const { run, chosen } = workspace.check()
    const { changes } = await workspace.fix()
    console.log(JSON.stringify([
      [...workspace.files].sort(), run.problems, run.diagnostics.map(({ file, line }) => [file, line]), chosen.source,
      [...changes.keys()].sort()
    ]))`)
  expect(told).toEqual([
    ['a.c', 'c.c', 'include/b.h'],
    [{ file: 'missing.c', message: 'cannot be read: there is no such file or directory', severity: 'error' }],
    [
      ['a.c', 4],
      ['c.c', 3],
    ],
    'the oldest Python that is still maintained',
    ['a.c', 'c.c'],
  ])
  expect(readFileSync(join(project, 'src/c.c'), 'utf8')).toBe(`${long}${bad}`)
}, 240_000)

test('has types for all of it, that need no others', async () => {
  const file = join(project, 'types.ts')
  writeFileSync(
    file,
    `import { type Located, open, parseTarget, rules, type Store, openWorkspace, type Workspace } from 'abi3lint'
import { open as openInBrowser } from 'abi3lint/browser'
const workspace: Workspace = await open(new Map([['a.c', new Uint8Array()]]), { paths: ['.'] })
const found: readonly Located[] = workspace.check({ targets: [parseTarget('3.9')!], rules }).run.diagnostics
export const first: string | undefined = found[0]?.message
const bytes: Uint8Array | undefined = (await workspace.rewrite('types')).changes.get('a.c')
await workspace.update(new Map([['a.c', bytes ?? null]]))
await open(['a.c'], { root: '/', jobs: 1 })
await openInBrowser(new Map(), { asset: async () => new Uint8Array() })
export const other = (store: Store): Promise<Workspace> => openWorkspace(store, ['a.c'])
// @ts-expect-error there is nothing else to rewrite
await workspace.rewrite('everything')
// @ts-expect-error there is no such option
workspace.check({ level: 9 })
`,
  )
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const strict = '--noEmit --strict --exactOptionalPropertyTypes --skipLibCheck false --target es2023 --lib es2023'
  for (const modules of ['--module nodenext', '--module esnext --moduleResolution bundler']) {
    const args = [tsc, ...strict.split(' '), ...modules.split(' '), '--types', '', file]
    await run(process.execPath, args, { cwd: project }).catch((error: { stdout: string }) => {
      throw new Error(error.stdout)
    })
  }
})

test('every file that the package names is there', () => {
  const named = (value: unknown): string[] =>
    typeof value === 'string' ? [value] : Object.values(value as Readonly<Record<string, unknown>>).flatMap(named)
  const files = named([manifest.exports, manifest.bin, manifest.types]).flatMap((path) =>
    path.includes('*') ? [path.replace('*', 'tree-sitter-c')] : [path],
  )
  expect(files.filter((path) => !existsSync(join(root, path)))).toEqual([])
})
