import { expect, test } from 'vitest'
import { modelOf } from '../../fixtures/in-memory.ts'
import { moduleInit } from './module-init.ts'
import { modulesOf } from './modules.ts'

const def = 'static PyModuleDef def = {PyModuleDef_HEAD_INIT, "spam", NULL, -1, NULL};\n'

test.each([
  ['single-phase', 'PyMODINIT_FUNC PyInit_spam(void) { return PyModule_Create(&def); }'],
  ['multi-phase', 'PyMODINIT_FUNC PyInit_spam(void) { return PyModuleDef_Init(&def); }'],
  [
    'single-phase',
    `#if PY_MAJOR_VERSION >= 3
PyMODINIT_FUNC
PyInit_spam(void)
#else
PyMODINIT_FUNC
initspam(void)
#endif
{
#if PY_MAJOR_VERSION >= 3
    return PyModule_Create(&def);
#endif
}`,
  ],
  ['unknown', 'PyObject *make(void);\nPyMODINIT_FUNC PyInit_spam(void) { return make(); }'],
])('%s: %s', (init, text) => {
  const model = modelOf({ 'spam.c': `${def}${text}\n` })
  const [module] = modulesOf(model.project, [])
  expect(moduleInit(model, module!).init).toBe(init)
})
