import posix from 'path-browserify'
import { parse, type TomlTable } from 'smol-toml'
import { decode } from '../source/text.ts'
import type { BuildFile } from './build-file.ts'
import { buildText, type Span } from './build-text.ts'
import type { BuildLevel, LevelMacro } from './level-settings.ts'
import { type LevelValue, readLevel } from './level-value.ts'

interface Parsed {
  readonly table: TomlTable
  readonly error: string | null
}

const parsed = new WeakMap<BuildFile, Parsed>()

/** A `pyproject.toml` as data; empty where it is no TOML. */
export const toml = (file: BuildFile): TomlTable => parsedOf(file).table

/** Why the text of a `pyproject.toml` is no TOML, in one line; null where it is. */
export const tomlError = (file: BuildFile): string | null => parsedOf(file).error

function parsedOf(file: BuildFile): Parsed {
  let found = parsed.get(file)
  if (!found) {
    try {
      found = { table: parse(decode(file.text)), error: null }
    } catch (error) {
      found = { table: {}, error: (error as Error).message.split('\n')[0]! }
    }
    parsed.set(file, found)
  }
  return found
}

/** What stands at a path of keys; undefined where nothing does. */
export function at(table: unknown, ...keys: readonly string[]): unknown {
  let value: unknown = table
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[key]
  }
  return value
}

/** The strings in a value, in those that it holds too, in their order. */
export function stringsIn(value: unknown): string[] {
  const found: string[] = []
  const todo: unknown[] = [value]
  while (todo.length > 0) {
    const next = todo.pop()
    if (typeof next === 'string') found.push(next)
    else if (Array.isArray(next)) for (const each of next.toReversed()) todo.push(each)
  }
  return found
}

/** Where a string value stands, after a pattern that ends in its key; null where it does not. */
export function placeOf(file: BuildFile, key: string, value: string): Span | null {
  const { code } = buildText(file)
  const places = code.matchAll(new RegExp(`${key}["']?\\s*=\\s*["'](?!["'])`, 'g'))
  let looks = 0
  for (const { index, 0: before } of places) {
    const start = index + before.length
    const end = start + value.length
    if (code.startsWith(value, start) && /["']/.test(code.charAt(end))) return { start, end }
    // A key stands once in its table; the others are of other tables.
    if (++looks > mostKeys) break
  }
  return null
}

/** Places that a key may stand in, of which each is compared with a value as a whole. */
const mostKeys = 100

/** Where a key with a value that is no string stands, both together; null where it does not. */
export function keyPlace(file: BuildFile, key: string, value: string): Span | null {
  const match = new RegExp(`(?<![\\w-])${key}["']?\\s*=\\s*${value}(?![\\w-])`).exec(buildText(file).code)
  return match && { start: match.index, end: match.index + match[0].length }
}

/** The macros of `[[tool.setuptools.ext-modules]]`. */
export function pyprojectMacros(file: BuildFile): BuildLevel[] {
  const modules = at(toml(file), 'tool', 'setuptools', 'ext-modules')
  if (!Array.isArray(modules)) return []
  const { code } = buildText(file)
  const pair = /(["'])(D?)(Py_LIMITED_API|Py_TARGET_ABI3T)\1\s*(?:,\s*(["'])([^"'\n]*)\4)?/g
  return [...code.matchAll(pair)].map((match) => {
    const nameStart = match.index + 1
    const written = match[5]
    const misspelled = match[2] === '' ? null : `D${match[3]!}`
    const atName = misspelled !== null || written === undefined || written === ''
    const start = atName ? nameStart : match.index + match[0].length - 1 - written.length
    const value: LevelValue = written === undefined ? { kind: 'number', value: 1 } : readLevel(written)
    const end = start + (atName ? match[2]!.length + match[3]!.length : written.length)
    return { macro: match[3] as LevelMacro, file, start, end, value, written: 'macro' as const, region: -1, misspelled }
  })
}

/** The files, relative to that of a `pyproject.toml`, one of which is the backend that the project has itself. */
export function ownBackend(project: unknown): string[] {
  const backend = at(project, 'build-system', 'build-backend')
  if (typeof backend !== 'string') return []
  const path = backend.split(':')[0]!.replace(/\./g, '/')
  return stringsIn(at(project, 'build-system', 'backend-path')).flatMap((directory) =>
    [`${path}.py`, `${path}/__init__.py`].map((each) => posix.join(directory, each)),
  )
}
