import { type Recipe, recipe } from '../recipe.ts'
import { shimmed } from './build.ts'

/** Tuples, lists, dicts, sets, and what is one of the first two. */
export const containers: readonly Recipe[] = [
  recipe('_PyEval_SliceIndex', 'PepEval_SliceIndex'),
  recipe('_PyList_Extend(l, o)', 'PyObject_CallMethod((PyObject *)&PyList_Type, "extend", "(OO)", l, o)'),
  ...['Start', 'Stop', 'Step'].map((field) =>
    recipe(`PySliceObject.${field.toLowerCase()}`, `PepSlice_Get${field}((PyObject *)it)`),
  ),
  ...shimmed('_PyTuple_Resize'),
  recipe('PyTuple_GET_ITEM(t, i)', 'PepTuple_GET_ITEM((PyObject *)t, i)', '', { tested: true, keepsSize: true }),
  recipe('PyTuple_GET_ITEM(t, i)', 'PyTuple_GetItem((PyObject *)t, i)', '', { keepsSize: true }),
  recipe('PyTuple_GET_SIZE(t)', 'PyTuple_Size((PyObject *)t)'),
  recipe('PyTuple_SET_ITEM(t, i, o)', 'PyTuple_SetItem((PyObject *)t, i, (PyObject *)o)', '', {
    fresh: true,
    statement: true,
  }),
  recipe('PyTuple_SET_ITEM(t, i, o)', '(void)PyTuple_SetItem((PyObject *)t, i, (PyObject *)o)', '', { fresh: true }),
  recipe('PyTuple_SET_ITEM(t, i, o)', 'PepTuple_SET_ITEM((PyObject *)t, i, (PyObject *)o)', '', {
    statement: true,
    keepsSize: true,
  }),
  recipe('PyList_GET_ITEM(l, i)', 'PepList_GET_ITEM((PyObject *)l, i)', '', { tested: true, keepsSize: true }),
  recipe('PyList_GET_ITEM(l, i)', 'PyList_GetItem((PyObject *)l, i)', '', { keepsSize: true }),
  recipe('PyList_GET_SIZE(l)', 'PyList_Size((PyObject *)l)'),
  recipe('PyList_SET_ITEM(l, i, o)', 'PyList_SetItem((PyObject *)l, i, (PyObject *)o)', '', {
    fresh: true,
    statement: true,
  }),
  recipe('PyList_SET_ITEM(l, i, o)', '(void)PyList_SetItem((PyObject *)l, i, (PyObject *)o)', '', { fresh: true }),
  recipe('PyList_SET_ITEM(l, i, o)', 'PepList_SET_ITEM((PyObject *)l, i, (PyObject *)o)', '', {
    statement: true,
    keepsSize: true,
  }),
  ...shimmed('PyList_Extend', 'PyList_Clear', 'PyList_GetItemRef'),
  ...shimmed('_PyDict_GetItemId', '_PyDict_GetItemIdWithError', '_PyDict_SetItemId', '_PyDict_DelItemId'),

  recipe('PySequence_ITEM(o, i)', 'PySequence_GetItem((PyObject *)o, i)', '', { literals: [[1, /^\d+$/]] }),
  recipe('PySequence_ITEM(o, i)', 'PySequence_GetItem((PyObject *)o, i)'),
  recipe('PySequence_Fast_GET_ITEM(s, i)', 'PepSequence_Fast_GET_ITEM((PyObject *)s, i)', '', {
    keepsSize: true,
  }),
  recipe(
    'PySequence_Fast_GET_ITEM(s, i)',
    '(PyList_Check((PyObject *)s) ? PyList_GetItem((PyObject *)s, i) : PyTuple_GetItem((PyObject *)s, i))',
    '',
    { keepsSize: true },
  ),
  // `PySequence_Size` would ask a subclass for its `__len__`.
  recipe('PySequence_Fast_GET_SIZE(s)', 'PepSequence_Fast_GET_SIZE((PyObject *)s)'),
  recipe(
    'PySequence_Fast_GET_SIZE(s)',
    '(PyList_Check((PyObject *)s) ? PyList_Size((PyObject *)s) : PyTuple_Size((PyObject *)s))',
  ),

  recipe('PyDict_GET_SIZE(d)', 'PyDict_Size((PyObject *)d)'),
  recipe('PyDictObject.ma_used', 'PyDict_Size((PyObject *)it)'),
  recipe('_PyDict_GetItemWithError', 'PyDict_GetItemWithError'),
  recipe('_PyDict_GetItem_KnownHash(d, key, hash)', 'PyDict_GetItemWithError(d, key)'),
  recipe('_PyDict_GetItem_KnownHash', 'PepDict_GetItem_KnownHash'),
  recipe('_PyDict_SetItem_KnownHash(d, key, value, hash)', 'PyDict_SetItem(d, key, value)'),
  recipe('_PyDict_DelItem_KnownHash(d, key, hash)', 'PyDict_DelItem(d, key)'),
  recipe('_PyDict_Contains(d, key, hash)', 'PyDict_Contains(d, key)'),
  recipe('_PyDict_Contains_KnownHash(d, key, hash)', 'PyDict_Contains(d, key)'),
  recipe('_PyDict_MergeEx(d, other, override)', 'PyDict_Merge(d, other, override)', '', { literals: [[2, /^[01]$/]] }),
  recipe('_PyDict_NewPresized(size)', 'PyDict_New()'),
  recipe('_PyDict_NewPresized', 'PepDict_NewPresized'),
  ...shimmed(
    '_PyDict_GetItemStringWithError',
    '_PyDict_Pop',
    'PyDict_SetDefault',
    'PyDict_ContainsString',
    'PyDict_GetItemRef',
    'PyDict_GetItemStringRef',
  ),

  recipe('PySet_GET_SIZE(s)', 'PySet_Size((PyObject *)s)'),
  recipe('PySetObject.used', 'PySet_Size((PyObject *)it)'),
]
