import { aliases, fromHeaders } from './build.ts'
import type { Shim } from './shim.ts'

const counts = [
  ['FLAGS', 'flags'],
  ['ARGCOUNT', 'argcount'],
  ['KWONLYARGCOUNT', 'kwonlyargcount'],
  ['NLOCALS', 'nlocals'],
  ['FIRSTLINENO', 'firstlineno'],
  ['STACKSIZE', 'stacksize'],
] as const
const objects = [
  ['Name', 'name'],
  ['Filename', 'filename'],
  ['Varnames', 'varnames'],
  ['Consts', 'consts'],
  ['Freevars', 'freevars'],
] as const

const codeObjects = objects
  .map(([name, field]) => `#define PepCode_Get${name}(code) PyObject_GetAttrString((PyObject *)(code), "co_${field}")`)
  .join('\n')

const flags = {
  OPTIMIZED: 0x1,
  NEWLOCALS: 0x2,
  VARARGS: 0x4,
  VARKEYWORDS: 0x8,
  NESTED: 0x10,
  GENERATOR: 0x20,
  NOFREE: 0x40,
  COROUTINE: 0x80,
  ITERABLE_COROUTINE: 0x100,
  ASYNC_GENERATOR: 0x200,
} as const
const flagMacros = Object.entries(flags)
  .map(([name, value]) => `#define Pep_CO_${name} 0x${value.toString(16)}`)
  .join('\n')

/** code.h */
export const code: readonly Shim[] = [
  {
    provides: ['PepCode_Check'],
    replaces: ['PyCode_Check'],
    until: null,
    since: 2,
    differs: '',
    cost: 'one lookup in a dict',
    limited: '#define PepCode_Check(object) PepInterpreter_TypeCheck((PyObject *)(object), "pep:types.CodeType", 1)',
    full: '#define PepCode_Check(object) PyCode_Check((PyObject *)(object))',
  },
  {
    provides: [`PepCode_GET_${counts[0][0]}`, ...counts.slice(1).map(([name]) => `PepCode_GET_${name}`)],
    replaces: counts.map(([, field]) => `PyCodeObject.co_${field}`),
    until: null,
    since: 2,
    differs: 'An int, -1 with an exception for what is no code.',
    cost: 'one attribute lookup',
    limited: counts
      .map(
        ([name, field]) => `#define PepCode_GET_${name}(code) PepObject_GetIntAttr((PyObject *)(code), "co_${field}")`,
      )
      .join('\n'),
    full: counts
      .map(([name, field]) => `#define PepCode_GET_${name}(code) (((PyCodeObject *)(code))->co_${field})`)
      .join('\n'),
  },
  {
    provides: [`PepCode_Get${objects[0][0]}`, ...objects.slice(1).map(([name]) => `PepCode_Get${name}`)],
    replaces: [...objects.map(([, field]) => `PyCodeObject.co_${field}`), 'PyCode_GetVarnames', 'PyCode_GetFreevars'],
    until: null,
    since: 2,
    differs:
      'New references, also without the Limited API, where the fields came and went; the fields themselves were ' +
      'borrowed.',
    cost: 'one attribute lookup',
    limited: codeObjects,
    full: codeObjects,
  },
  {
    provides: [
      'Pep_CO_OPTIMIZED',
      ...Object.keys(flags)
        .slice(1)
        .map((name) => `Pep_CO_${name}`),
    ],
    replaces: Object.keys(flags).map((name) => `CO_${name}`),
    until: null,
    since: 2,
    differs: 'The same values. Since 3.11 no code has `CO_NOFREE`.',
    cost: 'none',
    limited: flagMacros,
    full: flagMacros,
  },
]

const frames = [
  ['Globals', 'globals'],
  ['Locals', 'locals'],
  ['Builtins', 'builtins'],
] as const

const frameParts = String.raw`
#define PepFrame_GetGlobals(frame) PyObject_GetAttrString((PyObject *)(frame), "f_globals")
#define PepFrame_GetLocals(frame) PyObject_GetAttrString((PyObject *)(frame), "f_locals")
#define PepFrame_GetBuiltins(frame) PyObject_GetAttrString((PyObject *)(frame), "f_builtins")
#define PepFrame_GetLasti(frame) PepObject_GetIntAttr((PyObject *)(frame), "f_lasti")
`

const back = String.raw`
/* NULL without an exception where there is none. */
static inline PyObject *PepFrame_GetBackObject(PyObject *frame)
{
    PyObject *back = PyObject_GetAttrString(frame, "f_back");
    if (back == Py_None) {
        Py_DECREF(back);
        return NULL;
    }
    return back;
}
#define PepFrame_GetBack(frame) ((PyFrameObject *)PepFrame_GetBackObject((PyObject *)(frame)))
`

const tracebackParts = String.raw`
#define PepTraceBack_GetFrame(traceback) PyObject_GetAttrString((PyObject *)(traceback), "tb_frame")
#define PepTraceBack_GetLineNumber(traceback) PepObject_GetIntAttr((PyObject *)(traceback), "tb_lineno")

/* NULL without an exception where it is the last. */
static inline PyObject *PepTraceBack_GetNextObject(PyObject *traceback)
{
    PyObject *next = PyObject_GetAttrString(traceback, "tb_next");
    if (next == Py_None) {
        Py_DECREF(next);
        return NULL;
    }
    return next;
}
#define PepTraceBack_GetNext(traceback) PepTraceBack_GetNextObject((PyObject *)(traceback))
`

/** frameobject.h, traceback.h */
export const frameobject: readonly Shim[] = [
  {
    provides: ['PepFrame_GetCode', 'PepFrame_GetLineNumber'],
    replaces: ['PyFrame_GetCode', 'PyFrame_GetLineNumber', 'PyFrameObject.f_code', 'PyFrameObject.f_lineno'],
    until: 10,
    since: 2,
    differs: '',
    cost: 'one attribute lookup',
    limited: String.raw`
#define PepFrame_GetCode(frame) ((PyCodeObject *)PyObject_GetAttrString((PyObject *)(frame), "f_code"))
#define PepFrame_GetLineNumber(frame) PepObject_GetIntAttr((PyObject *)(frame), "f_lineno")
`,
    full: aliases({ PepFrame_GetCode: 'PyFrame_GetCode', PepFrame_GetLineNumber: 'PyFrame_GetLineNumber' }),
  },
  {
    provides: ['PepFrame_GetBack', 'PepFrame_GetBackObject'],
    replaces: ['PyFrame_GetBack', 'PyFrameObject.f_back'],
    until: null,
    since: 2,
    differs: '',
    cost: 'one attribute lookup',
    limited: back,
    full: fromHeaders(11, aliases({ PepFrame_GetBack: 'PyFrame_GetBack' }), back),
  },
  {
    provides: ['PepFrame_GetGlobals', 'PepFrame_GetLocals', 'PepFrame_GetBuiltins', 'PepFrame_GetLasti'],
    replaces: [
      ...frames.flatMap(([name, field]) => [`PyFrame_Get${name}`, `PyFrameObject.f_${field}`]),
      'PyFrame_GetLasti',
      'PyFrameObject.f_lasti',
    ],
    until: null,
    since: 2,
    differs: '',
    cost: 'one attribute lookup',
    limited: frameParts,
    full: fromHeaders(
      11,
      aliases({
        PepFrame_GetGlobals: 'PyFrame_GetGlobals',
        PepFrame_GetLocals: 'PyFrame_GetLocals',
        PepFrame_GetBuiltins: 'PyFrame_GetBuiltins',
        PepFrame_GetLasti: 'PyFrame_GetLasti',
      }),
      frameParts,
    ),
  },
  {
    provides: [
      'PepTraceBack_GetFrame',
      'PepTraceBack_GetNext',
      'PepTraceBack_GetNextObject',
      'PepTraceBack_GetLineNumber',
    ],
    replaces: ['PyTracebackObject.tb_frame', 'PyTracebackObject.tb_next', 'PyTracebackObject.tb_lineno'],
    until: null,
    since: 2,
    differs: 'New references, also without the Limited API; the fields were borrowed.',
    cost: 'one attribute lookup',
    limited: tracebackParts,
    full: tracebackParts,
  },
]

const typeChecks = (names: Readonly<Record<string, string>>): Pick<Shim, 'limited' | 'full'> => ({
  limited: Object.entries(names)
    .map(
      ([name, type]) =>
        `#define Pep${name}(object) PepInterpreter_TypeCheck((PyObject *)(object), "pep:types.${type}", ` +
        `${name.endsWith('Exact') ? 1 : 0})`,
    )
    .join('\n'),
  full: Object.keys(names)
    .map((name) => `#define Pep${name}(object) Py${name}((PyObject *)(object))`)
    .join('\n'),
})

/** genobject.h, cellobject.h */
export const genobject: readonly Shim[] = [
  {
    provides: ['PepGen_Check', 'PepGen_CheckExact', 'PepCoro_CheckExact', 'PepAsyncGen_CheckExact'],
    replaces: ['PyGen_Check', 'PyGen_CheckExact', 'PyCoro_CheckExact', 'PyAsyncGen_CheckExact'],
    until: null,
    since: 6,
    differs: '',
    cost: 'one lookup in a dict',
    ...typeChecks({
      Gen_Check: 'GeneratorType',
      Gen_CheckExact: 'GeneratorType',
      Coro_CheckExact: 'CoroutineType',
      AsyncGen_CheckExact: 'AsyncGeneratorType',
    }),
  },
  {
    provides: ['PepCell_Check', 'PepCell_New'],
    replaces: ['PyCell_Check', 'PyCell_New', 'PyCell_Type'],
    until: null,
    since: 8,
    differs: '',
    cost: 'one lookup in a dict',
    limited: String.raw`
#define PepCell_Check(object) PepInterpreter_TypeCheck((PyObject *)(object), "pep:types.CellType", 1)

static inline PyObject *PepCell_New(PyObject *content)
{
    PyObject *result, *type = PepInterpreter_Import("pep:types.CellType");
    if (type == NULL) {
        return NULL;
    }
    result = PyObject_CallFunctionObjArgs(type, content, (PyObject *)NULL);
    Py_DECREF(type);
    return result;
}
`,
    full: '#define PepCell_Check(object) PyCell_Check((PyObject *)(object))\n#define PepCell_New PyCell_New',
  },
  {
    provides: ['PepCell_Get', 'PepCell_Set'],
    replaces: ['PyCell_Get', 'PyCell_Set', 'PyCell_GET', 'PyCell_SET', 'PyCellObject.ob_ref'],
    until: null,
    since: 7,
    differs:
      '`PepCell_Get` of an empty cell is NULL without an exception. ' +
      '`PyCell_GET` was borrowed and `PyCell_SET` took the reference: these do as `PyCell_Get` and `PyCell_Set`.',
    cost: 'one attribute lookup',
    limited: String.raw`
static inline PyObject *PepCell_Get(PyObject *cell)
{
    PyObject *content = PyObject_GetAttrString(cell, "cell_contents");
    if (content == NULL && PyErr_ExceptionMatches(PyExc_ValueError)) {
        PyErr_Clear();
    }
    else if (content == NULL && PyErr_ExceptionMatches(PyExc_AttributeError)) {
        PyErr_BadInternalCall(); /* no cell */
    }
    return content;
}

static inline int PepCell_Set(PyObject *cell, PyObject *content)
{
    int result = content == NULL ? PyObject_DelAttrString(cell, "cell_contents")
                                 : PyObject_SetAttrString(cell, "cell_contents", content);
    if (result < 0 && PyErr_ExceptionMatches(PyExc_AttributeError)) {
        PyErr_BadInternalCall(); /* no cell */
    }
    return result;
}
`,
    full: aliases({ PepCell_Get: 'PyCell_Get', PepCell_Set: 'PyCell_Set' }),
  },
]
