import type { Rule } from '../analyzer/check/rule.ts'
import { foreignLookups, isBinarySlot } from '../analyzer/semantics/foreign-lookups.ts'

const add = (body: string): string => `typedef struct { PyObject *error; } State;
extern PyModuleDef spam_def;
${body}
PyType_Slot spam_slots[] = {{Py_nb_add, spam_add}, {0, NULL}};`

export const oneSidedStateLookup: Rule = {
  name: 'one-sided-state-lookup',
  summary: 'a slot for two operands that finds its module by the type of one of them only',
  explanation: `Python calls \`nb_add\` and the like for \`spam + 1\` and for \`1 + spam\`: either operand may be the
one that has the slot, and the other may be anything. \`PyType_GetModuleByDef\` of the type of a foreign object raises
\`TypeError: PyType_GetModuleByDef: No superclass of 'int' has the given module\`; where the slot gives that back,
\`1 + spam\` fails, though \`spam + 1\` works, and nobody else is asked.

Try the types of both operands, with \`PyErr_Clear\` between, and return \`Py_NotImplemented\` where neither has the
module.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.13',
      compiler: 'silent',
      code: add(`static PyObject *spam_add(PyObject *left, PyObject *right)
{
    PyObject *m = PyType_GetModuleByDef(Py_TYPE(left), &spam_def);
    if (m == NULL)
        return NULL;
    State *state = PyModule_GetState(m);
    return PyNumber_Add(state->error, right);
}`),
      reports: {
        at: '5:19 PyType_GetModuleByDef(Py_TYPE(left), &spam_def)',
        message:
          '`spam_add` finds the module by `left` only, which may be a foreign object: `nb_add` is for two operands',
      },
    },
    {
      kind: 'good',
      target: '3.13',
      code: add(`static PyObject *spam_add(PyObject *left, PyObject *right)
{
    PyObject *m = PyType_GetModuleByDef(Py_TYPE(left), &spam_def);
    if (m == NULL) {
        PyErr_Clear();
        m = PyType_GetModuleByDef(Py_TYPE(right), &spam_def);
    }
    if (m == NULL)
        return NULL;
    State *state = PyModule_GetState(m);
    return PyNumber_Add(state->error, right);
}`),
    },
    {
      kind: 'good',
      target: '3.13',
      code: add(`static PyObject *spam_add(PyObject *left, PyObject *right)
{
    PyObject *m = PyType_GetModuleByDef(Py_TYPE(left), &spam_def);
    if (m == NULL) {
        PyErr_Clear();
        Py_RETURN_NOTIMPLEMENTED;
    }
    State *state = PyModule_GetState(m);
    return PyNumber_Add(state->error, right);
}`),
    },
    {
      kind: 'good',
      target: '3.13',
      code: `extern PyModuleDef spam_def;
static PyObject *spam_iadd(PyObject *self, PyObject *other)
{
    PyObject *m = PyType_GetModuleByDef(Py_TYPE(self), &spam_def);
    if (m == NULL)
        return NULL;
    return PyNumber_Add(m, other);
}
PyType_Slot spam_slots[] = {{Py_nb_inplace_add, spam_iadd}, {0, NULL}};`,
    },
  ],
  *check({ model }) {
    const all = [...foreignLookups(model)].filter(({ slot }) => isBinarySlot(slot))
    for (const { lookup, origin, slot, result } of all) {
      const { code, file: where } = origin.body
      const { text } = model.project.code(where)
      const body = text.slice(code.span.start, code.span.end)
      const isBoth = all.some((each) => each.origin.body.code === code && each.origin.parameter !== origin.parameter)
      // Who clears the error does something else then.
      if (result !== 'tested' || isBoth || /\bPyErr_(?:Clear|ExceptionMatches)\b/.test(body)) continue
      const isDirect = origin.through.length === 0
      yield {
        file: isDirect ? lookup.file : where,
        ...(isDirect ? lookup.call : origin.call).span,
        symbol: 'PyType_GetModuleByDef',
        notes: lookup.doubts,
        message:
          `\`${code.name}\` finds the module by \`${code.parameters[origin.parameter]!.name}\` only, which may be a ` +
          `foreign object: \`${slot}\` is for two operands`,
        advice: 'Try the types of both operands, clear the error between, and return `Py_NotImplemented` for none.',
      }
    }
  },
}
