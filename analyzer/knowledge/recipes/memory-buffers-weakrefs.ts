import { type Recipe, recipe } from '../recipe.ts'

const foreign = 'memory that CPython itself gives or takes, as that of `Py_DecodeLocale`, must not go through it'
const untraced = 'tracemalloc does not see the memory any more'

/** Memory, buffers, weak references, struct sequences. */
export const memoryBuffersWeakrefs: readonly Recipe[] = [
  ...['Malloc', 'Calloc', 'Realloc', 'Free'].map((part) => recipe(`PyMem_Raw${part}`, `PepMem_Raw${part}`, foreign)),
  recipe('PyTraceMalloc_Track(domain, p, size)', '', untraced, { statement: true }),
  recipe('PyTraceMalloc_Untrack(domain, p)', '', untraced, { statement: true }),
  recipe('Py_MEMCPY', 'memcpy', '', { includes: ['<string.h>'] }),
  recipe(
    'PyObject_CheckBuffer',
    'PepObject_CheckBuffer',
    'it asks for a buffer: an object that has them and refuses this one has none',
  ),
  recipe('PyBUF_WRITEABLE', 'PyBUF_WRITABLE'),

  recipe('PyWeakref_GetRef', 'PepWeakref_GetRef', 'it refuses proxies with TypeError'),

  recipe('PyStructSequence_SET_ITEM(o, i, value)', 'PyStructSequence_SetItem((PyObject *)o, i, (PyObject *)value)'),
  recipe('PyStructSequence_GET_ITEM(o, i)', 'PyStructSequence_GetItem((PyObject *)o, i)'),
]
