import { aliases, fromHeaders } from './build.ts'
import type { Shim } from './shim.ts'

const offsets = [
  ['BasicSize', 'basicsize', 'tp_basicsize'],
  ['ItemSize', 'itemsize', 'tp_itemsize'],
  ['DictOffset', 'dictoffset', 'tp_dictoffset'],
  ['WeakListOffset', 'weakrefoffset', 'tp_weaklistoffset'],
] as const

const typeName = (body: string): string => String.raw`
static inline const char *PepType_GetNameStr(PyTypeObject *type)
{
${body}
}
#define PepType_Name PepType_GetNameStr
`

const mro = '#define PepType_GetMro(type) PyObject_GetAttrString((PyObject *)(type), "__mro__")'
const heapSize = '#define PepHeapType_SIZE PepType_GetBasicSize(&PyType_Type)'

const typeDict = String.raw`
static inline PyObject *PepType_GetDict(PyTypeObject *type)
{
    PyObject *dict = type->tp_dict;
    Py_XINCREF(dict);
    return dict;
}
`

const typeData = String.raw`
static inline void *PepObject_GetTypeData(PyObject *object, PyTypeObject *cls)
{
    Py_ssize_t offset = PepType_GetDataOffset(cls);
    return offset < 0 ? NULL : (void *)((char *)object + offset);
}

static inline Py_ssize_t PepType_GetTypeDataSize(PyTypeObject *cls)
{
    Py_ssize_t offset = PepType_GetDataOffset(cls);
    Py_ssize_t size = offset < 0 ? -1 : PepType_GetBasicSize(cls);
    return size < 0 ? -1 : size < offset ? 0 : size - offset;
}
`

const dataOffset = String.raw`
/* Where memory begins that comes after all that an object of the type has. No CPython aligns to more than 16. */
static inline Py_ssize_t PepType_AlignedSize(PyTypeObject *type)
{
    size_t unit = 16;
    Py_ssize_t size = PepType_GetBasicSize(type);
    return size < 0 ? -1 : (Py_ssize_t)(((size_t)size + unit - 1) / unit * unit);
}

static inline Py_ssize_t PepType_GetDataOffset(PyTypeObject *cls)
{
    Py_ssize_t offset;
    PyObject *base = PyObject_GetAttrString((PyObject *)cls, "__base__");
    if (base == NULL) {
        return -1;
    }
    if (!PyType_Check(base)) {
        Py_DECREF(base);
        PyErr_SetString(PyExc_TypeError, "the type has no base");
        return -1;
    }
    offset = PepType_AlignedSize((PyTypeObject *)base);
    Py_DECREF(base);
    return offset;
}
`

const extra = String.raw`
static inline PyObject *PepType_GetExtraTable(void)
{
    static const char key[] = "pep:extra data of types";
    PyObject *table = NULL, *dict = PepInterpreter_GetDict();
    if (dict == NULL) {
        return NULL;
    }
    if (PepDict_GetItemStringRef(dict, key, &table) == 0) {
        PyObject *weak = PepInterpreter_Import("pep:weakref.WeakKeyDictionary");
        PyObject *made = weak != NULL ? PyObject_CallObject(weak, NULL) : NULL;
        if (made != NULL) {
            table = PyObject_CallMethod(dict, "setdefault", "(sO)", key, made);
            Py_DECREF(made);
        }
        Py_XDECREF(weak);
    }
    Py_DECREF(dict);
    return table;
}

/* The capsules of a type, by name: a new reference, NULL without an exception where there are none and none are wanted. */
static inline PyObject *PepType_GetExtraDict(PyTypeObject *type, int create)
{
    PyObject *result = NULL, *table = PepType_GetExtraTable();
    if (table == NULL) {
        return NULL;
    }
    if (create) {
        PyObject *made = PyDict_New();
        if (made != NULL) {
            result = PyObject_CallMethod(table, "setdefault", "(OO)", (PyObject *)type, made);
            Py_DECREF(made);
        }
    }
    else {
        result = PyObject_GetItem(table, (PyObject *)type);
        if (result == NULL && PyErr_ExceptionMatches(PyExc_KeyError)) {
            PyErr_Clear();
        }
    }
    Py_DECREF(table);
    return result;
}

static inline void *PepType_GetExtraData(PyTypeObject *type, const char *name)
{
    void *data = NULL;
    PyObject *capsule = NULL, *dict = PepType_GetExtraDict(type, 0);
    if (dict != NULL && PepDict_GetItemStringRef(dict, name, &capsule) > 0) {
        data = PyCapsule_GetPointer(capsule, name);
        Py_DECREF(capsule); /* the table keeps it */
    }
    Py_XDECREF(dict);
    return data;
}

/* The name must live as long as the data: a string in the program. */
static inline int PepType_SetExtraData(PyTypeObject *type, const char *name, void *data, PyCapsule_Destructor destructor)
{
    int result = -1;
    PyObject *dict = PepType_GetExtraDict(type, 1);
    PyObject *capsule = dict != NULL ? PyCapsule_New(data, name, destructor) : NULL;
    if (capsule != NULL) {
        result = PyDict_SetItemString(dict, name, capsule);
        if (result < 0) {
            PyCapsule_SetDestructor(capsule, NULL); /* the data stays with the caller */
        }
        Py_DECREF(capsule);
    }
    Py_XDECREF(dict);
    return result;
}

static inline int PepType_DelExtraData(PyTypeObject *type, const char *name)
{
    int result;
    PyObject *dict = PepType_GetExtraDict(type, 0);
    if (dict == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    result = PepDict_ContainsString(dict, name);
    if (result > 0) {
        result = PyDict_DelItemString(dict, name);
    }
    Py_DECREF(dict);
    return result;
}
`

const lookup = String.raw`
static inline PyObject *PepType_Lookup(PyTypeObject *type, PyObject *name)
{
    PyObject *found = NULL, *mro = PepType_GetMro(type);
    Py_ssize_t i, count = mro != NULL ? PyTuple_Size(mro) : -1;
    for (i = 0; found == NULL && i < count; i++) {
        PyObject *base = PyTuple_GetItem(mro, i);
        PyObject *dict = base != NULL ? PyObject_GetAttrString(base, "__dict__") : NULL;
        if (dict == NULL) {
            break;
        }
        found = PyObject_GetItem(dict, name);
        Py_DECREF(dict);
        if (found == NULL) {
            if (!PyErr_ExceptionMatches(PyExc_KeyError)) {
                break;
            }
            PyErr_Clear();
        }
    }
    Py_XDECREF(mro);
    return found;
}
`

const hasMethod = (name: string, method: string): string => String.raw`
static inline int ${name}(PyObject *object)
{
    PyObject *type, *value, *traceback, *key, *found;
    PyErr_Fetch(&type, &value, &traceback);
    key = PyUnicode_FromString("${method}");
    found = key != NULL ? PepType_Lookup(Py_TYPE(object), key) : NULL;
    Py_XDECREF(key);
    Py_XDECREF(found);
    PyErr_Clear();
    PyErr_Restore(type, value, traceback);
    return found != NULL && found != Py_None;
}
`

/** object.h */
export const object: readonly Shim[] = [
  {
    provides: ['PepType_GetSlot'],
    replaces: [
      'PyType_GetSlot',
      'PyTypeObject.tp_base',
      'PyTypeObject.tp_bases',
      'PyTypeObject.tp_alloc',
      'PyTypeObject.tp_free',
      'PyTypeObject.tp_new',
      'PyTypeObject.tp_init',
      'PyTypeObject.tp_call',
      'PyTypeObject.tp_str',
      'PyTypeObject.tp_repr',
      'PyTypeObject.tp_dealloc',
      'PyTypeObject.tp_traverse',
      'PyTypeObject.tp_clear',
      'PyTypeObject.tp_getattro',
      'PyTypeObject.tp_setattro',
      'PyTypeObject.tp_descr_get',
      'PyTypeObject.tp_descr_set',
      'PyTypeObject.tp_is_gc',
      'PyTypeObject.tp_methods',
    ],
    until: 10,
    since: 4,
    differs:
      'A Python before 3.10 does not tell the slots of a static type, so there it answers for `Py_tp_base` and ' +
      '`Py_tp_bases` and raises TypeError for others, where the real one raises SystemError for all.',
    cost: 'none',
    limited: String.raw`
static inline void *PepType_GetSlot(PyTypeObject *type, int slot)
{
    PyObject *result;
    if (PyType_GetFlags(type) & Py_TPFLAGS_HEAPTYPE || Pep_Version() >= 0x030A0000UL) {
        return PyType_GetSlot(type, slot);
    }
    if (slot == Py_tp_base || slot == Py_tp_bases) {
        result = PyObject_GetAttrString((PyObject *)type, slot == Py_tp_base ? "__base__" : "__bases__");
        Py_XDECREF(result); /* a static type keeps its bases */
        return result != Py_None ? (void *)result : NULL;
    }
    PyErr_Format(PyExc_TypeError, "slot %d of a static type is not known to this Python", slot);
    return NULL;
}
`,
    full: aliases({ PepType_GetSlot: 'PyType_GetSlot' }),
  },
  {
    provides: ['PepType_GetNameStr', 'PepType_Name'],
    replaces: ['_PyType_Name', 'PyHeapTypeObject.ht_name'],
    until: null,
    since: 2,
    differs:
      'The name without dots, `"?"` and no exception where it cannot be had, never NULL. The text lives as long as ' +
      'the interpreter.',
    cost: 'one attribute lookup, the name is kept',
    includes: ['<string.h>'],
    limited: typeName(String.raw`
    PyObject *error, *value, *traceback, *name;
    const char *result;
    PyErr_Fetch(&error, &value, &traceback);
#if Py_LIMITED_API + 0 >= 0x030B0000
    name = PyType_GetName(type);
#else
    name = PyObject_GetAttrString((PyObject *)type, "__name__");
#endif
    result = name != NULL ? PepInterpreter_KeepUTF8(name) : NULL;
    Py_XDECREF(name);
    PyErr_Clear();
    PyErr_Restore(error, value, traceback);
    return result != NULL ? result : "?";`),
    full: typeName(String.raw`
    const char *name = type->tp_name;
    const char *dot = strrchr(name, '.');
    return dot != NULL ? dot + 1 : name;`),
  },
  {
    provides: ['PepType_GetTpName'],
    replaces: ['PyTypeObject.tp_name'],
    until: null,
    since: 2,
    differs:
      '`module.name`, without the module for builtins, as `tp_name` of types written in C, and the name alone for ' +
      'what class statements and calls of `type` make. `"?"` and no exception where it cannot be had. The text lives ' +
      'as long as the interpreter.',
    cost: 'some attribute lookups, and the keys of a dict; the name is kept',
    limited: String.raw`
/* Whether type() made a type, as class statements do: it adds these behind __module__, which C sets behind all else. */
static inline int PepType_IsOfPython(PyTypeObject *type)
{
    PyObject *dict, *keys, *key;
    int result = 0, behind = 0;
    if (!(PyType_GetFlags(type) & Py_TPFLAGS_HEAPTYPE)) {
        return 0;
    }
    dict = PyObject_GetAttrString((PyObject *)type, "__dict__");
    keys = dict != NULL ? PyObject_GetIter(dict) : NULL;
    while (keys != NULL && !result && (key = PyIter_Next(keys)) != NULL) {
        if (!PyUnicode_Check(key)) {
            Py_DECREF(key);
            continue;
        }
        result = PyUnicode_CompareWithASCIIString(key, "__slots__") == 0
            || (behind && (PyUnicode_CompareWithASCIIString(key, "__doc__") == 0
                           || PyUnicode_CompareWithASCIIString(key, "__dict__") == 0
                           || PyUnicode_CompareWithASCIIString(key, "__weakref__") == 0));
        behind = behind || PyUnicode_CompareWithASCIIString(key, "__module__") == 0;
        Py_DECREF(key);
    }
    Py_XDECREF(keys);
    Py_XDECREF(dict);
    PyErr_Clear();
    return result;
}

static inline const char *PepType_GetTpName(PyTypeObject *type)
{
    PyObject *error, *value, *traceback, *name, *module, *whole = NULL;
    const char *result;
    PyErr_Fetch(&error, &value, &traceback);
    name = PyObject_GetAttrString((PyObject *)type, "__name__");
    module = name != NULL ? PyObject_GetAttrString((PyObject *)type, "__module__") : NULL;
    if (module == NULL) {
        PyErr_Clear();
    }
    if (module != NULL && PyUnicode_Check(module) && PyUnicode_CompareWithASCIIString(module, "builtins") != 0
            && !PepType_IsOfPython(type)) {
        whole = PyUnicode_FromFormat("%U.%U", module, name);
    }
    else {
        whole = name;
        Py_XINCREF(whole);
    }
    result = whole != NULL ? PepInterpreter_KeepUTF8(whole) : NULL;
    Py_XDECREF(whole);
    Py_XDECREF(module);
    Py_XDECREF(name);
    PyErr_Clear();
    PyErr_Restore(error, value, traceback);
    return result != NULL ? result : "?";
}
`,
    full: '#define PepType_GetTpName(type) (((PyTypeObject *)(type))->tp_name)',
  },
  {
    provides: ['PepType_GetDict'],
    replaces: ['PyType_GetDict', 'PyTypeObject.tp_dict'],
    until: null,
    since: 2,
    differs:
      'A new reference to a mappingproxy, which is read with `PyObject_GetItem`: functions for dicts refuse it. To ' +
      'change the type use `PyObject_SetAttr`. Without the Limited API it is the dict.',
    cost: 'one attribute lookup',
    limited: '#define PepType_GetDict(type) PyObject_GetAttrString((PyObject *)(type), "__dict__")',
    full: fromHeaders(12, aliases({ PepType_GetDict: 'PyType_GetDict' }), typeDict),
  },
  {
    provides: ['PepType_GetSsize', ...offsets.map(([name]) => `PepType_Get${name}`)],
    replaces: offsets.map(([, , field]) => `PyTypeObject.${field}`),
    until: null,
    since: 2,
    differs:
      '-1 with an exception on failure. Of offsets negative values have a meaning too: look for an exception, and ' +
      'do no arithmetic with them.',
    cost: 'one attribute lookup',
    limited: String.raw`
static inline Py_ssize_t PepType_GetSsize(PyObject *type, const char *name)
{
    Py_ssize_t result;
    PyObject *value = PyObject_GetAttrString(type, name);
    if (value == NULL) {
        return -1;
    }
    result = PyLong_AsSsize_t(value);
    Py_DECREF(value);
    return result;
}
${offsets
  .map(
    ([name, attribute]) =>
      `#define PepType_Get${name}(type) PepType_GetSsize((PyObject *)(type), ` + `"__${attribute}__")`,
  )
  .join('\n')}
`,
    full: offsets
      .map(([name, , field]) => `#define PepType_Get${name}(type) (((PyTypeObject *)(type))->${field})`)
      .join('\n'),
  },
  {
    provides: ['PepType_GetMro'],
    replaces: ['PyTypeObject.tp_mro'],
    until: null,
    since: 2,
    differs:
      'A new reference to the tuple, also without the Limited API, since the type may be given another; the field ' +
      'was borrowed.',
    cost: 'one attribute lookup',
    limited: mro,
    full: mro,
  },
  {
    provides: ['PepType_Lookup'],
    replaces: ['_PyType_Lookup'],
    until: null,
    since: 2,
    differs:
      'A new reference, where the real one is borrowed. NULL without an exception where there is none; on failure ' +
      'NULL with one. No method cache.',
    cost: 'a lookup in the dict of each base',
    limited: lookup,
    full: String.raw`
static inline PyObject *PepType_Lookup(PyTypeObject *type, PyObject *name)
{
    PyObject *found = _PyType_Lookup(type, name);
    Py_XINCREF(found);
    return found;
}
`,
  },
  {
    provides: ['PepObject_IS_GC'],
    replaces: ['PyObject_IS_GC'],
    until: null,
    since: 2,
    differs: "Asks `tp_is_gc` of types only, which are the only objects of CPython's that have one.",
    cost: 'none',
    limited: String.raw`
static inline int PepObject_IS_GC(PyObject *object)
{
    if (PyType_Check(object)) {
        return (PyType_GetFlags((PyTypeObject *)object) & Py_TPFLAGS_HEAPTYPE) != 0;
    }
    return (PyType_GetFlags(Py_TYPE(object)) & Py_TPFLAGS_HAVE_GC) != 0;
}
`,
    full: aliases({ PepObject_IS_GC: 'PyObject_IS_GC' }),
  },
  {
    provides: ['PepType_SUPPORTS_WEAKREFS'],
    replaces: ['PyType_SUPPORTS_WEAKREFS'],
    until: null,
    since: 2,
    differs: '0 and no exception on failure.',
    cost: 'one attribute lookup',
    limited: String.raw`
static inline int PepType_SUPPORTS_WEAKREFS(PyTypeObject *type)
{
    PyObject *error, *value, *traceback;
    int result;
    PyErr_Fetch(&error, &value, &traceback);
    result = PepType_GetWeakListOffset(type) != 0 && !PyErr_Occurred();
    PyErr_Clear();
    PyErr_Restore(error, value, traceback);
    return result;
}
`,
    full: '#define PepType_SUPPORTS_WEAKREFS(type) PyType_SUPPORTS_WEAKREFS((PyTypeObject *)(type))',
  },
  {
    provides: ['PepIndex_Check', 'PepIter_Check'],
    replaces: ['PyIndex_Check', 'PyIter_Check'],
    until: 8,
    since: 2,
    differs: 'Looks for `__index__` and `__next__` in the type.',
    cost: 'a lookup in the dict of each base',
    limited: hasMethod('PepIndex_Check', '__index__') + hasMethod('PepIter_Check', '__next__'),
    full: aliases({ PepIndex_Check: 'PyIndex_Check', PepIter_Check: 'PyIter_Check' }),
  },
  {
    provides: ['Pep_SETREF', 'Pep_XSETREF'],
    replaces: ['Py_SETREF', 'Py_XSETREF'],
    until: null,
    since: 2,
    differs: '',
    cost: 'none',
    includes: ['<string.h>'],
    limited: String.raw`
/* Puts a reference into a variable and gives back what was there; by memcpy, since the variable may be of any pointer type. */
static inline PyObject *PepObject_Exchange(void *variable, PyObject *object)
{
    PyObject *old;
    memcpy(&old, variable, sizeof(old));
    memcpy(variable, &object, sizeof(object));
    return old;
}
#define Pep_SETREF(variable, object) \
    do { \
        PyObject *pep_old = PepObject_Exchange((void *)&(variable), (PyObject *)(object)); \
        Py_DECREF(pep_old); \
    } while (0)
#define Pep_XSETREF(variable, object) \
    do { \
        PyObject *pep_old = PepObject_Exchange((void *)&(variable), (PyObject *)(object)); \
        Py_XDECREF(pep_old); \
    } while (0)
`,
    full: aliases({ Pep_SETREF: 'Py_SETREF', Pep_XSETREF: 'Py_XSETREF' }),
  },
  {
    provides: ['PepObject_Dump'],
    replaces: ['_PyObject_Dump', 'PyObject_Dump'],
    until: null,
    since: 2,
    differs:
      "Writes to `sys.stderr`, and runs the object's `__repr__`: for sound objects only, and not while the " +
      'interpreter goes down. An exception that is set stays.',
    cost: 'a repr',
    limited: String.raw`
static inline void PepObject_Dump(PyObject *object)
{
    PyObject *error, *value, *traceback, *type;
    if (object == NULL) {
        PySys_WriteStderr("<object at NULL>\n");
        return;
    }
    PyErr_Fetch(&error, &value, &traceback);
    type = (PyObject *)Py_TYPE(object);
    PySys_FormatStderr("object address  : %p\n", (void *)object);
    PySys_FormatStderr("object type     : %p\n", (void *)type);
    PySys_FormatStderr("object type name: %S\n", type);
    PySys_FormatStderr("object repr     : %R\n", object);
    PyErr_Clear();
    PyErr_Restore(error, value, traceback);
}
`,
    full: fromHeaders(15, aliases({ PepObject_Dump: 'PyObject_Dump' }), aliases({ PepObject_Dump: '_PyObject_Dump' })),
  },
  {
    provides: ['PepHeapType_SIZE'],
    replaces: ['PyHeapTypeObject'],
    until: null,
    since: 2,
    differs:
      'An expression for `sizeof(PyHeapTypeObject)`, known when the program runs: -1 with an exception on failure.',
    cost: 'one attribute lookup',
    limited: heapSize,
    full: heapSize,
  },
  {
    provides: ['PepType_AlignedSize', 'PepType_GetDataOffset'],
    replaces: [],
    until: null,
    since: 2,
    differs:
      'For metatypes with data behind the type: a metatype whose `basicsize` is `PepType_AlignedSize(&PyType_Type) ' +
      '+ sizeof(data)` has room for it, and `PepObject_GetTypeData` finds it. -1 with an exception on failure.',
    cost: 'two attribute lookups',
    limited: dataOffset,
    full: dataOffset,
  },
  {
    provides: ['PepObject_GetTypeData', 'PepType_GetTypeDataSize'],
    replaces: ['PyObject_GetTypeData', 'PyType_GetTypeDataSize'],
    until: 12,
    since: 2,
    differs:
      'For types whose `basicsize` was made with `PepType_AlignedSize` of their base: negative sizes are known from ' +
      '3.12 on. NULL or -1 with an exception on failure.',
    cost: 'two attribute lookups',
    limited: typeData,
    full: fromHeaders(
      12,
      aliases({ PepObject_GetTypeData: 'PyObject_GetTypeData', PepType_GetTypeDataSize: 'PyType_GetTypeDataSize' }),
      typeData,
    ),
  },
  {
    provides: [
      'PepType_GetExtraTable',
      'PepType_GetExtraDict',
      'PepType_GetExtraData',
      'PepType_SetExtraData',
      'PepType_DelExtraData',
    ],
    replaces: [],
    until: null,
    since: 2,
    differs:
      'Data for a type, by name, beside the type and not behind it: in a `weakref.WeakKeyDictionary` of the ' +
      'interpreter, so for any type and without a metatype. When the type goes, or the data is replaced or ' +
      'deleted, the ' +
      "capsule's destructor is called, which frees the data. The metatype must not have a `__hash__` or `__eq__` " +
      'of its ' +
      'own, and without the GIL the first data of a type must not be set by two threads at once. ' +
      '`PepType_GetExtraData` ' +
      'gives NULL without an exception where there is none.',
    cost: 'two lookups, a method call',
    limited: extra,
    full: extra,
  },
  {
    provides: ['PepObject_Print'],
    replaces: ['PyObject_Print'],
    until: null,
    since: 2,
    differs:
      'A lone surrogate in what `str` gives is written as `\\ud800` on every Python, where newer ones raise ' +
      '`UnicodeEncodeError`.',
    cost: 'none',
    includes: ['<stdio.h>'],
    limited: String.raw`
static inline int PepObject_Print(PyObject *object, FILE *file, int flags)
{
    PyObject *text, *bytes = NULL;
    if (PyErr_CheckSignals()) {
        return -1;
    }
    clearerr(file);
    if (object == NULL) {
        fputs("<nil>", file);
    }
    else {
        text = flags & Py_PRINT_RAW ? PyObject_Str(object) : PyObject_Repr(object);
        if (text != NULL) {
            bytes = PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace");
            Py_DECREF(text);
        }
        if (bytes == NULL) {
            return -1;
        }
        fwrite(PyBytes_AsString(bytes), 1, (size_t)PyBytes_Size(bytes), file);
        Py_DECREF(bytes);
    }
    if (ferror(file)) {
        PyErr_SetFromErrno(PyExc_OSError);
        clearerr(file);
        return -1;
    }
    return 0;
}
`,
    full: aliases({ PepObject_Print: 'PyObject_Print' }),
  },
]
