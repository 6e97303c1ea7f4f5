import { at } from '../analyzer/check/of-use.ts'
import type { Rule } from '../analyzer/check/rule.ts'
import { showVersion } from '../analyzer/knowledge/version.ts'

export const unguardedNewerFunction: Rule = {
  name: 'unguarded-newer-function',
  summary: 'function that compiles at the target, but that the oldest Python does not export',
  explanation: `Some functions are declared by the headers at every level although they came later. The module
compiles without a word, and its import fails on older Pythons with \`undefined symbol\`. No compiler can tell.

Guard the use with \`#if Py_LIMITED_API+0 >= ...\`, raise the target, or use what the older Python has.`,
  severity: 'error',
  effect: 'import-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.8',
      code: 'PyObject *f(void) { return PyErr_GetRaisedException(); }',
      compiler: 'silent',
      reports: {
        at: '1:28 PyErr_GetRaisedException',
        message:
          '`PyErr_GetRaisedException` compiles at level 3.8, but Python exports it from 3.12 on: the import fails ' +
          'on older ones',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      headers: '3.15',
      // Its brace is closed by hand, so that there is one call.
      code: 'void f(PyObject *o) { Py_BEGIN_CRITICAL_SECTION(o); } }',
      compiler: 'silent',
      reports: {
        at: '1:23 Py_BEGIN_CRITICAL_SECTION',
        message:
          '`Py_BEGIN_CRITICAL_SECTION` compiles at level 3.12, but Python exports what it calls from 3.13 on: the ' +
          'import fails on older ones',
      },
    },
    { kind: 'good', target: '3.12', code: 'PyObject *f(void) { return PyErr_GetRaisedException(); }' },
    { kind: 'good', target: '3.8', code: 'PyObject *f(PyObject *o) { return Py_NewRef(o); }' },
  ],
  *check(context) {
    const level = showVersion(context.target.level)
    for (const live of context.uses) {
      if (live.status.kind !== 'unexported') continue
      const since = showVersion(live.status.since)
      yield at(
        live,
        context,
        `\`${live.use.name}\` compiles at level ${level}, but Python exports ` +
          `${live.fact.entity === 'macro' ? 'what it calls' : 'it'} from ${since} on: the import fails on older ones`,
      )
    }
  },
}
