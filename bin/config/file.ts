import { parse, TomlError, type TomlTable } from 'smol-toml'
import { reason } from '../../analyzer/store/reason.ts'
import { ConfigError } from '../exit.ts'
import type { ConfigFiles } from './config-files.ts'
import { isPyproject } from './find.ts'
import { faultsIn, keys } from './keys.ts'
import { lineAndColumn, type TomlPath, tomlPlaces } from './toml-places.ts'

/** A file with a configuration, in which every key is known and has a value that it may have. */
export interface ConfigFile {
  /** Absolute. */
  readonly path: string
  /** As messages show it. */
  readonly name: string
  readonly table: Readonly<TomlTable>
  /** Where something stands in it: `abi3lint.toml:7:1`. */
  at(path: TomlPath): string
}

/** A longer text is no configuration. */
const largest = 1 << 20

/**
 * Reads a file with a configuration.
 * @param name as messages show it
 * @returns null for a `pyproject.toml` that has none
 * @throws ConfigError that tells all that is wrong with it
 */
export function readConfigFile(path: string, name: string, files: ConfigFiles): ConfigFile | null {
  const text = textOf(path, name, files)
  const whole = tableOf(text, name)
  const prefix = isPyproject(path) ? ['tool', 'abi3lint'] : []
  const table = prefix.reduce<unknown>((value, key) => (isTable(value) ? value[key] : undefined), whole)
  if (table === undefined) return null
  let places: ReturnType<typeof tomlPlaces> | null = null
  const at = (within: TomlPath): string => {
    places ??= tomlPlaces(text)
    const { line, column } = lineAndColumn(text, nearest(places, [...prefix, ...within]))
    return `${name}:${line}:${column}`
  }
  if (!isTable(table)) throw new ConfigError([`${at([])}: \`tool.abi3lint\` should be a table`])
  const faults = faultsIn(table, keys)
  if (faults.length > 0) throw new ConfigError(faults.map(({ path: to, message }) => `${at(to)}: ${message}`))
  return { path, name, table, at }
}

/** The offset of something, or of what it is in. */
function nearest(places: ReturnType<typeof tomlPlaces>, path: TomlPath): number {
  for (let length = path.length; length > 0; length--) {
    const offset = places(path.slice(0, length))
    if (offset !== null) return offset
  }
  return 0
}

/** Whether a value of TOML is a table. */
export const isTable = (value: unknown): value is TomlTable =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)

function textOf(path: string, name: string, files: ConfigFiles): string {
  let bytes: Buffer
  try {
    bytes = files.read(path, largest)
  } catch (error) {
    throw new ConfigError([`${name}: cannot be read: ${reason(error)}`])
  }
  try {
    // Without the mark that some editors put first.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new ConfigError([`${name}: is not UTF-8, which TOML has to be`])
  }
}

function tableOf(text: string, name: string): TomlTable {
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const what = error.message.split('\n')[0]!.replace(/^Invalid TOML document: /, '')
    throw new ConfigError([`${name}:${error.line}:${error.column}: is no TOML: ${what}`])
  }
}
