import { at } from '../analyzer/check/of-use.ts'
import type { Rule } from '../analyzer/check/rule.ts'
import { slotGuard } from '../analyzer/fix/slot-guard.ts'
import { oldestPython } from '../analyzer/knowledge/target.ts'
import { type Minor, showVersion, showVersionHex } from '../analyzer/knowledge/version.ts'
import { declaredUses } from '../analyzer/semantics/declared-uses.ts'
import { isGuardedSlot } from '../analyzer/semantics/slot-guards.ts'

export const unguardedNewerSlot: Rule = {
  name: 'unguarded-newer-slot',
  summary: 'slot id that compiles at the target, but that the oldest Python does not know',
  explanation: `The headers of 3.15 declare the ids of slots at every level. An older Python meets a number that it
does not know and refuses: \`SystemError: module spam uses unknown slot ID 4\`, or \`RuntimeError: invalid slot
offset\` for a type.

Guard the entry with \`#if Py_LIMITED_API+0 >= ...\`, or build the array at run time and ask \`Py_Version\` there.
\`#ifdef Py_mod_gil\` and \`#if PY_VERSION_HEX >= ...\` are no guards: they ask the headers of the build, not the
Python that loads the module.`,
  severity: 'error',
  effect: 'import-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code:
        'PyModuleDef_Slot slots[] = {\n#if PY_VERSION_HEX >= 0x030D0000\n  {Py_mod_gil, 0},\n#endif\n  {0, ' +
        'NULL},\n};',
      reports: {
        at: '3:4 Py_mod_gil',
        message: 'Python knows `Py_mod_gil` from 3.13 on, older ones refuse the module',
      },
    },
    {
      kind: 'bad',
      target: '3.11',
      code: `static int run(PyObject *m) { return 0; }
static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)run},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},  // since 1.2
#endif
    {0, NULL}
};
static struct PyModuleDef spam = {PyModuleDef_HEAD_INIT, "spam", NULL, 0, NULL, slots};
PyMODINIT_FUNC PyInit_spam(void) { return PyModuleDef_Init(&spam); }`,
      reports: {
        at: '5:6 Py_mod_multiple_interpreters',
        message: 'Python knows `Py_mod_multiple_interpreters` from 3.12 on, older ones refuse the module',
      },
      fixed: `static int run(PyObject *m) { return 0; }
static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)run},
#if defined(Py_LIMITED_API) || PY_VERSION_HEX >= 0x030C0000
    {Pep_mod_multiple_interpreters, Pep_MOD_PER_INTERPRETER_GIL_SUPPORTED},  // since 1.2
#endif
    {0, NULL}
};
static struct PyModuleDef spam = {PyModuleDef_HEAD_INIT, "spam", NULL, 0, NULL, slots};
PyMODINIT_FUNC PyInit_spam(void) { return PepModuleDef_Init(&spam); }`,
    },
    {
      kind: 'bad',
      target: '3.11',
      code: `static PyModuleDef_Slot slots[] = {
#ifdef Py_mod_gil
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},  // since 1.2
#endif
    {0, NULL}
};`,
      reports: {
        at: '3:6 Py_mod_gil',
        message: 'Python knows `Py_mod_gil` from 3.13 on, older ones refuse the module',
      },
      fixed: `static PyModuleDef_Slot slots[] = {
#ifdef Py_mod_gil
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030D0000
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},  // since 1.2
#endif
#endif
    {0, NULL}
};`,
    },
    {
      kind: 'bad',
      target: '3.11',
      compiler: 'silent',
      code: 'int f(void) { return Py_tp_vectorcall; }',
      reports: {
        at: '1:22 Py_tp_vectorcall',
        message: 'Python knows `Py_tp_vectorcall` from 3.14 on, older ones refuse the type',
      },
    },
    {
      kind: 'bad',
      target: '3.8',
      compiler: 'silent',
      code: 'int f(void) { return Py_bf_getbuffer; }',
      reports: {
        at: '1:22 Py_bf_getbuffer',
        message: 'Python knows `Py_bf_getbuffer` from 3.9 on, older ones ignore it in silence',
        severity: 'warning',
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code:
        'PyModuleDef_Slot slots[] = {\n#if Py_LIMITED_API+0 >= 0x030D0000\n  {Py_mod_gil, 0},\n#endif\n  {0, ' +
        'NULL},\n};',
    },
    {
      kind: 'good',
      target: '3.13',
      code: 'PyModuleDef_Slot slots[] = {{Py_mod_gil, Py_MOD_GIL_NOT_USED}, {0, NULL}};',
    },
    { kind: 'good', target: '3.9', code: 'int f(void) { return Py_bf_getbuffer; }' },
    {
      kind: 'good',
      target: '3.11',
      code:
        'void f(PyType_Slot *s, void *call) {\n  if (Py_Version >= 0x030E0000 && call)\n    *s++ = ' +
        '(PyType_Slot){Py_tp_vectorcall, call};\n  *s++ = (PyType_Slot){0, NULL};\n}',
    },
    { kind: 'good', target: '3.11', code: 'int f(PyType_Slot *s) { return s->slot == Py_tp_vectorcall; }' },
    {
      kind: 'bad',
      target: '3.11',
      compiler: 'silent',
      code:
        'void f(PyType_Slot *s, void *call) {\n  if (Py_Version >= 0x030E0000) { call = NULL; }\n  if (call) { ' +
        '*s = (PyType_Slot){Py_tp_vectorcall, call}; }\n}',
      reports: {
        at: '3:34 Py_tp_vectorcall',
        message: 'Python knows `Py_tp_vectorcall` from 3.14 on, older ones refuse the type',
      },
    },
  ],
  *check(context) {
    const level = oldestPython(context.target)
    for (const live of declaredUses(context.model, (name) => Object.hasOwn(slots, name) && level < slots[name]!)) {
      if (isGuardedSlot(context.model, live.file, live.use.start)) continue
      const since = slots[live.use.name]!
      const { name } = live.use
      const isBuffer = name.startsWith('Py_bf_')
      const reaction = isBuffer
        ? 'ignore it in silence'
        : `refuse the ${name.startsWith('Py_mod_') ? 'module' : 'type'}`
      yield {
        ...at(live, context, `Python knows \`${name}\` from ${showVersion(since)} on, older ones ${reaction}`),
        advice:
          `Raise the target to ${showVersion(since)}, or guard it with \`#if Py_LIMITED_API+0 >= ` +
          `${showVersionHex(since)}\`.`,
        fix: slotGuard(context.model, live.file, name, live.use.start),
        ...(isBuffer ? { severity: 'warning' as const, effect: 'runtime-bug' as const } : {}),
      }
    }
  },
}

/** The first Python that takes the slot from a spec or a definition. */
const slots: Readonly<Record<string, Minor>> = {
  Py_bf_getbuffer: 9,
  Py_bf_releasebuffer: 9,
  Py_am_send: 10,
  Py_mod_multiple_interpreters: 12,
  Py_mod_gil: 13,
  Py_tp_vectorcall: 14,
  Py_tp_token: 14,
}
