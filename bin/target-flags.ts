import { Option } from 'commander'
import { parseTarget, type Target, withAllHeaders } from '../analyzer/knowledge/target.ts'
import { type Minor, newest, parseVersion } from '../analyzer/knowledge/version.ts'
import type { Configuration } from './config/configuration.ts'
import { UsageError } from './exit.ts'
import { overridesByFile } from './rule-selection.ts'

/** The flags of `targetOption` and `headersOption`. */
export interface TargetFlags {
  readonly target: readonly string[]
  readonly headers?: string
}

/** Adds values, with commas between them, to those before. */
export const collect = (value: string, before: readonly string[]): readonly string[] => [
  ...before,
  ...value
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean),
]

/** `--target`, of commands that check for several. */
export const targetOption = (): Option =>
  new Option('-t, --target <version>', '3.2 ... 3.15 or abi3t; several by repeating (default: what the project says)')
    .argParser(collect)
    .default([])

/** `--headers`, of the same. */
export const headersOption = (): Option =>
  new Option('--headers <version>', 'the CPython whose headers are assumed (default: all known from the level on)')

/**
 * The CPython whose headers are assumed, by the flag, else by the configuration; null where neither says it.
 * @throws UsageError for a version that is not known
 */
export function headersFrom(flags: Pick<TargetFlags, 'headers'>, configuration: Configuration | null): Minor | null {
  if (flags.headers === undefined) {
    const said = configuration?.headers ?? null
    return said && parseVersion(said.value)
  }
  const headers = parseVersion(flags.headers)
  if (headers === null) throw new UsageError(`--headers ${flags.headers}: known are 3.2 to 3.${newest}`)
  return headers
}

/**
 * The targets by the flag, else by the configuration, each with all headers that may be used; none where neither says
 * it.
 * @throws UsageError for what is no target
 */
export function targetsFrom(flags: TargetFlags, configuration: Configuration | null): Target[] {
  const texts = flags.target.length > 0 ? flags.target : (configuration?.targets?.value ?? [])
  return withHeaders(texts, headersFrom(flags, configuration))
}

/**
 * Gives the targets that the configuration has for a file alone, null for none; undefined where it has none for any, or
 * the flag says what all files are checked for.
 */
export function targetsOfFiles(
  flags: TargetFlags,
  configuration: Configuration | null,
): ((file: string) => readonly Target[] | null) | undefined {
  if (flags.target.length > 0 || !configuration?.overrides.some(({ targets }) => targets !== null)) return undefined
  const overridesOf = overridesByFile(configuration)
  const headers = headersFrom(flags, configuration)
  return (file) => {
    const own = overridesOf(file).findLast(({ targets }) => targets !== null)
    return own ? withHeaders(own.targets!.value, headers) : null
  }
}

/** @param headers null for all that may be used @throws UsageError for what is no target */
export const withHeaders = (texts: readonly string[], headers: Minor | null): Target[] =>
  [...new Set(texts)].flatMap((text) =>
    headers === null ? withAllHeaders(targetFrom(text)) : [targetFrom(text, headers)],
  )

/** @throws UsageError for what is no target */
export function targetFrom(text: string, headers: Minor | null = null): Target {
  const target = parseTarget(text, headers)
  if (target === null) throw new UsageError(`--target ${text}: known are 3.2 to 3.${newest}, and abi3t`)
  return target
}

/**
 * The level of abi3 that a build goes to: one.
 * @returns texts of targets, none where the project says it
 * @throws UsageError where several were named, or abi3t
 */
export function levelToPort(flags: TargetFlags, configuration: Configuration | null): readonly string[] {
  const levels = new Set(flags.target)
  if (levels.size > 1) throw new UsageError(`--target ${[...levels].join(', ')}: a build has one level`)
  if (levels.has('abi3t')) throw new UsageError('--target abi3t: port goes to a level of abi3, from 3.2 to 3.15')
  const said = configuration?.targets ?? null
  if (levels.size > 0 || said === null) return [...levels]
  const own = [...new Set(said.value)].filter((each) => each !== 'abi3t')
  if (own.length === 1) return own
  const what = own.length === 0 ? 'port goes to a level of abi3' : 'a build has one level'
  throw new UsageError(`${said.at}: \`target\` is ${said.value.join(', ')}: ${what}; pass --target`)
}
