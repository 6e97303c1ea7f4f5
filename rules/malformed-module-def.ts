import type { Finding, Rule } from '../analyzer/check/rule.ts'
import { pointedName } from '../analyzer/code/values.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { buildDoubts, callsOf } from '../analyzer/semantics/calls.ts'
import { unendedTables } from '../analyzer/semantics/definition-tables.ts'
import { localDefinitions } from '../analyzer/semantics/local-definitions.ts'
import { moduleDefNamed } from '../analyzer/semantics/module-defs.ts'

const module_ = (methods: string, slots = '{Py_mod_exec, spam_exec}, {0, NULL}'): string => `#define END {NULL, NULL}
static PyObject *spam(PyObject *self, PyObject *args) { return Py_BuildValue(""); }
static int spam_exec(PyObject *module) { return 0; }
static PyMethodDef spam_methods[] = {${methods}};
static PyModuleDef_Slot spam_slots[] = {${slots}};
static PyModuleDef spam_module = {
    PyModuleDef_HEAD_INIT, .m_name = "spam", .m_methods = spam_methods, .m_slots = spam_slots,
};
PyMODINIT_FUNC PyInit_spam(void) { return PyModuleDef_Init(&spam_module); }`

const init = (storage: string, methods = 'spam_methods'): string => `extern PyMethodDef spam_methods[];
PyMODINIT_FUNC PyInit_spam(void)
{
    ${storage}PyModuleDef def = {PyModuleDef_HEAD_INIT};
    def.m_name = "spam";
    def.m_size = -1;
    def.m_methods = ${methods};
    return PyModule_Create(&def);
}`

/** What the entries of a table are, by its type. */
const entriesOf: Readonly<Record<string, string>> = {
  PyMethodDef: 'methods',
  PyMemberDef: 'members',
  PyGetSetDef: 'attributes',
  PyModuleDef_Slot: 'slots',
  PySlot: 'slots',
}

/** The last entry of a table, by its type; of others `{NULL}`. */
const ends: Readonly<Record<string, string>> = { PyModuleDef_Slot: '{0, NULL}', PySlot: 'PySlot_END' }

export const malformedModuleDef: Rule = {
  name: 'malformed-module-def',
  summary: 'definition of a module on the stack, with a table without an end, or with slots for `PyModule_Create`',
  explanation: `CPython reads \`PyMethodDef\`, \`PyMemberDef\`, \`PyGetSetDef\` and \`PyModuleDef_Slot\` arrays up to an
entry of zeros, and without that whatever lies behind the array: names that are none, functions that are called, or a
crash, which may come with another compiler or another order of the variables.

A module keeps the address of its \`PyModuleDef\`, and a function that of its \`PyMethodDef\`; slots are read when the module
is made, which may be after the init function has returned. In a local variable they are overwritten by whatever is
called next, and Python crashes, at once or much later. Make them \`static\`.

\`PyModule_Create\` makes a module at once, and refuses a definition with slots.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `static PyModuleDef_Slot spam_slots[] = {{0, NULL}};
static PyModuleDef spam_module = {PyModuleDef_HEAD_INIT, .m_name = "spam", .m_slots = spam_slots};
PyMODINIT_FUNC PyInit_spam(void) { return PyModule_Create(&spam_module); }`,
      reports: {
        at: '3:43 PyModule_Create',
        message: '`PyModule_Create` raises `SystemError`: `spam_module` has slots',
        severity: 'error',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: module_('{"spam", spam, METH_NOARGS, NULL}'),
      fixed: module_('{"spam", spam, METH_NOARGS, NULL}, {NULL}'),
      reports: {
        at: '4:20 spam_methods',
        message: '`spam_methods` does not end with `{NULL}`: what lies behind the array is read as methods',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: module_('{"spam", spam, METH_NOARGS, NULL},\n    {NULL}', '\n    {Py_mod_exec, spam_exec},\n'),
      fixed: module_(
        '{"spam", spam, METH_NOARGS, NULL},\n    {NULL}',
        '\n    {Py_mod_exec, spam_exec},\n    {0, NULL},\n',
      ),
      reports: {
        at: '6:25 spam_slots',
        message: '`spam_slots` does not end with `{0, NULL}`: what lies behind the array is read as slots',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: `#define METHOD(name, function) {#name, function, METH_NOARGS, NULL}
${module_('\n    METHOD(spam, spam),\n', '{Py_mod_exec, spam_exec}, {0}')}`,
      fixed: `#define METHOD(name, function) {#name, function, METH_NOARGS, NULL}
${module_('\n    METHOD(spam, spam),\n    {NULL},\n', '{Py_mod_exec, spam_exec}, {0}')}`,
      reports: {
        at: '5:20 spam_methods',
        message: '`spam_methods` does not end with `{NULL}`: what lies behind the array is read as methods',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: `#define METHODS(X) \\
    X(spam) \\
    X(spam2) // the last
#define METHOD(name) {#name, spam, METH_NOARGS, NULL},
${module_('METHODS(METHOD)', '{Py_mod_exec, spam_exec}, {0}')}`,
      reports: {
        at: '8:20 spam_methods',
        message: '`spam_methods` does not end with `{NULL}`: what lies behind the array is read as methods',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: `#define METHODS METHOD(spam), METHOD(spam2)
#define METHOD(name) {#name, spam, METH_NOARGS, NULL}
${module_('METHODS', '{Py_mod_exec, spam_exec}, {0}')}`,
      fixed: `#define METHODS METHOD(spam), METHOD(spam2)
#define METHOD(name) {#name, spam, METH_NOARGS, NULL}
${module_('METHODS, {NULL}', '{Py_mod_exec, spam_exec}, {0}')}`,
      reports: {
        at: '6:20 spam_methods',
        message: '`spam_methods` does not end with `{NULL}`: what lies behind the array is read as methods',
      },
    },
    {
      kind: 'good',
      target: '3.12',
      code: `#define METHODS(X) X(spam, METH_NOARGS) X(spam2, METH_NOARGS) LAST
#define METHOD(name, flags) {#name, spam, flags, NULL},
#define LAST {NULL, NULL, 0, NULL}
${module_('METHODS(METHOD)')}`,
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: module_(
        '{NULL}',
        '\n    {Py_mod_exec, spam_exec},\n#if PY_VERSION_HEX >= 0x030c0000\n' +
          '    {Py_mod_multiple_interpreters, NULL},\n#endif\n',
      ),
      reports: {
        at: '5:25 spam_slots',
        message: '`spam_slots` does not end with `{0, NULL}`: what lies behind the array is read as slots',
      },
    },
    {
      kind: 'bad',
      target: '3.15',
      compiler: 'silent',
      code: `static int spam_exec(PyObject *module) { return 0; }
static PySlot spam_slots[] = {PySlot_STATIC_DATA(Py_mod_name, "spam"), PySlot_FUNC(Py_mod_exec, spam_exec)};
PyMODEXPORT_FUNC PyModExport_spam(void) { return spam_slots; }`,
      fixed: `static int spam_exec(PyObject *module) { return 0; }
static PySlot spam_slots[] = {PySlot_STATIC_DATA(Py_mod_name, "spam"), PySlot_FUNC(Py_mod_exec, spam_exec), PySlot_END};
PyMODEXPORT_FUNC PyModExport_spam(void) { return spam_slots; }`,
      reports: {
        at: '2:15 spam_slots',
        message: '`spam_slots` does not end with `PySlot_END`: what lies behind the array is read as slots',
      },
    },
    {
      kind: 'good',
      target: '3.15',
      code: `static int spam_exec(PyObject *module) { return 0; }
static PySlot spam_slots[] = {PySlot_FUNC(Py_mod_exec, spam_exec), {Py_slot_end, 0, {0}, {NULL}}};
PyMODEXPORT_FUNC PyModExport_spam(void) { return spam_slots; }`,
    },
    {
      kind: 'good',
      target: '3.12',
      code: `#define METHOD(name, function, flags) {name, function, flags, NULL}
${module_('METHOD("spam", spam, METH_NOARGS), METHOD(NULL, NULL, 0)')}`,
    },
    {
      kind: 'good',
      target: '3.12',
      code: module_('{"spam", spam, METH_NOARGS, NULL},\n#ifdef SPAM\n    {NULL}\n#else\n    {0}\n#endif\n'),
    },
    { kind: 'good', target: '3.12', code: module_('{"spam", spam, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}') },
    { kind: 'good', target: '3.12', code: module_('{"spam", spam, METH_NOARGS, NULL}, END') },
    {
      kind: 'good',
      target: '3.12',
      code: module_('{"spam", spam, METH_NOARGS, NULL},\n#ifdef SPAM\n{"eggs", spam, METH_NOARGS, NULL},\n#endif\n{0}'),
    },
    {
      kind: 'good',
      target: '3.12',
      code: `static PyObject *spam(PyObject *self, PyObject *args) { return Py_BuildValue(""); }
static PyMethodDef callbacks[] = {{"first", spam, METH_NOARGS, NULL}, {"second", spam, METH_NOARGS, NULL}};
PyObject *second(void) { return PyCFunction_New(&callbacks[1], NULL); }`,
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: init(''),
      reports: {
        at: '4:17 def',
        message: 'Python keeps the address of `def`, which is gone when `PyInit_spam` returns',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: `PyObject *spam(PyObject *m)
{
    PyMethodDef methods[] = {{"f", NULL, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
    return PyModule_AddFunctions(m, methods) < 0 ? NULL : m;
}`,
      reports: {
        at: '3:17 methods',
        message: 'Python keeps the address of `methods`, which is gone when `spam` returns',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: `static PyObject *make(PyModuleDef *made) { return PyModule_Create(made); }
PyMODINIT_FUNC PyInit_spam(void)
{
    struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "spam"};
    struct PyModuleDef *at = &def;
    return make(at);
}`,
      reports: {
        at: '4:24 def',
        message: 'Python keeps the address of `def`, which is gone when `PyInit_spam` returns',
      },
    },
    { kind: 'good', target: '3.12', code: init('static ') },
    {
      kind: 'good',
      target: '3.12',
      code: `static PyModuleDef def;
PyMODINIT_FUNC PyInit_spam(void)
{
    PyModuleDef filled = {PyModuleDef_HEAD_INIT};
    filled.m_name = "spam";
    def = filled;
    return PyModule_Create(&def);
}`,
    },
    {
      kind: 'good',
      target: '3.12',
      code: `extern PyModuleDef spam_def;
PyMODINIT_FUNC PyInit_spam(void)
{
    PyModuleDef *def = &spam_def;
    return PyModule_Create(def);
}`,
    },
  ],
  *check({ model }) {
    for (const name of ['PyModule_Create', 'PyModule_Create2']) yield* singlePhase(model, name)
    for (const { file, variable, type, around, span, compiled } of localDefinitions(model)) {
      yield {
        file,
        ...span,
        symbol: type,
        notes: buildDoubts(compiled),
        message: `Python keeps the address of \`${variable}\`, which is gone when \`${around}\` returns`,
        advice: `Make the \`${type}\` static.`,
      }
    }
    for (const { file, variable, type, span, last, compiled } of unendedTables(model)) {
      const end = ends[type] ?? '{NULL}'
      yield {
        file,
        ...span,
        symbol: type,
        notes: buildDoubts(compiled),
        message:
          `\`${variable}\` does not end with \`${end}\`: what lies behind the array is read ` +
          `as ${entriesOf[type]!}`,
        advice: `Add \`${end}\`.`,
        fix: last && {
          title: `add \`${end}\``,
          safety: 'safe',
          reason: '',
          includes: [],
          shims: [],
          kind: 'file',
          rewrites: [{ ...last.span, pieces: [last.span, `,${last.lead}${end}`] }],
        },
      }
    }
  },
}

/** Calls that make a module at once of a definition which says by its slots that Python makes it in phases. */
function* singlePhase(model: ProjectModel, name: string): Iterable<Finding> {
  for (const { file, call, doubts } of callsOf(model, name)) {
    const variable = call.operands[0] ? pointedName(call.operands[0]) : null
    const def = variable === null ? null : moduleDefNamed(model, file, variable)
    if (def === null || def.hasSlots === 'no') continue
    // What chooses slots may choose how the module is made, too.
    if (def.hasSlots === 'unknown' && doubts.length > 0) continue
    const notes = def.hasSlots === 'yes' ? doubts : buildDoubts(def.hasSlots)
    yield {
      file,
      ...call.callee.span,
      symbol: name,
      ...(notes.length > 0 ? { notes } : { severity: 'error' }),
      effect: 'import-break',
      message: `\`${name}\` raises \`SystemError\`: \`${variable}\` has slots`,
      advice: `Write \`return PyModuleDef_Init(&${variable});\`, and do in a \`Py_mod_exec\` slot what follows.`,
    }
  }
}
