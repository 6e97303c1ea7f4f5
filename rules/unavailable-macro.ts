import { at, limitedApi, unavailable } from '../analyzer/check/of-use.ts'
import type { Rule } from '../analyzer/check/rule.ts'

export const unavailableMacro: Rule = {
  name: 'unavailable-macro',
  summary: 'macro that the Limited API does not have',
  explanation: `Macros like \`PyTuple_GET_ITEM\` are compiled into the module and read CPython's structs in place.
The stable ABI hides those structs, so no level of the Limited API has such macros.

A C compiler takes the name for a function that it does not know: up to gcc 13 the module builds, and then its
import fails with an undefined symbol.`,
  severity: 'error',
  effect: 'build-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      code: 'PyObject *f(PyObject *t) { return PyTuple_GET_ITEM(t, 0); }',
      fixed: 'PyObject *f(PyObject *t) { return PyTuple_GetItem(t, 0); }',
      reports: { at: '1:35 PyTuple_GET_ITEM', message: '`PyTuple_GET_ITEM` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.9',
      code: 'double f(PyObject *o) { return PyFloat_AS_DOUBLE(o); }',
      fixed: 'double f(PyObject *o) { return PyFloat_AsDouble(o); }',
      reports: { at: '1:32 PyFloat_AS_DOUBLE', message: '`PyFloat_AS_DOUBLE` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: 'abi3t',
      code: 'typedef struct { PyObject_HEAD } Spam;',
      reports: { at: '1:18 PyObject_HEAD', message: '`PyObject_HEAD` is not in the Limited API of abi3t' },
    },
    {
      kind: 'bad',
      target: 'abi3t',
      code: `#ifdef Py_LIMITED_API
#define SIZE PyBytes_Size
#else
#define SIZE PyBytes_GET_SIZE
#endif
#include <Python.h>
Py_ssize_t f(PyObject *o) { return SIZE(o); }`,
      fixed: `#ifdef Py_LIMITED_API
#define SIZE PyBytes_Size
#else
#define SIZE(b) PyBytes_Size((PyObject *)(b))
#endif
#include <Python.h>
Py_ssize_t f(PyObject *o) { return SIZE(o); }`,
      reports: { at: '4:14 PyBytes_GET_SIZE', message: '`PyBytes_GET_SIZE` is not in the Limited API of abi3t' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: 'PyObject *f(PyObject *s, Py_ssize_t i) { return PySequence_ITEM(s, i); }',
      fixed: 'PyObject *f(PyObject *s, Py_ssize_t i) { return PySequence_GetItem(s, i); }',
      fixes: 'unsafe',
      reports: { at: '1:49 PySequence_ITEM', message: '`PySequence_ITEM` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: `Py_ssize_t f(PyObject *fast, Py_ssize_t n) {
    PyObject **items = PySequence_Fast_ITEMS(fast);
    Py_ssize_t i = 0, sum = 0;
    while (i < n)
        sum += PyLong_AsSsize_t(items[i++]);
    return sum;
}`,
      fixed: `Py_ssize_t f(PyObject *fast, Py_ssize_t n) {
    Py_ssize_t i = 0, sum = 0;
    while (i < n)
        sum += PyLong_AsSsize_t(PepSequence_Fast_GET_ITEM(fast, i++));
    return sum;
}`,
      reports: { at: '2:24 PySequence_Fast_ITEMS', message: '`PySequence_Fast_ITEMS` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: `PyObject *f(PyObject *o) {
    PyObject **items, *fast = PySequence_Fast(o, "no sequence"), *first;
    items = PySequence_Fast_ITEMS(fast);
    first = items[0];
    return items + 1 != NULL ? first : *items;
}`,
      reports: { at: '3:13 PySequence_Fast_ITEMS', message: '`PySequence_Fast_ITEMS` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: `void f(PyObject *fast, PyObject *other, PyObject **out) {
    PyObject **items = PySequence_Fast_ITEMS(fast);
    fast = other;
    *out = items[0];
}`,
      reports: { at: '2:24 PySequence_Fast_ITEMS', message: '`PySequence_Fast_ITEMS` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: `void f(PyObject *fast, PyObject *item) {
    PyObject **items;
    items = (PyObject **)PySequence_Fast_ITEMS(fast);
    items[0] = item;
}`,
      reports: { at: '3:26 PySequence_Fast_ITEMS', message: '`PySequence_Fast_ITEMS` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: `void replace(PyObject **);
PyObject *f(PyObject *o) {
    PyObject *fast = PySequence_Fast(o, "no sequence");
    PyObject **items = PySequence_Fast_ITEMS(fast);
    replace(&fast);
    return items[0];
}`,
      reports: { at: '4:24 PySequence_Fast_ITEMS', message: '`PySequence_Fast_ITEMS` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: '#define ITEM(t, i) PyTuple_GET_ITEM(t, i)\nvoid f(PyObject *t) { ITEM(t, 0) = NULL; }',
      reports: { at: '1:20 PyTuple_GET_ITEM', message: '`PyTuple_GET_ITEM` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: 'void f(PyObject *t) { Py_CLEAR(/* the first */ PyTuple_GET_ITEM(t, 0)); }',
      reports: { at: '1:48 PyTuple_GET_ITEM', message: '`PyTuple_GET_ITEM` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code:
        '#define SET(x, v) do { (x) = (v); } while (0)\n' +
        'void f(PyObject *t) { SET(PyTuple_GET_ITEM(t, 0), NULL); }',
      reports: { at: '2:27 PyTuple_GET_ITEM', message: '`PyTuple_GET_ITEM` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: '#define ITEM(t, i) Py_INCREF(t), PyTuple_GET_ITEM(t, i)\nvoid f(PyObject *t) { ITEM(t, 0) = NULL; }',
      reports: { at: '1:34 PyTuple_GET_ITEM', message: '`PyTuple_GET_ITEM` is not in the Limited API' },
    },
    { kind: 'good', target: '3.12', code: 'PyObject *f(PyObject *t) { return PyTuple_GetItem(t, 0); }' },
    { kind: 'good', target: '3.12', code: '/* PyTuple_GET_ITEM(t, 0) */ const char *s = "PyTuple_GET_ITEM";' },
    {
      kind: 'good',
      target: '3.12',
      code:
        '#ifdef Py_LIMITED_API\n#define PyTuple_GET_ITEM PyTuple_GetItem\n#endif\nPyObject *f(PyObject *t) { ' +
        'return PyTuple_GET_ITEM(t, 0); }',
    },
  ],
  *check(context) {
    for (const live of unavailable(context, 'macro')) {
      yield at(
        live,
        context,
        live.fact.inline && !context.target.abi3t
          ? `\`${live.use.name}\` expands to what ${limitedApi(context)} hides`
          : `\`${live.use.name}\` is not in ${limitedApi(context)}`,
      )
    }
  },
}
