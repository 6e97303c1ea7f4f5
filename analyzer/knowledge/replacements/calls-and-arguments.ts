import type { Replacement } from '../replacement.ts'
import { replace, way, withoutWay } from './build.ts'

const vectorcall = way('PyObject_Vectorcall(f, args, nargsf, kwnames)', 'the same arguments and a new reference')
const tupleCall = way(
  'PyObject_Call(f, args, kwargs)',
  'args is a tuple built from the array, kwargs a dict built from the keyword names or NULL',
)
const parse = way(
  'PyArg_ParseTupleAndKeywords(args, kwargs, format, kwlist, &a)',
  'with METH_VARARGS | METH_KEYWORDS; where Argument Clinic made the code, make it again for the Limited API',
)

/** The call protocol and argument parsing. */
export const callsAndArguments: readonly Replacement[] = [
  replace(['PyObject_CallNoArgs'], way('PyObject_CallObject(f, NULL)', 'the same result')),
  replace(
    ['_PyObject_CallNoArg', '_PyObject_CallNoArgs'],
    [way('PyObject_CallNoArgs(f)'), way('PyObject_CallObject(f, NULL)')],
  ),
  replace(
    ['PyObject_CallOneArg', '_PyObject_CallOneArg', '_PyObject_CallArg1'],
    way('PyObject_CallFunctionObjArgs(f, arg, NULL)', 'the same result; a NULL arg would end the list unnoticed'),
  ),
  replace(
    ['PyObject_CallMethodNoArgs', '_PyObject_CallMethodNoArgs'],
    way('PyObject_CallMethodObjArgs(o, name, NULL)', 'the same result'),
  ),
  replace(
    ['PyObject_CallMethodOneArg', '_PyObject_CallMethodOneArg'],
    way(
      'PyObject_CallMethodObjArgs(o, name, arg, ' + 'NULL)',
      'the same result; a NULL arg would end the list unnoticed',
    ),
  ),
  replace(['PyObject_Vectorcall'], tupleCall),
  replace(['_PyObject_Vectorcall', '_PyObject_FastCallKeywords'], [vectorcall, tupleCall]),
  replace(
    'PyObject_VectorcallMethod',
    way(
      'PyObject *m = PyObject_GetAttr(args[0], name); PyObject *r = ' + 'PyObject_Call(m, t, kwargs)',
      'with t a tuple of the arguments after the first; release m and t',
    ),
  ),
  replace('_PyObject_VectorcallMethod', [
    way('PyObject_VectorcallMethod(name, args, nargsf, kwnames)', 'the same arguments and a new reference'),
    way(
      'PyObject *m = PyObject_GetAttr(args[0], name); PyObject *r = PyObject_Call(m, t, kwargs)',
      'with t a tuple of the arguments after the first; release m and t',
    ),
  ]),
  replace(
    ['PyObject_VectorcallDict', '_PyObject_FastCallDict'],
    way('PyObject_Call(f, args, kwargs)', 'args is a tuple built from the array; the dict can stay'),
  ),
  replace('_PyObject_FastCall', [
    way('PyObject_Vectorcall(f, args, nargs, NULL)', 'the same arguments and a new reference'),
    way('PyObject_Call(f, args, NULL)', 'args is a tuple built from the array'),
  ]),
  replace(
    ['PyVectorcall_Function', '_PyVectorcall_Function'],
    [],
    'the Limited API does not hand out the function; people call the object with PyObject_Vectorcall or PyObject_Call',
  ),
  replace(
    'PyVectorcall_NARGS',
    way(
      '(Py_ssize_t)(nargsf & ~((size_t)1 << (8 * sizeof(size_t) - 1)))',
      'the same value; a vectorcall function is of use only where the flag Py_TPFLAGS_HAVE_VECTORCALL is known',
    ),
  ),
  replace('_PyVectorcall_NARGS', way('PyVectorcall_NARGS(nargsf)')),
  replace(
    'PyVectorcall_Call',
    [],
    'vectorcall is not in the Limited API at this level; people define tp_call with a ' +
      'function that takes a tuple and a dict',
  ),
  replace(
    ['Py_TPFLAGS_HAVE_VECTORCALL', '_Py_TPFLAGS_HAVE_VECTORCALL', 'vectorcallfunc'],
    way('{Py_tp_call, (void *)call}', 'the call takes a tuple and a dict'),
  ),
  replace('PyEval_CallObject', way('PyObject_CallObject(f, args)', 'args is a tuple or NULL, as before')),
  replace(
    'PyEval_CallObjectWithKeywords',
    way('PyObject_Call(f, args, kwargs)', 'args must be a tuple: give an empty one instead of NULL'),
  ),
  replace(
    'PyEval_CallFunction',
    way(
      'PyObject_CallFunction(f, format, a)',
      'the same formats; a single tuple is spread into arguments, so write "(O)" for it',
    ),
  ),
  replace(
    'PyEval_CallMethod',
    way(
      'PyObject_CallMethod(o, name, format, a)',
      'the same formats; a single tuple is spread into arguments, so write "(O)" for it',
    ),
  ),
  replace('PyCFunction_Call', way('PyObject_Call(f, args, kwargs)', 'works for every callable')),
  replace(
    ['_PyObject_CallFunction_SizeT'],
    way('PyObject_CallFunction(f, format, a)', 'with PY_SSIZE_T_CLEAN defined for #'),
  ),
  replace(
    ['_PyObject_CallMethod', '_PyObject_CallMethod_SizeT', '_PyObject_CallMethodId', '_PyObject_CallMethodId_SizeT'],
    way('PyObject_CallMethod(o, "name", format, a)', 'makes a str of the name at each call'),
  ),
  replace(
    '_PyObject_CallMethodIdNoArgs',
    way('PyObject_CallMethodObjArgs(o, name, NULL)', 'name is an interned str in the module state'),
  ),
  replace(
    '_PyObject_CallMethodIdOneArg',
    way('PyObject_CallMethodObjArgs(o, name, arg, NULL)', 'name is an interned str in the module state'),
  ),
  replace(
    '_PyObject_CallMethodIdObjArgs',
    way('PyObject_CallMethodObjArgs(o, name, a, NULL)', 'name is an interned str in the module state'),
  ),
  replace('_PyObject_GetAttrId', way('PyObject_GetAttrString(o, "name")', 'makes a str of the name at each call')),
  replace('_PyObject_SetAttrId', way('PyObject_SetAttrString(o, "name", v)', 'makes a str of the name at each call')),
  replace('_PyObject_HasAttrId', [
    way('PyObject_HasAttrStringWithError(o, "name")', '-1 on error'),
    way('PyObject_HasAttrString(o, "name")', 'swallows errors'),
  ]),
  replace('_PyObject_LookupAttr', [
    way('PyObject_GetOptionalAttr(o, name, &result)', '1, 0 or -1 and a new reference, as before'),
    way(
      'PyObject_GetAttr(o, name)',
      'where it is NULL test PyErr_ExceptionMatches(PyExc_AttributeError), then PyErr_Clear',
    ),
  ]),
  replace('_PyObject_LookupAttrId', [
    way('PyObject_GetOptionalAttrString(o, "name", &result)', '1, 0 or -1 and a new reference, as before'),
    way(
      'PyObject_GetAttrString(o, "name")',
      'where it is NULL test PyErr_ExceptionMatches(PyExc_AttributeError), then PyErr_Clear',
    ),
  ]),
  replace(
    'PyObject_GetOptionalAttr',
    way(
      'PyObject_GetAttr(o, name)',
      'where it is NULL test PyErr_ExceptionMatches(PyExc_AttributeError), then PyErr_Clear',
    ),
  ),
  replace(
    'PyObject_GetOptionalAttrString',
    way(
      'PyObject_GetAttrString(o, name)',
      'where it is NULL test PyErr_ExceptionMatches(PyExc_AttributeError), then PyErr_Clear',
    ),
  ),
  replace(
    'PyObject_HasAttrWithError',
    way(
      'PyObject_GetAttr(o, name)',
      'a new reference, to be released; where it is NULL test PyErr_ExceptionMatches(PyExc_AttributeError), then ' +
        'PyErr_Clear; PyObject_HasAttr would swallow all errors',
    ),
  ),
  replace(
    'PyObject_HasAttrStringWithError',
    way(
      'PyObject_GetAttrString(o, name)',
      'a new reference, to be released; where it is NULL test PyErr_ExceptionMatches(PyExc_AttributeError), then ' +
        'PyErr_Clear; PyObject_HasAttrString would swallow all errors',
    ),
  ),
  replace('_PyObject_GetMethod', way('PyObject_GetAttr(o, name)', 'makes a bound method; call it without the object')),
  replace(
    ['_PyObject_LookupSpecial', '_PyObject_LookupSpecialId'],
    way(
      'PyObject_GetAttr((PyObject *)Py_TYPE(o), ' + 'name)',
      'not bound: call it with the object as first argument; looks at the metaclass too',
    ),
  ),
  replace(
    '_PyObject_HasLen',
    way(
      '(PySequence_Check(o) || PyMapping_Check(o))',
      'nearly: true also for a class with ' +
        '__getitem__ only; PyObject_Size raises TypeError where there is no length',
    ),
  ),
  replace(
    '_PyObject_IsAbstract',
    way(
      'PyObject_GetAttrString(o, "__isabstractmethod__")',
      'a new reference, to be tested with PyObject_IsTrue; AttributeError means no',
    ),
  ),
  replace(
    '_PyObject_FunctionStr',
    way('PyObject_GetAttrString(f, "__qualname__")', 'a new reference; without module and brackets'),
  ),
  replace(
    '_PyStack_AsDict',
    way(
      'PyDict_SetItem(kwargs, PyTuple_GetItem(kwnames, i), args[nargs + i])',
      'in a loop over the names, into a PyDict_New',
    ),
  ),
  replace(
    [
      '_PyArg_ParseStack',
      '_PyArg_ParseStackAndKeywords',
      '_PyArg_ParseTupleAndKeywordsFast',
      '_PyArg_Parser',
      '_PyArg_UnpackKeywords',
      'PyArg_ParseArrayAndKeywords',
    ],
    parse,
  ),
  replace(
    ['_PyArg_UnpackStack'],
    way('PyArg_UnpackTuple(args, name, min, max, &a)', 'with METH_VARARGS; borrowed references'),
  ),
  replace('PyArg_ParseArray', way('PyArg_ParseTuple(args, format, &a)', 'with METH_VARARGS instead of METH_FASTCALL')),
  replace(
    '_PyArg_CheckPositional',
    way('(min <= nargs && nargs <= max)', 'raise TypeError with PyErr_Format yourself'),
  ),
  replace(
    '_PyArg_NoKeywords',
    way('(kwargs == NULL || PyDict_Size(kwargs) == 0)', 'raise TypeError with PyErr_Format yourself'),
  ),
  replace(
    '_PyArg_NoKwnames',
    way('(kwnames == NULL || PyTuple_Size(kwnames) == 0)', 'raise TypeError with PyErr_Format yourself'),
  ),
  replace(
    '_PyArg_NoPositional',
    way('(args == NULL || PyTuple_Size(args) == 0)', 'raise TypeError with PyErr_Format yourself'),
  ),
  replace(
    '_PyArg_BadArgument',
    way(
      'PyErr_Format(PyExc_TypeError, "f() argument 1 must be str, not %R", Py_TYPE(arg))',
      'the type prints as its repr',
    ),
  ),
  replace(['_Py_BuildValue_SizeT'], way('Py_BuildValue(format, a)', 'with PY_SSIZE_T_CLEAN defined for #')),
  replace(
    'METH_FASTCALL',
    way(
      '{"name", function, METH_VARARGS, doc}',
      'the function gets a tuple of its arguments instead of an array and a count; slower',
    ),
  ),
  replace(
    ['METH_METHOD', 'PyCMethod'],
    [],
    'the defining class is not passed at this level; people keep a pointer to the module state in the instance or ' +
      'its type',
  ),
  withoutWay('PyCMethod_New', 'make the function with PyCFunction_NewEx and give it the state as its self'),
  replace(
    ['_PyCFunctionFast'],
    way('PyCFunctionFast', 'the public name of the same type, in newer headers'),
    'write the prototype out: PyObject *(*)(PyObject *, PyObject *const *, Py_ssize_t)',
  ),
  replace(
    ['_PyCFunctionFastWithKeywords'],
    way('PyCFunctionFastWithKeywords', 'the public name of the same type, in newer headers'),
    'write the prototype out: PyObject *(*)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *)',
  ),
]
