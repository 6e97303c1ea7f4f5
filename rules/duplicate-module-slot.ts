import type { Rule } from '../analyzer/check/rule.ts'
import { type ModuleSlot, moduleSlotTables } from '../analyzer/semantics/module-slots.ts'

const module = (slots: string): string => `static int first(PyObject *m) { return 0; }
static int second(PyObject *m) { return 0; }
PyObject *create(PyObject *spec, PyModuleDef *def) { return first(spec) || second(spec) ? NULL : PyModule_New("spam"); }
static PyModuleDef_Slot spam_slots[] = {
    ${slots}
    {0, NULL}
};
PyModuleDef spam_def = {PyModuleDef_HEAD_INIT, .m_name = "spam", .m_slots = spam_slots};`

const exported = (slots: string): string => `static int first(PyObject *m) { return 0; }
static int second(PyObject *m) { return first(m); }
PyABIInfo_VAR(abi_info);
static PySlot spam_slots[] = {
    PySlot_STATIC_DATA(Py_mod_name, "spam"),
    PySlot_DATA(Py_mod_abi, &abi_info),
    ${slots}
    PySlot_END
};
PyMODEXPORT_FUNC PyModExport_spam(void) { (void)second; return spam_slots; }`

export const duplicateModuleSlot: Rule = {
  name: 'duplicate-module-slot',
  summary: 'a slot of a module that Python takes once, given twice',
  explanation: `\`Py_mod_create\`, \`Py_mod_multiple_interpreters\` and \`Py_mod_gil\` are taken once: for a second
one the import ends with \`SystemError\`, whatever the two say. \`Py_mod_exec\` may be given several times in a table of
\`PyModuleDef_Slot\`, and they are called one after the other; in the table of a \`PyModExport_\` function it may not:
\`SystemError: module spam has multiple Py_mod_exec slots\`. Call one function from the other.`,
  severity: 'error',
  effect: 'import-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.13',
      compiler: 'silent',
      code: module(`{Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_SUPPORTED},
    {Py_mod_exec, first},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},`),
      reports: {
        at: '7:6 Py_mod_multiple_interpreters',
        message: '`spam_slots` has a second `Py_mod_multiple_interpreters`: the import ends with `SystemError`',
      },
    },
    {
      kind: 'bad',
      target: '3.5',
      headers: '3.9',
      compiler: 'silent',
      code: module('{Py_mod_create, create}, {Py_mod_create, create},'),
      reports: {
        at: '5:31 Py_mod_create',
        message: '`spam_slots` has a second `Py_mod_create`: the import ends with `SystemError`',
      },
    },
    {
      kind: 'bad',
      target: '3.15',
      compiler: 'silent',
      code: exported('PySlot_FUNC(Py_mod_exec, first),\n    PySlot_FUNC(Py_mod_exec, second),'),
      reports: {
        at: '8:17 Py_mod_exec',
        message: '`spam_slots` has a second `Py_mod_exec`: the import ends with `SystemError`',
      },
    },
    { kind: 'good', target: '3.15', code: exported('PySlot_FUNC(Py_mod_exec, first),') },
    { kind: 'good', target: '3.5', headers: '3.9', code: module('{Py_mod_exec, first}, {Py_mod_exec, second},') },
    {
      kind: 'good',
      target: '3.12',
      code: module(`#ifdef OWN_GIL
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#else
    {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_SUPPORTED},
#endif`),
    },
  ],
  *check({ model }) {
    for (const { file, variable, type, slots } of moduleSlotTables(model)) {
      const first = new Map<string, ModuleSlot>()
      for (const slot of slots) {
        const before = first.get(slot.name)
        const isOnce = once.has(slot.name) || (type === 'PySlot' && slot.name === 'Py_mod_exec')
        if (!before || !isOnce) {
          first.set(slot.name, slot)
          continue
        }
        // Of branches one is taken.
        if (slot.compiled === 'unknown' && before.compiled === 'unknown' && slot.region !== before.region) continue
        const isSure = slot.compiled === 'yes' && before.compiled === 'yes'
        yield {
          file,
          ...slot.span,
          symbol: slot.name,
          ...(isSure
            ? {}
            : { severity: 'warning', notes: ['whether both are compiled depends on options of the build'] }),
          message: `\`${variable}\` has a second \`${slot.name}\`: the import ends with \`SystemError\``,
          advice: slot.name === 'Py_mod_exec' ? 'Call one function from the other.' : 'Leave one of them out.',
        }
      }
    }
  },
}

/** Objects/moduleobject.c, `PyModule_FromDefAndSpec2` */
const once: ReadonlySet<string> = new Set(['Py_mod_create', 'Py_mod_multiple_interpreters', 'Py_mod_gil'])
