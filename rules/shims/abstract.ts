import { aliases, fromHeaders } from './build.ts'
import type { Shim } from './shim.ts'

const optional = String.raw`
static inline int PepObject_GetOptionalAttr(PyObject *object, PyObject *name, PyObject **result)
{
    *result = PyObject_GetAttr(object, name);
    if (*result != NULL) {
        return 1;
    }
    if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
        return -1;
    }
    PyErr_Clear();
    return 0;
}

static inline int PepObject_GetOptionalAttrString(PyObject *object, const char *name, PyObject **result)
{
    *result = PyObject_GetAttrString(object, name);
    if (*result != NULL) {
        return 1;
    }
    if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
        return -1;
    }
    PyErr_Clear();
    return 0;
}
#define PepObject_LookupAttr PepObject_GetOptionalAttr
`

/** abstract.h: sequences, calls, optional attributes */
export const abstract: readonly Shim[] = [
  {
    provides: ['PepSequence_Fast_GET_ITEM', 'PepSequence_Fast_GET_SIZE'],
    replaces: ['PySequence_Fast_GET_ITEM', 'PySequence_Fast_GET_SIZE'],
    until: null,
    since: 2,
    differs:
      'Checked: IndexError or SystemError where the real macros read wild. The item is borrowed, as from the real ' +
      'one: where other threads change the list without the GIL, use `PepList_GetItemRef`.',
    cost: 'one call',
    limited: String.raw`
static inline PyObject *PepSequence_Fast_GET_ITEM(PyObject *fast, Py_ssize_t index)
{
    return PyList_Check(fast) ? PyList_GetItem(fast, index) : PyTuple_GetItem(fast, index);
}

static inline Py_ssize_t PepSequence_Fast_GET_SIZE(PyObject *fast)
{
    return PyList_Check(fast) ? PyList_Size(fast) : PyTuple_Size(fast);
}
`,
    full: aliases({
      PepSequence_Fast_GET_ITEM: 'PySequence_Fast_GET_ITEM',
      PepSequence_Fast_GET_SIZE: 'PySequence_Fast_GET_SIZE',
    }),
  },
  {
    provides: ['PepObject_CallNoArgs'],
    replaces: ['PyObject_CallNoArgs', '_PyObject_CallNoArg'],
    until: 10,
    since: 2,
    differs: '',
    cost: 'none',
    limited: String.raw`
static inline PyObject *PepObject_CallNoArgs(PyObject *callable)
{
    return PyObject_CallObject(callable, NULL);
}
`,
    full: aliases({ PepObject_CallNoArgs: 'PyObject_CallNoArgs' }),
  },
  {
    provides: ['PepObject_CallOneArg', 'PepObject_CallMethodNoArgs', 'PepObject_CallMethodOneArg'],
    replaces: ['PyObject_CallOneArg', 'PyObject_CallMethodNoArgs', 'PyObject_CallMethodOneArg', '_PyObject_CallOneArg'],
    until: null,
    since: 2,
    differs: '',
    cost: 'none',
    limited: String.raw`
static inline PyObject *PepObject_CallOneArg(PyObject *callable, PyObject *argument)
{
    return PyObject_CallFunctionObjArgs(callable, argument, (PyObject *)NULL);
}

static inline PyObject *PepObject_CallMethodNoArgs(PyObject *self, PyObject *name)
{
    return PyObject_CallMethodObjArgs(self, name, (PyObject *)NULL);
}

static inline PyObject *PepObject_CallMethodOneArg(PyObject *self, PyObject *name, PyObject *argument)
{
    return PyObject_CallMethodObjArgs(self, name, argument, (PyObject *)NULL);
}
`,
    full: aliases({
      PepObject_CallOneArg: 'PyObject_CallOneArg',
      PepObject_CallMethodNoArgs: 'PyObject_CallMethodNoArgs',
      PepObject_CallMethodOneArg: 'PyObject_CallMethodOneArg',
    }),
  },
  {
    provides: ['PepVectorcall_NARGS', 'Pep_VECTORCALL_ARGUMENTS_OFFSET'],
    replaces: ['PyVectorcall_NARGS', 'PY_VECTORCALL_ARGUMENTS_OFFSET'],
    until: 12,
    since: 2,
    differs: '',
    cost: 'none',
    limited: String.raw`
#define Pep_VECTORCALL_ARGUMENTS_OFFSET ((size_t)1 << (8 * sizeof(size_t) - 1))

static inline Py_ssize_t PepVectorcall_NARGS(size_t nargsf)
{
    return (Py_ssize_t)(nargsf & ~Pep_VECTORCALL_ARGUMENTS_OFFSET);
}
`,
    full: aliases({
      PepVectorcall_NARGS: 'PyVectorcall_NARGS',
      Pep_VECTORCALL_ARGUMENTS_OFFSET: 'PY_VECTORCALL_ARGUMENTS_OFFSET',
    }),
  },
  {
    provides: ['PepObject_VectorcallDict', 'PepObject_FastCallDict'],
    replaces: ['PyObject_VectorcallDict', '_PyObject_FastCallDict'],
    until: null,
    since: 2,
    differs: '',
    cost: 'a tuple for each call',
    limited: String.raw`
static inline PyObject *PepObject_VectorcallDict(PyObject *callable, PyObject *const *args, size_t nargsf, PyObject *kwargs)
{
    Py_ssize_t i, count = PepVectorcall_NARGS(nargsf);
    PyObject *result, *tuple = PyTuple_New(count);
    if (tuple == NULL) {
        return NULL;
    }
    for (i = 0; i < count; i++) {
        Py_INCREF(args[i]);
        if (PyTuple_SetItem(tuple, i, args[i]) < 0) {
            Py_DECREF(tuple);
            return NULL;
        }
    }
    result = PyObject_Call(callable, tuple, kwargs);
    Py_DECREF(tuple);
    return result;
}
#define PepObject_FastCallDict PepObject_VectorcallDict
`,
    full: aliases({
      PepObject_VectorcallDict: 'PyObject_VectorcallDict',
      PepObject_FastCallDict: 'PyObject_VectorcallDict',
    }),
  },
  {
    provides: ['PepObject_Vectorcall', 'PepObject_VectorcallMethod'],
    replaces: [
      'PyObject_Vectorcall',
      'PyObject_VectorcallMethod',
      '_PyObject_Vectorcall',
      '_PyObject_VectorcallMethod',
    ],
    until: 12,
    since: 2,
    differs: '`PepObject_VectorcallMethod` makes a bound method.',
    cost: 'a tuple for each call, and a dict where there are keywords',
    limited: String.raw`
static inline PyObject *PepObject_Vectorcall(PyObject *callable, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t i, count = PepVectorcall_NARGS(nargsf);
    Py_ssize_t keywords = kwnames != NULL ? PyTuple_Size(kwnames) : 0;
    PyObject *result, *kwargs = NULL;
    if (keywords < 0) {
        return NULL;
    }
    if (keywords > 0) {
        kwargs = PyDict_New();
        if (kwargs == NULL) {
            return NULL;
        }
        for (i = 0; i < keywords; i++) {
            PyObject *name = PyTuple_GetItem(kwnames, i);
            if (name == NULL || PyDict_SetItem(kwargs, name, args[count + i]) < 0) {
                Py_DECREF(kwargs);
                return NULL;
            }
        }
    }
    result = PepObject_VectorcallDict(callable, args, (size_t)count, kwargs);
    Py_XDECREF(kwargs);
    return result;
}

static inline PyObject *PepObject_VectorcallMethod(PyObject *name, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyObject *result, *method = PyObject_GetAttr(args[0], name);
    if (method == NULL) {
        return NULL;
    }
    result = PepObject_Vectorcall(method, args + 1, (size_t)(PepVectorcall_NARGS(nargsf) - 1), kwnames);
    Py_DECREF(method);
    return result;
}
`,
    full: aliases({
      PepObject_Vectorcall: 'PyObject_Vectorcall',
      PepObject_VectorcallMethod: 'PyObject_VectorcallMethod',
    }),
  },
  {
    provides: ['PepObject_GetOptionalAttr', 'PepObject_GetOptionalAttrString', 'PepObject_LookupAttr'],
    replaces: ['PyObject_GetOptionalAttr', 'PyObject_GetOptionalAttrString', '_PyObject_LookupAttr'],
    until: 13,
    since: 2,
    differs: '',
    cost: 'an AttributeError where there is none',
    limited: optional,
    full: fromHeaders(
      13,
      aliases({
        PepObject_GetOptionalAttr: 'PyObject_GetOptionalAttr',
        PepObject_GetOptionalAttrString: 'PyObject_GetOptionalAttrString',
        PepObject_LookupAttr: 'PyObject_GetOptionalAttr',
      }),
      optional,
    ),
  },
]
