import { aliases } from './build.ts'
import type { Shim } from './shim.ts'

const making = (name: string, type: string): string => String.raw`
static inline PyObject *${name}(PyObject *callable)
{
    PyObject *result, *type = PepInterpreter_Import("pep:builtins.${type}");
    if (type == NULL) {
        return NULL;
    }
    result = PyObject_CallFunctionObjArgs(type, callable, (PyObject *)NULL);
    Py_DECREF(type);
    return result;
}
`

const kept = 'Borrowed, as from the real one: the object is kept by the function'

/** methodobject.h */
export const methodobject: readonly Shim[] = [
  {
    provides: ['PepCFunction_GET_FUNCTION', 'PepCFunction_GET_SELF', 'PepCFunction_GET_FLAGS'],
    replaces: ['PyCFunction_GET_FUNCTION', 'PyCFunction_GET_SELF', 'PyCFunction_GET_FLAGS'],
    until: null,
    since: 2,
    differs: 'Checked: SystemError for what is no builtin function.',
    cost: 'one call',
    limited: String.raw`
#define PepCFunction_GET_FUNCTION(function) PyCFunction_GetFunction((PyObject *)(function))
#define PepCFunction_GET_SELF(function) PyCFunction_GetSelf((PyObject *)(function))
#define PepCFunction_GET_FLAGS(function) PyCFunction_GetFlags((PyObject *)(function))
`,
    full: String.raw`
#define PepCFunction_GET_FUNCTION(function) PyCFunction_GET_FUNCTION((PyObject *)(function))
#define PepCFunction_GET_SELF(function) PyCFunction_GET_SELF((PyObject *)(function))
#define PepCFunction_GET_FLAGS(function) PyCFunction_GET_FLAGS((PyObject *)(function))
`,
  },
  {
    provides: ['PepCFunction_GET_NAMESTR'],
    replaces: ['PyCFunctionObject.m_ml', 'PyMethodDef.ml_name'],
    until: null,
    since: 2,
    differs:
      'NULL with an exception on failure. The text lives as long as the interpreter, in the real one as long as the ' +
      'method definition.',
    cost: 'one attribute lookup, the text is kept',
    limited: String.raw`
static inline const char *PepCFunction_GET_NAMESTR(PyObject *function)
{
    const char *result;
    PyObject *name = PyObject_GetAttrString(function, "__name__");
    if (name == NULL) {
        return NULL;
    }
    result = PepInterpreter_KeepUTF8(name);
    Py_DECREF(name);
    return result;
}
`,
    full: '#define PepCFunction_GET_NAMESTR(function) (((PyCFunctionObject *)(function))->m_ml->ml_name)',
  },
]

const functionFields = [
  ['CODE', 'Code', 'code'],
  ['GLOBALS', 'Globals', 'globals'],
  ['MODULE', 'Module', 'module'],
  ['DEFAULTS', 'Defaults', 'defaults'],
  ['KW_DEFAULTS', 'KwDefaults', 'kwdefaults'],
  ['CLOSURE', 'Closure', 'closure'],
] as const

/** funcobject.h */
export const funcobject: readonly Shim[] = [
  {
    provides: ['PepFunction_Check'],
    replaces: ['PyFunction_Check'],
    until: null,
    since: 2,
    differs: '',
    cost: 'one lookup in a dict',
    limited:
      '#define PepFunction_Check(object) PepInterpreter_TypeCheck((PyObject *)(object), "pep:types.FunctionType", 1)',
    full: '#define PepFunction_Check(object) PyFunction_Check((PyObject *)(object))',
  },
  {
    provides: [
      'PepFunction_GetPart',
      ...functionFields.flatMap(([macro, name]) => [`PepFunction_GET_${macro}`, `PepFunction_Get${name}`]),
    ],
    replaces: functionFields.flatMap(([macro, name]) => [`PyFunction_GET_${macro}`, `PyFunction_Get${name}`]),
    until: null,
    since: 2,
    differs: `${kept}. What is absent is NULL. SystemError for what is no function, also from the \`GET_\` names.`,
    cost: 'one attribute lookup and a check of the type',
    limited: String.raw`
/* Borrowed: for attributes of a function that give an object that the function itself holds. */
static inline PyObject *PepFunction_GetPart(PyObject *function, const char *name)
{
    PyObject *part;
    if (!PepFunction_Check(function)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    part = PyObject_GetAttrString(function, name);
    if (part == NULL) {
        return NULL;
    }
    Py_DECREF(part); /* the function holds it */
    return part != Py_None ? part : NULL;
}
${functionFields
  .map(
    ([
      macro,
      name,
      field,
    ]) => `#define PepFunction_Get${name}(function) PepFunction_GetPart((PyObject *)(function), "__${field}__")
#define PepFunction_GET_${macro}(function) PepFunction_GetPart((PyObject *)(function), "__${field}__")`,
  )
  .join('\n')}
`,
    full: functionFields
      .map(
        ([macro, name]) => `#define PepFunction_Get${name}(function) PyFunction_Get${name}((PyObject *)(function))
#define PepFunction_GET_${macro}(function) PyFunction_GET_${macro}((PyObject *)(function))`,
      )
      .join('\n'),
  },
  {
    provides: ['PepFunction_GetName'],
    replaces: ['PyFunctionObject.func_name'],
    until: null,
    since: 2,
    differs: `${kept}. SystemError for what is no function.`,
    cost: 'one attribute lookup and a check of the type',
    limited: '#define PepFunction_GetName(function) PepFunction_GetPart((PyObject *)(function), "__name__")',
    full: '#define PepFunction_GetName(function) (((PyFunctionObject *)(function))->func_name)',
  },
  {
    provides: ['PepFunction_New'],
    replaces: ['PyFunction_New'],
    until: null,
    since: 2,
    differs: 'TypeError or ValueError for code that needs a closure, where the real one makes a function without.',
    cost: 'one call',
    limited: String.raw`
static inline PyObject *PepFunction_New(PyObject *code, PyObject *globals)
{
    PyObject *result, *type = PepInterpreter_Import("pep:types.FunctionType");
    if (type == NULL) {
        return NULL;
    }
    result = PyObject_CallFunctionObjArgs(type, code, globals, (PyObject *)NULL);
    Py_DECREF(type);
    return result;
}
`,
    full: aliases({ PepFunction_New: 'PyFunction_New' }),
  },
  {
    provides: ['PepStaticMethod_New'],
    replaces: ['PyStaticMethod_New'],
    until: null,
    since: 2,
    differs: '',
    cost: 'one call',
    limited: making('PepStaticMethod_New', 'staticmethod'),
    full: aliases({ PepStaticMethod_New: 'PyStaticMethod_New' }),
  },
  {
    provides: ['PepClassMethod_New'],
    replaces: ['PyClassMethod_New'],
    until: null,
    since: 2,
    differs: '',
    cost: 'one call',
    limited: making('PepClassMethod_New', 'classmethod'),
    full: aliases({ PepClassMethod_New: 'PyClassMethod_New' }),
  },
]

/** classobject.h */
export const classobject: readonly Shim[] = [
  {
    provides: ['PepMethod_Check'],
    replaces: ['PyMethod_Check'],
    until: null,
    since: 2,
    differs: '',
    cost: 'one lookup in a dict',
    limited:
      '#define PepMethod_Check(object) PepInterpreter_TypeCheck((PyObject *)(object), "pep:types.MethodType", 1)',
    full: '#define PepMethod_Check(object) PyMethod_Check((PyObject *)(object))',
  },
  {
    provides: [
      'PepMethod_GetPart',
      'PepMethod_Function',
      'PepMethod_Self',
      'PepMethod_GET_FUNCTION',
      'PepMethod_GET_SELF',
    ],
    replaces: ['PyMethod_Function', 'PyMethod_Self', 'PyMethod_GET_FUNCTION', 'PyMethod_GET_SELF'],
    until: null,
    since: 2,
    differs:
      'Borrowed, as from the real one: the object is kept by the method. SystemError for what is no method, also ' +
      'from the `GET_` names.',
    cost: 'one attribute lookup and a check of the type',
    limited: String.raw`
/* Borrowed: a method holds its function and its object as long as it lives. */
static inline PyObject *PepMethod_GetPart(PyObject *method, const char *name)
{
    PyObject *part;
    if (!PepMethod_Check(method)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    part = PyObject_GetAttrString(method, name);
    Py_XDECREF(part);
    return part;
}
#define PepMethod_Function(method) PepMethod_GetPart((PyObject *)(method), "__func__")
#define PepMethod_Self(method) PepMethod_GetPart((PyObject *)(method), "__self__")
#define PepMethod_GET_FUNCTION(method) PepMethod_Function(method)
#define PepMethod_GET_SELF(method) PepMethod_Self(method)
`,
    full: String.raw`
#define PepMethod_Function(method) PyMethod_Function((PyObject *)(method))
#define PepMethod_Self(method) PyMethod_Self((PyObject *)(method))
#define PepMethod_GET_FUNCTION(method) PyMethod_GET_FUNCTION((PyObject *)(method))
#define PepMethod_GET_SELF(method) PyMethod_GET_SELF((PyObject *)(method))
`,
  },
  {
    provides: ['PepMethod_New'],
    replaces: ['PyMethod_New'],
    until: null,
    since: 2,
    differs: 'TypeError for what cannot be called, or where the object is None.',
    cost: 'one call',
    limited: String.raw`
static inline PyObject *PepMethod_New(PyObject *function, PyObject *self)
{
    PyObject *result, *type;
    if (self == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    type = PepInterpreter_Import("pep:types.MethodType");
    if (type == NULL) {
        return NULL;
    }
    result = PyObject_CallFunctionObjArgs(type, function, self, (PyObject *)NULL);
    Py_DECREF(type);
    return result;
}
`,
    full: aliases({ PepMethod_New: 'PyMethod_New' }),
  },
]
