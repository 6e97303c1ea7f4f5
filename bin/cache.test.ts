import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { flaw, head } from '../fixtures/checked.ts'
import { folder, isWindows, type Outcome, root, run, scratch } from '../fixtures/command-line.ts'
import { Random } from '../fixtures/torture/random.ts'

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const name = '.abi3lint_cache'
/** Where the secrets are: nobody's home is used by tests. */
const home = join(scratch, 'home')
const cached = (cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> =>
  run(cwd, args, { env: { HOME: home, LOCALAPPDATA: home, XDG_CACHE_HOME: home, ABI3LINT_NO_CACHE: '', ...env } })
const anew = (cwd: string, args: readonly string[]): Promise<Outcome> => run(cwd, args)

/** The entries of a cache, by name: their numbers on the disk, which stay as long as nobody writes them anew. */
const entries = (directory: string): ReadonlyMap<string, number> =>
  new Map(
    readdirSync(directory)
      .filter((each) => /^[0-9a-f]{64}$/.test(each))
      .map((each) => [each, statSync(join(directory, each)).ino]),
  )

const sources = { 'a.c': `${head}#include "a.h"\n${flaw}`, 'a.h': '#define TYPE(o) (o)->ob_type\n' }

describe('what is kept', () => {
  test('is said again, by any command that checks, and with each of its options', async () => {
    const cwd = folder(sources)
    for (const args of [
      [],
      ['-f', 'json'],
      ['-f', 'concise', '--select', 'errors'],
      ['-t', '3.9', '-t', 'abi3t', '-f', 'sarif'],
      ['-f', 'json=out.json'],
      ['a.c', '-f', 'github', '-D', 'X=1'],
      ['targets', '-f', 'json'],
      ['targets'],
    ]) {
      const first = await cached(cwd, args)
      const kept = entries(join(cwd, name))
      const written = args.includes('json=out.json') ? readFileSync(join(cwd, 'out.json'), 'utf8') : null
      rmSync(join(cwd, 'out.json'), { force: true })
      expect(await cached(cwd, args)).toEqual(first)
      expect(entries(join(cwd, name))).toEqual(kept)
      if (written !== null) expect(readFileSync(join(cwd, 'out.json'), 'utf8')).toBe(written)
      expect(first).toEqual(await anew(cwd, args))
    }
    // A report on stdout is as good for a file.
    expect(entries(join(cwd, name)).size).toBe(7)
  })

  test('says the same with --exit-zero, and counts for that alone', async () => {
    const cwd = folder(sources)
    const { stdout } = await cached(cwd, [])
    expect(await cached(cwd, ['--exit-zero'])).toEqual({ code: 0, stdout, stderr: '' })
    expect(entries(join(cwd, name)).size).toBe(1)
  })

  const changes: readonly [what: string, change: (cwd: string) => void][] = [
    ['a source', (cwd) => appendFileSync(join(cwd, 'a.c'), flaw)],
    ['a header', (cwd) => writeFileSync(join(cwd, 'a.h'), '#define Py_LIMITED_API 0x03070000\n')],
    ['a source that is new', (cwd) => writeFileSync(join(cwd, 'b.c'), head + flaw)],
    ['a source that is gone', (cwd) => unlinkSync(join(cwd, 'c.c'))],
    ['a header that is found first', (cwd) => writeFileSync(join(cwd, 'sub/b.h'), '#error\n')],
    ['a build file', (cwd) => writeFileSync(join(cwd, 'setup.py'), 'Extension("a", define_macros=[("a", "b")])\n')],
    ['what git ignores', (cwd) => writeFileSync(join(cwd, '.gitignore'), 'c.c\n')],
    ['what cannot be read', (cwd) => [unlinkSync(join(cwd, 'c.c')), mkdirSync(join(cwd, 'c.c'))]],
  ]
  test.each(changes)('hangs on %s', async (_, change) => {
    const cwd = folder({
      ...sources,
      'c.c': head + flaw,
      '.git/HEAD': '',
      'sub/d.c': `${head}#include "b.h"\n`,
      'b.h': '#define Spam_Type(o) ((o)->ob_type)\n',
    })
    await cached(cwd, ['-f', 'json'])
    change(cwd)
    const expected = await anew(cwd, ['-f', 'json'])
    expect(await cached(cwd, ['-f', 'json'])).toEqual(expected)
    expect(await cached(cwd, ['-f', 'json'])).toEqual(expected)
  })
})

describe('an entry', () => {
  const damages: readonly [what: string, damage: (entry: string) => void][] = [
    ['cut off', (entry) => truncateSync(entry, statSync(entry).size - 1)],
    ['empty', (entry) => truncateSync(entry, 0)],
    ['changed', (entry) => writeFileSync(entry, readFileSync(entry, 'latin1').replace('PyTuple', 'PyTupla'), 'latin1')],
    ['of another secret', () => rmSync(join(home, 'abi3lint/secret'))],
    ['a directory', (entry) => [rmSync(entry), mkdirSync(entry)]],
    [
      'of another name',
      (entry) =>
        renameSync(
          entry,
          entry.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')),
        ),
    ],
  ]
  test.each(damages)('is nothing where it is %s', async (_, damage) => {
    const cwd = folder(sources)
    const first = await cached(cwd, [])
    const [entry] = entries(join(cwd, name)).keys()
    damage(join(cwd, name, entry!))
    expect(await cached(cwd, [])).toEqual(first)
  })

  test('is not believed to another entry', async () => {
    const cwd = folder({ 'a.c': head + flaw, 'b.c': head })
    await cached(cwd, ['a.c'])
    const [bad] = entries(join(cwd, name)).keys()
    const good = await cached(cwd, ['b.c'])
    const other = [...entries(join(cwd, name)).keys()].find((each) => each !== bad)!
    cpSync(join(cwd, name, other), join(cwd, name, bad!))
    expect(await cached(cwd, ['a.c'])).toEqual(await anew(cwd, ['a.c']))
    expect(await cached(cwd, ['b.c'])).toEqual(good)
  })
})

describe('the directory', () => {
  test('is left out of git and of backups, and stands in the repository', async () => {
    const cwd = folder({ '.git/HEAD': '', 'src/a.c': head + flaw })
    await cached(join(cwd, 'src'), [])
    expect(readFileSync(join(cwd, name, '.gitignore'), 'utf8')).toBe('*\n')
    expect(readFileSync(join(cwd, name, 'CACHEDIR.TAG'), 'utf8')).toMatch(
      /^Signature: 8a477f597d28d172789f06886806bc55\n/,
    )
    expect(entries(join(cwd, name)).size).toBe(1)
    expect(existsSync(join(cwd, 'src', name))).toBe(false)
  })

  test('can be another one, which has its secret', async () => {
    const cwd = folder(sources)
    for (const [args, env] of [
      [['--cache-dir', 'kept/here'], {}],
      [[], { ABI3LINT_CACHE_DIR: 'kept/here' }],
    ] as const) {
      await cached(cwd, args, env)
      expect(entries(join(cwd, 'kept/here')).size).toBe(1)
    }
    expect(existsSync(join(cwd, 'kept/here/secret'))).toBe(true)
    expect(existsSync(join(cwd, name))).toBe(false)
  })

  test('is not made with --no-cache, nor with ABI3LINT_NO_CACHE', async () => {
    const cwd = folder(sources)
    await cached(cwd, ['--no-cache'])
    await cached(cwd, [], { ABI3LINT_NO_CACHE: '1' })
    expect(existsSync(join(cwd, name))).toBe(false)
  })

  test.skipIf(isWindows)('is not used where it is a link, a file, or nobody may write into it', async () => {
    const elsewhere = folder({})
    const asLink = folder(sources)
    symlinkSync(elsewhere, join(asLink, name))
    const asFile = folder({ ...sources, [name]: 'text' })
    expect(await cached(asLink, [])).toEqual(await anew(asLink, []))
    expect(readdirSync(elsewhere)).toEqual([])
    const expected = await anew(asFile, [])
    expect(await cached(asFile, [])).toEqual(expected)
    expect(readFileSync(join(asFile, name), 'utf8')).toBe('text')
    const locked = folder(sources)
    chmodSync(locked, 0o555)
    expect(await cached(locked, [])).toEqual(expected)
    chmodSync(locked, 0o755)
  })

  test('is emptied by clean, but for what is not its own', async () => {
    const cwd = folder(sources)
    expect(await cached(cwd, ['clean'])).toEqual({ code: 0, stdout: 'Nothing is kept.\n', stderr: '' })
    await cached(cwd, [])
    const { code, stdout } = await cached(cwd, ['clean'])
    expect([code, stdout.replace(/of .*[/\\]/, 'of ')]).toEqual([0, `Deleted 1 entry of ${name}.\n`])
    expect(existsSync(join(cwd, name))).toBe(false)
    const other = folder({ 'mine/a.txt': '', [`mine/${'a'.repeat(64)}`]: '' })
    const refused = await cached(other, ['clean', '--cache-dir', 'mine'])
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('it has no CACHEDIR.TAG')])
    expect(readdirSync(join(other, 'mine'))).toHaveLength(2)
  })
})

test('with a cache and without the same is said, whatever is edited', async () => {
  const cwd = folder({})
  for (const each of ['imported', 'shapes', 'included']) {
    const from = join(root, 'fixtures/rewrite-module', each)
    cpSync(from, join(cwd, each), { recursive: true })
  }
  const files = (): string[] =>
    readdirSync(cwd, { recursive: true, withFileTypes: true }).flatMap((entry) =>
      entry.isFile() && /\.(?:[ch]|py)$/.test(entry.name) ? [join(entry.parentPath, entry.name)] : [],
    )
  const random = new Random(1)
  const texts = new Map(files().map((file) => [file, readFileSync(file, 'utf8')]))
  const edits: Readonly<Record<string, (file: string) => void>> = {
    line(file) {
      const lines = readFileSync(file, 'utf8').split('\n')
      lines.splice(random.below(lines.length), random.below(2), random.pick(lines))
      writeFileSync(file, lines.join('\n'))
    },
    delete: (file) => unlinkSync(file),
    rename: (file) => renameSync(file, file.replace(/(\w)(\.\w+)$/, '$1_$2')),
    undo: () => {
      for (const [file, text] of texts) writeFileSync(file, text)
    },
    nothing: () => undefined,
  }
  expect(texts.size).toBeGreaterThan(5)
  for (let times = 0; times < 40; times++) {
    const what = random.pick(Object.keys(edits))
    if (files().length > 0) edits[what]!(random.pick(files()))
    const args = random.pick([
      ['-f', 'json'],
      ['-f', 'concise', '-t', 'abi3t'],
      ['-f', 'full', 'shapes'],
    ])
    expect([what, await cached(cwd, args)]).toEqual([what, await anew(cwd, args)])
  }
}, 60_000)
