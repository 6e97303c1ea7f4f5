import { expect, test } from 'vitest'
import { check, targetOf } from '../../fixtures/rules.ts'
import { rules } from '../../rules/index.ts'

/** Whether fixes of `PyTuple_SET_ITEM` and the like are safe in a function: of the last line with one. */
async function safety(body: string, before = '', file = 'a.c', others: Readonly<Record<string, string>> = {}) {
  const text = `#include <Python.h>\n${before}\nPyObject *f(PyObject *o, int n, int c)\n{\n${body}\n}\n`
  const found = await check({ [file]: text, ...others }, rules, [targetOf({ target: '3.9' } as never)])
  const items = found.filter(({ symbol, file: where }) => /_[SG]ET_ITEM$/.test(symbol) && where === file)
  return items.at(-1)?.fix?.safety
}

const made = 'PyObject *t = PyTuple_New(n); if (!t) return NULL; int i = 0, j = 0, m = n;'

const checks =
  '#define ONCE(x) do { for (;;) { x; break; } } while (0)\n#define CHECK(x) do { if (!(x)) goto fail; } while (0)'

test.each([
  'for (i = 0; i < n; i++) PyTuple_SET_ITEM(t, i, g(i)); return t;',
  'for (int k = 0; k < n; ++k) { PyObject *x = g(k); if (!x) { Py_DECREF(t); return NULL; } ' +
    'PyTuple_SET_ITEM(t, k, x); }',
  'for (Py_ssize_t k = 0; k < n; k++) { if (g(k)) continue; PyTuple_SET_ITEM(t, k, o); }',
  'for (i = n; --i >= 0; ) PyTuple_SET_ITEM(t, i, o);',
  'for (i = 0, j = 4; i < n; i++, j--) { PyTuple_SET_ITEM(t, i, g(j)); }',
  'for (i = 0; i < n; i++) { PyTuple_SET_ITEM(t, m - i - 1, o); }',
  'for (i = 0; i < n; i++) { PyTuple_SET_ITEM(t, (Py_ssize_t)i, o); }',
  'while (n--) PyTuple_SET_ITEM(t, n, o);',
  'while (n-- && o) PyTuple_SET_ITEM(t, n, o);',
  'while (i < n) { PyTuple_SET_ITEM(t, i, o); i++; }',
  'while (i < n) { PyTuple_SET_ITEM(t, i++, o); }',
  'while (i < n) { PyTuple_SET_ITEM(t, i++, o); PyTuple_SET_ITEM(t, i++, o); }',
  'while (i < n) { if (g(i)) { PyTuple_SET_ITEM(t, j, o); j++; } i++; }',
  'while (i < n) { PyTuple_SET_ITEM(t, i, o); if (!o) goto fail; i++; } return t; fail: Py_DECREF(t); return NULL;',
  'do { PyTuple_SET_ITEM(t, i, o); } while (++i < n);',
  'do { PyTuple_SET_ITEM(t, 0, o); } while (0);',
  'for (i = 0; i < n; i++) for (m = 0; m < n; m++) PyTuple_SET_ITEM(t, j++, o);',
  'for (i = 0; i < n; i++) { PyObject *s = PyTuple_New(1); if (!s) break; PyTuple_SET_ITEM(s, 0, o); g(s); }',
  'for (i = 0; i < n; i++) { if (c) PyTuple_SET_ITEM(t, i, o); else PyTuple_SET_ITEM(t, i, g(i)); }',
  'if (c) { PyTuple_SET_ITEM(t, 0, o); return t; } PyTuple_SET_ITEM(t, 0, g(1)); return t;',
  'if (c) { PyTuple_SET_ITEM(t, 0, o); } else { PyTuple_SET_ITEM(t, 0, g(1)); } return t;',
  'switch (c) { case 1: PyTuple_SET_ITEM(t, 0, o); break; default: PyTuple_SET_ITEM(t, 0, g(1)); } return t;',
  'PyTuple_SET_ITEM(t, 0, o); for (i = 1; i < n; i++) PyTuple_SET_ITEM(t, i, g(i)); return t;',
  'for (i = 0; i < 3; i++) PyTuple_SET_ITEM(t, i, g(i)); PyTuple_SET_ITEM(t, 3, o); return t;',
  'for (i = 0; i < n; i++) PyTuple_SET_ITEM(t, i, g(i)); PyTuple_SET_ITEM(t, n, o); return t;',
  '\n#ifdef A\nPyTuple_SET_ITEM(t, 0, o);\n#else\nPyTuple_SET_ITEM(t, 0, g(1));\n#endif\nreturn t;',
  'for (i = 0; i < n; i++) { PyObject *s = PyTuple_New(2); PyTuple_SET_ITEM(s, 0, o); PyTuple_SET_ITEM(s, 1, o); }',
  'if (!PyArg_ParseTuple(o, "i", &i)) return NULL; while (i--) PyTuple_SET_ITEM(t, i, o); return t;',
  'for (i = 0; i < n; i++) { if (c) { g(i); continue; } PyTuple_SET_ITEM(t, i, o); } return t;',
  'ONCE(g(o)); for (i = 0; i < n; i++) { CHECK(o); PyTuple_SET_ITEM(t, i, o); } return t; fail: return NULL;',
  'for (i = 0; i < 3; i++) PyTuple_SET_ITEM(t, i + 1, o); PyTuple_SET_ITEM(t, 0, o); return t;',
  'for (i = 0; i < m; i++) PyTuple_SET_ITEM(t, i, o); for (int k = m; k < n; k++) PyTuple_SET_ITEM(t, k, o); return t;',
  'for (i = 0, j = 0; i < n; i++) { PyTuple_SET_ITEM(t, j, o); j++; PyTuple_SET_ITEM(t, j, g(i)); j++; } return t;',
  'while (i < n) { i++; PyTuple_SET_ITEM(t, i - 1, o); } return t;',
])('set once: %s', async (body) => expect(await safety(`${made} ${body}`, checks)).toBe('safe'))

test.each([
  'for (i = 0; i < 3; i++) { PyTuple_SET_ITEM(t, 0, o); }',
  'for (i = 0; i < 3; i++) { PyTuple_SET_ITEM(t, j, o); }',
  'for (i = 0; i < 3; i++) { PyTuple_SET_ITEM(t, i, o); i = 0; }',
  'for (i = 0; i < 3; i++) { PyTuple_SET_ITEM(t, i, o); if (c) i--; }',
  'for (i = 0; i < 3; i++) { PyTuple_SET_ITEM(t, i % 2, o); }',
  'for (i = 0; i < 3; i++) { PyTuple_SET_ITEM(t, i / 2, o); }',
  'for (i = 0; i < 3; i++) { PyTuple_SET_ITEM(t, i - i, o); }',
  'for (i = 0; i < 3; i++) { PyTuple_SET_ITEM(t, i, o); PyTuple_SET_ITEM(t, i, g(i)); }',
  'for (i = 0; i < 3; i++) { PyTuple_SET_ITEM(t, i + 1, g(i)); PyTuple_SET_ITEM(t, i, o); }',
  'for (i = 0; i < 3; ) { PyTuple_SET_ITEM(t, i, o); i++; PyTuple_SET_ITEM(t, i, o); }',
  'for (i = 0; i < 3; i++) for (j = 0; j < 3; j++) PyTuple_SET_ITEM(t, j, o);',
  'for (i = 0; i < 3; i++) for (j = 0; j < 3; j++) PyTuple_SET_ITEM(t, i, o);',
  'for (i = 0; i < 3; i++) for (; j < 3; j++) { PyTuple_SET_ITEM(t, j, o); if (c) break; }',
  'for (i = 0; i < 3; i++) { int k = 0; PyTuple_SET_ITEM(t, k++, o); }',
  'while (c--) PyTuple_SET_ITEM(t, 0, o);',
  'while (c--) { PyTuple_SET_ITEM(t, 0, o); Py_DECREF(o); }',
  'while (c--) { PyTuple_SET_ITEM(t, i, o); if (o) continue; i++; }',
  'while (c--) { PyTuple_SET_ITEM(t, i, o); if (o) i++; }',
  'while (c--) { if (o) goto next; PyTuple_SET_ITEM(t, i, o); if (n) goto next; i++; next: ; }',
  'while (c--) { o && i++; PyTuple_SET_ITEM(t, i, o); }',
  'while (c-- || i++) { PyTuple_SET_ITEM(t, i, o); }',
  'do { PyTuple_SET_ITEM(t, 0, o); } while (c--);',
  'do { PyTuple_SET_ITEM(t, 0, o); if (n) break; } while (c--); PyTuple_SET_ITEM(t, 0, o);',
  'int *p = &i; for (; i < 3; i++) { PyTuple_SET_ITEM(t, i, o); *p = 0; }',
  'for (i = 0; i < 3; i++) { PyTuple_SET_ITEM(t, i, o); g(&i); }',
  'for (at = 0; at < 3; at++) { PyTuple_SET_ITEM(t, at, o); g(o); }',
  'for (i = 0; i < 3; i++) { PyTuple_SET_ITEM(t, i, o); RESET(i); }',
  'for (i = 0; i < 3; i++) { PyTuple_SET_ITEM(t, i, o); AGAIN; }',
  'for (;;) { PyTuple_SET_ITEM(t, 0, o); if (c) { continue; } break; }',
  'again: ; PyTuple_SET_ITEM(t, 0, o); if (c--) goto again; return t;',
  'LABEL ; PyTuple_SET_ITEM(t, 0, o); if (c--) goto again; return t;',
  'LOOP { PyTuple_SET_ITEM(t, 0, o); }',
  'LOOP PyTuple_SET_ITEM(t, 0, o);',
  'LOOP2 { g(o); PyTuple_SET_ITEM(t, 0, o); }',
  'TIMES(3) PyTuple_SET_ITEM(t, 0, o);',
  'OPEN g(o); PyTuple_SET_ITEM(t, 0, o); CLOSE',
  'FOR_EACH(x, list) { PyTuple_SET_ITEM(t, 0, x); }',
  'Q_FOREACH(x, list) PyTuple_SET_ITEM(t, 0, o);',
  'REPEAT(PyTuple_SET_ITEM(t, 0, o));',
  'if (c) { PyTuple_SET_ITEM(t, 0, o); } PyTuple_SET_ITEM(t, 0, g(1)); return t;',
  'switch (c) { case 1: PyTuple_SET_ITEM(t, 0, o); default: PyTuple_SET_ITEM(t, 0, g(1)); } return t;',
  'switch (c) { case 1: PyTuple_SET_ITEM(t, 0, o); break; } PyTuple_SET_ITEM(t, 0, g(1)); return t;',
  'PyTuple_SET_ITEM(t, i, o); PyTuple_SET_ITEM(t, i++, o);',
  'PyTuple_SET_ITEM(t, i, o); PyTuple_SET_ITEM(t, i ^ 0, o);',
  'PyTuple_SET_ITEM(t, i ^ 0, o); PyTuple_SET_ITEM(t, i, o);',
  'PyTuple_SET_ITEM(t, 0, o); for (i = 0; i < n; i++) PyTuple_SET_ITEM(t, i, g(i)); return t;',
  'for (i = 0; i < 3; i++) PyTuple_SET_ITEM(t, (bool)i, o); return t;',
  'PyTuple_SET_ITEM(t, 0, o); PyTuple_SET_ITEM(t, i, g(1)); return t;',
  'PyTuple_SET_ITEM(t, 0, o); PyTuple_SET_ITEM(t, FIRST, g(1)); return t;',
  'PyTuple_SET_ITEM(t, s->n, o); PyTuple_SET_ITEM(t, s->n, g(1)); return t;',
  'for (s->n = 0; s->n < n; s->n++) PyTuple_SET_ITEM(t, s->n, g(s)); return t;',
  'PyTuple_SET_ITEM(t, 2, o); while (i < n) PyTuple_SET_ITEM(t, i++, g(i)); return t;',
  'for (i = 0; i < n; i++) PyTuple_SET_ITEM(t, i, g(i)); PyTuple_SET_ITEM(t, 0, o); return t;',
  'for (i = 0; i < n; i++) PyTuple_SET_ITEM(t, i, o); for (i = 0; i < n; i++) PyTuple_SET_ITEM(t, i, g(i)); return t;',
  'for (i = 0; i < n; i++) PyTuple_SET_ITEM(t, i, o); for (j = 0; j < n; j++) PyTuple_SET_ITEM(t, j, g(i)); return t;',
  'LOOP if (c) g(o); else PyTuple_SET_ITEM(t, 0, o);',
  'LOOP if (c) { g(o); } else { PyTuple_SET_ITEM(t, 0, o); }',
  'forever { PyTuple_SET_ITEM(t, 0, o); }',
  'Py_SETREF(t, o); PyTuple_SET_ITEM(t, 0, o);',
  'jmp_buf b; setjmp(b); PyTuple_SET_ITEM(t, 0, o); if (c--) longjmp(b, 1);',
  'while (c--) { PyTuple_SET_ITEM(t, i, o); if (n) SKIP; i++; }',
  '{ PyObject *t = PyTuple_New(1); g(n); Py_DECREF(t); } PyTuple_SET_ITEM(t, 0, o); PyTuple_SET_ITEM(t, 0, o);',
  'bool b = 0; for (; c--; b++) PyTuple_SET_ITEM(t, b, o);',
  'for (i = 0; n--; c && i++) PyTuple_SET_ITEM(t, i, o); return t;',
  'PyTuple_SET_ITEM(t, c, o); PyTuple_SET_ITEM(t, n, o); return t;',
  'for (i = 0; i < n; i++) { n--; PyTuple_SET_ITEM(t, i, o); } PyTuple_SET_ITEM(t, n, o); return t;',
  'for (i = 0; i < n; i++) { i++; PyTuple_SET_ITEM(t, i, o); } PyTuple_SET_ITEM(t, n, o); return t;',
  'for (m = 0; i < n; i--) PyTuple_SET_ITEM(t, i, o); PyTuple_SET_ITEM(t, n, o); return t;',
  'while (c--) { switch (c) { case 1: i++; case 2: PyTuple_SET_ITEM(t, i, o); } }',
  'while (c--) { if (n) { i++; PyTuple_SET_ITEM(t, i, o); } else { PyTuple_SET_ITEM(t, i, o); i++; } }',
  'while (c--) { (void)sizeof(i++); PyTuple_SET_ITEM(t, i, o); }',
  'while (c--) { for (j = 0; j < 2; j++) PyTuple_SET_ITEM(t, i, o); i++; }',
  'while (c--) { i++; for (j = 0; j < 2; j++) PyTuple_SET_ITEM(t, i, o); }',
  'while (c--) { PyTuple_SET_ITEM(t, i, o); do { if (n) break; i++; } while (0); }',
])('set again: %s', async (body) => {
  const macros = [
    'static int at; extern PyObject *list;',
    '#define LOOP for (int k = 0; k < 2; k++)',
    '#define LOOP2 LOOP',
    '#define TIMES(x) for (int k = 0; k < (x); k++) if (k != 5)',
    '#define FOR_EACH(x, l) for (PyObject *x = first(l); x; x = next(x))',
    '#define OPEN do {\n#define CLOSE } while (c--);',
    '#define LABEL again:',
    '#define RESET(x) do { (x) = 0; } while (0)',
    '#define AGAIN i = 0',
    '#define SKIP continue',
    '#define REPEAT(what) for (int k = 0; k < 2; k++) what',
  ]
  expect(await safety(`${made} ${body}`, macros.join('\n'))).not.toBe('safe')
})

test.each([
  'PyObject *t, **p = &t; t = PyTuple_New(1); if (!t) return NULL; keep(*p); PyTuple_SET_ITEM(t, 0, o); return t;',
  'PyObject *t = o; { PyObject *t = PyTuple_New(1); Py_XDECREF(t); } PyTuple_SET_ITEM(t, 0, o); return t;',
  'PyObject *t; auto stash = [&] { keep(t); }; t = PyTuple_New(1); stash(); PyTuple_SET_ITEM(t, 0, o); return t;',
  'PyObject *t; PyObject *&r = t; t = PyTuple_New(1); keep(r); PyTuple_SET_ITEM(t, 0, o); return t;',
  'int i; auto again = [&] { i = 0; }; PyObject *t = PyTuple_New(n); for (i = 0; i < n; i++) { ' +
    'PyTuple_SET_ITEM(t, i, o); again(); } return t;',
  'PyObject *t = PyTuple_New(n); for (int i = 0; i < n; i++) { PyTuple_SET_ITEM(t, i, o); reset(i); } return t;',
  'PyObject *t = PyTuple_New(n); for (auto x : all) PyTuple_SET_ITEM(t, 0, x); return t;',
  'PyObject *t = PyTuple_New(n); for (int i : all) PyTuple_SET_ITEM(t, i, o); return t;',
  'PyObject *t = PyTuple_New(n); (PyTuple_SET_ITEM(t, 0, pack), ...); return t;',
  'PyObject *t = PyTuple_New(1); try { PyTuple_SET_ITEM(t, 0, o); throw 1; } catch (int) {} PyTuple_SET_ITEM(t, 0, o);',
])('not new, or set again, in C++: %s', async (body) =>
  expect(await safety(body, 'static void reset(int &x) { x = 0; }', 'a.cpp')).not.toBe('safe'),
)

test.each([
  ['#define STASH keep(t)', 'STASH; PyTuple_SET_ITEM(t, 0, o);'],
  ['#define ME t', 'keep(ME); PyTuple_SET_ITEM(t, 0, o);'],
  ['#define ME t', 'PyObject *q = ME; keep(q); PyTuple_SET_ITEM(t, 0, o);'],
  ['#define ME t', 'ME = old(); PyTuple_SET_ITEM(t, 0, o);'],
  ['#define T_ t\n#define STASH keep(T_)', 'STASH; PyTuple_SET_ITEM(t, 0, o);'],
  ['#define FILL PyTuple_SET_ITEM(t, 0, old())', 'FILL; PyTuple_SET_ITEM(t, 0, o);'],
])('a macro names the container: %s: %s', async (macro, body) => {
  expect(await safety(`${made} ${body}`, macro)).toBe('unsafe')
  expect(await safety(`${made} ${body}`, '#include "b.h"', 'a.c', { 'b.h': `${macro}\n` })).toBe('unsafe')
})

test.each([
  ['static void shrink(PyObject *x) { Py_SET_SIZE(x, 0); }', 'shrink(o); return PyList_GET_ITEM(o, 2);'],
  ['static void shrink(PyObject *x) { ((PyVarObject *)x)->ob_size = 0; }', 'shrink(o); return PyList_GET_ITEM(o, 2);'],
  ['static void shrink(PyObject *x) { Py_SIZE(x) -= 1; }', 'shrink((PyObject *)o); return PyList_GET_ITEM(o, 2);'],
  ['#define SHRINK(x) Py_SET_SIZE(x, 0)', 'SHRINK(o); return PyList_GET_ITEM(o, 2);'],
  ['#define LAST(l) PyList_GET_ITEM(l, 2)', 'Py_SET_SIZE(o, 0); return LAST(o);'],
  [
    '#define LAST(l) PyList_GET_ITEM(l, 2)\nstatic void shrink(PyObject *x) { Py_SET_SIZE(x, 0); }',
    'shrink(o); return LAST(o);',
  ],
  ['#define SHRINK Py_SET_SIZE(o, 0)', 'SHRINK; return PyList_GET_ITEM(o, 2);'],
  [
    'static void set(PyVarObject *x) { PyVarObject *v = x; Py_SET_SIZE(v, 0); }\n' +
      'static void shrink(PyObject *x) { set((PyVarObject *)x); }',
    'PyObject *q = o; shrink(q); return PyTuple_GET_ITEM(o, 2);',
  ],
])('the size is set elsewhere: %s %s', async (before, body) => expect(await safety(body, before)).not.toBe('safe'))

test('a function that gets the container and leaves its size alone', async () => {
  const before =
    'static int size(PyObject *x) { return Py_SIZE(x) == 1; }\n' +
    'static void set(PyObject *x, int n) { Py_SET_SIZE(x, n); }'
  expect(await safety('size(o); set(PyTuple_New(1), n); return PyList_GET_ITEM(o, 2);', before)).toBe('safe')
})
