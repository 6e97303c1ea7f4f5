import { freeingFunctions } from './slots.ts'

/**
 * What functions and macros of CPython do to an object that they get, as far as the life of objects goes. Sources:
 * Doc/c-api/refcounting.rst, gcsupport.rst, allocation.rst, weakref.rst; Include/object.h, objimpl.h.
 */
export type ObjectFunction =
  /** Gives back a reference to it. */
  | 'decref'
  /** Takes a reference to it, or sets how many there are. */
  | 'incref'
  /** Gives its memory back. */
  | 'free'
  | 'untrack'
  | 'track'
  /** Calls the visitor of `tp_traverse` for it. */
  | 'visit'
  | 'clear-weakrefs'
  /** Calls its `tp_finalize`, which may bring it back to life. */
  | 'finalize'

const words = (text: string): readonly string[] => text.split(/\s+/)

const table: ReadonlyMap<string, ObjectFunction> = new Map([
  ...words('Py_DECREF Py_XDECREF Py_CLEAR Py_DecRef _Py_DecRef Py_SETREF Py_XSETREF _Py_DECREF_NO_DEALLOC').map(
    (name) => [name, 'decref'] as const,
  ),
  ...words(
    'Py_INCREF Py_XINCREF Py_IncRef _Py_IncRef Py_NewRef Py_XNewRef Py_SET_REFCNT _Py_SetRefcnt _Py_NewReference',
  ).map((name) => [name, 'incref'] as const),
  ...[...freeingFunctions, 'PyMem_DEL', '_PyObject_GC_Del', '_PyObject_Del'].map((name) => [name, 'free'] as const),
  ...words('PyObject_GC_UnTrack _PyObject_GC_UNTRACK PyObject_GC_UNTRACK').map((name) => [name, 'untrack'] as const),
  ...words('PyObject_GC_Track _PyObject_GC_TRACK').map((name) => [name, 'track'] as const),
  ...words('Py_VISIT').map((name) => [name, 'visit'] as const),
  ...words('PyObject_ClearWeakRefs _PyObject_ClearWeakRefs').map((name) => [name, 'clear-weakrefs'] as const),
  ...words('PyObject_CallFinalizerFromDealloc PyObject_CallFinalizer').map((name) => [name, 'finalize'] as const),
])

/** What a function or macro of CPython does to its first operand; null for nothing of the kind. */
export const objectFunction = (name: string): ObjectFunction | null => table.get(name) ?? null

/** Whether a function or macro of CPython crashes or raises an exception where its first operand is `NULL`. */
export const needsObject = (name: string): boolean => needing.test(name) && !takesNull.has(name)

/** Sources: Python/getargs.c; Objects/abstract.c, tupleobject.c ...: what begins with a check of the type. */
const needing = new RegExp(
  '^_?(?:Py_(?:TYPE|SIZE|REFCNT|IS_TYPE|INCREF|DECREF|NewRef)|PyArg_(?:Parse|VaParse|UnpackTuple)\\w*|' +
    'Py(?:Tuple|List|Dict|Long|Float|Unicode|Bytes|ByteArray|Sequence|Mapping|Number|Bool|Complex)_\\w+|' +
    'PyObject_(?:Size|Length|GetAttr|GetAttrString|GetItem|IsTrue|Not|GetIter|Hash|TypeCheck|Type|IsInstance))$',
)
/** Objects/abstract.c, unicodeobject.c: what tests for `NULL` and gives 0 or the same. */
const takesNull: ReadonlySet<string> = new Set(
  words('PyNumber_Check PyMapping_Check PyUnicode_Append PyUnicode_AppendAndDel PyBytes_Concat PyBytes_ConcatAndDel'),
)

/** Functions of the C library, and words of compilers, that do nothing to an object but what their names say. */
const library = new RegExp(
  '^(?:assert|memset|memcpy|memmove|memcmp|printf|fprintf|snprintf|offsetof|likely|unlikely|static_assert|abort|' +
    '__builtin_\\w+|void|[A-Z_]*UNUSED\\w*|va_start|va_end|va_arg)$',
)

/** Whether a function is one of the C library, or a word of compilers, that does nothing to the objects it gets. */
export const leavesObjectsAlone = (name: string): boolean => library.test(name)

/**
 * Static types of CPython whose slots do nothing to the reference that an instance has to its type: the slots are those
 * of a static type, and what `subtype_dealloc` does for a heap type they do not do. Source: Objects/typeobject.c.
 */
export const isStaticType = (name: string): boolean => /^_?Py[A-Z]\w*_Type$/.test(name) || /^PyExc_\w+$/.test(name)
