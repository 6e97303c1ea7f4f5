import type { Replacement } from '../replacement.ts'
import { family, replace, way, withoutWay } from './build.ts'

const raw =
  'usable without the GIL, as before; domains do not mix, so what malloc gave, free takes; memory that ' +
  'CPython gave out for PyMem_RawFree must not go to free'
const allocators = 'allocators can be changed by the program that embeds Python only, not with the Limited API'

/** Allocation and garbage collection. */
export const memory: readonly Replacement[] = [
  ...family(
    {
      PyMem_RawMalloc: 'malloc(n ? n : 1)',
      PyMem_RawCalloc: 'calloc(n ? n : 1, size ? size : 1)',
      PyMem_RawRealloc: 'realloc(p, n ? n : 1)',
      PyMem_RawFree: 'free(p)',
    },
    (name, call) => replace(name, way(call, raw)),
  ),
  replace(
    ['_PyMem_Strdup'],
    way(
      'char *copy = PyMem_Malloc(strlen(s) + 1); strcpy(copy, s)',
      'test for NULL between the two; free with PyMem_Free',
    ),
  ),
  replace(
    ['_PyMem_RawStrdup'],
    [
      way(
        'char *copy = PyMem_RawMalloc(strlen(s) + 1); strcpy(copy, s)',
        'test for NULL between the two; free with PyMem_RawFree',
        ['PyMem_RawFree'],
      ),
      way('char *copy = malloc(strlen(s) + 1); strcpy(copy, s)', 'test for NULL between the two; free with free'),
    ],
  ),
  withoutWay(
    [
      'PyMem_SetAllocator',
      'PyMem_GetAllocator',
      'PyMem_SetupDebugHooks',
      'PyMemAllocatorEx',
      'PyMemAllocatorDomain',
      'PyObject_SetArenaAllocator',
      'PyObject_GetArenaAllocator',
      'PyObjectArenaAllocator',
    ],
    allocators,
  ),
  replace('PyObject_NEW', way('PyObject_New(T, tp)', 'the same')),
  replace('PyObject_NEW_VAR', way('PyObject_NewVar(T, tp, n)', 'the same')),
  ...family(
    {
      PyObject_DEL: 'PyObject_Free(p)',
      PyObject_FREE: 'PyObject_Free(p)',
      PyObject_MALLOC: 'PyObject_Malloc(n)',
      PyObject_REALLOC: 'PyObject_Realloc(p, n)',
      PyMem_MALLOC: 'PyMem_Malloc(n)',
      PyMem_REALLOC: 'PyMem_Realloc(p, n)',
      PyMem_FREE: 'PyMem_Free(p)',
      PyMem_DEL: 'PyMem_Free(p)',
      PyMem_NEW: 'PyMem_New(T, n)',
      PyMem_RESIZE: 'PyMem_Resize(p, T, n)',
      PyObject_INIT: 'PyObject_Init(o, tp)',
      PyObject_INIT_VAR: 'PyObject_InitVar(o, tp, n)',
    },
    (name, call) => replace(name, way(call, 'the same')),
  ),
  replace(
    ['_PyObject_New'],
    way(
      'PyObject_New(T, tp)',
      'a macro with the struct type as its first argument; the instance of a heap type owns a reference to it from ' +
        'runtime 3.8 on',
    ),
  ),
  replace('_PyObject_NewVar', way('PyObject_NewVar(T, tp, n)', 'a macro with the struct type as its first argument')),
  replace('_PyObject_GC_New', way('PyObject_GC_New(T, tp)', 'a macro with the struct type as its first argument')),
  replace(
    '_PyObject_GC_NewVar',
    way('PyObject_GC_NewVar(T, tp, n)', 'a macro with the struct type as its first argument'),
  ),
  replace(
    '_PyObject_GC_Resize',
    way('PyObject_GC_Resize(T, o, n)', 'a macro with the struct type as its first argument'),
  ),
  replace(
    'PyObject_New',
    way(
      '((allocfunc)PyType_GetSlot(tp, Py_tp_alloc))(tp, 0)',
      'for heap types: zeroed memory, and a reference to the type on every runtime, which PyObject_New takes ' +
        'from 3.8 ' +
        'on only',
    ),
  ),
  replace(
    ['PyObject_Del', 'PyObject_GC_Del'],
    way(
      'freefunc f = (freefunc)PyType_GetSlot(tp, Py_tp_free); f(self); ' + 'Py_DECREF(tp)',
      'in the tp_dealloc of a heap type, with tp = Py_TYPE(self): an instance of a Python subclass is freed at the ' +
        'right address; on runtimes up to 3.7 without the Py_DECREF for such an ' +
        'instance',
    ),
  ),
  replace('_PyObject_GC_TRACK', way('PyObject_GC_Track(o)', 'the object must not be tracked yet, as before')),
  replace('_PyObject_GC_UNTRACK', way('PyObject_GC_UnTrack(o)', 'harmless for an object that is not tracked')),
  replace(
    ['_PyObject_GC_IS_TRACKED'],
    way('PyObject_GC_IsTracked(o)', 'the same answer'),
    'nothing tells at this level; PyObject_GC_UnTrack needs no test',
  ),
  withoutWay('PyObject_GC_IsTracked', 'nothing tells at this level; PyObject_GC_UnTrack needs no test'),
  replace(['_PyGC_FINALIZED'], way('PyObject_GC_IsFinalized(o)', 'the same answer'), 'keep a flag in the instance'),
  withoutWay('PyObject_GC_IsFinalized', 'keep a flag in the instance'),
  ...family({ Enable: 'enable', Disable: 'disable', IsEnabled: 'isenabled' }, (part, method) =>
    replace(
      `PyGC_${part}`,
      way(
        `PyObject_CallMethod(gc, "${method}", NULL)`,
        'with gc the imported module; a new reference instead of an int',
      ),
    ),
  ),
  replace(['_PyObject_GC_Malloc', '_PyObject_GC_Calloc'], way('PyObject_GC_New(T, tp)', 'makes a whole object')),
  withoutWay(
    [
      'Py_TRASHCAN_BEGIN',
      'Py_TRASHCAN_END',
      'Py_TRASHCAN_SAFE_BEGIN',
      'Py_TRASHCAN_SAFE_END',
      'Py_TRASHCAN_BEGIN_CONDITION',
    ],
    'the trashcan uses fields of the thread state and is not in the Limited API; people delete it, and where long ' +
      'chains occur they untrack the object with PyObject_GC_UnTrack and take the chain apart in a loop',
  ),
  replace(
    '_Py_NewReference',
    way(
      'PyObject_Init(o, tp)',
      'sets type and count of memory from PyObject_Malloc; to revive an object on a free list there is no way',
    ),
  ),
  withoutWay(
    ['_Py_ForgetReference', '_Py_ResurrectReference', '_Py_NewReferenceNoTotal'],
    'free lists cannot be written with the Limited API; people free the object',
  ),
  replace('_Py_Dealloc', way('Py_DECREF(o)', 'deallocates when the count comes to zero')),
  replace(
    ['_PyObject_SIZE'],
    way('PyType_GetTypeDataSize(tp)', 'the part that the type itself adds'),
    'sizeof of your own struct',
  ),
  withoutWay(['_PyObject_VAR_SIZE'], 'compute the size from your own struct and the number of items'),
]
