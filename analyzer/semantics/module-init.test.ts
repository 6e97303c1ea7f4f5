import { expect, test } from 'vitest'
import { modelOf } from '../../fixtures/in-memory.ts'
import { stateHeader } from '../../rules/pep-state/header.ts'
import { parseTarget } from '../knowledge/target.ts'
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

const members = 'static PyMethodDef functions[] = {{NULL}};\nstatic const PepState_Member members[] = {PepState_END};\n'
const withState = (call: string): Readonly<Record<string, string>> => ({
  'pep_state.h': stateHeader,
  'spam.c': `#include "pep_state.h"
typedef struct { PyObject *last; } SpamState;
PepState_DECLARE(SpamState);
${members}${call}
`,
})

test.each([
  ['single-phase', '3.9'],
  ['multi-phase', '3.10'],
  ['multi-phase', '3.13'],
  ['export', 'abi3t'],
])('PepState_MODULE: %s at %s', (init, target) => {
  const files = withState(
    'PepState_MODULE(SpamState, spam, "a, (b", members, /* , */ functions,\n    NULL, ' +
      'PEP_STATE_OWN_GIL | PEP_STATE_FREE_THREADED)',
  )
  const model = modelOf(files, parseTarget(target)!)
  const [module] = modulesOf(model.project, [])
  expect(moduleInit(model, module!)).toMatchObject({
    init,
    def: null,
    macro: { state: 'SpamState', support: 'PEP_STATE_OWN_GIL | PEP_STATE_FREE_THREADED' },
    offset: files['spam.c']!.indexOf('PepState_MODULE'),
  })
})

test.each([
  [
    'another header',
    { 'spam.c': '#define PepState_MODULE(a, name) PyObject *PyInit_##name(void);\nPepState_MODULE(S, spam)\n' },
  ],
  [
    'a macro of the project that uses it',
    withState('#define MODULE PepState_MODULE(S, spam, "", m, f, NULL, 2)\nMODULE'),
  ],
])('PepState_MODULE: not understood in %s', (_, files) => {
  const model = modelOf(files)
  for (const module of modulesOf(model.project, []))
    expect(moduleInit(model, module)).toMatchObject({ init: 'unknown', macro: null })
})
