import { type Recipe, recipe } from '../recipe.ts'
import { shimmed } from './build.ts'

/** Exceptions, thread states and interpreters. */
export const errorsAndThreads: readonly Recipe[] = [
  recipe('PyErr_Warn(category, message)', 'PyErr_WarnEx(category, message, 1)'),
  ...shimmed(
    'PyErr_GetRaisedException',
    'PyErr_SetRaisedException',
    'PyException_GetArgs',
    'PyException_SetArgs',
    'PyErr_FormatUnraisable',
    '_PyErr_ChainExceptions',
    '_PyErr_ChainExceptions1',
  ),
  recipe('_PyErr_BadInternalCall(file, line)', 'PyErr_BadInternalCall()', '', {
    literals: [
      [0, /^__FILE__$/],
      [1, /^__LINE__$/],
    ],
  }),
  recipe('_PyErr_SetKeyError(key)', 'PyErr_SetObject(PyExc_KeyError, key)'),
  recipe('_PyErr_WriteUnraisableMsg(message, o)', 'PyErr_WriteUnraisable(o)', 'the message is lost'),

  recipe('PyThreadState.interp', 'PyThreadState_GetInterpreter((PyThreadState *)it)'),
  recipe('PyThreadState.id', 'PyThreadState_GetID((PyThreadState *)it)'),
  recipe('PyThreadState.thread_id', 'PyThread_get_thread_ident()', '', { current: true }),
  recipe('PyThreadState.dict', 'PyThreadState_GetDict()', '', { current: true }),
  recipe('PyThreadState.frame', 'PyEval_GetFrame()', '', { current: true }),
  recipe('PyThreadState.curexc_type', 'PyErr_Occurred()', '', { current: true }),
  ...shimmed(
    'Py_BEGIN_CRITICAL_SECTION',
    'Py_END_CRITICAL_SECTION',
    'Py_BEGIN_CRITICAL_SECTION2',
    'Py_END_CRITICAL_SECTION2',
    'Py_TRASHCAN_BEGIN',
    'Py_TRASHCAN_END',
  ),
  recipe('_PyThreadState_UncheckedGet()', 'PepThreadState_GetUnchecked()'),
  recipe('PyThreadState_GetUnchecked()', 'PepThreadState_GetUnchecked()'),
  recipe('_PyInterpreterState_Get', 'PyInterpreterState_Get'),
  recipe(
    '_PyThread_CurrentFrames()',
    'PyObject_CallObject(PySys_GetObject("_current_frames"), NULL)',
    'a program may have put something else into `sys`',
  ),
  recipe('PyEval_ThreadsInitialized()', '1', 'it may be too early', { sameFrom: 7 }),
  recipe('_Py_IsFinalizing', 'Py_IsFinalizing'),
]
