import type { Finding, Rule } from '../analyzer/check/rule.ts'
import type { Value } from '../analyzer/code/tree.ts'
import { bare, isNull, nameOf } from '../analyzer/code/values.ts'
import type { Fix, Rewrite } from '../analyzer/fix/fix.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { buildDoubts } from '../analyzer/semantics/calls.ts'
import { entryOf, heapTypes, shownType, specsOf } from '../analyzer/semantics/heap-types.ts'
import { slotArrays } from '../analyzer/semantics/slot-arrays.ts'
import { isRelative, sizeOf, structOfOffset, structsOf } from '../analyzer/semantics/type-data.ts'
import type { HeapType } from '../analyzer/semantics/type-definition.ts'
import type { Member } from '../analyzer/semantics/type-specs.ts'

const spec = (size: string, flags: string, struct = 'typedef struct { int n; } Spam;'): string => `#include <Python.h>
#include <stddef.h>
${struct}
static PyMemberDef spam_members[] = {{"n", Py_T_INT, offsetof(Spam, n), ${flags}, NULL}, {NULL, 0, 0, 0, NULL}};
static PyType_Slot spam_slots[] = {{Py_tp_members, spam_members}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", ${size}, 0, Py_TPFLAGS_DEFAULT, spam_slots};`

const whole = 'typedef struct { PyObject_HEAD int n; } Spam;'

export const absoluteMemberOffset: Rule = {
  name: 'absolute-member-offset',
  summary: '`Py_RELATIVE_OFFSET` and the sign of `basicsize` do not go together',
  explanation: `A negative \`basicsize\` says how much data the type adds to what its base has (PEP 697). Where that data
begins is known at run time only, so the offset of a member counts from there, which \`Py_RELATIVE_OFFSET\` says.
Without the flag it counts from the start of the object: Python reads and writes the head of the object or the data of
the base, and no version says so.

With a positive \`basicsize\` it is the other way round: \`PyType_FromSpec\` refuses the flag with \`SystemError\`.`,
  severity: 'warning',
  effect: 'abi-break',
  examples: () => [
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code: `#include <stddef.h>
typedef struct { int n; } Data;
PyMemberDef members[] = {{"n", Py_T_INT, offsetof(Data, n), 0, NULL}, {NULL}};
PySlot slots[] = {
    PySlot_STATIC_DATA(Py_tp_name, "spam.Spam"), PySlot_SIZE(Py_tp_extra_basicsize, sizeof(Data)),
    PySlot_STATIC_DATA(Py_tp_members, members), PySlot_END
};`,
      fixed: `#include <stddef.h>
typedef struct { int n; } Data;
PyMemberDef members[] = {{"n", Py_T_INT, offsetof(Data, n), Py_RELATIVE_OFFSET, NULL}, {NULL}};
PySlot slots[] = {
    PySlot_STATIC_DATA(Py_tp_name, "spam.Spam"), PySlot_SIZE(Py_tp_extra_basicsize, sizeof(Data)),
    PySlot_STATIC_DATA(Py_tp_members, members), PySlot_END
};`,
      reports: {
        at: '3:26 {"n", Py_T_INT, offsetof(Data, n), 0, NULL}',
        message:
          '`n` lacks `Py_RELATIVE_OFFSET`: its offset counts from the start of the object, not of the data that ' +
          '`slots` adds',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: spec('-(int)sizeof(Spam)', '0'),
      fixed: spec('-(int)sizeof(Spam)', 'Py_RELATIVE_OFFSET'),
      reports: {
        at: '4:38 {"n", Py_T_INT, offsetof(Spam, n), 0, NULL}',
        message:
          '`n` lacks `Py_RELATIVE_OFFSET`: its offset counts from the start of the object, not of the data that ' +
          '`spam.Spam` adds',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: spec('sizeof(Spam)', 'Py_READONLY | Py_RELATIVE_OFFSET', whole),
      fixed: spec('sizeof(Spam)', 'Py_READONLY', whole),
      reports: {
        at: '4:38 {"n", Py_T_INT, offsetof(Spam, n), Py_READONLY | Py_RELATIVE_OFFSET, NULL}',
        message:
          '`n` has `Py_RELATIVE_OFFSET`, and `spam.Spam` no negative `basicsize`: `SystemError` where the type is made',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: `#include <Python.h>
#include <stddef.h>
#define OWN (Py_READONLY | Py_RELATIVE_OFFSET)
typedef struct { PyObject_HEAD int n; } Spam;
static struct PyMemberDef spam_members[] = {
    {.name = "n", .type = Py_T_INT, .offset = offsetof (Spam, n), .flags = OWN},
    {NULL}
};
static PyType_Slot spam_slots[] = {{Py_tp_members, spam_members}, {0, NULL}};
PyType_Spec spam_spec = {.name = "spam.Spam", .basicsize = (int) sizeof (Spam), .slots = spam_slots};`,
      reports: {
        at: '6:5 {.name = "n", .type = Py_T_INT, .offset = offsetof (Spam, n), .flags = OWN}',
        message:
          '`n` has `Py_RELATIVE_OFFSET`, and `spam.Spam` no negative `basicsize`: `SystemError` where the type is made',
      },
    },
    { kind: 'good', target: '3.12', code: spec('-(int)sizeof(Spam)', 'Py_READONLY | Py_RELATIVE_OFFSET') },
    { kind: 'good', target: '3.12', code: spec('sizeof(Spam)', 'Py_READONLY', whole) },
    {
      kind: 'good',
      target: '3.12',
      code: spec('-(int)sizeof(Data)', '0', `typedef struct { int own; } Data;\n${whole}`),
    },
    {
      kind: 'good',
      target: '3.12',
      code: `#define OWN (Py_READONLY | Py_RELATIVE_OFFSET)\n${spec('-(int)sizeof(Spam)', 'OWN')}`,
    },
  ],
  *check({ model, target }) {
    if (target.level < since) return
    const seen = new Set<Member>()
    yield* ofArrays(model)
    for (const type of heapTypes(model)) {
      const size = sizeOf(model, type)
      const table = entryOf(type, 'Py_tp_members')?.value
      if (size === null) continue
      for (const member of specsOf(model, type.file).members) {
        const compiled = model.active(type.file, member.region)
        if (member.table !== table || seen.has(member) || compiled === 'no') continue
        const relative = isRelative(model, type.file, member.flags)
        if (size === 'data' ? relative !== false || !isInData(type, member) : relative !== true) continue
        seen.add(member)
        const shown = member.name === '' ? 'the member' : `\`${member.name}\``
        yield {
          file: type.file,
          ...member.span,
          symbol: 'Py_RELATIVE_OFFSET',
          notes: buildDoubts(compiled),
          ...(size === 'data'
            ? {
                message:
                  `${shown} lacks \`Py_RELATIVE_OFFSET\`: its offset counts from the start of the object, not of the ` +
                  `data that ${shownType(type)} adds`,
                advice: 'Add `Py_RELATIVE_OFFSET` to its flags.',
              }
            : {
                effect: 'runtime-bug' as const,
                message:
                  `${shown} has \`Py_RELATIVE_OFFSET\`, and ${shownType(type)} no negative \`basicsize\`: ` +
                  '`SystemError` where the type is made',
                advice: 'Leave `Py_RELATIVE_OFFSET` out.',
              }),
          fix: member.flags ? fixFor(member.flags, size === 'data') : null,
        }
      }
    }
  },
}

/** Members of types that are made of arrays of `PySlot`. */
function* ofArrays(model: ProjectModel): Iterable<Finding> {
  for (const { file, variable, entries, isWhole } of slotArrays(model)) {
    const code = model.project.code(file).text
    const text = ({ span }: Value): string => code.slice(span.start, span.end)
    const given = (name: string): Value | null => entries.find((each) => each.name === name)?.value ?? null
    const [table, data, whole] = ['members', 'extra_basicsize', 'basicsize'].map((each) => given(`Py_tp_${each}`))
    if (!table || (!data && !(whole && isWhole))) continue
    for (const member of specsOf(model, file).members) {
      const compiled = model.active(file, member.region)
      if (member.table !== nameOf(table) || compiled === 'no') continue
      const relative = isRelative(model, file, member.flags)
      const struct = member.offset && structOfOffset(member.offset)
      const isOfData = data && struct !== null && text(data).includes(struct)
      if (data ? relative !== false || !isOfData : relative !== true) continue
      const shown = member.name === '' ? 'the member' : `\`${member.name}\``
      yield {
        file,
        ...member.span,
        symbol: 'Py_RELATIVE_OFFSET',
        notes: buildDoubts(compiled),
        ...(data ? {} : { effect: 'runtime-bug' as const }),
        message: data
          ? `${shown} lacks \`Py_RELATIVE_OFFSET\`: its offset counts from the start of the object, not of the data ` +
            `that \`${variable.name}\` adds`
          : `${shown} has \`Py_RELATIVE_OFFSET\`, and \`${variable.name}\` no \`Py_tp_extra_basicsize\`: ` +
            '`SystemError` where the type is made',
        advice: data ? 'Add `Py_RELATIVE_OFFSET` to its flags.' : 'Leave `Py_RELATIVE_OFFSET` out.',
        fix: member.flags ? fixFor(member.flags, data !== null) : null,
      }
    }
  }
}

/** The first Python that takes a negative size and relative offsets. */
const since = 12

/** Whether an offset is one within the data that a type adds: at its beginning, or in the struct that has its size. */
function isInData(type: HeapType, { offset }: Member): boolean {
  if (offset === null || isNull(offset)) return true
  const struct = structOfOffset(offset)
  return struct !== null && structsOf(type).includes(struct)
}

function fixFor(flags: Value, isMissing: boolean): Fix | null {
  const rewrite = isMissing ? withFlag(flags) : withoutFlag(flags)
  if (rewrite === null) return null
  return {
    title: isMissing ? 'add `Py_RELATIVE_OFFSET`' : 'leave `Py_RELATIVE_OFFSET` out',
    safety: 'safe',
    reason: '',
    includes: [],
    shims: [],
    kind: 'file',
    rewrites: [rewrite],
  }
}

const withFlag = (flags: Value): Rewrite => ({
  ...flags.span,
  pieces: isNull(flags) ? ['Py_RELATIVE_OFFSET'] : [flags.span, ' | Py_RELATIVE_OFFSET'],
})

function withoutFlag(flags: Value): Rewrite | null {
  const inner = bare(flags)
  const isFlag = (value: Value): boolean => nameOf(value) === 'Py_RELATIVE_OFFSET'
  if (isFlag(inner)) return { ...flags.span, pieces: ['0'] }
  if (inner.kind !== 'binary' || inner.operator !== '|') return null
  const { left, right } = inner
  if (isFlag(right)) return { start: left.span.end, end: right.span.end, pieces: [] }
  return isFlag(left) ? { start: left.span.start, end: right.span.start, pieces: [] } : null
}
