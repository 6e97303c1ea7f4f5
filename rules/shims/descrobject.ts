import type { Shim } from './shim.ts'

const part = (macro: 'NAME' | 'TYPE', attribute: string): string => `
static inline ${macro === 'NAME' ? 'PyObject' : 'PyTypeObject'} *PepDescr_${macro}(PyObject *descr)
{
    /* The descriptor keeps it. */
    PyObject *part = PyObject_GetAttrString(descr, "${attribute}");
    Py_XDECREF(part);
    return ${macro === 'NAME' ? '' : '(PyTypeObject *)'}part;
}
`

/** descrobject.h */
export const descrobject: readonly Shim[] = [
  {
    provides: ['PepDescr_NAME', 'PepDescr_TYPE'],
    replaces: ['PyDescr_NAME', 'PyDescr_TYPE'],
    until: null,
    since: 2,
    differs: 'Checked: NULL and AttributeError for what is no descriptor of CPython.',
    cost: 'one look-up of an attribute',
    limited: `${part('NAME', '__name__')}${part('TYPE', '__objclass__')}`,
    full: `
#define PepDescr_NAME(descr) PyDescr_NAME((descr))
#define PepDescr_TYPE(descr) PyDescr_TYPE((descr))
`,
  },
]
