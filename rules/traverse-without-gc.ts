import type { Rule } from '../analyzer/check/rule.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import {
  doubtsOf,
  functionOf,
  hasFlag,
  otherUses,
  shownType,
  typeDefinitions,
  writtenSlot,
} from '../analyzer/semantics/heap-types.ts'
import type { TypeDefinition, TypeEntry } from '../analyzer/semantics/type-definition.ts'

const spec = (flags: string): string => `typedef struct { PyObject_HEAD PyObject *item; } Spam;
static int spam_traverse(PyObject *self, visitproc visit, void *arg) { Py_VISIT(Py_TYPE(self)); Py_VISIT(((Spam *)self)->item); return 0; }
static PyType_Slot spam_slots[] = {{Py_tp_traverse, spam_traverse}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, ${flags}, spam_slots};`

export const traverseWithoutGc: Rule = {
  name: 'traverse-without-gc',
  summary: '`tp_traverse` or `tp_clear` without `Py_TPFLAGS_HAVE_GC`',
  explanation: `The garbage collector looks after instances of types with \`Py_TPFLAGS_HAVE_GC\` alone. Without the
flag nothing ever calls \`tp_traverse\` and \`tp_clear\`: what refers to itself by way of an instance stays forever,
and so does a heap type, to which each instance refers. With the flag, the \`tp_dealloc\` has to begin with
\`PyObject_GC_UnTrack\`.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spec('Py_TPFLAGS_DEFAULT'),
      reports: {
        at: '3:36 {Py_tp_traverse, spam_traverse}',
        message: '`spam.Spam` has a `Py_tp_traverse` and not `Py_TPFLAGS_HAVE_GC`: nothing calls it',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `#define MODULE "spam"
static int spam_clear(PyObject *self) { return 0; }
static PyType_Slot spam_slots[] = {{Py_tp_clear, spam_clear}, {0, NULL}};
PyType_Spec spam_spec = {MODULE ".Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};`,
      reports: {
        at: '3:36 {Py_tp_clear, spam_clear}',
        message: 'the type of `spam_spec` has a `Py_tp_clear` and not `Py_TPFLAGS_HAVE_GC`: nothing calls it',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `#define OLD_FLAGS (0)
#define FLAGS (Py_TPFLAGS_DEFAULT | OLD_FLAGS)
${spec('FLAGS | Py_TPFLAGS_BASETYPE')}`,
      reports: {
        at: '5:36 {Py_tp_traverse, spam_traverse}',
        message: '`spam.Spam` has a `Py_tp_traverse` and not `Py_TPFLAGS_HAVE_GC`: nothing calls it',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `static int spam_clear(PyObject *self) { return 0; }
static PyType_Slot spam_slots[] = {{Py_tp_clear, spam_clear}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};`,
      reports: {
        at: '2:36 {Py_tp_clear, spam_clear}',
        message: '`spam.Spam` has a `Py_tp_clear` and not `Py_TPFLAGS_HAVE_GC`: nothing calls it',
      },
    },
    { kind: 'good', target: '3.9', code: spec('Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC') },
    {
      kind: 'good',
      target: '3.9',
      code: `#define GC Py_TPFLAGS_HAVE_GC
#define FLAGS (Py_TPFLAGS_DEFAULT | GC)
${spec('FLAGS')}`,
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'full',
      code: `#include <Python.h>
#include <structmember.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *item; } Spam;
static int spam_traverse(PyObject *self, visitproc visit, void *arg) { Py_VISIT(((Spam *)self)->item); return 0; }
static void spam_dealloc(PyObject *self)
{
    Py_CLEAR(((Spam *)self)->item);
    Py_TYPE(self)->tp_free(self);
}
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_dealloc = spam_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_traverse = spam_traverse,
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
      reports: {
        at: '17:20 spam_traverse',
        message: '`spam.Spam` has a `tp_traverse` and not `Py_TPFLAGS_HAVE_GC`: nothing calls it',
      },
    },
    {
      kind: 'good',
      target: '3.12',
      compiler: 'full',
      code: `#include <Python.h>
#include <structmember.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *item; } Spam;
static int spam_clear(PyObject *self) { Py_CLEAR(((Spam *)self)->item); return 0; }
static void spam_dealloc(PyObject *self)
{
    Py_TYPE(self)->tp_clear(self);
    Py_TYPE(self)->tp_free(self);
}
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_dealloc = spam_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_clear = spam_clear,
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
typedef struct { PyObject_HEAD PyObject *item; } Spam;
static int spam_clear(PyObject *self) { Py_CLEAR(((Spam *)self)->item); return 0; }
static void spam_dealloc(PyObject *self)
{
    spam_clear(self);
    Py_TYPE(self)->tp_free(self);
}
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_dealloc = spam_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_clear = spam_clear,
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
    },
  ],
  *check({ model }) {
    for (const type of typeDefinitions(model)) {
      const { entries } = type
      const entry =
        entries.find(({ slot, isNull }) => slot === 'Py_tp_traverse' && !isNull) ??
        entries.find(({ slot, isNull }) => slot === 'Py_tp_clear' && !isNull)
      if (entry === undefined || hasFlag(model, type, 'Py_TPFLAGS_HAVE_GC') !== 'no') continue
      if (isCalled(model, type, entry)) continue
      const slot = writtenSlot(type, entry.slot.slice(3))
      yield {
        file: entry.file,
        ...entry.span,
        symbol: slot,
        message: `${shownType(type)} has a \`${slot}\` and not \`Py_TPFLAGS_HAVE_GC\`: nothing calls it`,
        advice: 'Add the flag, and call `PyObject_GC_UnTrack` first in `tp_dealloc`.',
        notes: doubtsOf(model, type, null),
      }
    }
  },
}

/** Whether code calls what is in a slot, by the slot where the type stands or by the name of the function. */
function isCalled(model: ProjectModel, type: TypeDefinition, { slot }: TypeEntry): boolean {
  const body = functionOf(model, type, slot)
  if (slot === 'Py_tp_clear' && body !== null && otherUses(model, body).length > 0) return true
  // `Py_TYPE(self)->tp_clear(self)`, `Spam_Type.tp_clear(self)`, `PyType_GetSlot(type, Py_tp_clear)`
  const holder = type.kind === 'static' ? `(?:->|\\b${type.head.variable}\\.)` : '->'
  const call = new RegExp(`${holder}\\s*${slot.slice(3)}\\s*\\(|\\b${slot}\\s*\\)`)
  return call.test(model.project.code(type.file).text)
}
