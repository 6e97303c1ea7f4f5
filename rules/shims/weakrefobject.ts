import { aliases, fromHeaders, untilHeaders } from './build.ts'
import type { Shim } from './shim.ts'

const getRef = String.raw`
static inline int PepWeakref_GetRef(PyObject *reference, PyObject **result)
{
    PyObject *object, *type;
    *result = NULL;
    type = PepInterpreter_Import("pep:weakref.ref");
    if (type == NULL) {
        return -1;
    }
    if (!PyType_Check(type) || !PyType_IsSubtype(Py_TYPE(reference), (PyTypeObject *)type)) {
        Py_DECREF(type);
        PyErr_SetString(PyExc_TypeError, "expected a weakref");
        return -1;
    }
    /* by way of the type, since a subclass may do something else when it is called */
    object = PyObject_CallMethod(type, "__call__", "(O)", reference);
    Py_DECREF(type);
    if (object == NULL) {
        return -1;
    }
    if (object == Py_None) {
        Py_DECREF(object);
        return 0;
    }
    *result = object;
    return 1;
}
`

const getObject = String.raw`
static inline PyObject *PepWeakref_GetObject(PyObject *reference)
{
    PyObject *object, *type, *value, *traceback;
    int found;
    PyErr_Fetch(&type, &value, &traceback);
    found = PepWeakref_GetRef(reference, &object);
    if (found < 0) {
        Py_XDECREF(type);
        Py_XDECREF(value);
        Py_XDECREF(traceback);
        return NULL;
    }
    PyErr_Restore(type, value, traceback);
    if (found == 0) {
        return Py_None;
    }
    Py_DECREF(object); /* somebody else keeps it, or it is gone already */
    return object;
}
`

/** weakrefobject.h */
export const weakrefobject: readonly Shim[] = [
  {
    provides: ['PepWeakref_GetRef'],
    replaces: ['PyWeakref_GetRef'],
    until: 13,
    since: 2,
    differs: 'Refuses proxies with TypeError; the real one takes them.',
    cost: 'one method call',
    limited: getRef,
    full: fromHeaders(13, aliases({ PepWeakref_GetRef: 'PyWeakref_GetRef' }), getRef),
  },
  {
    provides: ['PepWeakref_GetObject'],
    replaces: ['PyWeakref_GetObject', 'PyWeakref_GET_OBJECT', 'PyWeakReference.wr_object'],
    until: null,
    since: 2,
    differs:
      'Borrowed, as from the real one: another thread may free the object at any time without the GIL. ' +
      'TypeError for what is no weak reference, proxies among them.',
    cost: 'one method call below 3.13',
    limited: getObject,
    full: untilHeaders(13, aliases({ PepWeakref_GetObject: 'PyWeakref_GetObject' }), getObject),
  },
]

/** memoryobject.h, pybuffer.h */
export const memoryobject: readonly Shim[] = [
  {
    provides: ['Pep_buffer', 'PepBUF_SIMPLE', 'PepObject_GetBuffer', 'PepBuffer_Release'],
    replaces: ['Py_buffer', 'PyObject_GetBuffer', 'PyBuffer_Release', 'PyBUF_SIMPLE'],
    until: 11,
    since: 3,
    differs:
      'Reading only, and a copy: `PepBUF_SIMPLE` is the only request, others are a BufferError; later changes of ' +
      'the object do not show, and the object is not locked meanwhile. Of the fields there are `buf`, `obj`, `len`, ' +
      "`readonly`, `itemsize` and `ndim`. No copy of CPython's struct.",
    cost: 'a copy of the data',
    limited: String.raw`
typedef struct {
    void *buf;
    PyObject *obj;
    Py_ssize_t len;
    Py_ssize_t itemsize;
    int readonly;
    int ndim;
    PyObject *copy;
} Pep_buffer;

#define PepBUF_SIMPLE 0

static inline int PepObject_GetBuffer(PyObject *exporter, Pep_buffer *view, int flags)
{
    PyObject *memory, *released, *contiguous = NULL, *copy = NULL;
    int is_contiguous = -1;
    view->obj = NULL;
    view->copy = NULL;
    if (flags != PepBUF_SIMPLE) {
        PyErr_SetString(PyExc_BufferError, "only PepBUF_SIMPLE can be asked for");
        return -1;
    }
    memory = PyMemoryView_FromObject(exporter);
    if (memory == NULL) {
        return -1;
    }
    contiguous = PyObject_GetAttrString(memory, "c_contiguous");
    if (contiguous != NULL) {
        is_contiguous = PyObject_IsTrue(contiguous);
        Py_DECREF(contiguous);
    }
    if (is_contiguous > 0) {
        copy = PyObject_CallMethod(memory, "tobytes", NULL);
    }
    else if (is_contiguous == 0) {
        PyErr_SetString(PyExc_BufferError, "the buffer is not C-contiguous");
    }
    if (copy != NULL) {
        released = PyObject_CallMethod(memory, "release", NULL);
        if (released == NULL) {
            Py_DECREF(copy);
            copy = NULL;
        }
        Py_XDECREF(released);
    }
    Py_DECREF(memory);
    if (copy == NULL) {
        return -1;
    }
    view->buf = PyBytes_AsString(copy);
    view->len = PyBytes_Size(copy);
    view->itemsize = 1;
    view->readonly = 1;
    view->ndim = 1;
    view->copy = copy;
    view->obj = exporter;
    Py_INCREF(exporter);
    return 0;
}

static inline void PepBuffer_Release(Pep_buffer *view)
{
    PyObject *obj = view->obj, *copy = view->copy;
    view->obj = NULL;
    view->copy = NULL;
    view->buf = NULL;
    Py_XDECREF(copy);
    Py_XDECREF(obj);
}
`,
    full: aliases({
      Pep_buffer: 'Py_buffer',
      PepBUF_SIMPLE: 'PyBUF_SIMPLE',
      PepObject_GetBuffer: 'PyObject_GetBuffer',
      PepBuffer_Release: 'PyBuffer_Release',
    }),
  },
  {
    provides: ['PepObject_CheckBuffer'],
    replaces: ['PyObject_CheckBuffer'],
    until: 11,
    since: 2,
    differs:
      'Asks the object for a buffer and gives it back at once: 0 also where an object that has buffers refuses one.',
    cost: 'a memoryview',
    limited: String.raw`
static inline int PepObject_CheckBuffer(PyObject *object)
{
    PyObject *type, *value, *traceback, *memory;
    PyErr_Fetch(&type, &value, &traceback);
    memory = PyMemoryView_FromObject(object);
    Py_XDECREF(memory);
    PyErr_Clear();
    PyErr_Restore(type, value, traceback);
    return memory != NULL;
}
`,
    full: aliases({ PepObject_CheckBuffer: 'PyObject_CheckBuffer' }),
  },
]
