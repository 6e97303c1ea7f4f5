import type { Shim } from './shim.ts'

const check = String.raw`
static inline int PepMethod_CheckNoKeywords(const char *name, PyObject *kwnames)
{
    if (kwnames != NULL && PyTuple_Size(kwnames) > 0) {
        PyErr_Format(PyExc_TypeError, "%s() takes no keyword arguments", name);
        return -1;
    }
    return 0;
}

static inline int PepMethod_CheckNoArgs(const char *name, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    (void)args;
    if (PepMethod_CheckNoKeywords(name, kwnames) < 0) {
        return -1;
    }
    if (nargs != 0) {
        PyErr_Format(PyExc_TypeError, "%s() takes no arguments (%zd given)", name, nargs);
        return -1;
    }
    return 0;
}

static inline int PepMethod_CheckOneArg(const char *name, Py_ssize_t nargs, PyObject *kwnames)
{
    if (PepMethod_CheckNoKeywords(name, kwnames) < 0) {
        return -1;
    }
    if (nargs != 1) {
        PyErr_Format(PyExc_TypeError, "%s() takes exactly one argument (%zd given)", name, nargs);
        return -1;
    }
    return 0;
}
`

const pack = String.raw`
static inline int PepMethod_PackArgs(const char *name, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames,
                                     PyObject **tuple, PyObject **dict)
{
    Py_ssize_t i, count = kwnames == NULL ? 0 : PyTuple_Size(kwnames);
    if (dict == NULL) {
        if (count > 0) {
            PyErr_Format(PyExc_TypeError, "%s() takes no keyword arguments", name);
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
    provides: ['PepMethod_CheckNoKeywords', 'PepMethod_CheckNoArgs', 'PepMethod_CheckOneArg'],
    replaces: [],
    until: null,
    since: 2,
    differs:
      'What CPython checks of the arguments of `METH_FASTCALL`, `METH_NOARGS` and `METH_O`, for functions that get ' +
      'them by `METH_METHOD | METH_FASTCALL | METH_KEYWORDS`: 0, or -1 with TypeError.',
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
      'no keywords. 0, or -1 with an exception.',
    cost: 'a tuple for each call, as CPython itself makes it for `METH_VARARGS`',
    limited: pack,
    full: pack,
  },
]
