import { recipe, type Recipe } from '../recipe.ts'

const newItem = 'the item that was there before is released; the macro leaks it'

/** Tuples, lists, dicts, sets, and what is one of the first two. */
export const containers: readonly Recipe[] = [
  recipe('PyTuple_GET_ITEM(t, i)', 'PyTuple_GetItem((PyObject *)t, i)'),
  recipe('PyTuple_GET_SIZE(t)', 'PyTuple_Size((PyObject *)t)'),
  recipe('PyTuple_SET_ITEM(t, i, o)', 'PyTuple_SetItem((PyObject *)t, i, (PyObject *)o)', '', { fresh: true, statement: true }),
  recipe('PyTuple_SET_ITEM(t, i, o)', '(void)PyTuple_SetItem((PyObject *)t, i, (PyObject *)o)', '', { fresh: true }),
  recipe('PyTuple_SET_ITEM(t, i, o)', 'PyTuple_SetItem((PyObject *)t, i, (PyObject *)o)', `it fails where the tuple has more than one owner, and ${newItem}`, { statement: true }),
  recipe('PyList_GET_ITEM(l, i)', 'PyList_GetItem((PyObject *)l, i)'),
  recipe('PyList_GET_SIZE(l)', 'PyList_Size((PyObject *)l)'),
  recipe('PyList_SET_ITEM(l, i, o)', 'PyList_SetItem((PyObject *)l, i, (PyObject *)o)', '', { fresh: true, statement: true }),
  recipe('PyList_SET_ITEM(l, i, o)', '(void)PyList_SetItem((PyObject *)l, i, (PyObject *)o)', '', { fresh: true }),
  recipe('PyList_SET_ITEM(l, i, o)', 'PyList_SetItem((PyObject *)l, i, (PyObject *)o)', newItem, { statement: true }),
  recipe('PySequence_ITEM(o, i)', 'PySequence_GetItem((PyObject *)o, i)', '', { literals: [[1, /^\d+$/]] }),
  recipe('PySequence_ITEM(o, i)', 'PySequence_GetItem((PyObject *)o, i)', 'a negative index counts from the end'),
  recipe('PyDict_GET_SIZE(d)', 'PyDict_Size((PyObject *)d)'),
  recipe('PySet_GET_SIZE(s)', 'PySet_Size((PyObject *)s)'),
]
