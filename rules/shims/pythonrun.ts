import { aliases, fromHeaders } from './build.ts'
import type { Shim } from './shim.ts'

/** Flags of `sys.flags`: the Pep name, the global variable, the attribute. */
const flags = [
  ['Verbose', 'Py_VerboseFlag', 'verbose'],
  ['Debug', 'Py_DebugFlag', 'debug'],
  ['Optimize', 'Py_OptimizeFlag', 'optimize'],
  ['NoSite', 'Py_NoSiteFlag', 'no_site'],
  ['BytesWarning', 'Py_BytesWarningFlag', 'bytes_warning'],
  ['IgnoreEnvironment', 'Py_IgnoreEnvironmentFlag', 'ignore_environment'],
  ['Inspect', 'Py_InspectFlag', 'inspect'],
  ['Interactive', 'Py_InteractiveFlag', 'interactive'],
  ['Quiet', 'Py_QuietFlag', 'quiet'],
  ['NoUserSite', 'Py_NoUserSiteDirectory', 'no_user_site'],
  ['DontWriteBytecode', 'Py_DontWriteBytecodeFlag', 'dont_write_bytecode'],
  ['Isolated', 'Py_IsolatedFlag', 'isolated'],
  ['HashRandomization', 'Py_HashRandomizationFlag', 'hash_randomization'],
] as const

const flagCalls = flags.map(([name, , attribute]) => `#define PepFlag_${name}() Pep_GetFlag("${attribute}")`).join('\n')

const getFlag = String.raw`
static inline int Pep_GetFlag(const char *name)
{
    PyObject *all = PySys_GetObject("flags");
    int result;
    if (all == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "lost sys.flags");
        return -1;
    }
    Py_INCREF(all);
    result = PepObject_GetIntAttr(all, name);
    Py_DECREF(all);
    return result;
}
`

const evalCode = String.raw`
/* Takes the reference to the code, which may be NULL. */
static inline PyObject *PepRun_Code(PyObject *code, PyObject *globals, PyObject *locals)
{
    PyObject *result = NULL;
    int ready = 0;
    if (code == NULL) {
        return NULL;
    }
    if (globals == NULL || !PyDict_Check(globals)) {
        PyErr_SetString(PyExc_SystemError, "globals must be a real dict; try eval() or exec() instead");
        ready = -1;
    }
    else if (PepDict_ContainsString(globals, "__builtins__") == 0) {
        ready = PyDict_SetItemString(globals, "__builtins__", PyEval_GetBuiltins());
    }
    if (ready == 0 && !PyErr_Occurred()) {
        /* as PyRun_String does, it raises the audit event "exec" */
        PyObject *builtins = PyImport_ImportModule("builtins");
        if (builtins != NULL) {
            result = PyObject_CallMethod(builtins, "eval", "(OOO)", code, globals, locals != NULL ? locals : globals);
            Py_DECREF(builtins);
        }
    }
    Py_DECREF(code);
    return result;
}
`

/** pydebug.h */
export const pydebug: readonly Shim[] = [
  {
    provides: ['Pep_GetFlag'],
    replaces: [],
    until: null,
    since: 2,
    differs: 'An attribute of `sys.flags` as an int, -1 with an exception on failure: `Pep_GetFlag("utf8_mode")`.',
    cost: 'one attribute lookup',
    limited: getFlag,
    full: getFlag,
  },
  {
    provides: ['PepFlag_Verbose', ...flags.slice(1).map(([name]) => `PepFlag_${name}`)],
    replaces: flags.map(([, variable]) => variable),
    until: null,
    since: 4,
    differs:
      'Read only, an expression: `PepFlag_Verbose()` for `Py_VerboseFlag`. The flags of the running interpreter as ' +
      'it started, where the variables are one for the process. -1 with an exception on failure.',
    cost: 'one attribute lookup',
    limited: flagCalls,
    full: fromHeaders(
      12,
      flagCalls,
      flags.map(([name, variable]) => `#define PepFlag_${name}() (${variable})`).join('\n'),
    ),
  },
]

/** pythonrun.h */
export const pythonrun: readonly Shim[] = [
  {
    provides: ['PepRun_Code'],
    replaces: [],
    until: null,
    since: 2,
    differs:
      'For other shims: runs code and lets go of it. As `PyRun_String` does, and `PyEval_EvalCode` does not, it ' +
      'puts `__builtins__` into the globals where they lack it.',
    cost: 'one lookup in a dict',
    limited: evalCode,
    full: evalCode,
  },
  {
    provides: ['PepRun_String'],
    replaces: ['PyRun_String'],
    until: null,
    since: 2,
    differs: '',
    cost: 'none',
    limited: String.raw`
static inline PyObject *PepRun_String(const char *source, int start, PyObject *globals, PyObject *locals)
{
    return PepRun_Code(Py_CompileString(source, "<string>", start), globals, locals);
}
`,
    full: '#define PepRun_String(source, start, globals, locals) PyRun_String((source), (start), (globals), (locals))',
  },
  {
    provides: ['PepRun_SimpleString'],
    replaces: ['PyRun_SimpleString'],
    until: null,
    since: 2,
    differs: '',
    cost: 'none',
    limited: String.raw`
static inline int PepRun_SimpleString(const char *source)
{
    PyObject *result = NULL, *module = PepImport_AddModuleRef("__main__");
    if (module != NULL) {
        PyObject *globals = PyModule_GetDict(module);
        if (globals != NULL) {
            result = PepRun_String(source, Py_file_input, globals, globals);
        }
        Py_DECREF(module);
    }
    if (result == NULL) {
        PyErr_Print();
        return -1;
    }
    Py_DECREF(result);
    return 0;
}
`,
    full: '#define PepRun_SimpleString(source) PyRun_SimpleString((source))',
  },
  {
    provides: ['Pep_CompilerFlags', 'Pep_CompileStringFlags', 'Pep_CompileStringExFlags'],
    replaces: ['PyCompilerFlags', 'Py_CompileStringFlags', 'Py_CompileStringExFlags'],
    until: null,
    since: 2,
    differs:
      'By way of `compile()`: flags that it does not know are a ValueError. The flags are not changed, where the ' +
      'real one adds the `from __future__` imports of the source. `cf_feature_version` is ignored.',
    cost: 'one call of `compile()`',
    includes: ['<string.h>'],
    limited: String.raw`
typedef struct {
    int cf_flags;
    int cf_feature_version;
} Pep_CompilerFlags;

static inline PyObject *Pep_CompileStringExFlags(
    const char *source, const char *filename, int start, const Pep_CompilerFlags *flags, int optimize)
{
    const char *mode = start == Py_eval_input ? "eval" : start == Py_single_input ? "single" : "exec";
    int bits = flags != NULL ? flags->cf_flags : 0;
    PyObject *compiler, *text, *path, *result = NULL;
    if (start != Py_eval_input && start != Py_single_input && start != Py_file_input) {
        PyErr_SetString(PyExc_ValueError, "start must be Py_eval_input, Py_file_input or Py_single_input");
        return NULL;
    }
    /* PyCF_SOURCE_IS_UTF8 and PyCF_IGNORE_COOKIE are said by the type of the source */
    text = bits & 0x800 ? PyUnicode_FromString(source) : PyBytes_FromString(source);
    path = text != NULL ? PyUnicode_DecodeFSDefault(filename) : NULL;
    compiler = path != NULL ? PepInterpreter_Import("pep:builtins.compile") : NULL;
    if (compiler != NULL) {
        result = PyObject_CallFunction(compiler, "(OOsiii)", text, path, mode, bits & ~0x900, 1, optimize);
        Py_DECREF(compiler);
    }
    Py_XDECREF(path);
    Py_XDECREF(text);
    return result;
}
#define Pep_CompileStringFlags(source, filename, start, flags) \
    Pep_CompileStringExFlags((source), (filename), (start), (flags), -1)
`,
    full: String.raw`
#define Pep_CompilerFlags PyCompilerFlags
#define Pep_CompileStringExFlags Py_CompileStringExFlags
#define Pep_CompileStringFlags(source, filename, start, flags) \
    Py_CompileStringExFlags((source), (filename), (start), (flags), -1)
`,
  },
  {
    provides: ['PepRun_StringFlags'],
    replaces: ['PyRun_StringFlags'],
    until: null,
    since: 2,
    differs: 'As `Pep_CompileStringExFlags`; with NULL for flags as `PepRun_String`.',
    cost: 'one call of `compile()` where there are flags',
    limited: String.raw`
static inline PyObject *PepRun_StringFlags(
    const char *source, int start, PyObject *globals, PyObject *locals, const Pep_CompilerFlags *flags)
{
    if (flags == NULL) {
        return PepRun_String(source, start, globals, locals);
    }
    return PepRun_Code(Pep_CompileStringExFlags(source, "<string>", start, flags, -1), globals, locals);
}
`,
    full: aliases({ PepRun_StringFlags: 'PyRun_StringFlags' }),
  },
]
