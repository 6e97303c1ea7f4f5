import { buildText } from '../analyzer/build/build-text.ts'
import type { CheckContext, Finding, Rule } from '../analyzer/check/rule.ts'
import type { Condition } from '../analyzer/preprocess/condition.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { firstPythonInclude } from '../analyzer/semantics/python-include.ts'
import { UnitIncludes } from '../analyzer/semantics/unit-includes.ts'
import type { FileId, Offset, RegionId, Span } from '../analyzer/source/text.ts'

const locked = (condition: string, before = '#include <Python.h>\n', behind = ''): string =>
  `${before}${condition}\n#define SPAM_LOCKS 1\n#else\n#define SPAM_LOCKS 0\n#endif\n${behind}int spam(void);`

export const gilDisabledGuard: Rule = {
  name: 'gil-disabled-guard',
  summary: '`Py_GIL_DISABLED` asked for its value, or before `Python.h`, in code for abi3t',
  explanation: `In a build for abi3t \`Python.h\` defines \`Py_GIL_DISABLED\`, without a value where the Python that
builds has a GIL. So \`#ifdef Py_GIL_DISABLED\` chooses code with locks, as it should: the one library runs with and
without a GIL. But \`#if Py_GIL_DISABLED\` does not compile, \`#if Py_GIL_DISABLED+0\` leaves the locks out in silence, and
so does every condition on it that stands before \`Python.h\` is included. Ask \`#ifdef Py_GIL_DISABLED\` behind the
include. Whether the Python that runs has a GIL is asked by \`sys._is_gil_enabled()\`.`,
  severity: 'error',
  effect: 'build-break',
  examples: () => [
    {
      kind: 'bad',
      target: 'abi3t',
      code: locked('#if Py_GIL_DISABLED'),
      reports: {
        at: '2:5 Py_GIL_DISABLED',
        message: '`Py_GIL_DISABLED` has no value in a build for abi3t: no compiler takes it for a number',
      },
      fixed: locked('#if defined(Py_GIL_DISABLED)'),
      fixes: 'unsafe',
    },
    {
      kind: 'bad',
      target: 'abi3t',
      code: locked('#if defined(Py_GIL_DISABLED) && Py_GIL_DISABLED == 1'),
      reports: {
        at: '2:33 Py_GIL_DISABLED',
        message: '`Py_GIL_DISABLED` has no value in a build for abi3t: no compiler takes it for a number',
      },
      fixed: locked('#if defined(Py_GIL_DISABLED) && defined(Py_GIL_DISABLED) == 1'),
      fixes: 'unsafe',
    },
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code: locked('#if Py_GIL_DISABLED + 0'),
      reports: {
        at: '2:5 Py_GIL_DISABLED',
        message: '`Py_GIL_DISABLED` has no value in a build for abi3t: this is 0, as if there were a GIL',
        severity: 'warning',
      },
      fixed: locked('#if defined(Py_GIL_DISABLED) + 0'),
      fixes: 'unsafe',
    },
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code: locked('#ifdef Py_GIL_DISABLED', '', '#include <Python.h>\n'),
      reports: {
        at: '1:8 Py_GIL_DISABLED',
        message: '`Py_GIL_DISABLED` is asked for before `Python.h`, which defines it for abi3t',
        severity: 'warning',
      },
    },
    { kind: 'good', target: 'abi3t', code: locked('#ifdef Py_GIL_DISABLED') },
    { kind: 'good', target: 'abi3t', code: locked('#if defined(Py_GIL_DISABLED)') },
    {
      kind: 'good',
      target: 'abi3t',
      code: `#include <pyconfig.h>
#ifndef Py_GIL_DISABLED
#undef Py_LIMITED_API
#define Py_LIMITED_API 0x030F0000
#endif
#include <Python.h>
int spam(void);`,
    },
    { kind: 'good', target: 'abi3t', code: locked('#if 1\n#elif Py_GIL_DISABLED') },
    { kind: 'good', target: '3.13', code: locked('#if Py_GIL_DISABLED') },
  ],
  *check(context) {
    const { model, target, buildFiles } = context
    if (!target.abi3t || model.project.options.definitions.has(name)) return
    // Who defines it gives it a value, and nothing is in doubt; whether it is for this module is not looked at.
    if (buildFiles.some((each) => buildText(each).code.includes(name))) return
    if (model.files.some(({ macros }) => macros.some((each) => each.name === name))) return
    for (const file of model.files.keys()) {
      const code = model.project.code(file)
      if (!code.words.isIn(name)) continue
      const python = firstPythonInclude(model, file)
      yield* conditionsIn(context, file, python?.verdict === 'yes' ? python.include.offset : 0)
    }
  },
}

const name = 'Py_GIL_DISABLED'

/** @param python where `Python.h` is included */
function* conditionsIn({ model }: CheckContext, file: FileId, python: number): Iterable<Finding> {
  for (const [region, { condition, start }] of model.files[file]!.regions.entries()) {
    const asked = askedIn(condition)
    if (asked === null || !isReached(model, file, region)) continue
    const span = placeIn(model, file, region)
    if (span === null) continue
    const common = { file, ...span, symbol: name }
    if (start < python || (python === 0 && isBeforePython(model, file, start))) {
      if (choosesLevel(model, file, region)) continue
      yield {
        ...common,
        severity: 'warning',
        effect: 'runtime-bug',
        message: `\`${name}\` is asked for before \`Python.h\`, which defines it for abi3t`,
        advice: 'Ask behind the include.',
      }
    } else if (asked !== 'defined') {
      yield {
        ...common,
        ...(asked === 'sum' ? { severity: 'warning', effect: 'runtime-bug' } : {}),
        message:
          asked === 'sum'
            ? `\`${name}\` has no value in a build for abi3t: this is 0, as if there were a GIL`
            : `\`${name}\` has no value in a build for abi3t: no compiler takes it for a number`,
        advice: `Write \`defined(${name})\`.`,
        fix: {
          title: `write \`defined(${name})\``,
          safety: 'unsafe',
          reason: 'a build that defines it as 0 comes to be one without a GIL, as it is for `Python.h`',
          includes: [],
          shims: [],
          kind: 'file',
          rewrites: [{ ...span, pieces: [`defined(${name})`] }],
        },
      }
    }
  }
}

/** Whether a unit includes a header of the project, and reads a place in it, before it includes `Python.h`. */
const isBeforePython = (model: ProjectModel, file: FileId, place: Offset): boolean =>
  model.project.graph.roots(file).some((root) => {
    const includes = new UnitIncludes(model, root)
    if (!includes.files.includes(file)) return false
    const first = includes.outside.findIndex(({ isPython, isSure }) => isPython && isSure)
    return first >= includes.countBefore(file, place)
  })

/** Whether a condition, in any of its branches, sets the level: that is before `Python.h`, and may hang on anything. */
function choosesLevel(model: ProjectModel, file: FileId, region: RegionId): boolean {
  const { regions, macros } = model.files[file]!
  const { group } = regions[region]!
  return macros.some((macro) => {
    let at = /^Py_(?:LIMITED_API|TARGET_ABI3T)$/.test(macro.name) ? macro.region : -1
    while (at > 0 && regions[at]!.group !== group) at = regions[at]!.parent
    return at > 0
  })
}

/** How a condition asks for it: `sum` is `Py_GIL_DISABLED + 0`; null for not at all. */
function askedIn(condition: Condition): 'defined' | 'value' | 'sum' | null {
  const ways = waysIn(condition)
  return ways.find((each) => each === 'value') ?? ways.find((each) => each === 'sum') ?? ways[0] ?? null
}

function waysIn(condition: Condition): readonly ('defined' | 'value' | 'sum')[] {
  switch (condition.kind) {
    case 'defined':
      return condition.name === name ? ['defined'] : []
    case 'macro':
      return condition.name === name ? ['value'] : []
    case 'unary':
      return waysIn(condition.operand)
    case 'binary': {
      const { left, right, operator } = condition
      const isSum = (operator === '+' || operator === '-') && left.kind === 'macro' && left.name === name
      return [...(isSum ? (['sum'] as const) : waysIn(left)), ...waysIn(right)]
    }
    case 'call':
      return condition.operands.flatMap(waysIn)
    case 'choice':
      return [condition.test, condition.yes, condition.no].flatMap(waysIn)
    default:
      return []
  }
}

/** Whether a preprocessor looks at the condition of a branch: none of those before it is compiled. */
function isReached(model: ProjectModel, file: FileId, region: RegionId): boolean {
  const { regions } = model.files[file]!
  const { group, parent } = regions[region]!
  if (parent < 0 || model.active(file, parent) === 'no') return false
  return !regions.some((each, index) => each.group === group && index < region && model.active(file, index) === 'yes')
}

/** Where the directive of a branch asks for it, for its value before all else; null where it does not. */
function placeIn(model: ProjectModel, file: FileId, region: RegionId): Span | null {
  const code = model.project.code(file)
  const { start } = model.files[file]!.regions[region]!
  const line = code.directiveBefore(start)
  if (line === null) return null
  const found = code.occurrencesIn(name, { start: start - line.length, end: start }).map(({ span }) => span)
  const isValue = (span: Span): boolean =>
    !/defined[ \t]*(?:\([ \t]*)?$/.test(code.text.slice(span.start - 16, span.start))
  return found.find(isValue) ?? found[0] ?? null
}
