import { allLevels } from '../analyzer/build/build-settings.ts'
import type { Rule } from '../analyzer/check/rule.ts'
import { firstPythonInclude } from '../analyzer/semantics/python-include.ts'

export const earlyLimitedApiTest: Rule = {
  name: 'early-limited-api-test',
  summary: 'condition on `Py_LIMITED_API` before `Python.h`, in a build that sets only `Py_TARGET_ABI3T`',
  explanation: `Where a build defines \`Py_TARGET_ABI3T\`, it is \`Python.h\` that defines \`Py_LIMITED_API\` and
\`Py_GIL_DISABLED\` if nobody else does. What asks for them before it is included takes the build for one of the full
API, and the code that it chooses does not compile. What is found else takes it so, too, unless a file of the build
defines \`Py_LIMITED_API\` or the code is made by Cython, which is built with both.`,
  severity: 'warning',
  effect: 'build-break',
  examples: () => [
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code: '#ifdef Py_LIMITED_API\n#define SPAM_LIMITED 1\n#endif\n#include <Python.h>\nint f(void);',
      reports: {
        at: '1:8 Py_LIMITED_API',
        message:
          '`Py_LIMITED_API` is asked for before `Python.h`, which defines it where only `Py_TARGET_ABI3T` is set',
      },
    },
    {
      kind: 'good',
      target: 'abi3t',
      code: '#include <Python.h>\n#ifdef Py_LIMITED_API\n#define SPAM_LIMITED 1\n#endif\nint f(void);',
    },
    {
      kind: 'good',
      target: 'abi3t',
      code:
        '#ifndef Py_LIMITED_API\n#define Py_LIMITED_API 0x030F0000\n#define Py_TARGET_ABI3T 0x030F0000\n#endif\n' +
        '#include <Python.h>\nint f(void);',
    },
    {
      kind: 'good',
      target: '3.12',
      code: '#ifdef Py_LIMITED_API\n#define SPAM_LIMITED 1\n#endif\n#include <Python.h>\nint f(void);',
    },
  ],
  *check({ model, target, buildFiles }) {
    if (!target.abi3t) return
    const isSet =
      allLevels(model, buildFiles).some(({ macro }) => macro === 'Py_LIMITED_API') ||
      model.project.options.definitions.has('Py_LIMITED_API')
    if (isSet) return
    for (const file of model.files.keys()) {
      const first = firstPythonInclude(model, file)
      if (first === null) continue
      const code = model.project.code(file)
      const asked = code
        .occurrences('Py_LIMITED_API')
        .find(({ span, isInDirective }) => isInDirective && span.start < first.include.offset)
      if (!asked) continue
      yield {
        file,
        ...asked.span,
        symbol: 'Py_LIMITED_API',
        message:
          '`Py_LIMITED_API` is asked for before `Python.h`, which defines it where only `Py_TARGET_ABI3T` is set',
        advice: 'Define `Py_LIMITED_API` in the build, too, or ask behind the include.',
      }
    }
  },
}
