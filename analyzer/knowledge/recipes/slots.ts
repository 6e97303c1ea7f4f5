import { type Recipe, recipe } from '../recipe.ts'

/** Functions of types, by the type that CPython gives them. Source: cpython/object.h, methodobject.h. */
const slots: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '': {
    destructor: 'tp_dealloc',
    getattrfunc: 'tp_getattr',
    setattrfunc: 'tp_setattr',
    reprfunc: 'tp_repr tp_str',
    hashfunc: 'tp_hash',
    ternaryfunc: 'tp_call',
    getattrofunc: 'tp_getattro',
    setattrofunc: 'tp_setattro',
    traverseproc: 'tp_traverse',
    inquiry: 'tp_clear tp_is_gc',
    richcmpfunc: 'tp_richcompare',
    getiterfunc: 'tp_iter',
    iternextfunc: 'tp_iternext',
    descrgetfunc: 'tp_descr_get',
    descrsetfunc: 'tp_descr_set',
    initproc: 'tp_init',
    allocfunc: 'tp_alloc',
    newfunc: 'tp_new',
    freefunc: 'tp_free',
  },
  tp_as_number: {
    binaryfunc:
      'nb_add nb_subtract nb_multiply nb_remainder nb_divmod nb_lshift nb_rshift nb_and nb_xor nb_or nb_inplace_add ' +
      'nb_inplace_subtract nb_inplace_multiply nb_inplace_remainder nb_inplace_lshift nb_inplace_rshift ' +
      'nb_inplace_and ' +
      'nb_inplace_xor nb_inplace_or nb_floor_divide nb_true_divide nb_inplace_floor_divide nb_inplace_true_divide ' +
      'nb_matrix_multiply nb_inplace_matrix_multiply',
    ternaryfunc: 'nb_power nb_inplace_power',
    unaryfunc: 'nb_negative nb_positive nb_absolute nb_invert nb_int nb_float nb_index',
    inquiry: 'nb_bool',
  },
  tp_as_sequence: {
    lenfunc: 'sq_length',
    binaryfunc: 'sq_concat sq_inplace_concat',
    ssizeargfunc: 'sq_repeat sq_item sq_inplace_repeat',
    ssizeobjargproc: 'sq_ass_item',
    objobjproc: 'sq_contains',
  },
  tp_as_mapping: { lenfunc: 'mp_length', binaryfunc: 'mp_subscript', objobjargproc: 'mp_ass_subscript' },
  // The Limited API does not have `sendfunc`.
  tp_as_async: {
    unaryfunc: 'am_await am_aiter am_anext',
    'PySendResult (*)(PyObject *, PyObject *, PyObject **)': 'am_send',
  },
}

/** Reading a function of a type: `PyType_GetSlot`, with the cast that the slot's function needs. */
export const slotRecipes: readonly Recipe[] = Object.entries(slots).flatMap(([table, byType]) =>
  Object.entries(byType).flatMap(([type, names]) =>
    names
      .split(' ')
      .map((name) =>
        recipe(
          `PyTypeObject.${table === '' ? '' : `${table}.`}${name}`,
          `((${type})PyType_GetSlot((PyTypeObject *)it, Py_${name}))`,
        ),
      ),
  ),
)

/** Other fields of types. */
export const typeFields: readonly Recipe[] = [
  recipe('PyTypeObject.tp_flags', 'PyType_GetFlags((PyTypeObject *)it)'),
  recipe('PyTypeObject.tp_base', '((PyTypeObject *)PyType_GetSlot((PyTypeObject *)it, Py_tp_base))'),
  recipe('PyTypeObject.tp_bases', '((PyObject *)PyType_GetSlot((PyTypeObject *)it, Py_tp_bases))'),
  recipe('PyTypeObject.tp_mro', 'PepType_GetTpMro((PyTypeObject *)it)'),
  recipe('PyTypeObject.tp_as_async', 'PepType_AsAsync((PyTypeObject *)it)', '', { tested: true }),
  recipe('PyTypeObject.tp_as_number', 'PepType_AsNumber((PyTypeObject *)it)', '', { tested: true }),
  recipe('PyTypeObject.tp_as_sequence', 'PepType_AsSequence((PyTypeObject *)it)', '', { tested: true }),
  recipe('PyTypeObject.tp_as_mapping', 'PepType_AsMapping((PyTypeObject *)it)', '', { tested: true }),
  recipe('PyTypeObject.tp_doc', '((const char *)PyType_GetSlot((PyTypeObject *)it, Py_tp_doc))'),
  recipe('PyTypeObject.tp_methods', '((PyMethodDef *)PyType_GetSlot((PyTypeObject *)it, Py_tp_methods))'),
  recipe('PyTypeObject.tp_members', '((struct PyMemberDef *)PyType_GetSlot((PyTypeObject *)it, Py_tp_members))'),
  recipe('PyTypeObject.tp_getset', '((PyGetSetDef *)PyType_GetSlot((PyTypeObject *)it, Py_tp_getset))'),
  recipe(
    'PyTypeObject.tp_name',
    'PepType_GetTpName((PyTypeObject *)it)',
    'a type made in C is named with the `__module__` that a program has set',
  ),
]
