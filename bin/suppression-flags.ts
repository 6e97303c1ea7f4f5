import type { CheckOptions } from './commands/check.ts'
import { UsageError } from './exit.ts'

/** The flags of `check` that say what to do with what is found. */
interface WorkFlags {
  readonly select: readonly string[]
  readonly ignore: readonly string[]
  readonly defaultSelect: readonly string[]
  readonly fix: boolean
  readonly unsafeFixes: boolean
  readonly diff: boolean
  readonly addSuppressions?: string | true
  readonly ignoreSuppressions: boolean
}

/** What `check` is to do. @throws UsageError for what does not go together */
export function workFrom(flags: WorkFlags): CheckOptions['work'] {
  const { select, ignore, defaultSelect: usual, addSuppressions } = flags
  if (addSuppressions === undefined)
    return { kind: flags.fix || flags.diff ? 'fix' : 'check', select, ignore, usual, unsafe: flags.unsafeFixes }
  if (flags.fix || flags.unsafeFixes || flags.ignoreSuppressions)
    throw new UsageError('--add-suppressions goes neither with --fix nor with --ignore-suppressions')
  const reason = addSuppressions === true ? '' : addSuppressions
  if (/\*\/|[\r\n\0]|\\$/.test(reason)) throw new UsageError('--add-suppressions: the reason is one line without `*/`')
  return { kind: 'suppress', select, ignore, usual, reason }
}

/** Arguments in which `--add-suppressions` takes no word behind it for its reason: that is a path. */
export function withOwnReason(words: readonly string[]): string[] {
  const end = words.includes('--') ? words.indexOf('--') : words.length
  return words.map((word, index) => (word === '--add-suppressions' && index < end ? `${word}=` : word))
}
