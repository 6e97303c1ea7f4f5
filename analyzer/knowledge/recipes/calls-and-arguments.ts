import { type Recipe, recipe } from '../recipe.ts'
import { shimmed } from './build.ts'

const sizeFormats = 'for `#` in the format PY_SSIZE_T_CLEAN must be defined'

/** Calling objects, and looking up their attributes. */
export const callsAndArguments: readonly Recipe[] = [
  recipe('PyObject_CallNoArgs(f)', 'PyObject_CallObject(f, NULL)'),
  recipe('_PyObject_CallNoArg(f)', 'PyObject_CallNoArgs(f)'),
  recipe('_PyObject_CallNoArg(f)', 'PyObject_CallObject(f, NULL)'),
  recipe('PyObject_CallOneArg(f, a)', 'PyObject_CallFunctionObjArgs(f, a, NULL)'),
  recipe('_PyObject_CallOneArg(f, a)', 'PyObject_CallFunctionObjArgs(f, a, NULL)'),
  recipe('_PyObject_CallArg1(f, a)', 'PyObject_CallFunctionObjArgs(f, a, NULL)'),
  recipe('PyObject_CallMethodNoArgs(o, name)', 'PyObject_CallMethodObjArgs(o, name, NULL)'),
  recipe('_PyObject_CallMethodNoArgs(o, name)', 'PyObject_CallMethodObjArgs(o, name, NULL)'),
  recipe('PyObject_CallMethodOneArg(o, name, a)', 'PyObject_CallMethodObjArgs(o, name, a, NULL)'),
  recipe('_PyObject_CallMethodOneArg(o, name, a)', 'PyObject_CallMethodObjArgs(o, name, a, NULL)'),
  ...shimmed('PyObject_Vectorcall', 'PyObject_VectorcallMethod', 'PyObject_VectorcallDict'),
  recipe('_PyObject_Vectorcall', 'PyObject_Vectorcall'),
  recipe('_PyObject_Vectorcall', 'PepObject_Vectorcall'),
  recipe('_PyObject_VectorcallMethod', 'PyObject_VectorcallMethod'),
  recipe('_PyObject_VectorcallMethod', 'PepObject_VectorcallMethod'),
  ...shimmed('PyVectorcall_NARGS'),
  recipe('_PyVectorcall_NARGS(nargsf)', 'PyVectorcall_NARGS(nargsf)'),
  recipe('_PyVectorcall_NARGS(nargsf)', 'PepVectorcall_NARGS(nargsf)'),
  recipe('PY_VECTORCALL_ARGUMENTS_OFFSET', 'Pep_VECTORCALL_ARGUMENTS_OFFSET'),
  recipe('_PyObject_FastCall(f, args, nargs)', 'PyObject_Vectorcall(f, args, nargs, NULL)'),
  recipe('_PyObject_FastCall(f, args, nargs)', 'PepObject_Vectorcall(f, args, nargs, NULL)'),
  recipe('_PyObject_FastCallDict', 'PepObject_VectorcallDict'),
  recipe('_PyObject_FastCallKeywords', 'PyObject_Vectorcall'),
  recipe('_PyObject_FastCallKeywords', 'PepObject_Vectorcall'),
  recipe('PyEval_CallObject(f, args)', 'PyObject_CallObject((PyObject *)f, (PyObject *)args)'),
  recipe('PyEval_CallObjectWithKeywords(f, args, kwargs)', 'PyObject_CallObject(f, args)', '', {
    literals: [[2, /^NULL$/]],
  }),
  recipe(
    'PyEval_CallObjectWithKeywords(f, args, kwargs)',
    'PyObject_Call(f, args, kwargs)',
    'NULL is no longer taken for an empty tuple of arguments, and what is no tuple is not refused',
  ),
  recipe('PyEval_CallFunction', 'PyObject_CallFunction'),
  recipe('PyEval_CallMethod', 'PyObject_CallMethod'),
  recipe('PyCFunction_Call', 'PyObject_Call'),
  recipe('_PyObject_CallFunction_SizeT', 'PyObject_CallFunction', sizeFormats),
  recipe('_PyObject_CallMethod_SizeT', 'PyObject_CallMethod', sizeFormats),
  recipe('_Py_BuildValue_SizeT', 'Py_BuildValue', sizeFormats),

  ...shimmed('PyObject_GetOptionalAttr', 'PyObject_GetOptionalAttrString'),
  recipe('_PyObject_CallMethodId', 'PepObject_CallMethodId', '', { called: true }),
  ...shimmed(
    '_PyObject_GetAttrId',
    '_PyObject_SetAttrId',
    '_PyObject_HasAttrId',
    '_PyObject_LookupAttrId',
    '_PyObject_CallMethodIdObjArgs',
    '_PyObject_CallMethodIdNoArgs',
    '_PyObject_CallMethodIdOneArg',
  ),
  recipe('_PyObject_LookupAttr', 'PyObject_GetOptionalAttr'),
  recipe('_PyObject_LookupAttr', 'PepObject_GetOptionalAttr'),
  recipe('_PyObject_GenericGetAttrWithDict(o, name, dict, suppress)', 'PyObject_GenericGetAttr(o, name)', '', {
    literals: [
      [2, /^NULL$/],
      [3, /^0$/],
    ],
  }),
  recipe('_PyObject_GenericSetAttrWithDict(o, name, value, dict)', 'PyObject_GenericSetAttr(o, name, value)', '', {
    literals: [[3, /^NULL$/]],
  }),
]
