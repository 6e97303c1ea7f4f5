import type { Replacement } from '../replacement.ts'
import { family, replace, way, withoutWay } from './build.ts'

const noBuffers =
  'the buffer protocol is not in the Limited API at this level; people raise the level, or copy the ' +
  'bytes by PyMemoryView_FromObject and its method tobytes; a copy of the struct is at the mercy of each runtime'
const toBytes = way(
  'PyObject *m = PyMemoryView_FromObject(o); PyObject *b = PyObject_CallMethod(m, "tobytes", NULL)',
  'a copy in a new bytes object, readable only; release m and b; a higher level gives the buffer itself',
)

/** The buffer protocol, memoryview, weak references and struct sequences. */
export const buffersWeakrefsStructseq: readonly Replacement[] = [
  replace(['PyObject_GetBuffer', 'Py_buffer'], toBytes, noBuffers),
  replace(
    'PyObject_CheckBuffer',
    way('PyObject *m = PyMemoryView_FromObject(o)', 'a TypeError, to be cleared, means no; release m'),
    noBuffers,
  ),
  withoutWay(
    [
      'PyBuffer_Release',
      'PyBuffer_FillInfo',
      'PyBuffer_IsContiguous',
      'PyBuffer_GetPointer',
      'PyBuffer_ToContiguous',
      'PyBuffer_FromContiguous',
      'PyBuffer_FillContiguousStrides',
      'PyBuffer_SizeFromFormat',
      'PyObject_CopyData',
      'getbufferproc',
      'releasebufferproc',
      'Py_bf_getbuffer',
      'Py_bf_releasebuffer',
    ],
    noBuffers,
  ),
  ...family(
    {
      buf: 'tobytes',
      obj: 'obj',
      len: 'nbytes',
      readonly: 'readonly',
      itemsize: 'itemsize',
      format: 'format',
      ndim: 'ndim',
      shape: 'shape',
      strides: 'strides',
      suboffsets: 'suboffsets',
    },
    (field, attribute) =>
      replace(
        `Py_buffer.${field}`,
        field === 'buf'
          ? toBytes
          : way(
              `PyObject_GetAttrString(memoryview, "${attribute}")`,
              'a new reference; memoryview comes from PyMemoryView_FromObject',
            ),
        noBuffers,
      ),
  ),
  withoutWay('Py_buffer.internal', noBuffers),
  withoutWay(
    [
      'PyBUF_SIMPLE',
      'PyBUF_WRITABLE',
      'PyBUF_FORMAT',
      'PyBUF_ND',
      'PyBUF_STRIDES',
      'PyBUF_C_CONTIGUOUS',
      'PyBUF_F_CONTIGUOUS',
      'PyBUF_ANY_CONTIGUOUS',
      'PyBUF_INDIRECT',
      'PyBUF_CONTIG',
      'PyBUF_CONTIG_RO',
      'PyBUF_STRIDED',
      'PyBUF_STRIDED_RO',
      'PyBUF_RECORDS',
      'PyBUF_RECORDS_RO',
      'PyBUF_FULL',
      'PyBUF_FULL_RO',
      'PyBUF_MAX_NDIM',
    ],
    noBuffers,
  ),
  replace(
    'PyBUF_READ',
    way('0x100', 'the value that PyMemoryView_FromMemory takes, which older levels have without the name'),
  ),
  replace(
    'PyBUF_WRITE',
    way('0x200', 'the value that PyMemoryView_FromMemory takes, which older levels have without the name'),
  ),
  replace('PyBUF_WRITEABLE', way('PyBUF_WRITABLE', 'the same value'), noBuffers),
  ...family(
    { AsReadBuffer: 'PyBUF_SIMPLE', AsWriteBuffer: 'PyBUF_WRITABLE', AsCharBuffer: 'PyBUF_SIMPLE' },
    (name, flags) =>
      replace(
        `PyObject_${name}`,
        [
          way(
            `PyObject_GetBuffer(o, &view, ${flags})`,
            'the object stays locked until PyBuffer_Release, which the old function did not need',
            ['PyBuffer_Release'],
          ),
          toBytes,
        ],
        noBuffers,
      ),
  ),
  replace(
    'PyObject_CheckReadBuffer',
    way('PyObject_CheckBuffer(o)', 'does not try whether the buffer can be had'),
    noBuffers,
  ),
  replace(
    'PyMemoryView_GET_BUFFER',
    [
      way(
        'PyObject_GetBuffer(m, &view, PyBUF_FULL_RO)',
        'a view of your own, to be given back by PyBuffer_Release, instead of a borrowed pointer',
        ['PyBuffer_Release'],
      ),
      way('PyObject_CallMethod(m, "tobytes", NULL)', 'a copy in a new bytes object'),
    ],
    noBuffers,
  ),
  replace(
    ['PyMemoryViewObject'],
    way('PyObject_GetBuffer(m, &view, PyBUF_FULL_RO)', 'the struct is opaque; give the view back by PyBuffer_Release', [
      'PyBuffer_Release',
    ]),
    noBuffers,
  ),
  replace(
    'PyMemoryView_GET_BASE',
    way('PyObject_GetAttrString(m, "obj")', 'a new reference instead of a borrowed one; None where there is no object'),
  ),
  replace(
    'PyMemoryView_FromBuffer',
    way(
      'PyMemoryView_FromMemory(p, size, flags)',
      'plain bytes: without shape and format; nothing keeps the memory alive',
    ),
  ),
  replace(
    ['PyPickleBuffer_FromObject'],
    way('PyObject_CallMethod(pickle, "PickleBuffer", "O", o)', 'with pickle the imported module'),
  ),
  replace(
    ['PyPickleBuffer_GetBuffer'],
    way(
      'PyObject_GetBuffer(o, &view, PyBUF_FULL_RO)',
      'a view of your own, to be given back by PyBuffer_Release, instead of a borrowed pointer',
      ['PyBuffer_Release'],
    ),
    noBuffers,
  ),
  replace(
    'PyPickleBuffer_Release',
    way('PyObject_CallMethod(o, "release", NULL)', 'a new reference to None instead of an int'),
  ),
  replace(
    ['PyPickleBuffer_Check', 'PyPickleBuffer_Type'],
    way(
      'Py_TYPE(o) == (PyTypeObject *)pickle_buffer',
      'with pickle_buffer = pickle.PickleBuffer, kept in the module state',
    ),
  ),

  replace(
    ['PyWeakref_GET_OBJECT', 'PyWeakref_GetObject'],
    [
      way(
        'PyWeakref_GetRef(ref, &o)',
        'a new reference instead of a borrowed one: 1 alive, 0 with o NULL instead of None where the object is gone, ' +
          '-1 on error',
      ),
      way(
        'PyObject_CallObject(ref, NULL)',
        'calls the reference: a new reference, None where the object is gone; not for proxies, whose call goes ' +
          'to the ' +
          'object',
      ),
    ],
  ),
  replace(
    'PyWeakref_GetRef',
    way(
      'PyObject_CallObject(ref, NULL)',
      'calls the reference: a new reference, None where the object is gone; not for proxies, whose call goes to the ' +
        'object',
    ),
  ),
  replace('PyWeakref_IsDead', [
    way('PyWeakref_GetRef(ref, &o)', '0 means that the object is gone; else release o'),
    way('PyObject_CallObject(ref, NULL)', 'a result of None means that the object is gone; release it'),
  ]),
  replace(
    ['PyWeakReference', 'PyWeakReference.wr_object'],
    [
      way('PyWeakref_GetRef(ref, &o)', 'a new reference: 1 alive, 0 with o NULL where the object is gone, -1 on error'),
      way('PyObject_CallObject(ref, NULL)', 'calls the reference: a new reference, None where the object is gone'),
    ],
  ),
  replace(
    'PyWeakReference.wr_callback',
    way('PyObject_GetAttrString(ref, "__callback__")', 'a new reference, None if there is none'),
  ),
  replace(
    '_PyWeakref_GetWeakrefCount',
    way('PyObject_CallMethod(weakref, "getweakrefcount", "(O)", o)', 'with weakref the imported module; a new int'),
  ),
  replace(
    '_PyWeakref_ClearRef',
    [],
    'no Limited API function clears one reference; PyObject_ClearWeakRefs clears all, in tp_dealloc',
  ),

  replace('PyStructSequence_SET_ITEM', way('PyStructSequence_SetItem(s, i, v)', 'steals v, as before')),
  replace('PyStructSequence_GET_ITEM', way('PyStructSequence_GetItem(s, i)', 'a borrowed reference, as before')),
  replace(
    ['PyStructSequence_InitType', 'PyStructSequence_InitType2'],
    way(
      'PyStructSequence_NewType(&desc)',
      'a new heap type instead of a static one, to be kept in the module state; NULL on failure',
    ),
  ),
  replace('PyStructSequence', way('PyStructSequence_GetItem(s, i)', 'the struct is opaque; a borrowed reference')),
]
