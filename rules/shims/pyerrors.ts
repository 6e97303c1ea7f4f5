import { aliases, fromHeaders } from './build.ts'
import type { Shim } from './shim.ts'

const raised = String.raw`
static inline PyObject *PepErr_GetRaisedException(void)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (type == NULL) {
        return NULL;
    }
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback != NULL) {
        PyException_SetTraceback(value, traceback);
        Py_DECREF(traceback);
    }
    Py_XDECREF(type);
    return value;
}

static inline void PepErr_SetRaisedException(PyObject *exception)
{
    PyObject *type = NULL, *traceback = NULL;
    if (exception != NULL) {
        type = (PyObject *)Py_TYPE(exception);
        Py_INCREF(type);
        traceback = PyException_GetTraceback(exception);
    }
    PyErr_Restore(type, exception, traceback);
}
`

const args = String.raw`
static inline PyObject *PepException_GetArgs(PyObject *exception)
{
    return PyObject_GetAttrString(exception, "args");
}

static inline void PepException_SetArgs(PyObject *exception, PyObject *args)
{
    if (PyObject_SetAttrString(exception, "args", args) < 0) {
        PyErr_WriteUnraisable(exception);
    }
}
`

const chaining = String.raw`
/* Takes the reference. */
static inline void PepErr_ChainExceptions1(PyObject *exception)
{
    if (exception == NULL) {
        return;
    }
    if (PyErr_Occurred()) {
        PyObject *later = PepErr_GetRaisedException();
        if (later != NULL) {
            PyException_SetContext(later, exception); /* takes the reference */
            exception = later;
        }
    }
    PepErr_SetRaisedException(exception);
}

/* Takes the references. */
static inline void PepErr_ChainExceptions(PyObject *type, PyObject *value, PyObject *traceback)
{
    if (type == NULL) {
        return;
    }
    if (PyErr_Occurred()) {
        PyObject *exception, *later = PepErr_GetRaisedException();
        PyErr_Restore(type, value, traceback);
        exception = PepErr_GetRaisedException();
        PepErr_SetRaisedException(later);
        PepErr_ChainExceptions1(exception);
    }
    else {
        PyErr_Restore(type, value, traceback);
    }
}
`

const unraisable = String.raw`
static inline void PepErr_FormatUnraisable(const char *format, ...)
{
    PyObject *type, *value, *traceback, *message = NULL;
    PyErr_Fetch(&type, &value, &traceback);
    if (format != NULL) {
        va_list arguments;
        va_start(arguments, format);
        message = PyUnicode_FromFormatV(format, arguments);
        va_end(arguments);
        PyErr_Clear();
    }
    PyErr_Restore(type, value, traceback);
    PyErr_WriteUnraisable(message);
    Py_XDECREF(message);
}
`

/** pyerrors.h */
export const pyerrors: readonly Shim[] = [
  {
    provides: ['PepErr_GetRaisedException', 'PepErr_SetRaisedException'],
    replaces: ['PyErr_GetRaisedException', 'PyErr_SetRaisedException'],
    until: 12,
    since: 2,
    differs: '',
    cost: 'none',
    limited: raised,
    full: fromHeaders(
      12,
      aliases({
        PepErr_GetRaisedException: 'PyErr_GetRaisedException',
        PepErr_SetRaisedException: 'PyErr_SetRaisedException',
      }),
      raised,
    ),
  },
  {
    provides: ['PepException_GetArgs', 'PepException_SetArgs'],
    replaces: ['PyException_GetArgs', 'PyException_SetArgs', 'PyBaseExceptionObject.args'],
    until: 12,
    since: 2,
    differs: 'A failure of `PepException_SetArgs`, which gives nothing, is reported as unraisable.',
    cost: 'one attribute lookup',
    limited: args,
    full: fromHeaders(
      12,
      aliases({ PepException_GetArgs: 'PyException_GetArgs', PepException_SetArgs: 'PyException_SetArgs' }),
      args,
    ),
  },
  {
    provides: ['PepErr_ChainExceptions', 'PepErr_ChainExceptions1'],
    replaces: ['_PyErr_ChainExceptions', '_PyErr_ChainExceptions1'],
    until: null,
    since: 2,
    differs: '',
    cost: 'none',
    limited: chaining,
    full: chaining,
  },
  {
    provides: ['PepErr_FormatUnraisable'],
    replaces: ['PyErr_FormatUnraisable'],
    until: null,
    since: 2,
    differs: "The hook gets the message as the object (`Exception ignored in: 'message'`) and not as `err_msg`.",
    cost: 'none',
    includes: ['<stdarg.h>'],
    limited: unraisable,
    full: fromHeaders(13, aliases({ PepErr_FormatUnraisable: 'PyErr_FormatUnraisable' }), unraisable),
  },
]

/** pystate.h */
export const pystate: readonly Shim[] = [
  {
    provides: ['PepThreadState_GetUnchecked'],
    replaces: ['PyThreadState_GetUnchecked', '_PyThreadState_UncheckedGet'],
    until: null,
    since: 2,
    differs:
      'The thread state that `PyGILState_Ensure` knows for this thread, also where it does not hold the GIL, and in ' +
      'threads of sub-interpreters before 3.12 perhaps another.',
    cost: 'none',
    limited: aliases({ PepThreadState_GetUnchecked: 'PyGILState_GetThisThreadState' }),
    full: fromHeaders(
      13,
      aliases({ PepThreadState_GetUnchecked: 'PyThreadState_GetUnchecked' }),
      aliases({ PepThreadState_GetUnchecked: '_PyThreadState_UncheckedGet' }),
    ),
  },
]
