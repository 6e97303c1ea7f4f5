import { type Recipe, recipe } from '../recipe.ts'

const untraced = 'tracemalloc does not see the memory any more'

const noReference = 'proxies, and what is no weak reference, are a TypeError'

/** Memory, buffers, weak references, struct sequences. */
export const memoryBuffersWeakrefs: readonly Recipe[] = [
  ...['Malloc', 'Calloc', 'Realloc', 'Free'].map((part) => recipe(`PyMem_Raw${part}`, `PepMem_Raw${part}`)),
  recipe('PyTraceMalloc_Track(domain, p, size)', '', untraced, { statement: true }),
  recipe('PyTraceMalloc_Untrack(domain, p)', '', untraced, { statement: true }),
  recipe('Py_MEMCPY', 'memcpy', '', { includes: ['<string.h>'] }),
  recipe('PyObject_CheckBuffer', 'PepObject_CheckBuffer'),
  recipe('PyBUF_WRITEABLE', 'PyBUF_WRITABLE'),

  recipe('PyWeakref_GetRef', 'PepWeakref_GetRef'),
  recipe('PyWeakref_GetObject(w)', 'PepWeakref_GetObject((PyObject *)w)', noReference),
  recipe('PyWeakref_GET_OBJECT(w)', 'PepWeakref_GetObject((PyObject *)w)', noReference),
  recipe('PyWeakReference.wr_object', 'PepWeakref_GetObject((PyObject *)it)', noReference),

  recipe('PyStructSequence_SET_ITEM(o, i, value)', 'PyStructSequence_SetItem((PyObject *)o, i, (PyObject *)value)'),
  recipe('PyStructSequence_GET_ITEM(o, i)', 'PyStructSequence_GetItem((PyObject *)o, i)'),
]
