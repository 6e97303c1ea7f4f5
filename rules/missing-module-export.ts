import type { Rule } from '../analyzer/check/rule.ts'

export const missingModuleExport: Rule = {
  name: 'missing-module-export',
  summary: 'PyInit_ function without PyModExport_ beside it',
  explanation: `\`PyModuleDef\` is opaque for abi3t, so a module cannot define one, and \`PyInit_spam\` has nothing
to hand to \`PyModuleDef_Init\` or \`PyModule_Create\`. Python 3.15 looks for \`PyModExport_spam\` first (PEP 793):
it returns an array of \`PySlot\`, in which \`Py_mod_abi\` is required.

Write \`PyModExport_spam\` for abi3t; keep \`PyInit_spam\` and its definition behind a condition where older levels
are built from the same source.`,
  severity: 'warning',
  effect: 'import-break',
  examples: () => [
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code: 'PyMODINIT_FUNC PyInit_spam(void) { return NULL; }',
      reports: {
        at: '1:16 PyInit_spam',
        message: 'module `spam` has no `PyModExport_spam`, and its definition cannot be built for abi3t',
      },
    },
    {
      kind: 'good',
      target: 'abi3t',
      code:
        'PyMODEXPORT_FUNC PyModExport_spam(void) { return NULL; }\nPyMODINIT_FUNC PyInit_spam(void) { return ' +
        'NULL; }',
    },
    {
      kind: 'good',
      target: 'abi3t',
      code: '#ifndef Py_TARGET_ABI3T\nPyMODINIT_FUNC PyInit_spam(void) { return NULL; }\n#endif',
    },
    { kind: 'good', target: '3.15', code: 'PyMODINIT_FUNC PyInit_spam(void) { return NULL; }' },
  ],
  *check({ model, target }) {
    if (!target.abi3t) return
    const functions = model.files.flatMap(({ declarations }, file) =>
      declarations
        .filter(({ kind, defines, region }) => kind === 'function' && defines && model.active(file, region) !== 'no')
        .map((each) => ({ ...each, file })),
    )
    const exported = new Set(functions.map(({ name }) => name).filter((name) => name.startsWith('PyModExport_')))
    for (const { file, name, offset } of functions) {
      const module = /^PyInit_(\w+)$/.exec(name)?.[1]
      if (module === undefined || exported.has(`PyModExport_${module}`)) continue
      yield {
        file,
        start: offset,
        end: offset + name.length,
        symbol: name,
        message: `module \`${module}\` has no \`PyModExport_${module}\`, and its definition cannot be built for abi3t`,
        advice:
          `Write \`PyMODEXPORT_FUNC PyModExport_${module}(void)\`, which returns an array of \`PySlot\` with ` +
          `\`Py_mod_abi\`.`,
      }
    }
  },
}
