import type { Shim } from './shim.ts'

const check = String.raw`
static inline int PepMethod_RefuseArgs(PyTypeObject *type, const char *name, const char *taken, Py_ssize_t nargs)
{
    PyObject *qualname;
    if (type == NULL) {
        PyErr_Format(PyExc_TypeError, "%s() takes %s", name, taken);
        return -1;
    }
    qualname = PyObject_GetAttrString((PyObject *)type, "__qualname__");
    if (qualname != NULL && nargs < 0) {
        PyErr_Format(PyExc_TypeError, "%S.%s() takes %s", qualname, name, taken);
    }
    else if (qualname != NULL) {
        PyErr_Format(PyExc_TypeError, "%S.%s() takes %s (%zd given)", qualname, name, taken, nargs);
    }
    Py_XDECREF(qualname);
    return -1;
}

static inline int PepMethod_CheckNoKeywords(PyTypeObject *type, const char *name, PyObject *kwnames)
{
    int plain = kwnames == NULL || PyTuple_Size(kwnames) == 0;
    return plain ? 0 : PepMethod_RefuseArgs(type, name, "no keyword arguments", -1);
}

static inline int PepMethod_CheckNoArgs(PyTypeObject *type, const char *name, PyObject *const *args, Py_ssize_t nargs,
                                        PyObject *kwnames)
{
    (void)args;
    if (PepMethod_CheckNoKeywords(type, name, kwnames) < 0) {
        return -1;
    }
    return nargs == 0 ? 0 : PepMethod_RefuseArgs(type, name, "no arguments", nargs);
}

static inline int PepMethod_CheckOneArg(PyTypeObject *type, const char *name, Py_ssize_t nargs, PyObject *kwnames)
{
    if (PepMethod_CheckNoKeywords(type, name, kwnames) < 0) {
        return -1;
    }
    return nargs == 1 ? 0 : PepMethod_RefuseArgs(type, name, "exactly one argument", nargs);
}
`

const pack = String.raw`
static inline int PepMethod_PackArgs(PyTypeObject *type, const char *name, PyObject *const *args, Py_ssize_t nargs,
                                     PyObject *kwnames, PyObject **tuple, PyObject **dict)
{
    Py_ssize_t i, count = kwnames == NULL ? 0 : PyTuple_Size(kwnames);
    if (dict == NULL) {
        if (PepMethod_CheckNoKeywords(type, name, kwnames) < 0) {
            return -1;
        }
    }
    else {
        *dict = NULL;
        if (count > 0 && (*dict = PyDict_New()) == NULL) {
            return -1;
        }
        for (i = 0; i < count; i++) {
            if (PyDict_SetItem(*dict, PyTuple_GetItem(kwnames, i), args[nargs + i]) < 0) {
                Py_CLEAR(*dict);
                return -1;
            }
        }
    }
    *tuple = PyTuple_New(nargs);
    for (i = 0; *tuple != NULL && i < nargs; i++) {
        Py_INCREF(args[i]);
        PyTuple_SetItem(*tuple, i, args[i]);
    }
    if (*tuple == NULL && dict != NULL) {
        Py_CLEAR(*dict);
    }
    return *tuple == NULL ? -1 : 0;
}
`

/** methodobject: what methods use that get the class which defines them; the same in all builds */
export const methods: readonly Shim[] = [
  {
    provides: ['PepMethod_CheckNoKeywords', 'PepMethod_CheckNoArgs', 'PepMethod_CheckOneArg', 'PepMethod_RefuseArgs'],
    replaces: [],
    until: null,
    since: 2,
    differs:
      'What CPython checks of the arguments of `METH_FASTCALL`, `METH_NOARGS` and `METH_O`, for functions that get ' +
      'them by `METH_METHOD | METH_FASTCALL | METH_KEYWORDS`: 0, or -1 with TypeError, which names the type as ' +
      'CPython does: that which defines the method, the class that a class method is called of.',
    cost: 'none',
    limited: check,
    full: check,
  },
  {
    provides: ['PepMethod_PackArgs'],
    replaces: [],
    until: null,
    since: 2,
    differs:
      'The arguments of `METH_VARARGS`, with a `dict` those of `METH_VARARGS | METH_KEYWORDS`, for functions that ' +
      'get them by `METH_METHOD | METH_FASTCALL | METH_KEYWORDS`: a new tuple, and a new dict, NULL where there are ' +
      'no keywords. 0, or -1 with an exception; `type` is NULL for a class method without keywords, whose class ' +
      'CPython does not name.',
    cost: 'a tuple for each call, as CPython itself makes it for `METH_VARARGS`',
    limited: pack,
    full: pack,
  },
]
