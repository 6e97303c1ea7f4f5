import type { Rule } from '../analyzer/check/rule.ts'
import { aloneStatement, leadOf } from '../analyzer/code/placement.ts'
import type { FunctionCode } from '../analyzer/code/tree.ts'
import type { Fix } from '../analyzer/fix/fix.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { deallocationOf, releasesMember } from '../analyzer/semantics/deallocation.ts'
import type { Effect } from '../analyzer/semantics/effect-list.ts'
import type { Body } from '../analyzer/semantics/functions.ts'
import {
  doubtsOf,
  functionOf,
  hasFlag,
  hasFlagWith,
  insertionPoint,
  isOfSlot,
  regionOf,
  typeDefinitions,
} from '../analyzer/semantics/heap-types.ts'
import type { TypeDefinition } from '../analyzer/semantics/type-definition.ts'

export const missingGcUntrack: Rule = {
  name: 'missing-gc-untrack',
  summary: '`tp_dealloc` that gives back members while the collector still knows the object',
  explanation: `To give back a reference may run any code, and start a garbage collection. That finds an object
without references half taken apart, as long as it is tracked, clears it and frees it a second time.
\`PyObject_GC_UnTrack(self)\` has to come before the first member is given back.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `typedef struct { PyObject_HEAD PyObject *items; } Spam;
static void spam_dealloc(Spam *self)
{
    PyTypeObject *type = Py_TYPE((PyObject *)self);
    Py_CLEAR(self->items);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, spam_slots};`,
      fixed: `typedef struct { PyObject_HEAD PyObject *items; } Spam;
static void spam_dealloc(Spam *self)
{
    PyTypeObject *type = Py_TYPE((PyObject *)self);
    PyObject_GC_UnTrack(self);
    Py_CLEAR(self->items);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, spam_slots};`,
      reports: {
        at: '5:5 Py_CLEAR(self->items)',
        message: '`spam_dealloc` gives back references of an object that the garbage collector still tracks',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `typedef struct { PyObject_HEAD PyObject *items; } Spam;
static int spam_clear(Spam *self) { Py_CLEAR(self->items); return 0; }
static void spam_dealloc(Spam *self)
{
    PyTypeObject *type = Py_TYPE((PyObject *)self);
    spam_clear(self);
    PyObject_GC_UnTrack(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {Py_tp_clear, spam_clear}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, spam_slots};`,
      fixed: `typedef struct { PyObject_HEAD PyObject *items; } Spam;
static int spam_clear(Spam *self) { Py_CLEAR(self->items); return 0; }
static void spam_dealloc(Spam *self)
{
    PyTypeObject *type = Py_TYPE((PyObject *)self);
    PyObject_GC_UnTrack(self);
    spam_clear(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {Py_tp_clear, spam_clear}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, spam_slots};`,
      reports: {
        at: '6:5 spam_clear(self)',
        message: '`spam_dealloc` gives back references of an object that the garbage collector still tracks',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `typedef struct { PyObject_HEAD PyObject *items; } Meta;
static void meta_dealloc(Meta *self)
{
    Py_CLEAR(self->items);
    ((destructor)PyType_GetSlot(&PyType_Type, Py_tp_dealloc))((PyObject *)self);
}
static PyType_Slot meta_slots[] = {{Py_tp_dealloc, meta_dealloc}, {Py_tp_base, &PyType_Type}, {0, NULL}};
PyType_Spec meta_spec = {"spam.Meta", sizeof(Meta), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, meta_slots};`,
      reports: {
        at: '4:5 Py_CLEAR(self->items)',
        message: '`meta_dealloc` gives back references of an object that the garbage collector still tracks',
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: `typedef struct { PyObject_HEAD PyObject *items; } Spam;
static int spam_clear(Spam *self) { Py_CLEAR(self->items); return 0; }
static void spam_dealloc(Spam *self)
{
    PyTypeObject *type = Py_TYPE((PyObject *)self);
    PyObject_GC_UnTrack(self);
    (void)spam_clear(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {Py_tp_clear, spam_clear}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, spam_slots};`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: `static void _PyObject_GC_UNTRACK(PyObject *op) { ((uintptr_t *)op)[-2] = 0; }
typedef struct { PyObject_HEAD PyObject *items; } Spam;
static void spam_dealloc(Spam *self)
{
    PyTypeObject *type = Py_TYPE((PyObject *)self);
    _PyObject_GC_UNTRACK((PyObject *)self);
    Py_CLEAR(self->items);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, spam_slots};`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: `static void spam_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, spam_slots};`,
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
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = spam_traverse,
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
      fixed: `#include <Python.h>
#include <structmember.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *item; } Spam;
static int spam_traverse(PyObject *self, visitproc visit, void *arg) { Py_VISIT(((Spam *)self)->item); return 0; }
static void spam_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_CLEAR(((Spam *)self)->item);
    Py_TYPE(self)->tp_free(self);
}
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_dealloc = spam_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = spam_traverse,
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
      reports: {
        at: '8:5 Py_CLEAR(((Spam *)self)->item)',
        message: '`spam_dealloc` gives back references of an object that the garbage collector still tracks',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'full',
      code: `#include <Python.h>
#include <structmember.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *item, *weak; } Spam;
static int spam_traverse(PyObject *self, visitproc visit, void *arg) { Py_VISIT(((Spam *)self)->item); return 0; }
static void spam_end(Spam *self) { PyObject_GC_UnTrack(self); Py_CLEAR(self->item); }
static void spam_dealloc(PyObject *self)
{
    PyObject_ClearWeakRefs(self);
    spam_end((Spam *)self);
    Py_TYPE(self)->tp_free(self);
}
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_dealloc = spam_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = spam_traverse,
    .tp_weaklistoffset = offsetof(Spam, weak),
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
      fixed: `#include <Python.h>
#include <structmember.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *item, *weak; } Spam;
static int spam_traverse(PyObject *self, visitproc visit, void *arg) { Py_VISIT(((Spam *)self)->item); return 0; }
static void spam_end(Spam *self) { PyObject_GC_UnTrack(self); Py_CLEAR(self->item); }
static void spam_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    PyObject_ClearWeakRefs(self);
    spam_end((Spam *)self);
    Py_TYPE(self)->tp_free(self);
}
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_dealloc = spam_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = spam_traverse,
    .tp_weaklistoffset = offsetof(Spam, weak),
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
      reports: {
        at: '9:5 PyObject_ClearWeakRefs(self)',
        message: '`spam_dealloc` calls back for weak references to an object that the garbage collector still tracks',
      },
    },
    {
      kind: 'good',
      target: '3.12',
      compiler: 'full',
      code: `#include <Python.h>
#include <structmember.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *item, *weak; } Spam;
static int spam_traverse(PyObject *self, visitproc visit, void *arg) { Py_VISIT(((Spam *)self)->item); return 0; }
static void spam_end(Spam *self) { Py_CLEAR(self->item); }
static void spam_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    PyObject_ClearWeakRefs(self);
    spam_end((Spam *)self);
    Py_TYPE(self)->tp_free(self);
}
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_dealloc = spam_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = spam_traverse,
    .tp_weaklistoffset = offsetof(Spam, weak),
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
    },
  ],
  *check({ model }) {
    const seen = new Set<FunctionCode>()
    for (const type of typeDefinitions(model)) {
      const body = functionOf(model, type, 'Py_tp_dealloc')
      if (body === null || seen.has(body.code) || !isOfSlot(model, body)) continue
      if (hasFlag(model, type, 'Py_TPFLAGS_HAVE_GC') !== 'yes') continue
      const { effects, frees } = deallocationOf(model, body)
      const untracked = effects.findIndex(({ what }) => what === 'untrack')
      const [free] = frees
      if ((untracked < 0 && free === undefined) || neverTracks(model, type)) continue
      // Once it is untracked nothing matters any more.
      const before = untracked >= 0 ? effects.slice(0, untracked) : effects
      const given = before.slice(0, untracked < 0 ? effects.indexOf(free!) : untracked).find(releasesMember)
      if (given === undefined || before.some(({ what }) => what === 'unknown')) continue
      seen.add(body.code)
      // `type_dealloc`, and those of exceptions, untrack it themselves, and fail where it is not tracked.
      const base = effects.find(({ what, how }) => what === 'call-slot' && how === 'tp_dealloc')
      yield {
        file: body.file,
        ...given.top.span,
        symbol: given.how,
        // What a callback of a weak reference does is anything, a collection, too.
        message: `\`${body.code.name}\` ${
          given.what === 'clear-weakrefs' ? 'calls back for weak references to' : 'gives back references of'
        } an object that the garbage collector still tracks`,
        advice: base
          ? `Call \`PyObject_GC_UnTrack(self)\` first, and \`PyObject_GC_Track(self)\` before ${
              base.type === '' ? 'the type' : `\`${base.type}\``
            } gets it, whose \`tp_dealloc\` may want it tracked.`
          : 'Call `PyObject_GC_UnTrack(self)` first.',
        notes: doubtsOf(model, type, body),
        fix:
          !base && hasFlagWith(type, 'Py_TPFLAGS_HAVE_GC', regionOf(model, body))
            ? fixFor(model, body, given, effects[untracked])
            : null,
      }
    }
  },
}

/** Whether the files that name a type make objects for the collector without ever handing them to it. */
function neverTracks(model: ProjectModel, { kind, file, head: { variable } }: TypeDefinition): boolean {
  const files = kind === 'static' ? model.project.filesWith(variable) : [file]
  const calls = (name: RegExp): boolean => [...files].some((each) => name.test(model.project.code(each).text))
  return (
    calls(/\bPyObject_GC_New(?:Var)?\b/) && !calls(/\b_?PyObject_GC_T(?:rack|RACK)\b|\btp_alloc\b|\bPyType_Generic/)
  )
}

/** @param late the call that comes too late, where there is one */
function fixFor(model: ProjectModel, body: Body, given: Effect, late: Effect | undefined): Fix | null {
  const point = insertionPoint(model, body, given.top.span.start)
  const name = body.code.parameters[0]?.name ?? ''
  if (point === null || point.isDeclaration || !/^[A-Za-z_]\w*$/.test(name)) return null
  const { span } = point
  const isLater = late?.isOwn && !(span.start <= late.top.span.start && late.top.span.start < span.end)
  const gone = isLater ? aloneStatement(body.code, late.top) : null
  const lead = leadOf(model.project.code(body.file).text, span)
  return {
    title: 'call `PyObject_GC_UnTrack` first',
    safety: 'safe',
    reason: '',
    includes: [],
    shims: [],
    kind: 'file',
    rewrites: [
      { ...span, pieces: [`PyObject_GC_UnTrack(${name});${lead}`, span] },
      ...(gone?.inBlock ? [{ ...gone.statement.span, pieces: [] }] : []),
    ],
  }
}
