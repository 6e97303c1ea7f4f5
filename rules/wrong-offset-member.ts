import type { Rule } from '../analyzer/check/rule.ts'
import type { Value } from '../analyzer/code/tree.ts'
import { plainText } from '../analyzer/code/values.ts'
import type { Fix, Rewrite } from '../analyzer/fix/fix.ts'
import { oldestPython } from '../analyzer/knowledge/target.ts'
import { buildDoubts } from '../analyzer/semantics/calls.ts'
import { entryOf, heapTypes, specsOf } from '../analyzer/semantics/heap-types.ts'
import type { Member } from '../analyzer/semantics/type-specs.ts'

const spec = (member: string): string => `#include <Python.h>
#include <structmember.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *weak; } Spam;
static PyMemberDef spam_members[] = {{"__weaklistoffset__", ${member}}, {NULL, 0, 0, 0, NULL}};
static PyType_Slot spam_slots[] = {{Py_tp_members, spam_members}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT, spam_slots};`

export const wrongOffsetMember: Rule = {
  name: 'wrong-offset-member',
  summary:
    '`__weaklistoffset__` or its like of another type than `Py_ssize_t`, writable, or where Python 3.8 is to load it',
  explanation: `Members of these names tell \`PyType_FromSpec\` where an instance keeps its weak references, its
dictionary or its vectorcall function. They have to be of type \`Py_T_PYSSIZET\` (\`T_PYSSIZET\`) and read-only,
whatever the field that they name is: release builds of Python up to 3.13 do not look, from 3.14 on the type is not
made: \`SystemError: type of __weaklistoffset__ must be Py_T_PYSSIZET\`.

Up to 3.8 the names mean nothing, and the type has no weak references and no dictionary: a reference to an instance
is refused, and \`PyObject_ClearWeakRefs\` fails with \`SystemError\`.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spec('T_OBJECT, offsetof(Spam, weak), READONLY, NULL'),
      fixed: spec('T_PYSSIZET, offsetof(Spam, weak), READONLY, NULL'),
      reports: {
        at: '5:38 {"__weaklistoffset__", T_OBJECT, offsetof(Spam, weak), READONLY, NULL}',
        message: '`__weaklistoffset__` has to be of type `Py_T_PYSSIZET`: `SystemError` from Python 3.14 on',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: spec('Py_T_PYSSIZET, offsetof(Spam, weak), 0, NULL'),
      fixed: spec('Py_T_PYSSIZET, offsetof(Spam, weak), Py_READONLY, NULL'),
      reports: {
        at: '5:38 {"__weaklistoffset__", Py_T_PYSSIZET, offsetof(Spam, weak), 0, NULL}',
        message: '`__weaklistoffset__` has to be read-only: `SystemError` from Python 3.14 on',
      },
    },
    {
      kind: 'bad',
      target: '3.8',
      compiler: 'silent',
      code: spec('T_PYSSIZET, offsetof(Spam, weak), READONLY, NULL'),
      reports: {
        at: '5:38 {"__weaklistoffset__", T_PYSSIZET, offsetof(Spam, weak), READONLY, NULL}',
        message: 'Python 3.8 and older ignore `__weaklistoffset__`: the type has no weak references',
      },
    },
    {
      kind: 'good',
      target: '3.8',
      code: `#include <Python.h>
#include <structmember.h>
typedef struct { PyObject_HEAD PyObject *weak; } Spam;
static PyMemberDef spam_members[] = {
#if Py_LIMITED_API+0 >= 0x03090000
    {"__weaklistoffset__", T_PYSSIZET, 8, READONLY, NULL},
#endif
    {NULL, 0, 0, 0, NULL}};
static PyType_Slot spam_slots[] = {{Py_tp_members, spam_members}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT, spam_slots};`,
    },
    { kind: 'good', target: '3.9', code: spec('T_PYSSIZET, offsetof(Spam, weak), READONLY, NULL') },
    { kind: 'good', target: '3.12', code: spec('Py_T_PYSSIZET, offsetof(Spam, weak), Py_READONLY, NULL') },
  ],
  *check({ model, target }) {
    const seen = new Set<Member>()
    for (const type of heapTypes(model)) {
      const table = entryOf(type, 'Py_tp_members')?.value
      for (const member of specsOf(model, type.file).offsetMembers) {
        if (member.table !== table || seen.has(member) || model.active(type.file, member.region) === 'no') continue
        seen.add(member)
        if (oldestPython(target) < honoured) {
          yield {
            file: type.file,
            ...member.span,
            symbol: member.name,
            message: `Python 3.8 and older ignore \`${member.name}\`: the type has no ${lost[member.name]!}`,
            advice: 'Raise the target to 3.9, or do without it below.',
            notes: buildDoubts(model.active(type.file, member.region)),
          }
        }
        const kind = plainText(member.type)
        const isOfType = !/^(?:_?Py_)?T_[A-Z]\w*$/.test(kind) || /^(?:Py_)?T_PYSSIZET$/.test(kind)
        const isReadOnly = member.flags !== null && plainText(member.flags) !== '0'
        if (isOfType && isReadOnly) continue
        const wrong = [
          ...(isOfType ? [] : ['has to be of type `Py_T_PYSSIZET`']),
          ...(isReadOnly ? [] : ['has to be read-only']),
        ].join(' and ')
        yield {
          file: type.file,
          ...member.span,
          symbol: member.name,
          message: `\`${member.name}\` ${wrong}: \`SystemError\` from Python 3.14 on`,
          advice:
            `Write \`{"${member.name}", T_PYSSIZET, offsetof(...), READONLY}\`, from level 3.12 on with ` +
            `\`Py_\` before the names.`,
          fix: fixFor(member, isOfType, isReadOnly),
        }
      }
    }
  },
}

/** The first Python whose `PyType_FromSpec` looks for the names. */
const honoured = 9

const lost: Readonly<Record<string, string>> = {
  __weaklistoffset__: 'weak references',
  __dictoffset__: 'dictionary',
  __vectorcalloffset__: 'vectorcall',
}

function fixFor({ type, flags }: Member, isOfType: boolean, isReadOnly: boolean): Fix | null {
  const prefix = plainText(type).startsWith('T_') ? '' : 'Py_'
  if (!isReadOnly && flags === null) return null
  const put = ({ span }: Value, text: string): Rewrite => ({ ...span, pieces: [prefix + text] })
  return {
    title: 'make it a read-only `Py_ssize_t`',
    safety: 'safe',
    reason: '',
    includes: [],
    shims: [],
    kind: 'file',
    rewrites: [
      ...(isOfType ? [] : [put(type, 'T_PYSSIZET')]),
      ...(isReadOnly || flags === null ? [] : [put(flags, 'READONLY')]),
    ],
  }
}
