import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Severity } from '../../analyzer/check/diagnostic.ts'
import { systemPath } from '../../analyzer/store/system-path.ts'
import { ConfigError } from '../exit.ts'
import { wouldBe } from '../places.ts'
import { type ConfigFiles, onDisk } from './config-files.ts'
import { type ConfigFile, readConfigFile } from './file.ts'
import { configNames } from './names.ts'
import { namesBelow } from './names-below.ts'
import { shownName } from './shown-name.ts'
import type { TomlPath } from './toml-places.ts'

/** A value, and where it is said: `abi3lint.toml:7:1`. */
export interface Said<T> {
  readonly value: T
  readonly at: string
}

/** How severe findings of a rule are made. */
export type RuleSeverity = Severity | 'off'

/** A pattern of names of files, and where it is said. */
export interface SaidPattern extends Said<string> {
  readonly key: 'exclude' | 'files'
}

/** What is different for some files. */
export interface Override {
  readonly at: string
  readonly patterns: readonly string[]
  readonly rules: ReadonlyMap<string, Said<RuleSeverity>>
  readonly targets: Said<readonly string[]> | null
  /** Whether it is for a file. @param path by its real path */
  has(path: string): boolean
}

/** What the configuration of a project says; null for what it does not say. */
export interface Configuration {
  /** The file that owns the project, as messages show it. */
  readonly name: string
  /** The directory that names in patterns are below, by its real path. */
  readonly root: string
  /** All files that were read, as messages show them. */
  readonly files: readonly string[]
  readonly targets: Said<readonly string[]> | null
  readonly headers: Said<string> | null
  readonly select: readonly Said<string>[] | null
  readonly ignore: readonly Said<string>[] | null
  readonly rules: ReadonlyMap<string, Said<RuleSeverity>>
  readonly exclude: Said<readonly string[]> | null
  /** Those of `exclude` and of overrides that stand in the file itself, one by one. */
  readonly patterns: readonly SaidPattern[]
  /** Absolute. */
  readonly includeDirectories: readonly Said<string>[]
  readonly definitions: ReadonlyMap<string, Said<string | null>>
  /** Absolute. */
  readonly compileCommands: Said<string> | null
  readonly overrides: readonly Override[]
  /** All that it says, as plain data: what was found out with another configuration is not taken for this one. */
  readonly identity: unknown
  /** What its files say, wherever they are. */
  readonly tables: unknown
}

/**
 * Reads a configuration, with those that it goes on from.
 * @param root the directory that names in patterns are below, by its real path
 * @param current the current directory, by its real path
 * @param from where files are read
 * @returns null for a `pyproject.toml` that has none
 * @throws ConfigError for what is wrong with any of them
 */
export function readConfiguration(
  path: string,
  root: string,
  current: string,
  from: ConfigFiles = onDisk,
): Configuration | null {
  const layers = readLayers(path, current, from)
  if (layers === null) return null
  const own = layers.at(-1)!
  const last = (key: string): ConfigFile | null => layers.findLast(({ table }) => key in table) ?? null
  const said = <T>(key: string, read: (value: unknown, file: ConfigFile) => T): Said<T> | null => {
    const file = last(key)
    return file && { value: read(file.table[key], file), at: file.at([key]) }
  }
  const each = (key: string): readonly Said<string>[] | null => {
    const file = last(key)
    return file && texts(file.table[key]).map((value, index) => ({ value, at: file.at([key, index]) }))
  }
  const fromFile = ({ path: file }: ConfigFile, value: string): string => resolve(dirname(file), value)
  const directories = last('include-directories')
  return {
    name: own.name,
    root,
    files: layers.map(({ name }) => name),
    targets: said('target', texts),
    headers: said('headers', String),
    select: each('select'),
    ignore: each('ignore'),
    rules: new Map(layers.flatMap((file) => severitiesIn(file, ['rules'], file.table.rules))),
    exclude: said('exclude', texts),
    patterns: patternsIn(own),
    includeDirectories: (each('include-directories') ?? []).map(({ value, at }) => ({
      value: fromFile(directories!, value),
      at,
    })),
    definitions: definitionsOf(last('define'), last('undefine')),
    compileCommands: said('compile-commands', (value, file) => fromFile(file, String(value))),
    overrides: layers.flatMap((file) => overridesIn(file, root)),
    identity: [root, layers.map(({ path: file, table }) => [file, table])],
    tables: layers.map(({ table }) => table),
  }
}

/** The files of a configuration, those that it goes on from first; null for a `pyproject.toml` that has none. */
function readLayers(path: string, current: string, from: ConfigFiles): readonly ConfigFile[] | null {
  const layers: ConfigFile[] = []
  const open: string[] = []
  const add = (file: string, by: string | null): boolean => {
    const real = wouldBe(file)
    if (open.includes(real)) {
      const circle = [...open.slice(open.indexOf(real)), real].map((each) => shownName(each, current))
      throw new ConfigError([`${by}: \`extends\` goes in a circle: ${circle.join(' -> ')}`])
    }
    if (open.length >= deepest) throw new ConfigError([`${by}: \`extends\` goes through more than ${deepest} files`])
    open.push(real)
    // What cannot be read is told where it is named.
    const read =
      by === null ? readConfigFile(file, shownName(file, current), from) : readExtended(file, by, current, from)
    if (read === null) return false
    const others = texts(read.table.extends)
    const isOne = typeof read.table.extends === 'string'
    for (const [index, other] of others.entries()) {
      const at = read.at(isOne ? ['extends'] : ['extends', index])
      refuseNoFile(other, resolve(dirname(file), other), at)
      add(resolve(dirname(file), other), at)
    }
    layers.push(read)
    open.pop()
    return true
  }
  return add(path, null) ? layers : null
}

/** @throws ConfigError for what `extends` cannot name: an address, a directory */
function refuseNoFile(given: string, path: string, at: string): void {
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(given))
    throw new ConfigError([`${at}: \`extends\` names the address ${given}: nothing is fetched; keep a copy in a file`])
  if (statSync(systemPath(path), { throwIfNoEntry: false })?.isDirectory() !== true) return
  const file = configNames.find((name) => existsSync(systemPath(join(path, name))))
  const advice = file === undefined ? 'name a file in it' : `did you mean ${given.replace(/\/$/, '')}/${file}?`
  throw new ConfigError([`${at}: \`extends\` names ${given}, which is a directory; ${advice}`])
}

/** So many files may go on from each other. */
const deepest = 16

function readExtended(file: string, by: string, current: string, from: ConfigFiles): ConfigFile {
  const name = shownName(file, current)
  try {
    const read = readConfigFile(file, name, from)
    if (read !== null) return read
  } catch (error) {
    if (!(error instanceof ConfigError) || !error.lines[0]!.startsWith(`${name}: cannot be read`)) throw error
    throw new ConfigError([`${by}: \`extends\` names ${error.lines[0]!.replace(': cannot', ', which cannot')}`])
  }
  throw new ConfigError([`${by}: \`extends\` names ${name}, which has no \`[tool.abi3lint]\``])
}

/** The strings of a value that is one, a list of them or missing. */
function texts(value: unknown): readonly string[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value.map(String) : [String(value)]
}

function patternsIn(file: ConfigFile): SaidPattern[] {
  const all = (key: SaidPattern['key'], path: TomlPath, value: unknown): SaidPattern[] =>
    texts(value).map((each, index) => {
      const at = file.at(Array.isArray(value) ? [...path, key, index] : [...path, key])
      return { key, value: each, at }
    })
  const tables = (file.table.overrides ?? []) as readonly Readonly<Record<string, unknown>>[]
  return [
    ...all('exclude', [], file.table.exclude),
    ...tables.flatMap((table, index) => all('files', ['overrides', index], table.files)),
  ]
}

function severitiesIn(file: ConfigFile, path: TomlPath, table: unknown): [string, Said<RuleSeverity>][] {
  return Object.entries((table ?? {}) as Readonly<Record<string, RuleSeverity>>).map(([rule, value]) => [
    rule,
    { value, at: file.at([...path, rule]) },
  ])
}

function definitionsOf(
  define: ConfigFile | null,
  undefine: ConfigFile | null,
): ReadonlyMap<string, Said<string | null>> {
  const defined = texts(define?.table.define).map((each, index): [string, Said<string | null>] => {
    const equals = each.indexOf('=')
    const value = equals < 0 ? '1' : each.slice(equals + 1)
    return [equals < 0 ? each : each.slice(0, equals), { value, at: define!.at(['define', index]) }]
  })
  const undefined_ = texts(undefine?.table.undefine).map((each, index): [string, Said<string | null>] => [
    each,
    { value: null, at: undefine!.at(['undefine', index]) },
  ])
  return new Map([...defined, ...undefined_])
}

function overridesIn(file: ConfigFile, root: string): readonly Override[] {
  const tables = (file.table.overrides ?? []) as readonly Readonly<Record<string, unknown>>[]
  return tables.map((table, index) => {
    const path = ['overrides', index]
    const patterns = texts(table.files)
    return {
      at: file.at(path),
      patterns,
      rules: new Map(severitiesIn(file, [...path, 'rules'], table.rules)),
      targets: 'target' in table ? { value: texts(table.target), at: file.at([...path, 'target']) } : null,
      has: namesBelow(root, patterns),
    }
  })
}
