import { expect, test } from 'vitest'
import { fixed } from '../../fixtures/rules.ts'
import { unavailableType } from '../../rules/unavailable-type.ts'
import { parseTarget } from '../knowledge/target.ts'

const target = parseTarget('3.11')!

test.each([
  ['overloads', 'a.cpp', 'void f(PyTupleObject *t);\nvoid f(PyListObject *list);', false],
  ['an overload for objects', 'a.cpp', 'void f(const PyTupleObject *t, int n);\nvoid f(PyObject *, int) {}', false],
  ['a constructor', 'a.cpp', 'struct A { A(PyTupleObject *t); A(PyObject *o); };', false],
  ['a constructor, defined outside', 'a.cpp', 'A::A(PyObject *o) {}\nA::A(PyTupleObject *o) {}', false],
  ['conversion operators', 'a.cpp', 'class A { operator PyObject *(); operator PyTupleObject *() const; };', false],
  [
    'specialisations',
    'a.cpp',
    'template <class T> struct A;\ntemplate <> struct A<PyTupleObject *> {};\ntemplate <> struct A<PyObject *> {};',
    false,
  ],
  ['operators', 'a.cpp', 'O &operator<<(O &, PyTupleObject *);\nO &operator<<(O &, PyObject *);', false],
  ['calls', 'a.cpp', 'struct D { void operator()(PyTupleObject *); void operator ()(PyListObject *) const; };', false],
  ['assignments', 'a.cpp', 'struct D { D &operator=(PyTupleObject *); D &operator=(PyObject *); };', false],
  [
    'instantiations',
    'a.cpp',
    'template <class T> struct A {};\ntemplate struct A<PyTupleObject *>;\ntemplate struct A<PyObject *>;',
    false,
  ],
  ['associations', 'a.c', '#define F(x) _Generic((x), PyTupleObject *: 1, PyObject *: 2)', false],
  ['a declaration and its definition', 'a.cpp', 'void f(PyTupleObject *);\nvoid f(PyTupleObject *t) {}', true],
  ['other parameters', 'a.cpp', 'void f(PyTupleObject *);\nvoid f(PyObject *t, int n);', true],
  ['other classes', 'a.cpp', 'struct A { void f(PyTupleObject *); };\nstruct B { void f(PyObject *); };', true],
  ['one operator', 'a.cpp', 'class A { operator PyTupleObject *(); operator bool(); };', true],
  ['other operators', 'a.cpp', 'bool operator==(A, PyTupleObject *);\nbool operator!=(A, PyObject *);', true],
  [
    'a declared instantiation',
    'a.cpp',
    'template <class T> struct A {};\nextern template struct A<PyTupleObject *>;\ntemplate struct A<PyTupleObject *>;',
    true,
  ],
  [
    'other fields that macros make',
    'a.c',
    'struct im { int a8; };\n#define GET(f) im->f##8\nint f(PyTupleObject *t, struct im *im) { return GET(a); }',
    true,
  ],
  [
    'fields of it that macros make',
    'a.c',
    '#define GET(f) t->ob_##f\nPyObject *f(PyTupleObject *t) { return GET(item)[0]; }',
    false,
  ],
  ['branches of C', 'a.c', '#ifdef A\nvoid f(PyTupleObject *);\n#else\nvoid f(PyObject *);\n#endif', true],
])('pointers that tell %s apart stay', async (_, file, code, isFixed) => {
  const text = `#include <Python.h>\n${code}\n`
  const { [file]: after } = await fixed({ [file]: text }, [unavailableType], [target], true)
  expect(after).toBe(isFixed ? text.replaceAll(/Py(?:Tuple|List)Object/g, 'PyObject') : text)
})
