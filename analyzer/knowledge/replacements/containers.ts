import type { Replacement } from '../replacement.ts'
import { family, replace, way, withoutWay } from './build.ts'

const attribute = (object: string, name: string) => `PyObject_GetAttrString(${object}, "${name}")`
const sizeFails = '-1 with SystemError for an object of another type'

/** Tuples, lists, dicts, sets, slices and the sequence and mapping protocols. */
export const containers: readonly Replacement[] = [
  replace(
    'PyTuple_GET_ITEM',
    way(
      'PyTuple_GetItem(t, i)',
      'still a borrowed reference; checks the type and the index: NULL with an exception instead of undefined ' +
        'behaviour; no lvalue, so neither an assignment nor & of it',
    ),
  ),
  replace(
    'PyTuple_SET_ITEM',
    way(
      'PyTuple_SetItem(t, i, o)',
      'steals o as before, even when it fails; returns int; releases the item that was there; SystemError unless the ' +
        'tuple has one reference only',
    ),
  ),
  replace('PyTuple_GET_SIZE', way('PyTuple_Size(t)', sizeFails)),
  replace(
    'PyTupleObject',
    way(
      'PyTuple_GetItem(t, i)',
      'the struct is opaque; items are borrowed references; for an array of them fill one of your own',
    ),
  ),
  replace(
    'PyTupleObject.ob_item',
    way(
      'PyTuple_GetItem(t, i)',
      'a borrowed reference for each index; for an array of items fill one of your own in a loop',
    ),
  ),
  replace(
    '_PyTuple_Resize',
    way(
      'PyTuple_GetSlice(t, 0, n)',
      'a new tuple, so release the old one; only shrinks, to grow fill a PyTuple_New(n)',
    ),
  ),
  replace(
    'PyTuple_FromArray',
    way(
      'PyObject *t = PyTuple_New(n); Py_INCREF(array[i]); PyTuple_SetItem(t, i, array[i])',
      'in a loop over i; PyTuple_SetItem steals the reference that Py_INCREF made',
    ),
  ),
  withoutWay(
    ['_PyTuple_MaybeUntrack', '_PyDict_MaybeUntrack'],
    'an optimisation of the garbage collector without ' + 'counterpart in the Limited API; delete the call',
  ),

  replace(
    'PyList_GET_ITEM',
    way(
      'PyList_GetItem(l, i)',
      'still a borrowed reference; checks the type and the index: NULL with an exception instead of undefined ' +
        'behaviour; where another thread may change the list, PyList_GetItemRef gives a new reference',
    ),
  ),
  replace(
    'PyList_SET_ITEM',
    way(
      'PyList_SetItem(l, i, o)',
      'steals o as before, even when it fails; returns int, cast it to void where it cannot fail; releases the item ' +
        'that was there',
    ),
  ),
  replace('PyList_GET_SIZE', way('PyList_Size(l)', sizeFails)),
  replace(
    'PyListObject',
    way(
      'PyList_GetItem(l, i)',
      'the struct is opaque; items are borrowed references; a subtype in C takes a negative basicsize instead of the ' +
        'struct as its first member',
    ),
  ),
  replace(
    'PyListObject.ob_item',
    way('PyList_GetItem(l, i)', 'a borrowed reference for each index; to write use ' + 'PyList_SetItem, which steals'),
  ),
  replace(
    'PyListObject.allocated',
    [],
    'the Limited API does not tell how much a list has allocated; people use PyList_Size',
  ),
  replace(
    ['PyList_Extend', '_PyList_Extend'],
    [
      way(
        'PyList_SetSlice(l, PyList_Size(l), PyList_Size(l), iterable)',
        'returns 0, or -1 on error; any iterable will do',
      ),
    ],
  ),
  replace('PyList_Clear', way('PyList_SetSlice(l, 0, PyList_Size(l), NULL)', 'returns 0, or -1 on error')),
  replace('_PyList_ITEMS', way('PyList_GetItem(l, i)', 'a borrowed reference for each index, no array')),
  replace(
    'PyList_GetItemRef',
    way(
      'PyList_GetItem(l, i)',
      'a borrowed reference: Py_XINCREF it at once; another thread may change the list between the two on a ' +
        'free-threaded build',
    ),
  ),

  replace(
    'PySequence_Fast_GET_ITEM',
    way(
      '(PyList_Check(s) ? PyList_GetItem(s, i) : PyTuple_GetItem(s, i))',
      'still a borrowed reference, checked; PySequence_GetItem would return a new one; or make the sequence a ' +
        'tuple by ' +
        'PySequence_Tuple first',
    ),
  ),
  replace('PySequence_Fast_GET_SIZE', way('PySequence_Size(s)', '-1 with an exception on error')),
  replace(
    'PySequence_Fast_ITEMS',
    way(
      '(PyList_Check(s) ? PyList_GetItem(s, i) : PyTuple_GetItem(s, i))',
      'a borrowed reference for each index; for an array of items fill one of your own in a loop',
    ),
  ),
  replace(
    'PySequence_ITEM',
    way(
      'PySequence_GetItem(o, i)',
      'a new reference as before; checks for the slot and counts a negative index from the end',
    ),
  ),
  replace(
    '_PySequence_IterSearch',
    way('PySequence_Contains(o, v)', 'for the other two operations PySequence_Count and PySequence_Index'),
  ),

  replace('PyDict_GET_SIZE', way('PyDict_Size(d)', sizeFails)),
  replace(
    'PyDictObject',
    way(
      'PyDict_Size(d)',
      'the struct is opaque; iterate with PyDict_Next; a subtype in C takes a negative basicsize instead of the ' +
        'struct ' +
        'as its first member',
    ),
  ),
  replace('PyDictObject.ma_used', way('PyDict_Size(d)', sizeFails)),
  withoutWay(
    [
      'PyDictObject.ma_version_tag',
      'PyDictObject.ma_keys',
      'PyDictObject.ma_values',
      'PyDict_AddWatcher',
      'PyDict_ClearWatcher',
      'PyDict_Watch',
      'PyDict_Unwatch',
    ],
    'the Limited API neither shows the inside of a dict nor tells when it changes; people look the key up again',
  ),
  replace(
    '_PyDict_GetItem_KnownHash',
    way(
      'PyDict_GetItemWithError(d, key)',
      'still a borrowed reference, NULL without an exception where the key is missing; computes the hash again',
    ),
  ),
  replace('_PyDict_GetItemWithError', way('PyDict_GetItemWithError(d, key)', 'a borrowed reference, as before')),
  replace(
    ['_PyDict_GetItemStringWithError', '_PyDict_GetItemIdWithError', '_PyDict_GetItemId'],
    [
      way(
        'PyDict_GetItemStringRef(d, key, &value)',
        'a new reference: 1 found, 0 missing, -1 on error; key is a char pointer',
      ),
      way(
        'PyObject *k = PyUnicode_FromString(key); PyObject *v = PyDict_GetItemWithError(d, k); Py_XDECREF(k)',
        'a borrowed reference, NULL without an exception where the key is missing; test k for NULL',
      ),
    ],
  ),
  replace(['_PyDict_SetItemId'], way('PyDict_SetItemString(d, key, v)', 'makes a str of the key at each call')),
  replace('_PyDict_DelItemId', way('PyDict_DelItemString(d, key)', 'makes a str of the key at each call')),
  replace('_PyDict_NewPresized', way('PyDict_New()', 'grows as it is filled, which costs time only')),
  replace(
    ['_PyDict_Pop', 'PyDict_Pop'],
    way(
      'PyObject_CallMethod(d, "pop", "OO", key, defaultvalue)',
      'a new reference to the value or to the default; a subclass may override the method',
    ),
  ),
  replace(
    'PyDict_PopString',
    way(
      'PyObject_CallMethod(d, "pop", "sO", key, defaultvalue)',
      'a new reference to the value or to the default; a subclass may override the method',
    ),
  ),
  replace('PyDict_SetDefault', [
    way(
      'PyDict_SetDefaultRef(d, key, defaultvalue, &value)',
      'a new reference instead of a borrowed one: 1 if the ' + 'key was there, 0 if it was put in, -1 on error',
    ),
    way(
      'PyObject_CallMethod(d, "setdefault", "OO", key, defaultvalue)',
      'a new reference instead of a borrowed one; a subclass may override the method',
    ),
  ]),
  replace(
    'PyDict_SetDefaultRef',
    way(
      'PyObject_CallMethod(d, "setdefault", "OO", key, defaultvalue)',
      'a new reference; does not tell whether the key was there; a subclass may override the method',
    ),
  ),
  replace('_PyDict_SetItem_KnownHash', way('PyDict_SetItem(d, key, v)', 'computes the hash again')),
  replace('_PyDict_DelItem_KnownHash', way('PyDict_DelItem(d, key)', 'computes the hash again')),
  replace('_PyDict_Next', way('PyDict_Next(d, &pos, &key, &value)', 'borrowed references; without the hash')),
  replace(
    '_PyDict_HasOnlyStringKeys',
    way('PyDict_Next(d, &pos, &key, NULL) && PyUnicode_Check(key)', 'in a loop over all keys'),
  ),
  replace(
    ['_PyDict_Contains', '_PyDict_Contains_KnownHash'],
    way('PyDict_Contains(d, key)', 'computes the hash again'),
  ),
  replace('PyDict_ContainsString', [
    way('PyDict_GetItemStringRef(d, key, &value)', '1, 0 or -1 as before; value is a new reference, to be released'),
    way('PyObject *k = PyUnicode_FromString(key); int r = PyDict_Contains(d, k); Py_XDECREF(k)', 'test k for NULL'),
  ]),
  replace(
    '_PyDict_MergeEx',
    way('PyDict_Merge(d, other, override)', 'no mode that raises KeyError for a key that is there'),
  ),
  replace(
    'PyDict_GetItemRef',
    way(
      'PyDict_GetItemWithError(d, key)',
      'a borrowed reference: Py_XINCREF it at once; NULL without an exception where the key is missing',
    ),
  ),
  replace(
    'PyDict_GetItemStringRef',
    way(
      'PyObject *k = PyUnicode_FromString(key); PyObject *v = PyDict_GetItemWithError(d, k); Py_XDECREF(k)',
      'a borrowed reference: Py_XINCREF it at once; NULL without an exception where the key is missing; test k for ' +
        'NULL',
    ),
  ),

  replace('PySet_GET_SIZE', way('PySet_Size(s)', sizeFails)),
  replace('PySetObject', way('PySet_Size(s)', 'the struct is opaque; iterate with PyObject_GetIter and PyIter_Next')),
  replace(['PySetObject.used', 'PySetObject.fill'], way('PySet_Size(s)', sizeFails)),
  replace(
    '_PySet_NextEntry',
    way(
      'PyObject *it = PyObject_GetIter(s); PyObject *key = PyIter_Next(it)',
      'new references instead of borrowed ones, without the hash; RuntimeError where the set changes meanwhile',
    ),
  ),
  replace(
    '_PySet_Update',
    way(
      'PyObject_CallMethod(s, "update", "(O)", iterable)',
      'a new reference to None instead of an int; with "O" a tuple would be spread into arguments',
    ),
  ),

  ...family({ start: 'start', stop: 'stop', step: 'step' }, (field) =>
    replace(`PySliceObject.${field}`, way(attribute('slice', field), 'a new reference instead of a borrowed one')),
  ),
  replace('PySliceObject', [
    way(
      'PySlice_Unpack(slice, &start, &stop, &step)',
      'gives numbers; the objects are the attributes start, stop, step',
    ),
    way('PySlice_GetIndicesEx(slice, length, &start, &stop, &step, &n)', 'gives numbers that fit the length'),
  ]),
  replace(
    ['PySlice_Unpack', 'PySlice_AdjustIndices'],
    way(
      'PySlice_GetIndicesEx(slice, length, &start, &stop, &step, &n)',
      'does both steps at once, so the length must not change in between',
    ),
  ),
  replace('PySlice_GetIndices', [
    way(
      'PySlice_Unpack(slice, &start, &stop, &step); PySlice_AdjustIndices(length, &start, &stop, step)',
      'indices out of range are clipped instead of refused; -1 with an exception on error',
    ),
    way(
      'PySlice_GetIndicesEx(slice, length, &start, &stop, &step, &n)',
      'indices out of range are clipped instead of refused',
    ),
  ]),
  replace(
    'PySlice_GetIndicesEx',
    way(
      'PySlice_Unpack(slice, &start, &stop, &step); n = PySlice_AdjustIndices(length, &start, &stop, step)',
      'test the result of the first call; the length is read after it, so it may change in __index__',
    ),
  ),
  replace(
    '_PyEval_SliceIndex',
    way('PyNumber_AsSsize_t(o, NULL)', 'clips what is too large; -1 is an error only if PyErr_Occurred says so'),
  ),

  replace(
    'PyMapping_GetOptionalItem',
    way(
      'PyObject_GetItem(o, key)',
      'a missing key is an exception: test PyErr_ExceptionMatches(PyExc_KeyError), then PyErr_Clear',
    ),
  ),
  replace(
    'PyMapping_GetOptionalItemString',
    way(
      'PyMapping_GetItemString(o, key)',
      'a missing key is an exception: test PyErr_ExceptionMatches(PyExc_KeyError), then PyErr_Clear',
    ),
  ),
  replace('PyMapping_HasKeyWithError', [
    way('PyMapping_GetOptionalItem(o, key, &value)', '1, 0 or -1 as before; value is a new reference, to be released'),
    way(
      'PyObject_GetItem(o, key)',
      'a new reference, to be released; a missing key is an exception: test PyErr_ExceptionMatches(PyExc_KeyError), ' +
        'then PyErr_Clear; PyMapping_HasKey would swallow all errors',
    ),
  ]),
  replace('PyMapping_HasKeyStringWithError', [
    way(
      'PyMapping_GetOptionalItemString(o, key, &value)',
      '1, 0 or -1 as before; value is a new reference, to be released',
    ),
    way(
      'PyMapping_GetItemString(o, key)',
      'a new reference, to be released; a missing key is an exception: test PyErr_ExceptionMatches(PyExc_KeyError), ' +
        'then PyErr_Clear; PyMapping_HasKeyString would swallow all errors',
    ),
  ]),
  replace(
    'PyIter_NextItem',
    way('PyIter_Next(it)', 'returns NULL for the end and for an error: tell them apart by PyErr_Occurred'),
  ),
  replace(
    'PyIter_Check',
    way('PyObject_HasAttrString((PyObject *)Py_TYPE(o), "__next__")', 'asks by attribute, and ' + 'swallows errors'),
  ),
  replace(
    'PyIndex_Check',
    way('PyObject_HasAttrString((PyObject *)Py_TYPE(o), "__index__")', 'asks by attribute, and swallows errors'),
  ),
  replace(
    'PyAIter_Check',
    way('PyObject_HasAttrString((PyObject *)Py_TYPE(o), "__anext__")', 'asks by attribute, and swallows errors'),
  ),
  replace('PyObject_GetAIter', way('PyObject_CallMethod(o, "__aiter__", NULL)', 'does not check the result')),
  replace(
    'PyIter_Send',
    way(
      'PyObject_CallMethod(iter, "send", "(O)", arg)',
      'for generators and coroutines; the returned value is in StopIteration, to be fetched and cleared; for other ' +
        'iterators PyIter_Next',
    ),
  ),
  replace(
    'PyODict_New',
    way('PyObject_CallMethod(collections, "OrderedDict", NULL)', 'with collections the imported module'),
  ),
  replace('PyODict_SetItem', way('PyObject_SetItem(od, key, v)', 'not PyDict_SetItem, which would miss the order')),
  replace('PyODict_DelItem', way('PyObject_DelItem(od, key)', 'not PyDict_DelItem, which would miss the order')),
  replace(
    ['PyODict_GetItem', 'PyODict_GetItemWithError'],
    way('PyDict_GetItemWithError(od, key)', 'a borrowed reference, NULL without an exception where the key is missing'),
  ),
  replace(
    'PyODict_GetItemString',
    way('PyDict_GetItemString(od, key)', 'a borrowed reference; swallows errors, as before'),
  ),
  replace('PyODict_Contains', way('PyDict_Contains(od, key)')),
  replace(['PyODict_Size', 'PyODict_SIZE'], way('PyDict_Size(od)')),
  replace('PyODict_Check', way('PyObject_IsInstance(o, ordered_dict)', 'with ordered_dict = collections.OrderedDict')),
  replace(
    'PyODict_CheckExact',
    way('Py_TYPE(o) == (PyTypeObject *)ordered_dict', 'with ordered_dict = collections.OrderedDict'),
  ),
  replace(
    ['PyODict_Type', 'PyODictObject'],
    way('PyObject_GetAttrString(collections, "OrderedDict")', 'a new reference, to be kept in the module state'),
  ),
]
