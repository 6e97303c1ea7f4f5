import { expect, test } from 'vitest'
import { rewrite } from '../../../fixtures/rewrite/projects.ts'
import { parseTarget } from '../../knowledge/target.ts'

const header = `#include <Python.h>
typedef struct { PyObject_HEAD long sides; } Shape;
`

const module = (name: string, body: string): string => `#include "shape.h"
${body}
static PyModuleDef_Slot ${name}_slots[] = {{0, NULL}};
static struct PyModuleDef ${name}_module = {PyModuleDef_HEAD_INIT, "${name}", NULL, 0, NULL, ${name}_slots};
PyMODINIT_FUNC PyInit_${name}(void) { return PyModuleDef_Init(&${name}_module); }
`

const type = `static PyObject *shape_sides(Shape *self, PyObject *none) { return PyLong_FromLong(self->sides); }
static PyMethodDef shape_methods[] = {{"sides", (PyCFunction)shape_sides, METH_NOARGS, NULL}, {NULL}};
static PyType_Slot shape_slots[] = {{Py_tp_methods, shape_methods}, {0, NULL}};
static PyType_Spec shape_spec = {"shapes.Shape", sizeof(Shape), 0, Py_TPFLAGS_DEFAULT, shape_slots};
PyObject *make(void) { return PyType_FromSpec(&shape_spec); }`

const user = 'long sides_of(PyObject *shape) { return ((Shape *)shape)->sides; }'

async function left(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  return (await rewrite(new Map(Object.entries(files)), parseTarget('3.12')!, 'abi3t')).left
}

test('a struct is left alone whose fields another module asks for', async () => {
  const apart = { 'shape.h': header, 'shapes.c': module('shapes', type), 'draw.c': module('draw', user) }
  expect((await left(apart)).join('\n')).toContain(
    '`draw` asks for `sides`, and `shapes` is the module that has the type',
  )
  const together = { 'shape.h': header, 'shapes.c': module('shapes', `${type}\n${user}`) }
  expect((await left(together)).join('\n')).not.toContain('asks for')
  const inline = `${header}static inline long sides_of(PyObject *shape) { return ((Shape *)shape)->sides; }\n`
  const unused = { ...apart, 'shape.h': inline, 'draw.c': module('draw', '') }
  expect((await left(unused)).join('\n')).not.toContain('asks for')
  const used = { ...unused, 'draw.c': module('draw', 'long twice(PyObject *o) { return 2 * sides_of(o); }') }
  expect((await left(used)).join('\n')).toContain('`draw` asks for `sides`')
})
