import { type Recipe, recipe } from '../recipe.ts'
import { shimmed } from './build.ts'

/** Objects, their types, the garbage collector. Slots of types are in `slots.ts`. */
export const objectsAndTypes: readonly Recipe[] = [
  recipe('PyTypeObject.tp_basicsize', 'PepType_GetBasicSize((PyTypeObject *)it)'),
  recipe('PyTypeObject.tp_itemsize', 'PepType_GetItemSize((PyTypeObject *)it)'),
  recipe('PyTypeObject.tp_dictoffset', 'PepType_GetDictOffset((PyTypeObject *)it)'),
  recipe('PyTypeObject.tp_weaklistoffset', 'PepType_GetWeakListOffset((PyTypeObject *)it)'),
  recipe('PyTypeObject.tp_finalize', '((destructor)PyType_GetSlot((PyTypeObject *)it, Py_tp_finalize))'),
  recipe('PyTypeObject.tp_del', '((destructor)PyType_GetSlot((PyTypeObject *)it, Py_tp_del))'),
  // The headers of 3.11 do not show the types of these two at any level.
  recipe(
    'PyTypeObject.tp_as_buffer.bf_getbuffer',
    '((int (*)(PyObject *, Py_buffer *, int))PyType_GetSlot((PyTypeObject *)it, Py_bf_getbuffer))',
  ),
  recipe(
    'PyTypeObject.tp_as_buffer.bf_releasebuffer',
    '((void (*)(PyObject *, Py_buffer *))PyType_GetSlot((PyTypeObject *)it, Py_bf_releasebuffer))',
  ),
  recipe('PyType_SUPPORTS_WEAKREFS(t)', 'PepType_SUPPORTS_WEAKREFS((PyTypeObject *)t)'),
  recipe('_PyType_Name(t)', 'PepType_Name(t)'),
  recipe('_PyObject_SIZE(t)', '((size_t)PepType_GetBasicSize((PyTypeObject *)t))'),

  // For abi3t, where objects are opaque.
  recipe('PyObject.ob_type', 'Py_TYPE((PyObject *)it)'),
  recipe('PyObject.ob_refcnt', 'Py_REFCNT((PyObject *)it)'),
  recipe('PyVarObject.ob_size', 'Py_SIZE((PyObject *)it)'),
  recipe('_Py_SET_TYPE', 'Py_SET_TYPE'),
  recipe('_Py_SET_SIZE', 'Py_SET_SIZE'),
  recipe('_Py_SET_REFCNT', 'Py_SET_REFCNT'),
  recipe('_Py_IS_TYPE', 'Py_IS_TYPE'),
  recipe('_PyObject_TypeCheck', 'PyObject_TypeCheck'),

  recipe('_PyObject_GC_TRACK(o)', 'PyObject_GC_Track(o)'),
  recipe('_PyObject_GC_UNTRACK(o)', 'PyObject_GC_UnTrack(o)'),
  recipe('_PyObject_GC_IS_TRACKED(o)', 'PyObject_GC_IsTracked((PyObject *)o)'),
  recipe('_PyGC_FINALIZED(o)', 'PyObject_GC_IsFinalized((PyObject *)o)'),
  recipe('PyObject_Print', 'PepObject_Print'),
  recipe('PyObject_IS_GC(o)', 'PepObject_IS_GC((PyObject *)o)'),
  recipe('_PyObject_New(t)', 'PyObject_New(PyObject, t)'),
  recipe('_PyObject_NewVar(t, n)', 'PyObject_NewVar(PyVarObject, t, n)'),
  recipe('_PyObject_GC_New(t)', 'PyObject_GC_New(PyObject, t)'),
  recipe('_PyObject_GC_NewVar(t, n)', 'PyObject_GC_NewVar(PyVarObject, t, n)'),
  recipe('Py_SETREF', 'Pep_SETREF'),
  recipe('Py_XSETREF', 'Pep_XSETREF'),
  recipe('PyObject_Dump', 'PepObject_Dump'),
  recipe('_PyObject_Dump', 'PepObject_Dump'),
  ...shimmed('PyIndex_Check', 'PyIter_Check'),

  ...shimmed('PyModule_AddObjectRef', 'PyModule_Add', 'PyModule_AddType', 'PyType_GetModuleByDef'),
  recipe('_PyType_GetModuleByDef', 'PepType_GetModuleByDef'),
]
