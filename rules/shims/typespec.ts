import type { Shim } from './shim.ts'

const bases = String.raw`
static inline int PepType_Bases(PyTypeObject *base, PyObject **bases)
{
    *bases = base == NULL ? NULL : PyTuple_Pack(1, (PyObject *)base);
    return *bases == NULL && PyErr_Occurred() ? -1 : 0;
}
`

const make = String.raw`
static inline PyTypeObject *PepType_Make(PyTypeObject **type, PyType_Spec *spec, PyTypeObject *base)
{
    PyObject *bases;
    if (*type == NULL && PepType_Bases(base, &bases) == 0) {
        *type = (PyTypeObject *)PyType_FromSpecWithBases(spec, bases);
        Py_XDECREF(bases);
    }
    return *type;
}
static inline int PepType_Ready(PyTypeObject **type, PyType_Spec *spec, PyTypeObject *base)
{
    return PepType_Make(type, spec, base) == NULL ? -1 : 0;
}
`

const makeIn = String.raw`
static inline PyTypeObject *PepType_MakeIn(PyObject *module, PyTypeObject **type, PyType_Spec *spec,
                                           PyTypeObject *base)
{
    PyObject *bases;
    if (*type == NULL && PepType_Bases(base, &bases) == 0) {
        *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, bases);
        Py_XDECREF(bases);
    }
    return *type;
}
static inline int PepType_ReadyIn(PyObject *module, PyTypeObject **type, PyType_Spec *spec, PyTypeObject *base)
{
    return PepType_MakeIn(module, type, spec, base) == NULL ? -1 : 0;
}
`

const refuse = String.raw`
static inline PyObject *PepType_RefuseNew(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *name = PyObject_GetAttrString((PyObject *)type, "__name__");
    (void)args;
    (void)kwargs;
    if (name != NULL) {
        PyErr_Format(PyExc_TypeError, "cannot create '%U' instances", name);
        Py_DECREF(name);
    }
    return NULL;
}
`

const final = String.raw`
static inline PyObject *PepType_RefuseSubclass(PyObject *cls, PyObject *args, PyObject *kwargs);

/* Whether a type itself, and not one of its bases, has the method: 1, 0, or -1 with an exception. */
static inline int PepType_RefuseSubclass_in(PyObject *type, PyObject *name)
{
    PyObject *dict = PyObject_GetAttrString(type, "__dict__");
    PyObject *method;
    int found = dict == NULL ? -1 : PySequence_Contains(dict, name);
    Py_XDECREF(dict);
    if (found <= 0) {
        return found;
    }
    method = PyObject_GetAttr(type, name);
    if (method == NULL) {
        return -1;
    }
    found = PyCFunction_Check(method)
        && PyCFunction_GetFunction(method) == (PyCFunction)(void (*)(void))PepType_RefuseSubclass;
    Py_DECREF(method);
    return found;
}

/* The last type of a tuple that has the method itself, borrowed; NULL for none or with an exception. */
static inline PyObject *PepType_RefuseSubclass_last(PyObject *type, const char *tuple, PyObject *name)
{
    PyObject *types = PyObject_GetAttrString(type, tuple);
    PyObject *last = NULL;
    Py_ssize_t i, count = types == NULL ? 0 : PyTuple_Size(types);
    for (i = 0; i < count; i++) {
        PyObject *each = PyTuple_GetItem(types, i);
        int found = PepType_RefuseSubclass_in(each, name);
        if (found < 0) {
            last = NULL;
            break;
        }
        if (found) {
            last = each;
        }
    }
    /* the type keeps its bases */
    Py_XDECREF(types);
    return last;
}

static inline PyObject *PepType_RefuseSubclass(PyObject *cls, PyObject *args, PyObject *kwargs)
{
    PyObject *name = PyUnicode_FromString("__init_subclass__");
    PyObject *base, *parent, *method, *result;
    if (name == NULL) {
        return NULL;
    }
    base = PepType_RefuseSubclass_last(cls, "__bases__", name);
    if (base != NULL) {
        Py_DECREF(name);
        name = PyObject_GetAttrString(base, "__name__");
        if (name != NULL) {
            PyErr_Format(PyExc_TypeError, "type '%U' is not an acceptable base type", name);
            Py_DECREF(name);
        }
        return NULL;
    }
    /* derived from a type of ours that may be derived from */
    base = PyErr_Occurred() ? NULL : PepType_RefuseSubclass_last(cls, "__mro__", name);
    parent = base == NULL ? NULL : PyObject_CallFunctionObjArgs((PyObject *)&PySuper_Type, base, cls, NULL);
    method = parent == NULL ? NULL : PyObject_GetAttr(parent, name);
    result = method == NULL ? NULL : PyObject_Call(method, args, kwargs);
    Py_XDECREF(method);
    Py_XDECREF(parent);
    Py_DECREF(name);
    return result;
}
`

/** typeobject: what the rewriting of static types uses; the same in all builds */
export const typespec: readonly Shim[] = [
  {
    provides: ['PepType_Bases'],
    replaces: [],
    until: null,
    since: 2,
    differs:
      'Gives the bases of a type as functions of CPython take them: a new tuple of one, or NULL if `base` is NULL. ' +
      'The result is 0, or -1 with an exception, also if one is set already and `base` is NULL.',
    cost: 'none',
    limited: bases,
    full: bases,
  },
  {
    provides: ['PepType_Make', 'PepType_Ready'],
    replaces: [],
    until: null,
    since: 3,
    differs:
      'Makes a type of its spec, once, and keeps it in a variable, which owns the reference: the first call does ' +
      'what `PyType_Ready(&type)` did for a static type, all others nothing. `base` may be NULL for none; if it ' +
      'is NULL ' +
      'with an exception set, that is the result. The one is what the type is, borrowed, or NULL with an ' +
      'exception, the ' +
      'other 0 or -1.',
    cost: 'none',
    limited: make,
    full: make,
  },
  {
    provides: ['PepType_MakeIn', 'PepType_ReadyIn'],
    replaces: [],
    until: null,
    since: 9,
    differs:
      'As `PepType_Make` and `PepType_Ready`, with the module that the type is of: functions of the type, and of ' +
      'types derived from it, find the module by `PepType_GetModuleByDef`, methods that get their defining class by ' +
      '`PyType_GetModuleState`.',
    cost: 'none',
    limited: makeIn,
    full: makeIn,
  },
  {
    provides: ['PepType_RefuseNew'],
    replaces: ['Py_TPFLAGS_DISALLOW_INSTANTIATION'],
    until: 10,
    since: 2,
    differs:
      'A `tp_new` for types that Python code may not make instances of, where the flag for that is not known yet: ' +
      'it raises TypeError. Unlike with the flag the type has a `__new__`.',
    cost: 'none',
    limited: refuse,
    full: refuse,
  },
  {
    provides: ['PepType_RefuseSubclass'],
    replaces: [],
    until: null,
    since: 2,
    differs:
      'An `__init_subclass__` for types that only types of C may be derived from: a class of Python with such a base ' +
      'raises TypeError. To be put into the methods of the type with `METH_CLASS | METH_VARARGS | METH_KEYWORDS`. A ' +
      'class whose first base has an `__init_subclass__` that does not call the next one is not refused. Works from ' +
      'Python 3.6 on; before, nothing calls it.',
    cost: 'a few attribute lookups for each class that is derived from the type',
    limited: final,
    full: final,
  },
]
