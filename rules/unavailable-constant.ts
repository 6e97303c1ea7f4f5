import { at, limitedApi, unavailable } from '../analyzer/check/of-use.ts'
import type { Rule } from '../analyzer/check/rule.ts'

export const unavailableConstant: Rule = {
  name: 'unavailable-constant',
  summary: 'constant that the Limited API does not have',
  explanation:
    `The headers do not define the constant under \`Py_LIMITED_API\`, usually because what it is passed ` +
    `to is hidden as well.`,
  severity: 'error',
  effect: 'build-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      code: 'int f(int kind) { return kind == PyUnicode_4BYTE_KIND; }',
      fixed: 'int f(int kind) { return kind == PepUnicode_4BYTE_KIND; }',
      fixes: 'unsafe',
      reports: { at: '1:34 PyUnicode_4BYTE_KIND', message: '`PyUnicode_4BYTE_KIND` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: 'int f(int flags) { return (flags & CO_VARARGS) != 0; }',
      fixed: 'int f(int flags) { return (flags & Pep_CO_VARARGS) != 0; }',
      reports: { at: '1:36 CO_VARARGS', message: '`CO_VARARGS` is not in the Limited API' },
    },
    { kind: 'good', target: '3.12', code: 'unsigned long f(void) { return Py_TPFLAGS_BASETYPE; }' },
  ],
  *check(context) {
    for (const live of unavailable(context, 'constant')) {
      yield at(live, context, `\`${live.use.name}\` is not in ${limitedApi(context)}`)
    }
  },
}
