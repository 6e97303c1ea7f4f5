import type { Rule } from '../analyzer/check/rule.ts'
import type { FunctionBody } from '../analyzer/facts/file-facts.ts'
import type { Fix } from '../analyzer/fix/fix.ts'
import {
  type CallEffect,
  callEffectsOf,
  doubtsOf,
  entryOf,
  freesOf,
  functionOf,
  hasFlag,
  hasFlagWith,
  heapTypes,
  isOfSlot,
  objectOf,
  releasesMember,
} from '../analyzer/semantics/heap-types.ts'

const spec = (dealloc: string): string => `#include <Python.h>
#include <structmember.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *weak; } Spam;
static void spam_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
${dealloc}    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}
static PyMemberDef spam_members[] = {{"__weaklistoffset__", T_PYSSIZET, offsetof(Spam, weak), READONLY, NULL}, {NULL, 0, 0, 0, NULL}};
static PyType_Slot spam_slots[] = {{Py_tp_members, spam_members}, {Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT, spam_slots};`

export const weakrefClearMismatch: Rule = {
  name: 'weakref-clear-mismatch',
  summary: 'type whose instances can be referred to weakly, and a `tp_dealloc` that does not tell the weak references',
  explanation: `A type with \`__weaklistoffset__\` or \`Py_TPFLAGS_MANAGED_WEAKREF\` keeps a list of the weak
references to each instance. A \`tp_dealloc\` of one's own has to call \`PyObject_ClearWeakRefs\`; where it does
not, they go on to point at memory that has been freed, and using one crashes.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spec(''),
      fixed: spec('    PyObject_ClearWeakRefs(self);\n'),
    },
    {
      kind: 'good',
      target: '3.9',
      code: spec('    if (((Spam *)self)->weak != NULL) PyObject_ClearWeakRefs(self);\n'),
    },
  ],
  *check({ model, target }) {
    const seen = new Set<FunctionBody>()
    for (const type of heapTypes(model)) {
      const table = entryOf(type, 'Py_tp_members')?.value
      const list = model.files[type.file]!.heapTypes.offsetMembers.find(
        (member) =>
          member.table === table &&
          member.name === '__weaklistoffset__' &&
          model.active(type.file, member.region) === 'yes',
      )
      if (!list && hasFlag(model, type, 'Py_TPFLAGS_MANAGED_WEAKREF') !== 'yes') continue
      const body = functionOf(model, type, 'Py_tp_dealloc')
      if (body === null || seen.has(body) || !isOfSlot(body)) continue
      const acts = callEffectsOf(model, type.file, body)
      const [free] = freesOf(body, acts)
      if (free === undefined || acts.some(({ kind, call }) => kind === 'unknown' || /weakref/i.test(call.callee)))
        continue
      seen.add(body)
      yield {
        file: type.file,
        start: free.act.top.start,
        end: free.act.top.end,
        symbol: 'PyObject_ClearWeakRefs',
        message: `\`${body.name}\` frees an object to which weak references may go on to point`,
        advice: 'Call `PyObject_ClearWeakRefs` before the first member is given back.',
        notes: doubtsOf(model, type, body),
        // Where a type has no list, to clear it is an error.
        fix: (
          list
            ? target.level >= 9 && (list.region === 0 || list.region === body.region)
            : hasFlagWith(type, 'Py_TPFLAGS_MANAGED_WEAKREF', body)
        )
          ? fixFor(body, acts, free.act)
          : null,
      }
    }
  },
}

function fixFor(body: FunctionBody, acts: readonly CallEffect[], free: CallEffect): Fix | null {
  const { outermost } = (acts.find((act) => releasesMember(act)) ?? free).top
  const statement = body.statements.find(({ start }) => start === outermost)
  const object = objectOf(body)
  if (object === null || statement === undefined || statement.isDeclaration || statement.region !== body.region)
    return null
  const { start, end, lead } = statement
  return {
    title: 'call `PyObject_ClearWeakRefs`',
    safety: 'safe',
    reason: '',
    includes: [],
    shims: [],
    rewrites: [{ start, end, pieces: [`PyObject_ClearWeakRefs(${object});${lead}`, { start, end }] }],
  }
}
