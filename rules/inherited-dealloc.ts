import { listedNames } from '../analyzer/check/listed-names.ts'
import type { Rule } from '../analyzer/check/rule.ts'
import { freeingFunctions } from '../analyzer/knowledge/slots.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import {
  doubtsOf,
  functionOf,
  hasBase,
  hasFlag,
  shownType,
  structOf,
  typeDefinitions,
  writtenSlot,
} from '../analyzer/semantics/heap-types.ts'
import { type InstanceMembers, instanceMembers } from '../analyzer/semantics/instance-members.ts'
import { ownsMemory } from '../analyzer/semantics/member-memory.ts'
import { mentionedNames } from '../analyzer/semantics/mentioned-names.ts'
import {
  isReleased,
  isSet,
  isTakenOut,
  type MemberUse,
  memberUses,
  memberValues,
} from '../analyzer/semantics/state-members.ts'
import type { TypeDefinition, TypeEntry } from '../analyzer/semantics/type-definition.ts'
import { fieldsSetByPython, memberFields } from '../analyzer/semantics/type-members.ts'

const spam = (set: string, more = ''): string => `typedef struct { PyObject_HEAD PyObject *items; char *buffer; } Spam;
static int spam_init(Spam *self, PyObject *args, PyObject *kwargs)
{
    ${set}
    return 0;
}
${more}static PyType_Slot spam_slots[] = {{Py_tp_init, spam_init}, ${more && '{Py_tp_finalize, spam_finalize}, '}{0, NULL}};
static PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT, spam_slots};
PyObject *make_type(void) { return PyType_FromSpec(&spam_spec); }`

const collected = (type: string, flags: string): string => `#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *items; } Spam;
static int spam_init(Spam *self, PyObject *args, PyObject *kwargs)
{
    self->items = PyList_New(0);
    return 0;
}
static int spam_traverse(Spam *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE((PyObject *)self));
    Py_VISIT(self->items);
    return 0;
}
PyMemberDef members[] = {{"items", ${type}, offsetof(Spam, items), ${flags}, NULL}, {NULL, 0, 0, 0, NULL}};
static PyType_Slot slots[] = {{Py_tp_init, spam_init}, {Py_tp_traverse, spam_traverse}, {Py_tp_members, members}, {0, NULL}};
static PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, slots};
PyObject *make_type(void) { return PyType_FromSpec(&spam_spec); }`

export const inheritedDealloc: Rule = {
  name: 'inherited-dealloc',
  summary: 'type without `Py_tp_dealloc` whose instances own references or memory',
  explanation: `A type that has no \`Py_tp_dealloc\` gets the one of Python classes. That frees the instance and, where the
collector looks after it, what Python classes have: a dictionary (\`__dictoffset__\`) and slots, which members of the kind
\`T_OBJECT_EX\` that are not read-only count as. Of other fields of a C struct it knows nothing. It does not call
\`tp_clear\` either, which is for the collector. References and memory in these fields are left behind by each instance:
write a \`tp_dealloc\` that gives them back.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: spam('self->items = PyList_New(0);'),
      reports: {
        at: '8:20 spam_spec',
        message: '`spam.Spam` has no `Py_tp_dealloc`, and its instances own what is in `items`',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: spam('self->buffer = PyMem_Malloc(10);'),
      reports: {
        at: '8:20 spam_spec',
        message: '`spam.Spam` has no `Py_tp_dealloc`, and its instances own what is in `buffer`',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: `typedef struct { PyObject_HEAD PyObject *item; } Spam;
static int spam_init(Spam *self, PyObject *args, PyObject *kwargs)
{
    PyObject *item;
    if (!PyArg_ParseTuple(args, "O", &item))
        return -1;
    Py_INCREF(item);
    self->item = item;
    return 0;
}
static int spam_traverse(Spam *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE((PyObject *)self));
    Py_VISIT(self->item);
    return 0;
}
static int spam_clear(Spam *self) { Py_CLEAR(self->item); return 0; }
static PyType_Slot spam_slots[] = {
    {Py_tp_init, spam_init}, {Py_tp_traverse, spam_traverse}, {Py_tp_clear, spam_clear}, {0, NULL}
};
static PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, spam_slots};
PyObject *make_type(void) { return PyType_FromSpec(&spam_spec); }`,
      reports: {
        at: '21:20 spam_spec',
        message: '`spam.Spam` has no `Py_tp_dealloc`, and its instances own what is in `item`',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: collected('Py_T_OBJECT_EX', 'Py_READONLY'),
      reports: {
        at: '16:20 spam_spec',
        message: '`spam.Spam` has no `Py_tp_dealloc`, and its instances own what is in `items`',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: collected('Py_T_OBJECT_EX', '0').replace(' | Py_TPFLAGS_HAVE_GC', ''),
      reports: {
        at: '16:20 spam_spec',
        message: '`spam.Spam` has no `Py_tp_dealloc`, and its instances own what is in `items`',
      },
    },
    { kind: 'good', target: '3.12', code: collected('Py_T_OBJECT_EX', '0') },
    {
      kind: 'good',
      target: '3.12',
      code: collected('Py_T_PYSSIZET', 'Py_READONLY')
        .replace('"items"', '"__dictoffset__"')
        .replace('PyList_New(0)', 'PyDict_New()'),
    },
    {
      kind: 'good',
      target: '3.10',
      code: spam(
        'self->items = PyList_New(0);',
        'static void spam_finalize(PyObject *self) { Py_CLEAR(((Spam *)self)->items); }\n',
      ),
    },
    { kind: 'good', target: '3.10', code: spam('self->items = NULL;\n    self->buffer = "";') },
    {
      kind: 'good',
      target: '3.10',
      code: spam('self->buffer = PyMem_Malloc(10);\n    PyMem_Free(self->buffer);'),
    },
    {
      kind: 'good',
      target: '3.10',
      code: spam('self->items = PyList_New(0);').replace('{0, NULL}', '{Py_tp_base, &PyList_Type}, {0, NULL}'),
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'full',
      code: `#include <Python.h>
typedef struct { PyObject_HEAD PyObject *items; } Spam;
static int spam_init(Spam *self, PyObject *args, PyObject *kwargs) { self->items = PyList_New(0); return self->items ? 0 : -1; }
static PyTypeObject Spam_Type = {.tp_name = "spam.Spam", .tp_basicsize = sizeof(Spam), .tp_flags = Py_TPFLAGS_DEFAULT, .tp_free = PyObject_Free};
int ready(void)
{
    Spam_Type.tp_init = (initproc)spam_init;
    return PyType_Ready(&Spam_Type);
}`,
      reports: {
        at: '4:21 Spam_Type',
        message: '`spam.Spam` has no `tp_dealloc`, and its instances own what is in `items`',
      },
    },
    {
      kind: 'good',
      target: '3.12',
      compiler: 'full',
      code: `#include <Python.h>
typedef struct { PyObject_HEAD PyObject *items; } Spam;
static int spam_init(Spam *self, PyObject *args, PyObject *kwargs) { self->items = PyList_New(0); return self->items ? 0 : -1; }
static PyTypeObject Spam_Type = {.tp_name = "spam.Spam", .tp_basicsize = sizeof(Spam), .tp_flags = Py_TPFLAGS_DEFAULT, .tp_free = PyObject_Free};
int ready(void)
{
    Spam_Type.tp_init = (initproc)spam_init;
    Spam_Type.tp_base = &PyList_Type;
    return PyType_Ready(&Spam_Type);
}`,
    },
    {
      kind: 'good',
      target: '3.12',
      compiler: 'full',
      code: `#include <Python.h>
typedef struct { PyObject_HEAD PyObject *items; } Spam;
static int spam_init(Spam *self, PyObject *args, PyObject *kwargs) { self->items = PyList_New(0); return 0; }
static void spam_dealloc(Spam *self) { Py_CLEAR(self->items); Py_TYPE((PyObject *)self)->tp_free(self); }
static PyTypeObject Spam_Type = {.tp_name = "spam.Spam", .tp_basicsize = sizeof(Spam), .tp_init = (initproc)spam_init};
static int make(PyTypeObject *type) { type->tp_dealloc = (destructor)spam_dealloc; return PyType_Ready(type); }
int ready(void) { return make(&Spam_Type); }`,
    },
  ],
  *check({ model }) {
    for (const type of typeDefinitions(model)) {
      if (!type.isWhole || type.entries.some(endsInstances) || hasBase(model, type) !== 'no') continue
      const held = instanceMembers(model, type)
      const owned = held === null ? [] : ownedMembers(model, type, held)
      if (owned.length === 0) continue
      const { file, head } = type
      yield {
        file,
        ...head.span,
        symbol: structOf(type),
        message:
          `${shownType(type)} has no \`${writtenSlot(type, 'tp_dealloc')}\`, and its instances own what is in ` +
          listedNames(owned),
        advice: `Add a \`tp_dealloc\` that gives it back${
          type.kind === 'heap'
            ? ', frees the instance by `tp_free` and gives back its type'
            : ' and frees the instance by `tp_free`'
        }.`,
        notes: doubtsOf(model, type, null),
        hangsOnOthers: held?.isShared ?? false,
      }
    }
  },
}

/** Whether the function in a slot may free what an instance owns. */
const endsInstances = ({ slot, value, isNull }: TypeEntry): boolean =>
  /^Py_tp_(?:dealloc|free|del)$/.test(slot) && !isNull && !(slot === 'Py_tp_free' && freeingFunctions.has(value ?? ''))

/** The fields of instances with references or memory of their own that nothing but `tp_clear` gives back. */
function ownedMembers(model: ProjectModel, type: TypeDefinition, held: InstanceMembers): readonly string[] {
  const finalize = type.entries.some(({ slot }) => slot === 'Py_tp_finalize')
    ? functionOf(model, type, 'Py_tp_finalize')
    : undefined
  if (finalize === null) return []
  const ends = finalize ? mentionedNames(model, [finalize]) : null
  if (ends?.isOpen) return []
  const clear = functionOf(model, type, 'Py_tp_clear')
  const ofClasses = fieldsOfClasses(model, type)
  const isElsewhere = ({ around }: MemberUse): boolean => around !== clear?.code
  const filled = fieldsSetByPython(model, type)
  return [...held.members, ...held.pointers].filter((name) => {
    if (ends?.has(name) || ofClasses.has(name)) return false
    if (filled.has(name)) return true
    const uses = memberUses(model, held, name)
    if (!held.members.includes(name)) return ownsMemory(model, uses)
    const setters = new Set(uses.filter(isSet).map(({ around }) => around))
    if (uses.some((use) => isReleased(use) && isElsewhere(use) && !setters.has(use.around))) return false
    return !isTakenOut(uses) && memberValues(model, uses).reference === 'new'
  })
}

/**
 * The fields that the `tp_dealloc` of Python classes gives back, as members tell it of them: `subtype_dealloc` and
 * `clear_slots` in Objects/typeobject.c. Of instances that the collector does not know it gives back none.
 */
function fieldsOfClasses(model: ProjectModel, type: TypeDefinition): ReadonlySet<string> {
  if (type.kind === 'static' || hasFlag(model, type, 'Py_TPFLAGS_HAVE_GC') === 'no') return new Set()
  return new Set(
    memberFields(model, type).flatMap(({ field, name, kind, isWritable }) =>
      name === '__dictoffset__' || (kind === 'T_OBJECT_EX' && isWritable) ? [field] : [],
    ),
  )
}
