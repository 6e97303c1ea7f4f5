import type { Replacement } from '../replacement.ts'
import { family, replace, way, withoutWay } from './build.ts'

const attribute = (object: string, name: string) => `PyObject_GetAttrString(${object}, "${name}")`
const fetch = way(
  'PyErr_Fetch(&type, &value, &traceback); PyErr_NormalizeException(&type, &value, &traceback)',
  'the error indicator is clear after it; own references to all three, which may be NULL; attach the traceback with ' +
    'PyException_SetTraceback',
  ['PyException_SetTraceback'],
)
const newNotBorrowed = 'a new reference instead of a borrowed one; None instead of NULL where there is nothing'
const noThreadFields =
  'the field belongs to the interpreter and nothing in the Limited API reads it; people drop ' + 'the access'
const lock =
  'with a lock from PyThread_allocate_lock; unlike a mutex of CPython it keeps the GIL while it waits, so ' +
  'release that with Py_BEGIN_ALLOW_THREADS'

/** One entry per field of an exception struct: an attribute of the exception. */
const fields = (struct: string, names: Readonly<Record<string, string>>) =>
  family(names, (field, name) => replace(`${struct}.${field}`, way(attribute('exc', name), newNotBorrowed)))

/** Exceptions, thread states, interpreters, locks and tracing. */
export const errorsAndThreads: readonly Replacement[] = [
  replace('PyErr_GetRaisedException', fetch),
  replace(
    'PyErr_SetRaisedException',
    way(
      'PyErr_Restore(type, exc, PyException_GetTraceback(exc))',
      'with type = Py_TYPE(exc) and a reference of its own; all three references are stolen',
    ),
  ),
  replace(
    'PyErr_GetHandledException',
    way(
      'PyErr_GetExcInfo(&type, &value, &traceback)',
      'new references to all three, which may be NULL; the exception is value',
    ),
  ),
  replace(
    'PyErr_SetHandledException',
    way(
      'PyErr_SetExcInfo(type, value, traceback)',
      'steals all three references, where the newer function steals none',
    ),
  ),
  replace('PyException_GetArgs', way(attribute('exc', 'args'), 'a new reference, as before')),
  replace('PyException_SetArgs', way('PyObject_SetAttrString(exc, "args", args)', 'makes a tuple of any iterable')),
  replace(
    'PyErr_DisplayException',
    way(
      'PyErr_Display((PyObject *)Py_TYPE(exc), exc, PyException_GetTraceback(exc))',
      'release the traceback after it',
    ),
  ),
  replace('PyErr_SetInterruptEx', way('PyErr_SetInterrupt()', 'for SIGINT only')),
  replace(
    ['_PyErr_ChainExceptions', '_PyErr_ChainExceptions1'],
    [
      way(
        'PyObject *exc = PyErr_GetRaisedException(); PyException_SetContext(exc, context); ' +
          'PyErr_SetRaisedException(exc)',
        'steals context and exc; where nothing is raised restore context instead',
      ),
      way(
        'PyErr_Fetch(&type, &value, &traceback); PyErr_NormalizeException(&type, &value, &traceback); ' +
          'PyException_SetContext(value, context); PyErr_Restore(type, value, traceback)',
        'steals context; where nothing is raised restore context instead',
      ),
    ],
  ),
  replace(
    ['_PyErr_FormatFromCause', '_PyErr_TrySetFromCause'],
    [
      way(
        'PyObject *cause = PyErr_GetRaisedException(); PyErr_Format(type, format); PyObject *exc = ' +
          'PyErr_GetRaisedException(); PyException_SetCause(exc, cause); ' +
          'PyErr_SetRaisedException(exc)',
        'the cause is stolen by PyException_SetCause',
      ),
      way(
        'PyErr_Fetch(&type, &cause, &traceback); PyErr_NormalizeException(&type, &cause, &traceback)',
        'then PyErr_Format, fetch and normalise the new exception, PyException_SetCause, which steals, and ' +
          'PyErr_Restore',
        ['PyErr_Format', 'PyException_SetCause', 'PyErr_Restore'],
      ),
    ],
  ),
  replace(
    'PyErr_FormatUnraisable',
    way('PyErr_WriteUnraisable(obj)', 'without the message; obj is named instead, NULL will do'),
  ),
  replace('_PyErr_WriteUnraisableMsg', way('PyErr_WriteUnraisable(obj)', 'without the message')),
  replace('_PyErr_BadInternalCall', way('PyErr_BadInternalCall()', 'without file and line')),
  replace(
    '_PyErr_SetKeyError',
    way(
      'PyErr_SetObject(PyExc_KeyError, key)',
      'a key that is a tuple is spread into the arguments: wrap it into another',
    ),
  ),
  replace(
    '_PyErr_GetTopmostException',
    way('PyErr_GetExcInfo(&type, &value, &traceback)', 'new references, which may be NULL'),
  ),
  replace(
    'PyErr_WarnExplicitObject',
    way(
      'PyErr_WarnExplicit(category, message, filename, lineno, module, registry)',
      'message, filename and module are char pointers in UTF-8',
    ),
  ),
  replace(
    'PyErr_WarnExplicitFormat',
    way('PyErr_WarnExplicit(category, message, filename, lineno, module, registry)', 'format the message before'),
  ),
  replace('PyErr_Warn', way('PyErr_WarnEx(category, message, 1)', 'the same')),
  replace(
    'PyErr_SyntaxLocationObject',
    way('PyErr_SyntaxLocationEx(filename, lineno, col_offset)', 'filename is a char pointer'),
  ),
  replace(
    'PyErr_RangedSyntaxLocationObject',
    way(
      'PyErr_SyntaxLocationEx(filename, lineno, col_offset)',
      'filename is a char pointer; without the end of the range',
    ),
  ),
  replace('PyErr_ProgramTextObject', way('PyErr_ProgramText(filename, lineno)', 'filename is a char pointer')),
  replace(
    'PyErr_SetExcWithArgsKwargs',
    way('PyObject *exc = PyObject_Call(type, args, kwargs); ' + 'PyErr_SetObject(type, exc)', 'release exc'),
  ),
  replace(
    'PyUnicodeEncodeError_Create',
    way(
      'PyObject_CallFunction(PyExc_UnicodeEncodeError, "sOnns", encoding, ' + 'object, start, end, reason)',
      'object is a str',
    ),
  ),
  replace(
    ['PyUnicodeTranslateError_Create', '_PyUnicodeTranslateError_Create'],
    way('PyObject_CallFunction(PyExc_UnicodeTranslateError, "Onns", object, start, end, reason)', 'object is a str'),
  ),
  withoutWay(
    ['PyException_HEAD'],
    'a subclass in C of an exception takes a negative basicsize, or keeps its data in attributes',
  ),
  withoutWay(
    ['PyExc_PythonFinalizationError'],
    'there is no such name at this level; it is a subclass of RuntimeError, which people raise and catch',
  ),

  replace('PyBaseExceptionObject', [
    way('PyException_GetArgs(exc)', 'the struct is opaque; a new reference'),
    way(attribute('exc', 'args'), 'the struct is opaque; a new reference'),
  ]),
  replace('PyBaseExceptionObject.args', [
    way('PyException_GetArgs(exc)', 'a new reference instead of a borrowed one'),
    way(attribute('exc', 'args'), 'a new reference instead of a borrowed one'),
  ]),
  replace('PyBaseExceptionObject.traceback', way('PyException_GetTraceback(exc)', 'a new reference or NULL')),
  replace('PyBaseExceptionObject.context', way('PyException_GetContext(exc)', 'a new reference or NULL')),
  replace('PyBaseExceptionObject.cause', way('PyException_GetCause(exc)', 'a new reference or NULL')),
  ...fields('PyBaseExceptionObject', {
    suppress_context: '__suppress_context__',
    dict: '__dict__',
    notes: '__notes__',
  }),
  replace(['PyStopIterationObject'], way(attribute('exc', 'value'), 'the struct is opaque; a new reference')),
  ...fields('PyStopIterationObject', { value: 'value' }),
  ...fields('PySystemExitObject', { code: 'code' }),
  replace(
    ['PyOSErrorObject', 'PyEnvironmentErrorObject'],
    way(attribute('exc', 'errno'), 'the struct is opaque; a new reference'),
  ),
  ...fields('PyOSErrorObject', {
    myerrno: 'errno',
    strerror: 'strerror',
    filename: 'filename',
    filename2: 'filename2',
  }),
  ...fields('PyImportErrorObject', { msg: 'msg', name: 'name', path: 'path' }),
  ...fields('PySyntaxErrorObject', {
    msg: 'msg',
    filename: 'filename',
    lineno: 'lineno',
    offset: 'offset',
    text: 'text',
  }),
  replace(
    'PyUnicodeErrorObject',
    way(
      'PyUnicodeDecodeError_GetObject(exc)',
      'the struct is opaque; a new reference; PyUnicodeEncodeError_GetObject and ' +
        'PyUnicodeTranslateError_GetObject for ' +
        'the others',
    ),
  ),
  ...family({ start: 'GetStart', end: 'GetEnd' }, (field, call) =>
    replace(
      `PyUnicodeErrorObject.${field}`,
      way(
        `PyUnicodeDecodeError_${call}(exc, &${field})`,
        'clipped to the length of the object; -1 on error; PyUnicodeEncodeError_ and PyUnicodeTranslateError_ ' +
          'have the ' +
          'same function',
      ),
    ),
  ),
  ...fields('PyUnicodeErrorObject', { encoding: 'encoding', object: 'object', reason: 'reason' }),
  replace('_PyGen_FetchStopIterationValue', [
    way(
      'PyObject *exc = PyErr_GetRaisedException(); PyObject_GetAttrString(exc, "value")',
      'where the exception is a StopIteration; release exc; nothing raised means None',
    ),
    way(
      'PyErr_Fetch(&type, &value, &traceback); PyErr_NormalizeException(&type, &value, &traceback); ' +
        'PyObject_GetAttrString(value, "value")',
      'where the exception is a StopIteration; release all three',
    ),
  ]),
  replace(
    '_PyGen_SetStopIterationValue',
    way(
      'PyErr_SetObject(PyExc_StopIteration, value)',
      'a value that is a tuple or an exception must be wrapped: call PyExc_StopIteration with it first',
    ),
  ),

  replace(
    ['_PyThreadState_UncheckedGet', 'PyThreadState_GetUnchecked', '_PyThreadState_Current'],
    way(
      'PyGILState_GetThisThreadState()',
      'the thread state of this thread, attached or not, NULL if it has none; not right with sub-interpreters',
    ),
  ),
  replace(
    'PyGILState_Check',
    way(
      'PyGILState_GetThisThreadState() != NULL',
      'only says that the thread has a thread state, not that it holds the GIL; not right with sub-interpreters',
    ),
  ),
  replace('PyThreadState.interp', [
    way('PyThreadState_GetInterpreter(tstate)', 'the same pointer'),
    way('PyInterpreterState_Get()', 'for the current thread only'),
  ]),
  replace('PyThreadState_GetInterpreter', way('PyInterpreterState_Get()', 'for the current thread only')),
  replace(['_PyInterpreterState_Get'], way('PyInterpreterState_Get()', 'the same pointer')),
  withoutWay(
    'PyInterpreterState_Get',
    'no Limited API function gives the interpreter at this level; people keep per-interpreter data in the module ' +
      'state',
  ),
  withoutWay(
    'PyInterpreterState_GetDict',
    'there is no dict of the interpreter at this level; people use the module state',
  ),
  withoutWay('PyThreadState_GetID', 'number the threads yourself, by PyThread_get_thread_ident'),
  replace('PyThreadState.frame', [
    way('PyThreadState_GetFrame(tstate)', 'a new reference instead of a borrowed one, NULL if nothing runs'),
    way('PyEval_GetFrame()', 'a borrowed reference, for the current thread only'),
  ]),
  replace(
    ['PyThreadState_GetFrame', '_PyThreadState_GetFrame'],
    way('PyEval_GetFrame()', 'a borrowed reference, for the current thread only'),
  ),
  replace(
    'PyThreadState.dict',
    way(
      'PyThreadState_GetDict()',
      'borrowed, as before; for the current thread only; makes the dict if need be, NULL without an exception on ' +
        'failure',
    ),
  ),
  replace('PyThreadState.id', way('PyThreadState_GetID(tstate)', 'the same number'), 'number the threads yourself'),
  replace('PyThreadState.thread_id', way('PyThread_get_thread_ident()', 'for the current thread only')),
  replace(
    [
      'PyThreadState.curexc_type',
      'PyThreadState.curexc_value',
      'PyThreadState.curexc_traceback',
      'PyThreadState.current_exception',
    ],
    [
      way(
        'PyErr_GetRaisedException()',
        'a new reference, and the error indicator is clear after it: PyErr_SetRaisedException puts it back',
        ['PyErr_SetRaisedException'],
      ),
      way(
        'PyErr_Fetch(&type, &value, &traceback); PyErr_Restore(type, value, traceback)',
        'own references between the two calls; the indicator is clear meanwhile',
      ),
    ],
  ),
  replace(
    [
      'PyThreadState.exc_info',
      'PyThreadState.exc_state',
      '_PyErr_StackItem',
      'PyThreadState.exc_type',
      'PyThreadState.exc_value',
      'PyThreadState.exc_traceback',
    ],
    [
      way('PyErr_GetHandledException()', 'a new reference or NULL; PyErr_SetHandledException puts one in place'),
      way('PyErr_GetExcInfo(&type, &value, &traceback)', 'new references; PyErr_SetExcInfo puts them back and steals'),
    ],
  ),
  replace(
    ['PyThreadState.recursion_depth', 'PyThreadState.py_recursion_remaining', 'PyThreadState.recursion_headroom'],
    way(
      'if (Py_EnterRecursiveCall(" in a call")) return NULL; Py_LeaveRecursiveCall()',
      'checks the depth; the number itself stays hidden',
    ),
    'people count the depth themselves',
  ),
  withoutWay(
    [
      'PyThreadState.tracing',
      'PyThreadState.use_tracing',
      'PyThreadState.c_tracefunc',
      'PyThreadState.c_profilefunc',
      'PyThreadState.c_traceobj',
      'PyThreadState.c_profileobj',
      'PyThreadState_EnterTracing',
      'PyThreadState_LeaveTracing',
    ],
    'tracing from C is not in the Limited API; people install Python functions by sys.settrace and sys.setprofile',
  ),
  withoutWay(
    [
      'PyThreadState.prev',
      'PyThreadState.next',
      'PyThreadState.gilstate_counter',
      'PyThreadState.async_exc',
      'PyThreadState.current_frame',
      'PyThreadState.cframe',
      'PyThreadState.datastack_top',
      'PyThreadState.context',
      'PyThreadState.trash_delete_nesting',
      'PyThreadState.on_delete',
    ],
    noThreadFields,
  ),
  withoutWay(
    [
      'PyInterpreterState_Head',
      'PyInterpreterState_Next',
      'PyInterpreterState_Main',
      'PyInterpreterState_ThreadHead',
      'PyThreadState_Next',
    ],
    'interpreters and threads cannot be walked with the Limited API; people keep a list of their own, or call ' +
      'sys._current_frames',
  ),
  replace(
    '_PyThread_CurrentFrames',
    way('PyObject_CallObject(PySys_GetObject("_current_frames"), NULL)', 'a new dict'),
  ),
  replace(
    'PyThreadState_DeleteCurrent',
    way('PyGILState_Release(state)', 'for a thread state that PyGILState_Ensure made'),
  ),
  replace(
    'PyEval_SetTrace',
    way('PyObject_CallFunctionObjArgs(PySys_GetObject("settrace"), f, NULL)', 'f is a Python callable: no C callback'),
  ),
  replace(
    'PyEval_SetProfile',
    way(
      'PyObject_CallFunctionObjArgs(PySys_GetObject("setprofile"), f, NULL)',
      'f is a Python callable: no C callback',
    ),
  ),
  replace(
    'PyEval_SetTraceAllThreads',
    way(
      'PyObject_CallMethod(threading, "settrace_all_threads", "O", f)',
      'with threading the imported module, from runtime 3.12 on; f is a Python callable',
    ),
  ),
  replace(
    'PyEval_SetProfileAllThreads',
    way(
      'PyObject_CallMethod(threading, "setprofile_all_threads", "O", f)',
      'with threading the imported module, from runtime 3.12 on; f is a Python callable',
    ),
  ),
  withoutWay(
    [
      'Py_tracefunc',
      'PyTrace_CALL',
      'PyTrace_EXCEPTION',
      'PyTrace_LINE',
      'PyTrace_RETURN',
      'PyTrace_C_CALL',
      'PyTrace_C_RETURN',
      'PyTrace_C_EXCEPTION',
      'PyTrace_OPCODE',
    ],
    'tracing from C is not in the Limited API; people install Python functions by sys.settrace and sys.setprofile',
  ),
  replace('PyEval_AcquireLock', way('PyEval_AcquireThread(tstate)', 'names the thread state to attach')),
  replace('PyEval_ReleaseLock', way('PyEval_ReleaseThread(tstate)', 'names the thread state to detach')),
  replace('PyEval_ThreadsInitialized', way('1', 'always so since 3.7')),
  withoutWay(['PyEval_InitThreads', 'PyEval_ReInitThreads'], 'delete the call: Py_Initialize does it since 3.7'),
  withoutWay(
    'PySys_AddAuditHook',
    'hooks in C are not in the Limited API; people call sys.addaudithook with a Python callable',
  ),
  replace(
    ['PySys_Audit', 'PySys_AuditTuple'],
    way(
      'PyObject_CallFunction(PySys_GetObject("audit"), "sO", event, arg)',
      'a new reference to None instead of an int; runtimes before 3.8 lack sys.audit',
    ),
  ),

  replace(['PyMutex_Lock', '_PyMutex_Lock'], way('PyThread_acquire_lock(lock, WAIT_LOCK)', lock)),
  replace(['PyMutex_Unlock', '_PyMutex_Unlock'], way('PyThread_release_lock(lock)', lock)),
  replace(
    'PyMutex_IsLocked',
    way('PyThread_acquire_lock(lock, NOWAIT_LOCK)', '0 means that it is locked; else release it'),
  ),
  replace(
    'PyMutex',
    way(
      'PyThread_type_lock lock = PyThread_allocate_lock()',
      'made and freed at run time, not by zero bytes; NULL on failure; the mutexes and atomics of C11 are another way',
    ),
  ),
  replace(
    ['Py_BEGIN_CRITICAL_SECTION_MUTEX', 'PyCriticalSection_BeginMutex'],
    way('PyThread_acquire_lock(lock, ' + 'WAIT_LOCK)', lock),
  ),
  withoutWay(
    ['PyCriticalSection_Begin', 'PyCriticalSection_End', 'PyCriticalSection2_Begin', 'PyCriticalSection2_End'],
    'older runtimes have no critical sections, and with the GIL none are needed; guard the calls by level',
  ),
  replace(
    'Py_tss_NEEDS_INIT',
    way(
      'Py_tss_t *key = PyThread_tss_alloc()',
      'allocated at run time, as the struct is opaque; then PyThread_tss_create, in the end PyThread_tss_free',
    ),
  ),
  ...family({ alloc: 0, create: 0, delete: 0, free: 0, get: 0, is_created: 0, set: 0 }, (part) =>
    replace(
      `PyThread_tss_${part}`,
      [],
      'use the thread-local storage of the compiler, or the dict of PyThreadState_GetDict',
    ),
  ),
  ...family(
    {
      create_key: 'PyThread_tss_create(key)',
      delete_key: 'PyThread_tss_delete(key)',
      set_key_value: 'PyThread_tss_set(key, value)',
      get_key_value: 'PyThread_tss_get(key)',
      delete_key_value: 'PyThread_tss_set(key, NULL)',
    },
    (part, call) =>
      replace(
        `PyThread_${part}`,
        way(call, 'with key a Py_tss_t pointer from PyThread_tss_alloc'),
        'use the thread-local storage of the compiler',
      ),
  ),
  replace(
    'Py_IsFinalizing',
    way('PyObject_CallObject(PySys_GetObject("is_finalizing"), NULL)', 'a new bool; needs an attached thread state'),
  ),
  replace('_Py_IsFinalizing', [
    way('Py_IsFinalizing()', 'the same answer'),
    way('PyObject_CallObject(PySys_GetObject("is_finalizing"), NULL)', 'a new bool; needs an attached thread state'),
  ]),
  withoutWay(['_PyOnceFlag', '_Py_atomic_int'], 'use <stdatomic.h> of C11 or <atomic> of C++'),
]
