import type { Rule } from '../analyzer/check/rule.ts'
import { callsAndExpansionsOf, isTested } from '../analyzer/semantics/calls.ts'
import { functionsOf } from '../analyzer/semantics/functions.ts'
import { moduleDefNamed } from '../analyzer/semantics/module-defs.ts'
import { Names } from '../analyzer/semantics/scope-names.ts'

const module = (
  body: string,
  slots = 'spam_slots',
  before = '',
): string => `${before}typedef struct { PyObject *error; } State;
static PyModuleDef spam_def;
${body}
PyModuleDef_Slot spam_slots[] = {{0, NULL}};
static PyModuleDef spam_def = {PyModuleDef_HEAD_INIT, "spam", NULL, sizeof(State), NULL, ${slots}};`

export const findModuleState: Rule = {
  name: 'find-module-state',
  summary: '`PyState_FindModule` of a definition with slots',
  explanation: `A definition with \`m_slots\` may have any number of modules, so Python keeps none of them by its
definition: \`PyState_FindModule\` gives \`NULL\`, and \`PyModule_GetState\` of that crashes.
\`PyState_AddModule\` and \`PyState_RemoveModule\` raise \`SystemError\`.

A function of the module gets the module as its first parameter. A method gets the class that defines it with
\`METH_METHOD\`, and \`PyType_GetModuleState\` has the state; slots ask \`PyType_GetModuleByDef\`.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: module('PyObject *f(void) { return ((State *)PyModule_GetState(PyState_FindModule(&spam_def)))->error; }'),
      reports: {
        at: '3:56 PyState_FindModule(&spam_def)',
        message: '`PyState_FindModule` always gives `NULL`: `spam_def` has slots',
        severity: 'error',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: module(
        `#define STATE ((State *)PyModule_GetState(PyState_FindModule(&spam_def)))
PyObject *f(void) { return STATE->error; }`,
      ),
      reports: {
        at: '3:43 PyState_FindModule(&spam_def)',
        message: '`PyState_FindModule` always gives `NULL`: `spam_def` has slots',
        severity: 'error',
        notes: ['in the body of macro `STATE`, used in example.c'],
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: module(`PyObject *f(void)
{
    PyModuleDef *def = &spam_def;
    PyObject *m = PyState_FindModule(def);
    if (m == NULL)
        return NULL;
    return ((State *)PyModule_GetState(m))->error;
}`),
      reports: {
        at: '6:19 PyState_FindModule(def)',
        message: '`PyState_FindModule` always gives `NULL`: `spam_def` has slots',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: module('int f(PyObject *m) { return PyState_AddModule(m, &spam_def); }'),
      reports: {
        at: '3:29 PyState_AddModule(m, &spam_def)',
        message: '`PyState_AddModule` raises `SystemError`: `spam_def` has slots',
      },
    },
    {
      kind: 'good',
      target: '3.12',
      code: module(
        'PyObject *f(void) { return ((State *)PyModule_GetState(PyState_FindModule(&spam_def)))->error; }',
        'NULL',
      ),
    },
    {
      kind: 'good',
      target: '3.12',
      code: module('PyObject *f(PyObject *m, PyObject *none) { return ((State *)PyModule_GetState(m))->error; }'),
    },
  ],
  *check({ model }) {
    const names = new Names(functionsOf(model))
    for (const { name, definition, does } of functions) {
      for (const { file, around, call, macro, doubts } of callsAndExpansionsOf(model, name)) {
        const operand = call.operands[definition]
        if (!operand) continue
        const meant = names.addressedName(operand, names.ofFunction({ file, code: around }))
        const def = moduleDefNamed(model, file, meant)
        if (def === null || def.hasSlots === 'no') continue
        const notes = [
          ...doubts,
          ...(def.hasSlots === 'yes' ? [] : [`whether \`${meant}\` has slots depends on options of the build`]),
        ]
        yield {
          file,
          ...call.span,
          macro,
          symbol: name,
          severity:
            name === 'PyState_FindModule' && notes.length === 0 && !isTested(around, call) ? 'error' : 'warning',
          notes,
          message: `\`${name}\` ${does}: \`${meant}\` has slots`,
          advice:
            'Take the module from the first parameter of a module function, from the class that defines a method ' +
            '(`METH_METHOD`, `PyType_GetModuleState`), or by `PyType_GetModuleByDef`.',
        }
      }
    }
  },
}

const functions = [
  { name: 'PyState_FindModule', definition: 0, does: 'always gives `NULL`' },
  { name: 'PyState_AddModule', definition: 1, does: 'raises `SystemError`' },
  { name: 'PyState_RemoveModule', definition: 0, does: 'raises `SystemError`' },
] as const
