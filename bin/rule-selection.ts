import type { Rule } from '../analyzer/check/rule.ts'
import { didYouMean } from './did-you-mean.ts'
import { UsageError } from './exit.ts'

/** Which rules are to run, by their names or those of profiles. */
export interface RuleSelection {
  /** Empty for all but those that run only where they are asked for. */
  readonly select: readonly string[]
  readonly ignore: readonly string[]
}

/**
 * The rules that are selected. They are loaded here: who has its answer already does without.
 * @throws UsageError for a name that is none
 */
export async function rulesOf({ select, ignore }: RuleSelection): Promise<readonly Rule[]> {
  const { rules } = await import('../rules/index.ts')
  const { profiles, selectedRules } = await import('../rules/profiles.ts')
  const names = [...profiles, ...rules].map(({ name }) => name)
  for (const name of [...select, ...ignore]) {
    if (!names.includes(name))
      throw new UsageError(`there is no rule ${name}; abi3lint rules lists them${didYouMean(name, names)}`)
  }
  return selectedRules(select, ignore)
}
