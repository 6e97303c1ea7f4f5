import { expect, test } from 'vitest'
import { fixed } from '../../fixtures/rules.ts'
import { rules } from '../../rules/index.ts'
import { parseTarget } from '../knowledge/target.ts'

/** What safe fixes make of pointers to tables of slots, at 3.11. */

const head = '#include <Python.h>\n'

async function rewritten(code: string, target = '3.11', file = 'a.c'): Promise<string> {
  const text = (await fixed({ [file]: `${head}${code}\n` }, rules, [parseTarget(target)!]))[file]!
  return text.slice(head.length).trimEnd()
}

const variable = (uses: string): string =>
  `PyObject *f(PyObject *o) { PyNumberMethods *nb = Py_TYPE(o)->tp_as_number; ${uses} return NULL; }`
const slot = (name: string, type = 'nb'): string => `((unaryfunc)PyType_GetSlot(${type}, Py_${name}))`

test.each([
  [
    'if (nb != NULL && nb->nb_int != NULL) return nb->nb_int(o);',
    `if (nb != NULL && ${slot('nb_int')} != NULL) return ${slot('nb_int')}(o);`,
  ],
  ['if (!nb || !(nb->nb_int)) return o;', `if (!nb || !(${slot('nb_int')})) return o;`],
  [
    'if (o == NULL || NULL == nb || (nb->nb_int == NULL && nb->nb_float == NULL)) return o; (*nb->nb_int)(o);',
    `if (o == NULL || NULL == nb || (${slot('nb_int')} == NULL && ${slot('nb_float')} == NULL)) return o; ` +
      `(*${slot('nb_int')})(o);`,
  ],
  ['unaryfunc g = nb ? nb->nb_int : NULL; g(o);', `unaryfunc g = nb ? ${slot('nb_int')} : NULL; g(o);`],
  [
    'unaryfunc g = NULL; if (nb) { g = nb->nb_int; } if (g) return g(o);',
    `unaryfunc g = NULL; if (nb) { g = ${slot('nb_int')}; } if (g) return g(o);`,
  ],
  ['if (nb) { if (nb->nb_int) return o; }', `if (nb) { if (${slot('nb_int')}) return o; }`],
])('a variable: %s', async (before, after) => {
  const expected = variable(after).replace('PyNumberMethods', 'PyTypeObject').replace('->tp_as_number', '')
  expect(await rewritten(variable(before))).toBe(expected)
})

test.each([
  'if (nb != NULL) return o; nb->nb_int(o);',
  'if (nb) return nb->nb_int(o);',
  'if (nb && PyLong_Check(o) && nb->nb_int) return o;',
  'if (nb && nb->nb_int != g) return o;',
  'if (nb && nb->nb_int) return o; else g(nb);',
  'if (nb && nb->nb_int) return (PyObject *)nb;',
  'if (nb && nb->nb_int) g(&nb->nb_int);',
  'nb->nb_int = NULL;',
  'if (nb && nb->nb_int) return o; nb = g();',
  'unaryfunc g = h; if (nb) g = nb->nb_int; g(o);',
  'unaryfunc g = NULL; again: if (nb) g = nb->nb_int; if (g(o)) goto again;',
  'if (nb) { if (nb->nb_int) return o; g(); }',
  'if (nb && nb->nb_reserved) return o;',
])('a variable that is left: %s', async (code) => {
  expect(await rewritten(variable(code))).toBe(variable(code))
})

test('variables that are set later, constant ones, those of C++, and tables of objects', async () => {
  expect(
    await rewritten(
      'int f(PyObject *o) { PySequenceMethods *const m = (Py_TYPE(o)->tp_as_sequence); return m && m->sq_item; }\n' +
        'int g(PyObject *o) { PyNumberMethods *nb = NULL; nb = PyLong_Type.tp_as_number; return !nb->nb_int; }',
    ),
  ).toBe(
    'int f(PyObject *o) { PyTypeObject *const m = (Py_TYPE(o)); return m && ' +
      '((ssizeargfunc)PyType_GetSlot(m, Py_sq_item)); }\n' +
      `int g(PyObject *o) { PyTypeObject *nb = NULL; nb = &PyLong_Type; return !${slot('nb_int')}; }`,
  )
  expect(
    await rewritten(
      'bool f(PyObject *o) { const auto nb = Py_TYPE(o)->tp_as_number; return nb && nb->nb_int; }',
      '3.11',
      'a.cpp',
    ),
  ).toBe(`bool f(PyObject *o) { const auto nb = Py_TYPE(o); return nb && ${slot('nb_int')}; }`)
})

test.each([
  'int f(PyObject *o) { const PyNumberMethods *nb = Py_TYPE(o)->tp_as_number; return nb && nb->nb_int; }',
  '#define INT nb->nb_int(o)\n' +
    'void f(PyObject *o) { PyNumberMethods *nb = Py_TYPE(o)->tp_as_number; if (nb && nb->nb_int) INT; }',
  'int f(PyObject *o) { static PyNumberMethods *nb; nb = Py_TYPE(o)->tp_as_number; return nb && nb->nb_int; }',
  'int g(void *);\nint f(PyObject *o) { return g(Py_TYPE(o)->tp_as_mapping); }',
  'void *f(PyObject *o) { void *kept; return (kept = Py_TYPE(o)->tp_as_number) != NULL ? kept : NULL; }',
  'void *f(PyObject *o, void *other) { return Py_TYPE(o)->tp_as_number ?: other; }',
])('what is left: %s', async (code) => {
  expect(await rewritten(code)).toBe(code)
})

test.each([
  'bool f(PyObject *o) { if (PyMappingMethods *m = Py_TYPE(o)->tp_as_mapping) return m; return false; }',
  'bool f(PyObject *o) { while (auto m = Py_TYPE(o)->tp_as_sequence) { return m->sq_item == nullptr; } return false; }',
])('a condition that declares a pointer to a table asks for it: %s', async (code) => {
  expect(await rewritten(code, '3.11', 'a.cpp')).toBe(code)
})

test('a table alone is a question to the type', async () => {
  expect(
    await rewritten(
      'int f(PyObject *o) { return Py_TYPE(o)->tp_as_mapping && !PyTuple_Check(o); }\n' +
        'int g(PyTypeObject *t) { return t->tp_as_async == NULL; }',
    ),
  ).toBe(
    'int f(PyObject *o) { return PepType_AsMapping(Py_TYPE(o)) && !PyTuple_Check(o); }\n' +
      'int g(PyTypeObject *t) { return PepType_AsAsync(t) == NULL; }',
  )
  const old = 'int f(PyTypeObject *t) { return t->tp_as_async == NULL; }'
  expect(await rewritten(old, '3.9')).toBe(old)
})

test('conditions in place, in macros too', async () => {
  const at = (type: string): string => slot('am_await', type)
  expect(
    await rewritten(
      '#define CAN(o) (Py_TYPE(o)->tp_as_async != NULL && (o)->ob_type->tp_as_async->am_await != NULL)\n' +
        'int f(PyTypeObject *t) { return !t->tp_as_async || !(t->tp_as_async)->am_await; }\n' +
        'int g(PyObject *o) { return CAN(o); }',
    ),
  ).toBe(
    `#define CAN(o) (Py_TYPE(o) != NULL && ${at('(o)->ob_type')} != NULL)\n` +
      `int f(PyTypeObject *t) { return !t || !${at('t')}; }\nint g(PyObject *o) { return CAN(o); }`,
  )
})

test('another object may have another type, and a call another result', async () => {
  expect(
    await rewritten(
      'int f(PyObject *o, PyObject *p) { return Py_TYPE(o)->tp_as_number && Py_TYPE(p)->tp_as_number->nb_int; }\n' +
        'PyTypeObject *next(void);\nint g(void) { return next()->tp_as_number && next()->tp_as_number->nb_int; }',
    ),
  ).toBe(
    `int f(PyObject *o, PyObject *p) { return PepType_AsNumber(Py_TYPE(o)) && ${slot('nb_int', 'Py_TYPE(p)')}; }\n` +
      'PyTypeObject *next(void);\n' +
      `int g(void) { return PepType_AsNumber(next()) && ${slot('nb_int', 'next()')}; }`,
  )
})

test('not before `PyType_GetSlot` knows static types', async () => {
  const code = variable('if (nb && nb->nb_int) return nb->nb_int(o);')
  expect(await rewritten(code, '3.9')).toBe(code)
})

test('leaves a variable alone that a macro of a header names', async () => {
  const code = `${head}#include "m.h"\n${variable('if (nb && nb->nb_int) return TO_INT(o);')}\n`
  const files = { 'a.c': code, 'm.h': '#define CALL(o) nb->nb_int(o)\n#define TO_INT(o) CALL(o)\n' }
  expect((await fixed(files, rules, [parseTarget('3.11')!]))['a.c']).toBe(code)
})
