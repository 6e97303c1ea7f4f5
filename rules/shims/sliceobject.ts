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
]
