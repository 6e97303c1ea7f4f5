import type { Effect } from '../analyzer/check/diagnostic.ts'
import { examplesOf } from '../analyzer/check/examples.ts'
import type { Rule } from '../analyzer/check/rule.ts'
import { rules } from './index.ts'

/** A set of rules that `--select` and `--ignore` know by one name. */
export interface Profile {
  readonly name: string
  /** What is in it, without full stop. */
  readonly summary: string
  has(rule: Rule): boolean
}

/** Whether findings of a rule may be errors, as far as its examples show. */
const mayBeError = (rule: Rule): boolean =>
  rule.severity === 'error' || examplesOf(rule).some(({ reports }) => reports?.severity === 'error')

/** In the order in which they are listed. */
export const profiles: readonly Profile[] = [
  {
    name: 'errors',
    summary: 'what a compiler, a linker or an import refuses, or every run shows; for hooks',
    has: mayBeError,
  },
  {
    name: 'advice',
    summary: 'what breaks nothing, with the rules that run only where they are asked for',
    has: ({ effect, onRequest }) => effect === 'advice' || onRequest === true,
  },
  { name: 'all', summary: 'every rule', has: () => true },
]

/**
 * The rules that run.
 * @param select names of rules and profiles; empty for all rules but those that run only where they are asked for
 * @param ignore names of rules and profiles that are left out of these
 */
export function selectedRules(select: readonly string[], ignore: readonly string[]): readonly Rule[] {
  const isIn = (rule: Rule, names: readonly string[]): boolean =>
    names.includes(rule.name) || profiles.some(({ name, has }) => names.includes(name) && has(rule))
  return rules.filter(
    (rule) => (select.length === 0 ? rule.onRequest !== true : isIn(rule, select)) && !isIn(rule, ignore),
  )
}

/** The rules that run where none are named. */
export const usualRules = selectedRules([], [])

const effects: readonly (readonly [effect: Effect, title: string])[] = [
  ['build-break', 'the build breaks'],
  ['import-break', 'it builds, and an older Python refuses to load it'],
  ['abi-break', 'it loads, and reads the wrong memory'],
  ['runtime-bug', 'it is wrong in every build'],
  ['advice', 'advice: nothing breaks'],
]

/** What happens to who leaves a finding of such an effect as it is. */
export const titleOf = (effect: Effect): string => effects.find(([each]) => each === effect)![1]

/** The list of rules, by what happens to who leaves a finding as it is; then the profiles. Lines with their ends. */
export function rulesList(): string {
  const width = rules.reduce((widest, { name }) => Math.max(widest, name.length), 0)
  const line = ({ name, severity, summary, onRequest }: Rule): string =>
    `${name.padEnd(width)}  ${severity.padEnd(7)}  ${summary}${onRequest ? ' (on request)' : ''}\n`
  const groups = effects.map(
    ([effect, title]) =>
      `${title}\n${rules
        .filter((rule) => rule.effect === effect)
        .map(line)
        .join('')}\n`,
  )
  const asked = rules.filter(({ onRequest }) => onRequest).length
  const row = (name: string, count: number, summary: string): string =>
    `${name.padEnd(width)}  ${`${count}`.padEnd(7)}  ${summary}\n`
  const sets = profiles.map(({ name, summary, has }) => row(name, rules.filter(has).length, summary))
  const usual = row('(without --select)', rules.length - asked, `all but the ${asked} on request`)
  const title = 'profiles, for --select and --ignore, with how many rules they have\n'
  return [...groups, title, ...sets, usual].join('')
}
