import { resolve } from 'node:path'
import type { Severity } from '../analyzer/check/diagnostic.ts'
import type { Rule } from '../analyzer/check/rule.ts'
import { currentDirectory } from '../analyzer/store/places.ts'
import type { Configuration, Override } from './config/configuration.ts'
import { didYouMean } from './did-you-mean.ts'
import { ConfigError, UsageError } from './exit.ts'
import { wouldBe } from './places.ts'

/** Which rules are to run, by their names or those of profiles. */
export interface RuleSelection {
  /** Empty for what the configuration says, else for all but those that run only where they are asked for. */
  readonly select: readonly string[]
  readonly ignore: readonly string[]
  /** In the place of `select` where neither that nor the configuration says any; left out, empty. */
  readonly usual?: readonly string[]
}

/** The rules that run, and what is made of their findings. */
export interface SelectedRules {
  readonly rules: readonly Rule[]
  /** How severe findings of a rule are in a file, and whether there are any; null where the rule says it. */
  readonly severityOf: ((rule: string, file: string) => Severity | 'off' | null) | undefined
}

/**
 * The rules that are selected. They are loaded here: who has its answer already does without. What is named by itself
 * in `select` runs whatever the configuration says; what a profile brings does not where the configuration leaves it
 * out.
 * @throws UsageError for a name that is none
 */
export async function rulesOf(
  { select, ignore, usual = [] }: RuleSelection,
  configuration: Configuration | null,
): Promise<SelectedRules> {
  const { rules } = await import('../rules/index.ts')
  const { profiles, selectedRules } = await import('../rules/profiles.ts')
  const names = [...profiles, ...rules].map(({ name }) => name)
  for (const name of [...select, ...ignore, ...usual]) {
    if (!names.includes(name))
      throw new UsageError(`there is no rule ${name}; abi3lint rules lists them${didYouMean(name, names)}`)
  }
  if (configuration === null)
    return { rules: selectedRules(select.length > 0 ? select : usual, ignore), severityOf: undefined }
  await refuseUnknownRules(configuration)
  const named = new Set(rules.flatMap(({ name }) => (select.includes(name) ? [name] : [])))
  const without = (configuration.ignore ?? []).map(({ value }) => value)
  const chosen = new Set<string>()
  const given = select.length > 0 ? select : (configuration.select?.map(({ value }) => value) ?? usual)
  const allowed = new Set(selectedRules(['all'], without).map(({ name }) => name))
  for (const { name } of selectedRules(given, [])) if (allowed.has(name)) chosen.add(name)
  const { severities, raised } = severitiesIn(configuration)
  for (const [name, severity] of severities) {
    if (severity === 'off') chosen.delete(name)
    else if (select.length === 0) chosen.add(name)
  }
  for (const name of named) chosen.add(name)
  // What is on for some files runs, and what it finds in others does not count.
  const partly = select.length > 0 ? [] : raised.filter((name) => !chosen.has(name))
  const left = new Set(selectedRules(['all'], ignore).map(({ name }) => name))
  return {
    rules: rules.filter(({ name }) => (chosen.has(name) || partly.includes(name)) && left.has(name)),
    severityOf: severityOf(configuration, named, new Set(partly)),
  }
}

/** What a configuration says of rules everywhere, and which it makes run for some files. */
function severitiesIn({ rules, overrides }: Configuration): {
  readonly severities: readonly (readonly [string, Severity | 'off'])[]
  readonly raised: readonly string[]
} {
  const on = overrides.flatMap((each) =>
    [...each.rules].flatMap(([name, { value }]) => (value === 'off' ? [] : [name])),
  )
  return { severities: [...rules].map(([name, { value }]) => [name, value]), raised: [...new Set(on)] }
}

/**
 * @param named rules that are not left out anywhere
 * @param partly rules that count only where an override says so
 */
function severityOf(
  configuration: Configuration,
  named: ReadonlySet<string>,
  partly: ReadonlySet<string>,
): SelectedRules['severityOf'] {
  const { rules } = configuration
  if (rules.size === 0 && configuration.overrides.every((each) => each.rules.size === 0)) return undefined
  const overridesOf = overridesByFile(configuration)
  return (rule, file) => {
    const own = overridesOf(file)
      .findLast((each) => each.rules.has(rule))
      ?.rules.get(rule)
    const said = own?.value ?? (partly.has(rule) ? 'off' : rules.get(rule)?.value) ?? null
    return said === 'off' && named.has(rule) ? null : said
  }
}

/** Gives the overrides that are for a file, by its name relative to the current directory. */
export function overridesByFile({ overrides }: Configuration): (file: string) => readonly Override[] {
  const known = new Map<string, readonly Override[]>()
  const current = currentDirectory()
  return (file) => {
    let own = known.get(file)
    if (own === undefined) {
      const path = wouldBe(resolve(current, file))
      own = overrides.filter((each) => each.has(path))
      known.set(file, own)
    }
    return own
  }
}

/**
 * Makes sure that a configuration names nothing but rules and profiles.
 * @throws ConfigError for what is none, with what was perhaps meant
 */
export async function refuseUnknownRules(configuration: Configuration): Promise<void> {
  const { select, ignore, rules, overrides } = configuration
  const severities = [rules, ...overrides.map((each) => each.rules)].flatMap((each) => [...each])
  if (select === null && ignore === null && severities.length === 0) return
  const known = new Set((await import('../rules/index.ts')).rules.map(({ name }) => name))
  const sets = (await import('../rules/profiles.ts')).profiles.map(({ name }) => name)
  const complain = (name: string, at: string, names: readonly string[]): string =>
    `${at}: there is no rule \`${name}\`${didYouMean(name, names) || '; abi3lint rules lists them'}`
  const lines = [
    ...[...(select ?? []), ...(ignore ?? [])].flatMap(({ value, at }) =>
      known.has(value) || sets.includes(value) ? [] : [complain(value, at, [...sets, ...known])],
    ),
    ...severities.flatMap(([name, { at }]) => {
      if (known.has(name)) return []
      return sets.includes(name)
        ? [`${at}: \`${name}\` is a profile, and \`rules\` is for single rules: use \`select\` or \`ignore\``]
        : [complain(name, at, [...known])]
    }),
  ]
  if (lines.length > 0) throw new ConfigError(lines)
}
