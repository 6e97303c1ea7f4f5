import { at, atSize } from '../analyzer/check/of-use.ts'
import type { Rule } from '../analyzer/check/rule.ts'
import { slotGuard } from '../analyzer/fix/slot-guard.ts'
import { showVersion } from '../analyzer/knowledge/version.ts'
import { hiddenSizes } from '../analyzer/semantics/structs.ts'

export const newerThanTarget: Rule = {
  name: 'newer-than-target',
  summary: 'name that the Limited API has only from a level above the target on',
  explanation: `The headers show the name at a later level of \`Py_LIMITED_API\` only. Raise the target, guard the
use with \`#if Py_LIMITED_API+0 >= 0x030C0000\` (the level, not \`PY_VERSION_HEX\`), or write what the older level
offers.`,
  severity: 'error',
  effect: 'build-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      code: 'const char *f(PyObject *o) { return PyUnicode_AsUTF8AndSize(o, NULL); }',
      reports: {
        at: '1:37 PyUnicode_AsUTF8AndSize',
        message: '`PyUnicode_AsUTF8AndSize` is in the Limited API from 3.10 on, the target is 3.9',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      code: 'void f(Py_buffer *view);',
      reports: { at: '1:8 Py_buffer', message: '`Py_buffer` is in the Limited API from 3.11 on, the target is 3.9' },
    },
    {
      kind: 'bad',
      target: '3.8',
      code: 'PyObject *f(PyObject *o) { return PyObject_CallNoArgs(o); }',
      fixed: 'PyObject *f(PyObject *o) { return PyObject_CallObject(o, NULL); }',
      reports: {
        at: '1:35 PyObject_CallNoArgs',
        message: '`PyObject_CallNoArgs` is in the Limited API from 3.9 on, the target is 3.8',
      },
    },
    { kind: 'good', target: '3.10', code: 'const char *f(PyObject *o) { return PyUnicode_AsUTF8AndSize(o, NULL); }' },
    {
      kind: 'bad',
      target: '3.4',
      code: 'PyModuleDef_Slot slots[] = {{0, NULL}};',
      reports: {
        at: '1:18 slots',
        message: 'the Limited API shows what is in `PyModuleDef_Slot` from 3.5 on, the target is 3.4',
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code:
        '#if Py_LIMITED_API+0 >= 0x030A0000\nconst char *f(PyObject *o) { return PyUnicode_AsUTF8AndSize(o, ' +
        'NULL); }\n#endif\nint g(void);',
    },
  ],
  *check(context) {
    const level = context.target.abi3t ? 'abi3t' : showVersion(context.target.level)
    for (const live of context.uses) {
      const { status, use } = live
      if (status.kind === 'newer') {
        const finding = at(
          live,
          context,
          `\`${use.name}\` is in the Limited API from ${showVersion(status.since)} on, the target is ${level}`,
        )
        const fix = finding.fix ?? slotGuard(context.model, live.file, use.name, use.start)
        yield { ...finding, fix, since: status.since }
      } else if (status.kind === 'future') {
        yield at(
          live,
          context,
          `\`${use.name}\` is new in CPython ${showVersion(status.first)}, the headers are those of ` +
            `${showVersion(context.target.headers)}`,
        )
      }
    }
    for (const hidden of hiddenSizes(context.model)) {
      const { struct, shownFrom } = hidden
      if (shownFrom === null) continue
      const since = `from ${showVersion(shownFrom)} on, the target is ${level}`
      const message = `the Limited API shows what is in \`${struct.name}\` ${since}`
      yield { ...atSize(hidden, context, message), since: shownFrom }
    }
  },
}
