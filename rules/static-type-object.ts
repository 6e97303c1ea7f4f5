import { atSize, limitedApi } from '../analyzer/check/of-use.ts'
import type { Rule } from '../analyzer/check/rule.ts'
import type { Fix, ProjectEdits } from '../analyzer/fix/fix.ts'
import { hiddenSizes } from '../analyzer/semantics/structs.ts'

interface HeapType {
  readonly name: string
  /** What Python code sees of it that a static type does not show. */
  readonly differs: readonly string[]
}

const heapTypeFix = ({ name, differs }: HeapType, change: ProjectEdits): Fix => ({
  title: `make it a heap type: \`PyTypeObject *${name}\`, made of a \`PyType_Spec\``,
  safety: 'unsafe',
  reason: ['a heap type is made at run time, and its instances own references to it', ...differs].join('; '),
  kind: 'project',
  change,
})

export const staticTypeObject: Rule = {
  name: 'static-type-object',
  summary: 'type object written down as a `PyTypeObject`',
  explanation: `Under the Limited API \`PyTypeObject\` has no size and no fields: a type cannot be a static variable,
it has to be made at run time, from a \`PyType_Spec\` with slots (PEP 384). Such heap types differ from static ones:
each instance owns a reference to its type, the type is mutable and can be instantiated unless flags say otherwise,
and its name needs the module's name in front.`,
  severity: 'error',
  effect: 'build-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      code: 'static PyTypeObject Spam_Type = { PyVarObject_HEAD_INIT(NULL, 0) "spam.Spam", };',
      reports: { at: '1:21 Spam_Type', message: 'a type object cannot be a variable in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: 'PyTypeObject types[3];',
      reports: { at: '1:14 types', message: 'a type object cannot be a variable in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      fixes: 'unsafe',
      code: `typedef struct {
    PyObject_HEAD
    PyObject *items;
} SpamObject;

static void
Spam_dealloc(SpamObject *self)
{
    Py_XDECREF(self->items);
    PyObject_Del(self);
}

static Py_ssize_t Spam_length(SpamObject *self) { return PyObject_Size(self->items); }

/* The length is that of the items. */
static PySequenceMethods Spam_as_sequence = {
    (lenfunc)Spam_length,       /* sq_length */
};

static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    "spam.Spam",                /* tp_name */
    sizeof(SpamObject),         /* tp_basicsize */
    0,                          /* tp_itemsize */
    (destructor)Spam_dealloc,   /* tp_dealloc */
    0,                          /* tp_print */
    0,                          /* tp_getattr */
    0,                          /* tp_setattr */
    0,                          /* tp_compare */
    0,                          /* tp_repr */
    0,                          /* tp_as_number */
    &Spam_as_sequence,          /* tp_as_sequence */
    0,                          /* tp_as_mapping */
    0,                          /* tp_hash: the one of object will do */
    0,                          /* tp_call */
    0,                          /* tp_str */
    0,                          /* tp_getattro */
    0,                          /* tp_setattro */
    0,                          /* tp_as_buffer */
    Py_TPFLAGS_DEFAULT,         /* tp_flags */
    "A box of spam.",           /* tp_doc */
};

PyMODINIT_FUNC
PyInit_spam(void)
{
    static struct PyModuleDef def = { PyModuleDef_HEAD_INIT, .m_name = "spam", .m_size = -1 };
    PyObject *module;

    Spam_Type.tp_new = PyType_GenericNew;
    if (PyType_Ready(&Spam_Type) < 0)
        return NULL;
    module = PyModule_Create(&def);
    if (module != NULL)
        PyModule_AddObject(module, "Spam", (PyObject *)&Spam_Type);
    return module;
}`,
      fixed: `typedef struct {
    PyObject_HEAD
    PyObject *items;
} SpamObject;

static void
Spam_dealloc(SpamObject *self)
{
    PyTypeObject *tp = Py_TYPE((PyObject *)self);
    Py_XDECREF(self->items);
    PyObject_Del(self);
    Py_DECREF(tp);
}

static Py_ssize_t Spam_length(SpamObject *self) { return PyObject_Size(self->items); }

/* The length is that of the items. */
static PyType_Slot Spam_Type_slots[] = {
    {Py_tp_dealloc, Spam_dealloc},
    {Py_sq_length, Spam_length},
    {Py_tp_doc, "A box of spam."},
    {Py_tp_new, PyType_GenericNew},
    {0, NULL},
};

static PyType_Spec Spam_Type_spec = {
    "spam.Spam",
    sizeof(SpamObject),
    0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    Spam_Type_slots
};

static PyTypeObject *Spam_Type;

PyMODINIT_FUNC
PyInit_spam(void)
{
    static struct PyModuleDef def = { PyModuleDef_HEAD_INIT, .m_name = "spam", .m_size = -1 };
    PyObject *module;

    if (PepType_Ready(&Spam_Type, &Spam_Type_spec, NULL) < 0)
        return NULL;
    module = PyModule_Create(&def);
    if (module != NULL)
        (Py_INCREF((PyObject *)Spam_Type), PyModule_AddObject(module, "Spam", (PyObject *)Spam_Type));
    return module;
}`,
      reports: { at: '20:21 Spam_Type', message: 'a type object cannot be a variable in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      fixes: 'unsafe',
      code: `#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *weak; PyObject *item; } EggObject;

static int egg_traverse(EggObject *self, visitproc visit, void *arg)
{
    Py_VISIT(self->item);
    return 0;
}

static int egg_clear(EggObject *self)
{
    Py_CLEAR(self->item);
    return 0;
}

static void egg_dealloc(PyObject *o)
{
    EggObject *self = (EggObject *)o;
    PyObject_GC_UnTrack(o);
    PyObject_ClearWeakRefs(o);
    egg_clear(self);
    PyObject_GC_Del(o);
}

static PyTypeObject Egg_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "Egg",
    .tp_basicsize = sizeof(EggObject),
    .tp_dealloc = egg_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)egg_traverse,
    // cycles go by way of the item
    .tp_clear = (inquiry)egg_clear,
    .tp_weaklistoffset = offsetof(EggObject, weak),
#ifdef WITH_DOC
    .tp_doc = "An egg.",
#endif
};

#define Egg_Check(o) (Py_TYPE(o) == &Egg_Type)

int egg_init(PyObject *module)
{
    if (PyType_Ready(&Egg_Type) < 0 || Egg_Check(module))
        return -1;
    return module == NULL || PyObject_GC_New(EggObject, &Egg_Type) != NULL;
}`,
      fixed: `#include <stddef.h>
#include <structmember.h>
typedef struct { PyObject_HEAD PyObject *weak; PyObject *item; } EggObject;

static int egg_traverse(EggObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE((PyObject *)self));
    Py_VISIT(self->item);
    return 0;
}

static int egg_clear(EggObject *self)
{
    Py_CLEAR(self->item);
    return 0;
}

static void egg_dealloc(PyObject *o)
{
    PyTypeObject *tp = Py_TYPE(o);
    EggObject *self = (EggObject *)o;
    PyObject_GC_UnTrack(o);
    PyObject_ClearWeakRefs(o);
    egg_clear(self);
    PyObject_GC_Del(o);
    Py_DECREF(tp);
}

static PyMemberDef Egg_Type_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(EggObject, weak), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot Egg_Type_slots[] = {
    {Py_tp_dealloc, egg_dealloc},
    {Py_tp_traverse, egg_traverse},
    // cycles go by way of the item
    {Py_tp_clear, egg_clear},
#ifdef WITH_DOC
    {Py_tp_doc, "An egg."},
#endif
    {Py_tp_members, Egg_Type_members},
    {0, NULL},
};

static PyType_Spec Egg_Type_spec = {
    .name = "builtins.Egg",
    .basicsize = sizeof(EggObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = Egg_Type_slots,
};

static PyTypeObject *Egg_Type;

#define Egg_Check(o) (Py_TYPE(o) == Egg_Type)

int egg_init(PyObject *module)
{
    if (PepType_Ready(&Egg_Type, &Egg_Type_spec, NULL) < 0 || Egg_Check(module))
        return -1;
    return module == NULL || PyObject_GC_New(EggObject, Egg_Type) != NULL;
}`,
      reports: { at: '25:21 Egg_Type', message: 'a type object cannot be a variable in the Limited API' },
    },
    { kind: 'good', target: '3.12', code: 'static PyTypeObject *Spam_Type; extern PyTypeObject *Egg_Type;' },
    {
      kind: 'bad',
      target: '3.12',
      code: `#define UNUSED(what) __attribute__((unused))
static PyTypeObject Spam_Type UNUSED("so far");`,
      reports: {
        at: '2:21 Spam_Type',
        message: 'a type object cannot be a variable in the Limited API',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: 'PyTypeObject Spam_Type __attribute__((unused)) = {0};',
      reports: {
        at: '1:14 Spam_Type',
        message: 'a type object cannot be a variable in the Limited API',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: 'typedef struct _typeobject Type;\nType Spam_Type = {0};',
      reports: {
        at: '2:6 Spam_Type',
        message: 'a type object cannot be a variable in the Limited API',
      },
    },
    {
      kind: 'good',
      target: '3.12',
      code:
        'static PyType_Slot slots[] = {{0, NULL}}; static PyType_Spec spec = {"spam.Spam", 0, 0, ' +
        'Py_TPFLAGS_DEFAULT, slots};',
    },
  ],
  *check(context) {
    for (const hidden of hiddenSizes(context.model)) {
      const { file, need, isTypeObject, doubts } = hidden
      if (!isTypeObject) continue
      const plan = context.heapTypes()
      const type = plan?.type(context.model.files[file]!.file, need.start) ?? null
      const obstacles = (type?.obstacles ?? (plan ? ['how it is declared is not understood'] : [])).map(
        (each) => `abi3lint rewrite types leaves ${type ? `\`${type.name}\`` : 'it'} alone: ${each}`,
      )
      yield {
        ...atSize(hidden, context, `a type object cannot be a variable in ${limitedApi(context)}`),
        notes: [...doubts, ...obstacles],
        fix: type !== null && obstacles.length === 0 ? heapTypeFix(type, context.heapTypes()!.edits) : null,
      }
    }
  },
}
