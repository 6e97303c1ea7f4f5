import type { Replacement } from '../replacement.ts'
import { family, replace, way, withoutWay } from './build.ts'

const attribute = (object: string, name: string) => `PyObject_GetAttrString(${object}, "${name}")`
const newNotBorrowed = 'a new reference instead of a borrowed one, NULL on failure'
const newInt = 'a new int, to be read with PyLong_AsLong'

/** A type check by a type object that the module imports. */
const typeCheck = (names: string | readonly string[], type: string) =>
  replace(
    names,
    way('Py_TYPE(o) == (PyTypeObject *)type', `with type = ${type}, imported once and kept in the module state`),
  )

/** A type object that has to be imported. */
const typeObject = (name: string, module: string, attributeName: string) =>
  replace(
    name,
    way(
      `PyObject *m = PyImport_ImportModule("${module}"); ${attribute('m', attributeName)}`,
      'a new reference, to be kept in the module state',
    ),
  )

/** One entry per field: an attribute of the same object. */
const attributes = (struct: string, object: string, fields: Readonly<Record<string, string>>, differs: string) =>
  family(fields, (field, name) => replace(`${struct}.${field}`, way(attribute(object, name), differs)))

/** Functions, methods, descriptors, cells, code objects, frames, generators and coroutines. */
export const functionsCodeFrames: readonly Replacement[] = [
  replace('PyCFunction_GET_FUNCTION', way('PyCFunction_GetFunction(f)', 'checks the type: NULL with SystemError')),
  replace(
    'PyCFunction_GET_SELF',
    way(
      'PyCFunction_GetSelf(f)',
      'a borrowed reference, as before; checks the type; NULL without an exception for METH_STATIC',
    ),
  ),
  replace('PyCFunction_GET_FLAGS', way('PyCFunction_GetFlags(f)', 'checks the type: -1 with SystemError')),
  withoutWay(
    'PyCFunction_GET_CLASS',
    'the Limited API does not tell; a METH_METHOD function gets its class as an argument',
  ),
  replace(
    'PyCFunctionObject',
    way(
      'PyCFunction_GetFunction(f)',
      'the struct is opaque; PyCFunction_GetSelf and ' + 'PyCFunction_GetFlags for the rest',
    ),
  ),
  replace('PyCFunctionObject.m_self', way('PyCFunction_GetSelf(f)', 'a borrowed reference, as before')),
  replace(
    'PyCFunctionObject.m_ml',
    way(
      attribute('f', '__name__'),
      'a new str; flags and function by PyCFunction_GetFlags and PyCFunction_GetFunction, the text by the attribute ' +
        '__doc__',
    ),
  ),
  ...attributes('PyCFunctionObject', 'f', { m_module: '__module__' }, newNotBorrowed),
  replace(
    ['PyCMethod_Check', 'PyCMethod_CheckExact'],
    way('PyCFunction_Check(o)', 'true for every function in C, with a defining class or without'),
  ),

  replace(
    'PyMethod_New',
    way(
      'PyObject_CallFunctionObjArgs(method_type, function, self, NULL)',
      'with method_type = types.MethodType, kept in the module state; a new reference, as before',
    ),
  ),
  replace(['PyMethod_Function', 'PyMethod_GET_FUNCTION'], way(attribute('m', '__func__'), newNotBorrowed)),
  replace(['PyMethod_Self', 'PyMethod_GET_SELF'], way(attribute('m', '__self__'), newNotBorrowed)),
  ...attributes('PyMethodObject', 'm', { im_func: '__func__', im_self: '__self__' }, newNotBorrowed),
  replace(
    'PyMethodObject',
    way(attribute('m', '__func__'), 'the struct is opaque; the object is the attribute __self__'),
  ),
  typeCheck('PyMethod_Check', 'types.MethodType'),
  typeObject('PyMethod_Type', 'types', 'MethodType'),
  withoutWay(
    [
      'PyInstanceMethod_New',
      'PyInstanceMethod_Function',
      'PyInstanceMethod_GET_FUNCTION',
      'PyInstanceMethod_Check',
      'PyInstanceMethod_Type',
    ],
    'there is no way to the type, not even from Python; people define the method in C with a PyMethodDef',
  ),
  replace(
    'PyStaticMethod_New',
    way('PyObject_CallFunctionObjArgs(static_method, callable, NULL)', 'with static_method = builtins.staticmethod'),
  ),
  replace(
    'PyClassMethod_New',
    way('PyObject_CallFunctionObjArgs(class_method, callable, NULL)', 'with class_method = builtins.classmethod'),
  ),
  typeObject('PyStaticMethod_Type', 'builtins', 'staticmethod'),
  typeObject('PyClassMethod_Type', 'builtins', 'classmethod'),

  typeCheck('PyFunction_Check', 'types.FunctionType'),
  typeObject('PyFunction_Type', 'types', 'FunctionType'),
  replace('PyFunctionObject', way(attribute('f', '__code__'), 'the struct is opaque; each field is an attribute')),
  ...family(
    {
      Code: '__code__',
      Globals: '__globals__',
      Defaults: '__defaults__',
      KwDefaults: '__kwdefaults__',
      Closure: '__closure__',
      Annotations: '__annotations__',
      Module: '__module__',
    },
    (part, name) =>
      replace(
        [`PyFunction_Get${part}`, `PyFunction_GET_${part === 'KwDefaults' ? 'KW_DEFAULTS' : part.toUpperCase()}`],
        way(attribute('f', name), `${newNotBorrowed}; None instead of NULL where there is nothing`),
      ),
  ),
  ...family({ Defaults: '__defaults__', KwDefaults: '__kwdefaults__', Annotations: '__annotations__' }, (part, name) =>
    replace(`PyFunction_Set${part}`, way(`PyObject_SetAttrString(f, "${name}", v)`, '-1 with an exception on error')),
  ),
  withoutWay(
    ['PyFunction_SetClosure', 'PyFunction_SetVectorcall'],
    'no Limited API function does this; make a new function',
  ),
  ...attributes(
    'PyFunctionObject',
    'f',
    {
      func_code: '__code__',
      func_globals: '__globals__',
      func_defaults: '__defaults__',
      func_kwdefaults: '__kwdefaults__',
      func_closure: '__closure__',
      func_doc: '__doc__',
      func_dict: '__dict__',
      func_module: '__module__',
      func_annotations: '__annotations__',
    },
    `${newNotBorrowed}; None instead of NULL where there is nothing`,
  ),
  replace('PyFunctionObject.func_name', way(attribute('f', '__name__'), newNotBorrowed)),
  replace('PyFunctionObject.func_qualname', way(attribute('f', '__qualname__'), newNotBorrowed)),
  replace(
    'PyFunction_New',
    way('PyObject_CallFunctionObjArgs(function_type, code, globals, NULL)', 'with function_type = types.FunctionType'),
  ),
  replace(
    'PyFunction_NewWithQualName',
    way(
      'PyObject_CallFunctionObjArgs(function_type, code, globals, NULL)',
      'with function_type = types.FunctionType; set the attribute __qualname__ after it',
    ),
  ),

  replace('PyDescr_NAME', way(attribute('descr', '__name__'), newNotBorrowed)),
  replace('PyDescr_TYPE', way(attribute('descr', '__objclass__'), newNotBorrowed)),
  replace(
    ['PyMethodDescrObject', 'PyGetSetDescrObject', 'PyMemberDescrObject', 'PyWrapperDescrObject', 'PyDescrObject'],
    way(
      attribute('descr', '__objclass__'),
      'the struct is opaque; the attributes are __objclass__, __name__ and __doc__',
    ),
  ),
  replace('PyDescr_IsData', [
    way('PyObject_HasAttrStringWithError((PyObject *)Py_TYPE(descr), "__set__")', '-1 on error'),
    way('PyObject_HasAttrString((PyObject *)Py_TYPE(descr), "__set__")', 'swallows errors'),
  ]),
  replace('PyDescr_NewWrapper', [], 'no Limited API function does this; describe the method with a PyMethodDef'),

  typeObject('PyCell_Type', 'types', 'CellType'),
  typeCheck('PyCell_Check', 'types.CellType'),
  replace(
    'PyCell_New',
    way(
      'PyObject_CallFunctionObjArgs(cell_type, value, NULL)',
      'with cell_type = types.CellType, which exists from runtime 3.8 on; a NULL value makes an empty cell',
    ),
  ),
  replace(
    'PyCell_Get',
    way(
      attribute('cell', 'cell_contents'),
      'a new reference, as before; ValueError instead of a bare NULL for an empty cell',
    ),
  ),
  replace(
    ['PyCell_GET', 'PyCellObject', 'PyCellObject.ob_ref'],
    way(attribute('cell', 'cell_contents'), 'a new reference instead of a borrowed one; ValueError for an empty cell'),
  ),
  replace(
    'PyCell_Set',
    way('PyObject_SetAttrString(cell, "cell_contents", v)', 'delete the attribute instead of setting NULL'),
  ),
  replace(
    'PyCell_SET',
    way('PyObject_SetAttrString(cell, "cell_contents", v)', 'does not steal v, and releases the value that was there'),
  ),

  typeObject('PyCode_Type', 'types', 'CodeType'),
  typeCheck('PyCode_Check', 'types.CodeType'),
  replace(
    'PyCodeObject',
    way(attribute('code', 'co_name'), 'the struct is opaque; each public field is an attribute of the same name'),
  ),
  ...family(
    {
      co_argcount: 0,
      co_flags: 0,
      co_posonlyargcount: 0,
      co_kwonlyargcount: 0,
      co_nlocals: 0,
      co_stacksize: 0,
      co_firstlineno: 0,
    },
    (field) => replace(`PyCodeObject.${field}`, way(attribute('code', field), newInt)),
  ),
  ...family(
    {
      co_consts: 0,
      co_names: 0,
      co_varnames: 0,
      co_freevars: 0,
      co_cellvars: 0,
      co_filename: 0,
      co_name: 0,
      co_qualname: 0,
      co_code: 0,
      co_lnotab: 0,
      co_linetable: 0,
      co_exceptiontable: 0,
    },
    (field) =>
      replace(
        `PyCodeObject.${field}`,
        way(
          attribute('code', field),
          field === 'co_qualname'
            ? `${newNotBorrowed}; runtimes before 3.11 lack it`
            : field === 'co_code'
              ? `${newNotBorrowed}; the layout of the bytecode changes with each version`
              : newNotBorrowed,
        ),
      ),
  ),
  ...family(
    { Code: 'co_code', Varnames: 'co_varnames', Freevars: 'co_freevars', Cellvars: 'co_cellvars' },
    (part, name) => replace(`PyCode_Get${part}`, way(attribute('code', name), 'a new reference, as before')),
  ),
  replace(
    'PyCode_GetNumFree',
    way('PyObject *t = PyObject_GetAttrString(code, "co_freevars"); Py_ssize_t n = ' + 'PyTuple_Size(t)', 'release t'),
  ),
  replace(
    ['PyCode_New', 'PyCode_NewWithPosOnlyArgs', 'PyCode_NewEmpty'],
    way(
      'Py_CompileString(text, filename, ' + 'Py_file_input)',
      'compiles source; to change a code object call its method replace, which exists from runtime 3.8 on',
    ),
  ),
  replace(
    'PyCode_Addr2Line',
    [],
    'no Limited API function maps an instruction to a line; the method co_lines does, ' +
      'and the attribute f_lineno of a frame or tb_lineno of a traceback has it ready',
  ),
  ...family(
    {
      CO_OPTIMIZED: '0x0001',
      CO_NEWLOCALS: '0x0002',
      CO_VARARGS: '0x0004',
      CO_VARKEYWORDS: '0x0008',
      CO_NESTED: '0x0010',
      CO_GENERATOR: '0x0020',
      CO_COROUTINE: '0x0080',
      CO_ITERABLE_COROUTINE: '0x0100',
      CO_ASYNC_GENERATOR: '0x0200',
    },
    (flag, value) =>
      replace(flag, way(`#define ${flag} ${value}`, 'the value that the module inspect has under this name')),
  ),
  replace(
    'CO_NOFREE',
    way(
      'PyObject *t = PyObject_GetAttrString(code, "co_freevars"); Py_ssize_t n = PyTuple_Size(t)',
      'the flag is gone since 3.11; ask whether co_freevars and co_cellvars are empty',
    ),
  ),

  typeObject('PyFrame_Type', 'types', 'FrameType'),
  typeCheck('PyFrame_Check', 'types.FrameType'),
  replace(
    'PyFrameObject',
    way('PyFrame_GetCode(frame)', 'the struct is opaque; a new reference; the rest are attributes of the same names'),
  ),
  replace('PyFrameObject.f_code', [
    way('PyFrame_GetCode(frame)', 'a new reference instead of a borrowed one'),
    way(attribute('(PyObject *)frame', 'f_code'), newNotBorrowed),
  ]),
  replace('PyFrameObject.f_lineno', [
    way('PyFrame_GetLineNumber(frame)', 'the line being run; the field was right only while tracing'),
    way(attribute('(PyObject *)frame', 'f_lineno'), newInt),
  ]),
  ...attributes(
    'PyFrameObject',
    '(PyObject *)frame',
    {
      f_back: 'f_back',
      f_globals: 'f_globals',
      f_locals: 'f_locals',
      f_builtins: 'f_builtins',
      f_trace: 'f_trace',
    },
    `${newNotBorrowed}; None instead of NULL where there is nothing`,
  ),
  ...attributes('PyFrameObject', '(PyObject *)frame', { f_lasti: 'f_lasti' }, newInt),
  withoutWay(
    [
      'PyFrameObject.f_valuestack',
      'PyFrameObject.f_stacktop',
      'PyFrameObject.f_localsplus',
      'PyFrameObject.f_iblock',
      'PyFrameObject.f_executing',
      'PyFrameObject.f_gen',
      'PyFrameObject.f_state',
    ],
    'the inside of a frame is not in the Limited API and changes with each version; people drop the access',
  ),
  ...family({ Back: 'f_back', Locals: 'f_locals', Globals: 'f_globals', Builtins: 'f_builtins' }, (part, name) =>
    replace(
      `PyFrame_Get${part}`,
      way(
        attribute('(PyObject *)frame', name),
        part === 'Back'
          ? 'a new reference, as before; None instead of NULL for the outermost frame'
          : 'a new reference, as before',
      ),
    ),
  ),
  replace('PyFrame_GetLasti', way(attribute('(PyObject *)frame', 'f_lasti'), newInt)),
  replace(
    'PyFrame_GetGenerator',
    way(
      attribute('(PyObject *)frame', 'f_generator'),
      'only runtimes from 3.14 on have the attribute; None where there is none',
    ),
  ),
  replace(
    ['PyFrame_GetVar', 'PyFrame_GetVarString'],
    way(
      'PyObject *locals = PyObject_GetAttrString((PyObject *)frame, "f_locals"); PyMapping_GetItemString(locals, ' +
        'name)',
      'raises KeyError instead of NameError; release locals',
    ),
  ),
  replace('PyFrame_GetCode', way(attribute('(PyObject *)frame', 'f_code'), 'a new reference, as before')),
  replace('PyFrame_GetLineNumber', way(attribute('(PyObject *)frame', 'f_lineno'), newInt)),
  withoutWay(
    ['PyFrame_New', 'PyFrame_LocalsToFast', 'PyFrame_FastToLocals', 'PyFrame_FastToLocalsWithError'],
    'frames cannot be made or written with the Limited API; to add a line to a traceback, people compile and run a ' +
      'stub that raises',
  ),
  replace('PyEval_GetFrameLocals', way('PyEval_GetLocals()', 'a borrowed reference: Py_XINCREF it')),
  replace('PyEval_GetFrameGlobals', way('PyEval_GetGlobals()', 'a borrowed reference: Py_XINCREF it')),
  replace('PyEval_GetFrameBuiltins', way('PyEval_GetBuiltins()', 'a borrowed reference: Py_XINCREF it')),

  typeObject('PyGen_Type', 'types', 'GeneratorType'),
  typeObject('PyCoro_Type', 'types', 'CoroutineType'),
  typeObject('PyAsyncGen_Type', 'types', 'AsyncGeneratorType'),
  typeCheck(['PyGen_Check', 'PyGen_CheckExact'], 'types.GeneratorType'),
  typeCheck('PyCoro_CheckExact', 'types.CoroutineType'),
  typeCheck('PyAsyncGen_CheckExact', 'types.AsyncGeneratorType'),
  replace('PyGen_GetCode', way(attribute('generator', 'gi_code'), 'a new reference, as before')),
  replace(
    'PyGenObject',
    way(
      attribute('generator', 'gi_frame'),
      'the struct is opaque; the attributes are gi_frame, gi_code, gi_running and gi_yieldfrom',
    ),
  ),
  ...attributes('PyGenObject', 'generator', { gi_frame: 'gi_frame', gi_code: 'gi_code' }, newNotBorrowed),
  withoutWay(
    ['PyGen_New', 'PyGen_NewWithQualName', 'PyCoro_New', 'PyAsyncGen_New'],
    'generators cannot be made from a frame with the Limited API; people write an iterator type, or call a generator ' +
      'function that Python code defines',
  ),
  replace(
    '_Py_Mangle',
    [],
    'write the rule yourself: a name with two leading and no two trailing underscores gets the class name, stripped ' +
      'of leading underscores, with one underscore before it',
  ),
  replace(
    ['PyTracebackObject'],
    way(
      attribute('traceback', 'tb_frame'),
      'the struct is opaque; the attributes are tb_next, tb_frame, tb_lasti and tb_lineno',
    ),
  ),
  ...attributes(
    'PyTracebackObject',
    'traceback',
    { tb_next: 'tb_next', tb_frame: 'tb_frame' },
    `${newNotBorrowed}; None instead of NULL where there is nothing`,
  ),
  ...attributes('PyTracebackObject', 'traceback', { tb_lineno: 'tb_lineno', tb_lasti: 'tb_lasti' }, newInt),
  withoutWay(
    '_PyTraceback_Add',
    'no Limited API function adds a line to a traceback; people compile and run a stub that raises',
  ),
]
