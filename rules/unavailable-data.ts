import { at, limitedApi, unavailable } from '../analyzer/check/of-use.ts'
import type { Rule } from '../analyzer/check/rule.ts'

export const unavailableData: Rule = {
  name: 'unavailable-data',
  summary: 'global variable or type object that the Limited API does not have',
  explanation: `The headers do not declare the variable under \`Py_LIMITED_API\`, and \`python3.dll\` does not export
it: configuration flags such as \`Py_VerboseFlag\`, type objects such as \`PyFunction_Type\`, the datetime capsule.`,
  severity: 'error',
  effect: 'build-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      code: 'int f(PyObject *o) { return Py_TYPE(o) == &PyFunction_Type; }',
      reports: { at: '1:44 PyFunction_Type', message: '`PyFunction_Type` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: 'int f(void) { return Py_VerboseFlag; }',
      fixed: 'int f(void) { return PepFlag_Verbose(); }',
      fixes: 'unsafe',
      reports: { at: '1:22 Py_VerboseFlag', message: '`Py_VerboseFlag` is not in the Limited API' },
    },
    { kind: 'good', target: '3.12', code: 'int f(PyObject *o) { return Py_TYPE(o) == &PyLong_Type; }' },
  ],
  *check(context) {
    for (const live of unavailable(context, 'data')) {
      yield at(live, context, `\`${live.use.name}\` is not in ${limitedApi(context)}`)
    }
  },
}
