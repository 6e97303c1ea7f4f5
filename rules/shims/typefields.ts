import type { Shim } from './shim.ts'

/**
 * The tables of slots of a type: what a shim is called, the field, and the slots, as pairs of the first and the last of
 * some whose numbers follow each other. From 3.15 on those of mappings do not.
 */
const tables: readonly (readonly [shim: string, field: string, slots: readonly (readonly [string, string])[]])[] = [
  [
    'PepType_AsAsync',
    'tp_as_async',
    [
      ['Py_am_await', 'Py_am_anext'],
      ['Py_am_send', 'Py_am_send'],
    ],
  ],
  ['PepType_AsNumber', 'tp_as_number', [['Py_nb_absolute', 'Py_nb_xor']]],
  ['PepType_AsSequence', 'tp_as_sequence', [['Py_sq_ass_item', 'Py_sq_repeat']]],
  [
    'PepType_AsMapping',
    'tp_as_mapping',
    [
      ['Py_mp_subscript', 'Py_mp_subscript'],
      ['Py_mp_length', 'Py_mp_length'],
      ['Py_mp_ass_subscript', 'Py_mp_ass_subscript'],
    ],
  ],
]

function tableShim([name, , slots]: (typeof tables)[number]): string {
  const asked = slots.map(([first, last]) => `PepType_HasSlot(type, ${first}, ${last})`)
  return `
static inline void *${name}(PyTypeObject *type)
{
    return (PyType_GetFlags(type) & Py_TPFLAGS_HEAPTYPE) != 0
        || ${asked.join('\n        || ')} ? type : NULL;
}
`
}

/** Fields of types that are read, and pointers to tables of slots that are compared with NULL. */
export const typefields: readonly Shim[] = [
  {
    provides: ['PepType_GetTpMro'],
    replaces: ['PyTypeObject.tp_mro'],
    until: null,
    since: 2,
    differs: 'NULL without an exception where a metaclass has another `__mro__` that fails.',
    cost: 'one attribute lookup',
    limited: String.raw`
static inline PyObject *PepType_GetTpMro(PyTypeObject *type)
{
    PyObject *error, *value, *traceback, *mro;
    PyErr_Fetch(&error, &value, &traceback);
    mro = PyObject_GetAttrString((PyObject *)type, "__mro__");
    Py_XDECREF(mro); /* the type keeps it */
    PyErr_Clear();
    PyErr_Restore(error, value, traceback);
    return mro != Py_None ? mro : NULL;
}
`,
    full: '#define PepType_GetTpMro(type) (((PyTypeObject *)(type))->tp_mro)',
  },
  {
    provides: tables.map(([name]) => name) as [string, ...string[]],
    replaces: tables.map(([, field]) => `PyTypeObject.${field}`),
    until: null,
    since: 10,
    differs: 'A pointer to compare with NULL and for nothing else.',
    cost: 'for static types, a look at each slot of the table',
    limited: String.raw`
static inline int PepType_HasSlot(PyTypeObject *type, int first, int last)
{
    for (; first <= last; first++) {
        if (PyType_GetSlot(type, first) != NULL) {
            return 1;
        }
    }
    return 0;
}

/* Whether a type has a table of slots: a heap type has all tables, a static type those that have a slot. */
${tables.map(tableShim).join('').trim()}
`,
    full: `
${tables.map(([name, field]) => `#define ${name}(type) ((void *)(type)->${field})`).join('\n')}
`,
  },
]
