import type { Replacement } from '../replacement.ts'
import { family, nothing, replace, way, withoutWay } from './build.ts'

const staticBefore310 = 'static types raise SystemError on runtimes before 3.10'

/** A slot that a type may lack, fetched and called. */
const slotCall = (field: string, type: string, cast: string, call: string, differs: string) =>
  replace(
    `PyTypeObject.${field}`,
    way(`((${cast})PyType_GetSlot(${type}, Py_${field}))${call}`, `${differs}; ${staticBefore310}`),
  )

/** An entry of the slots of a spec, for a field that is only ever defined. */
const definition = (field: string, value: string, differs: string) =>
  replace(`PyTypeObject.${field}`, way(`{Py_${field}, ${value}}`, differs))

const attribute = (object: string, name: string) => `PyObject_GetAttrString(${object}, "${name}")`

/** What stands for each function of `PyNumberMethods`. */
const numberCalls = {
  nb_add: 'PyNumber_Add(a, b)',
  nb_subtract: 'PyNumber_Subtract(a, b)',
  nb_multiply: 'PyNumber_Multiply(a, b)',
  nb_remainder: 'PyNumber_Remainder(a, b)',
  nb_divmod: 'PyNumber_Divmod(a, b)',
  nb_power: 'PyNumber_Power(a, b, c)',
  nb_negative: 'PyNumber_Negative(a)',
  nb_positive: 'PyNumber_Positive(a)',
  nb_absolute: 'PyNumber_Absolute(a)',
  nb_bool: 'PyObject_IsTrue(a)',
  nb_invert: 'PyNumber_Invert(a)',
  nb_lshift: 'PyNumber_Lshift(a, b)',
  nb_rshift: 'PyNumber_Rshift(a, b)',
  nb_and: 'PyNumber_And(a, b)',
  nb_xor: 'PyNumber_Xor(a, b)',
  nb_or: 'PyNumber_Or(a, b)',
  nb_int: 'PyNumber_Long(a)',
  nb_float: 'PyNumber_Float(a)',
  nb_inplace_add: 'PyNumber_InPlaceAdd(a, b)',
  nb_inplace_subtract: 'PyNumber_InPlaceSubtract(a, b)',
  nb_inplace_multiply: 'PyNumber_InPlaceMultiply(a, b)',
  nb_inplace_remainder: 'PyNumber_InPlaceRemainder(a, b)',
  nb_inplace_power: 'PyNumber_InPlacePower(a, b, c)',
  nb_inplace_lshift: 'PyNumber_InPlaceLshift(a, b)',
  nb_inplace_rshift: 'PyNumber_InPlaceRshift(a, b)',
  nb_inplace_and: 'PyNumber_InPlaceAnd(a, b)',
  nb_inplace_xor: 'PyNumber_InPlaceXor(a, b)',
  nb_inplace_or: 'PyNumber_InPlaceOr(a, b)',
  nb_floor_divide: 'PyNumber_FloorDivide(a, b)',
  nb_true_divide: 'PyNumber_TrueDivide(a, b)',
  nb_inplace_floor_divide: 'PyNumber_InPlaceFloorDivide(a, b)',
  nb_inplace_true_divide: 'PyNumber_InPlaceTrueDivide(a, b)',
  nb_index: 'PyNumber_Index(a)',
  nb_matrix_multiply: 'PyNumber_MatrixMultiply(a, b)',
  nb_inplace_matrix_multiply: 'PyNumber_InPlaceMatrixMultiply(a, b)',
}

/** What stands for each function of `PySequenceMethods`. */
const sequenceCalls = {
  sq_length: 'PySequence_Size(o)',
  sq_concat: 'PySequence_Concat(a, b)',
  sq_repeat: 'PySequence_Repeat(o, n)',
  sq_item: 'PySequence_GetItem(o, i)',
  sq_ass_item: 'PySequence_SetItem(o, i, v)',
  sq_contains: 'PySequence_Contains(o, v)',
  sq_inplace_concat: 'PySequence_InPlaceConcat(a, b)',
  sq_inplace_repeat: 'PySequence_InPlaceRepeat(o, n)',
}

/** What stands for each function of `PyMappingMethods`. */
const mappingCalls = {
  mp_length: 'PyMapping_Size(o)',
  mp_subscript: 'PyObject_GetItem(o, key)',
  mp_ass_subscript: 'PyObject_SetItem(o, key, v)',
}

/** The abstract call for a function of a sub-struct, and the slot id for whoever needs the bare function. */
const abstractCalls = (struct: string, calls: Readonly<Record<string, string>>, differs: string) =>
  family(calls, (field, call) =>
    replace(`${struct}.${field}`, [
      way(call, `${differs}; a definition becomes the slot Py_${field} of a PyType_Spec`),
      way(
        `PyType_GetSlot(Py_TYPE(o), Py_${field})`,
        `gives NULL without an exception where there is none; ${staticBefore310}`,
      ),
    ]),
  )

/** The object header, the fields of types and what stands for static types. */
export const objectsAndTypes: readonly Replacement[] = [
  replace(
    'PyTypeObject',
    [
      way(
        'PyType_FromModuleAndSpec(module, &spec, bases)',
        'the result is a new reference to a heap type, to be kept in the module state; each instance owns a ' +
          'reference ' +
          'to its type, which tp_dealloc gives back; the type is mutable and can be instantiated unless its ' +
          'flags say ' +
          'no; bases must be a tuple on runtime 3.9, a single type will do from 3.10',
      ),
      way(
        'PyType_FromSpecWithBases(&spec, bases)',
        'a new reference to a heap type without a link to its module; each instance owns a reference to its type, ' +
          'which tp_dealloc gives back from runtime 3.8 on; bases must be a tuple',
      ),
      way(
        'PyType_FromSpec(&spec)',
        'a new reference to a heap type without a link to its module, base from Py_tp_base',
      ),
    ],
    'the struct is opaque, so a static type cannot be written; describe the type with a PyType_Spec',
  ),
  replace('PyType_Ready', [
    way(
      'PyType_FromModuleAndSpec(module, &spec, bases)',
      'makes a heap type instead of completing a static one and returns a new reference to it; bases must be a tuple ' +
        'on runtime 3.9',
    ),
    way('PyType_FromSpec(&spec)', 'makes a heap type instead of completing a static one; a new reference'),
  ]),

  replace(
    'PyTypeObject.tp_name',
    [
      way(
        'PyType_GetFullyQualifiedName(tp)',
        'a new str instead of a char pointer, NULL on failure; the module stands before the name except for ' +
          'builtins; ' +
          'in PyUnicode_FromFormat and PyErr_Format use %N or %T on runtimes that know them (3.13), else %R with ' +
          'the type',
      ),
      way('PyType_GetName(tp)', 'a new str instead of a char pointer, NULL on failure; the name without the module'),
      way(
        attribute('(PyObject *)tp', '__name__'),
        'a new str instead of a char pointer, NULL on failure; the name without the module',
      ),
    ],
    nothing,
  ),
  replace(
    'PyTypeObject.tp_basicsize',
    way(
      attribute('(PyObject *)tp', '__basicsize__'),
      'a new int, to be read with PyLong_AsSsize_t; a definition becomes PyType_Spec.basicsize; the size of the data ' +
        'that a type with negative basicsize adds comes from PyType_GetTypeDataSize',
    ),
  ),
  replace(
    'PyTypeObject.tp_itemsize',
    way(
      attribute('(PyObject *)tp', '__itemsize__'),
      'a new int, to be read with PyLong_AsSsize_t; a definition becomes PyType_Spec.itemsize',
    ),
  ),
  replace(
    'PyTypeObject.tp_flags',
    way(
      'PyType_GetFlags(tp)',
      'read only: flags are given in PyType_Spec.flags when the type is made; a single one is tested by ' +
        'PyType_HasFeature',
    ),
  ),
  replace(
    'PyTypeObject.tp_dict',
    way(
      attribute('(PyObject *)tp', '__dict__'),
      'a new reference to a mappingproxy, not to the dict: PyDict_ functions raise SystemError for it, read it with ' +
        'PyObject_GetItem; to write use PyObject_SetAttrString on the type, which fails for immutable types',
    ),
  ),
  replace(
    'PyType_GetDict',
    way(
      'PyObject_GetAttrString((PyObject *)tp, "__dict__")',
      'a new reference to a mappingproxy, not to the dict: PyDict_ functions raise SystemError for it, read it with ' +
        'PyObject_GetItem',
    ),
  ),
  replace('PyTypeObject.tp_base', [
    way('(PyTypeObject *)PyType_GetSlot(tp, Py_tp_base)', `a borrowed reference; ${staticBefore310}`),
    way(attribute('(PyObject *)tp', '__base__'), 'a new reference; None for object'),
  ]),
  replace('PyTypeObject.tp_bases', [
    way('(PyObject *)PyType_GetSlot(tp, Py_tp_bases)', `a borrowed reference to the tuple; ${staticBefore310}`),
    way(attribute('(PyObject *)tp', '__bases__'), 'a new reference'),
  ]),
  replace(
    'PyTypeObject.tp_mro',
    way(
      attribute('(PyObject *)tp', '__mro__'),
      'a new reference to the tuple, NULL on failure; there is no slot id for it',
    ),
  ),
  replace(
    'PyTypeObject.tp_alloc',
    [
      way(
        '((allocfunc)PyType_GetSlot(tp, Py_tp_alloc))(tp, 0)',
        `the memory is zeroed and the new object owns a reference to a heap type; ${staticBefore310}`,
      ),
      way('PyType_GenericAlloc(tp, 0)', 'ignores a tp_alloc that the type defines itself'),
    ],
    nothing,
  ),
  replace(
    'PyTypeObject.tp_free',
    way(
      'freefunc f = (freefunc)PyType_GetSlot(tp, Py_tp_free); f(self); Py_DECREF(tp)',
      'with tp = Py_TYPE(self), read before the memory goes; the Py_DECREF gives back the reference that an instance ' +
        'owns to its heap type, except on runtimes up to 3.7 for an instance of a Python subclass',
    ),
    nothing,
  ),
  replace(
    'PyTypeObject.tp_new',
    [
      way('((newfunc)PyType_GetSlot(tp, Py_tp_new))(tp, args, kwargs)', staticBefore310),
      way('PyObject_Call((PyObject *)tp, args, kwargs)', 'runs tp_init too; args must be a tuple'),
    ],
    nothing,
  ),
  replace(
    'PyTypeObject.tp_init',
    [
      way(
        '((initproc)PyType_GetSlot(base, Py_tp_init))(self, args, kwargs)',
        `${staticBefore310}: call the method __init__ of the base there`,
      ),
      way(
        attribute('(PyObject *)base', '__init__'),
        'a new reference to the method, to be called with self before the ' +
          'arguments; its result is None instead of an int',
      ),
    ],
    nothing,
  ),
  slotCall(
    'tp_dealloc',
    'base',
    'destructor',
    '(self)',
    'the dealloc of a heap base frees the object and gives back the reference to its type, so neither is done again',
  ),
  slotCall(
    'tp_traverse',
    'base',
    'traverseproc',
    '(self, visit, arg)',
    'a base may visit Py_TYPE(self) already; returns int as the field did',
  ),
  slotCall('tp_clear', 'base', 'inquiry', '(self)', 'gives NULL where the base has none'),
  slotCall(
    'tp_descr_get',
    'Py_TYPE(descr)',
    'descrgetfunc',
    '(descr, obj, type)',
    'the slot is NULL, without an exception, for what is no descriptor',
  ),
  slotCall(
    'tp_descr_set',
    'Py_TYPE(descr)',
    'descrsetfunc',
    '(descr, obj, value)',
    'the slot is NULL, without an exception, for what is no data descriptor',
  ),
  replace(
    'PyTypeObject.tp_call',
    way(
      'PyObject_Call(o, args, kwargs)',
      'args must be a tuple, kwargs may be NULL; raises TypeError for what cannot be called instead of a NULL pointer',
    ),
    nothing,
  ),
  replace('PyTypeObject.tp_repr', way('PyObject_Repr(o)', 'checks for recursion and that the result is a str')),
  replace(
    'PyTypeObject.tp_str',
    way('PyObject_Str(o)', 'checks for recursion and that the result is a str; returns a str itself'),
  ),
  replace('PyTypeObject.tp_hash', way('PyObject_Hash(o)', 'raises TypeError for what cannot be hashed; -1 on error')),
  replace(
    'PyTypeObject.tp_iter',
    way('PyObject_GetIter(o)', 'checks that the result is an iterator, and makes one for a sequence without tp_iter'),
  ),
  replace(
    'PyTypeObject.tp_iternext',
    way('PyIter_Next(it)', 'clears StopIteration: at the end NULL without an exception; any other NULL is an error'),
  ),
  replace('PyTypeObject.tp_getattro', way('PyObject_GetAttr(o, name)', 'checks that the name is a str'), nothing),
  replace(
    'PyTypeObject.tp_setattro',
    way('PyObject_SetAttr(o, name, value)', 'checks that the name is a str'),
    nothing,
  ),
  replace(
    'PyTypeObject.tp_getattr',
    way('PyObject_GetAttrString(o, name)', 'a definition becomes Py_tp_getattro, which gets the name as a str'),
  ),
  replace(
    'PyTypeObject.tp_setattr',
    way('PyObject_SetAttrString(o, name, value)', 'a definition becomes Py_tp_setattro, which gets the name as a str'),
  ),
  replace(
    'PyTypeObject.tp_richcompare',
    way(
      'PyObject_RichCompare(a, b, op)',
      'tries the reflected comparison too and never returns NotImplemented: == and != fall back to identity, the ' +
        'others raise TypeError',
    ),
  ),
  replace(
    'PyTypeObject.tp_doc',
    way(
      attribute('(PyObject *)tp', '__doc__'),
      'a new reference to a str or None instead of a char pointer; a definition becomes the slot Py_tp_doc, ' +
        'whose text ' +
        'is copied',
    ),
  ),
  definition(
    'tp_methods',
    'methods',
    'an entry of the slots of a PyType_Spec; the array must live as long as the type',
  ),
  definition(
    'tp_members',
    'members',
    'an entry of the slots of a PyType_Spec; the array must live as long as the type',
  ),
  definition('tp_getset', 'getset', 'an entry of the slots of a PyType_Spec; the array must live as long as the type'),
  definition(
    'tp_is_gc',
    '(void *)is_gc',
    'an entry of the slots of a PyType_Spec; to ask whether a type takes part ' +
      'in garbage collection use PyType_IS_GC',
  ),
  replace(
    'PyTypeObject.tp_finalize',
    way(
      '{Py_tp_finalize, (void *)finalize}',
      'an entry of the slots of a PyType_Spec; a tp_dealloc of your own must call PyObject_CallFinalizerFromDealloc, ' +
        'which most levels lack',
    ),
    'people move the code into tp_dealloc',
  ),
  replace(
    'PyTypeObject.tp_del',
    way(
      '{Py_tp_finalize, (void *)finalize}',
      'an entry of the slots of a PyType_Spec; the object is alive in it, and it runs once per object',
    ),
    'the field is out of use; people move the code into tp_dealloc',
  ),
  replace(
    'PyTypeObject.tp_as_number',
    way(
      'PyType_GetSlot(tp, Py_nb_add)',
      'one slot id for each function of the sub-struct, here that of nb_add; gives NULL without an exception where ' +
        `there is none; ${staticBefore310}; to ask whether an object is a number use PyNumber_Check`,
    ),
  ),
  replace(
    'PyTypeObject.tp_as_sequence',
    way(
      'PyType_GetSlot(tp, Py_sq_item)',
      'one slot id for each function of the sub-struct, here that of sq_item; gives NULL without an exception where ' +
        `there is none; ${staticBefore310}; to ask whether an object is a sequence use PySequence_Check`,
    ),
  ),
  replace(
    'PyTypeObject.tp_as_mapping',
    way(
      'PyType_GetSlot(tp, Py_mp_subscript)',
      'one slot id for each function of the sub-struct, here that of mp_subscript; gives NULL without an exception ' +
        `where there is none; ${staticBefore310}; to ask whether an object is a mapping use PyMapping_Check`,
    ),
  ),
  replace(
    'PyTypeObject.tp_as_async',
    way(
      'PyType_GetSlot(tp, Py_am_await)',
      'one slot id for each function of the sub-struct, here that of am_await; gives NULL without an exception where ' +
        `there is none; ${staticBefore310}`,
    ),
  ),
  replace(
    'PyTypeObject.tp_as_buffer',
    way(
      'PyObject_CheckBuffer(o)',
      'to get the buffer call PyObject_GetBuffer; a definition becomes the slots Py_bf_getbuffer and ' +
        'Py_bf_releasebuffer',
    ),
    'the buffer protocol is not in the Limited API at this level; people raise the level or go through ' +
      'PyMemoryView_FromObject and the methods of the memoryview',
  ),
  replace(
    'PyTypeObject.tp_vectorcall_offset',
    way(
      '{"__vectorcalloffset__", Py_T_PYSSIZET, offsetof(Self, vectorcall), Py_READONLY}',
      'an entry of Py_tp_members; the type also needs the flag Py_TPFLAGS_HAVE_VECTORCALL and Py_tp_call set to ' +
        'PyVectorcall_Call',
      ['Py_TPFLAGS_HAVE_VECTORCALL', 'PyVectorcall_Call', 'Py_tp_call', 'Py_tp_members'],
    ),
    'vectorcall is not in the Limited API at this level; people define Py_tp_call alone and accept the slower call',
  ),
  replace(
    'PyTypeObject.tp_vectorcall',
    way(
      '{Py_tp_vectorcall, (void *)vectorcall}',
      'an entry of the slots of a PyType_Spec; runtimes before 3.14 refuse the slot id',
    ),
    'there is no slot for it at this level; people define Py_tp_new and Py_tp_init alone',
  ),
  replace('PyTypeObject.tp_dictoffset', [
    way(
      '{"__dictoffset__", Py_T_PYSSIZET, offsetof(Self, dict), Py_READONLY}',
      'an entry of Py_tp_members, honoured from runtime 3.9 on and an ordinary attribute before; obj.__dict__ also ' +
        'needs a getset with PyObject_GenericGetDict; the offset of a type is its attribute __dictoffset__, negative ' +
        'for managed dicts, so not for pointer arithmetic',
    ),
    way(
      '{"__dictoffset__", T_PYSSIZET, offsetof(Self, dict), READONLY}',
      'an entry of Py_tp_members, honoured from runtime 3.9 on and an ordinary attribute before',
    ),
  ]),
  replace('PyTypeObject.tp_weaklistoffset', [
    way(
      '{"__weaklistoffset__", Py_T_PYSSIZET, offsetof(Self, weaklist), Py_READONLY}',
      'an entry of Py_tp_members, honoured from runtime 3.9 on; before, the type supports no weak references and ' +
        'PyObject_ClearWeakRefs in tp_dealloc raises SystemError; a wrong member type is refused only from 3.14 on',
    ),
    way(
      '{"__weaklistoffset__", T_PYSSIZET, offsetof(Self, weaklist), READONLY}',
      'an entry of Py_tp_members, honoured from runtime 3.9 on',
    ),
  ]),
  replace(
    'PyTypeObject.tp_subclasses',
    way(
      'PyObject_CallMethod((PyObject *)tp, "__subclasses__", NULL)',
      'a new list of the direct subclasses that are alive',
    ),
  ),
  withoutWay(
    [
      'PyTypeObject.tp_cache',
      'PyTypeObject.tp_weaklist',
      'PyTypeObject.tp_version_tag',
      'PyTypeObject.tp_watched',
      'PyTypeObject.tp_versions_used',
      'PyTypeObject._tp_iteritem',
    ],
    'the field belongs to the interpreter and nothing in the Limited API reads it; people drop the access',
  ),
  withoutWay(
    'PyTypeObject.tp_print',
    'the field is unused since Python 3.0 and gone since 3.9; delete it, and ' + 'implement tp_repr or tp_str',
  ),

  replace(
    'PyNumberMethods',
    way(
      '{Py_nb_add, (void *)add}',
      'each function becomes an entry of the slots of a PyType_Spec, under the slot id of its field',
    ),
  ),
  replace(
    'PySequenceMethods',
    way(
      '{Py_sq_item, (void *)item}',
      'each function becomes an entry of the slots of a PyType_Spec, under the slot id of its field',
    ),
  ),
  replace(
    'PyMappingMethods',
    way(
      '{Py_mp_subscript, (void *)subscript}',
      'each function becomes an entry of the slots of a PyType_Spec, under the slot id of its field',
    ),
  ),
  replace(
    'PyAsyncMethods',
    way(
      '{Py_am_await, (void *)await}',
      'each function becomes an entry of the slots of a PyType_Spec, under the slot id of its field; runtimes before ' +
        '3.10 refuse Py_am_send',
    ),
  ),
  replace(
    'PyBufferProcs',
    way(
      '{Py_bf_getbuffer, (void *)getbuffer}',
      'each function becomes an entry of the slots of a PyType_Spec, under the slot id of its field',
      ['Py_buffer'],
    ),
    'the buffer protocol is not in the Limited API at this level; people raise the level, or offer a method that ' +
      'returns bytes',
  ),
  ...abstractCalls(
    'PyNumberMethods',
    numberCalls,
    'looks at all operands and raises TypeError where the slot is missing or returns NotImplemented',
  ),
  ...abstractCalls('PySequenceMethods', sequenceCalls, 'raises TypeError where the slot is missing'),
  ...abstractCalls('PyMappingMethods', mappingCalls, 'raises TypeError where the slot is missing'),
  ...family({ am_await: '__await__', am_aiter: '__aiter__', am_anext: '__anext__' }, (field, method) =>
    replace(
      `PyAsyncMethods.${field}`,
      way(
        `PyObject_CallMethod(o, "${method}", NULL)`,
        `goes through attribute lookup on the object; a definition becomes the slot Py_${field} of a PyType_Spec`,
      ),
    ),
  ),
  replace(
    'PyAsyncMethods.am_send',
    way(
      'PyIter_Send(o, arg, &result)',
      'a definition becomes the slot Py_am_send of a PyType_Spec, refused by runtimes before 3.10',
    ),
    'call the method send and take the value of StopIteration',
  ),
  replace(
    'PyBufferProcs.bf_getbuffer',
    way('PyObject_GetBuffer(o, &view, flags)', 'a definition becomes the slot Py_bf_getbuffer of a PyType_Spec'),
    'the buffer protocol is not in the Limited API at this level; people raise the level',
  ),
  replace(
    'PyBufferProcs.bf_releasebuffer',
    way('PyBuffer_Release(&view)', 'a definition becomes the slot Py_bf_releasebuffer of a PyType_Spec'),
    'the buffer protocol is not in the Limited API at this level; people raise the level',
  ),

  replace(
    'PyHeapTypeObject',
    [
      way(
        'PyObject_GetTypeData((PyObject *)tp, metaclass)',
        'data of your own behind a type: a metaclass whose spec has a negative basicsize, the type made by ' +
          'PyType_FromMetaclass; metaclass is the one that declares the data',
        ['PyType_FromMetaclass'],
      ),
    ],
    'the size of the struct grows with every version, so nothing may lie behind a copy of it; people keep a table ' +
      'from type to data and empty it in the dealloc of the metaclass',
  ),
  replace(
    'PyHeapTypeObject.ht_name',
    [
      way('PyType_GetName(tp)', 'a new reference, NULL on failure'),
      way(attribute('(PyObject *)tp', '__name__'), 'a new reference, NULL on failure'),
    ],
    nothing,
  ),
  replace('PyHeapTypeObject.ht_qualname', [
    way('PyType_GetQualName(tp)', 'a new reference, NULL on failure'),
    way(attribute('(PyObject *)tp', '__qualname__'), 'a new reference, NULL on failure'),
  ]),
  replace(
    'PyHeapTypeObject.ht_module',
    way(
      'PyType_GetModule(tp)',
      'borrowed; raises TypeError where the type has no module, as every subclass written in Python',
    ),
    'keep a pointer to the module or its state in the instance',
  ),
  replace(
    'PyHeapTypeObject.ht_slots',
    way(
      attribute('(PyObject *)tp', '__slots__'),
      'a new reference to what the class body says; AttributeError where there is nothing',
    ),
  ),
  replace(
    'PyHeapTypeObject.ht_token',
    way(
      'PyType_GetBaseByToken(tp, token, &base)',
      'asks by token: 1 and a new reference to the base, 0 where there is none, -1 on error; the token is given ' +
        'in the ' +
        'slot Py_tp_token',
    ),
    'compare with a type that the module state holds, and with its subclasses',
  ),
  replace(
    'PyHeapTypeObject.ht_type',
    way('(PyTypeObject *)tp', 'the heap type itself; its fields have ways of their own'),
  ),
  replace(
    'PyHeapTypeObject.ht_cached_keys',
    [],
    'the field belongs to the interpreter and nothing in the Limited API reads it; people drop the access',
  ),
  ...family(
    { as_number: 'Py_nb_add', as_sequence: 'Py_sq_item', as_mapping: 'Py_mp_subscript', as_async: 'Py_am_await' },
    (field, slot) =>
      replace(
        `PyHeapTypeObject.${field}`,
        way(
          `PyType_GetSlot(tp, ${slot})`,
          `one slot id for each function of the sub-struct, here ${slot}; gives NULL without an exception where ` +
            `there is ` +
            'none',
        ),
      ),
  ),
  replace(
    'PyHeapTypeObject.as_buffer',
    way('PyType_GetSlot(tp, Py_bf_getbuffer)', 'gives NULL without an exception where there is none', ['Py_buffer']),
    'the buffer protocol is not in the Limited API at this level; people raise the level',
  ),

  replace(
    '_PyType_Lookup',
    way(
      'PyObject_GetAttr((PyObject *)tp, name)',
      'a new reference instead of a borrowed one; binds descriptors, looks at the metaclass too, and raises ' +
        'AttributeError; the bare lookup is a loop over __mro__ with PyObject_GetItem on the __dict__ of each class',
    ),
    nothing,
  ),
  replace(
    '_PyType_LookupRef',
    way(
      'PyObject_GetAttr((PyObject *)tp, name)',
      'binds descriptors, looks at the metaclass too, and raises AttributeError; the bare lookup is a loop over ' +
        '__mro__ with PyObject_GetItem on the __dict__ of each class',
    ),
    nothing,
  ),
  replace(
    '_PyType_Name',
    [
      way(
        'PyType_GetName(tp)',
        'a new str instead of a char pointer; the text of PyUnicode_AsUTF8AndSize lives as long as that str',
      ),
      way(attribute('(PyObject *)tp', '__name__'), 'a new str instead of a char pointer'),
    ],
    nothing,
  ),
  replace('PyObject_IS_GC', way('PyType_IS_GC(Py_TYPE(o))', 'ignores tp_is_gc, which matters for type objects only')),
  replace(
    'PyType_SUPPORTS_WEAKREFS',
    way(
      attribute('(PyObject *)tp', '__weakrefoffset__'),
      'a new int, zero where the type supports none; managed weak references of newer runtimes give a negative one',
    ),
  ),
  replace(
    'PyObject_GET_WEAKREFS_LISTPTR',
    way(
      'PyObject_ClearWeakRefs(o)',
      'in tp_dealloc call it without a test: the reference count must be 0 and the type must support weak ' +
        'references, ' +
        'else SystemError; elsewhere there is no way to the list',
    ),
  ),
  replace('_PyObject_GetDictPtr', [
    way(
      'PyObject_GenericGetDict(o, NULL)',
      'a new reference to the dict, which is created if need be; no pointer to the place where it is kept',
    ),
    way(attribute('o', '__dict__'), 'a new reference, AttributeError where there is none; no pointer to its place'),
  ]),
  replace(
    'PyObject_GenericGetDict',
    way(
      attribute('o', '__dict__'),
      'a new reference; as a getter of __dict__ it would call itself, so the getter returns the dict of the instance ' +
        'struct',
    ),
  ),
  replace(
    'PyObject_GenericHash',
    way('((hashfunc)PyType_GetSlot(&PyBaseObject_Type, Py_tp_hash))(o)', staticBefore310),
    'hash the address yourself',
  ),
  withoutWay(
    [
      'PyObject_VisitManagedDict',
      'PyObject_ClearManagedDict',
      '_PyObject_VisitManagedDict',
      '_PyObject_ClearManagedDict',
      'Py_TPFLAGS_MANAGED_DICT',
    ],
    'managed dicts are not in the Limited API; people declare a dict of the instance struct with the member ' +
      '__dictoffset__ and visit and clear it themselves',
  ),
  withoutWay(
    'Py_TPFLAGS_MANAGED_WEAKREF',
    'managed weak references are not in the Limited API; people declare a ' +
      'list of the instance struct with the member __weaklistoffset__',
  ),
  replace(
    'Py_TPFLAGS_SEQUENCE',
    way(
      'PyObject_CallMethod(sequence_abc, "register", "O", type)',
      'with sequence_abc = collections.abc.Sequence; match statements then take the type for a sequence',
    ),
  ),
  replace(
    'Py_TPFLAGS_MAPPING',
    way(
      'PyObject_CallMethod(mapping_abc, "register", "O", type)',
      'with mapping_abc = collections.abc.Mapping; match statements then take the type for a mapping',
    ),
  ),
  replace(
    'PyObject_LengthHint',
    way(
      'PyObject_CallMethod(operator, "length_hint", "On", o, defaultvalue)',
      'with operator the imported module; a new int instead of a Py_ssize_t, NULL on failure',
    ),
  ),
  replace('PyObject_Print', way('PyFile_WriteObject(o, file, flags)', 'file is a Python file object, no FILE pointer')),
  replace(
    ['_PyObject_Dump', 'PyObject_Dump'],
    way('PySys_FormatStderr("%R\\n", o)', 'needs a valid object and runs its repr; the text goes to sys.stderr'),
  ),
  replace(
    ['PyObject_GetItemData', 'PyObject_GetItemData_DuringGC'],
    [],
    'there is no Limited API function for it; people keep the items in an allocation of their own',
  ),
  replace(
    'PyObject_CallFinalizer',
    way(
      'PyObject_CallFinalizerFromDealloc(self)',
      'for tp_dealloc only: -1 means that the object lives again and must not be freed',
    ),
    'there is no call for it at this level; people put the code of tp_finalize into tp_dealloc',
  ),
  withoutWay(
    'PyObject_CallFinalizerFromDealloc',
    'there is no call for it at this level; people put the code of tp_finalize into tp_dealloc',
  ),
  replace(
    'Py_SETREF',
    way(
      'PyObject *old = a; a = b; Py_DECREF(old)',
      'a macro of your own; assign before the release, which may run any code',
    ),
  ),
  replace(
    'Py_XSETREF',
    way(
      'PyObject *old = a; a = b; Py_XDECREF(old)',
      'a macro of your own; assign before the release, which may run any code',
    ),
  ),
  withoutWay(
    ['PyType_AddWatcher', 'PyType_ClearWatcher', 'PyType_Watch', 'PyType_Unwatch'],
    'no Limited API function watches types; people compare what they cached when it is used',
  ),

  replace(
    'PyType_FromModuleAndSpec',
    way(
      'PyType_FromSpecWithBases(&spec, bases)',
      'the type does not know its module, so PyType_GetModuleState cannot find the state from it; bases must be a ' +
        'tuple',
    ),
  ),
  replace(
    'PyType_FromMetaclass',
    way(
      'PyObject_CallFunction((PyObject *)metaclass, "sOO", name, bases, dict)',
      'calls the metaclass instead: no slots of C, the methods go into dict',
    ),
    'call the metaclass with name, bases and dict; PyType_FromSpecWithBases ignores the metaclass of the bases on ' +
      'runtimes before 3.12',
  ),
  replace('PyType_GetName', way('PyObject_GetAttrString((PyObject *)tp, "__name__")'), nothing),
  replace('PyType_GetQualName', way('PyObject_GetAttrString((PyObject *)tp, "__qualname__")')),
  replace('PyType_GetModuleName', way('PyObject_GetAttrString((PyObject *)tp, "__module__")')),
  replace('PyType_GetFullyQualifiedName', [
    way('PyType_GetQualName(tp)', 'without the module, which the attribute __module__ has'),
    way(
      'PyObject_GetAttrString((PyObject *)tp, "__qualname__")',
      'without the module, which the attribute __module__ has',
    ),
  ]),
  replace(
    'PyObject_GetTypeData',
    [],
    'people keep the data in a struct of their own that begins with the struct of ' +
      'the base, whose size must be known, or in a table from object to data',
  ),
  replace(
    'PyType_GetTypeDataSize',
    [],
    'remember the size of the data struct yourself: it is sizeof of what the spec names',
  ),
  replace(
    'PyType_Freeze',
    way(
      'PyType_Spec spec = {.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE}',
      'immutable from the start, so no attribute can be added after the type is made; ignored by runtimes before 3.10',
    ),
    'the type stays mutable at this level',
  ),
  replace(
    'PyType_GetBaseByToken',
    way('PyType_IsSubtype(tp, state_type)', 'with state_type from the module state; no token is needed'),
  ),
]
