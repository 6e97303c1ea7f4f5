/**
 * Fields of the structs that a type object is made of, in the order of their declaration, and what each becomes in a
 * `PyType_Spec`. Source: Doc/c-api/typeobj.rst, Include/typeslots.h; the orders have not changed since 3.5, new
 * fields come last.
 */

/** The structs whose static variables a type is written down with. */
export const slotStructs: Readonly<Record<string, readonly string[]>> = {
  PyTypeObject:
    words(`ob_base tp_name tp_basicsize tp_itemsize tp_dealloc tp_vectorcall_offset tp_getattr tp_setattr tp_as_async
    tp_repr tp_as_number tp_as_sequence tp_as_mapping tp_hash tp_call tp_str tp_getattro tp_setattro tp_as_buffer
    tp_flags tp_doc tp_traverse tp_clear tp_richcompare tp_weaklistoffset tp_iter tp_iternext tp_methods
    tp_members tp_getset tp_base tp_dict tp_descr_get tp_descr_set tp_dictoffset tp_init tp_alloc tp_new tp_free
    tp_is_gc tp_bases tp_mro tp_cache tp_subclasses tp_weaklist tp_del tp_version_tag tp_finalize tp_vectorcall`),
  PyNumberMethods:
    words(`nb_add nb_subtract nb_multiply nb_remainder nb_divmod nb_power nb_negative nb_positive nb_absolute nb_bool
    nb_invert nb_lshift nb_rshift nb_and nb_xor nb_or nb_int nb_reserved nb_float nb_inplace_add
    nb_inplace_subtract nb_inplace_multiply nb_inplace_remainder nb_inplace_power nb_inplace_lshift
    nb_inplace_rshift nb_inplace_and nb_inplace_xor nb_inplace_or nb_floor_divide nb_true_divide
    nb_inplace_floor_divide nb_inplace_true_divide nb_index nb_matrix_multiply nb_inplace_matrix_multiply`),
  PySequenceMethods: words(
    'sq_length sq_concat sq_repeat sq_item was_sq_slice sq_ass_item was_sq_ass_slice sq_contains sq_inplace_concat ' +
      'sq_inplace_repeat',
  ),
  PyMappingMethods: words('mp_length mp_subscript mp_ass_subscript'),
  PyAsyncMethods: words('am_await am_aiter am_anext am_send'),
  PyBufferProcs: words('bf_getbuffer bf_releasebuffer'),
}

/** The fields of a type object that point to another struct of slots. */
export const subTables: Readonly<Record<string, string>> = {
  tp_as_number: 'PyNumberMethods',
  tp_as_sequence: 'PySequenceMethods',
  tp_as_mapping: 'PyMappingMethods',
  tp_as_async: 'PyAsyncMethods',
  tp_as_buffer: 'PyBufferProcs',
}

/** What fields were called once, or may be called. */
export const oldNames: Readonly<Record<string, string>> = {
  tp_print: 'tp_vectorcall_offset',
  tp_compare: 'tp_as_async',
  tp_reserved: 'tp_as_async',
  nb_nonzero: 'nb_bool',
  nb_long: 'nb_reserved',
  sq_slice: 'was_sq_slice',
  sq_ass_slice: 'was_sq_ass_slice',
}

/** Fields that a type has a slot for, `Py_` in front of the name. */
export const slotFields: ReadonlySet<string> = new Set([
  ...words(`tp_dealloc tp_getattr tp_setattr tp_repr tp_hash tp_call tp_str tp_getattro tp_setattro tp_doc
  tp_traverse tp_clear tp_richcompare tp_iter tp_iternext tp_methods tp_members tp_getset tp_descr_get
  tp_descr_set tp_init tp_alloc tp_new tp_free tp_is_gc tp_del tp_finalize`),
  ...slotStructs.PyNumberMethods!.filter((name) => name !== 'nb_reserved'),
  ...slotStructs.PySequenceMethods!.filter((name) => !name.startsWith('was_')),
  ...slotStructs.PyMappingMethods!,
  ...slotStructs.PyAsyncMethods!,
  ...slotStructs.PyBufferProcs!,
])

/** Fields that a member of the type says, by the name that `PyType_FromSpec` looks for (CPython 3.9 and later). */
export const offsetMembers: Readonly<Record<string, string>> = {
  tp_weaklistoffset: '__weaklistoffset__',
  tp_dictoffset: '__dictoffset__',
  tp_vectorcall_offset: '__vectorcalloffset__',
}

/** Fields that only CPython writes, or that mean nothing: a value in them is not carried over. */
export const idleFields: ReadonlySet<string> = new Set(
  words(
    'tp_cache tp_subclasses tp_weaklist tp_version_tag tp_mro nb_reserved was_sq_slice was_sq_ass_slice tp_vectorcall',
  ),
)

/** Functions and macros that free memory without asking the type of an object how. */
export const freeingFunctions: ReadonlySet<string> = new Set(
  words(
    'PyObject_Free PyObject_FREE PyObject_Del PyObject_DEL PyObject_GC_Del PyMem_Free PyMem_FREE PyMem_Del ' +
      'PyMem_RawFree free',
  ),
)

/** The types of functions in slots, by which values are cast: `(destructor)spam_dealloc`. */
export const slotTypes: ReadonlySet<string> = new Set(
  words(`destructor getattrfunc setattrfunc getattrofunc setattrofunc reprfunc hashfunc richcmpfunc getiterfunc
  iternextfunc descrgetfunc descrsetfunc initproc newfunc allocfunc freefunc inquiry traverseproc visitproc
  unaryfunc binaryfunc ternaryfunc lenfunc ssizeargfunc ssizessizeargfunc ssizeobjargproc ssizessizeobjargproc
  objobjargproc objobjproc getbufferproc releasebufferproc sendfunc printfunc cmpfunc coercion intargfunc
  intintargfunc intobjargproc intintobjargproc vectorcallfunc`),
)

function words(text: string): readonly string[] {
  return text.split(/\s+/)
}
