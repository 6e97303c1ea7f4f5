import type { Rule } from '../analyzer/check/rule.ts'
import { oldestPython } from '../analyzer/knowledge/target.ts'
import { callsAndExpansionsOf } from '../analyzer/semantics/calls.ts'
import { functionsOf } from '../analyzer/semantics/functions.ts'

export const softDeprecatedApi: Rule = {
  name: 'soft-deprecated-api',
  summary: 'function that 3.15 has a better one for',
  explanation: `From 3.15 on modules and types are made of arrays of \`PySlot\` (PEP 793, PEP 820). \`PyType_FromSpec\`
and its like, and modules by way of \`PyModuleDef\`, are soft-deprecated by that: they stay, and new code does better
without. abi3t, for one, cannot do with \`PyModuleDef\`. Of code that has to run on older Pythons nothing is said.`,
  severity: 'info',
  effect: 'advice',
  onRequest: true,
  examples: () => [
    {
      kind: 'bad',
      target: '3.15',
      compiler: 'silent',
      code: 'PyObject *f(PyType_Spec *spec) { return PyType_FromSpec(spec); }',
      reports: { at: '1:41 PyType_FromSpec(spec)', message: '`PyType_FromSpec` is soft-deprecated from 3.15 on' },
    },
    {
      kind: 'bad',
      target: '3.15',
      compiler: 'silent',
      code: 'extern PyModuleDef def;\nPyMODINIT_FUNC PyInit_spam(void) { return PyModuleDef_Init(&def); }',
      reports: { at: '2:43 PyModuleDef_Init(&def)', message: '`PyModuleDef_Init` is soft-deprecated from 3.15 on' },
    },
    {
      kind: 'good',
      target: '3.15',
      code: `PyObject *f(PyType_Spec *spec)
{
#if Py_LIMITED_API + 0 >= 0x030C0000
    return PyType_FromMetaclass(NULL, NULL, spec, NULL);
#else
    return PyType_FromSpec(spec);
#endif
}`,
    },
    {
      kind: 'good',
      target: '3.15',
      code: `PyObject *f(PyType_Spec *spec)
{
#if PY_VERSION_HEX >= Py_PACK_VERSION(3, 12)
    return PyType_FromMetaclass(NULL, NULL, spec, NULL);
#else
    return PyType_FromSpec(spec);
#endif
}`,
    },
    {
      kind: 'good',
      target: '3.15',
      code: `#if PY_MINOR_VERSION < 12
PyObject *f(PyType_Spec *spec) { return PyType_FromSpec(spec); }
#else
PyObject *f(PyType_Spec *spec) { return PyType_FromMetaclass(NULL, NULL, spec, NULL); }
#endif`,
    },
    { kind: 'good', target: '3.14', code: 'PyObject *f(PyType_Spec *spec) { return PyType_FromSpec(spec); }' },
    { kind: 'good', target: '3.15', code: 'PyObject *f(PySlot *slots) { return PyType_FromSlots(slots); }' },
  ],
  *check({ model, target }) {
    if (oldestPython(target) < since) return
    for (const [name, advice] of Object.entries(deprecated))
      for (const { file, call, macro, doubts } of callsAndExpansionsOf(model, name)) {
        if (!functionsOf(model).isOfApi(file, name) || !model.declares(name)) continue
        if (olderToo.test(model.project.code(file).text)) continue
        yield {
          file,
          ...call.span,
          macro,
          symbol: name,
          notes: doubts,
          message: `\`${name}\` is soft-deprecated from 3.15 on`,
          advice,
        }
      }
  },
}

/** A condition on a version before that: the file is for older Pythons, too. */
const olderToo = new RegExp(
  String.raw`^[ \t]*#[ \t]*(?:el)?if[^\n]{0,200}(?:0x030[0-9a-e]|Py_PACK_(?:FULL_)?VERSION\(3, ?(?:\d|1[0-4])[,)]|` +
    String.raw`PY_MINOR_VERSION *(?:[<>]=?|==) *(?:\d|1[0-4])\b)`,
  'im',
)

/** The first Python that has the better ones. */
const since = 15

const types = 'Call `PyType_FromSlots`, with what are operands here as slots: `Py_tp_metaclass`, `Py_tp_module`.'
const modules = 'Call `PyModule_FromSlotsAndSpec`, with slots instead of a `PyModuleDef`.'

/** Sources: PEP 793, PEP 820; Doc/whatsnew/3.15.rst. */
const deprecated: Readonly<Record<string, string>> = {
  PyType_FromSpec: types,
  PyType_FromSpecWithBases: types,
  PyType_FromModuleAndSpec: types,
  PyType_FromMetaclass: types,
  PyModuleDef_Init: 'Export `PyModExport_` instead of `PyInit_`, which gives the slots of the module.',
  PyModule_FromDefAndSpec: modules,
  PyModule_FromDefAndSpec2: modules,
  PyModule_ExecDef: 'Call `PyModule_Exec`.',
}
