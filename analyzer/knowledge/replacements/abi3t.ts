import type { Replacement } from '../replacement.ts'
import { family, replace, way, withoutWay } from './build.ts'

const typeData = way(
  'PyObject_GetTypeData(self, cls)',
  'the struct of the instance has no header then: its size, negated, is PyType_Spec.basicsize, members get ' +
    'Py_RELATIVE_OFFSET, and cls is the class that declares the data, never Py_TYPE(self)',
  ['Py_RELATIVE_OFFSET'],
)
const ownHeader =
  'the object header is opaque under abi3t; below the level of PyObject_GetTypeData build for abi3 ' + 'instead'
const slots =
  'the array is what the export hook PyModExport_name returns; Py_mod_abi is required, Py_mod_methods ' +
  'must be static (PySlot_STATIC_DATA); keep the definition for older levels behind a condition'
const noDefinition = 'definitions of modules are opaque under abi3t, and modules made from slots need level 3.15'
const varSized =
  'var-sized types cannot be written for abi3t in 3.15; people keep the items in an allocation of ' + 'their own'

/** What the opaque object header and module definition of abi3t take away. */
export const abi3t: readonly Replacement[] = [
  replace(['PyObject_HEAD', 'PyObject'], typeData, ownHeader),
  replace(['PyObject_VAR_HEAD', 'PyVarObject'], [], varSized),
  replace(
    ['PyObject_HEAD_INIT', 'PyVarObject_HEAD_INIT'],
    [
      way('PyType_FromSlots(slots)', 'no object can be static: the type is made at run time, a new reference'),
      way(
        'PyType_FromModuleAndSpec(module, &spec, bases)',
        'no object can be static: the type is made at run time, a new reference',
      ),
      way('PyType_FromSpec(&spec)', 'no object can be static: the type is made at run time, a new reference'),
    ],
  ),
  replace('_PyObject_EXTRA_INIT', [], 'no object can be static; make the type with PyType_FromModuleAndSpec'),
  replace(
    'PyObject.ob_refcnt',
    way(
      'Py_REFCNT(o)',
      'for reading; no true count for immortal objects and on free-threaded builds, so not to be compared with 1',
    ),
  ),
  replace(
    'PyObject.ob_type',
    way('Py_TYPE(o)', 'a borrowed reference; for reading only: the type of an object is given when it is made'),
  ),
  replace(
    'PyVarObject.ob_size',
    way(
      'Py_SIZE(o)',
      'for reading, and for var-sized types of your own only: for int it is no length, and others have their Size ' +
        'functions',
    ),
  ),
  replace('PyVarObject.ob_base', way('(PyObject *)o', 'a cast instead of the field')),
  replace(
    'Py_SET_TYPE',
    way(
      'PyType_FromMetaclass(metaclass, module, &spec, bases)',
      'for a type: name the metaclass when it is made; for other objects no function sets the type, so make a new ' +
        'object',
    ),
    'no function sets the type of an object under abi3t; make a new object of the right type',
  ),
  replace(
    'Py_SET_REFCNT',
    [],
    'no function for this is meant for extensions; people drop free lists and resurrection, and use Py_INCREF and ' +
      'Py_DECREF',
  ),
  replace('Py_SET_SIZE', [], varSized),
  replace('PyObject_GC_Resize', [], varSized),
  replace(['PyObject_NewVar', 'PyObject_GC_NewVar'], [], varSized),
  withoutWay(
    ['_Py_IsImmortal', '_Py_IMMORTAL_REFCNT', '_Py_IMMORTAL_INITIAL_REFCNT'],
    'nothing tells whether an object is immortal; people drop the question',
  ),
  replace(
    ['PyModuleDef', 'PyModuleDef_HEAD_INIT', 'PyModuleDef_Base', 'PyModuleDef.m_base'],
    way(
      'static PySlot slots[] = {PySlot_DATA(Py_mod_name, "name"), PySlot_DATA(Py_mod_abi, &abi_info), PySlot_END}',
      slots,
      ['PyABIInfo_VAR'],
    ),
    noDefinition,
  ),
  replace('PyModuleDef.m_name', [
    way(
      'PyModule_GetNameObject(m)',
      'reads the name of a module: a new str; a definition becomes the slot Py_mod_name',
    ),
  ]),
  replace(
    'PyModuleDef.m_size',
    way(
      'PyModule_GetStateSize(m, &size)',
      'reads the size: 0, or -1 on error; a definition becomes the slot Py_mod_state_size',
    ),
    noDefinition,
  ),
  replace(
    'PyModuleDef.m_doc',
    way(
      'PyObject_GetAttrString(m, "__doc__")',
      'reads the text: a new str or None; a definition becomes the slot Py_mod_doc',
    ),
  ),
  replace(
    'PyModuleDef.m_methods',
    way('PySlot_STATIC_DATA(Py_mod_methods, methods)', 'an entry of the slots of the module', ['PyABIInfo_VAR']),
    noDefinition,
  ),
  replace(
    'PyModuleDef.m_slots',
    way(
      'PySlot_STATIC_DATA(Py_mod_slots, older_slots)',
      'an entry of the slots of the module that takes the array as it is',
      ['PyABIInfo_VAR'],
    ),
    noDefinition,
  ),
  ...family({ traverse: 0, clear: 0, free: 0 }, (part) =>
    replace(
      `PyModuleDef.m_${part}`,
      way(`PySlot_FUNC(Py_mod_state_${part}, state_${part})`, 'an entry of the slots of the module', ['PyABIInfo_VAR']),
      noDefinition,
    ),
  ),
]
