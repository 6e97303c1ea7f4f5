import type { Rule } from '../analyzer/check/rule.ts'
import { pointedName } from '../analyzer/code/values.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { buildDoubts, callsOf, compiledAt } from '../analyzer/semantics/calls.ts'
import { isNegative, type ModuleDef, moduleDefNamed, moduleDefs } from '../analyzer/semantics/module-defs.ts'

const module = (size: string, slots = 'spam_slots'): string => `static int spam_exec(PyObject *m) { return 0; }
PyModuleDef_Slot spam_slots[] = {{Py_mod_exec, spam_exec}, {0, NULL}};
static PyModuleDef spam_def = {PyModuleDef_HEAD_INIT, "spam", NULL, ${size}, NULL, ${slots}};
PyMODINIT_FUNC PyInit_spam(void) { return PyModuleDef_Init(&spam_def); }`

export const wrongModuleStateSize: Rule = {
  name: 'wrong-module-state-size',
  summary: 'negative `m_size` in the definition of a module that Python makes in phases',
  explanation: `A negative \`m_size\` says that a module keeps its state in global variables and can be initialised
only once. That does not go together with \`m_slots\` or \`PyModuleDef_Init\`, by which each import makes a module of
its own: Python refuses such a definition with \`SystemError: m_size may not be negative for multi-phase
initialization\`, so the module cannot be imported. Write the size of the module's state, or 0 for none.`,
  severity: 'error',
  effect: 'import-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: module('-1'),
      reports: {
        at: '3:69 -1',
        message: '`spam_def` has slots and a negative `m_size`: the import ends with `SystemError`',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: `#define NO_STATE (-1)
static int spam_exec(PyObject *m) { return 0; }
static PyModuleDef_Slot spam_slots[] = {{Py_mod_exec, (void *)spam_exec}, {0, NULL}};
static struct PyModuleDef spam_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "spam",
    .m_size = NO_STATE,
    .m_slots = spam_slots,
};
PyMODINIT_FUNC PyInit_spam(void) { return PyModuleDef_Init(&spam_def); }`,
      reports: {
        at: '7:15 NO_STATE',
        message: '`spam_def` has slots and a negative `m_size`: the import ends with `SystemError`',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: module('(Py_ssize_t)-1'),
      reports: {
        at: '3:69 (Py_ssize_t)-1',
        message: '`spam_def` has slots and a negative `m_size`: the import ends with `SystemError`',
      },
    },
    { kind: 'good', target: '3.12', code: module('0') },
    { kind: 'good', target: '3.12', code: module('(sizeof(int)) - 1') },
    {
      kind: 'good',
      target: '3.9',
      code:
        '#ifdef __cplusplus\n#define NOTHING nullptr\n#else\n#define NOTHING NULL\n#endif\n' +
        'static PyModuleDef spam_module = {PyModuleDef_HEAD_INIT, "spam", NOTHING, -1, NOTHING, NOTHING};\n' +
        'PyObject *f(void) { return PyModule_Create(&spam_module); }',
    },
    {
      kind: 'good',
      target: '3.12',
      code: module(
        '\n#if MULTI_PHASE\n    0\n#else\n    -1\n#endif\n',
        '\n#if MULTI_PHASE\n    spam_slots\n#else\n    NULL\n#endif\n',
      ),
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: module('\n#ifdef SPAM_STATE\n    SPAM_STATE\n#else\n    -1\n#endif\n'),
      reports: {
        at: '7:5 -1',
        message: '`spam_def` has slots and a negative `m_size`: the import ends with `SystemError`',
        severity: 'warning',
        notes: ['whether it is compiled depends on options of the build'],
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: module('-1', 'NULL'),
      reports: {
        at: '3:69 -1',
        message: '`spam_def` goes to `PyModuleDef_Init` with a negative `m_size`: the import ends with `SystemError`',
      },
    },
    {
      kind: 'good',
      target: '3.12',
      code: `static PyModuleDef spam_def = {PyModuleDef_HEAD_INIT, "spam", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_spam(void) { return PyModule_Create(&spam_def); }`,
    },
  ],
  *check({ model }) {
    for (const def of moduleDefs(model)) {
      const { file, variable, hasSlots, sizes } = def
      const isGiven = hasSlots === 'no' && isGivenToPython(model, def)
      if (hasSlots === 'no' && !isGiven) continue
      const why = isGiven ? 'goes to `PyModuleDef_Init` with' : 'has slots and'
      for (const size of sizes) {
        if (!isNegative(model, file, size)) continue
        const compiled = compiledAt(model, file, size.span.start)
        // What chooses slots may choose the size that goes with them.
        if (hasSlots === 'unknown' && compiled === 'unknown') continue
        const doubts = buildDoubts(hasSlots === 'unknown' ? hasSlots : compiled)
        yield {
          file,
          ...size.span,
          symbol: 'PyModuleDef',
          ...(doubts.length > 0 ? { severity: 'warning', notes: doubts } : {}),
          message: `\`${variable}\` ${why} a negative \`m_size\`: the import ends with \`SystemError\``,
          advice: 'Write the size of the state of the module, or 0 for none.',
          fix: {
            title: 'write 0',
            safety: 'unsafe',
            reason: 'a module with state needs the size of that',
            includes: [],
            shims: [],
            kind: 'file',
            rewrites: [{ ...size.span, pieces: ['0'] }],
          },
        }
      }
    }
  },
}

/** Whether a definition goes to Python, which then makes a module of it, and the project makes none. */
const isGivenToPython = (model: ProjectModel, def: ModuleDef): boolean =>
  ['PyModuleDef_Init', 'PyModule_Create', 'PyModule_Create2'].every((name) => {
    const isCalled = [...callsOf(model, name)].some(
      ({ file, call }) =>
        call.operands[0] !== undefined &&
        pointedName(call.operands[0]) === def.variable &&
        moduleDefNamed(model, file, def.variable) === def,
    )
    return isCalled === (name === 'PyModuleDef_Init')
  })
