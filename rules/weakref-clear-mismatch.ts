import type { Finding, Rule } from '../analyzer/check/rule.ts'
import { leadOf } from '../analyzer/code/placement.ts'
import type { FunctionCode } from '../analyzer/code/tree.ts'
import type { Fix } from '../analyzer/fix/fix.ts'
import { oldestPython } from '../analyzer/knowledge/target.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { deallocationOf, releasesMember } from '../analyzer/semantics/deallocation.ts'
import type { Effect } from '../analyzer/semantics/effect-list.ts'
import type { Body } from '../analyzer/semantics/functions.ts'
import {
  doubtsOf,
  entryOf,
  functionOf,
  hasBase,
  hasFlag,
  hasFlagWith,
  insertionPoint,
  isOfSlot,
  objectOf,
  regionOf,
  shownType,
  specsOf,
  typeDefinitions,
} from '../analyzer/semantics/heap-types.ts'
import type { TypeDefinition, TypeEntry } from '../analyzer/semantics/type-definition.ts'

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
  explanation: `A type with \`__weaklistoffset__\`, \`tp_weaklistoffset\` or \`Py_TPFLAGS_MANAGED_WEAKREF\` keeps a list of the weak
references to each instance. A \`tp_dealloc\` of one's own has to call \`PyObject_ClearWeakRefs\`; where it does
not, they go on to point at memory that has been freed, and using one crashes.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spec(''),
      fixed: spec('    PyObject_ClearWeakRefs(self);\n'),
      reports: {
        at: '8:5 ((freefunc)PyType_GetSlot(type, Py_tp_free))(self)',
        message: '`spam_dealloc` frees an object to which weak references may go on to point',
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: spec('    if (((Spam *)self)->weak != NULL) PyObject_ClearWeakRefs(self);\n'),
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'full',
      code: `#include <Python.h>
#include <structmember.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *weak; } Spam;
static void spam_dealloc(PyObject *self)
{
    Py_TYPE(self)->tp_free(self);
}
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_dealloc = spam_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_weaklistoffset = offsetof(Spam, weak),
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
      fixed: `#include <Python.h>
#include <structmember.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *weak; } Spam;
static void spam_dealloc(PyObject *self)
{
    PyObject_ClearWeakRefs(self);
    Py_TYPE(self)->tp_free(self);
}
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_dealloc = spam_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_weaklistoffset = offsetof(Spam, weak),
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
      reports: {
        at: '7:5 Py_TYPE(self)->tp_free(self)',
        message: '`spam_dealloc` frees an object to which weak references may go on to point',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'full',
      code: `#include <Python.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *weak; } Spam;
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_weaklistoffset = offsetof(Spam, weak),
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
      reports: {
        at: '9:26 offsetof(Spam, weak)',
        message:
          '`spam.Spam` has no `tp_dealloc`, and that of `object` frees instances to which weak ' +
          'references may go on to point',
      },
    },
    {
      kind: 'good',
      target: '3.12',
      compiler: 'full',
      code: `#include <Python.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *weak; } Spam;
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_weaklistoffset = offsetof(Spam, weak),
    .tp_base = &PySet_Type,
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
    },
    {
      kind: 'good',
      target: '3.12',
      compiler: 'full',
      code: `#include <Python.h>
#include <structmember.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *weak; } Spam;
static void spam_dealloc(PyObject *self)
{
#if PY_VERSION_HEX < 0x030C0000
    if (((Spam *)self)->weak != NULL)
#endif
    {
        PyObject_ClearWeakRefs(self);
    }
    Py_TYPE(self)->tp_free(self);
}
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_dealloc = spam_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_weaklistoffset = offsetof(Spam, weak),
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
    },
  ],
  *check({ model, target }) {
    const seen = new Set<FunctionCode>()
    for (const type of typeDefinitions(model)) {
      const list = weakList(model, type)
      if (!list && hasFlag(model, type, 'Py_TPFLAGS_MANAGED_WEAKREF') !== 'yes') continue
      if (list && type.kind === 'static' && inheritsDealloc(model, type)) {
        yield inherited(model, type, list)
        continue
      }
      const body = functionOf(model, type, 'Py_tp_dealloc')
      if (body === null || seen.has(body.code) || !isOfSlot(model, body)) continue
      const { effects, frees } = deallocationOf(model, body)
      const [free] = frees
      if (free === undefined || effects.some(({ what, how }) => what === 'unknown' || /weakref/i.test(how))) continue
      seen.add(body.code)
      const region = regionOf(model, body)
      yield {
        file: body.file,
        ...free.top.span,
        symbol: 'PyObject_ClearWeakRefs',
        message: `\`${body.code.name}\` frees an object to which weak references may go on to point`,
        advice: 'Call `PyObject_ClearWeakRefs` before the first member is given back.',
        notes: doubtsOf(model, type, body),
        // Where a type has no list, to clear it is an error.
        fix: (
          list
            ? (type.kind === 'static' || oldestPython(target) >= 9) && (list.region === 0 || list.region === region)
            : hasFlagWith(type, 'Py_TPFLAGS_MANAGED_WEAKREF', region)
        )
          ? fixFor(model, body, effects.find(releasesMember) ?? free)
          : null,
      }
    }
  },
}

/** Where a type says that its instances have a list of weak references; undefined for nowhere. */
function weakList(model: ProjectModel, type: TypeDefinition): Pick<TypeEntry, 'file' | 'span' | 'region'> | undefined {
  const { file, entries } = type
  if (type.kind === 'static')
    return entries.find(
      ({ slot, isNull, file: where, region }) =>
        slot === 'Py_tp_weaklistoffset' && !isNull && model.active(where, region) === 'yes',
    )
  const table = entryOf(type, 'Py_tp_members')?.value
  const found = specsOf(model, file).offsetMembers.find(
    (member) =>
      member.table === table && member.name === '__weaklistoffset__' && model.active(file, member.region) === 'yes',
  )
  return found && { file, span: found.span, region: found.region }
}

/** Whether a static type gets the `tp_dealloc` of `object`, which frees the instance and does nothing else. */
const inheritsDealloc = (model: ProjectModel, type: TypeDefinition): boolean =>
  type.isWhole &&
  !type.entries.some(({ slot, isNull }) => slot === 'Py_tp_dealloc' && !isNull) &&
  hasBase(model, type) === 'no'

const inherited = (model: ProjectModel, type: TypeDefinition, list: Pick<TypeEntry, 'file' | 'span'>): Finding => ({
  file: list.file,
  ...list.span,
  symbol: 'PyObject_ClearWeakRefs',
  message:
    `${shownType(type)} has no \`tp_dealloc\`, and that of \`object\` frees instances to which weak references may ` +
    'go on to point',
  advice: 'Write a `tp_dealloc` that calls `PyObject_ClearWeakRefs`, and then `tp_free`.',
  notes: doubtsOf(model, type, null),
})

/** @param first what may not be done before */
function fixFor(model: ProjectModel, body: Body, first: Effect): Fix | null {
  const point = insertionPoint(model, body, first.top.span.start)
  const object = objectOf(body)
  if (object === null || point === null || point.isDeclaration) return null
  const { span } = point
  const lead = leadOf(model.project.code(body.file).text, span)
  return {
    title: 'call `PyObject_ClearWeakRefs`',
    safety: 'safe',
    reason: '',
    includes: [],
    shims: [],
    kind: 'file',
    rewrites: [{ ...span, pieces: [`PyObject_ClearWeakRefs(${object});${lead}`, span] }],
  }
}
