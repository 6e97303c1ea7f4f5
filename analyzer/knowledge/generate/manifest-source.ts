import { execFile, execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { parse } from 'smol-toml'
import { debianDownload, defaultCache, fetchHeaders, headerVersions, progress } from '../../../fixtures/headers.ts'
import { type Minor, versionHex } from '../version.ts'

/**
 * CPython's manifest of the stable ABI, `Misc/stable_abi.toml`, out of Debian's source packages; and the words of the
 * headers, for what the manifest does not say.
 */

const run = promisify(execFile)

/** Debian's source packages of CPython that may hold the manifest, newest first, each with a suite that has it. */
const packages = [
  ['python3.15', 'sid'],
  ['python3.14', 'sid'],
  ['python3.13', 'trixie'],
] as const

export const itemKinds = ['function', 'data', 'macro', 'const', 'typedef', 'struct'] as const
export type ItemKind = (typeof itemKinds)[number]

/** One entry of the manifest. */
export interface Item {
  readonly name: string
  readonly kind: ItemKind
  readonly added: Minor
  readonly abiOnly: boolean
  /** The macro without which it does not exist; empty for most. */
  readonly platform: string
  /** Of a struct how much of it can be used; empty for the rest. */
  readonly struct: '' | 'full-abi' | 'opaque' | 'members'
  /** The fields that can be used of a struct of the kind `members`. */
  readonly members: readonly string[]
}

export interface Manifest {
  /** Where it is from: `CPython 3.15.2`. */
  readonly origin: string
  /** The CPython version that it is of. */
  readonly version: Minor
  /** It came with a release, so that names may not be added for its own version any more. */
  readonly final: boolean
  readonly items: ReadonlyMap<string, Item>
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

function readItem(kind: ItemKind, name: string, fields: unknown): Item {
  if (typeof fields !== 'object' || fields === null) throw new Error(`${kind}.${name} is no table`)
  const { added, abi_only: only, ifdef, struct_abi_kind: struct, members } = fields as Readonly<Record<string, unknown>>
  const version = /^3\.(\d+)$/.exec(text(added))
  if (!version) throw new Error(`${kind}.${name} was added in ${String(added)}`)
  if (kind === 'struct' && struct !== 'full-abi' && struct !== 'opaque' && struct !== 'members') {
    throw new Error(`struct.${name} is of the kind ${String(struct)}`)
  }
  return {
    name,
    kind,
    added: Number(version[1]),
    abiOnly: only === true,
    platform: text(ifdef),
    struct: struct === 'full-abi' || struct === 'opaque' || struct === 'members' ? struct : '',
    members: Array.isArray(members) ? members.map(text) : [],
  }
}

/**
 * Reads a manifest.
 * @param release the CPython release that it came with, such as `3.15.2` or `3.15.0~rc1`; null for a manifest from
 * elsewhere, which is taken for an unfinished one of the newest version that it names
 * @throws Error where it holds what this check does not know
 */
export function readManifest(toml: string, release: string | null): Manifest {
  const items = new Map<string, Item>()
  for (const [kind, entries] of Object.entries(parse(toml))) {
    if (kind === 'feature_macro') continue
    const known = itemKinds.find((each) => each === kind)
    if (!known || typeof entries !== 'object') throw new Error(`the manifest has items of the unknown kind ${kind}`)
    for (const [name, fields] of Object.entries(entries)) {
      if (items.has(name)) throw new Error(`the manifest lists ${name} twice`)
      items.set(name, readItem(known, name, fields))
    }
  }
  if (items.size === 0) throw new Error('the manifest is empty')
  const newest = Math.max(...[...items.values()].map(({ added }) => added))
  const version = release === null ? newest : Number(/^3\.(\d+)/.exec(release)![1])
  const origin = release === null ? 'a file' : `CPython ${release}`
  return { origin, version, final: release !== null && /^[\d.]+$/.test(release), items }
}

/**
 * The manifest of the newest CPython source package that Debian's archive gives; kept in the
 * cache, and only it; remove `manifest` there to have it anew.
 */
export async function fetchManifest(cacheDir = defaultCache()): Promise<Manifest> {
  const failures: string[] = []
  for (const [name, suite] of packages) {
    const target = join(cacheDir, 'manifest', name)
    try {
      if (!existsSync(target)) await fetchFrom(name, suite, target, cacheDir)
      const release = await readFile(join(target, 'release'), 'utf8')
      return readManifest(await readFile(join(target, 'stable_abi.toml'), 'utf8'), release.trim())
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error))
      const said = failures.at(-1)!.split('\n').slice(0, 2).join(' ')
      progress(`manifest: none of ${name}: ${said}`)
    }
  }
  throw new Error(`no source package of CPython could be had:\n${failures.join('\n')}`)
}

async function fetchFrom(name: string, suite: string, target: string, cacheDir: string): Promise<void> {
  progress(`manifest: source package ${name} of Debian ${suite}`)
  await mkdir(dirname(target), { recursive: true })
  const work = await mkdtemp(`${target}-`)
  try {
    await debianDownload(suite, ['source', '--download-only', name], work, cacheDir)
    const archive = (await readdir(work)).find((file) => file.includes('.orig.tar.'))
    const release = archive && /_(3\.[^_]+)\.orig\.tar\./.exec(archive)
    if (!archive || !release) throw new Error(`apt-get downloaded no source of ${name}`)
    const wanted = ['--wildcards', '*/Misc/stable_abi.toml']
    const { stdout } = await run('tar', ['-xOf', join(work, archive), ...wanted], { maxBuffer: 1 << 26 })
    const root = join(work, 'kept')
    await mkdir(root)
    await writeFile(join(root, 'stable_abi.toml'), stdout)
    await writeFile(join(root, 'release'), `${release[1]}\n`)
    await rename(root, target)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** What the text of a version's public headers says of words, beyond what they declare. */
export interface HeaderWords {
  /** The word stands anywhere outside comments. */
  has(word: string): boolean
  /** The word stands in a macro or in the body of a function, that is elsewhere than in a declaration of its own. */
  used(word: string): boolean
  /** The preprocessor leaves the word in the code of a level of the Limited API, or defines it there as a macro. */
  atLevel(word: string, level: Minor): boolean
}

/** The words that a level of the Limited API sees: what it defines, and the code that is left. */
function wordsAt(level: Minor, include: string): ReadonlySet<string> {
  const input = ['Python.h', 'structmember.h'].map((name) => `#include "${name}"\n`).join('')
  const directories = [`-I${include}`, `-I${dirname(include)}`]
  const options = ['-E', '-dD', `-DPy_LIMITED_API=0x${versionHex(level).toString(16).padStart(8, '0')}`, ...directories]
  const output = execFileSync('gcc', [...options, '-x', 'c', '-'], { input, encoding: 'latin1', maxBuffer: 1 << 28 })
  const words = new Set<string>()
  for (const line of output.split('\n')) {
    const directive = /^#\s*define\s+(\w+)/.exec(line)
    if (directive) words.add(directive[1]!)
    else if (!line.startsWith('#')) for (const [word] of line.matchAll(/\b[A-Za-z_]\w*/g)) words.add(word)
  }
  return words
}

/** Reads the words of the headers of a version. */
export async function readHeaderWords(version: Minor): Promise<HeaderWords> {
  const known = headerVersions.find((each) => each === `3.${version}`)
  if (!known) throw new Error(`no headers of 3.${version} can be had`)
  const include = await fetchHeaders(known)
  const all = new Set<string>()
  const used = new Set<string>()
  for (const directory of [include, join(include, 'cpython')]) {
    for (const file of readdirSync(directory).filter((each) => each.endsWith('.h'))) {
      const code = readFileSync(join(directory, file), 'latin1')
        .replaceAll(/\/\*[\s\S]*?\*\//g, ' ')
        .replaceAll(/\/\/.*/g, '')
        .replaceAll('\\\n', ' ')
      for (const line of code.replaceAll(/^[ \t]*#[ \t]*(?:define|undef)[ \t]+\w+/gm, ' ').split('\n')) {
        const declares = /\bPy(?:API_FUNC|API_DATA|_DEPRECATED)\b|\bextern\b/.test(line)
        for (const [word] of line.matchAll(/\b[A-Za-z_]\w*/g)) {
          all.add(word)
          if (!declares) used.add(word)
        }
      }
    }
  }
  const levels = new Map<Minor, ReadonlySet<string>>()
  return {
    has: (word) => all.has(word),
    used: (word) => used.has(word),
    atLevel: (word, level) => {
      const known = levels.get(level) ?? wordsAt(level, include)
      levels.set(level, known)
      return known.has(word)
    },
  }
}
