import { at, limitedApi } from '../analyzer/check/of-use.ts'
import type { Rule } from '../analyzer/check/rule.ts'
import { isPrivate } from '../analyzer/semantics/availability.ts'

export const privateName: Rule = {
  name: 'private-name',
  summary: 'private name of CPython (`_Py...`)',
  explanation: `Names that begin with \`_Py\` are CPython's own business. Hardly any is in the Limited API, many are
gone from one version to the next, and those that the headers happen to show at a level carry no promise: the
compiler accepts them, the next CPython may not.`,
  severity: 'error',
  effect: 'build-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      code: 'int f(PyObject **t) { return _PyTuple_Resize(t, 2); }',
      reports: {
        at: '1:30 _PyTuple_Resize',
        message: '`_PyTuple_Resize` is private to CPython and not in the Limited API',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      code: 'void f(PyObject *o) { _PyObject_Dump(o); }',
      reports: {
        at: '1:23 _PyObject_Dump',
        message: '`_PyObject_Dump` is private to CPython and not in the Limited API',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: 'PyObject *f(PyObject *d, PyObject *k, Py_hash_t h) { return _PyDict_GetItem_KnownHash(d, k, h); }',
      fixed: 'PyObject *f(PyObject *d, PyObject *k, Py_hash_t h) { return PyDict_GetItemWithError(d, k); }',
      reports: {
        at: '1:61 _PyDict_GetItem_KnownHash',
        message: '`_PyDict_GetItem_KnownHash` is private to CPython and not in the Limited API',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: `void f(PyObject *o) {
  { extern void _PyObject_Dump(PyObject *o); }
  _PyObject_Dump(o);
}`,
      reports: {
        at: '3:3 _PyObject_Dump',
        message: '`_PyObject_Dump` is private to CPython and not in the Limited API',
      },
    },
    {
      kind: 'good',
      target: '3.12',
      code: 'static int _PySpam_count(void) { return 1; } int f(void) { return _PySpam_count(); }',
    },
  ],
  *check(context) {
    for (const live of context.uses) {
      if (!isPrivate(live.use.name)) continue
      const { kind } = live.status
      if (kind === 'never' || kind === 'withdrawn')
        yield at(live, context, `\`${live.use.name}\` is private to CPython and not in ${limitedApi(context)}`)
    }
  },
}
