import { aliases, untilHeaders } from './build.ts'
import type { Shim } from './shim.ts'

const variables = ['_Py_Identifier', '_Py_IDENTIFIER', '_Py_static_string', '_Py_static_string_init'] as const

/** What stands for a function of CPython's that takes an identifier. */
interface IdentifierFunction {
  /** The first version whose headers lack the real one, or deprecate it. */
  readonly until: number
  readonly code: string
  readonly includes?: readonly string[]
}

/** A function that asks by name: its head, and the value that it gives. */
const asking = (until: number, head: string, value: string): IdentifierFunction => ({
  until,
  code: `static inline ${head}\n{\n    return ${value};\n}`,
})

/** By the names after `_Py`. All ask for the name each time, as the Limited API's functions for `const char *` do. */
const functions: Readonly<Record<string, IdentifierFunction>> = {
  Unicode_FromId: {
    until: 15,
    code: String.raw`
/* Borrowed: the interpreter's dictionary keeps it. */
static inline PyObject *PepUnicode_FromId(Pep_Identifier *id)
{
    PyObject *dict, *key, *name, *kept = NULL;
    dict = PepInterpreter_GetDict();
    if (dict == NULL) {
        return NULL;
    }
    key = PyUnicode_FromFormat("pep:id:%s", id->string);
    if (key != NULL && PepDict_GetItemRef(dict, key, &kept) == 0) {
        name = PyUnicode_InternFromString(id->string);
        if (name != NULL) {
            /* in one step, so that what another thread has kept already stays */
            kept = PyObject_CallMethod(dict, "setdefault", "(OO)", key, name);
            Py_DECREF(name);
        }
    }
    Py_XDECREF(key);
    Py_DECREF(dict);
    Py_XDECREF(kept);
    return kept;
}
`,
  },
  Unicode_EqualToASCIIId: asking(
    13,
    'int PepUnicode_EqualToASCIIId(PyObject *text, Pep_Identifier *id)',
    'PyUnicode_CompareWithASCIIString(text, id->string) == 0',
  ),
  Object_GetAttrId: asking(
    15,
    'PyObject *PepObject_GetAttrId(PyObject *object, Pep_Identifier *id)',
    'PyObject_GetAttrString(object, id->string)',
  ),
  Object_SetAttrId: asking(
    13,
    'int PepObject_SetAttrId(PyObject *object, Pep_Identifier *id, PyObject *value)',
    'PyObject_SetAttrString(object, id->string, value)',
  ),
  Object_HasAttrId: asking(
    10,
    'int PepObject_HasAttrId(PyObject *object, Pep_Identifier *id)',
    'PyObject_HasAttrString(object, id->string)',
  ),
  Object_LookupAttrId: asking(
    13,
    'int PepObject_LookupAttrId(PyObject *object, Pep_Identifier *id, PyObject **value)',
    'PepObject_GetOptionalAttrString(object, id->string, value)',
  ),
  Object_CallMethodId: {
    until: 15,
    code: '#define PepObject_CallMethodId(object, id, ...) PyObject_CallMethod((object), (id)->string, __VA_ARGS__)',
  },
  Object_CallMethodIdObjArgs: {
    until: 13,
    includes: ['<stdarg.h>'],
    code: String.raw`
static inline PyObject *PepObject_CallMethodIdObjArgs(PyObject *object, Pep_Identifier *id, ...)
{
    PyObject *method, *arguments, *result = NULL;
    Py_ssize_t i, count = 0;
    va_list list;
    if (object == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_SystemError, "null argument to internal routine");
        }
        return NULL;
    }
    method = PyObject_GetAttrString(object, id->string);
    if (method == NULL) {
        return NULL;
    }
    va_start(list, id);
    while (va_arg(list, PyObject *) != NULL) {
        count++;
    }
    va_end(list);
    arguments = PyTuple_New(count);
    if (arguments != NULL) {
        va_start(list, id);
        for (i = 0; i < count; i++) {
            PyObject *argument = va_arg(list, PyObject *);
            Py_INCREF(argument);
            PyTuple_SetItem(arguments, i, argument);
        }
        va_end(list);
        result = PyObject_CallObject(method, arguments);
        Py_DECREF(arguments);
    }
    Py_DECREF(method);
    return result;
}
`,
  },
  Object_CallMethodIdNoArgs: asking(
    13,
    'PyObject *PepObject_CallMethodIdNoArgs(PyObject *object, Pep_Identifier *id)',
    'PyObject_CallMethod(object, id->string, NULL)',
  ),
  Object_CallMethodIdOneArg: {
    until: 13,
    code: String.raw`
static inline PyObject *PepObject_CallMethodIdOneArg(PyObject *object, Pep_Identifier *id, PyObject *argument)
{
    PyObject *method = PyObject_GetAttrString(object, id->string);
    PyObject *result;
    if (method == NULL) {
        return NULL;
    }
    result = PyObject_CallFunctionObjArgs(method, argument, (PyObject *)NULL);
    Py_DECREF(method);
    return result;
}
`,
  },
  Dict_GetItemId: asking(
    10,
    'PyObject *PepDict_GetItemId(PyObject *dict, Pep_Identifier *id)',
    'PyDict_GetItemString(dict, id->string)',
  ),
  Dict_GetItemIdWithError: {
    until: 13,
    code: String.raw`
static inline PyObject *PepDict_GetItemIdWithError(PyObject *dict, Pep_Identifier *id)
{
    PyObject *key = PyUnicode_InternFromString(id->string);
    PyObject *value;
    if (key == NULL) {
        return NULL;
    }
    value = PyDict_GetItemWithError(dict, key);
    Py_DECREF(key);
    return value;
}
`,
  },
  Dict_SetItemId: asking(
    13,
    'int PepDict_SetItemId(PyObject *dict, Pep_Identifier *id, PyObject *value)',
    'PyDict_SetItemString(dict, id->string, value)',
  ),
  Dict_DelItemId: asking(
    13,
    'int PepDict_DelItemId(PyObject *dict, Pep_Identifier *id)',
    'PyDict_DelItemString(dict, id->string)',
  ),
  Sys_GetObjectId: asking(11, 'PyObject *PepSys_GetObjectId(Pep_Identifier *id)', 'PySys_GetObject(id->string)'),
}

/** object.h: strings with a name, `_Py_IDENTIFIER(read)`, and the functions that take them */
export const identifier: readonly Shim[] = [
  {
    provides: ['Pep_Identifier', 'Pep_IDENTIFIER', 'Pep_static_string', 'Pep_static_string_init'],
    replaces: variables,
    until: null,
    since: 2,
    differs: 'It has the string and the index, which nobody uses, and keeps no object.',
    cost: 'none',
    limited: String.raw`
typedef struct _Py_Identifier {
    const char *string;
    Py_ssize_t index;
} Pep_Identifier;
#define Pep_static_string_init(value) {(value), -1}
#define Pep_static_string(variable, value) static Pep_Identifier variable = Pep_static_string_init(value)
#define Pep_IDENTIFIER(name) Pep_static_string(PyId_##name, #name)
`,
    full: aliases(Object.fromEntries(variables.map((name) => [name.replace('_Py', 'Pep'), name]))),
  },
  ...Object.entries(functions).map(
    ([name, { until, code, includes }]): Shim => ({
      provides: [`Pep${name}`],
      replaces: [`_Py${name}`],
      until: null,
      since: 2,
      differs: '',
      cost: 'a str of the name at each call',
      ...(includes ? { includes } : {}),
      limited: code,
      full: untilHeaders(until, aliases({ [`Pep${name}`]: `_Py${name}` }), code),
    }),
  ),
]
