import { spawn, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { flaw, head } from '../fixtures/checked.ts'
import { folder, isWindows, type Outcome, program, root, run, scratch } from '../fixtures/command-line.ts'
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
    ['of a secret that is broken', () => truncateSync(join(home, 'abi3lint/secret'), 3)],
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
    expect(statSync(join(home, 'abi3lint/secret')).size).toBe(32)
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
    if (isWindows) return
    const modes = readdirSync(join(cwd, name)).map((each) => statSync(join(cwd, name, each)).mode & 0o044)
    expect(modes.sort()).toEqual([0, 0o044, 0o044])
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

describe('whoever is at home', () => {
  test('the secret is nowhere in the repository', async () => {
    const cwd = folder({ ...sources, '.git/HEAD': '' })
    for (const env of [
      { HOME: '', LOCALAPPDATA: '', XDG_CACHE_HOME: '' },
      { HOME: 'home', LOCALAPPDATA: 'home', XDG_CACHE_HOME: 'home' },
      { XDG_CACHE_HOME: join(cwd, 'mine'), LOCALAPPDATA: join(cwd, 'mine') },
    ])
      await cached(cwd, [], env)
    expect(readdirSync(cwd).sort()).toEqual(['.git', 'a.c', 'a.h'])
  })

  test('nothing is made where there is no place for the secret', async () => {
    const cwd = folder(sources)
    const file = join(folder({ file: '' }), 'file')
    await cached(cwd, [], { XDG_CACHE_HOME: file, LOCALAPPDATA: file })
    expect(readdirSync(cwd).sort()).toEqual(['a.c', 'a.h'])
  })

  test.skipIf(isWindows || process.getuid!() !== 0)('nothing is kept for a user that has no home', () => {
    for (const made of [folder(sources), folder({ ...sources, '.git/HEAD': '' })]) {
      chmodSync(scratch, 0o755)
      chmodSync(made, 0o777)
      const words = [program, 'check', '-t', '3.9', '-f', 'concise']
      const options = { cwd: made, env: { PATH: process.env.PATH ?? '' }, uid: 54_321, encoding: 'utf8' } as const
      const { status, stderr } = spawnSync(process.execPath, words, options)
      expect([status, stderr]).toEqual([1, ''])
      expect(existsSync(join(made, name))).toBe(false)
    }
  })
})

describe('a directory that is named', () => {
  test('is left alone where it holds anything else', async () => {
    const cwd = folder({ ...sources, 'mine/a.txt': '', 'tagged/CACHEDIR.TAG': 'Signature: 0\n', '.git/HEAD': '' })
    for (const directory of ['.', 'mine', 'tagged', 'mine/a.txt'])
      expect(await cached(cwd, ['--cache-dir', directory])).toEqual(await anew(cwd, []))
    expect(readdirSync(cwd).sort()).toEqual(['.git', 'a.c', 'a.h', 'mine', 'tagged'])
    expect(readdirSync(join(cwd, 'mine'))).toEqual(['a.txt'])
    expect(readdirSync(join(cwd, 'tagged'))).toEqual(['CACHEDIR.TAG'])
    expect((await cached(cwd, ['clean', '--cache-dir', 'tagged'])).code).toBe(2)
    expect(readdirSync(join(cwd, 'tagged'))).toEqual(['CACHEDIR.TAG'])
  })

  test('is made again of what a run has left that was killed as it made it', async () => {
    const cwd = folder({ ...sources, 'kept/.gitignore': '*\n', [`kept/${'a'.repeat(24)}.new`]: '' })
    await cached(cwd, ['--cache-dir', 'kept'])
    expect(entries(join(cwd, 'kept')).size).toBe(1)
  })
})

test('an empty directory is told of as it was named', async () => {
  const cwd = folder({ ...sources, 'b/c.txt': '' })
  for (const path of ['b', './b', 'b/']) expect(await cached(cwd, [path])).toEqual(await anew(cwd, [path]))
})

test.skipIf(isWindows)('an entry is followed nowhere', async () => {
  const cwd = folder(sources)
  const first = await cached(cwd, [])
  const [entry] = entries(join(cwd, name)).keys()
  const elsewhere = join(cwd, 'elsewhere')
  renameSync(join(cwd, name, entry!), elsewhere)
  symlinkSync(elsewhere, join(cwd, name, entry!))
  const { mtimeMs } = statSync(elsewhere)
  expect(await cached(cwd, [])).toEqual(first)
  expect(statSync(elsewhere).mtimeMs).toBe(mtimeMs)
  expect(lstatSync(join(cwd, name, entry!)).isFile()).toBe(true)
})

test.skipIf(isWindows)('on a full disk nothing is left', async () => {
  const cwd = folder(sources)
  const own = join(cwd, 'home')
  const words = ['-c', 'trap "" XFSZ; ulimit -f 0; exec "$@"', 'sh', process.execPath, program, 'check', '-t', '3.11']
  const env = { PATH: process.env.PATH ?? '', XDG_CACHE_HOME: own }
  for (const more of [[], ['--cache-dir', 'kept']]) spawnSync('sh', [...words, ...more], { cwd, env })
  const files = readdirSync(cwd, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  expect(files.map((entry) => entry.name).sort()).toEqual(['a.c', 'a.h'])
})

test('of many entries those are kept that were used last', async () => {
  const cwd = folder(sources)
  await cached(cwd, ['a.c'])
  for (let index = 0; index < 1100; index++) {
    const entry = join(cwd, name, index.toString(16).padStart(64, '0'))
    writeFileSync(entry, '')
    utimesSync(entry, 1e9 + index, 1e9 + index)
  }
  await cached(cwd, ['a.h'])
  const left = entries(join(cwd, name))
  expect(left.size).toBe(1000)
  expect(left.has((101).toString(16).padStart(64, '0'))).toBe(false)
  expect(left.has((102).toString(16).padStart(64, '0'))).toBe(true)
})

test('clean says what it cannot delete, and that again until it can', async () => {
  const cwd = folder(sources)
  await cached(cwd, [])
  const stuck = join(cwd, name, 'b'.repeat(64))
  mkdirSync(stuck)
  for (let times = 0; times < 2; times++) {
    const { code, stdout, stderr } = await cached(cwd, ['clean'])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(`cannot be cleaned: ${'b'.repeat(64)}: `)
  }
  rmSync(stuck, { recursive: true })
  expect((await cached(cwd, ['clean'])).code).toBe(0)
  expect(existsSync(join(cwd, name))).toBe(false)
})

describe('nothing is kept', () => {
  const dist = join(scratch, 'rebuilt/dist')
  /** Runs a copy of the program, and does something when it has begun to report and waits for its reader. */
  const during = async (cwd: string, meanwhile: () => void): Promise<number> => {
    const words = [join(dist, 'abi3lint.js'), 'check', '-t', '3.9', '-f', 'json']
    const child = spawn(process.execPath, words, { cwd, env: { PATH: process.env.PATH ?? '', XDG_CACHE_HOME: home } })
    await new Promise((resolve) => child.stdout.once('readable', resolve))
    meanwhile()
    child.stdout.resume()
    await new Promise((resolve) => child.once('close', resolve))
    return entries(join(cwd, name)).size
  }
  const large = { 'a.c': head + flaw.repeat(3000) }

  test('of files that were changed meanwhile, though they are as they were, or by a program that was', async () => {
    cpSync(join(root, 'dist'), dist, { recursive: true, filter: (path) => !path.endsWith('types') })
    writeFileSync(join(dist, '../package.json'), '{"type": "module"}')
    const cwd = folder(large)
    const source = join(cwd, 'a.c')
    const meanwhile = (): void => {
      const text = readFileSync(source)
      writeFileSync(source, head)
      writeFileSync(source, text)
    }
    expect(await during(cwd, meanwhile)).toBe(0)
    expect(await during(cwd, () => writeFileSync(join(dist, 'build-id'), 'another'))).toBe(0)
    const gone = readdirSync(dist).find((each) => /^program-\w+\.cjs$/.test(each))!
    expect(await during(cwd, () => renameSync(join(dist, gone), join(dist, 'away')))).toBe(0)
    renameSync(join(dist, 'away'), join(dist, gone))
    expect(await during(cwd, () => undefined)).toBe(1)
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
