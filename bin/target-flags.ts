import { Option } from 'commander'
import { parseTarget, type Target, withAllHeaders } from '../analyzer/knowledge/target.ts'
import { type Minor, newest, parseVersion } from '../analyzer/knowledge/version.ts'
import { UsageError } from './exit.ts'

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

/** What `--headers` says; null where it is not given. @throws UsageError */
export function headersFrom(flags: { readonly headers?: string }): Minor | null {
  if (flags.headers === undefined) return null
  const headers = parseVersion(flags.headers)
  if (headers === null) throw new UsageError(`--headers ${flags.headers}: known are 3.2 to 3.${newest}`)
  return headers
}

/** Each of the targets, with the headers that are assumed with it. @throws UsageError */
export function targetsFrom(flags: TargetFlags): Target[] {
  const headers = headersFrom(flags)
  return [...new Set(flags.target)].flatMap((text) =>
    headers === null ? withAllHeaders(targetFrom(text)) : [targetFrom(text, headers)],
  )
}

/** One target. @throws UsageError where it is none */
export function targetFrom(text: string, headers: Minor | null = null): Target {
  const target = parseTarget(text, headers)
  if (target === null) throw new UsageError(`--target ${text}: known are 3.2 to 3.${newest}, and abi3t`)
  return target
}
