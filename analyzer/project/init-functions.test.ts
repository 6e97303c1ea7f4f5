import { expect, test } from 'vitest'
import { modelOf } from '../../fixtures/in-memory.ts'
import { initFunctions } from './init-functions.ts'

const found = (text: string): string[] =>
  initFunctions(modelOf({ 'spam.c': `#include <Python.h>\n${text}` }).project).map(
    ({ module, bodies }) => `${module} ${bodies.length}`,
  )

test('macros that make the head of an init function, or its name', () => {
  expect(found('#define INIT(n) PyMODINIT_FUNC PyInit_##n(void)\nINIT(spam) { return NULL; }\n')).toEqual(['spam 1'])
  expect(found('#define NAME PyInit_spam\nPyMODINIT_FUNC NAME(void) { return NULL; }\n')).toEqual(['spam 1'])
})

test('a head in another branch, whatever comments stand behind it', () => {
  const branches = (behind: string): string =>
    `PyMODINIT_FUNC\n#if PY_MAJOR_VERSION == 2\ninit_spam(void)\n{\n#else\nPyInit_spam(void)${behind}\n{\n#endif\n}\n`
  for (const behind of ['', ' /* a */', ' // a', ' /* a */ /* b\n*/'])
    expect(found(branches(behind))).toEqual(['spam 1'])
})

test('a name that is put together where it stands', () => {
  const cat = '#define CAT_(a, b) a##b\n#define CAT(a, b) CAT_(a, b)\n'
  const head = 'PyMODINIT_FUNC CAT(PyInit_, NAME)(void) { return NULL; }\n'
  expect(found(`#define NAME spam\n${cat}${head}`)).toEqual(['spam 1'])
  expect(found(`#if A\n#define NAME spam\n#else\n#define NAME eggs\n#endif\n${cat}${head}`)).toEqual([])
  expect(found(`#define NAME "spam"\n${cat}${head}`)).toEqual([])
  expect(found(head)).toEqual([])
})

test('a macro that puts more behind the name makes no init function', () => {
  expect(found('#define COUNT(n) static int PyInit_##n##_count(void)\nCOUNT(spam) { return 0; }\n')).toEqual([])
  expect(found('#define COUNT(n) static int PyInit_count_##n(void)\nCOUNT(spam) { return 0; }\n')).toEqual([])
})

test('a function that a program hands over', () => {
  const head = 'static PyObject *make_spam(void) { return NULL; }\n'
  const call = (text: string): string => `int main(void) { PyImport_AppendInittab(${text}); return 0; }\n`
  expect(found(`${head}${call('"spam", make_spam')}`)).toEqual(['spam 1'])
  expect(found(`${head}${call('"spam",\n  &make_spam')}`)).toEqual(['spam 1'])
  expect(found(call('"spam", make_spam'))).toEqual([])
  const entry = 'PyMODINIT_FUNC PyInit_spam(void) { return NULL; }\n'
  expect(found(`${entry}${call('"spam", PyInit_spam')}`)).toEqual(['spam 1'])
})
