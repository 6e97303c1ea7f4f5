import { type Recipe, recipe } from '../recipe.ts'
import { shimmed, shimmedCalls } from './build.ts'

const flags: Readonly<Record<string, string>> = {
  Py_VerboseFlag: 'Verbose',
  Py_DebugFlag: 'Debug',
  Py_OptimizeFlag: 'Optimize',
  Py_NoSiteFlag: 'NoSite',
  Py_BytesWarningFlag: 'BytesWarning',
  Py_IgnoreEnvironmentFlag: 'IgnoreEnvironment',
  Py_InspectFlag: 'Inspect',
  Py_InteractiveFlag: 'Interactive',
  Py_QuietFlag: 'Quiet',
  Py_NoUserSiteDirectory: 'NoUserSite',
  Py_DontWriteBytecodeFlag: 'DontWriteBytecode',
  Py_IsolatedFlag: 'Isolated',
  Py_HashRandomizationFlag: 'HashRandomization',
}

/** Importing, running and compiling source, settings of the interpreter. */
export const importRunInit: readonly Recipe[] = [
  ...shimmed(
    'PyContextVar_New',
    'PyContextVar_Get',
    'PyContextVar_Set',
    'PyContextVar_Reset',
    'PyContext_New',
    'PyContext_Copy',
    'PyContext_CopyCurrent',
  ),
  ...shimmedCalls('PyContextVar_CheckExact', 'PyContext_CheckExact', 'PyContextToken_CheckExact'),
  recipe('PyImport_ImportModuleNoBlock', 'PyImport_ImportModule'),
  ...shimmed('PyImport_AddModuleRef', 'PyImport_ImportModuleAttr', 'PyImport_ImportModuleAttrString'),
  recipe('_PyImport_GetModuleAttr', 'PepImport_ImportModuleAttr'),
  recipe('_PyImport_GetModuleAttrString', 'PepImport_ImportModuleAttrString'),
  recipe('_PyImport_SetModule(name, module)', 'PyObject_SetItem(PyImport_GetModuleDict(), name, module)'),
  recipe('_PyImport_SetModuleString(text, module)', 'PyMapping_SetItemString(PyImport_GetModuleDict(), text, module)'),

  ...shimmed('PyRun_String', 'PyRun_SimpleString', '_PySys_GetObjectId'),
  recipe(
    'PyRun_StringFlags(source, start, globals, locals, flags)',
    'PepRun_String(source, start, globals, locals)',
    '',
    { literals: [[4, /^NULL$/]] },
  ),
  recipe('PyRun_SimpleStringFlags(source, flags)', 'PepRun_SimpleString(source)', '', { literals: [[1, /^NULL$/]] }),
  recipe('Py_CompileStringFlags(source, file, start, flags)', 'Py_CompileString(source, file, start)', '', {
    literals: [[3, /^NULL$/]],
  }),
  recipe('Py_CompileStringExFlags(source, file, start, flags, level)', 'Py_CompileString(source, file, start)', '', {
    literals: [
      [3, /^NULL$/],
      [4, /^-1$/],
    ],
  }),

  ...Object.entries(flags).map(([name, flag]) =>
    recipe(name, `PepFlag_${flag}()`, 'it needs the GIL, and does not follow when the variable is changed'),
  ),
  recipe('Py_Version', 'Pep_Version()'),
]
