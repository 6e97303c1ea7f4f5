import type { Rule } from '../analyzer/check/rule.ts'
import { buildDoubts, compiledAt } from '../analyzer/semantics/calls.ts'
import { exportedTables } from '../analyzer/semantics/module-slots.ts'

const exported = (abi: string): string => `static int spam_exec(PyObject *m) { return 0; }
PyABIInfo_VAR(abi_info);
static PySlot spam_slots[] = {
    PySlot_STATIC_DATA(Py_mod_name, "spam"),
    ${abi}PySlot_FUNC(Py_mod_exec, spam_exec),
    PySlot_END
};
PyMODEXPORT_FUNC PyModExport_spam(void) { (void)&abi_info; return spam_slots; }`

export const missingAbiSlot: Rule = {
  name: 'missing-abi-slot',
  summary: 'slots of a `PyModExport_` function without `Py_mod_abi`',
  explanation: `Python asks each module that comes by a \`PyModExport_\` function for what it was built for: without
a \`Py_mod_abi\` slot the import ends with \`SystemError\`. Write \`PyABIInfo_VAR(abi_info);\` before the table, and
\`PySlot_DATA(Py_mod_abi, &abi_info)\` in it.`,
  severity: 'error',
  effect: 'import-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.15',
      compiler: 'silent',
      code: exported(''),
      reports: {
        at: '3:15 spam_slots',
        message:
          '`spam_slots` has no `Py_mod_abi`, which `PyModExport_spam` has to give: the import ends with `SystemError`',
      },
    },
    { kind: 'good', target: '3.15', code: exported('PySlot_DATA(Py_mod_abi, &abi_info),\n    ') },
    {
      kind: 'good',
      target: '3.15',
      code: `PyABIInfo_VAR(abi_info);
static PySlot inner[] = {PySlot_DATA(Py_mod_abi, &abi_info), PySlot_END};
static PySlot spam_slots[] = {
    PySlot_STATIC_DATA(Py_mod_name, "spam"), PySlot_DATA(Py_slot_subslots, inner), PySlot_END
};
PyMODEXPORT_FUNC PyModExport_spam(void) { return spam_slots; }`,
    },
  ],
  *check({ model }) {
    for (const { module, table, isWhole } of exportedTables(model)) {
      if (!isWhole || table.slots.some(({ name }) => name === 'Py_mod_abi')) continue
      yield {
        file: table.file,
        ...table.span,
        symbol: 'Py_mod_abi',
        ...(compiledAt(model, table.file, table.span.start) === 'unknown'
          ? { severity: 'warning', notes: buildDoubts('unknown') }
          : {}),
        message:
          `\`${table.variable}\` has no \`Py_mod_abi\`, which \`PyModExport_${module}\` has to give: the import ` +
          'ends with `SystemError`',
        advice: 'Write `PyABIInfo_VAR(abi_info);` before it, and `PySlot_DATA(Py_mod_abi, &abi_info)` in it.',
      }
    }
  },
}
