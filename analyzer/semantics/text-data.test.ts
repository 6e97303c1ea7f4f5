import { expect, test } from 'vitest'
import { modelOf } from '../../fixtures/in-memory.ts'
import type { Offset } from '../source/text.ts'
import { isTextDataAt } from './text-data.ts'

/** Whether each call of `PyUnicode_DATA` and `PyUnicode_READ` in a file is understood, in their order. */
function understood(text: string): boolean[] {
  const model = modelOf({ [text.includes('this->') ? 'a.cpp' : 'a.c']: text })
  const calls = [...text.matchAll(/PyUnicode_(?:DATA|READ)(?=\()/g)]
  return calls.map(({ index }) => isTextDataAt(model, model.files.keys().next().value!, index as Offset))
}

const read = 'PyUnicode_READ(kind, data, i)'

test.each([
  ['a variable', `int f(PyObject *s, int kind, int i) { void *data = PyUnicode_DATA(s); return ${read}; }`],
  [
    'one that is set later',
    `int f(PyObject *s, int kind, int i) { const void *data; data = PyUnicode_DATA(s); return ${read}; }`,
  ],
  ['no variable', 'int f(PyObject *s, int kind) { return PyUnicode_READ(kind, PyUnicode_DATA(s), 0); }'],
  [
    'a parameter',
    `static int g(void *data, int kind, int i) { return ${read}; }
int f(PyObject *s, int kind) { return g(PyUnicode_DATA(s), kind, 0); }`,
  ],
  [
    'a variable whose name a macro has that is not used',
    `#define FIRST (((char *)data)[0])
int f(PyObject *s, int kind, int i) { void *data = PyUnicode_DATA(s); return ${read}; }
int g(void *data) { return FIRST; }`,
  ],
  [
    'a field that a method reads by its name',
    `struct T {
  void *data;
  T(PyObject *s) { this->data = PyUnicode_DATA(s); }
  int read(int kind, int i) { return ${read}; }
};
void *g(void *data) { return data; }`,
  ],
  [
    'a field',
    `struct T { void *data; };
void g(struct T *t, PyObject *s) { t->data = PyUnicode_DATA(s); }
int f(struct T *t, int kind) { return t->data != NULL ? PyUnicode_READ(kind, t->data, 0) : 0; }`,
  ],
])('characters that are read through %s', (_, text) => expect(new Set(understood(text))).toEqual(new Set([true])))

test.each([
  [
    'a field of a struct of others, who read it',
    'void f(PyObject *s) { struct iovec v; v.iov_base = PyUnicode_DATA(s); writev(1, &v, 1); }',
  ],
  [
    'a field of a struct of others that is also read here',
    `int f(PyObject *s, int kind, struct iovec *v) {
  v->iov_base = PyUnicode_DATA(s);
  return PyUnicode_READ(kind, v->iov_base, 0);
}`,
  ],
  [
    'a field that nobody reads here',
    `struct T { void *data; };
void f(PyObject *s) { struct T t = { 0 }; t.data = PyUnicode_DATA(s); hand_out(&t); }`,
  ],
  [
    'a comparison with another pointer',
    `int f(PyObject *s, int kind) {
  void *data = PyUnicode_DATA(s);
  return PyUnicode_READ(kind, data, 0) && data == (void *)PyUnicode_AsUTF8(s);
}`,
  ],
  ['an index', 'int f(PyObject *s) { char *data = PyUnicode_DATA(s); return data[0]; }'],
  ['another function', 'int f(PyObject *s) { void *data = PyUnicode_DATA(s); return use(data); }'],
  [
    'a write',
    `void f(PyObject *s, int kind, int i) {
  void *data = PyUnicode_DATA(s);
  PyUnicode_WRITE(kind, data, 0, 1);
  (void)${read};
}`,
  ],
  [
    'other data',
    `int f(PyObject *s, void *o, int kind, int i) { void *data = PyUnicode_DATA(s); data = o; return ${read}; }`,
  ],
  ['a result', 'void *f(PyObject *s) { return PyUnicode_DATA(s); }'],
  ['its address', 'int f(PyObject *s) { void *data = PyUnicode_DATA(s); return use(&data); }'],
  [
    'a parameter that gets something else, too',
    `static int g(void *data, int kind, int i) { return ${read}; }
int h(void *buffer, int kind) { return g(buffer, kind, 0); }
int f(PyObject *s, int kind) { return g(PyUnicode_DATA(s), kind, 0); }`,
  ],
  [
    'a macro that names the variable',
    `#define FIRST (((char *)data)[0])
#define KIND(kind) (kind == 1 ? FIRST : 0)
int f(PyObject *s, int kind, int i) { void *data = PyUnicode_DATA(s); return KIND(kind) ? 1 : ${read}; }`,
  ],
  [
    'a field that a method reads by its name',
    `struct T {
  const void *data;
  T(PyObject *s) { this->data = PyUnicode_DATA(s); }
  int read(int kind, int i) { return PyUnicode_READ(kind, this->data, i); }
  char first() const { return static_cast<const char *>(data)[0]; }
};`,
  ],
  ['a macro', 'int f(PyObject *s) { void *data = PyUnicode_DATA(s);\n#define X data\nreturn ((char *)X)[0]; }'],
])('not data that goes to %s', (_, text) => expect(new Set(understood(text))).toEqual(new Set([false])))
