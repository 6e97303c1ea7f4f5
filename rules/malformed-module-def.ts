import type { Rule } from '../analyzer/check/rule.ts'
import { buildDoubts } from '../analyzer/semantics/calls.ts'
import { unendedTables } from '../analyzer/semantics/definition-tables.ts'
import { localDefinitions } from '../analyzer/semantics/local-definitions.ts'

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
}

export const malformedModuleDef: Rule = {
  name: 'malformed-module-def',
  summary: 'definition of a module on the stack, or table in it without an end',
  explanation: `CPython reads \`PyMethodDef\`, \`PyMemberDef\`, \`PyGetSetDef\` and \`PyModuleDef_Slot\` arrays up to an
entry of zeros, and without that whatever lies behind the array: names that are none, functions that are called, or a
crash, which may come with another compiler or another order of the variables.

A module keeps the address of its \`PyModuleDef\`, and a function that of its \`PyMethodDef\`; slots are read when the module
is made, which may be after the init function has returned. In a local variable they are overwritten by whatever is
called next, and Python crashes, at once or much later. Make them \`static\`.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: [
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
    for (const { file, variable, type, span, last, lead, compiled } of unendedTables(model)) {
      const end = type === 'PyModuleDef_Slot' ? '{0, NULL}' : '{NULL}'
      yield {
        file,
        ...span,
        symbol: type,
        notes: buildDoubts(compiled),
        message:
          `\`${variable}\` does not end with \`${end}\`: what lies behind the array is read ` +
          `as ${entriesOf[type]!}`,
        advice: `Add \`${end}\`.`,
        fix: {
          title: `add \`${end}\``,
          safety: 'safe',
          reason: '',
          includes: [],
          shims: [],
          kind: 'file',
          rewrites: [{ ...last, pieces: [last, `,${lead}${end}`] }],
        },
      }
    }
  },
}
