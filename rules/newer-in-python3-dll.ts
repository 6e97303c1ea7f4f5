import { at } from '../analyzer/check/of-use.ts'
import type { Rule } from '../analyzer/check/rule.ts'
import { showVersion, showVersionHex } from '../analyzer/knowledge/version.ts'

export const newerInPython3Dll: Rule = {
  name: 'newer-in-python3-dll',
  summary: 'name that `python3.dll` of the oldest Python lacks, on Windows alone',
  explanation: `On Windows an abi3 module is linked with \`python3.dll\`, which exports only what CPython listed as
stable at the time. Some names are declared at the target's level and exported by the interpreter itself, but came
into \`python3.dll\` later: the module loads on Linux and macOS, and on Windows an older Python cannot find them.`,
  severity: 'info',
  effect: 'import-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: 'PyObject *f(PyObject *o) { return PyObject_CallNoArgs(o); }',
      fixed: 'PyObject *f(PyObject *o) { return PyObject_CallObject(o, NULL); }',
      reports: {
        at: '1:35 PyObject_CallNoArgs',
        message:
          '`PyObject_CallNoArgs` is in `python3.dll` from 3.10 on: on Windows older Pythons cannot load the module',
      },
    },
    { kind: 'good', target: '3.10', code: 'PyObject *f(PyObject *o) { return PyObject_CallNoArgs(o); }' },
    { kind: 'good', target: '3.9', code: 'PyObject *f(PyObject *o) { return PyObject_CallObject(o, NULL); }' },
  ],
  *check(context) {
    for (const live of context.uses) {
      if (live.status.kind !== 'late-in-dll') continue
      const { since } = live.status
      const { name } = live.use
      const version = showVersion(since)
      const guard = `#if !defined(_WIN32) || Py_LIMITED_API+0 >= ${showVersionHex(since)}`
      yield {
        ...at(
          live,
          context,
          `\`${name}\` is in \`python3.dll\` from ${version} on: on Windows older Pythons cannot load the module`,
        ),
        advice: context.advice(name) || `Raise the target to ${version}, or guard the use with \`${guard}\`.`,
        severity: 'info',
      }
    }
  },
}
