/** What has no shim, and why: what it would have to be, and what to write instead. */
export interface Instead {
  /** The names or fields, or what people call it. */
  readonly names: readonly string[]
  readonly because: string
  readonly use: string
}

/** What no sound shim can be made of. */
export const instead: readonly Instead[] = [
  {
    names: ['PyUnicode_1BYTE_DATA', 'PyUnicode_2BYTE_DATA', 'PyUnicode_4BYTE_DATA', 'PyUnicode_IS_COMPACT'],
    because:
      'They read the inside of the str, whose layout changed in 3.12 and in 3.14, and which no function of the ' +
      'Limited API hands out.',
    use:
      'PyUnicode_AsUCS4Copy, freed with PyMem_Free, where single characters are wanted; PyUnicode_AsUTF8AndSize ' +
      'from level 3.10 on, else PyUnicode_AsUTF8String; PepUnicode_READ_CHAR for a few characters. To make a str: ' +
      'PepUnicode_FromKindAndData.',
  },
  {
    names: ['PyUnicode_CopyCharacters', 'PyUnicode_Fill', '_PyUnicodeWriter'],
    because: 'A str can only be made whole under the Limited API.',
    use: 'An array of Py_UCS4 or of bytes, and PepUnicode_FromKindAndData or PyUnicode_DecodeUTF8 in the end.',
  },
  {
    names: ['_PyObject_GetDictPtr'],
    because:
      'A pointer to where the dict is kept exists no longer for most objects, whose attributes are in no dict ' +
      'before somebody asks (3.11), nor in one that could be set (3.13).',
    use: 'PyObject_GenericGetDict (level 3.10), a new reference; PyObject_GetAttrString(o, "__dict__") below.',
  },
  {
    names: ['PyWeakref_GET_OBJECT', 'PyWeakref_GetObject', 'PyWeakReference.wr_object'],
    because:
      'Borrowed from nobody: the object may go away at any time, which is why 3.15 took them out of the headers.',
    use: 'PepWeakref_GetRef, and let go of the result when done.',
  },
  {
    names: ['PyThreadState_GetInterpreter', 'PyThreadState.interp'],
    because: 'The Limited API has it from 3.9 on; below, no function knows interpreters.',
    use:
      'PyThreadState_GetInterpreter, or PyInterpreterState_Get for the running one (level 3.9). The shims keep ' +
      'their things per interpreter with PepInterpreter_GetDict at every level.',
  },
  {
    names: [
      'PyThreadState.frame',
      'PyThreadState.curexc_type',
      'PyThreadState.exc_info',
      'PyThreadState.recursion_depth',
    ],
    because: 'They need the layout of the thread state, which changes with every version.',
    use: 'PyEval_GetFrame, PyErr_Fetch, PyErr_GetExcInfo, Py_EnterRecursiveCall.',
  },
  {
    names: ['PyObject_CallFinalizer', 'PyObject_CallFinalizerFromDealloc'],
    because:
      'To call a finalizer on an object that is being deallocated its reference count has to be raised from zero ' +
      'and to be looked at afterwards, without a word to the interpreter; only the interpreter itself can. The ' +
      'Limited ' +
      'API has it from 3.15 on.',
    use:
      'Put the work into tp_dealloc, between PyErr_Fetch and PyErr_Restore, or leave tp_finalize to classes made ' +
      'in Python, whose objects are finalized by CPython.',
  },
  {
    names: ['PepType_SetDict', 'PyTypeObject.tp_dict = d'],
    because: "It would write into CPython's struct, past the method cache.",
    use: 'PyObject_SetAttr on the type for each name, after it was made.',
  },
  {
    names: ['PyType_Type.tp_new', 'PyTypeObject.tp_new of a static type below 3.10'],
    because: 'PyType_GetSlot knows static types from 3.10 on.',
    use: 'PepType_GetSlot(&PyType_Type, Py_tp_new) from level 3.10 on; below, call the type, or its attribute __new__.',
  },
  {
    names: ['PySet_NextEntry', '_PySet_NextEntry'],
    because: 'There is no function that walks a set in place, and its borrowed items would not be safe.',
    use: 'PyObject_GetIter and PyIter_Next.',
  },
  {
    names: ['PySequence_Fast_ITEMS', '&PyTuple_GET_ITEM(t, 0)', 'PyListObject.ob_item'],
    because: 'A pointer to the items of a list or a tuple, which no function gives.',
    use: 'PepSequence_Fast_GET_ITEM in a loop, into an array of your own where one is needed.',
  },
  {
    names: ['PyDict_GetItemWithError'],
    because: 'The Limited API has had it since 3.2: nothing is missing.',
    use: 'PyDict_GetItemWithError, or PepDict_GetItemRef where the reference should be your own.',
  },
  {
    names: ['Py_buffer for writing, with shape, format or strides, below 3.11'],
    because: 'The Limited API has the struct from 3.11 on. PySide copied it; CPython never promised its layout below.',
    use:
      'A target of 3.11. Below, PepObject_GetBuffer for reading a copy, or the methods of ' +
      'PyMemoryView_FromObject (cast, tobytes, item assignment).',
  },
  {
    names: ['PyCode_New', 'PyCode_NewEmpty', 'PyFrame_New'],
    because: 'Code objects differ in every version.',
    use: 'compile() by PepRun_String or Py_CompileString, and the method replace of code objects.',
  },
  {
    names: ['PyErr_GetRaisedException that leaves the exception set'],
    because:
      "So PySide's shim of this name did; the real one clears it, and code that trusts it then reports the same " +
      'error twice.',
    use: 'PepErr_GetRaisedException, and PepErr_SetRaisedException to put it back.',
  },
]

/** A section of PySide's document on its transition to the Limited API, and what stands for it here. */
export interface Section {
  readonly section: string
  /** What PySide did. */
  readonly there: string
  /** Shims and better answers. */
  readonly here: string
}

/** Every section of "The Transition To The Limited Python API (PEP384)" that names something that is missing. */
export const sections: readonly Section[] = [
  {
    section: 'memoryobject.h, abstract.h',
    there: 'struct copies and a range of versions checked by hand',
    here:
      '`PepObject_GetBuffer`, `PepBuffer_Release`, `PepObject_CheckBuffer`: reading, by way of memoryview; the ' +
      'real ones from 3.11 on',
  },
  {
    section: 'pydebug.h',
    there: '`Py_VerboseFlag` as a macro for a function',
    here: '`PepFlag_Verbose()` and twelve more, `Pep_GetFlag` for any',
  },
  {
    section: 'unicodeobject.h',
    there: '`PepUnicode_GetLength`, `_PepUnicode_AsString` over struct copies',
    here:
      '`PepUnicode_GET_SIZE`, `PepUnicode_GET_LENGTH`, `PepUnicode_AsUTF8`, `PepUnicode_AsString`, ' +
      '`PepUnicode_FromKindAndData` and others, without a layout',
  },
  { section: 'bytesobject.h', there: 'macros to functions', here: '`PepBytes_AS_STRING`, `PepBytes_GET_SIZE`' },
  { section: 'floatobject.h', there: 'macro to function', here: '`PepFloat_AS_DOUBLE`' },
  {
    section: 'tupleobject.h',
    there: 'macros to functions',
    here: '`PepTuple_GET_ITEM`, `PepTuple_SET_ITEM`, `PepTuple_GET_SIZE`',
  },
  {
    section: 'listobject.h',
    there: 'macros to functions',
    here: '`PepList_GET_ITEM`, `PepList_SET_ITEM`, `PepList_GET_SIZE`, `PepList_GetItemRef`',
  },
  {
    section: 'dictobject.h',
    there: 'its own `PyDict_GetItemWithError`',
    here:
      '`PyDict_GetItemWithError` itself, in the Limited API since 3.2; `PepDict_GetItemRef` for a reference of ' +
      'your own',
  },
  {
    section: 'methodobject.h',
    there: 'macros to functions, `PepCFunction_GET_NAMESTR`, which leaked',
    here: '`PepCFunction_GET_FUNCTION`, `_GET_SELF`, `_GET_FLAGS`, and `PepCFunction_GET_NAMESTR`, which does not',
  },
  {
    section: 'pythonrun.h',
    there: 'a simplified `PyRun_String`',
    here:
      '`PepRun_String` with the semantics of the real one, `PepRun_SimpleString`, `PepRun_StringFlags`, ' +
      '`Pep_CompileStringExFlags`',
  },
  {
    section: 'funcobject.h',
    there: 'an opaque type, `PyFunction_Check`, `PyFunction_GET_CODE`, `PepFunction_GetName`',
    here: '`PepFunction_Check`, `PepFunction_GET_CODE` and all other parts, `PepFunction_GetName`, `PepFunction_New`',
  },
  {
    section: 'classobject.h',
    there: '`PyMethod_New`, `PyMethod_Function`, `PyMethod_Self`',
    here: '`PepMethod_Check`, `PepMethod_New`, `PepMethod_Function`, `PepMethod_Self` and the `GET_` names',
  },
  {
    section: 'code.h',
    there: '`PepCode_GET_FLAGS`, `PepCode_GET_ARGCOUNT`, six flags',
    here: '`PepCode_Check`, six `PepCode_GET_`, five `PepCode_Get`, ten `Pep_CO_` flags',
  },
  {
    section: 'datetime.h',
    there:
      'attributes and calls without error checks, one cache for the process; "we should maybe provide an optimized ' +
      'interface"',
    here:
      'the whole header: `PepDateTime_IMPORT`, ten checks, sixteen fields, time zones, all makers; the types ' +
      'looked up once in each interpreter',
  },
  {
    section: 'object.h: the restricted PyTypeObject',
    there: 'a reduced copy of the struct',
    here:
      '`PepType_GetSlot`, `PepType_GetBasicSize` and other offsets, `PepType_GetDict`, `PepType_GetMro`, ' +
      '`PepType_GetTpName`; the copy only as `PepTypeObject`, for those who ask for it',
  },
  {
    section: 'object.h: PyIndex_Check',
    there: 'reads nb_index through the restricted struct',
    here: '`PepIndex_Check`: asks the type for `__index__`; the real one from 3.8 on',
  },
  {
    section: 'object.h: PepType_SOTP, PepType_SETP, PepType_PFTP',
    there: 'an offset behind the type, known at run time',
    here:
      '`PepObject_GetTypeData` and `PepType_AlignedSize` behind a type; `PepType_SetExtraData`, ' +
      '`PepType_GetExtraData` beside it',
  },
  {
    section: 'object.h: PepType_GetNameStr',
    there: 'skips over dotted parts of tp_name',
    here: '`PepType_GetNameStr`; with the module `PepType_GetTpName`',
  },
  {
    section: 'object.h: _PyObject_Dump',
    there: 'declared by hand, which 3.15 no longer exports',
    here: '`PepObject_Dump`, which also works on Windows',
  },
  {
    section: 'Using the new type API: object_dealloc, special offsets',
    there: 'its own `object_dealloc`; offsets written into the type',
    here:
      '`PepType_GetSlot(type, Py_tp_free)`; the members `__dictoffset__` and `__weaklistoffset__` in the spec, ' +
      'read by `PepType_GetDictOffset` and `PepType_GetWeakListOffset`',
  },
  {
    section: 'Appendix A: PepHeapType_SIZE',
    there: '`PyType_Type.tp_basicsize` through the restricted struct',
    here: '`PepHeapType_SIZE`: the attribute `__basicsize__` of `type`',
  },
  {
    section: 'Appendix B: verification of PyTypeObject',
    there: 'a probe at start, asserts',
    here: '`PepTypeObject_Validate`: a probe, and an ImportError',
  },
]
