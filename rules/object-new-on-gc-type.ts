import type { Rule } from '../analyzer/check/rule.ts'
import type { FunctionCode, Value } from '../analyzer/code/tree.ts'
import { addressed, plainText } from '../analyzer/code/values.ts'
import type { Fix } from '../analyzer/fix/fix.ts'
import type { Verdict } from '../analyzer/preprocess/condition.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { callsOf } from '../analyzer/semantics/calls.ts'
import { functionOf, hasFlag, typeBehind, typeDefinitions } from '../analyzer/semantics/heap-types.ts'
import { staticTypesNamed } from '../analyzer/semantics/static-types.ts'
import type { TypeDefinition } from '../analyzer/semantics/type-definition.ts'
import { addTo } from '../analyzer/source/multimap.ts'
import type { FileId, Offset } from '../analyzer/source/text.ts'

const spec = (flags: string, call: string): string => `typedef struct { PyObject_HEAD PyObject *items; } Spam;
static PyTypeObject *Spam_Type;
static int spam_traverse(PyObject *self, visitproc visit, void *arg) { Py_VISIT(Py_TYPE(self)); Py_VISIT(((Spam *)self)->items); return 0; }
static PyType_Slot spam_slots[] = {{Py_tp_traverse, spam_traverse}, {0, NULL}};
static PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, ${flags}, spam_slots};
int spam_exec(PyObject *m) { Spam_Type = (PyTypeObject *)PyType_FromSpec(&spam_spec); return Spam_Type ? 0 : -1; }
Spam *spam_new(void) { return ${call}(Spam, Spam_Type); }`

export const objectNewOnGcType: Rule = {
  name: 'object-new-on-gc-type',
  summary: '`PyObject_New` for a type that the garbage collector looks after',
  explanation: `Instances of a type with \`Py_TPFLAGS_HAVE_GC\` have a header in front, for which \`PyObject_New\`
allocates no room: to track, untrack or free such an object writes before its memory. \`PyObject_GC_New\` makes it,
\`PyObject_GC_Track\` hands it to the collector once its fields are set.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      fixes: 'unsafe',
      code: spec('Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC', 'PyObject_New'),
      fixed: spec('Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC', 'PyObject_GC_New'),
      reports: {
        at: '7:31 PyObject_New',
        message:
          "`PyObject_New` makes no room for the garbage collector's header, which a type with " +
          '`Py_TPFLAGS_HAVE_GC` needs',
      },
    },
    { kind: 'good', target: '3.9', code: spec('Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC', 'PyObject_GC_New') },
    { kind: 'good', target: '3.9', code: spec('Py_TPFLAGS_DEFAULT', 'PyObject_New') },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'full',
      fixes: 'unsafe',
      code: `#include <Python.h>
#include <structmember.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *item; } Spam;
static int spam_traverse(PyObject *self, visitproc visit, void *arg) { Py_VISIT(((Spam *)self)->item); return 0; }
static PyObject *spam_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) { return (PyObject *)PyObject_New(Spam, type); }
static void spam_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_TYPE(self)->tp_free(self);
}
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_dealloc = spam_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = spam_traverse,
    .tp_new = spam_new,
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
      fixed: `#include <Python.h>
#include <structmember.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *item; } Spam;
static int spam_traverse(PyObject *self, visitproc visit, void *arg) { Py_VISIT(((Spam *)self)->item); return 0; }
static PyObject *spam_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) { return (PyObject *)PyObject_GC_New(Spam, type); }
static void spam_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_TYPE(self)->tp_free(self);
}
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_dealloc = spam_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = spam_traverse,
    .tp_new = spam_new,
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
      reports: {
        at: '6:102 PyObject_New',
        message:
          "`PyObject_New` makes no room for the garbage collector's header, which a type with " +
          '`Py_TPFLAGS_HAVE_GC` needs',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'full',
      code: `#include <Python.h>
#include <structmember.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *item; } Spam;
static PyObject *spam_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) { return (PyObject *)PyObject_New(Spam, type); }
static void spam_dealloc(PyObject *self)
{
    Py_TYPE(self)->tp_free(self);
}
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_dealloc = spam_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_new = spam_new,
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
      reports: {
        at: '5:102 PyObject_New',
        message:
          "`PyObject_New` makes no room for the garbage collector's header, which instances of " +
          'Python subclasses need',
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
static PyObject *spam_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) { return (PyObject *)PyObject_New(Spam, type); }
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
    .tp_new = spam_new,
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
    },
  ],
  *check({ model }) {
    for (const [name, instead] of Object.entries(collected)) {
      for (const { file, around, call, doubts } of callsOf(model, name)) {
        const [, made] = call.operands
        if (!made || model.isProjectDefined(file, name) !== 'no') continue
        const fault = faultOf(model, file, around, made)
        if (fault === null) continue
        const { start } = call.span
        const end = start + name.length
        yield {
          file,
          start,
          end,
          symbol: name,
          ...(fault === 'type'
            ? {
                message:
                  `\`${name}\` makes no room for the garbage collector's header, which a type with ` +
                  '`Py_TPFLAGS_HAVE_GC` needs',
                advice: `Use \`${instead}\`, and \`PyObject_GC_Track\` once the fields are set.`,
                fix: fixFor(start, end, instead),
              }
            : {
                message:
                  `\`${name}\` makes no room for the garbage collector's header, which instances of Python ` +
                  'subclasses need',
                advice: `Call the \`tp_alloc\` of \`${plainText(made)}\`.`,
              }),
          notes: doubts,
        }
      }
    }
  },
}

/** Which types need what a call does not make: the type itself, or classes that are derived from it; null for none. */
function faultOf(model: ProjectModel, file: FileId, around: FunctionCode, made: Value): 'type' | 'subclass' | null {
  const isOwnType = around.parameters[0]?.name === plainText(made)
  const types = isOwnType ? typesMadeBy(model, around) : typesNamed(model, file, around, made)
  const areAll = (flag: string, verdict: Verdict): boolean =>
    types.length > 0 && types.every((type) => hasFlag(model, type, flag) === verdict)
  if (areAll('Py_TPFLAGS_HAVE_GC', 'yes')) return 'type'
  return isOwnType &&
    areAll('Py_TPFLAGS_HAVE_GC', 'no') &&
    areAll('Py_TPFLAGS_BASETYPE', 'yes') &&
    areAll('Py_TPFLAGS_DISALLOW_INSTANTIATION', 'no')
    ? 'subclass'
    : null
}

const known = new WeakMap<ProjectModel, Map<FunctionCode, TypeDefinition[]>>()

/** The types whose `tp_new` a function is, and which it is called for. */
function typesMadeBy(model: ProjectModel, code: FunctionCode): readonly TypeDefinition[] {
  let found = known.get(model)
  if (!found) {
    found = new Map()
    for (const type of typeDefinitions(model)) {
      const body = functionOf(model, type, 'Py_tp_new')
      if (body) addTo(found, body.code, type)
    }
    known.set(model, found)
  }
  return found.get(code) ?? []
}

/** The types that an expression may be: `&Spam_Type`, or what a type that is made of a spec is put into. */
function typesNamed(model: ProjectModel, file: FileId, around: FunctionCode, made: Value): readonly TypeDefinition[] {
  const name = addressed(made)
  if (name !== null) return staticTypesNamed(model, file, name)
  const type = typeBehind(model, file, plainText(made), around)
  return type === null ? [] : [type]
}

const fixFor = (start: Offset, end: Offset, instead: string): Fix => ({
  title: `use \`${instead}\``,
  safety: 'unsafe',
  reason: 'the collector has to be told of the object, by `PyObject_GC_Track` once its fields are set',
  includes: [],
  shims: [],
  kind: 'file',
  rewrites: [{ start, end, pieces: [instead] }],
})

const collected: Readonly<Record<string, string>> = {
  PyObject_New: 'PyObject_GC_New',
  PyObject_NEW: 'PyObject_GC_New',
  PyObject_NewVar: 'PyObject_GC_NewVar',
  PyObject_NEW_VAR: 'PyObject_GC_NewVar',
}
