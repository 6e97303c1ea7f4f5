import { expect, test } from 'vitest'
import { modelOf } from '../../fixtures/in-memory.ts'
import { conventionName } from '../knowledge/calling-conventions.ts'
import { methodDefs } from './method-tables.ts'

/** The functions and the flags of an entry, in words. */
function defs(entries: string, before = '', extension = 'c'): string[] {
  const model = modelOf({
    [`a.${extension}`]: `#include <Python.h>
#include "draw.h"
${before}
static PyObject *spam_draw(PyObject *self, PyObject *args) { return NULL; }
static PyMethodDef methods[] = {
    ${entries}
    {NULL, NULL, 0, NULL},
};`,
    'draw.h': 'PyObject *draw(PyObject *self, PyObject *args);\n#define BOTH METH_VARARGS|METH_KEYWORDS\n',
    'draw.c': '#include <Python.h>\nPyObject *draw(PyObject *self, PyObject *args) { return NULL; }\n',
  })
  return methodDefs(model).map(
    ({ functions, flagBits }) =>
      `${functions.map(({ code }) => code.name || 'lambda').join()} ` +
      (flagBits === null ? '?' : conventionName(flagBits)),
  )
}

test('an entry is read as people write it', () => {
  expect(defs('{"draw", spam_draw, METH_O, "doc"},')).toEqual(['spam_draw METH_O'])
  expect(defs('{ "draw", (PyCFunction)(void(*)(void))&draw, BOTH },')).toEqual(['draw METH_VARARGS | METH_KEYWORDS'])
  expect(defs('{.ml_flags = METH_NOARGS, .ml_name = "d", .ml_meth = _PyCFunction_CAST(draw)},')).toEqual([
    'draw METH_NOARGS',
  ])
  expect(defs('{"d", draw, 1 | METH_CLASS}, {"e", draw, flags()},')).toEqual(['draw METH_VARARGS', 'draw ?'])
  expect(defs('{"d", reinterpret_cast<PyCFunction>(draw), METH_O},', '', 'cpp')).toEqual(['draw METH_O'])
  expect(defs('{"d", [](PyObject *a, PyObject *b) -> PyObject * { return b; }, METH_O},', '', 'cpp')).toEqual([
    'lambda METH_O',
  ])
})

test('an entry that a macro makes', () => {
  const paste = '#define METHOD(name, flags) {#name, (PyCFunction)spam_##name, flags, NULL}'
  expect(defs('METHOD(draw, METH_NOARGS),', paste)).toEqual(['spam_draw METH_NOARGS'])
  const plain = '#define M(n, f) {n, (PyCFunction)f, BOTH, PyDoc_STR("")}'
  expect(defs('M("draw", draw),', plain)).toEqual(['draw METH_VARARGS | METH_KEYWORDS'])
})

test('an entry of zeros that a macro makes defines no method', () => {
  const any = '#define METHOD(name, function, flags) {name, (PyCFunction)function, flags, NULL}'
  expect(defs('METHOD("draw", draw, METH_O), METHOD(NULL, NULL, 0),', any)).toEqual(['draw METH_O'])
  expect(defs('METHOD(nullptr, nullptr, 0),', any, 'cpp')).toEqual([])
  expect(defs('END(),', '#define END() {NULL, NULL, 0, NULL}')).toEqual([])
})

test('several flags are not one', () => {
  const either = '#ifdef X\n#define CALL METH_O\n#else\n#define CALL METH_VARARGS\n#endif'
  expect(defs('{"draw", draw, CALL},', either)).toEqual(['draw ?'])
})
