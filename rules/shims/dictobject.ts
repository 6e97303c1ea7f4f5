import { aliases, fromHeaders, untilHeaders } from './build.ts'
import type { Shim } from './shim.ts'

const withError = String.raw`
static inline PyObject *PepDict_GetItemStringWithError(PyObject *dict, const char *key)
{
    PyObject *item, *name = PyUnicode_FromString(key);
    if (name == NULL) {
        return NULL;
    }
    item = PyDict_GetItemWithError(dict, name);
    Py_DECREF(name);
    return item;
}
`

const itemRef = String.raw`
static inline int PepDict_GetItemRef(PyObject *dict, PyObject *key, PyObject **result)
{
    PyObject *item = PyDict_GetItemWithError(dict, key);
    Py_XINCREF(item);
    *result = item;
    return item != NULL ? 1 : PyErr_Occurred() != NULL ? -1 : 0;
}

static inline int PepDict_GetItemStringRef(PyObject *dict, const char *key, PyObject **result)
{
    int found;
    PyObject *name = PyUnicode_FromString(key);
    if (name == NULL) {
        *result = NULL;
        return -1;
    }
    found = PepDict_GetItemRef(dict, name, result);
    Py_DECREF(name);
    return found;
}
`

const pop = String.raw`
static inline PyObject *PepDict_Pop(PyObject *dict, PyObject *key, PyObject *fallback)
{
    /* by way of the type, so that a subclass with a pop of its own does not matter */
    PyObject *type = (PyObject *)&PyDict_Type;
    if (fallback != NULL) {
        return PyObject_CallMethod(type, "pop", "(OOO)", dict, key, fallback);
    }
    return PyObject_CallMethod(type, "pop", "(OO)", dict, key);
}
`

const contains = String.raw`
static inline int PepDict_ContainsString(PyObject *dict, const char *key)
{
    int found;
    PyObject *name = PyUnicode_FromString(key);
    if (name == NULL) {
        return -1;
    }
    found = PyDict_Contains(dict, name);
    Py_DECREF(name);
    return found;
}
`

/** dictobject.h */
export const dictobject: readonly Shim[] = [
  {
    provides: ['PepDict_GetItemRef', 'PepDict_GetItemStringRef'],
    replaces: ['PyDict_GetItemRef', 'PyDict_GetItemStringRef'],
    until: 13,
    since: 2,
    differs: '',
    cost: 'none',
    limited: itemRef,
    full: fromHeaders(
      13,
      aliases({ PepDict_GetItemRef: 'PyDict_GetItemRef', PepDict_GetItemStringRef: 'PyDict_GetItemStringRef' }),
      itemRef,
    ),
  },
  {
    provides: ['PepDict_GetItemStringWithError'],
    replaces: ['_PyDict_GetItemStringWithError'],
    until: null,
    since: 2,
    differs: '',
    cost: 'a str for each call',
    limited: withError,
    full: untilHeaders(13, aliases({ PepDict_GetItemStringWithError: '_PyDict_GetItemStringWithError' }), withError),
  },
  {
    provides: ['PepDict_GetItem_KnownHash'],
    replaces: ['_PyDict_GetItem_KnownHash'],
    until: null,
    since: 2,
    differs: 'The hash is asked for again, from the key.',
    cost: 'the hash of the key',
    limited: String.raw`
static inline PyObject *PepDict_GetItem_KnownHash(PyObject *dict, PyObject *key, Py_hash_t hash)
{
    (void)hash;
    return PyDict_GetItemWithError(dict, key);
}
`,
    full: aliases({ PepDict_GetItem_KnownHash: '_PyDict_GetItem_KnownHash' }),
  },
  {
    provides: ['PepDict_Pop'],
    replaces: ['_PyDict_Pop'],
    until: null,
    since: 2,
    differs:
      'TypeError instead of SystemError for what is no dict. It is `_PyDict_Pop(dict, key, default)`, which gives a ' +
      'new reference; the public `PyDict_Pop` of 3.13 has other arguments.',
    cost: 'one method call',
    limited: pop,
    full: untilHeaders(13, aliases({ PepDict_Pop: '_PyDict_Pop' }), pop),
  },
  {
    provides: ['PepDict_NewPresized'],
    replaces: ['_PyDict_NewPresized'],
    until: null,
    since: 2,
    differs: 'The size is ignored.',
    cost: 'the dict grows as it is filled',
    limited: String.raw`
static inline PyObject *PepDict_NewPresized(Py_ssize_t size)
{
    (void)size;
    return PyDict_New();
}
`,
    full: aliases({ PepDict_NewPresized: '_PyDict_NewPresized' }),
  },
  {
    provides: ['PepDict_SetDefault'],
    replaces: ['PyDict_SetDefault'],
    until: null,
    since: 2,
    differs: 'Two lookups below level 3.15. The result is borrowed, as from the real one.',
    cost: 'two lookups below 3.15',
    limited: String.raw`
static inline PyObject *PepDict_SetDefault(PyObject *dict, PyObject *key, PyObject *fallback)
{
#if Py_LIMITED_API + 0 >= 0x030F0000
    PyObject *item = NULL;
    if (PyDict_SetDefaultRef(dict, key, fallback, &item) < 0) {
        return NULL;
    }
    Py_DECREF(item); /* the dict has it */
    return item;
#else
    PyObject *item = PyDict_GetItemWithError(dict, key);
    if (item != NULL || PyErr_Occurred()) {
        return item;
    }
    return PyDict_SetItem(dict, key, fallback) < 0 ? NULL : fallback;
#endif
}
`,
    full: aliases({ PepDict_SetDefault: 'PyDict_SetDefault' }),
  },
  {
    provides: ['PepDict_ContainsString'],
    replaces: ['PyDict_ContainsString'],
    until: null,
    since: 2,
    differs: '',
    cost: 'a str for each call',
    limited: contains,
    full: fromHeaders(13, aliases({ PepDict_ContainsString: 'PyDict_ContainsString' }), contains),
  },
]
