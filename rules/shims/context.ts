import { aliases } from './build.ts'
import type { Shim } from './shim.ts'

/** What asks whether an object is of a type of `contextvars`, and the type. */
const checks = [
  ['PepContextVar_CheckExact', 'ContextVar'],
  ['PepContext_CheckExact', 'Context'],
  ['PepContextToken_CheckExact', 'Token'],
] as const

/** What makes a context, of what, and how. */
const makers = [
  ['PepContext_New', 'Context'],
  ['PepContext_CopyCurrent', 'copy_context'],
] as const

const real = (names: readonly string[]): string =>
  aliases(Object.fromEntries(names.map((name) => [name, name.replace('Pep', 'Py')])))

const variable = ['PepContextVar_New', 'PepContextVar_Get', 'PepContextVar_Set', 'PepContextVar_Reset'] as const
const contexts = [makers[0][0], makers[1][0], 'PepContext_Copy'] as const

/** context.h */
export const context: readonly Shim[] = [
  {
    provides: [checks[0][0], ...checks.slice(1).map(([name]) => name)],
    replaces: checks.map(([name]) => name.replace('Pep', 'Py')),
    until: null,
    since: 7,
    differs: '0 where `contextvars` cannot be imported, which is reported as unraisable.',
    cost: 'one lookup in a dict',
    limited: checks
      .map(
        ([name, type]) =>
          `#define ${name}(object) PepInterpreter_TypeCheck((PyObject *)(object), "pep:contextvars.${type}", 1)`,
      )
      .join('\n'),
    full: checks.map(([name]) => `#define ${name}(object) ${name.replace('Pep', 'Py')}((object))`).join('\n'),
  },
  {
    provides: [...variable, 'PepContextVar_Call'],
    replaces: variable.map((name) => name.replace('Pep', 'Py')),
    until: null,
    since: 7,
    differs: 'The text of the TypeError for what is no context variable or no token.',
    cost: 'a method call',
    limited: String.raw`
/* A method of a context variable: a new reference, or NULL. An exception that was set stays if it does not fail. */
static inline PyObject *PepContextVar_Call(PyObject *variable, const char *name, PyObject *argument)
{
    PyObject *error, *value, *traceback, *method, *type, *result = NULL;
    PyErr_Fetch(&error, &value, &traceback);
    type = PepInterpreter_Import("pep:contextvars.ContextVar");
    if (type != NULL && Py_TYPE(variable) != (PyTypeObject *)type) {
        PyErr_SetString(PyExc_TypeError, "an instance of ContextVar was expected");
    }
    else if (type != NULL && (method = PyObject_GetAttrString(variable, name)) != NULL) {
        result = PyObject_CallFunctionObjArgs(method, argument, (PyObject *)NULL);
        Py_DECREF(method);
    }
    Py_XDECREF(type);
    if (result == NULL) {
        Py_XDECREF(error);
        Py_XDECREF(value);
        Py_XDECREF(traceback);
    }
    else {
        PyErr_Restore(error, value, traceback);
    }
    return result;
}

static inline PyObject *PepContextVar_New(const char *name, PyObject *default_value)
{
    PyObject *result = NULL, *kwargs = NULL, *args = Py_BuildValue("(s)", name);
    PyObject *type = args != NULL ? PepInterpreter_Import("pep:contextvars.ContextVar") : NULL;
    if (type != NULL && default_value != NULL) {
        kwargs = Py_BuildValue("{s:O}", "default", default_value);
    }
    if (type != NULL && (default_value == NULL || kwargs != NULL)) {
        result = PyObject_Call(type, args, kwargs);
    }
    Py_XDECREF(type);
    Py_XDECREF(kwargs);
    Py_XDECREF(args);
    return result;
}

static inline int PepContextVar_Get(PyObject *variable, PyObject *default_value, PyObject **value)
{
    PyObject *error, *before, *traceback;
    PyErr_Fetch(&error, &before, &traceback);
    *value = PepContextVar_Call(variable, "get", default_value);
    if (*value == NULL && default_value == NULL && PyErr_ExceptionMatches(PyExc_LookupError)) {
        PyErr_Clear();
    }
    if (PyErr_Occurred()) {
        Py_XDECREF(error);
        Py_XDECREF(before);
        Py_XDECREF(traceback);
        return -1;
    }
    PyErr_Restore(error, before, traceback);
    return 0;
}

static inline PyObject *PepContextVar_Set(PyObject *variable, PyObject *value)
{
    return PepContextVar_Call(variable, "set", value);
}

static inline int PepContextVar_Reset(PyObject *variable, PyObject *token)
{
    PyObject *result = PepContextVar_Call(variable, "reset", token);
    Py_XDECREF(result);
    return result != NULL ? 0 : -1;
}
`,
    full: real(variable),
  },
  {
    provides: [...contexts],
    replaces: contexts.map((name) => name.replace('Pep', 'Py')),
    until: null,
    since: 7,
    differs: '',
    cost: 'a call',
    limited: `${makers
      .map(
        ([name, what]) => String.raw`
static inline PyObject *${name}(void)
{
    PyObject *result, *maker = PepInterpreter_Import("pep:contextvars.${what}");
    if (maker == NULL) {
        return NULL;
    }
    result = PyObject_CallObject(maker, NULL);
    Py_DECREF(maker);
    return result;
}
`,
      )
      .join('')}
static inline PyObject *PepContext_Copy(PyObject *context)
{
    if (!PepContext_CheckExact(context)) {
        PyErr_SetString(PyExc_TypeError, "an instance of Context was expected");
        return NULL;
    }
    return PyObject_CallMethod(context, "copy", NULL);
}
`,
    full: real(contexts),
  },
]
