import { expect, test } from 'vitest'
import { factsOf, modelOf } from '../../fixtures/in-memory.ts'

/* Faults that were found once. */

const regionVerdicts = (files: Record<string, string>) => {
  const model = modelOf(files)
  return model.files.map(({ regions }, file) => regions.map((_, region) => model.active(file, region)))
}
const types = (files: Record<string, string>) => {
  const model = modelOf(files)
  return Object.fromEntries(
    model.files.flatMap(({ members }, file) =>
      members.map(({ field, object, start, macro }) => [field, model.typeOf(file, object, start, macro)]),
    ),
  )
}

test('#undef and then #define: the later one counts', () => {
  expect(regionVerdicts({ 'a.c': '#undef X\n#define X 1\n#if X\nint a;\n#endif\n' })).toEqual([['yes', 'yes']])
})
test('#define and #undef in a header: the later one counts', () => {
  expect(
    regionVerdicts({ 'a.c': '#include "x.h"\n#if defined(N)\nint a;\n#endif\n', 'x.h': '#define N 1\n#undef N\n' })[0],
  ).toEqual(['yes', 'no'])
})
test('two definitions in a header: the later one counts, or nobody knows', () => {
  expect(
    regionVerdicts({
      'a.c': '#include "x.h"\n#if N == 2\nint a;\n#endif\n',
      'x.h': '#define N 2\n#ifdef _WIN32\n#undef N\n#define N 3\n#endif\n',
    })[0],
  ).toEqual(['yes', 'unknown'])
})
test('a guard around the #include itself', () => {
  const guarded = '#ifndef X_H\n#define X_H\nint x;\n#endif\n'
  expect(regionVerdicts({ 'a.c': '#ifndef X_H\n#include "x.h"\n#endif\n', 'x.h': guarded })).toEqual([
    ['yes', 'yes'],
    ['yes', 'yes'],
  ])
})
test('a macro that holds itself twice ends soon in a condition', () => {
  regionVerdicts({
    'a.c':
      `${Array.from({ length: 11 }, (_, n) => `#define N${n} (N${n + 1} + N${n + 1})\n`).join('')}#define N11 ` +
      `(N12 + N12)\n#define N12 (N13+N13)\n#define N13 (N14+N14)\n#define N14 (N15+N15)\n#define N15 ` +
      `(N16+N16)\n#define ` +
      `N16 (N17+N17)\n#define N17 (N18+N18)\n#define N18 (N19+N19)\n#define N19 (N20+N20)\n#define N20 0\n#if ` +
      `N0\n#endif\n`,
  })
})
test('a comment inside parentheses does not hide the expression', () => {
  expect(types({ 'a.c': 'void f(PyObject *o) { ((PyTypeObject *)o /* cast */)->tp_free(o); }' })).toEqual({
    tp_free: 'PyTypeObject*',
  })
})
test('an inner auto of unknown type hides the outer name', () => {
  expect(types({ 'a.cpp': 'void f(PyTypeObject *t) { { auto t(find()); t->tp_name; } }' }).tp_name).not.toBe(
    'PyTypeObject*',
  )
  expect(types({ 'a.cpp': 'void f(PyTypeObject *t) { for (auto &t : list) { t->tp_name; } }' }).tp_name).not.toBe(
    'PyTypeObject*',
  )
})
test('a later view knows what auto stands for', () => {
  expect(
    types({
      'a.cpp':
        'void f(PyObject *o) {\n auto *t = Py_TYPE(o);\n#ifdef A\n t->tp_alloc(t, 0);\n#else\n ' +
        't->tp_free(o);\n#endif\n}',
    }),
  ).toEqual({ tp_alloc: 'PyTypeObject*', tp_free: 'PyTypeObject*' })
})
test('parameters of a lambda', () => {
  expect(types({ 'a.cpp': 'void f(PyObject *t) { auto g = [](PyTypeObject *t) { return t->tp_name; }; }' })).toEqual({
    tp_name: 'PyTypeObject*',
  })
})
test('a field without this, outside of the class', () => {
  expect(types({ 'a.cpp': 'class A { PyTypeObject *type; void f(); };\nvoid A::f() { type->tp_name; }' })).toEqual({
    tp_name: 'PyTypeObject*',
  })
})
test('a macro body with an open brace does not hide the macros after it', () => {
  expect(
    types({
      'a.c':
        '#define BEGIN(o) if (Py_TYPE(o)->tp_free) {\n#define T(o) ((PyTypeObject *)(o))\nvoid f(PyObject *o) { ' +
        'T(o)->tp_name; }',
    }).tp_name,
  ).toBe('PyTypeObject*')
})
test('anonymous structs in two branches of a struct', () => {
  const S =
    'struct S { int a;\n#ifdef A\n struct { PyTypeObject *x; };\n#else\n struct { PyTypeObject *y; };\n#endif\n};\n'
  expect(types({ 'a.c': `${S}void f(struct S *s) { s->x->tp_name; s->y->tp_free; }` })).toEqual({
    tp_name: 'PyTypeObject*',
    tp_free: 'PyTypeObject*',
  })
})
test('sizeof of an expression in code', () => {
  expect(factsOf({ 'a.c': 'void f(PyTypeObject *t) { memset(t, 0, sizeof(*t)); }' })[0]!.completeTypeUses).toHaveLength(
    1,
  )
})
test('macros that call each other twice end soon in a type', () => {
  const macros = Array.from({ length: 9 }, (_, n) => `#define T${n}(o) (c ? T${n + 1}(o) : T${n + 1}(o))\n`)
  types({ 'a.c': `${macros.join('')}void f(PyObject *o) { T0(o)->tp_name; }` })
})
test('many groups, and deeply nested ones', () => {
  expect(() => factsOf({ 'a.c': '#if A\nint Py_x;\n#endif\n'.repeat(130_000) })).not.toThrow()
  expect(() =>
    factsOf({ 'a.c': `${'#if A\n'.repeat(20_000)}struct S { PyTypeObject t; };\n${'#endif\n'.repeat(20_000)}` }),
  ).not.toThrow()
})
test('unclosed calls take no quadratic time', () => {
  factsOf({ 'a.c': ';f('.repeat(10_000) })
})
test('the function that a macro body is parsed in is no declaration', () => {
  expect(factsOf({ 'a.c': '#define NAME(o) (Py_TYPE(o)->tp_name)\n' })[0]!.declarations).toEqual([])
})
