import type { Rule } from '../analyzer/check/rule.ts'
import type { Fix, ProjectEdits } from '../analyzer/fix/fix.ts'

const byToken = 'for abi3t, what an object holds is looked up by the token of its type'

const fixOf = (change: ProjectEdits, exportHooksOnly: boolean): Fix => ({
  title: 'let it hold its own data alone for abi3t, and export the module by slots',
  safety: 'unsafe',
  reason: exportHooksOnly
    ? `${byToken}; without their \`PyInit_\` functions no Python before 3.15 imports the modules`
    : `${byToken}; other builds are as they were`,
  kind: 'project',
  change,
  isOnDemand: true,
})

/**
 * What `abi3lint rewrite abi3t` tells by. It is not among the rules that `check` runs: there it is `unavailable-macro`
 * and `missing-module-export` that say that something is in the way of abi3t.
 */
export const objectHeadInStruct: Rule = {
  name: 'object-head-in-struct',
  summary: 'struct of instances that begins with the head of an object',
  explanation: `For abi3t objects are opaque: a struct cannot begin with \`PyObject_HEAD\`, and what an object holds is
had by \`PyObject_GetTypeData\` (PEP 697, PEP 803). \`abi3lint rewrite abi3t\` writes that beside what is there.`,
  severity: 'error',
  effect: 'build-break',
  examples: () => [],
  *check(context) {
    const plan = context.rewrittenForAbi3t()
    for (const { file, start, end, name, obstacles } of plan?.found ?? [])
      yield {
        file,
        start,
        end,
        symbol: name,
        message: `\`${name}\` is not for abi3t`,
        notes: obstacles.map((each) => `abi3lint rewrite abi3t leaves \`${name}\` alone: ${each}`),
        fix: plan!.edits && obstacles.length === 0 ? fixOf(plan!.edits, plan!.exportHooksOnly) : null,
      }
  },
}
