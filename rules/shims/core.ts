import type { Shim } from './shim.ts'

const dictionary = String.raw`
static inline PyObject *PepInterpreter_GetDict(void)
{
#if !defined(Py_LIMITED_API) || Py_LIMITED_API + 0 >= 0x03090000
    PyObject *dict = PyInterpreterState_GetDict(PyInterpreterState_Get());
    if (dict == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_RuntimeError, "the interpreter has no dictionary");
        }
        return NULL;
    }
    Py_INCREF(dict);
    return dict;
#else
    PyObject *dict = PySys_GetObject("_pep_shims");
    if (dict == NULL) {
        dict = PyDict_New();
        if (dict != NULL && PySys_SetObject("_pep_shims", dict) < 0) {
            Py_DECREF(dict);
            return NULL;
        }
        return dict;
    }
    if (!PyDict_Check(dict)) {
        PyErr_SetString(PyExc_TypeError, "sys._pep_shims is no dict");
        return NULL;
    }
    Py_INCREF(dict);
    return dict;
#endif
}
`

const importing = String.raw`
/* key is "pep:MODULE.NAME", and under it the object is kept. New reference. */
static inline PyObject *PepInterpreter_Import(const char *key)
{
    const char *path = key + 4;
    const char *dot = strrchr(path, '.');
    PyObject *dict = PepInterpreter_GetDict();
    PyObject *result = NULL;
    if (dict == NULL) {
        return NULL;
    }
    if (dot == NULL) {
        PyErr_BadInternalCall();
    }
    else if (PepDict_GetItemStringRef(dict, key, &result) == 0) {
        PyObject *name = PyUnicode_FromStringAndSize(path, (Py_ssize_t)(dot - path));
        PyObject *module = name != NULL ? PyImport_Import(name) : NULL;
        Py_XDECREF(name);
        if (module != NULL) {
            result = PyObject_GetAttrString(module, dot + 1);
            Py_DECREF(module);
        }
        if (result != NULL && PyDict_SetItemString(dict, key, result) < 0) {
            Py_DECREF(result);
            result = NULL;
        }
    }
    Py_DECREF(dict);
    return result;
}
`

const typing = String.raw`
/* object is what a report of failure is about, or NULL */
static inline PyTypeObject *PepInterpreter_GetType(const char *key, PyObject *object)
{
    PyObject *type, *value, *traceback, *found;
    PyErr_Fetch(&type, &value, &traceback);
    found = PepInterpreter_Import(key);
    if (found != NULL && !PyType_Check(found)) {
        PyErr_Format(PyExc_TypeError, "%s is no type", key + 4);
        Py_DECREF(found);
        found = NULL;
    }
    if (found == NULL) {
        PyErr_WriteUnraisable(object);
    }
    Py_XDECREF(found); /* the dictionary keeps it */
    PyErr_Restore(type, value, traceback);
    return (PyTypeObject *)found;
}
`

const checking = String.raw`
static inline int PepInterpreter_TypeCheck(PyObject *object, const char *key, int exact)
{
    PyTypeObject *expected = PepInterpreter_GetType(key, object);
    if (expected == NULL || Py_TYPE(object) == expected) {
        return expected != NULL;
    }
    return !exact && PyType_IsSubtype(Py_TYPE(object), expected);
}
`

const keeping = String.raw`
static inline const char *PepInterpreter_KeepUTF8(PyObject *text)
{
    PyObject *dict, *key, *kept = NULL;
    const char *result = NULL;
    if (!PyUnicode_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "a str is needed");
        return NULL;
    }
    dict = PepInterpreter_GetDict();
    if (dict == NULL) {
        return NULL;
    }
    key = PyUnicode_FromFormat("pep:utf8:%U", text);
    if (key != NULL && PepDict_GetItemRef(dict, key, &kept) == 0) {
        PyObject *bytes = PyUnicode_AsUTF8String(text);
        if (bytes != NULL) {
            /* in one step, so that what another thread has kept already stays */
            kept = PyObject_CallMethod(dict, "setdefault", "(OO)", key, bytes);
            Py_DECREF(bytes);
        }
    }
    Py_XDECREF(key);
    Py_DECREF(dict);
    if (kept != NULL) {
        result = PyBytes_AsString(kept);
        Py_DECREF(kept); /* the dictionary keeps it */
    }
    return result;
}
`

const integer = String.raw`
static inline int PepObject_GetIntAttr(PyObject *object, const char *name)
{
    PyObject *value = PyObject_GetAttrString(object, name);
    int result;
    if (value == NULL) {
        return -1;
    }
    result = PepLong_AsInt(value);
    Py_DECREF(value);
    return result;
}
`

/** What shims share: objects and strings that live as long as the interpreter does, attributes that are numbers. */
export const core: readonly Shim[] = [
  {
    provides: ['PepInterpreter_GetDict'],
    replaces: [],
    until: null,
    since: 2,
    differs:
      'For other shims: the dictionary of the running interpreter, where they keep what they looked up, as a new ' +
      'reference. Below 3.9 an object in `sys`.',
    cost: 'one call',
    limited: dictionary,
    full: dictionary,
  },
  {
    provides: ['PepInterpreter_Import'],
    replaces: [],
    until: null,
    since: 2,
    differs: 'For other shims: an attribute of a module, looked up once in each interpreter.',
    cost: 'one lookup in a dict, an import the first time',
    includes: ['<string.h>'],
    limited: importing,
    full: importing,
  },
  {
    provides: ['PepInterpreter_TypeCheck'],
    replaces: [],
    until: null,
    since: 2,
    differs:
      'For other shims: whether an object is of a type that is only found by import. 0 where that fails, which is ' +
      'reported as unraisable.',
    cost: 'one lookup in a dict',
    limited: checking,
    full: checking,
  },
  {
    provides: ['PepInterpreter_GetType'],
    replaces: [],
    until: null,
    since: 2,
    differs:
      'For other shims: a type that is only found by import, borrowed. NULL where that fails, which is reported as ' +
      'unraisable.',
    cost: 'one lookup in a dict',
    limited: typing,
    full: typing,
  },
  {
    provides: ['PepInterpreter_KeepUTF8'],
    replaces: [],
    until: null,
    since: 2,
    differs: 'For other shims: the UTF-8 of a str, kept until the interpreter ends. Each different text is kept once.',
    cost: 'one lookup in a dict, the text is kept',
    limited: keeping,
    full: keeping,
  },
  {
    provides: ['PepObject_GetIntAttr'],
    replaces: [],
    until: null,
    since: 2,
    differs: 'For other shims: an attribute as a C int, -1 with an exception on failure.',
    cost: 'one attribute lookup',
    limited: integer,
    full: integer,
  },
]
