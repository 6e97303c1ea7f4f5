import { allLevels } from '../analyzer/build/build-settings.ts'
import { isImplicit } from '../analyzer/build/level-value.ts'
import type { Rule } from '../analyzer/check/rule.ts'

export const implicitLimitedApiLevel: Rule = {
  name: 'implicit-limited-api-level',
  summary: '`Py_LIMITED_API` without a version, which means 3.2',
  explanation: `An empty \`Py_LIMITED_API\`, \`1\` and \`3\` all stand for level 3.2, the first that there was.
Hardly any project means that: everything that the Limited API gained since is hidden. Write the oldest Python out
that the module shall run on: \`0x03090000\`.`,
  severity: 'info',
  effect: 'advice',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: '#define Py_LIMITED_API\n#include <Python.h>\nint f(void);',
      reports: { at: '1:9 Py_LIMITED_API', message: '`Py_LIMITED_API` is empty, which means level 3.2' },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: '#define Py_LIMITED_API 3\n#include <Python.h>\nint f(void);',
      reports: { at: '1:24 3', message: '`Py_LIMITED_API` is 3, which means level 3.2' },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      file: 'setup.py',
      code: 'Extension("spam", ["spam.c"], define_macros=[("Py_LIMITED_API", None)])',
      reports: { at: '1:65 None', message: '`Py_LIMITED_API` is 1, which means level 3.2' },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      file: 'setup.py',
      code: 'Extension("spam", ["spam.c"], extra_compile_args=["-DPy_LIMITED_API"])',
      reports: { at: '1:54 Py_LIMITED_API', message: '`Py_LIMITED_API` is 1, which means level 3.2' },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      file: 'CMakeLists.txt',
      code: 'add_definitions(-DPy_LIMITED_API)',
      reports: { at: '1:19 Py_LIMITED_API', message: '`Py_LIMITED_API` is 1, which means level 3.2' },
    },
    { kind: 'good', target: '3.9', code: '#define Py_LIMITED_API 0x03090000\n#include <Python.h>\nint f(void);' },
    {
      kind: 'good',
      target: '3.9',
      file: 'meson.build',
      code: "py.extension_module('spam', 'spam.c', limited_api: '3.9')",
    },
  ],
  *check({ model, buildFiles }) {
    for (const { macro, file, start, end, value } of allLevels(model, buildFiles)) {
      if (macro !== 'Py_LIMITED_API' || !isImplicit(value)) continue
      yield {
        file,
        start,
        end,
        symbol: macro,
        message: `\`Py_LIMITED_API\` is ${value.kind === 'number' ? value.value : 'empty'}, which means level 3.2`,
        advice: 'Write the oldest Python that the module supports, 3.9 as `0x03090000`.',
      }
    }
  },
}
