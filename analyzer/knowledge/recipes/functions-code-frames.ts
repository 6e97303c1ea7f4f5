import { type Recipe, recipe } from '../recipe.ts'
import { shimmed, shimmedCalls } from './build.ts'

const audited = 'it raises an audit event'
const otherError = 'what it refuses raises another exception than SystemError'

/** Fields of code objects that are numbers, and the shims that read them. */
const counts: Readonly<Record<string, string>> = {
  co_flags: 'FLAGS',
  co_argcount: 'ARGCOUNT',
  co_kwonlyargcount: 'KWONLYARGCOUNT',
  co_nlocals: 'NLOCALS',
  co_firstlineno: 'FIRSTLINENO',
  co_stacksize: 'STACKSIZE',
}

const attribute = (from: string, object: string, name: string): Recipe =>
  recipe(`${from}(${object})`, `PyObject_GetAttrString((PyObject *)${object}, "${name}")`)

/** Functions, methods, descriptors, cells, code objects, frames, generators and coroutines. */
export const functionsCodeFrames: readonly Recipe[] = [
  ...shimmedCalls('PyDescr_NAME', 'PyDescr_TYPE'),
  recipe('PyCFunction_GET_FUNCTION(f)', 'PyCFunction_GetFunction((PyObject *)f)'),
  recipe('PyCFunction_GET_SELF(f)', 'PyCFunction_GetSelf((PyObject *)f)'),
  recipe('PyCFunction_GET_FLAGS(f)', 'PyCFunction_GetFlags((PyObject *)f)'),
  recipe('PyCFunctionObject.m_ml.ml_name', 'PepCFunction_GET_NAMESTR((PyObject *)it)'),
  recipe('PyCFunctionObject.m_ml.ml_meth', 'PyCFunction_GetFunction((PyObject *)it)'),
  recipe('PyCFunctionObject.m_ml.ml_flags', 'PyCFunction_GetFlags((PyObject *)it)'),
  recipe(
    'PyCFunctionObject.m_self',
    'PyCFunction_GetSelf((PyObject *)it)',
    'it is NULL for a static method, where the field is the type',
  ),

  ...['Function', 'Method', 'Gen', 'Coro', 'AsyncGen', 'Code', 'Frame', 'StaticMethod', 'ClassMethod', 'ODict'].map(
    (name) => recipe(`Py${name}_Type`, `Pep${name}_Type`, '', { address: true }),
  ),
  ...shimmedCalls('PyMethod_Check', 'PyMethod_GET_FUNCTION', 'PyMethod_GET_SELF', 'PyMethod_Function', 'PyMethod_Self'),
  ...shimmed('PyMethod_New', 'PyStaticMethod_New', 'PyClassMethod_New'),
  recipe('PyMethodObject.im_func', 'PepMethod_GET_FUNCTION((PyObject *)it)'),
  recipe('PyMethodObject.im_self', 'PepMethod_GET_SELF((PyObject *)it)'),

  ...shimmedCalls(
    'PyFunction_Check',
    'PyFunction_GET_CODE',
    'PyFunction_GET_GLOBALS',
    'PyFunction_GET_DEFAULTS',
    'PyFunction_GET_KW_DEFAULTS',
    'PyFunction_GET_CLOSURE',
    'PyFunction_GET_MODULE',
  ),
  ...['Code', 'Globals', 'Defaults', 'KwDefaults', 'Closure'].map((part) =>
    recipe(`PyFunction_Get${part}(f)`, `PepFunction_Get${part}(f)`),
  ),
  ...['Code', 'Globals', 'Defaults', 'KwDefaults', 'Closure'].map((part) =>
    recipe(`PyFunctionObject.func_${part.toLowerCase()}`, `PepFunction_Get${part}((PyObject *)it)`),
  ),
  recipe('PyFunction_GetModule(f)', 'PepFunction_GetModule(f)'),
  recipe('PyFunctionObject.func_module', 'PepFunction_GetModule((PyObject *)it)'),
  recipe(
    'PyFunction_SetDefaults(f, value)',
    'PyObject_SetAttrString(f, "__defaults__", value)',
    `${audited}, and ${otherError}`,
  ),
  recipe(
    'PyFunction_SetKwDefaults(f, value)',
    'PyObject_SetAttrString(f, "__kwdefaults__", value)',
    `${audited}, and ${otherError}`,
  ),
  recipe('PyFunction_SetAnnotations(f, value)', 'PyObject_SetAttrString(f, "__annotations__", value)', otherError),
  recipe('PyFunction_New', 'PepFunction_New'),
  recipe('PyDescr_IsData(d)', '(PyType_GetSlot(Py_TYPE(d), Py_tp_descr_set) != NULL)'),

  ...shimmedCalls('PyCell_Check'),
  ...shimmed('PyCell_New', 'PyCell_Get', 'PyCell_Set'),

  ...shimmedCalls('PyCode_Check'),
  ...Object.entries(counts).map(([field, name]) =>
    recipe(`PyCodeObject.${field}`, `PepCode_GET_${name}((PyObject *)it)`),
  ),
  recipe('PyCodeObject.co_posonlyargcount', 'PepObject_GetIntAttr((PyObject *)it, "co_posonlyargcount")'),
  ...['Code', 'Varnames', 'Freevars', 'Cellvars'].map((part) =>
    attribute(`PyCode_Get${part}`, 'code', `co_${part.toLowerCase()}`),
  ),
  ...[
    'OPTIMIZED',
    'NEWLOCALS',
    'VARARGS',
    'VARKEYWORDS',
    'NESTED',
    'GENERATOR',
    'NOFREE',
    'COROUTINE',
    'ITERABLE_COROUTINE',
    'ASYNC_GENERATOR',
  ].map((flag) => recipe(`CO_${flag}`, `Pep_CO_${flag}`)),

  ...['Code', 'LineNumber', 'Back', 'Lasti'].map((part) =>
    recipe(`PyFrame_Get${part}(frame)`, `PepFrame_Get${part}(frame)`),
  ),
  ...['Globals', 'Locals', 'Builtins'].map((part) =>
    attribute(`PyFrame_Get${part}`, 'frame', `f_${part.toLowerCase()}`),
  ),
  recipe(
    'PyFrameObject.f_lineno',
    'PyFrame_GetLineNumber((PyFrameObject *)it)',
    'it is the line that runs, where the field is right only while the frame is traced',
  ),
  recipe(
    'PyTracebackObject.tb_lineno',
    'PepTraceBack_GetLineNumber((PyObject *)it)',
    'it finds the line where the field is still -1',
  ),
  recipe('PyTracebackObject.tb_lasti', 'PepObject_GetIntAttr((PyObject *)it, "tb_lasti")'),

  ...shimmedCalls('PyGen_Check', 'PyGen_CheckExact', 'PyCoro_CheckExact', 'PyAsyncGen_CheckExact'),
]
