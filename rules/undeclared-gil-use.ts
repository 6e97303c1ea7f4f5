import type { Rule } from '../analyzer/check/rule.ts'
import { buildDoubts, compiledAt } from '../analyzer/semantics/calls.ts'
import { exportedTables } from '../analyzer/semantics/module-slots.ts'

const exported = (gil: string): string => `PyABIInfo_VAR(abi_info);
static PySlot spam_slots[] = {
    PySlot_STATIC_DATA(Py_mod_abi, &abi_info),
    PySlot_STATIC_DATA(Py_mod_name, "spam"),
    ${gil}PySlot_END
};
PyMODEXPORT_FUNC PyModExport_spam(void) { return spam_slots; }`

export const undeclaredGilUse: Rule = {
  name: 'undeclared-gil-use',
  summary: 'a module for abi3t that does not say whether it needs the GIL',
  explanation: `A Python without a GIL turns one on for the whole process when it imports a module that does not say
\`Py_MOD_GIL_NOT_USED\`, and warns of it: \`RuntimeWarning: The global interpreter lock (GIL) has been enabled to load module
'spam', which has not declared that it can run safely without the GIL\`. A library for abi3t is loaded by such Pythons.

Say \`PySlot_DATA(Py_mod_gil, Py_MOD_GIL_NOT_USED)\` once what the module shares between threads is protected, and
\`Py_MOD_GIL_USED\` until then. What the value says is not checked by Python.`,
  severity: 'info',
  effect: 'advice',
  examples: () => [
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code: exported(''),
      reports: {
        at: '2:15 spam_slots',
        message: '`spam_slots` does not say `Py_mod_gil`, so Pythons without a GIL turn it on for `spam`',
      },
    },
    { kind: 'good', target: 'abi3t', code: exported('PySlot_DATA(Py_mod_gil, Py_MOD_GIL_NOT_USED),\n    ') },
    { kind: 'good', target: '3.15', code: exported('') },
  ],
  *check({ model, target }) {
    if (!target.abi3t) return
    for (const { module, table, isWhole } of exportedTables(model)) {
      if (!isWhole || table.slots.some(({ name }) => name === 'Py_mod_gil')) continue
      yield {
        file: table.file,
        ...table.span,
        symbol: 'Py_mod_gil',
        notes: buildDoubts(compiledAt(model, table.file, table.span.start)),
        message:
          `\`${table.variable}\` does not say \`Py_mod_gil\`, so Pythons without a GIL turn it on for ` +
          `\`${module}\``,
        advice: 'Say `Py_MOD_GIL_NOT_USED` if threads may use the module at once, else `Py_MOD_GIL_USED`.',
      }
    }
  },
}
