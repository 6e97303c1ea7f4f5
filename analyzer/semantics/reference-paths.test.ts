import { expect, test } from 'vitest'
import { modelOf } from '../../fixtures/in-memory.ts'
import { callsIn } from '../code/placement.ts'
import { calleeName } from '../code/values.ts'
import { functionsOf } from './functions.ts'
import { referencePaths } from './reference-paths.ts'

/** What is lost or given back twice in a function that makes a type, by the calls' text; null where it is not read. */
function paths(body: string, before = ''): string[] | null {
  const text = `#include <Python.h>
${before}
int f(PyObject *m, PyType_Spec *spec) { ${body} }`
  const model = modelOf({ 'a.c': text.replaceAll('ADD', 'PyModule_AddObject(m, "T", T)') })
  const [read] = functionsOf(model).named(0, 'f')
  const made = callsIn(read!.code).find((call) => calleeName(call) === 'PyType_FromSpec')!
  const found = referencePaths(model, read!, made)
  if (found === null) return null
  const shown = (name: string, isConditional = false): string => name + (isConditional ? '?' : '')
  return [
    ...[...found.losing].map((call) => shown(`lost ${calleeName(call)}`)),
    ...[...found.releasedTwice].map(([call, { isConditional }]) => shown(`twice ${calleeName(call)}`, isConditional)),
  ]
}

const lost = ['lost PyModule_AddObject']
const made = 'T = PyType_FromSpec(spec);'

test.each([
  [`${made} if (!T) return -1; return ADD;`, lost],
  [`${made} if (T == NULL || ADD < 0) return -1; return 0;`, lost],
  [`if ((T = PyType_FromSpec(spec)) == NULL) return -1; if (ADD != 0) goto fail; return 0; fail: return -1;`, lost],
  [`${made} int rc = ADD; if (rc < 0) { Py_DECREF(T); return -1; } return 0;`, lost],
  [`${made} Py_XINCREF(T); if (ADD < 0) { Py_DECREF(T); Py_CLEAR(T); return -1; } return 0;`, []],
  [`${made} Py_INCREF(T); ADD; return 0;`, []],
  [`${made} return PyModule_AddObject(m, "T", Py_NewRef(T));`, []],
  [`${made} PyModule_AddType(m, (PyTypeObject *)T); return 0;`, []],
  [`${made} if (ADD < 0) { Py_CLEAR(T); return -1; } T = NULL; return 0;`, []],
  [`${made} return add(m, T);`, []],
  [`${made} return steal(m, T);`, ['lost steal']],
  [`${made} return elsewhere(m, T);`, []],
  [`${made} PUT_TYPE(m, "T", T); return 0;`, ['lost PUT_TYPE']],
  [`${made} PUT_OWN(m, "T", T); return 0;`, []],
])('the reference of a variable that stays: %s', (body, expected) => {
  const before = `static PyObject *T;
static int add(PyObject *m, PyObject *t) { Py_INCREF(t); return PyModule_AddObject(m, "T", t); }
#define PUT_TYPE(m, n, t) do { if (PyModule_AddObject(m, n, (PyObject *)(t)) < 0) return -1; } while (0)
#define PUT_OWN(m, n, t) Py_INCREF(t); PyModule_AddObject(m, n, t)
static int steal(PyObject *m, PyObject *t) { return PyModule_AddObject(m, "T", t); }`
  expect(paths(body, before)).toEqual(expected)
})

test.each([
  [`PyObject *${made} if (ADD < 0) { Py_DECREF(T); return -1; } return 0;`, lost],
  [`PyObject *${made} ADD; Py_DECREF(T); return 0;`, [...lost, 'twice Py_DECREF']],
  [
    `PyObject *${made} if (ADD < 0) goto fail; if (g() < 0) goto fail; return 0; fail: Py_XDECREF(T); return -1;`,
    [...lost, 'twice Py_XDECREF?'],
  ],
  [`PyObject *${made} if (ADD < 0) { fail: Py_XDECREF(T); return -1; } goto fail; return 0;`, null],
  [`PyObject *${made} switch (x) { case 1: ADD; } return 0;`, null],
  [`PyObject *${made} x |= ADD; if (x) Py_DECREF(T); return 0;`, []],
])('the reference of a local variable: %s', (body, expected) => {
  expect(paths(body)).toEqual(expected)
})
