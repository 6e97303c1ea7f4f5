import type { Rule } from '../analyzer/check/rule.ts'
import { targetType } from '../analyzer/semantics/cached-capsules.ts'
import { usedTable } from '../analyzer/semantics/capsule-tables.ts'
import { capsulesOf } from '../analyzer/semantics/capsules.ts'

const client = (
  check: string,
  field = 'unsigned version; ',
): string => `typedef struct { ${field}int (*boil)(int); } EggsApi;
int cook(void)
{
    EggsApi *eggs = (EggsApi *)PyCapsule_Import("eggs._C_API", 0);
    if (eggs == NULL)
        return -1;
${check}    return eggs->boil(3);
}`

export const uncheckedCapsuleVersion: Rule = {
  name: 'unchecked-capsule-version',
  summary: 'table of a capsule that tells its version to code that does not ask',
  explanation: `A table that begins with its version or its size is meant to be asked: the module that is found at run
time may be older than the header, and have fewer entries, or newer, with others. Compare the major version, and the
minor version or the size that the entries need, once where the capsule is imported, and raise \`ImportError\` where
they do not fit.`,
  severity: 'info',
  effect: 'abi-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: client(''),
      reports: { at: '4:32 PyCapsule_Import("eggs._C_API", 0)', message: 'nobody asks `EggsApi` for its `version`' },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `typedef struct { unsigned major, minor; } Head;\n${client('', 'Head head; ')}`,
      reports: { at: '5:32 PyCapsule_Import("eggs._C_API", 0)', message: 'nobody asks `EggsApi` for its `major`' },
    },
    {
      kind: 'good',
      target: '3.9',
      code: client('    if (eggs->version < 2)\n        return -1;\n'),
    },
    { kind: 'good', target: '3.9', code: client('', '') },
  ],
  *check({ model }) {
    const told = new Set<string>()
    for (const used of capsulesOf(model).used) {
      const { file, call, macro, doubts, called, target } = used
      const type = target === null ? null : targetType(model, used)
      const table = type === null ? null : usedTable(model, type)
      // A destructor knows what it was made for.
      if (!table || table.isAsked || called !== 'PyCapsule_Import' || told.has(table.name)) continue
      told.add(table.name)
      yield {
        file,
        ...call.span,
        macro,
        symbol: called,
        notes: doubts,
        message: `nobody asks \`${table.name}\` for its \`${table.telling[0]}\``,
        advice: 'Compare it with what the entries need, and raise `ImportError` where it does not fit.',
      }
    }
  },
}
