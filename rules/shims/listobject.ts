import { aliases, fromHeaders } from './build.ts'
import type { Shim } from './shim.ts'

const slices = String.raw`
static inline int PepList_Extend(PyObject *list, PyObject *iterable)
{
    return PyList_SetSlice(list, PY_SSIZE_T_MAX, PY_SSIZE_T_MAX, iterable);
}

static inline int PepList_Clear(PyObject *list)
{
    return PyList_SetSlice(list, 0, PY_SSIZE_T_MAX, NULL);
}
`

const itemRef = String.raw`
static inline PyObject *PepList_GetItemRef(PyObject *list, Py_ssize_t index)
{
    PyObject *item;
    if (!PyList_Check(list)) {
        PyErr_SetString(PyExc_TypeError, "expected a list");
        return NULL;
    }
    item = PyList_GetItem(list, index);
    Py_XINCREF(item);
    return item;
}
`

const setsItem = (kind: 'List' | 'Tuple'): string => `
static inline void Pep${kind}_SET_ITEM(PyObject *op, Py_ssize_t index, PyObject *item)
{
    PyObject *old = Py${kind}_GetItem(op, index);

    /* Py${kind}_SetItem lets go of it, the real macro does not. */
    Py_XINCREF(old);
    if (Py${kind}_SetItem(op, index, item) < 0) {
        Py_XDECREF(old);
    }
}
`

const getsItem = (kind: 'List' | 'Tuple'): string => `
static inline PyObject *Pep${kind}_GET_ITEM(PyObject *op, Py_ssize_t index)
{
    /* The real macro sets no exception. */
    return (size_t)index < (size_t)Py${kind}_Size(op) ? Py${kind}_GetItem(op, index) : NULL;
}
`

const checked = 'Checked: -1 or NULL with an exception where the real macro reads wild.'

const checkedItem = 'Checked: NULL where the real macro reads behind the last item, without an exception.'

/** listobject.h */
export const listobject: readonly Shim[] = [
  {
    provides: ['PepList_Extend', 'PepList_Clear'],
    replaces: ['PyList_Extend', 'PyList_Clear'],
    until: null,
    since: 2,
    differs: '',
    cost: 'none',
    limited: slices,
    full: fromHeaders(13, aliases({ PepList_Extend: 'PyList_Extend', PepList_Clear: 'PyList_Clear' }), slices),
  },
  {
    provides: ['PepList_GetItemRef'],
    replaces: ['PyList_GetItemRef'],
    until: 13,
    since: 2,
    differs: '',
    cost: 'none',
    limited: itemRef,
    full: fromHeaders(13, aliases({ PepList_GetItemRef: 'PyList_GetItemRef' }), itemRef),
  },
  {
    provides: ['PepList_GET_ITEM', 'PepList_SET_ITEM', 'PepList_GET_SIZE'],
    replaces: ['PyList_GET_ITEM', 'PyList_SET_ITEM', 'PyList_GET_SIZE'],
    until: null,
    since: 2,
    differs:
      `${checkedItem} \`PepList_SET_ITEM\` leaves the reference to what was there before to the caller, as the real ` +
      `one does; it tells of failures by the exception alone, and releases the item then.`,
    cost: 'two calls',
    limited: String.raw`
#define PepList_GET_SIZE(list) PyList_Size((PyObject *)(list))
${getsItem('List')}${setsItem('List')}`,
    full: String.raw`
#define PepList_GET_ITEM(list, index) PyList_GET_ITEM((list), (index))
#define PepList_SET_ITEM(list, index, item) PyList_SET_ITEM((list), (index), (item))
#define PepList_GET_SIZE(list) PyList_GET_SIZE((list))
`,
  },
]

const tupleResize = String.raw`
static inline int PepTuple_Resize(PyObject **tuple, Py_ssize_t size)
{
    PyObject *old = *tuple, *result;
    Py_ssize_t index, length;
    if (old == NULL || !PyTuple_CheckExact(old) || size < 0 || (PyTuple_Size(old) != 0 && Py_REFCNT(old) != 1)) {
        *tuple = NULL;
        Py_XDECREF(old);
        PyErr_BadInternalCall();
        return -1;
    }
    length = PyTuple_Size(old);
    if (length == size) {
        return 0;
    }
    result = PyTuple_New(size);
    for (index = 0; result != NULL && index < length && index < size; index++) {
        PyObject *item = PyTuple_GetItem(old, index);
        /* One that is not set yet. */
        if (item != NULL) {
            Py_INCREF(item);
            PyTuple_SetItem(result, index, item);
        }
    }
    *tuple = result;
    Py_DECREF(old);
    return result != NULL ? 0 : -1;
}
`

const bytesResize = String.raw`
static inline int PepBytes_Resize(PyObject **bytes, Py_ssize_t size)
{
    PyObject *old = *bytes, *result;
    Py_ssize_t length;
    length = old != NULL && PyBytes_Check(old) ? PyBytes_Size(old) : -1;
    if (length == size && length >= 0) {
        return 0;
    }
    if (length < 0 || size < 0 || (length != 0 && Py_REFCNT(old) != 1)) {
        *bytes = NULL;
        Py_XDECREF(old);
        PyErr_BadInternalCall();
        return -1;
    }
    result = PyBytes_FromStringAndSize(NULL, size);
    if (result != NULL) {
        memcpy(PyBytes_AsString(result), PyBytes_AsString(old), (size_t)(length < size ? length : size));
    }
    *bytes = result;
    Py_DECREF(old);
    return result != NULL ? 0 : -1;
}
`

const copies = 'Always a new object.'

/** tupleobject.h */
export const tupleobject: readonly Shim[] = [
  {
    provides: ['PepTuple_Resize'],
    replaces: ['_PyTuple_Resize'],
    until: null,
    since: 2,
    differs: copies,
    cost: 'a copy',
    limited: tupleResize,
    full: aliases({ PepTuple_Resize: '_PyTuple_Resize' }),
  },
  {
    provides: ['PepTuple_GET_ITEM', 'PepTuple_SET_ITEM', 'PepTuple_GET_SIZE'],
    replaces: ['PyTuple_GET_ITEM', 'PyTuple_SET_ITEM', 'PyTuple_GET_SIZE'],
    until: null,
    since: 2,
    differs:
      `${checkedItem} \`PepTuple_SET_ITEM\` works on tuples that nobody else has, raises SystemError for others, ` +
      `and takes the item even then; the reference to what was there before it leaves to the caller, who must not ` +
      'have released it yet.',
    cost: 'two calls',
    limited: String.raw`
#define PepTuple_GET_SIZE(tuple) PyTuple_Size((PyObject *)(tuple))
${getsItem('Tuple')}${setsItem('Tuple')}`,
    full: String.raw`
#define PepTuple_GET_ITEM(tuple, index) PyTuple_GET_ITEM((tuple), (index))
#define PepTuple_SET_ITEM(tuple, index, item) PyTuple_SET_ITEM((tuple), (index), (item))
#define PepTuple_GET_SIZE(tuple) PyTuple_GET_SIZE((tuple))
`,
  },
]

/** bytesobject.h */
export const bytesobject: readonly Shim[] = [
  {
    provides: ['PepBytes_Resize'],
    replaces: ['_PyBytes_Resize'],
    until: null,
    since: 2,
    differs: copies,
    cost: 'a copy',
    includes: ['<string.h>'],
    limited: bytesResize,
    full: aliases({ PepBytes_Resize: '_PyBytes_Resize' }),
  },
  {
    provides: ['PepBytes_AS_STRING', 'PepBytes_GET_SIZE'],
    replaces: ['PyBytes_AS_STRING', 'PyBytes_GET_SIZE'],
    until: null,
    since: 2,
    differs: checked,
    cost: 'one call',
    limited: String.raw`
#define PepBytes_AS_STRING(bytes) PyBytes_AsString((PyObject *)(bytes))
#define PepBytes_GET_SIZE(bytes) PyBytes_Size((PyObject *)(bytes))
`,
    full: String.raw`
#define PepBytes_AS_STRING(bytes) PyBytes_AS_STRING((bytes))
#define PepBytes_GET_SIZE(bytes) PyBytes_GET_SIZE((bytes))
`,
  },
]

/** floatobject.h */
export const floatobject: readonly Shim[] = [
  {
    provides: ['PepFloat_AS_DOUBLE'],
    replaces: ['PyFloat_AS_DOUBLE'],
    until: null,
    since: 2,
    differs: 'Other objects are asked for their `__float__`; -1.0 with an exception where they have none.',
    cost: 'one call',
    limited: '#define PepFloat_AS_DOUBLE(number) PyFloat_AsDouble((PyObject *)(number))',
    full: '#define PepFloat_AS_DOUBLE(number) PyFloat_AS_DOUBLE((number))',
  },
]
