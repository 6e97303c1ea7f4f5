import { describe, expect, it } from 'vitest'
import { advise } from '../replacement.ts'
import { byName, replacements } from './index.ts'

const entries = [...new Set(replacements.values())]
const ways = entries.flatMap((entry) => entry.ways.map((way) => ({ entry, way })))

/** Names of the full API that must never be offered. */
const fullOnly = new Set([
  'PyBytesWriter_Create',
  'PyTuple_FromArray',
  'PyType_GetDict',
  'PyArg_ParseArray',
  'PyObject_CallOneArg',
  'PyObject_CallMethodOneArg',
  'PyObject_CallMethodNoArgs',
  'PyUnicode_AsUTF8',
  'PyUnicode_New',
  'PyDict_Pop',
  'PyList_Extend',
  'PyList_Clear',
  'PyLong_GetSign',
  'PyUnicodeWriter_Create',
  'PyMutex_Lock',
  'PyRun_String',
  'PyFrame_GetLocals',
  'PyFrame_GetBack',
  'PyObject_GetItemData',
  'PyThreadState_GetUnchecked',
  'PyErr_FormatUnraisable',
  'PyObject_Dump',
  'PyConfig_Get',
  'PyTime_Time',
  'PyUnicode_FromKindAndData',
  'PyObject_LengthHint',
  'Py_HashBuffer',
  'PyVectorcall_Function',
  'PyObject_VectorcallDict',
  'PyImport_ImportModuleAttr',
  'PyFrozenDict_New',
  'PySentinel_New',
  'PyTuple_GET_ITEM',
  'PyWeakref_GetObject',
])

describe('the replacements', () => {
  it('cover many names, none of them twice', () => {
    expect(replacements.size).toBeGreaterThanOrEqual(320)
    expect(() => byName([...entries, entries[0]!])).toThrow('two replacements for')
  })

  it('are written as the rest of the sentence asks', () => {
    for (const { entry, way } of ways) {
      expect(way.use, entry.names[0]).toMatch(/^[^`]+$/)
      expect(way.use.trim()).toBe(way.use)
      expect(way.differs, entry.names[0]).toMatch(/^$|^[a-z0-9(-].*[^.\s]$/)
      expect(way.differs, entry.names[0]).not.toContain('`')
    }
    for (const entry of entries) {
      expect(entry.otherwise, entry.names[0]).toMatch(/^[a-z].*[^.\s]$/)
    }
  })

  it('need every C API name that they use, apart from those of their own', () => {
    for (const { entry, way } of ways)
      for (const name of way.use.match(/\b_?Py[A-Z_]\w*/g) ?? [])
        expect([...way.needs, ...entry.names], `${entry.names[0]}: ${way.use}`).toContain(name)
  })

  it('never need a name of the full API, a private one or themselves', () => {
    for (const { entry, way } of ways)
      for (const name of way.needs) {
        expect(name, entry.names[0]).not.toMatch(/^_|^PyUnstable_|^PyBytesWriter|^PyUnicodeWriter/)
        expect(fullOnly.has(name), `${entry.names[0]} needs ${name}`).toBe(false)
        expect(entry.names).not.toContain(name)
      }
  })

  it('give the first way that is open, else what people do', () => {
    const utf8 = replacements.get('PyUnicode_AsUTF8')!
    expect(advise(utf8, () => true)).toContain('use `PyUnicode_AsUTF8AndSize(s, NULL)`; the same text')
    expect(advise(utf8, (name) => name !== 'PyUnicode_AsUTF8AndSize')).toContain('PyUnicode_AsUTF8String(s)')
    expect(advise(replacements.get('PyObject_CallOneArg')!, () => true)).toContain(
      'PyObject_CallFunctionObjArgs(f, arg, NULL)',
    )
    expect(advise(replacements.get('PyTypeObject.tp_cache')!, () => true)).toContain('drop the access')
  })

  it.each([
    'PyTuple_GET_ITEM',
    'PyTuple_SET_ITEM',
    'PyList_GET_SIZE',
    'PyBytes_AS_STRING',
    'PyFloat_AS_DOUBLE',
    'PyUnicode_DATA',
    'PySequence_Fast_GET_ITEM',
    'PyDateTime_GET_YEAR',
    'PyMem_RawMalloc',
    'PyTypeObject.tp_free',
    'PyNumberMethods.nb_add',
    'Py_buffer',
    'PyBUF_SIMPLE',
    'PyThreadState.interp',
    'PyObject.ob_type',
    'PyListObject.ob_item',
    'Py_VerboseFlag',
    'PyConfig',
    'PyRun_String',
    'PyModule_AddObjectRef',
    'PyErr_GetRaisedException',
    'PyObject_HEAD',
    'PyModuleDef.m_size',
    'Py_SET_TYPE',
    'PyCodeObject.co_flags',
    'PyFrameObject.f_back',
    'PyHeapTypeObject',
    '_PyLong_AsByteArray',
  ])('know %s', (name) => expect(replacements.has(name)).toBe(true))
})
