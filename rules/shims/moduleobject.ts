import { aliases, fromHeaders } from './build.ts'
import type { Shim } from './shim.ts'

const addRef = String.raw`
static inline PyObject *PepImport_AddModuleRef(const char *name)
{
    PyObject *module = PyImport_AddModule(name);
    Py_XINCREF(module);
    return module;
}
`

const attribute = String.raw`
static inline PyObject *PepImport_ImportModuleAttr(PyObject *module_name, PyObject *name)
{
    PyObject *result, *module = PyImport_Import(module_name);
    if (module == NULL) {
        return NULL;
    }
    result = PyObject_GetAttr(module, name);
    Py_DECREF(module);
    return result;
}

static inline PyObject *PepImport_ImportModuleAttrString(const char *module_name, const char *name)
{
    PyObject *result, *module = PyImport_ImportModule(module_name);
    if (module == NULL) {
        return NULL;
    }
    result = PyObject_GetAttrString(module, name);
    Py_DECREF(module);
    return result;
}
`

const addObject = String.raw`
static inline int PepModule_AddObjectRef(PyObject *module, const char *name, PyObject *value)
{
    if (!PyModule_Check(module)) {
        PyErr_SetString(PyExc_TypeError, "PepModule_AddObjectRef() needs a module");
        return -1;
    }
    if (value == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_SystemError, "PepModule_AddObjectRef() must be called with an exception raised if value is NULL");
        }
        return -1;
    }
    Py_INCREF(value);
    if (PyModule_AddObject(module, name, value) < 0) {
        Py_DECREF(value);
        return -1;
    }
    return 0;
}
`

const add = String.raw`
/* Takes the reference in any case. */
static inline int PepModule_Add(PyObject *module, const char *name, PyObject *value)
{
    int result = PepModule_AddObjectRef(module, name, value);
    Py_XDECREF(value);
    return result;
}
`

const moduleByDef = String.raw`
static inline PyObject *PepType_GetModuleByDef(PyTypeObject *type, PyModuleDef *def)
{
    PyObject *module = NULL, *mro = PyObject_GetAttrString((PyObject *)type, "__mro__");
    Py_ssize_t i, count = mro != NULL ? PyTuple_Size(mro) : -1;
    if (count < 0) {
        Py_XDECREF(mro);
        return NULL;
    }
    for (i = 0; module == NULL && i < count; i++) {
        PyObject *base = PyTuple_GetItem(mro, i);
        if (base == NULL || !PyType_Check(base) || !(PyType_GetFlags((PyTypeObject *)base) & Py_TPFLAGS_HEAPTYPE)) {
            PyErr_Clear();
            continue;
        }
        module = PyType_GetModule((PyTypeObject *)base);
        if (module == NULL) {
            PyErr_Clear(); /* a type without a module */
        }
        else if (PyModule_GetDef(module) != def) {
            module = NULL;
        }
    }
    Py_DECREF(mro);
    if (module == NULL) {
        PyErr_Format(PyExc_TypeError, "no base of %R was made by the module", (PyObject *)type);
    }
    return module;
}
`

const constants = [
  'NONE',
  'FALSE',
  'TRUE',
  'ELLIPSIS',
  'NOT_IMPLEMENTED',
  'ZERO',
  'ONE',
  'EMPTY_STR',
  'EMPTY_BYTES',
  'EMPTY_TUPLE',
] as const
const constant = String.raw`
${constants.map((name, number) => `#define Pep_CONSTANT_${name} ${number}`).join('\n')}

static inline PyObject *Pep_GetConstant(unsigned int constant)
{
    PyObject *result;
    switch (constant) {
    case Pep_CONSTANT_NONE: result = Py_None; break;
    case Pep_CONSTANT_FALSE: result = Py_False; break;
    case Pep_CONSTANT_TRUE: result = Py_True; break;
    case Pep_CONSTANT_ELLIPSIS: result = Py_Ellipsis; break;
    case Pep_CONSTANT_NOT_IMPLEMENTED: result = Py_NotImplemented; break;
    case Pep_CONSTANT_ZERO: return PyLong_FromLong(0);
    case Pep_CONSTANT_ONE: return PyLong_FromLong(1);
    case Pep_CONSTANT_EMPTY_STR: return PyUnicode_FromStringAndSize("", 0);
    case Pep_CONSTANT_EMPTY_BYTES: return PyBytes_FromStringAndSize("", 0);
    case Pep_CONSTANT_EMPTY_TUPLE: return PyTuple_New(0);
    default:
        PyErr_BadInternalCall();
        return NULL;
    }
    Py_INCREF(result);
    return result;
}
`

const version = String.raw`
static inline unsigned long Pep_Version(void)
{
    PyObject *error, *value, *traceback, *hex;
    unsigned long result = 0;
    PyErr_Fetch(&error, &value, &traceback);
    hex = PySys_GetObject("hexversion");
    if (hex != NULL) {
        result = PyLong_AsUnsignedLong(hex);
    }
    if (PyErr_Occurred()) {
        result = 0;
    }
    PyErr_Clear();
    PyErr_Restore(error, value, traceback);
    return result;
}
`

/** import.h */
export const imports: readonly Shim[] = [
  {
    provides: ['PepImport_AddModuleRef'],
    replaces: ['PyImport_AddModuleRef'],
    until: 13,
    since: 2,
    differs: '',
    cost: 'none',
    limited: addRef,
    full: fromHeaders(13, aliases({ PepImport_AddModuleRef: 'PyImport_AddModuleRef' }), addRef),
  },
  {
    provides: ['PepImport_ImportModuleAttr', 'PepImport_ImportModuleAttrString'],
    replaces: [
      'PyImport_ImportModuleAttr',
      'PyImport_ImportModuleAttrString',
      '_PyImport_GetModuleAttr',
      '_PyImport_GetModuleAttrString',
    ],
    until: null,
    since: 2,
    differs: '',
    cost: 'none',
    limited: attribute,
    full: fromHeaders(
      14,
      aliases({
        PepImport_ImportModuleAttr: 'PyImport_ImportModuleAttr',
        PepImport_ImportModuleAttrString: 'PyImport_ImportModuleAttrString',
      }),
      attribute,
    ),
  },
]

/** The slot for several interpreters and its values: from 3.12 on, and the numbers never change. */
const interpreterSlots = [
  ['mod_multiple_interpreters', '3'],
  ['MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED', '((void *)0)'],
  ['MOD_MULTIPLE_INTERPRETERS_SUPPORTED', '((void *)1)'],
  ['MOD_PER_INTERPRETER_GIL_SUPPORTED', '((void *)2)'],
] as const

/** moduleobject.h, modsupport.h */
export const moduleobject: readonly Shim[] = [
  {
    provides: ['PepModule_AddObjectRef'],
    replaces: ['PyModule_AddObjectRef'],
    until: 10,
    since: 2,
    differs: '',
    cost: 'none',
    limited: addObject,
    full: fromHeaders(10, aliases({ PepModule_AddObjectRef: 'PyModule_AddObjectRef' }), addObject),
  },
  {
    provides: ['PepModule_Add'],
    replaces: ['PyModule_Add'],
    until: 13,
    since: 2,
    differs: '',
    cost: 'none',
    limited: add,
    full: fromHeaders(13, aliases({ PepModule_Add: 'PyModule_Add' }), add),
  },
  {
    provides: ['PepModuleDef_Init', ...interpreterSlots.map(([name]) => `Pep_${name}`)],
    replaces: ['PyModuleDef_Init', ...interpreterSlots.map(([name]) => `Py_${name}`)],
    until: 12,
    since: 5,
    differs:
      'Python 3.11 and older refuse a module with that slot: there it is taken out of the table of slots, which must ' +
      'not be `const`, before the module is made.',
    cost: 'a look at the slots, once',
    limited: `\
${interpreterSlots.map(([name, value]) => `#define Pep_${name} ${value}`).join('\n')}

static inline PyObject *PepModuleDef_Init(struct PyModuleDef *def)
{
    if (def->m_slots != NULL && Pep_Version() < 0x030C0000) {
        PyModuleDef_Slot *slot, *kept = def->m_slots;
        for (slot = def->m_slots; slot->slot != 0; slot++) {
            if (slot->slot != Pep_mod_multiple_interpreters) {
                *kept++ = *slot;
            }
        }
        *kept = *slot;
    }
    return PyModuleDef_Init(def);
}
`,
    full: aliases({
      PepModuleDef_Init: 'PyModuleDef_Init',
      ...Object.fromEntries(interpreterSlots.map(([name]) => [`Pep_${name}`, `Py_${name}`])),
    }),
  },
  {
    provides: ['PepModule_AddType'],
    replaces: ['PyModule_AddType'],
    until: 10,
    since: 2,
    differs: '',
    cost: 'none',
    limited: String.raw`
static inline int PepModule_AddType(PyObject *module, PyTypeObject *type)
{
    PyObject *name, *text;
    const char *utf8;
    int result = -1;
    if (PyType_Ready(type) < 0) {
        return -1;
    }
    name = PyObject_GetAttrString((PyObject *)type, "__name__");
    text = name != NULL ? PyUnicode_AsUTF8String(name) : NULL;
    utf8 = text != NULL ? PyBytes_AsString(text) : NULL;
    if (utf8 != NULL) {
        result = PepModule_AddObjectRef(module, utf8, (PyObject *)type);
    }
    Py_XDECREF(text);
    Py_XDECREF(name);
    return result;
}
`,
    full: aliases({ PepModule_AddType: 'PyModule_AddType' }),
  },
  {
    provides: ['PepType_GetModuleByDef'],
    replaces: ['PyType_GetModuleByDef', '_PyType_GetModuleByDef'],
    until: 13,
    since: 9,
    differs:
      'The text of the TypeError. On Windows from 3.10 on, where `python3.dll` has `PyType_GetModule`. Borrowed, as ' +
      'from the real one: the type keeps its module.',
    cost: 'a tuple and a call for each base',
    limited: moduleByDef,
    full: fromHeaders(11, aliases({ PepType_GetModuleByDef: 'PyType_GetModuleByDef' }), moduleByDef),
  },
]

/** object.h and pylifecycle.h: constants, the version */
export const constantsAndVersion: readonly Shim[] = [
  {
    provides: ['Pep_GetConstant', ...constants.map((name) => `Pep_CONSTANT_${name}`)],
    replaces: ['Py_GetConstant', ...constants.map((name) => `Py_CONSTANT_${name}`)],
    until: 13,
    since: 2,
    differs: '',
    cost: 'none',
    limited: constant,
    full: fromHeaders(
      13,
      aliases({
        Pep_GetConstant: 'Py_GetConstant',
        ...Object.fromEntries(constants.map((name) => [`Pep_CONSTANT_${name}`, `Py_CONSTANT_${name}`])),
      }),
      constant,
    ),
  },
  {
    provides: ['Pep_Version'],
    replaces: ['Py_Version'],
    until: 11,
    since: 2,
    differs: 'A call, `Pep_Version()` for `Py_Version`. 0 and no exception where `sys.hexversion` is lost.',
    cost: 'one lookup in a dict',
    limited: version,
    full: fromHeaders(11, '#define Pep_Version() Py_Version', version),
  },
]
