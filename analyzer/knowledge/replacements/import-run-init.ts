import type { Replacement } from '../replacement.ts'
import { family, replace, way, withoutWay } from './build.ts'

const runString = way(
  'PyObject *c = Py_CompileString(s, "<string>", start); PyObject *r = PyEval_EvalCode(c, ' +
    'globals, locals); Py_DECREF(c)',
  'test c for NULL before; the compiler flags of the caller are not inherited; runtimes before 3.10 need ' +
    '__builtins__ in globals',
)
const runFile = way(
  'PyObject *c = Py_CompileString(text, filename, Py_file_input); PyObject *r = PyEval_EvalCode(c, ' +
    'globals, globals)',
  'read the file yourself; test c for NULL; release c and r; print an error with PyErr_Print',
)
const embedding =
  'configuring the interpreter is not in the Limited API; people build the program that embeds ' +
  'Python for one version, and only the extension modules for the Limited API'
const initialise = way('Py_InitializeEx(0)', 'with the default configuration; what can be set later is set through sys')

/** Import, running code, start-up, flags, files, marshal, time and context variables. */
export const importRunInit: readonly Replacement[] = [
  replace(['PyRun_String', 'PyRun_StringFlags'], runString),
  replace(
    ['PyRun_SimpleString', 'PyRun_SimpleStringFlags'],
    way(
      'PyObject *c = Py_CompileString(s, "<string>", Py_file_input); PyObject *d = ' +
        'PyModule_GetDict(PyImport_AddModule("__main__")); PyObject *r = PyEval_EvalCode(c, d, d)',
      'test each for NULL; release c and r; print an error with PyErr_Print, which the old function did itself',
    ),
  ),
  replace(
    [
      'PyRun_File',
      'PyRun_FileEx',
      'PyRun_FileExFlags',
      'PyRun_FileFlags',
      'PyRun_SimpleFile',
      'PyRun_SimpleFileEx',
      'PyRun_SimpleFileExFlags',
      'PyRun_AnyFile',
      'PyRun_AnyFileEx',
      'PyRun_AnyFileExFlags',
      'PyRun_AnyFileFlags',
    ],
    runFile,
  ),
  replace(
    ['PyRun_InteractiveLoop', 'PyRun_InteractiveLoopFlags', 'PyRun_InteractiveOne', 'PyRun_InteractiveOneFlags'],
    way(
      'PyObject_CallMethod(code, "interact", NULL)',
      'with code the imported module; reads sys.stdin, no FILE pointer',
    ),
  ),
  replace(
    ['Py_CompileStringFlags', 'Py_CompileStringExFlags', 'Py_CompileStringObject'],
    way(
      'Py_CompileString(text, filename, start)',
      'without flags and optimisation level; for those call builtins.compile',
    ),
  ),
  withoutWay(
    [
      'PyCompilerFlags',
      'PyEval_MergeCompilerFlags',
      'PyCF_MASK',
      'PyCF_ONLY_AST',
      'PyCF_SOURCE_IS_UTF8',
      'PyCF_DONT_IMPLY_DEDENT',
      'PyCF_ALLOW_TOP_LEVEL_AWAIT',
    ],
    'compiler flags are not in the Limited API; people call builtins.compile, which takes them as a number',
  ),
  withoutWay(
    [
      'PyParser_SimpleParseString',
      'PyParser_SimpleParseStringFlags',
      'PyParser_SimpleParseFile',
      'PyParser_SimpleParseFileFlags',
      'PyParser_ASTFromString',
      'PyNode_Compile',
      'PyAST_Compile',
      'PyAST_CompileEx',
      'PyAST_CompileObject',
      'Py_SymtableString',
    ],
    'gone with the old parser; people call ast.parse, builtins.compile or symtable.symtable',
  ),

  replace('PyImport_ImportModuleNoBlock', way('PyImport_ImportModule(name)', 'the same function since 3.3')),
  replace(
    ['PyImport_ImportModuleAttr', '_PyImport_GetModuleAttr'],
    way(
      'PyObject *m = PyImport_Import(module); PyObject *r = PyObject_GetAttr(m, attribute)',
      'test m for NULL; release m',
    ),
  ),
  replace(
    ['PyImport_ImportModuleAttrString', '_PyImport_GetModuleAttrString'],
    way(
      'PyObject *m = PyImport_ImportModule(module); PyObject *r = PyObject_GetAttrString(m, attribute)',
      'test m for NULL; release m',
    ),
  ),
  replace(
    ['PyImport_ExtendInittab', 'PyImport_Inittab'],
    way('PyImport_AppendInittab(name, initfunc)', 'one module at a time, before Py_Initialize; -1 on failure'),
  ),
  withoutWay(
    [
      'PyImport_FrozenModules',
      '_PyImport_AcquireLock',
      '_PyImport_ReleaseLock',
      '_PyImport_FixupExtensionObject',
      '_PyImport_FixupBuiltin',
      '_PyImport_FindExtensionObject',
      '_PyImport_IsInitialized',
      'PyImport_Cleanup',
    ],
    'the machinery of import is not in the Limited API; people use importlib',
  ),
  replace(
    'PyImport_GetModule',
    way(
      'PyDict_GetItemWithError(PyImport_GetModuleDict(), name)',
      'a borrowed reference: Py_XINCREF it; fails where sys.modules is no dict',
    ),
  ),
  replace('_PyImport_GetModuleId', [
    way('PyImport_GetModule(name)', 'a new reference; name is a str'),
    way('PyDict_GetItemWithError(PyImport_GetModuleDict(), name)', 'a borrowed reference; name is a str'),
  ]),
  replace('PyImport_AddModuleRef', way('PyImport_AddModule(name)', 'a borrowed reference: Py_XINCREF it')),
  replace(
    '_PyImport_SetModule',
    way('PyObject_SetItem(PyImport_GetModuleDict(), name, m)', '-1 with an exception on error'),
  ),
  replace(
    '_PyImport_SetModuleString',
    way('PyMapping_SetItemString(PyImport_GetModuleDict(), name, m)', '-1 with an exception on error'),
  ),

  ...family(
    {
      Py_VerboseFlag: 'verbose',
      Py_DebugFlag: 'debug',
      Py_OptimizeFlag: 'optimize',
      Py_NoSiteFlag: 'no_site',
      Py_BytesWarningFlag: 'bytes_warning',
      Py_IgnoreEnvironmentFlag: 'ignore_environment',
      Py_InspectFlag: 'inspect',
      Py_InteractiveFlag: 'interactive',
      Py_QuietFlag: 'quiet',
      Py_DontWriteBytecodeFlag: 'dont_write_bytecode',
      Py_HashRandomizationFlag: 'hash_randomization',
      Py_IsolatedFlag: 'isolated',
      Py_NoUserSiteDirectory: 'no_user_site',
    },
    (flag, name) =>
      replace(
        flag,
        way(
          `PyObject_GetAttrString(PySys_GetObject("flags"), "${name}")`,
          'a new int, to be read with PyLong_AsLong; cannot be written',
        ),
      ),
  ),
  withoutWay(
    ['Py_UnbufferedStdioFlag', 'Py_FrozenFlag', 'Py_UseClassExceptionsFlag', 'Py_DivisionWarningFlag'],
    'sys.flags does not have it, and nothing in the Limited API tells; people drop the question',
  ),
  ...family(
    {
      Path: 'path',
      Prefix: 'prefix',
      ExecPrefix: 'exec_prefix',
      ProgramFullPath: 'executable',
      ProgramName: 'executable',
    },
    (part, name) =>
      replace(`Py_Get${part}`, [
        way(
          `PySys_GetAttrString("${name}")`,
          part === 'Path'
            ? 'a new reference to a list of str instead of a wide ' + 'string'
            : 'a new reference to a str instead of a wide string',
        ),
        way(
          `PySys_GetObject("${name}")`,
          part === 'Path'
            ? 'a borrowed list of str instead of a wide string, NULL ' + 'without an exception'
            : 'a borrowed str instead of a wide string, NULL without an exception',
        ),
      ]),
  ),
  withoutWay(
    'Py_GetPythonHome',
    'nothing in the Limited API tells; people read the environment variable PYTHONHOME or sys.prefix',
  ),
  replace(
    'Py_SetPath',
    way('PySys_SetObject("path", list)', 'after Py_Initialize, so what start-up imports is found without it'),
    embedding,
  ),
  withoutWay(['Py_SetStandardStreamEncoding', 'Py_GetArgcArgv', '_Py_SetProgramFullPath'], embedding),
  replace('PySys_SetPath', way('PySys_SetObject("path", list)', 'a list of str instead of a string with separators')),
  replace(
    ['PySys_AddWarnOption', 'PySys_AddWarnOptionUnicode'],
    way(
      'PyList_Append(PySys_GetObject("warnoptions"), option)',
      'option is a str; read when the module warnings is first imported',
    ),
  ),
  replace('PySys_HasWarnOptions', way('(PyList_Size(PySys_GetObject("warnoptions")) > 0)')),
  replace('PySys_ResetWarnOptions', way('PySys_SetObject("warnoptions", list)', 'with a new empty list')),
  replace(
    'PySys_AddXOption',
    way('PyDict_SetItemString(PySys_GetXOptions(), name, value)', 'name and value come already parted'),
  ),
  replace(
    'PySys_GetAttr',
    way('PySys_GetObject(name)', 'borrowed: Py_XINCREF it; name is a char pointer; NULL without an exception'),
  ),
  replace('PySys_GetAttrString', way('PySys_GetObject(name)', 'borrowed: Py_XINCREF it; NULL without an exception')),
  replace(
    'PySys_GetOptionalAttr',
    way('PySys_GetObject(name)', 'borrowed: Py_XINCREF it; name is a char pointer; swallows errors'),
  ),
  replace('PySys_GetOptionalAttrString', way('PySys_GetObject(name)', 'borrowed: Py_XINCREF it; swallows errors')),

  replace(
    ['PyConfig_Get', 'PyConfig_GetInt'],
    way(
      'PySys_GetObject(name)',
      'where sys has it; a borrowed reference, NULL without an exception; flags are attributes of sys.flags',
    ),
    embedding,
  ),
  replace('PyConfig_Set', way('PySys_SetObject(name, value)', 'where sys has it; -1 on error'), embedding),
  replace(['Py_InitializeFromConfig', 'Py_InitializeFromInitConfig', '_Py_InitializeMain'], initialise, embedding),
  withoutWay(
    [
      'PyConfig',
      'PyConfig_InitPythonConfig',
      'PyConfig_InitIsolatedConfig',
      'PyConfig_Read',
      'PyConfig_Clear',
      'PyConfig_SetString',
      'PyConfig_SetBytesString',
      'PyConfig_SetArgv',
      'PyConfig_SetBytesArgv',
      'PyConfig_SetWideStringList',
      'PyConfig_Names',
      'PyPreConfig',
      'PyPreConfig_InitPythonConfig',
      'PyPreConfig_InitIsolatedConfig',
      'Py_PreInitialize',
      'PyStatus',
      'PyStatus_Exception',
      'PyStatus_IsError',
      'PyStatus_IsExit',
      'PyStatus_Ok',
      'PyStatus_Error',
      'PyStatus_NoMemory',
      'Py_ExitStatusException',
      'PyWideStringList',
      'PyWideStringList_Append',
      'PyInitConfig',
      'PyInitConfig_Create',
      'PyInitConfig_Free',
      'PyInitConfig_SetInt',
      'PyInitConfig_SetStr',
      'PyInterpreterConfig',
    ],
    embedding,
  ),
  replace(
    'Py_NewInterpreterFromConfig',
    way('Py_NewInterpreter()', 'shares the GIL with the main interpreter'),
    embedding,
  ),
  replace('Py_RunMain', way('Py_Main(argc, argv)', 'initialises the interpreter itself; wide strings')),
  replace('Py_BytesMain', way('Py_Main(argc, argv)', 'wide strings: decode them with Py_DecodeLocale')),
  replace('Py_FinalizeEx', way('Py_Finalize()', 'does not tell about errors')),
  replace('Py_Version', [way('PyLong_AsUnsignedLong(PySys_GetObject("hexversion"))', 'the same number')]),
  withoutWay(
    ['Py_GetConstant', 'Py_GetConstantBorrowed'],
    'use the singletons by name (None, False, True, Ellipsis, NotImplemented); make the others once and keep them in ' +
      'the module state',
  ),
  replace('Py_PACK_VERSION', way('((uint32_t)(major) << 24 | (uint32_t)(minor) << 16)', 'a macro of your own')),
  replace(
    'Py_PACK_FULL_VERSION',
    way(
      '((uint32_t)(x) << 24 | (uint32_t)(y) << 16 | (uint32_t)(z) << 8 | (level) << ' + '4 | (serial))',
      'a macro of your own',
    ),
  ),

  replace(
    ['_Py_fopen', '_Py_fopen_obj', 'Py_fopen'],
    way(
      'fopen(PyBytes_AsString(bytes), mode)',
      'with bytes from PyUnicode_FSConverter, to be released; sets errno and no exception; on Windows _wfopen',
    ),
  ),
  replace('Py_fclose', way('fclose(fp)', 'only for what this module opened itself')),
  replace('Py_UniversalNewlineFgets', way('fgets(buffer, n, fp)', 'line ends stay as they are')),
  replace('Py_FdIsInteractive', way('isatty(fileno(fp))', 'without a look at the flag -i')),
  replace(
    'PyFile_OpenCode',
    way('PyObject_CallMethod(io, "open_code", "s", path)', 'with io the imported module, from runtime 3.8 on'),
  ),
  replace(
    'PyFile_OpenCodeObject',
    way('PyObject_CallMethod(io, "open_code", "O", path)', 'with io the imported module, from runtime 3.8 on'),
  ),
  replace(
    ['PyFile_NewStdPrinter', 'PyFile_SetOpenCodeHook', 'PyStdPrinter_Type'],
    [],
    'for the start of the interpreter only, and not in the Limited API; people use sys.stderr',
  ),
  replace(
    'PyOS_Readline',
    way('PyObject_CallFunction(input, "s", prompt)', 'with input = builtins.input; a new str; reads sys.stdin'),
  ),
  replace('PyOS_AfterFork', way('PyOS_AfterFork_Child()', 'the same, in the child')),
  replace('PyOS_AfterFork_Child', way('PyOS_AfterFork()', 'the same, in the child')),
  withoutWay(['PyOS_BeforeFork', 'PyOS_AfterFork_Parent'], 'there is no such step at this level; delete the call'),
  withoutWay(['PyOS_InitInterrupts', 'PyOS_FiniInterrupts'], 'delete the call: Py_Initialize does it'),
  replace(
    'PyOS_FSPath',
    way('PyObject_CallMethod(path, "__fspath__", NULL)', 'only for what is neither str nor bytes'),
  ),
  replace(
    '_PyOS_URandom',
    way('PyObject_CallMethod(os, "urandom", "n", size)', 'with os the imported module; a new bytes object'),
  ),
  replace(
    '_PyOS_IsMainThread',
    way(
      'PyObject_CallMethod(threading, "main_thread", NULL)',
      'with threading the imported module; compare its attribute ident with PyThread_get_thread_ident',
    ),
  ),

  replace(
    'PyMarshal_WriteObjectToString',
    way('PyObject_CallMethod(marshal, "dumps", "Oi", o, version)', 'with marshal the imported module'),
  ),
  replace(
    'PyMarshal_ReadObjectFromString',
    way('PyObject_CallMethod(marshal, "loads", "O", bytes)', 'with marshal the imported module; takes a bytes object'),
  ),
  replace(
    ['PyMarshal_WriteObjectToFile'],
    way(
      'PyObject_CallMethod(marshal, "dump", "OOi", o, file, version)',
      'with marshal the imported module; file is a Python file object',
    ),
  ),
  replace(
    ['PyMarshal_ReadObjectFromFile', 'PyMarshal_ReadLastObjectFromFile'],
    way(
      'PyObject_CallMethod(marshal, ' + '"load", "O", file)',
      'with marshal the imported module; file is a Python file object',
    ),
  ),
  withoutWay(
    ['PyMarshal_ReadLongFromFile', 'PyMarshal_ReadShortFromFile', 'PyMarshal_WriteLongToFile'],
    'read and write the bytes yourself: they are in little endian order',
  ),
  replace(
    'Py_MARSHAL_VERSION',
    way('PyObject_GetAttrString(marshal, "version")', 'with marshal the imported module; a new int'),
  ),

  ...family({ Time: 'time_ns', Monotonic: 'monotonic_ns', PerfCounter: 'perf_counter_ns' }, (part, name) =>
    replace(
      `PyTime_${part}`,
      way(
        `PyObject_CallMethod(time, "${name}", NULL)`,
        'with time the imported module; a new int of nanoseconds; without Python clock_gettime does',
      ),
    ),
  ),
  withoutWay(
    [
      'PyTime_TimeRaw',
      'PyTime_MonotonicRaw',
      'PyTime_PerfCounterRaw',
      '_PyTime_GetSystemClock',
      '_PyTime_GetMonotonicClock',
      '_PyTime_GetPerfCounter',
    ],
    'not in the Limited API; people call clock_gettime or the function of the system',
  ),
  replace(['PyTime_t', '_PyTime_t'], way('int64_t', 'the same type')),
  replace(['PyTime_AsSecondsDouble', '_PyTime_AsSecondsDouble'], way('((double)t * 1e-9)', 'the same up to rounding')),
  replace('PyTime_MIN', way('INT64_MIN')),
  replace('PyTime_MAX', way('INT64_MAX')),

  replace(
    'PyContextVar_New',
    way(
      'PyObject_CallFunction(context_var, "s", name)',
      'with context_var = contextvars.ContextVar; the default is a keyword argument: pass it by PyObject_Call',
    ),
  ),
  replace(
    'PyContextVar_Get',
    way('PyObject_CallMethod(var, "get", NULL)', 'a new reference; LookupError without a value and default; slower'),
  ),
  replace(
    'PyContextVar_Set',
    way('PyObject_CallMethod(var, "set", "(O)", value)', 'a new reference to the token, as before'),
  ),
  replace(
    'PyContextVar_Reset',
    way('PyObject_CallMethod(var, "reset", "O", token)', 'a new reference to None instead of an int'),
  ),
  replace(
    'PyContext_New',
    way('PyObject_CallMethod(contextvars, "Context", NULL)', 'with contextvars the imported module'),
  ),
  replace(
    'PyContext_CopyCurrent',
    way('PyObject_CallMethod(contextvars, "copy_context", NULL)', 'with contextvars the imported module'),
  ),
  replace('PyContext_Copy', way('PyObject_CallMethod(context, "copy", NULL)')),
  replace(
    ['PyContext_Enter', 'PyContext_Exit'],
    way(
      'PyObject_CallMethod(context, "run", "(O)", callable)',
      'runs a callable in the context, which replaces both calls',
    ),
  ),
  replace(
    'PyContextVar_CheckExact',
    way('Py_TYPE(o) == (PyTypeObject *)context_var', 'with context_var = contextvars.ContextVar'),
  ),
  replace('PyContext_CheckExact', way('Py_TYPE(o) == (PyTypeObject *)context', 'with context = contextvars.Context')),
  replace('PyContextToken_CheckExact', way('Py_TYPE(o) == (PyTypeObject *)token', 'with token = contextvars.Token')),
  withoutWay(
    ['PyTraceMalloc_Track', 'PyTraceMalloc_Untrack'],
    'no Limited API function does this; people drop the call',
  ),
]
