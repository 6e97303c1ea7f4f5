import type { Shim } from './shim.ts'

const fields = ['start', 'stop', 'step'] as const
const shimOf = (field: string): string => `PepSlice_Get${field[0]!.toUpperCase()}${field.slice(1)}`

/** sliceobject.h */
export const sliceobject: readonly Shim[] = [
  {
    provides: [shimOf(fields[0]), ...fields.slice(1).map(shimOf), 'PepSlice_GetField'],
    replaces: fields.map((field) => `PySliceObject.${field}`),
    until: null,
    since: 2,
    differs:
      'Borrowed, as the field is: the slice, which cannot be changed, keeps it. NULL with an exception on failure.',
    cost: 'one attribute lookup',
    limited: String.raw`
/* An exception that is set stays. */
static inline PyObject *PepSlice_GetField(PyObject *slice, const char *name)
{
    PyObject *type, *value, *traceback, *field;
    PyErr_Fetch(&type, &value, &traceback);
    field = PyObject_GetAttrString(slice, name);
    Py_XDECREF(field); /* the slice holds it */
    if (type != NULL) {
        PyErr_Restore(type, value, traceback);
    }
    return field;
}
${fields
  .map((field) => `#define ${shimOf(field)}(slice) PepSlice_GetField((PyObject *)(slice), "${field}")`)
  .join('\n')}
`,
    full: fields.map((field) => `#define ${shimOf(field)}(slice) (((PySliceObject *)(slice))->${field})`).join('\n'),
  },
  {
    provides: ['PepEval_SliceIndex'],
    replaces: ['_PyEval_SliceIndex'],
    until: null,
    since: 8,
    differs: '',
    cost: 'none',
    limited: String.raw`
static inline int PepEval_SliceIndex(PyObject *index, Py_ssize_t *value)
{
    if (index != Py_None) {
        Py_ssize_t number;
        if (!PyIndex_Check(index)) {
            PyErr_SetString(PyExc_TypeError, "slice indices must be integers or None or have an __index__ method");
            return 0;
        }
        number = PyNumber_AsSsize_t(index, NULL);
        if (number == -1 && PyErr_Occurred()) {
            return 0;
        }
        *value = number;
    }
    return 1;
}
`,
    full: '#define PepEval_SliceIndex _PyEval_SliceIndex',
  },
]
