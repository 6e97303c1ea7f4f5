import { allLevels } from '../analyzer/build/build-settings.ts'
import { wheelTags } from '../analyzer/build/wheel-tags.ts'
import type { Rule } from '../analyzer/check/rule.ts'

export const floatingLimitedApiLevel: Rule = {
  name: 'floating-limited-api-level',
  summary: 'level of the Limited API that is the version of the Python that builds',
  explanation: `Whoever builds with a newer Python raises the level without knowing: the module needs that Python
then, although its name still says \`abi3\`. Write a fixed level, the oldest Python that the module supports. Where
the wheel's tag follows the same version nothing breaks, but every Python needs a wheel of its own, which is what
the Limited API is there to spare.`,
  severity: 'warning',
  effect: 'import-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: '#include <patchlevel.h>\n#define Py_LIMITED_API PY_VERSION_HEX\n#include <Python.h>\nint f(void);',
      reports: {
        at: '2:24 PY_VERSION_HEX',
        message:
          '`Py_LIMITED_API` is set to the version of the Python that builds, so the module needs that Python or a ' +
          'newer one',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      file: 'setup.py',
      code: 'import sys\nExtension("spam", ["spam.c"], define_macros=[("Py_LIMITED_API", hex(sys.hexversion))])',
      reports: {
        at: '2:65 hex(sys.hexversion)',
        message:
          '`Py_LIMITED_API` is set to the version of the Python that builds, so the module needs that Python or a ' +
          'newer one',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      file: 'setup.py',
      code:
        'import sys\nlevel = "0x%02x%02x0000" % sys.version_info[:2]\nExtension("spam", ["spam.c"], ' +
        'define_macros=[("Py_LIMITED_API", level)])',
      reports: {
        at: '3:65 level',
        message:
          '`Py_LIMITED_API` is set to the version of the Python that builds, so the module needs that Python or a ' +
          'newer one',
      },
    },
    {
      kind: 'good',
      target: '3.9',
      file: 'setup.py',
      code: 'level = "0x03090000"\nExtension("spam", ["spam.c"], define_macros=[("Py_LIMITED_API", level)])',
    },
    { kind: 'good', target: '3.9', code: '#define Py_LIMITED_API 0x03090000\n#include <Python.h>\nint f(void);' },
  ],
  *check({ model, buildFiles }) {
    const tagFloats = buildFiles.some((file) => wheelTags(file).some(({ level }) => level === 'floating'))
    for (const { macro, file, start, end, value } of allLevels(model, buildFiles)) {
      if (value.kind !== 'floating') continue
      yield {
        file,
        start,
        end,
        symbol: macro,
        message:
          `\`${macro}\` is set to the version of the Python that builds, so the module needs that Python or ` +
          `a newer one`,
        advice: 'Write a fixed level, 3.9 as `0x03090000`.',
        ...(tagFloats ? { ...harmless, notes: ['the tag of the wheel follows the same version'] } : {}),
      }
    }
  },
}

const harmless = { severity: 'info', effect: 'advice' } as const
