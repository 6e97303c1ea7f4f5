import { expect, test } from 'vitest'
import { modelOf } from '../../fixtures/in-memory.ts'
import type { FileId } from '../source/text.ts'
import { isTakenForLvalue } from './lvalue-places.ts'

/** What is said of the last `PyTuple_GET_ITEM(t, 0)` in a text. */
function verdict(text: string, language: 'c' | 'cpp'): string {
  const model = modelOf({ [`a.${language}`]: text })
  const file = model.files.keys().next().value as FileId
  const item = 'PyTuple_GET_ITEM(t, 0)'
  const start = text.lastIndexOf(item)
  const use = model.files[file]!.uses.find((each) => each.start === start)
  const span = { start, end: start + item.length }
  return isTakenForLvalue(model, file, 'PyTuple_GET_ITEM', span, { macro: use?.macro ?? -1, within: use?.within ?? [] })
}

const inFunction = (statement: string, before: string): string =>
  `${before}\nstatic int f(PyObject *t, PyObject *x) { ${statement}; return 0; }`

test.each([
  ['yes', 'Py_CLEAR(PyTuple_GET_ITEM(t, 0))', ''],
  ['yes', `Py_CLEAR(/* ${'a long comment '.repeat(200)} */ PyTuple_GET_ITEM(t, 0))`, ''],
  ['yes', 'DROP(PyTuple_GET_ITEM(t, 0))', '#define DROP Py_CLEAR'],
  ['yes', 'DROP(PyTuple_GET_ITEM(t, 0))', '#define DROP DROP2\n#define DROP2 Py_CLEAR'],
  ['yes', 'DROP(PyTuple_GET_ITEM(t, 0))', '#define DROP(...) Py_CLEAR(__VA_ARGS__)'],
  ['yes', 'DROP(PyTuple_GET_ITEM(t, 0))', '#define DROP(args...) Py_CLEAR(args)'],
  ['yes', 'SELF(PyTuple_GET_ITEM(t, 0)) = NULL', '#define SELF(...) (__VA_ARGS__)'],
  ['yes', '__asm__("" : "+r"(PyTuple_GET_ITEM(t, 0)))', ''],
  ['unknown', 'CAT(Py_, CLEAR)(PyTuple_GET_ITEM(t, 0))', '#define CAT(a, b) a##b'],
  ['no', 'g(PyTuple_GET_ITEM(t, 0))', ''],
  ['no', 'PRINT("%p", PyTuple_GET_ITEM(t, 0))', '#define PRINT(...) printf(__VA_ARGS__)'],
  ['no', 'GET(PyTuple_GET_ITEM(t, 0))', '#define GET PyLong_AsLong'],
])('in C: %s: %s', (expected, statement, before) => expect(verdict(inFunction(statement, before), 'c')).toBe(expected))

const types = `
struct Holder { PyObject *&r; Holder(PyObject *&x) : r(x) {} };
using Reference = PyObject *&;
static void drop(PyObject *&p);
static void drop(PyObject *&p) { p = nullptr; }
template <class T> void reset(T &p) { p = nullptr; }
static void read(PyObject *p) {}
PyObject *look_up(PyObject *p, int flags);
`

test.each([
  ['yes', 'drop(PyTuple_GET_ITEM(t, 0))'],
  ['yes', 'reset(PyTuple_GET_ITEM(t, 0))'],
  ['yes', 'auto &r = PyTuple_GET_ITEM(t, 0)'],
  ['yes', 'static_cast<PyObject *&>(PyTuple_GET_ITEM(t, 0)) = nullptr'],
  ['yes', 'auto get = [&]() -> PyObject *& { return PyTuple_GET_ITEM(t, 0); }'],
  ['unknown', 'std::swap(PyTuple_GET_ITEM(t, 0), x)'],
  ['unknown', 'Holder h(PyTuple_GET_ITEM(t, 0))'],
  ['unknown', 'Holder h{PyTuple_GET_ITEM(t, 0)}'],
  ['unknown', 'new Holder(PyTuple_GET_ITEM(t, 0))'],
  ['unknown', 'Reference r = PyTuple_GET_ITEM(t, 0)'],
  ['unknown', 'auto get = [&r = PyTuple_GET_ITEM(t, 0)]() { r = nullptr; }'],
  ['unknown', 'object.take(PyTuple_GET_ITEM(t, 0))'],
  ['no', 'read(PyTuple_GET_ITEM(t, 0))'],
  ['no', 'look_up(PyTuple_GET_ITEM(t, 0), 1)'],
  ['no', 'PyLong_AsLong(PyTuple_GET_ITEM(t, 0))'],
  ['no', 'PyObject *o = PyTuple_GET_ITEM(t, 0)'],
  ['no', 'auto o = PyTuple_GET_ITEM(t, 0)'],
  ['no', 'x = PyTuple_GET_ITEM(t, 0)'],
  ['no', 'Py_TYPE(x)->tp_repr(PyTuple_GET_ITEM(t, 0))'],
  ['no', 'if (PyTuple_GET_ITEM(t, 0) == Py_None) x = t'],
  ['no', 'auto get = [&]() { return PyTuple_GET_ITEM(t, 0); }'],
])('in C++: %s: %s', (expected, statement) => expect(verdict(inFunction(statement, types), 'cpp')).toBe(expected))

test.each([
  ['yes', 'static PyObject *&first(PyObject *t) { return PyTuple_GET_ITEM(t, 0); }'],
  ['yes', 'static auto first(PyObject *t) -> PyObject *& { return PyTuple_GET_ITEM(t, 0); }'],
  ['unknown', 'static Holder first(PyObject *t) { return PyTuple_GET_ITEM(t, 0); }'],
  ['no', 'static PyObject *first(PyObject *t) { return PyTuple_GET_ITEM(t, 0); }'],
])('what is returned: %s: %s', (expected, text) => expect(verdict(`${types}${text}`, 'cpp')).toBe(expected))
