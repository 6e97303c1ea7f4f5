import type { Replacement } from '../replacement.ts'
import { replace, way, withoutWay } from './build.ts'

const addObject = 'the reference is stolen on success only, so Py_DECREF it where the result is -1'
const guardSlot = 'older runtimes refuse the slot; put it between preprocessor conditions on the level'

/** Functions for modules and their state that are newer than some targets. */
export const modulesAndTypesApi: readonly Replacement[] = [
  replace('PyModule_AddObjectRef', way('Py_INCREF(value); PyModule_AddObject(m, name, value)', addObject)),
  replace(
    ['PyModule_Add', '_PyModule_Add'],
    [
      way(
        'PyModule_AddObjectRef(m, name, value); Py_XDECREF(value)',
        'keep the result of the first call; a NULL value with an exception set gives -1',
      ),
      way(
        'PyModule_AddObject(m, name, value)',
        'steals the reference on success only: Py_XDECREF it where it returns -1',
      ),
    ],
  ),
  replace('PyModule_AddType', [
    way('PyModule_AddObjectRef(m, name, (PyObject *)tp)', 'name is the part of the type name after the last dot'),
    way(
      'Py_INCREF(tp); PyModule_AddObject(m, name, (PyObject *)tp)',
      `name is the part of the type name after the last dot; ${addObject}`,
    ),
  ]),
  replace(
    'PyModule_AddFunctions',
    way('PyModuleDef def = {.m_methods = methods}', 'give the functions with the definition'),
  ),
  replace('PyModule_SetDocString', way('PyModuleDef def = {.m_doc = doc}', 'give the text with the definition')),
  replace(
    ['PyModule_FromDefAndSpec', 'PyModule_FromDefAndSpec2', 'PyModule_ExecDef', 'PyModuleDef_Init'],
    way(
      'PyModule_Create(&def)',
      'single-phase initialisation: made and filled in the init function, one module for the process',
    ),
  ),
  replace(
    'PyModule_FromSlotsAndSpec',
    way('PyModule_FromDefAndSpec(&def, spec)', 'takes a definition instead of an array of slots'),
    'make the module in its init function',
  ),
  replace('PyModule_Exec', way('PyModule_ExecDef(m, &def)', 'takes the definition of the module')),
  replace(
    'PyModule_GetStateSize',
    way(
      'PyModule_GetDef(m)->m_size',
      'not for a module made from slots, whose definition is NULL, and not under abi3t',
    ),
  ),
  replace(
    'PyModule_GetToken',
    way('PyModule_GetDef(m)', 'the address of the definition identifies the module; NULL for a module made from slots'),
  ),
  replace('PyModule_GetState_DuringGC', way('PyModule_GetState(m)', 'the same pointer')),
  replace(
    'PyModule_GetToken_DuringGC',
    way('PyModule_GetDef(m)', 'the address of the definition identifies the module'),
  ),
  replace(
    'PyObject_GetTypeData_DuringGC',
    way('PyObject_GetTypeData(o, cls)', 'the same pointer'),
    'use your own struct',
  ),
  replace('PyType_GetModule_DuringGC', way('PyType_GetModule(tp)', 'the same borrowed reference')),
  replace('PyType_GetModuleState_DuringGC', way('PyType_GetModuleState(tp)', 'the same pointer')),
  replace(
    ['PyType_GetModuleByToken', 'PyType_GetModuleByToken_DuringGC'],
    [
      way(
        'PyType_GetModuleByDef(tp, &def)',
        'a borrowed reference instead of a new one; by definition instead of token',
      ),
      way(
        'PyType_GetModule(cls)',
        'a borrowed reference; cls is the defining class, which a METH_METHOD function gets',
      ),
    ],
    'keep a pointer to the module state in the instance',
  ),
  replace(
    'PyType_GetBaseByToken_DuringGC',
    way('PyType_GetBaseByToken(tp, token, &base)', 'the same results'),
    'compare with a type that the module state holds',
  ),
  replace('PyType_FromSlots', [
    way(
      'PyType_FromModuleAndSpec(module, &spec, bases)',
      'takes a PyType_Spec with slots of the older kind; a new reference, as before',
    ),
    way(
      'PyType_FromSpecWithBases(&spec, bases)',
      'takes a PyType_Spec with slots of the older kind; without a link to the module',
    ),
  ]),
  replace(
    'PyType_GetModule',
    way(
      'PyState_FindModule(&def)',
      'a borrowed reference; for a module of single-phase initialisation only, NULL for the others',
    ),
    'keep a pointer to the module state in the instance',
  ),
  replace(
    'PyType_GetModuleState',
    way(
      'PyModule_GetState(PyState_FindModule(&def))',
      'for a module of single-phase initialisation only: PyState_FindModule is NULL for the others',
    ),
    'keep a pointer to the module state in the instance',
  ),
  replace(
    ['PyType_GetModuleByDef', '_PyType_GetModuleByDef'],
    [
      way(
        'PyModule_GetDef(PyType_GetModule(base)) == &def',
        'in a loop over the tuple __mro__ of the type: PyType_GetModule raises TypeError, to be cleared, for a base ' +
          'without a module; a METH_METHOD function gets its defining class and needs no loop',
      ),
      way(
        'PyType_GetModuleByToken(tp, token)',
        'a new reference instead of a borrowed one; by token instead of definition',
      ),
    ],
    'keep a pointer to the module state in the instance',
  ),
  replace(
    ['PyState_FindModule', 'PyState_AddModule', 'PyState_RemoveModule'],
    [
      way(
        'PyType_GetModuleState(cls)',
        'with cls the defining class; a module function has its module as self: PyModule_GetState',
      ),
      way('PyModule_GetState(self)', 'in module functions, whose self is the module'),
    ],
  ),
  replace(
    'PyModule_GetDef',
    way(
      'PyModule_GetToken(m, &token)',
      'a token instead of a definition: compare it with the address that the module uses; 0, or -1 with an ' +
        'exception',
    ),
    'keep what you need of the definition in a static of your own',
  ),
  withoutWay(
    [
      'Py_mod_multiple_interpreters',
      'Py_MOD_PER_INTERPRETER_GIL_SUPPORTED',
      'Py_MOD_MULTIPLE_INTERPRETERS_SUPPORTED',
      'Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED',
      'Py_mod_gil',
      'Py_MOD_GIL_NOT_USED',
      'Py_MOD_GIL_USED',
      'Py_tp_token',
    ],
    guardSlot,
  ),
  replace(
    'Py_TPFLAGS_DISALLOW_INSTANTIATION',
    way(
      '{Py_tp_new, (void *)refuse}',
      'a tp_new of your own that raises TypeError; older runtimes ignore the flag in silence',
    ),
  ),
  withoutWay('Py_TPFLAGS_IMMUTABLETYPE', 'older runtimes ignore the flag in silence: the type stays mutable there'),
  withoutWay(
    'Py_RELATIVE_OFFSET',
    'older runtimes ignore the flag in silence and read the wrong place; give offsetof in the whole struct',
  ),
  replace(['Py_NewRef', 'Py_XNewRef'], way('(Py_INCREF(o), o)', 'evaluates o twice; Py_XINCREF where it may be NULL')),
  replace('Py_Is', way('(x == y)', 'the same')),
  replace('Py_IsNone', way('(o == Py_None)', 'the same')),
  replace('Py_IsTrue', way('(o == Py_True)', 'the same')),
  replace('Py_IsFalse', way('(o == Py_False)', 'the same')),
  withoutWay(
    ['Py_EnterRecursiveCall', 'Py_LeaveRecursiveCall'],
    'older runtimes have macros over the thread state instead of functions; people count the depth themselves',
  ),
  replace(
    'Py_GenericAlias',
    way(
      'PyObject_CallFunctionObjArgs(generic_alias, origin, args, NULL)',
      'with generic_alias = types.GenericAlias, from runtime 3.9 on',
    ),
    'return the class itself from __class_getitem__',
  ),
  replace(
    'PyInterpreterGuard_FromCurrent',
    way(
      'PyInterpreterState *interp = PyInterpreterState_Get()',
      'a bare pointer, which does not keep the interpreter from finalizing',
    ),
  ),
  replace(
    'PyThreadState_Ensure',
    way(
      'PyGILState_STATE state = PyGILState_Ensure()',
      'always the main interpreter, and no protection against finalization',
    ),
  ),
  replace('PyThreadState_Release', way('PyGILState_Release(state)', 'with what PyGILState_Ensure returned')),
]
