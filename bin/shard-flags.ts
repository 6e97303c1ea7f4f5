import type { CheckOptions } from './commands/check.ts'
import { UsageError } from './exit.ts'

/** Which part of a run is to be told of. */
export type ShardNumber = NonNullable<CheckOptions['shard']>

/** The flags of `check` that matter for parts of runs. */
interface ShardedFlags {
  readonly shard?: string
  readonly fix: boolean
  readonly diff: boolean
  readonly addSuppressions?: string | true
  readonly baseline?: string | false
  readonly baselineStrict: boolean
  readonly diffBase?: string
}

/** More parts nobody needs. */
const mostParts = 999

/**
 * `--shard 2/4`.
 * @param outputs what is written, one of which has to be what parts are merged of
 * @returns null where the flag is not given
 * @throws UsageError for what it cannot mean, and for what is decided when all parts are there
 */
export function shardFrom(flags: ShardedFlags, outputs: CheckOptions['outputs']): ShardNumber | null {
  const text = flags.shard
  if (text === undefined) return null
  const [, number, count] = /^(\d{1,3})\/(\d{1,3})$/.exec(text)?.map(Number) ?? []
  if (number === undefined || count === undefined || number < 1 || number > count)
    throw new UsageError(`--shard ${text}: which part, and of how many, up to ${mostParts}: --shard 2/4`)
  if (flags.fix || flags.diff || flags.addSuppressions !== undefined)
    throw new UsageError('--shard is for checks that change nothing')
  if (flags.diffBase !== undefined) throw new UsageError('--shard and --diff-base: one of them')
  if (flags.baseline || flags.baselineStrict)
    throw new UsageError('--shard: what is known is told when all parts are there: pass that to `report merge`')
  if (!outputs.some(({ format }) => format === 'json'))
    throw new UsageError(`--shard ${text}: the parts are merged of -f json=FILE, which is missing`)
  return { number, count }
}
