import { UsageError } from './exit.ts'
import type { VerifyOptions } from './verify/judges.ts'

/** The flags of `port` that say how it is verified. */
interface VerifyFlags {
  readonly verify: boolean
  readonly test?: string
  readonly python: readonly string[]
}

/** How a port is verified; null for not at all. @throws UsageError for what does not go together */
export function verifyFrom({ verify, test, python }: VerifyFlags): VerifyOptions | null {
  if (!verify && test === undefined) {
    if (python.length > 0) throw new UsageError('--python is for --verify and --test')
    return null
  }
  if (python.length > 1 && test?.includes('{python}') === false)
    throw new UsageError(`--test ${test}: {python} has to stand in it where there are several --python`)
  return { pythons: python, test: test ?? null }
}
