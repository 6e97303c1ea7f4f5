import type { Rule } from '../analyzer/check/rule.ts'
import { callsIn } from '../analyzer/code/placement.ts'
import { calleeName } from '../analyzer/code/values.ts'
import { deallocationOf } from '../analyzer/semantics/deallocation.ts'
import {
  doubtsOf,
  entryOf,
  functionOf,
  isOfSlot,
  typeDefinitions,
  writtenSlot,
} from '../analyzer/semantics/heap-types.ts'

const spec = (dealloc: string): string => `static void spam_finalize(PyObject *self) { (void)self; }
static void spam_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
${dealloc}    PyObject_Free(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_finalize, spam_finalize}, {Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};`

export const uncalledFinalizer: Rule = {
  name: 'uncalled-finalizer',
  summary: '`Py_tp_finalize` beside a `tp_dealloc` that does not call it',
  explanation: `Python calls \`tp_finalize\` of itself only for objects of a cycle that the collector frees. For all
others \`tp_dealloc\` has to: by \`PyObject_CallFinalizerFromDealloc\`, which is in the Limited API from 3.15 on.
Without a \`tp_dealloc\` of one's own the inherited one does. In older Limited APIs do what is to be done in
\`tp_dealloc\` itself.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spec(''),
      reports: {
        at: '8:36 {Py_tp_finalize, spam_finalize}',
        message:
          '`spam_dealloc` does not call the finalizer: it runs for objects that the garbage collector frees, and ' +
          'for no others',
      },
    },
    { kind: 'good', target: '3.15', code: spec('    if (PyObject_CallFinalizerFromDealloc(self) < 0) return;\n') },
    { kind: 'good', target: '3.9', code: spec('    spam_finalize(self);\n') },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'full',
      code: `#include <Python.h>
#include <structmember.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *item; } Spam;
static void spam_finalize(PyObject *self) { Py_CLEAR(((Spam *)self)->item); }
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
    .tp_finalize = spam_finalize,
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
      reports: {
        at: '16:20 spam_finalize',
        message:
          '`spam_dealloc` does not call the finalizer: it runs for objects that the garbage ' +
          'collector frees, and for no others',
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
static void spam_finalize(PyObject *self) { Py_CLEAR(((Spam *)self)->item); }
static void spam_dealloc(PyObject *self)
{
    if (PyObject_CallFinalizerFromDealloc(self) < 0)
        return;
    Py_TYPE(self)->tp_free(self);
}
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_dealloc = spam_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_finalize = spam_finalize,
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
    },
  ],
  *check({ model, target }) {
    for (const type of typeDefinitions(model)) {
      const finalizer = entryOf(type, 'Py_tp_finalize')
      const body = functionOf(model, type, 'Py_tp_dealloc')
      if (
        finalizer === null ||
        finalizer.isNull ||
        model.active(finalizer.file, finalizer.region) !== 'yes' ||
        body === null ||
        !isOfSlot(model, body)
      )
        continue
      const { effects, frees } = deallocationOf(model, body)
      if (
        frees.length === 0 ||
        effects.some(({ what, how }) => what === 'unknown' || /finali[sz]e/i.test(how) || how === finalizer.value)
      )
        continue
      // One that does itself what the other does calls it by no name.
      const finalize = functionOf(model, type, 'Py_tp_finalize')
      const called = new Set(callsIn(body.code).map(calleeName))
      if (
        finalize &&
        callsIn(finalize.code).some((call) => {
          const name = calleeName(call)
          return name !== null && called.has(name) && !/^_?Py/.test(name)
        })
      )
        continue
      yield {
        file: finalizer.file,
        ...finalizer.span,
        symbol: writtenSlot(type, 'tp_finalize'),
        message:
          `\`${body.code.name}\` does not call the finalizer: it runs for objects that the garbage collector ` +
          `frees, and for no others`,
        advice:
          target.level >= 15
            ? 'Begin `tp_dealloc` with `if (PyObject_CallFinalizerFromDealloc(self) < 0) return;`.'
            : `Do in \`${body.code.name}\` what is to be done for every object.`,
        notes: doubtsOf(model, type, body),
      }
    }
  },
}
