import { at } from '../analyzer/check/of-use.ts'
import type { Rule } from '../analyzer/check/rule.ts'
import { isPrivate } from '../analyzer/semantics/availability.ts'
import { declaredUses } from '../analyzer/semantics/declared-uses.ts'

export const visiblePrivateName: Rule = {
  name: 'visible-private-name',
  summary: 'private name of CPython that the headers show at the target',
  explanation: `The headers cannot hide all of their own means: some names that begin with \`_Py\` compile under the
Limited API. They carry no promise. A later CPython may drop or change them, and the source stops building, or means
something else. Where there is a public name, use that.`,
  severity: 'info',
  effect: 'advice',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: 'PyObject *f(PyObject *t) { return (PyObject *)_PyObject_New((PyTypeObject *)t); }',
      fixed: 'PyObject *f(PyObject *t) { return (PyObject *)PyObject_New(PyObject, (PyTypeObject *)t); }',
      reports: {
        at: '1:47 _PyObject_New',
        message: '`_PyObject_New` compiles at the target, but is private to CPython',
      },
    },
    { kind: 'good', target: '3.12', code: 'PyObject *f(PyObject *o) { return Py_NewRef(o); }' },
    {
      kind: 'good',
      target: '3.12',
      code: 'static int _PySpam_count(void) { return 1; } int f(void) { return _PySpam_count(); }',
    },
  ],
  *check(context) {
    for (const live of declaredUses(context.model, isPrivate)) {
      yield {
        ...at(live, context, `\`${live.use.name}\` compiles at the target, but is private to CPython`),
        severity: 'info',
      }
    }
  },
}
