import type { Finding, Rule } from '../analyzer/check/rule.ts'
import { valuesInCode } from '../analyzer/code/statements.ts'
import type { CallValue, Value } from '../analyzer/code/tree.ts'
import type { Fix } from '../analyzer/fix/fix.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { deallocationOf } from '../analyzer/semantics/deallocation.ts'
import type { Body } from '../analyzer/semantics/functions.ts'
import {
  doubtsOf,
  entryOf,
  functionOf,
  hasBase,
  hasFlag,
  hasOwnMemory,
  isOfSlot,
  objectOf,
  typeDefinitions,
} from '../analyzer/semantics/heap-types.ts'
import type { TypeDefinition } from '../analyzer/semantics/type-definition.ts'

export const directInstanceFree: Rule = {
  name: 'direct-instance-free',
  summary: 'instance of a type with subclasses, or of a collected one, freed by another function than `tp_free`',
  explanation: `A class of Python's that is derived from the type has a garbage collector's header in front of its
instances, whether the type has one or not. \`PyObject_Free\` and its like are then handed an address that no
allocation has: the process crashes, at once or later. \`PyObject_GC_Del\` of an instance without that header does the
same. Only the object's own type knows how to free it: call its
\`tp_free\`.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `static void spam_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_Free(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, spam_slots};`,
      fixed: `static void spam_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    ((freefunc)PyType_GetSlot(Py_TYPE(self), Py_tp_free))(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, spam_slots};`,
      reports: {
        at: '4:5 PyObject_Free(self)',
        message:
          '`PyObject_Free` frees an instance of a type that can be subclassed: that of a Python subclass begins ' +
          'elsewhere, and Python crashes',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `static int spam_traverse(PyObject *self, visitproc visit, void *arg) { Py_VISIT(Py_TYPE(self)); return 0; }
static void spam_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    PyObject_Del(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {Py_tp_traverse, spam_traverse}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, spam_slots};`,
      reports: {
        at: '6:5 PyObject_Del(self)',
        message:
          '`PyObject_Del` frees an instance of a type with `Py_TPFLAGS_HAVE_GC`: its memory begins before the ' +
          'object, and Python crashes',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `static void spam_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
static PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};
PyObject *make(void) { return PyType_FromSpec(&spam_spec); }`,
      reports: {
        at: '4:5 PyObject_GC_Del(self)',
        message:
          '`PyObject_GC_Del` frees an instance of a type without `Py_TPFLAGS_HAVE_GC`: it has no header in front ' +
          'that could be freed, and Python crashes',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `static int spam_traverse(PyObject *self, visitproc visit, void *arg) { Py_VISIT(Py_TYPE(self)); return 0; }
static PyType_Slot spam_slots[] = {{Py_tp_traverse, spam_traverse}, {Py_tp_free, PyObject_Free}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, spam_slots};`,
      reports: {
        at: '2:69 {Py_tp_free, PyObject_Free}',
        message:
          '`PyObject_Free` frees the instances of a type with `Py_TPFLAGS_HAVE_GC`: their memory begins before the ' +
          'object, and Python crashes',
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: `static int spam_traverse(PyObject *self, visitproc visit, void *arg) { Py_VISIT(Py_TYPE(self)); return 0; }
static PyType_Slot spam_slots[] = {{Py_tp_traverse, spam_traverse}, {Py_tp_free, PyObject_GC_Del}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, spam_slots};`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: `static void spam_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
static PyType_Spec spam_spec = {"spam.Spam", 0, 0, Py_TPFLAGS_DEFAULT, spam_slots};
PyObject *make(PyObject *bases) { return PyType_FromSpecWithBases(&spam_spec, bases); }`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: `static void spam_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_Free(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: `static void spam_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    freefunc free = (freefunc)PyType_GetSlot(type, Py_tp_free);
    free(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, spam_slots};`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: `static void spam_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, spam_slots};`,
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'full',
      code: `#include <Python.h>
typedef struct { PyObject_HEAD int number; } Spam;
static void spam_dealloc(PyObject *self)
{
    PyObject_Free(self);
}
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    "spam.Spam", sizeof(Spam), 0, spam_dealloc, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
};
int ready(void)
{
    Spam_Type.tp_new = PyType_GenericNew;
    return PyType_Ready(&Spam_Type);
}`,
      fixed: `#include <Python.h>
typedef struct { PyObject_HEAD int number; } Spam;
static void spam_dealloc(PyObject *self)
{
    Py_TYPE(self)->tp_free(self);
}
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    "spam.Spam", sizeof(Spam), 0, spam_dealloc, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
};
int ready(void)
{
    Spam_Type.tp_new = PyType_GenericNew;
    return PyType_Ready(&Spam_Type);
}`,
      reports: {
        at: '5:5 PyObject_Free(self)',
        message:
          '`PyObject_Free` frees an instance of a type that can be subclassed: that of a Python ' +
          'subclass begins elsewhere, and Python crashes',
      },
    },
    {
      kind: 'good',
      target: '3.12',
      compiler: 'full',
      code: `#include <Python.h>
typedef struct { PyObject_HEAD int number; } Spam;
static void spam_dealloc(PyObject *self)
{
    PyObject_Free(self);
}
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    "spam.Spam", sizeof(Spam), 0, spam_dealloc, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
};
int ready(void)
{
    return PyType_Ready(&Spam_Type);
}`,
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'full',
      code: `#include <Python.h>
typedef struct { PyObject_HEAD int number; } Spam;
static PyTypeObject Spam_Type = {
    .tp_name = "spam.Spam", .tp_basicsize = sizeof(Spam), .tp_flags = Py_TPFLAGS_DEFAULT, .tp_free = PyObject_GC_Del,
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
      reports: {
        at: '4:102 PyObject_GC_Del',
        message:
          '`PyObject_GC_Del` frees the instances of a type without `Py_TPFLAGS_HAVE_GC`: they have no header in ' +
          'front that could be freed, and Python crashes',
      },
    },
  ],
  *check({ model }) {
    const seen = new Set<Value>()
    for (const type of typeDefinitions(model)) {
      const slot = plainFree(model, type)
      if (slot !== null) yield slot
      const body = functionOf(model, type, 'Py_tp_dealloc')
      if (body === null || !isOfSlot(model, body) || hasOwnMemory(type)) continue
      // One that asks first which of the two is right knows what it does.
      const [free, ...others] = deallocationOf(model, body).frees
      if (free === undefined || others.length > 0 || free.how === 'tp_free' || free.what !== 'free') continue
      const { top, how, isOwn } = free
      const isCollected = hasFlag(model, type, 'Py_TPFLAGS_HAVE_GC')
      if (how === 'PyObject_GC_Del' && isCollected !== 'no') continue
      const isBehindHeader = how !== 'PyObject_GC_Del' && isCollected === 'yes'
      const hasNoHeader = how === 'PyObject_GC_Del' && !inheritsCollection(model, type)
      if (!isBehindHeader && !hasNoHeader && !hasSubclasses(model, type)) continue
      if (seen.has(top)) continue
      seen.add(top)
      yield {
        file: body.file,
        ...top.span,
        symbol: how,
        message: isBehindHeader
          ? `\`${how}\` frees an instance of a type with \`Py_TPFLAGS_HAVE_GC\`: its memory begins before the ` +
            'object, and Python crashes'
          : hasNoHeader
            ? `\`${how}\` frees an instance of a type without \`Py_TPFLAGS_HAVE_GC\`: it has no header in front that ` +
              'could be freed, and Python crashes'
            : `\`${how}\` frees an instance of a type that can be subclassed: that of a Python subclass begins ` +
              'elsewhere, and Python crashes',
        advice: 'Call the `tp_free` of the type of the object.',
        notes: doubtsOf(model, type, body),
        fix: isOwn && top.kind === 'call' ? fixFor(type, body, top, how) : null,
      }
    }
  },
}

/**
 * A `tp_free` that does not know of the header in front of instances that are collected, or that counts on it where
 * there is none.
 */
function plainFree(model: ProjectModel, type: TypeDefinition): Finding | null {
  const free = entryOf(type, 'Py_tp_free')
  const how = free?.value ?? null
  if (free === null || how === null) return null
  const isCollected = hasFlag(model, type, 'Py_TPFLAGS_HAVE_GC')
  if (/^_?PyObject_GC_Del$/.test(how) && isCollected === 'no' && !hasOwnAllocation(type))
    return inheritsCollection(model, type)
      ? null
      : {
          file: free.file,
          ...free.span,
          symbol: how,
          message:
            `\`${how}\` frees the instances of a type without \`Py_TPFLAGS_HAVE_GC\`: they have no header in front ` +
            'that could be freed, and Python crashes',
          advice: 'Leave the slot out.',
          notes: doubtsOf(model, type, null),
        }
  if (!/^_?(?:PyObject_(?:Free|Del)|PyMem_Free|free)$/.test(how) || isCollected !== 'yes') return null
  return {
    file: free.file,
    ...free.span,
    symbol: how,
    message:
      `\`${how}\` frees the instances of a type with \`Py_TPFLAGS_HAVE_GC\`: their memory begins before the ` +
      'object, and Python crashes',
    advice: 'Leave the slot out, or write `PyObject_GC_Del`.',
  }
}

const hasOwnAllocation = ({ entries }: TypeDefinition): boolean =>
  entries.some(({ slot, isNull }) => slot === 'Py_tp_alloc' && !isNull)

/** Whether a type without the flag may get it from its base: only one that has neither of these slots does. */
const inheritsCollection = (model: ProjectModel, type: TypeDefinition): boolean =>
  !type.entries.some(({ slot }) => slot === 'Py_tp_traverse' || slot === 'Py_tp_clear') && hasBase(model, type) !== 'no'

/** Whether instances of Python subclasses of a type may come to its `tp_dealloc`. */
function hasSubclasses(model: ProjectModel, type: TypeDefinition): boolean {
  if (
    hasFlag(model, type, 'Py_TPFLAGS_BASETYPE') !== 'yes' ||
    hasFlag(model, type, 'Py_TPFLAGS_DISALLOW_INSTANTIATION') !== 'no'
  )
    return false
  // A static type that has no `tp_new` gets none of `object`, nor do classes that are derived from it.
  if (type.kind === 'static' && !type.entries.some(({ slot, isNull }) => slot === 'Py_tp_new' && !isNull)) return false
  // What does not ask for the type makes no instance of a subclass.
  const made = functionOf(model, type, 'Py_tp_new')
  return made === null || usesParameter(made)
}

/** Whether a function does anything with its first parameter. */
function usesParameter({ code }: Body): boolean {
  const name = code.parameters[0]?.name
  return valuesInCode(code.body).some((value) => value.kind === 'name' && value.name === name)
}

function fixFor(type: TypeDefinition, body: Body, { span, operands: [operand] }: CallValue, how: string): Fix | null {
  const object = objectOf(body)
  if (object === null || !operand) return null
  const isOwnMemory = /^PyObject_/.test(how)
  return {
    title: 'call `tp_free`',
    safety: isOwnMemory ? 'safe' : 'unsafe',
    reason: isOwnMemory ? '' : `instances have to be allocated by \`tp_alloc\`, if \`${how}\` was right for them`,
    includes: [],
    shims: [],
    kind: 'file',
    rewrites: [
      {
        ...span,
        pieces:
          type.kind === 'static'
            ? [`Py_TYPE(${object})->tp_free(${object})`]
            : [`((freefunc)PyType_GetSlot(Py_TYPE(${object}), Py_tp_free))(`, operand.span, ')'],
      },
    ],
  }
}
