import { buildLevels } from '../analyzer/build/build-settings.ts'
import { type LevelSetting, sourceLevels } from '../analyzer/build/level-settings.ts'
import { meantAdvice, suspicion } from '../analyzer/build/level-value.ts'
import type { CheckContext, Finding, Rule } from '../analyzer/check/rule.ts'
import { versionComparisons } from '../analyzer/semantics/version-comparisons.ts'

export const suspiciousVersionLiteral: Rule = {
  name: 'suspicious-version-literal',
  summary: 'version number that does not say what it seems to say',
  explanation: `In \`Py_LIMITED_API\` and \`PY_VERSION_HEX\` every part of the version is a hexadecimal number: 3.10
is \`0x030A0000\`. \`0x03100000\` is 3.16. The headers take it in silence and show everything that they have, so the
module builds, and older Pythons refuse to load it. \`310\` is so small that it acts as 3.2, and \`"3.10"\` is no
number at all.`,
  severity: 'error',
  effect: 'import-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: '#define Py_LIMITED_API 0x03100000\n#include <Python.h>\nint f(void);',
      reports: { at: '1:24 0x03100000', message: '`0x03100000` of `Py_LIMITED_API` is Python 3.16' },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: '#define Py_LIMITED_API 310\n#include <Python.h>\nint f(void);',
      reports: {
        at: '1:24 310',
        message: '`310` of `Py_LIMITED_API` is below every level and acts as 3.2',
        severity: 'warning',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: '#if Py_LIMITED_API+0 >= 0x03100000\nint f(void);\n#else\nint g(void);\n#endif',
      reports: {
        at: '1:34 0',
        message: '`Py_LIMITED_API` is compared with `0x03100000`, which is Python 3.16',
        severity: 'warning',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: '#if PY_VERSION_HEX < 0x03110000\nint f(void);\n#elif defined(SPAM)\nint g(void);\n#endif',
      reports: {
        at: '1:31 0',
        message: '`PY_VERSION_HEX` is compared with `0x03110000`, which is Python 3.17',
        severity: 'warning',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      file: 'setup.py',
      code: 'Extension("spam", ["spam.c"], define_macros=[("Py_LIMITED_API", "0x03100000")])',
      reports: { at: '1:65 "0x03100000"', message: '`0x03100000` of `Py_LIMITED_API` is Python 3.16' },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      file: 'setup.py',
      code: 'Extension("spam", ["spam.c"], define_macros=[("DPy_LIMITED_API", "0x030A0000")])',
      reports: {
        at: '1:48 DPy_LIMITED_API',
        message: 'macro `DPy_LIMITED_API` is defined, not `Py_LIMITED_API`: the full API is compiled',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      file: 'setup.py',
      code: 'Extension("spam", ["spam.c"], extra_compile_args=["-DPy_LIMITED_API=0x310"])',
      reports: {
        at: '1:69 0x310',
        message: '`0x310` of `Py_LIMITED_API` is below every level and acts as 3.2',
        severity: 'warning',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      file: 'CMakeLists.txt',
      code: 'target_compile_definitions(spam PRIVATE Py_LIMITED_API=3.10)',
      reports: { at: '1:56 3.10', message: '`3.10` of `Py_LIMITED_API` is no integer, so no `#if` can compare it' },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      file: 'meson.build',
      code: "py.extension_module('spam', 'spam.c', c_args: ['-DPy_LIMITED_API=0x03100000'])",
      reports: { at: '1:66 0x03100000', message: '`0x03100000` of `Py_LIMITED_API` is Python 3.16' },
    },
    { kind: 'good', target: '3.10', code: '#define Py_LIMITED_API 0x030A0000\n#include <Python.h>\nint f(void);' },
    {
      kind: 'good',
      target: '3.10',
      code: '#if PY_VERSION_HEX >= 0x03100000\n#error "not looked at with this Python yet"\n#endif\nint f(void);',
    },
    { kind: 'good', target: '3.10', code: '#if PY_VERSION_HEX >= 0x030A00F0\nint f(void);\n#endif\nint g(void);' },
    {
      kind: 'good',
      target: '3.10',
      file: 'setup.py',
      code:
        '# ("Py_LIMITED_API", "0x03100000") is wrong\nExtension("spam", ["spam.c"], ' +
        'define_macros=[("Py_LIMITED_API", "0x030A0000")])',
    },
  ],
  *check(context) {
    for (const level of sourceLevels(context.model)) yield* ofSetting(level)
    for (const file of context.buildFiles) {
      for (const level of buildLevels(file)) {
        if (level.misspelled === null) yield* ofSetting(level)
        else {
          yield {
            file,
            start: level.start,
            end: level.end,
            symbol: level.macro,
            effect: 'abi-break',
            message: `macro \`${level.misspelled}\` is defined, not \`${level.macro}\`: the full API is compiled`,
            advice: `Write \`${level.macro}\`; the build tool puts the \`-D\` in front.`,
          }
        }
      }
    }
    yield* ofComparisons(context)
  },
}

function* ofSetting(setting: LevelSetting): Iterable<Finding> {
  const { macro, file, start, end, value } = setting
  const found = setting.written === 'macro' ? suspicion(value) : null
  // A level that is too low for abi3t is another rule's.
  if (found === null || (macro === 'Py_TARGET_ABI3T' && found.kind === 'low')) return
  const text = value.kind === 'number' ? hex(value.value) : value.kind === 'no-number' ? value.text : ''
  yield {
    file,
    start,
    end,
    symbol: macro,
    message: `${text === '' ? 'the value' : `\`${text}\``} of \`${macro}\` ${found.says}`,
    advice: meantAdvice(found),
    ...(found.kind === 'low' ? { severity: 'warning' as const } : {}),
    ...(found.kind === 'high' ? {} : { effect: 'build-break' as const }),
  }
}

/** As people write it: versions in hexadecimal, small numbers as they are. */
function hex(value: number): string {
  const digits = value.toString(16).toUpperCase()
  return value < 1000 && !/^3\d\d?$/.test(digits) ? String(value) : `0x${digits.padStart(value > 0xffff ? 8 : 1, '0')}`
}

/** What a branch begins with that compiles nothing. */
const refuses = /^\s*#\s*error\b/

function* ofComparisons({ model }: CheckContext): Iterable<Finding> {
  for (const [file, facts] of model.files.entries()) {
    // It is CPython's own, and ahead of releases.
    if (facts.file.endsWith('pythoncapi_compat.h')) continue
    for (const { macro, value, isLowerBound, region } of versionComparisons(facts)) {
      const { parent, start } = facts.regions[region]!
      const found = suspicion({ kind: 'number', value })
      // `0x031000A1` names an alpha of 3.16: who writes that means it.
      if (found === null || found.kind !== 'high' || value > 0x03ffffff || ![0, 0xf0].includes(value & 0xffff)) continue
      if (model.active(file, parent) === 'no') continue
      // A Python that is to come is refused on purpose; `#if PY_VERSION_HEX < 0x03100000` means those before 3.10.
      if (isLowerBound && refuses.test(model.project.code(file).text.slice(start, start + 80))) continue
      yield {
        // A region begins where the line of its condition ends.
        file,
        start: Math.max(0, start - 1),
        end: start,
        symbol: macro,
        severity: 'warning',
        effect: 'runtime-bug',
        message: `\`${macro}\` is compared with \`${hex(value)}\`, which ${found.says}`,
        advice: meantAdvice(found),
      }
    }
  }
}
