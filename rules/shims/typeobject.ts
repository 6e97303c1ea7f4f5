import type { Shim } from './shim.ts'

/**
 * The restricted struct: every field that CPython has had at this place since 3.2, in its order. A name in capitals
 * is of a field that is there only to take its room.
 */
const fields: readonly (readonly [type: string, name: string])[] = [
  ['const char *', 'tp_name'],
  ['Py_ssize_t ', 'tp_basicsize'],
  ['Py_ssize_t ', 'tp_itemsize'],
  ['destructor ', 'tp_dealloc'],
  ['void *', 'X05'],
  ['void *', 'X06'],
  ['void *', 'X07'],
  ['void *', 'X08'],
  ['reprfunc ', 'tp_repr'],
  ['void *', 'X10'],
  ['void *', 'X11'],
  ['void *', 'X12'],
  ['void *', 'X13'],
  ['ternaryfunc ', 'tp_call'],
  ['reprfunc ', 'tp_str'],
  ['void *', 'X16'],
  ['void *', 'X17'],
  ['void *', 'X18'],
  ['unsigned long ', 'X19'],
  ['void *', 'X20'],
  ['traverseproc ', 'tp_traverse'],
  ['inquiry ', 'tp_clear'],
  ['void *', 'X23'],
  ['Py_ssize_t ', 'tp_weaklistoffset'],
  ['void *', 'X25'],
  ['void *', 'X26'],
  ['PyMethodDef *', 'tp_methods'],
  ['void *', 'X28'],
  ['void *', 'X29'],
  ['PyTypeObject *', 'tp_base'],
  ['PyObject *', 'tp_dict'],
  ['descrgetfunc ', 'tp_descr_get'],
  ['descrsetfunc ', 'tp_descr_set'],
  ['Py_ssize_t ', 'tp_dictoffset'],
  ['initproc ', 'tp_init'],
  ['allocfunc ', 'tp_alloc'],
  ['newfunc ', 'tp_new'],
  ['freefunc ', 'tp_free'],
  ['inquiry ', 'tp_is_gc'],
  ['PyObject *', 'tp_bases'],
  ['PyObject *', 'tp_mro'],
]
const used = fields.map(([, name]) => name).filter((name) => !name.startsWith('X'))

/** typeobject: the restricted struct of PySide's, for those who cannot do without */
export const typeobject: readonly Shim[] = [
  {
    provides: ['PepTypeObject', 'PepTypeObject_Validate', 'PepType_AsStruct'],
    replaces: used.map((name) => `PyTypeObject.${name}`),
    until: null,
    since: 4,
    differs:
      "A copy of CPython's layout, which the stable ABI does not promise: only for what no other shim does, and " +
      "only after `PepTypeObject_Validate()`, in the module's init function, has found every field of a probe " +
      'where it ' +
      'should be; else it gives -1 with an ImportError. It proves nothing for a Python that it did not run on. ' +
      '`tp_dict` ' +
      'of static builtin types is NULL from 3.12 on, and to write into a type does not clear the method cache. ' +
      'Not for ' +
      'abi3t, where it does not exist, as a type is not the same there.',
    cost: 'a type, once',
    includes: ['<string.h>'],
    limited: String.raw`
#ifndef Py_TARGET_ABI3T
typedef struct {
    PyVarObject ob_base;
${fields.map(([type, name]) => `    ${type}${name};`).join('\n')}
} PepTypeObject;

#define PepType_AsStruct(type) ((PepTypeObject *)(type))

static inline PyObject *PepTypeObject_Probe_call(PyObject *self, PyObject *args, PyObject *kwargs)
{
    (void)args;
    (void)kwargs;
    Py_INCREF(self);
    return self;
}
static inline PyObject *PepTypeObject_Probe_repr(PyObject *self)
{
    (void)self;
    return PyUnicode_FromString("a probe");
}
static inline PyObject *PepTypeObject_Probe_str(PyObject *self)
{
    (void)self;
    return PyUnicode_FromString("probe");
}
static inline PyObject *PepTypeObject_Probe_method(PyObject *self, PyObject *unused)
{
    (void)unused;
    Py_INCREF(self);
    return self;
}
static inline void PepTypeObject_Probe_dealloc(PyObject *self)
{
    (void)self; /* there is never an object of this type */
}
static inline int PepTypeObject_Probe_traverse(PyObject *self, visitproc visit, void *arg)
{
    (void)self;
    (void)visit;
    (void)arg;
    return 0;
}
static inline int PepTypeObject_Probe_clear(PyObject *self)
{
    (void)self;
    return 0;
}
static inline int PepTypeObject_Probe_is_gc(PyObject *self)
{
    (void)self;
    return 1;
}
static inline PyObject *PepTypeObject_Probe_get(PyObject *self, PyObject *object, PyObject *type)
{
    (void)object;
    (void)type;
    Py_INCREF(self);
    return self;
}
static inline int PepTypeObject_Probe_set(PyObject *self, PyObject *object, PyObject *value)
{
    (void)self;
    (void)object;
    (void)value;
    return 0;
}
static inline int PepTypeObject_Probe_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    (void)self;
    (void)args;
    (void)kwargs;
    return 0;
}
static inline PyObject *PepTypeObject_Probe_alloc(PyTypeObject *type, Py_ssize_t count)
{
    return PyType_GenericAlloc(type, count);
}
static inline PyObject *PepTypeObject_Probe_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    (void)args;
    (void)kwargs;
    return PyType_GenericAlloc(type, 0);
}
static inline void PepTypeObject_Probe_free(void *memory)
{
    PyObject_GC_Del(memory);
}

/* Whether an attribute of the type is the object that stands in the field. */
static inline int PepTypeObject_Probe_same(PyObject *type, const char *name, const void *field)
{
    PyObject *value = PyObject_GetAttrString(type, name);
    Py_XDECREF(value);
    return value != NULL && (const void *)value == field;
}

static inline int PepTypeObject_Validate(void)
{
    /* PyType_FromSpec keeps a pointer to the methods, and nothing else of these */
    static PyMethodDef methods[] = {
        {"probe", PepTypeObject_Probe_method, METH_NOARGS, NULL},
        {NULL, NULL, 0, NULL},
    };
    PyType_Slot slots[] = {
        {Py_tp_dealloc, (void *)PepTypeObject_Probe_dealloc},
        {Py_tp_repr, (void *)PepTypeObject_Probe_repr},
        {Py_tp_call, (void *)PepTypeObject_Probe_call},
        {Py_tp_str, (void *)PepTypeObject_Probe_str},
        {Py_tp_traverse, (void *)PepTypeObject_Probe_traverse},
        {Py_tp_clear, (void *)PepTypeObject_Probe_clear},
        {Py_tp_methods, (void *)methods},
        {Py_tp_descr_get, (void *)PepTypeObject_Probe_get},
        {Py_tp_descr_set, (void *)PepTypeObject_Probe_set},
        {Py_tp_init, (void *)PepTypeObject_Probe_init},
        {Py_tp_alloc, (void *)PepTypeObject_Probe_alloc},
        {Py_tp_new, (void *)PepTypeObject_Probe_new},
        {Py_tp_free, (void *)PepTypeObject_Probe_free},
        {Py_tp_is_gc, (void *)PepTypeObject_Probe_is_gc},
        {0, NULL},
    };
    PyType_Spec spec = {"pep.probe", 0, 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, NULL};
    PyObject *type;
    PepTypeObject *fields;
    Py_ssize_t room;
    int valid;
    /* a size that is found nowhere else */
    spec.basicsize = (int)(sizeof(PyObject) + 93 * sizeof(void *));
    spec.slots = slots;
    type = PyType_FromSpec(&spec);
    if (type == NULL) {
        return -1;
    }
    room = PepType_GetBasicSize(&PyType_Type);
    fields = PepType_AsStruct(type);
    /* nothing that a field points to is looked at before the fields around it are where they should be */
    valid = room >= (Py_ssize_t)sizeof(PepTypeObject)
        && fields->tp_basicsize == spec.basicsize
        && fields->tp_itemsize == 0
        && fields->tp_dealloc == (destructor)PepTypeObject_Probe_dealloc
        && fields->tp_repr == PepTypeObject_Probe_repr
        && fields->tp_call == PepTypeObject_Probe_call
        && fields->tp_str == PepTypeObject_Probe_str
        && fields->X19 == PyType_GetFlags((PyTypeObject *)type)
        && fields->tp_traverse == PepTypeObject_Probe_traverse
        && fields->tp_clear == PepTypeObject_Probe_clear
        && fields->tp_weaklistoffset == PepType_GetWeakListOffset(type)
        && fields->tp_methods == methods
        && PepTypeObject_Probe_same(type, "__base__", fields->tp_base)
        && fields->tp_descr_get == PepTypeObject_Probe_get
        && fields->tp_descr_set == PepTypeObject_Probe_set
        && fields->tp_dictoffset == PepType_GetDictOffset(type)
        && fields->tp_init == PepTypeObject_Probe_init
        && fields->tp_alloc == PepTypeObject_Probe_alloc
        && fields->tp_new == PepTypeObject_Probe_new
        && fields->tp_free == PepTypeObject_Probe_free
        && fields->tp_is_gc == PepTypeObject_Probe_is_gc
        && PepTypeObject_Probe_same(type, "__bases__", fields->tp_bases)
        && PepTypeObject_Probe_same(type, "__mro__", fields->tp_mro)
        && fields->tp_name != NULL
        && strcmp(fields->tp_name, "pep.probe") == 0
        && fields->tp_dict != NULL
        && PyDict_Check(fields->tp_dict)
        && PyDict_GetItemString(fields->tp_dict, "probe") != NULL;
    Py_DECREF(type);
    if (!valid) {
        PyErr_Clear();
        PyErr_SetString(PyExc_ImportError, "the layout of types in this Python is not known");
        return -1;
    }
    return 0;
}
#endif
`,
    full: String.raw`
#define PepTypeObject PyTypeObject
#define PepType_AsStruct(type) ((PyTypeObject *)(type))

static inline int PepTypeObject_Validate(void)
{
    return 0;
}
`,
  },
]
