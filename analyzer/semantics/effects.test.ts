import { expect, test } from 'vitest'
import { modelOf } from '../../fixtures/in-memory.ts'
import type { Branches } from './effect-list.ts'
import { effectsOf } from './effects.ts'
import { functionsOf } from './functions.ts'

/** The effects of a function on its first parameter and others, in words. */
function effects(files: Readonly<Record<string, string>>, name = 'f', branches: Branches = 'compiled'): string[] {
  return told(files, name, branches).filter((each) => !/^(?:call|read|test) /.test(each))
}

function told(files: Readonly<Record<string, string>>, name = 'f', branches: Branches = 'compiled'): string[] {
  const model = modelOf(
    Object.fromEntries(Object.entries(files).map(([file, text]) => [file, `#include <Python.h>\n${text}`])),
  )
  const [body] = functionsOf(model).named(0, name)
  return effectsOf(model, body!, branches).map(({ what, on, how, type }) => {
    const whom = on === null ? 'other' : `${on.parameter}${on.isCertain ? '' : '?'}:${on.as}`
    return `${what} ${whom} ${type === '' ? how : `${type}.${how}`}`
  })
}

const one = (body: string, before = ''): string[] => effects({ 'a.c': `${before}\nvoid f(PyObject *op) { ${body} }` })

test.each([
  ['Py_TYPE(op)->tp_free(op);', ['free 0:object tp_free']],
  [
    'PyTypeObject *t = Py_TYPE(op); t->tp_free((T *)op); Py_DECREF(t);',
    ['free 0:object tp_free', 'decref 0:type Py_DECREF'],
  ],
  ['((freefunc)PyType_GetSlot(Py_TYPE(op), Py_tp_free))(op);', ['free 0:object tp_free']],
  ['freefunc g = (freefunc)PyType_GetSlot(Py_TYPE(op), Py_tp_free); T *s = (T *)op; g(s);', ['free 0:object tp_free']],
  ['freefunc g = PyObject_Free; g(op);', ['free 0:object PyObject_Free']],
  [
    'T *s = (T *)op; Py_CLEAR(s->items[0]); PyObject_GC_UnTrack(s);',
    ['decref 0:member Py_CLEAR', 'untrack 0:object PyObject_GC_UnTrack'],
  ],
  ['Py_DECREF(cache);', ['decref other cache.Py_DECREF']],
  ['PyObject *all = PyList_New(0); Py_DECREF(all);', ['decref other Py_DECREF']],
  ['struct { PyTypeObject *t; } k = {Py_TYPE(op)}; Py_CLEAR(k.t);', ['unknown 0:type ', 'decref 0:type Py_CLEAR']],
  ['kept = Py_TYPE(op);', ['unknown 0:type ']],
  [
    '__attribute__((cleanup(drop))) PyTypeObject *t = Py_TYPE(op); PyObject_Free(op);',
    ['free 0:object PyObject_Free', 'unknown 0:type '],
  ],
  ['PyList_Type.tp_dealloc(op);', ['call-slot 0:object PyList_Type.tp_dealloc']],
  ['((destructor)PyType_GetSlot(&PyDict_Type, Py_tp_dealloc))(op);', ['call-slot 0:object PyDict_Type.tp_dealloc']],
  ['forget(op); forget(op->x); strlen(s);', ['unknown 0:object forget']],
  ['T *s = find(op); Py_DECREF(s);', ['unknown 0:object find', 'decref 0?:object Py_DECREF']],
  ['T *s = x ? (T *)op : NULL; PyObject_Free(s);', ['free 0?:object PyObject_Free']],
  [
    'PyTuple_SetItem(t, 0, (PyObject *)Py_TYPE(op)); PyList_Append(l, op); PyList_Size(op);',
    ['steal 0:type PyTuple_SetItem', 'keep 0:object PyList_Append'],
  ],
])('%s', (body, expected) => {
  expect(one(body)).toEqual(expected)
})

test('cast macros, macros that free, accessors, aliases and macros without parameters are looked through', () => {
  expect(one('DEL(OBJ(op));', '#define OBJ(o) ((PyObject *)(o))\n#define DEL(x) Py_TYPE(x)->tp_free(x)')).toEqual([
    'free 0:object tp_free',
  ])
  expect(
    one('my_free(as_t(op));', 'static T *as_t(PyObject *o) { return (T *)o; }\n#define my_free PyObject_Free'),
  ).toEqual(['free 0:object PyObject_Free'])
  expect(one('FREE_SELF', '#define FREE_SELF PyObject_Del(op);')).toEqual(['free 0:object PyObject_Del'])
  expect(one('APPLY(PyObject_Free, op);', '#define APPLY(f, x) f(x)')).toEqual(['free 0:object PyObject_Free'])
})

test('variables that macros declare are known where they are used, and functions that are called for them', () => {
  const macros = '#define BEGIN(o) PyTypeObject *tp = Py_TYPE(o)\n#define END Py_DECREF(tp)'
  expect(one('BEGIN(op); PyObject_Free(op); END;', macros)).toEqual([
    'free 0:object PyObject_Free',
    'decref 0:type Py_DECREF',
  ])
  const drop = 'static void drop(PyTypeObject **t) { Py_DECREF(*t); }\n#define AUTO __attribute__((cleanup(drop)))'
  expect(one('AUTO PyTypeObject *tp = Py_TYPE(op); PyObject_Free(op);', drop)).toEqual([
    'free 0:object PyObject_Free',
    'decref 0:type Py_DECREF',
  ])
})

test('lambdas, constructors and methods of C++', () => {
  const cxx = (body: string): string[] =>
    effects({
      'a.cpp': `struct G { PyTypeObject *t; G(PyTypeObject *o) : t(o) {} };\nvoid f(PyObject *op) { ${body} }`,
    })
  expect(cxx('auto *t = Py_TYPE(op); [&] { Py_DECREF(t); }();')).toEqual(['decref 0:type Py_DECREF'])
  for (const guard of ['G g(Py_TYPE(op));', 'G g{Py_TYPE(op)};', 'auto g = G(Py_TYPE(op));', 'G g = Py_TYPE(op);'])
    expect(cxx(guard)).toEqual([expect.stringMatching(/^unknown 0:type/)])
  expect(cxx('((T *)op)->release();')).toEqual(['unknown 0:object '])
  expect(cxx('((T *)op)->~T();')).toEqual([])
})

test('functions of other files are followed, static ones of other files are not', () => {
  const helper = (storage: string): Record<string, string> => ({
    'a.c': 'void f(PyObject *op) { T *self = (T *)op; release(7, self, Py_TYPE(op)); }',
    'b.c': `${storage}void release(int n, T *s, PyTypeObject *t) { Py_CLEAR(s->x); t->tp_free(s); Py_DECREF(t); }`,
  })
  expect(effects(helper(''))).toEqual(['decref 0:member Py_CLEAR', 'free 0:object tp_free', 'decref 0:type Py_DECREF'])
  expect(effects(helper('static '))).toEqual(['unknown 0:object release', 'unknown 0:type release'])
})

test('functions of the project may have names like those of CPython', () => {
  const cast = 'static T *PySpam_Cast(PyObject *o) { return (T *)o; }'
  expect(one('PyObject_Free(PySpam_Cast(op));', cast)).toEqual(['free 0:object PyObject_Free'])
  expect(one('PySpam_Forget(op); PyObject_Size(op);')).toEqual(['unknown 0:object PySpam_Forget'])
})

test('what calls itself ends, branches that are not compiled do nothing', () => {
  expect(one('if (op) f(op); PyObject_Free(op);')).toEqual(['free 0:object PyObject_Free'])
  expect(one('LOOP(op);', '#define LOOP(x) LOOP(x); PyObject_Free(x)')).toEqual(['free 0:object PyObject_Free'])
  expect(one('\n#if PY_MAJOR_VERSION < 3\nPyObject_Free(op);\n#else\nPyObject_GC_Del(op);\n#endif\n')).toEqual([
    'free 0:object PyObject_GC_Del',
  ])
})

test('what C++ deletes is freed; what a visitor gets is visited', () => {
  expect(effects({ 'a.cpp': 'void f(PyObject *op) { delete static_cast<T *>(op); }' })).toEqual([
    'free 0:object delete',
  ])
  expect(
    effects({
      'a.c': 'int f(PyObject *op, visitproc visit, void *arg) { Py_VISIT(op->x); return visit(Py_TYPE(op), arg); }',
    }),
  ).toEqual(['visit 0:member Py_VISIT', 'visit 0:type visit'])
})

test('what is long or nests deeply is followed as far as it goes, and ends', () => {
  const free = 'free 0:object PyObject_Free'
  const chains = ['1+'.repeat(30_000), 'g(),'.repeat(30_000), 'x ? y : '.repeat(8_000), '!'.repeat(20_000)]
  for (const chain of chains) expect(one(`n = ${chain}1; PyObject_Free(op);`)).toContain(free)
  expect(one(`op${'->a'.repeat(20_000)} = 1; PyObject_Free(op);`)).toContain(free)
  const macros = Array.from({ length: 9 }, (_, n) => `#define M${n}(x) ${`M${n + 1}(x);`.repeat(10)}\n`).join('')
  expect(one('M0(op); PyObject_Free(op);', `${macros}#define M9(x) Py_DECREF((x)->y)`)).toEqual(
    expect.arrayContaining(['unknown 0:object M9', free]),
  )
  const functions = Array.from({ length: 10 }, (_, n) => `void f${9 - n}(T *x) { ${`f${10 - n}(x);`.repeat(12)} }\n`)
  expect(one('f0(op); PyObject_Free(op);', `void f10(T *x) { Py_DECREF(x->y); }\n${functions.join('')}`)).toEqual([
    'decref 0:member Py_DECREF',
    free,
  ])
})

test('a rewrite sees the branches that the target does not compile, too', () => {
  const text =
    'void f(PyObject *op) {\n#ifdef PYPY_VERSION\nPyObject_Free(op);\n#else\nPyObject_GC_Del(op);\n#endif\n}\n' +
    '#undef PYPY_VERSION'
  expect(effects({ 'a.c': text }, 'f', 'all')).toEqual(['free 0:object PyObject_Free', 'free 0:object PyObject_GC_Del'])
})

test.each([
  ['return PyTuple_Size(args);', ['read 1:object PyTuple_Size']],
  ['return args->ob_refcnt;', ['read 1:object ']],
  ['return parse((PyObject *)args);', ['read 1:object PyArg_ParseTuple']],
  ['return NONE(args);', ['test 1:object ', 'read 1:object PyTuple_Size']],
  ['if (args) return 1; if (!args) return 2; return args == NULL || PyTuple_Size(args);', 2],
  ['(void)args; Py_UNUSED(args); Py_XDECREF(args); PyObject_CallObject(self, args); return 0;', 0],
])('what may not be NULL, and what is tested: %s', (body, expected) => {
  const before = `static int parse(PyObject *all) { return PyArg_ParseTuple(all, ""); }
#define NONE(x) (x != NULL && PyTuple_Size(x) > 0)`
  const found = told({ 'a.c': `${before}\nlong f(PyObject *self, PyObject *args) { ${body} }` }).filter((each) =>
    /^(?:read|test) 1/.test(each),
  )
  if (typeof expected === 'number') expect(found).toHaveLength(expected)
  else expect(found).toEqual(expected)
})
