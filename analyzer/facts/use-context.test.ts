import { expect, test } from 'vitest'
import { factsOf } from '../../fixtures/in-memory.ts'
import type { UseContext } from './file-facts.ts'

/** What is known of the container whose item the last `PyTuple_SET_ITEM` or `PyList_SET_ITEM` of a function sets. */
function context(body: string): UseContext {
  const { uses } = factsOf({
    'a.cpp': `#include <Python.h>\nstatic PyObject *kept;\nPyObject *f(PyObject *o, int n)\n{\n${body}\n}\n`,
  })[0]!
  return uses.findLast(({ name }) => name.endsWith('_SET_ITEM'))!.context!
}
const fresh = (body: string): boolean => context(body).fresh !== undefined
const resized = (body: string): boolean => context(body).resized === true

test.each([
  'PyObject *t = PyTuple_New(1); PyTuple_SET_ITEM(t, 0, o); return t;',
  'PyObject *t = PyTuple_New(2);\nif (!t) return NULL;\nPyTuple_SET_ITEM(t, 0, o);\nPyTuple_SET_ITEM(t, 1, ' +
    'o);\nreturn t;',
  'PyObject *t; if ((t = PyTuple_New(1)) == NULL) return NULL; PyTuple_SET_ITEM(t, 0, o); return t;',
  'PyObject *t = PyList_New(n); for (int i = 0; i < n; i++) { PyObject *x = g(i); if (!x) { Py_DECREF(t); return ' +
    'NULL; } PyList_SET_ITEM(t, i, x); } kept = t; return t;',
  'for (int i = 0; i < n; i++) { PyObject *t = PyTuple_New(1); PyTuple_SET_ITEM(t, 0, o); g(t); }',
  'PyObject *t; if (n) { t = PyTuple_New(1); PyTuple_SET_ITEM(t, 0, o); return t; }',
  'PyObject *t = PyTuple_New(2); PyTuple_SET_ITEM(t, 0, o); if (!PyTuple_GET_ITEM(t, 0)) return NULL; ' +
    'PyTuple_SET_ITEM(t, 1, o); return t;',
  'PyObject *t = PyList_New(n); for (int i = 0; i < n; i++) { PyList_SET_ITEM(t, i, g(i)); ' +
    'if (!PyList_GET_ITEM(t, i)) return NULL; } return t;',
  'PyObject *t = PyTuple_New(n); int i = 0; PyTuple_SET_ITEM(t, i, o); i++; PyTuple_SET_ITEM(t, i, o); return t;',
  'PyObject *t = PyTuple_New(n); int i = 0; PyTuple_SET_ITEM(t, i++, o); PyTuple_SET_ITEM(t, i++, o); return t;',
  'PyObject *t = PyTuple_New(1); if (n) { PyTuple_SET_ITEM(t, 0, o); } else { PyTuple_SET_ITEM(t, 0, kept); } ' +
    'return t;',
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
  'PyObject *t = PyTuple_New(1); PyTuple_SET_ITEM(t, 0, (PyObject *)NULL);',
  'PyObject *t = PyTuple_New(1); PyTuple_SET_ITEM(t, 0, Py_None); PyTuple_SET_ITEM(t, 0, o);',
  'PyObject *t = PyList_New(n); for (int i = 0; i < n; i++) PyList_SET_ITEM(t, i, g(i)); for (int i = 0; i < n; i++) ' +
    '{ PyObject *old = PyList_GET_ITEM(t, i); PyList_SET_ITEM(t, i, o); Py_DECREF(old); }',
  'PyObject *t = PyList_New(1); PyList_SET_ITEM(t, 0, kept); if (n) { o = PyList_GET_ITEM(t, 0); ' +
    'PyList_SET_ITEM(t, 0, kept); }',
  'PyObject *t = PyList_New(n); for (int i = 0; i < n; i++) { PyList_SET_ITEM(t, i, o); ' +
    'g(PyList_GET_ITEM(t, n - i)); }',
])('not fresh: %s', (body) => expect(fresh(body)).toBe(false))

test.each([
  'PyList_SET_ITEM(o, n, kept); Py_SET_SIZE((PyVarObject *)o, n + 1);',
  'PyList_SET_ITEM(reinterpret_cast<PyObject *>(o), n, kept); Py_SET_SIZE(reinterpret_cast<PyVarObject *>(o), n + 1);',
  'PyListObject *l = (PyListObject *)o; PyVarObject *v = (PyVarObject *)l; v->ob_size++; PyList_SET_ITEM(o, n, kept);',
])('resized: %s', (body) => expect(resized(body)).toBe(true))

test.each(['PyObject *p = g(o); Py_SET_SIZE((PyVarObject *)p, n); PyList_SET_ITEM(o, n, kept);'])(
  'not resized: %s',
  (body) => expect(resized(body)).toBe(false),
)
