import type { Shim } from './shim.ts'

const make = String.raw`
static inline PyTypeObject *PepType_Make(PyTypeObject **type, PyType_Spec *spec, PyTypeObject *base)
{
    PyObject *bases = NULL;
    if (*type != NULL) {
        return *type;
    }
    if (base == NULL ? PyErr_Occurred() != NULL : (bases = PyTuple_Pack(1, (PyObject *)base)) == NULL) {
        return NULL;
    }
    *type = (PyTypeObject *)PyType_FromSpecWithBases(spec, bases);
    Py_XDECREF(bases);
    return *type;
}
static inline int PepType_Ready(PyTypeObject **type, PyType_Spec *spec, PyTypeObject *base)
{
    return PepType_Make(type, spec, base) == NULL ? -1 : 0;
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

/** typeobject: what the rewriting of static types uses; the same in all builds */
export const typespec: readonly Shim[] = [
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
]
