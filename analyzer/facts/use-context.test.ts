import { expect, test } from 'vitest'
import { factsOf } from '../../fixtures/in-memory.ts'

/** Whether the last `PyTuple_SET_ITEM` or `PyList_SET_ITEM` of a function's body sets an item of what is fresh. */
function fresh(body: string): boolean {
  const { uses } = factsOf({
    'a.c': `#include <Python.h>\nstatic PyObject *kept;\nPyObject *f(PyObject *o, int n)\n{\n${body}\n}\n`,
  })[0]!
  return uses.findLast(({ name }) => name.endsWith('_SET_ITEM'))!.context!.fresh === true
}

test.each([
  'PyObject *t = PyTuple_New(1); PyTuple_SET_ITEM(t, 0, o); return t;',
  'PyObject *t = PyTuple_New(2);\nif (!t) return NULL;\nPyTuple_SET_ITEM(t, 0, o);\nPyTuple_SET_ITEM(t, 1, ' +
    'o);\nreturn t;',
  'PyObject *t; if ((t = PyTuple_New(1)) == NULL) return NULL; PyTuple_SET_ITEM(t, 0, o); return t;',
  'PyObject *t = PyList_New(n); for (int i = 0; i < n; i++) { PyObject *x = g(i); if (!x) { Py_DECREF(t); return ' +
    'NULL; } PyList_SET_ITEM(t, i, x); } kept = t; return t;',
  'for (int i = 0; i < n; i++) { PyObject *t = PyTuple_New(1); PyTuple_SET_ITEM(t, 0, o); g(t); }',
  'PyObject *t; if (n) { t = PyTuple_New(1); PyTuple_SET_ITEM(t, 0, o); return t; }',
])('fresh: %s', (body) => expect(fresh(body)).toBe(true))

test.each([
  'PyTuple_SET_ITEM(o, 0, o);',
  'kept = PyTuple_New(1); PyTuple_SET_ITEM(kept, 0, o);',
  'static PyObject *t; t = PyTuple_New(1); PyTuple_SET_ITEM(t, 0, o);',
  'PyObject *t = PyTuple_New(1); g(t); PyTuple_SET_ITEM(t, 0, o);',
  'PyObject *t = PyTuple_New(1); kept = t; PyTuple_SET_ITEM(t, 0, o);',
  'PyObject *t = PyTuple_New(1); Py_INCREF(t); PyTuple_SET_ITEM(t, 0, o);',
  'PyObject *t = PyList_New(1); PyTuple_SET_ITEM(t, 0, o);',
  'PyObject *t = o; if (n) t = PyTuple_New(1); PyTuple_SET_ITEM(t, 0, o);',
  'PyObject *t = o; if (n) { t = PyTuple_New(1); } else { PyTuple_SET_ITEM(t, 0, o); }',
  'PyObject *t = PyTuple_New(1); if (n) t = o; PyTuple_SET_ITEM(t, 0, o);',
  'PyObject *t = o; n && (t = PyTuple_New(1)); PyTuple_SET_ITEM(t, 0, o);',
  'PyObject *t = o; for (int i = 0; i < n; i++) t = PyTuple_New(1); PyTuple_SET_ITEM(t, 0, o);',
  'PyObject *t = PyTuple_New(n); for (int i = 0; i < n; i++) { PyTuple_SET_ITEM(t, i, o); g(t); }',
  'PyObject *t = o; if (n) goto set; t = PyTuple_New(1);\nset: PyTuple_SET_ITEM(t, 0, o);',
  'PyObject *t = PyTuple_New(1); PyObject **p = &t; g(p); PyTuple_SET_ITEM(t, 0, o);',
])('not fresh: %s', (body) => expect(fresh(body)).toBe(false))
