import type { Example, Rule } from './rule.ts'

const known = new WeakMap<Rule, readonly Example[]>()

/** The examples of a rule, the same ones at each call. */
export function examplesOf(rule: Rule): readonly Example[] {
  let examples = known.get(rule)
  if (!examples) {
    examples = rule.examples()
    known.set(rule, examples)
  }
  return examples
}
