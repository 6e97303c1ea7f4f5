import { describe, expect, it } from 'vitest'
import { Api } from './api.ts'
import stored from './table.json' with { type: 'json' }
import { readFact, readStruct, type StoredTable, writeFact, writeStruct } from './table.ts'
import { type Minor, newest, oldest } from './version.ts'

const table: StoredTable = stored
const api = new Api(table)
const headerSets = Object.keys(table.headers).map(Number)

const fact = (name: string) => {
  const found = api.fact(name)
  if (!found) throw new Error(`${name} is not in the table`)
  return found
}

const struct = (name: string) => {
  const found = api.struct(name)
  if (!found) throw new Error(`${name} is no struct of the table`)
  return found
}

/** The levels at which the headers of a version declare a name: `10-15`; `never` where at none. */
const levels = (name: string, headers: Minor = newest): string => {
  const span = api.levels(fact(name), headers)
  return span === null ? 'never' : `${span.first}-${span.last}`
}

const target = (level: Minor, headers: Minor = newest, abi3t = false) => ({ level, headers, abi3t })
const abi3t = target(newest, newest, true)

describe('the stored table', () => {
  it('is of the headers of five versions, and holds what it should', () => {
    expect(api.headerSets).toEqual([9, 11, 13, 14, 15])
    for (const [minor, version] of Object.entries(table.headers)) {
      expect(version).toMatch(new RegExp(`^3\\.${minor}\\.\\d`))
    }
    expect(api.names().length).toBeGreaterThan(3500)
    expect(api.structNames().length).toBeGreaterThan(100)
    expect(api.names()).toEqual([...api.names()].sort())
  })

  it('is written as it was read, fact by fact', () => {
    const changed = Object.entries(table.names).filter(
      ([name, line]) => writeFact(readFact(name, line, headerSets), headerSets) !== line,
    )
    expect(changed).toEqual([])
  })

  it('is written as it was read, struct by struct', () => {
    const changed = Object.entries(table.structs).filter(
      ([name, line]) => writeStruct(readStruct(name, line, headerSets)) !== line,
    )
    expect(changed).toEqual([])
  })

  it('holds versions that there are, and stretches the right way round', () => {
    const wrong = api.names().filter((name) => {
      const { full, levels: spans, exported, inDll } = fact(name)
      const minors = [full?.first, full?.last, exported, inDll, ...spans.flatMap((span) => [span?.first, span?.last])]
      const numbers = minors.filter((each) => each !== undefined && each !== null)
      return (
        numbers.some((each) => !Number.isInteger(each) || each < oldest || each > newest) ||
        spans.some((span, index) => span !== null && (span.first > span.last || span.last > headerSets[index]!)) ||
        (full !== null && full.first > full.last) ||
        (exported !== null && inDll !== null && exported > inDll)
      )
    })
    expect(wrong).toEqual([])
  })

  it('finds a struct by its tag as by its name', () => {
    for (const name of api.structNames()) expect(api.struct(struct(name).tag)).not.toBeNull()
    expect(api.struct('struct _typeobject')).toBe(api.struct('PyTypeObject'))
    expect(api.struct('struct _ts')).toBe(api.struct('PyThreadState'))
  })

  it('knows no names that are none of the C API', () => {
    for (const name of ['toString', 'constructor', '__proto__', 'main', 'PyNoSuchThing']) {
      expect(api.fact(name)).toBeNull()
      expect(api.struct(name)).toBeNull()
      expect(api.offers(name, target(newest))).toBe(false)
    }
  })
})

describe('levels in the newest headers', () => {
  it.each([
    // never limited
    ['PyTuple_GET_ITEM', 'never'],
    ['PyList_GET_SIZE', 'never'],
    ['PyBytes_AS_STRING', 'never'],
    ['PyFloat_AS_DOUBLE', 'never'],
    ['PyUnicode_DATA', 'never'],
    ['PyUnicode_GET_LENGTH', 'never'],
    ['PyUnicode_AsUTF8', 'never'],
    ['PyObject_CallOneArg', 'never'],
    ['PyType_GetDict', 'never'],
    ['PyRun_SimpleString', 'never'],
    ['PyFrame_GetBack', 'never'],
    ['PyMutex_Lock', 'never'],
    ['PyUnicodeWriter', 'never'],
    ['PySequenceMethods', 'never'],
    ['PyHeapTypeObject', 'never'],
    ['PyDateTime_IMPORT', 'never'],
    ['PyDateTime_Check', 'never'],
    ['PyDate_FromDate', 'never'],
    ['PyDateTimeAPI', 'never'],
    ['PyDateTime_CAPI', 'never'],
    ['PyDateTime_DateTime', 'never'],
    ['Py_UNICODE', 'never'],
    ['PyUnicode_READY', 'never'],
    // broken macros: their parts are not limited
    ['PySequence_Fast_GET_ITEM', 'never'],
    ['PySequence_Fast_GET_SIZE', 'never'],
    ['PySequence_Fast_ITEMS', 'never'],
    // removed
    ['PyEval_CallObject', 'never'],
    ['PyWeakref_GetObject', 'never'],
    ['PyUnicode_GET_SIZE', 'never'],
    // guarded
    ['PyUnicode_AsUTF8AndSize', '10-15'],
    ['Py_buffer', '11-15'],
    ['PyObject_GetBuffer', '11-15'],
    ['PyBUF_SIMPLE', '11-15'],
    ['PyBuffer_Release', '11-15'],
    ['PyWeakref_GetRef', '13-15'],
    ['PyMem_RawMalloc', '13-15'],
    ['PyType_GetModuleByDef', '13-15'],
    ['PyModuleDef_Init', '5-15'],
    ['METH_FASTCALL', '10-15'],
    ['METH_METHOD', '9-15'],
    ['METH_VARARGS', '2-15'],
    ['PyType_FromMetaclass', '12-15'],
    ['PyObject_Vectorcall', '12-15'],
    ['PyObject_CallNoArgs', '9-15'],
    ['PyModule_AddObjectRef', '10-15'],
    ['PyModule_AddType', '9-15'],
    ['Py_GetConstantBorrowed', '13-15'],
    ['PyDict_GetItemRef', '13-15'],
    ['PyDict_SetDefaultRef', '15-15'],
    ['PyLong_AsInt', '13-15'],
    ['PyABIInfo_Check', '15-15'],
    ['PyABIInfo_VAR', '15-15'],
    ['PyABIInfo_DEFAULT_ABI_VERSION', '15-15'],
    // not guarded, although newer
    ['PyErr_GetRaisedException', '2-15'],
    ['PyIndex_Check', '2-15'],
    ['Py_NewRef', '2-15'],
    ['Py_T_INT', '2-15'],
    // as old as the Limited API
    ['PyObject', '2-15'],
    ['PyTypeObject', '2-15'],
    ['PyModule_Create2', '2-15'],
    ['PyObject_HEAD', '2-15'],
    ['Py_TYPE', '2-15'],
    ['Py_INCREF', '2-15'],
    ['Py_None', '2-15'],
    ['PyMem_Malloc', '2-15'],
    ['PyGILState_Ensure', '2-15'],
    ['Py_BEGIN_ALLOW_THREADS', '2-15'],
    ['Py_TPFLAGS_HAVE_GC', '2-15'],
  ])('%s: %s', (name, expected) => expect(levels(name)).toBe(expected))
})

describe('levels in older headers', () => {
  it.each([
    ['PYGEN_NEXT', 10, '10-11'],
    ['PYGEN_NEXT', 9, 'never'],
    ['PyObject_GetAIter', 10, '2-11'],
    ['PyEval_CallObject', 9, '2-9'],
    ['PyEval_CallObject', 11, '2-11'],
    ['PyEval_CallObject', 13, 'never'],
    ['PyWeakref_GetObject', 14, '2-14'],
    ['PyUnicode_AsUTF8AndSize', 9, 'never'],
    ['Py_buffer', 9, 'never'],
    ['Py_buffer', 11, '11-11'],
    ['Py_NewRef', 9, 'never'],
    ['PyType_GetModuleByDef', 11, 'never'],
    ['PyModule_AddObjectRef', 11, '2-11'],
    ['PyModule_AddObjectRef', 13, '10-13'],
    ['METH_FASTCALL', 9, 'never'],
    ['PyErr_GetRaisedException', 11, 'never'],
    ['PyErr_GetRaisedException', 13, '2-13'],
    ['PySequence_Fast_GET_ITEM', 11, 'never'],
    ['PySequence_Fast_ITEMS', 11, 'never'],
    // macros of 3.9 that reach into structs which are opaque to the Limited API
    ['PyWeakref_GET_OBJECT', 9, 'never'],
    ['PyUnicode_CHECK_INTERNED', 9, 'never'],
    ['Py_ALLOW_RECURSION', 9, 'never'],
    ['Py_END_ALLOW_RECURSION', 9, 'never'],
  ] as const)('%s in 3.%i: %s', (name, headers, expected) => expect(levels(name, headers)).toBe(expected))

  it('stand for the versions in between, which have no set of their own', () => {
    expect(levels('PyType_FromMetaclass', 12)).toBe('12-13')
    expect(levels('PyMem_RawMalloc', 12)).toBe('never')
    expect(api.declared(fact('PyUnicode_AsUTF8AndSize'), target(10, 10))).toBe(true)
    expect(api.declared(fact('Py_NewRef'), target(8, 8))).toBe(false)
  })
})

describe('what old Pythons export', () => {
  it.each([
    ['PyErr_GetRaisedException', 12, 12],
    ['PyIndex_Check', 8, 8],
    ['PyIter_Check', 8, 8],
    ['PyWeakref_GetObject', 2, 2],
    ['PyMem_RawMalloc', 13, 13],
    ['PyUnicode_AsUTF8AndSize', 10, 10],
    ['PyObject_CallNoArgs', 9, 10],
    ['PyModule_AddType', 9, 10],
    ['PyErr_SetImportError', 3, 7],
    ['PyVectorcall_Call', 8, 12],
    ['PyLong_Export', 14, 15],
    ['_Py_DecRef', 10, 10],
    ['PyType_FromMetaclass', 12, 12],
    ['PyCriticalSection_Begin', 13, null],
  ] as const)('%s: from 3.%i on, python3.dll 3.%s', (name, exported, inDll) => {
    expect(fact(name).exported).toBe(exported)
    if (inDll !== null) expect(fact(name).inDll).toBe(inDll)
  })

  it.each([
    // name, level, declared, offered
    ['PyErr_GetRaisedException', 8, true, false],
    ['PyErr_GetRaisedException', 12, true, true],
    ['PyIndex_Check', 7, true, false],
    ['PyIndex_Check', 8, true, true],
    ['Py_NewRef', 2, true, true],
    ['Py_NewRef', 8, true, true],
    ['PyMem_RawMalloc', 12, false, false],
    ['PyMem_RawMalloc', 13, true, true],
    ['PyWeakref_GetObject', 8, false, false],
    ['PyTuple_GET_ITEM', 15, false, false],
    ['METH_FASTCALL', 9, false, false],
    ['METH_FASTCALL', 10, true, true],
    ['Py_T_INT', 8, true, true],
  ] as const)('%s at level 3.%i is declared: %s, offered: %s', (name, level, declared, offered) => {
    expect(api.declared(fact(name), target(level))).toBe(declared)
    expect(api.offers(name, target(level))).toBe(offered)
  })

  it('leaves no import of a macro or an inline function', () => {
    for (const name of ['Py_NewRef', 'Py_XNewRef', 'Py_Is', 'Py_TYPE', 'Py_SIZE', 'Py_REFCNT', 'PyObject_DelAttr']) {
      expect(fact(name).inline, name).toBe(true)
    }
    for (const name of ['PyIndex_Check', 'PyErr_GetRaisedException', 'PyLong_AsLong', 'PyUnicode_Type']) {
      expect(fact(name).inline, name).toBe(false)
    }
  })

  it('keeps in the ABI what left the headers', () => {
    const left = ['PyWeakref_GetObject', 'PyCFunction_Call', 'PyEval_CallFunction', 'Py_GetPath', 'PySys_AddXOption']
    for (const name of left) {
      expect(fact(name).abiOnly, name).toBe(true)
      expect(levels(name), name).toBe('never')
    }
    expect(fact('PyIndex_Check').abiOnly).toBe(false)
  })

  it('knows what is for some platforms only', () => {
    expect(fact('PyErr_SetFromWindowsErr').platform).toBe('MS_WINDOWS')
    expect(fact('PyOS_AfterFork_Child').platform).toBe('HAVE_FORK')
    expect(fact('PyThread_get_thread_native_id').platform).toBe('PY_HAVE_THREAD_NATIVE_ID')
    expect(fact('PyLong_AsLong').platform).toBe('')
  })
})

describe('the full API', () => {
  it.each([
    ['PyEval_CallObject', 2, 12],
    ['PyUnicode_GET_SIZE', 2, 11],
    ['PyUnicode_AS_UNICODE', 2, 11],
    ['PyWeakref_GetObject', 2, 14],
    ['PyTuple_GET_ITEM', 2, 15],
    ['PyErr_GetRaisedException', 12, 15],
    ['Py_NewRef', 10, 15],
    ['PyUnicode_DATA', 3, 15],
    ['PyMem_RawMalloc', 4, 15],
    ['PyObject_CallOneArg', 9, 15],
    ['PyMutex', 13, 15],
    ['PyUnicodeWriter', 14, 15],
    ['PyType_GetModuleByDef', 11, 15],
    ['PyWeakref_GetRef', 13, 15],
    ['METH_FASTCALL', 6, 15],
    ['PyObject_CallNoArgs', 9, 15],
    ['PyModule_AddObjectRef', 10, 15],
  ])('%s: 3.%i to 3.%i', (name, first, last) => {
    expect(fact(name).full).toEqual({ first, last })
    expect(api.inFullApi(fact(name), first)).toBe(true)
    expect(api.inFullApi(fact(name), last)).toBe(true)
    expect(api.inFullApi(fact(name), first - 1)).toBe(false)
    expect(api.inFullApi(fact(name), last + 1)).toBe(false)
  })
})

describe('abi3t', () => {
  it.each([
    ['PyObject_HEAD', false],
    ['PyVarObject_HEAD_INIT', false],
    ['PyModuleDef_HEAD_INIT', false],
    ['PyTuple_GET_ITEM', false],
    ['PyWeakref_GetObject', false],
    ['PyUnicode_AsUTF8', false],
    ['PyObject', true],
    ['PyModuleDef', true],
    ['Py_TYPE', true],
    ['PyLong_AsLong', true],
    ['PySlot', true],
    ['PyType_FromSlots', true],
    ['PyABIInfo_VAR', true],
    ['Py_buffer', true],
    ['METH_FASTCALL', true],
  ])('declares %s: %s', (name, expected) => {
    expect(fact(name).abi3t).toBe(expected)
    expect(api.declared(fact(name), abi3t)).toBe(expected)
  })
})

describe('structs', () => {
  /** The lowest level at which the newest headers show the fields; null where they never do. */
  it.each([
    ['PyObject', 2, false],
    ['PyVarObject', 2, false],
    ['PyModuleDef', 2, false],
    ['PyModuleDef_Base', 2, false],
    ['PyMethodDef', 2, true],
    ['PyMemberDef', 2, true],
    ['PyGetSetDef', 2, true],
    ['PyType_Slot', 2, true],
    ['PyType_Spec', 2, true],
    ['PyModuleDef_Slot', 5, true],
    ['Py_buffer', 11, true],
    ['PyABIInfo', 15, true],
    ['PyTypeObject', null, false],
    ['PyThreadState', null, false],
    ['PyFrameObject', null, false],
    ['PyCodeObject', null, false],
    ['PyLongObject', null, false],
    ['PyListObject', null, false],
    ['PyTupleObject', null, false],
    ['PyHeapTypeObject', null, false],
    ['PyCFunctionObject', null, false],
    ['PyNumberMethods', null, false],
    ['PyDateTime_CAPI', null, false],
    ['Py_tss_t', null, false],
  ] as const)('%s is complete from level %s on, for abi3t: %s', (name, level, forAbi3t) => {
    expect(api.complete(struct(name), abi3t)).toBe(forAbi3t)
    for (let each = oldest; each <= newest; each++) {
      expect(api.complete(struct(name), target(each)), `level 3.${each}`).toBe(level !== null && each >= level)
    }
  })

  it('become visible with newer headers', () => {
    expect(api.complete(struct('Py_buffer'), target(9, 9))).toBe(false)
    expect(api.complete(struct('Py_buffer'), target(11, 11))).toBe(true)
    expect(api.complete(struct('PyObject'), target(2, 9))).toBe(true)
  })

  it.each([
    ['PyTypeObject', 'tp_free', 'freefunc'],
    ['PyTypeObject', 'tp_name', 'char*'],
    ['PyTypeObject', 'tp_alloc', 'allocfunc'],
    ['PyTypeObject', 'tp_base', 'PyTypeObject*'],
    ['PyTypeObject', 'tp_dict', 'PyObject*'],
    ['PyTypeObject', 'tp_as_number', 'PyNumberMethods*'],
    ['PyObject', 'ob_type', 'PyTypeObject*'],
    ['PyObject', 'ob_refcnt', 'Py_ssize_t'],
    ['PyVarObject', 'ob_size', 'Py_ssize_t'],
    ['PyThreadState', 'interp', 'PyInterpreterState*'],
    ['PyListObject', 'ob_item', 'PyObject**'],
    ['PyModuleDef', 'm_slots', 'PyModuleDef_Slot*'],
    ['PyBufferProcs', 'bf_getbuffer', 'getbufferproc'],
    ['Py_buffer', 'shape', 'Py_ssize_t*'],
    ['PyNumberMethods', 'nb_add', 'binaryfunc'],
    ['PyCFunctionObject', 'm_self', 'PyObject*'],
    ['PyMethodDef', 'ml_meth', 'PyCFunction'],
    ['PyHeapTypeObject', 'ht_type', 'PyTypeObject'],
  ])('%s.%s is %s', (name, field, type) => expect(struct(name).fields.get(field)).toBe(type))

  it('remember fields that only older headers have', () => {
    expect(struct('PyModuleDef').fields.get('m_reload')).toBe('')
    for (const field of ['f_code', 'f_back', 'f_lineno']) expect(struct('PyFrameObject').fields.has(field)).toBe(true)
    expect(struct('PyCodeObject').fields.has('co_code')).toBe(true)
  })
})

describe('types', () => {
  it.each([
    ['Py_TYPE', 'PyTypeObject*()'],
    ['Py_SIZE', 'Py_ssize_t()'],
    ['Py_NewRef', 'PyObject*()'],
    ['PyTuple_GET_ITEM', 'PyObject*()'],
    ['PyLong_AsLong', 'long()'],
    ['PyUnicode_AsUTF8', 'char*()'],
    ['PyMem_Malloc', 'void*()'],
    ['Py_INCREF', 'void()'],
    ['PyExc_ValueError', 'PyObject*'],
    ['PyUnicode_Type', 'PyTypeObject'],
    ['PyGILState_Ensure', 'PyGILState_STATE()'],
    ['PyNoSuchThing', null],
    ['PyObject', null],
  ])('%s has the type %s', (name, type) => expect(api.nameType(name)).toBe(type))

  it.each([
    ['freefunc', 'void()*'],
    ['PyCFunction', 'PyObject*()*'],
    ['Py_hash_t', 'Py_ssize_t'],
    ['Py_ssize_t', 'ssize_t'],
    ['Py_UNICODE', 'wchar_t'],
    ['PyObject', null],
    ['PyTypeObject', null],
    ['PyInterpreterState', null],
    ['PyLong_AsLong', null],
  ])('%s stands for %s', (name, type) => expect(api.typedef(name)).toBe(type))

  it('tell functions from data, types, constants and macros', () => {
    const kinds = {
      PyLong_AsLong: 'function',
      PyUnicode_Type: 'data',
      PyObject: 'type',
      METH_FASTCALL: 'constant',
      Py_INCREF: 'macro',
    }
    for (const [name, entity] of Object.entries(kinds)) expect(fact(name).entity, name).toBe(entity)
  })
})

it('macros that the oldest headers have, without a guard, count as there in older ones', () => {
  expect(levels('PY_LONG_LONG', 6)).not.toBe('never')
  expect(api.declared(fact('PY_LONG_LONG'), target(6, 6))).toBe(true)
  expect(levels('PyObject_CallNoArgs', 6)).toBe('never')
})
