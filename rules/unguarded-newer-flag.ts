import { at } from '../analyzer/check/of-use.ts'
import type { Rule } from '../analyzer/check/rule.ts'
import { oldestPython } from '../analyzer/knowledge/target.ts'
import { type Minor, showVersion, showVersionHex } from '../analyzer/knowledge/version.ts'
import { declaredUses } from '../analyzer/semantics/declared-uses.ts'

export const unguardedNewerFlag: Rule = {
  name: 'unguarded-newer-flag',
  summary: 'flag that compiles at the target, but that the oldest Python does not know',
  explanation: `The headers declare flags at every level, and an older Python ignores the bit without a word: the
type is mutable, or can be instantiated, after all. With \`Py_RELATIVE_OFFSET\` it takes the offset of a member as
absolute and reads and writes another place.

Raise the target, or guard the flag with \`#if Py_LIMITED_API+0 >= ...\` and do without it below.`,
  severity: 'warning',
  effect: 'abi-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: 'unsigned long f(void) { return Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE; }',
      reports: {
        at: '1:53 Py_TPFLAGS_IMMUTABLETYPE',
        message: 'Python knows `Py_TPFLAGS_IMMUTABLETYPE` from 3.10 on, older ones ignore it in silence',
      },
    },
    {
      kind: 'bad',
      target: '3.11',
      compiler: 'silent',
      code: 'int f(void) { return Py_RELATIVE_OFFSET; }',
      reports: {
        at: '1:22 Py_RELATIVE_OFFSET',
        message: 'Python knows `Py_RELATIVE_OFFSET` from 3.12 on, older ones look for the member in the wrong place',
        severity: 'error',
      },
    },
    {
      kind: 'good',
      target: '3.10',
      code: 'unsigned long f(void) { return Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE; }',
    },
    {
      kind: 'good',
      target: '3.9',
      code:
        'unsigned long f(void) {\n#if Py_LIMITED_API+0 >= 0x030A0000\n  return ' +
        'Py_TPFLAGS_IMMUTABLETYPE;\n#endif\n  return 0;\n}',
    },
  ],
  *check(context) {
    const level = oldestPython(context.target)
    for (const live of declaredUses(context.model, (name) => Object.hasOwn(flags, name) && level < flags[name]!)) {
      const { name } = live.use
      const since = flags[name]!
      const memory = name === 'Py_RELATIVE_OFFSET'
      const reaction = memory ? 'look for the member in the wrong place' : 'ignore it in silence'
      const finding = at(
        live,
        context,
        `Python knows \`${name}\` from ${showVersion(since)} on, older ones ${reaction}`,
      )
      yield {
        ...finding,
        advice:
          `Raise the target to ${showVersion(since)}, or guard it with \`#if Py_LIMITED_API+0 >= ` +
          `${showVersionHex(since)}\`.`,
        ...(memory ? { severity: finding.severity ?? ('error' as const) } : { effect: 'runtime-bug' as const }),
      }
    }
  },
}

/** The first Python that honours the flag. */
const flags: Readonly<Record<string, Minor>> = {
  Py_TPFLAGS_IMMUTABLETYPE: 10,
  Py_TPFLAGS_DISALLOW_INSTANTIATION: 10,
  Py_TPFLAGS_ITEMS_AT_END: 12,
  Py_RELATIVE_OFFSET: 12,
}
