import type { Finding, Rule } from '../analyzer/check/rule.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { compiledAt } from '../analyzer/semantics/calls.ts'
import { doubtsOf, hasBase, hasFlag, heapTypes, shownType } from '../analyzer/semantics/heap-types.ts'
import type { HeapType } from '../analyzer/semantics/type-definition.ts'
import { membersOf } from '../analyzer/semantics/type-members.ts'

const spec = (slots: string, flags = 'Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL'): string => `#include <Python.h>
#include <stddef.h>
typedef struct { PyObject_HEAD vectorcallfunc call; } Spam;
PyMemberDef spam_members[] = {
    {"__vectorcalloffset__", Py_T_PYSSIZET, offsetof(Spam, call), Py_READONLY, NULL},
    {NULL, 0, 0, 0, NULL}
};
static PyType_Slot spam_slots[] = {${slots}{0, NULL}};
static PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, ${flags}, spam_slots};
PyObject *make(void) { return PyType_FromSpec(&spam_spec); }`

const call = '{Py_tp_call, PyVectorcall_Call}, '
const members = '{Py_tp_members, spam_members}, '
const flag = 'Py_TPFLAGS_HAVE_VECTORCALL'

export const incompleteVectorcallType: Rule = {
  name: 'incomplete-vectorcall-type',
  summary: '`Py_TPFLAGS_HAVE_VECTORCALL`, `__vectorcalloffset__` or `Py_tp_call` without the other two',
  explanation: `A type whose instances are called by the vectorcall protocol says so three times. The flag
\`Py_TPFLAGS_HAVE_VECTORCALL\` says that there is a function in the instance, the member \`__vectorcalloffset__\` says
where, and \`Py_tp_call\`, as a rule \`PyVectorcall_Call\`, is for all that looks for \`tp_call\`.

With the flag and without the member the offset is 0: a call jumps to the reference count, and the process crashes.
Without \`Py_tp_call\` an instance can be called while \`callable()\` says \`False\` of it, and a debug build of Python
ends the process where the type is made. Without the flag nobody calls the function but \`PyVectorcall_Call\`.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: spec(call),
      reports: {
        at: '9:84 Py_TPFLAGS_HAVE_VECTORCALL',
        message:
          '`spam.Spam` has no member `__vectorcalloffset__`: a call of an instance takes its reference count for ' +
          'a function',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: spec(members),
      reports: {
        at: '9:33 "spam.Spam"',
        message: '`spam.Spam` has no `Py_tp_call`: `callable()` says `False` of instances that can be called',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: spec(members + call, 'Py_TPFLAGS_DEFAULT'),
      reports: {
        at: '5:5 {"__vectorcalloffset__", Py_T_PYSSIZET, offsetof(Spam, call), Py_READONLY, NULL}',
        message: '`spam.Spam` has no `Py_TPFLAGS_HAVE_VECTORCALL`: `__vectorcalloffset__` says nothing to Python',
        severity: 'info',
      },
    },
    { kind: 'good', target: '3.12', code: spec(members + call) },
    {
      kind: 'good',
      target: '3.12',
      code: spec(call)
        .replace('PyType_FromSpec(&spam_spec)', 'PyType_FromSpecWithBases(&spam_spec, bases)')
        .replace('make(void)', 'make(PyObject *bases)'),
    },
    {
      kind: 'good',
      target: '3.12',
      code: spec(call)
        .replace('{Py_tp_call', '{Py_tp_members, others}, {Py_tp_call')
        .replace('static PyType_Slot', 'extern PyMemberDef others[];\nstatic PyType_Slot'),
    },
    {
      kind: 'good',
      target: '3.12',
      code: `#define FLAGS Py_TPFLAGS_DEFAULT | (1UL << 11)\n${spec(members + call, 'FLAGS')}`,
    },
    // The flag is what a project makes of it where headers lack it.
    {
      kind: 'good',
      target: '3.11',
      code: spec('')
        .replaceAll(/^PyMemberDef[\s\S]*?^};\n/gm, '')
        .replace('vectorcallfunc', 'void *')
        .replace(
          '#include <stddef.h>',
          '#ifndef Py_TPFLAGS_HAVE_VECTORCALL\n#define Py_TPFLAGS_HAVE_VECTORCALL 0\n#endif',
        ),
    },
  ],
  *check({ model }) {
    for (const type of heapTypes(model)) {
      const finding = findingFor(model, type)
      if (finding) yield finding
    }
  },
}

/** Whether the project sets offsets in types that are made, which the Limited API does not let it do. */
function setsOffset(model: ProjectModel): boolean {
  for (const file of model.project.filesWith('tp_vectorcall_offset'))
    for (const { span } of model.project.code(file).occurrences('tp_vectorcall_offset'))
      if (compiledAt(model, file, span.start) !== 'no') return true
  return false
}

function findingFor(model: ProjectModel, type: HeapType): Finding | null {
  const { file, spec: of, entries } = type
  const hasIt = hasFlag(model, type, flag)
  const named = of.flags.find(({ name, region }) => name === flag && model.active(file, region) !== 'no')
  const { members: all, isWhole } = membersOf(model, type)
  const offset = all.find(({ name }) => name === '__vectorcalloffset__')
  if (hasIt === 'unknown' || (hasIt === 'no' && !offset) || hasBase(model, type) !== 'no') return null
  const notes = doubtsOf(model, type, null)
  const base = { file, symbol: flag, notes }
  if (hasIt === 'yes' && !offset)
    return isWhole && !setsOffset(model)
      ? {
          ...base,
          ...(named ?? of).span,
          message:
            `${shownType(type)} has no member \`__vectorcalloffset__\`: a call of an instance takes its reference ` +
            'count for a function',
          advice: 'Say where the function is by a member of that name, or drop the flag.',
        }
      : null
  if (type.isWhole && !entries.some(({ slot }) => slot === 'Py_tp_call'))
    return {
      ...base,
      ...(of.name ?? of).span,
      symbol: 'Py_tp_call',
      message:
        hasIt === 'yes'
          ? `${shownType(type)} has no \`Py_tp_call\`: \`callable()\` says \`False\` of instances that can be called`
          : `${shownType(type)} has \`__vectorcalloffset__\` and no \`Py_tp_call\`: its instances cannot be called`,
      advice: 'Add `{Py_tp_call, PyVectorcall_Call}`.',
    }
  if (hasIt === 'yes' || !offset) return null
  return {
    ...base,
    ...offset.span,
    severity: 'info',
    effect: 'advice',
    message: `${shownType(type)} has no \`${flag}\`: \`__vectorcalloffset__\` says nothing to Python`,
    advice: `Add the flag, which the Limited API has from level 3.12 on.`,
  }
}
