import type { Rule } from '../analyzer/check/rule.ts'
import { hasFlag, shownType, typeDefinitions, writtenSlot } from '../analyzer/semantics/heap-types.ts'

const spec = (
  slots: string,
): string => `static int spam_traverse(PyObject *self, visitproc visit, void *arg) { Py_VISIT(Py_TYPE(self)); return 0; }
static PyType_Slot spam_slots[] = {${slots} {0, NULL}};
static PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, spam_slots};
PyObject *spam_type(void) { return (void)spam_traverse, PyType_FromSpec(&spam_spec); }`

export const gcTypeWithoutTraverse: Rule = {
  name: 'gc-type-without-traverse',
  summary: '`Py_TPFLAGS_HAVE_GC` without `tp_traverse`',
  explanation: `A type that the garbage collector looks after has to say what its instances refer to. Up to 3.10
Python accepts one that does not, and a collection calls \`NULL\`; from 3.11 on the type is not made: \`SystemError:
type spam.Spam has the Py_TPFLAGS_HAVE_GC flag but has no traverse function\`. No base helps: a type that has the flag
itself inherits no \`tp_traverse\`, not from one that has it either.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spec(''),
      reports: {
        at: '3:88 Py_TPFLAGS_HAVE_GC',
        message: '`spam.Spam` has `Py_TPFLAGS_HAVE_GC` and no `Py_tp_traverse`: `SystemError` from Python 3.11 on',
      },
    },
    { kind: 'good', target: '3.9', code: spec('{Py_tp_traverse, spam_traverse},') },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spec('{Py_tp_base, &PyDict_Type},'),
      reports: {
        at: '3:88 Py_TPFLAGS_HAVE_GC',
        message: '`spam.Spam` has `Py_TPFLAGS_HAVE_GC` and no `Py_tp_traverse`: `SystemError` from Python 3.11 on',
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: `static PyType_Slot more[] = {{0, NULL}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, more};
void add(traverseproc traverse) { more[0] = (PyType_Slot){Py_tp_traverse, traverse}; }`,
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'full',
      code: `#include <Python.h>
#include <structmember.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *item; } Spam;
static void spam_dealloc(PyObject *self)
{
    Py_TYPE(self)->tp_free(self);
}
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_dealloc = spam_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
      reports: {
        at: '14:38 Py_TPFLAGS_HAVE_GC',
        message: '`spam.Spam` has `Py_TPFLAGS_HAVE_GC` and no `tp_traverse`: `SystemError` from Python 3.11 on',
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
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
    },
  ],
  *check({ model }) {
    for (const type of typeDefinitions(model)) {
      const {
        file,
        head: { flags },
        entries,
      } = type
      if (entries.some(({ slot, isNull }) => slot === 'Py_tp_traverse' && !isNull) || !type.isWhole) continue
      const flag = flags.find((each) => each.name === 'Py_TPFLAGS_HAVE_GC' && model.active(file, each.region) === 'yes')
      if (flag === undefined || hasFlag(model, type, 'Py_TPFLAGS_HAVE_GC') !== 'yes') continue
      const slot = writtenSlot(type, 'tp_traverse')
      const visited = type.kind === 'heap' ? 'the type and ' : ''
      yield {
        file,
        ...flag.span,
        symbol: flag.name,
        message:
          `${shownType(type)} has \`Py_TPFLAGS_HAVE_GC\` and no \`${slot}\`: \`SystemError\` from ` +
          `Python ${refusing} on`,
        advice: `Add a \`${slot}\` that visits ${visited}what instances refer to, or drop the flag.`,
      }
    }
  },
}

/** The first Python that refuses such a type. Source: Objects/typeobject.c, `type_ready_post_checks`. */
const refusing = '3.11'
