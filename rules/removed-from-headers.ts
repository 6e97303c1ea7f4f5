import { at } from '../analyzer/check/of-use.ts'
import type { Rule } from '../analyzer/check/rule.ts'
import { showVersion } from '../analyzer/knowledge/version.ts'

export const removedFromHeaders: Rule = {
  name: 'removed-from-headers',
  summary: 'name that the assumed CPython headers no longer have, limited or not',
  explanation: `CPython removed the name altogether. The source builds only with older headers; with those that
\`--headers\` names it does not, with or without \`Py_LIMITED_API\`.`,
  severity: 'error',
  effect: 'build-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      code: 'PyObject *f(PyObject *o, PyObject *a) { return PyEval_CallObject(o, a); }',
      fixed: 'PyObject *f(PyObject *o, PyObject *a) { return PyObject_CallObject(o, a); }',
      reports: { at: '1:48 PyEval_CallObject', message: '`PyEval_CallObject` is gone from CPython since 3.13' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: 'Py_ssize_t f(PyObject *o) { return PyUnicode_GET_SIZE(o); }',
      fixed: 'Py_ssize_t f(PyObject *o) { return PyUnicode_GetLength(o); }',
      fixes: 'unsafe',
      reports: { at: '1:36 PyUnicode_GET_SIZE', message: '`PyUnicode_GET_SIZE` is gone from CPython since 3.12' },
    },
    {
      kind: 'good',
      target: '3.12',
      code:
        '#if PY_VERSION_HEX < 0x030C0000\nPy_ssize_t f(PyObject *o) { return PyUnicode_GET_SIZE(o); ' +
        '}\n#endif\nint g(void);',
    },
  ],
  *check(context) {
    for (const live of context.uses) {
      if (live.status.kind !== 'removed') continue
      const { last } = live.status
      yield at(live, context, `\`${live.use.name}\` is gone from CPython since ${showVersion(last + 1)}`)
    }
  },
}
