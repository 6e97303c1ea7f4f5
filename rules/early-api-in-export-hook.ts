import type { Rule } from '../analyzer/check/rule.ts'
import { callsIn } from '../analyzer/code/placement.ts'
import { calleeName } from '../analyzer/code/values.ts'
import { initFunctions } from '../analyzer/project/init-functions.ts'
import { buildDoubts, compiledAt } from '../analyzer/semantics/calls.ts'
import { functionsOf } from '../analyzer/semantics/functions.ts'

const hook = (code: string): string => `PyABIInfo_VAR(abi_info);
static PySlot slots[] = {
    PySlot_STATIC_DATA(Py_mod_abi, &abi_info), PySlot_STATIC_DATA(Py_mod_name, "spam"), PySlot_END
};
PyMODEXPORT_FUNC PyModExport_spam(void)
{
    ${code}return slots;
}`

export const earlyApiInExportHook: Rule = {
  name: 'early-api-in-export-hook',
  summary: '`PyModExport_` function that calls the C API before it knows that this fits',
  explanation: `Python compares \`Py_mod_abi\` of a module with itself after the \`PyModExport_\` function has returned. What
that function calls is called whatever Python has loaded it: one with another layout of objects crashes there, instead of
raising \`ImportError\`. Return a static array and nothing else, and do the rest in a \`Py_mod_exec\` slot, or ask
\`PyABIInfo_Check(&abi_info, "spam")\` first.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code: hook('if (PyErr_Occurred())\n        return NULL;\n    '),
      reports: {
        at: '7:9 PyErr_Occurred()',
        message:
          '`PyModExport_spam` calls `PyErr_Occurred` before it is known whether the module is made for this Python',
      },
    },
    {
      kind: 'good',
      target: 'abi3t',
      code: hook('if (PyABIInfo_Check(&abi_info, "spam") < 0 || PyErr_Occurred())\n        return NULL;\n    '),
    },
    { kind: 'good', target: 'abi3t', code: hook('') },
  ],
  *check({ model }) {
    for (const { kind, module, file, bodies } of initFunctions(model.project)) {
      if (kind !== 'PyModExport') continue
      for (const code of bodies) {
        for (const call of callsIn(code)) {
          const name = calleeName(call) ?? ''
          if (name === 'PyABIInfo_Check') break
          if (!functionsOf(model).isOfApi(file, name) || /^PySlot_/.test(name)) continue
          const compiled = compiledAt(model, file, call.span.start)
          if (compiled === 'no') continue
          yield {
            file,
            ...call.span,
            symbol: name,
            notes: buildDoubts(compiled),
            message:
              `\`PyModExport_${module}\` calls \`${name}\` before it is known whether the module is made for this ` +
              'Python',
            advice: 'Do it in a `Py_mod_exec` slot, or call `PyABIInfo_Check` first.',
          }
          break
        }
      }
    }
  },
}
