import { at, limitedApi, unavailable } from '../analyzer/check/of-use.ts'
import type { Rule } from '../analyzer/check/rule.ts'

export const unavailableFunction: Rule = {
  name: 'unavailable-function',
  summary: 'function that the Limited API does not have',
  explanation: `CPython declares the function for extensions that are built for one version only. Under
\`Py_LIMITED_API\` its headers hide it.

C compilers up to gcc 13 only warn of the call, and the module builds: a function that returns a pointer then comes
back through \`int\`, loses its upper half and crashes. C++ and newer C compilers refuse.`,
  severity: 'error',
  effect: 'build-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      code: 'int f(PyObject *o) { return PyObject_Print(o, stdout, 0); }',
      reports: { at: '1:29 PyObject_Print', message: '`PyObject_Print` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.9',
      code: 'const char *f(PyObject *o) { return PyUnicode_AsUTF8(o); }',
      reports: { at: '1:37 PyUnicode_AsUTF8', message: '`PyUnicode_AsUTF8` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: 'const char *f(PyObject *o) { return PyUnicode_AsUTF8(/* a str */ o); }',
      fixed: 'const char *f(PyObject *o) { return PyUnicode_AsUTF8AndSize(/* a str */ o, NULL); }',
      reports: { at: '1:37 PyUnicode_AsUTF8', message: '`PyUnicode_AsUTF8` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code:
        'PyObject *f(PyObject *o, PyObject *a) {\n  return PyObject_CallOneArg(o,\n                             ' +
        'a);\n}',
      fixed:
        'PyObject *f(PyObject *o, PyObject *a) {\n  return PyObject_CallFunctionObjArgs(o,\n                        ' +
        '     a, NULL);\n}',
      reports: { at: '2:10 PyObject_CallOneArg', message: '`PyObject_CallOneArg` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: 'void f(size_t p) {\n  PyTraceMalloc_Untrack(7, p);\n  (void)p;\n}',
      fixed: 'void f(size_t p) {\n  (void)p;\n}',
      fixes: 'unsafe',
      reports: { at: '2:3 PyTraceMalloc_Untrack', message: '`PyTraceMalloc_Untrack` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: 'int f(void) {\n  return PyInterpreterState_Get() == PyInterpreterState_Main();\n}',
      fixed: 'int f(void) {\n  return PyInterpreterState_GetID(PyInterpreterState_Get()) == 0;\n}',
      reports: { at: '2:38 PyInterpreterState_Main', message: '`PyInterpreterState_Main` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: 'PyThreadState *f(void) { return PyThreadState_New(PyInterpreterState_Main()); }',
      reports: { at: '1:51 PyInterpreterState_Main', message: '`PyInterpreterState_Main` is not in the Limited API' },
    },
    { kind: 'good', target: '3.12', code: 'PyObject *f(PyObject *o) { return PyObject_Str(o); }' },
    {
      kind: 'good',
      target: '3.12',
      code: '#ifndef Py_LIMITED_API\nconst char *f(PyObject *o) { return PyUnicode_AsUTF8(o); }\n#endif\nint g(void);',
    },
  ],
  *check(context) {
    for (const live of unavailable(context, 'function')) {
      yield at(live, context, `\`${live.use.name}\` is not in ${limitedApi(context)}`)
    }
  },
}
