import { buildLevels } from '../analyzer/build/build-settings.ts'
import { sourceLevels } from '../analyzer/build/level-settings.ts'
import type { Rule } from '../analyzer/check/rule.ts'
import { firstPythonInclude } from '../analyzer/semantics/python-include.ts'
import type { FileId } from '../analyzer/source/text.ts'

export const limitedApiAfterInclude: Rule = {
  name: 'limited-api-after-include',
  summary: 'level of the Limited API that is set after `Python.h` was included',
  explanation: `\`Python.h\` looks at \`Py_LIMITED_API\` and \`Py_TARGET_ABI3T\` when it is included. What is defined
later has no effect: the full API is compiled without a word, and a module that is then named or tagged as \`abi3\`
may crash on another Python.

Define the macro before the first include of \`Python.h\`, or of any header that includes it, or better for the
whole build.`,
  severity: 'error',
  effect: 'abi-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: '#include <Python.h>\n#define Py_LIMITED_API 0x03090000\nint f(void);',
      reports: {
        at: '2:9 Py_LIMITED_API',
        message: '`Py_LIMITED_API` is defined after `Python.h` was included, so it has no effect',
      },
    },
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code: '#include <Python.h>\n#ifndef Py_TARGET_ABI3T\n#define Py_TARGET_ABI3T 0x030F0000\n#endif\nint f(void);',
      reports: {
        at: '3:9 Py_TARGET_ABI3T',
        message: '`Py_TARGET_ABI3T` is defined after `Python.h` was included, so it has no effect',
      },
    },
    { kind: 'good', target: '3.9', code: '#define Py_LIMITED_API 0x03090000\n#include <Python.h>\nint f(void);' },
    {
      kind: 'good',
      target: '3.9',
      code: '#include <Python.h>\n#ifdef SPAM_NEVER\n#undef Py_LIMITED_API\n#endif\nint f(void);',
    },
  ],
  *check({ model, buildFiles }) {
    const levels = sourceLevels(model)
    const outside = new Set(buildFiles.flatMap((file) => buildLevels(file).map(({ macro }) => macro)))
    const firstOf = (macro: string, file: FileId): string => `${file} ${macro}`
    const firsts = new Map<string, number>()
    for (const { macro, file, start } of levels)
      firsts.set(firstOf(macro, file), Math.min(firsts.get(firstOf(macro, file)) ?? start, start))
    for (const level of levels) {
      const facts = model.files[level.file]!
      const { name, offset } = facts.macros[level.index]!
      const first = firstPythonInclude(model, level.file)
      if (first === null || first.include.offset > offset) continue
      // It was defined before already: the later definition changes nothing.
      const { offset: included } = first.include
      if ((firsts.get(firstOf(name, level.file)) ?? included) < included) continue
      const notes: string[] = []
      const event = /^Python\.h$/.test(first.include.path)
        ? '`Python.h` was included'
        : `\`${first.include.path}\` has included \`Python.h\``
      const sure = first.verdict === 'yes' && level.active === 'yes'
      if (!sure) notes.push('whether both are compiled depends on options of the build')
      if (outside.has(level.macro))
        notes.push(`a build file sets \`${name}\` too, and if it does so for this file, that value counts`)
      yield {
        file: level.file,
        start: offset,
        end: offset + name.length,
        symbol: name,
        notes,
        ...(sure && !outside.has(level.macro) ? {} : { severity: 'warning' as const }),
        message: `\`${name}\` is defined after ${event}, so it has no effect`,
        advice: `Move the \`#define\` above the first \`#include\`, or define \`${name}\` in the build.`,
      }
    }
  },
}
