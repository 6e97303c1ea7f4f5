import { sourceLevels } from '../analyzer/build/level-settings.ts'
import type { Rule } from '../analyzer/check/rule.ts'
import { type Minor, showVersion } from '../analyzer/knowledge/version.ts'
import { type Condition, evaluate } from '../analyzer/preprocess/condition.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { placeOf } from '../analyzer/semantics/version-guards.ts'
import { greatest } from '../analyzer/source/lists.ts'
import type { FileId, RegionId, Span } from '../analyzer/source/text.ts'

const level = (before: string, behind: string, hex = '0x030C0000'): string =>
  `${before}#define Py_LIMITED_API ${hex}\n${behind}#include <Python.h>\nint spam(void);`

export const debugBuildGuard: Rule = {
  name: 'debug-build-guard',
  summary: 'the Limited API turned off for debug builds, which no headers of the level need',
  explanation: `Headers up to those of 3.9 refuse \`Py_LIMITED_API\` where \`Py_DEBUG\` or \`Py_REF_DEBUG\` is defined,
those of 3.10 to 3.12 where \`Py_TRACE_REFS\` is, and later ones nowhere. Headers are never older than the level: from
level 3.10 on debug builds of Python take the same module as others, from level 3.13 on all do. Without the condition
debug builds test what is shipped. Conditions in build files are not looked at.`,
  severity: 'info',
  effect: 'advice',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: level('#ifndef Py_DEBUG\n', '#endif\n'),
      reports: {
        at: '1:9 Py_DEBUG',
        message: '`Py_LIMITED_API` is not defined where `Py_DEBUG` is: no headers of level 3.12 and later need that',
      },
    },
    {
      kind: 'bad',
      target: '3.13',
      compiler: 'silent',
      code: level('#if !defined(Py_REF_DEBUG) && !defined(Py_TRACE_REFS)\n', '#endif\n', '0x030D0000'),
      reports: {
        at: '1:14 Py_REF_DEBUG',
        message:
          '`Py_LIMITED_API` is not defined where `Py_REF_DEBUG` is: no headers of level 3.13 and later need that',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: level('#ifdef Py_DEBUG\n#define SPAM_DEBUG 1\n#else\n', '#endif\n', '0x030A0000'),
      reports: {
        at: '1:8 Py_DEBUG',
        message: '`Py_LIMITED_API` is not defined where `Py_DEBUG` is: no headers of level 3.10 and later need that',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: level('', '#ifdef Py_DEBUG\n#undef Py_LIMITED_API\n#endif\n'),
      reports: {
        at: '2:8 Py_DEBUG',
        message: '`Py_LIMITED_API` is not defined where `Py_DEBUG` is: no headers of level 3.12 and later need that',
      },
    },
    { kind: 'good', target: '3.12', code: level('', '#ifdef SPAM_WHOLE_API\n#undef Py_LIMITED_API\n#endif\n') },
    { kind: 'good', target: '3.9', code: level('#ifndef Py_DEBUG\n', '#endif\n', '0x03090000') },
    {
      kind: 'good',
      target: '3.12',
      code: level('#if !defined(Py_DEBUG) && !defined(Py_TRACE_REFS)\n', '#endif\n'),
    },
    { kind: 'good', target: '3.12', code: level('#ifndef SPAM_WHOLE_API\n', '#endif\n') },
    { kind: 'good', target: '3.12', code: level('#ifdef Py_DEBUG\n#include <stdio.h>\n#endif\n', '') },
  ],
  *check({ model, target }) {
    const levels = sourceLevels(model).map((each) => ({ ...each, inDebug: 'no' as const }))
    for (const { file, region, macro, inDebug } of [...levels, ...undefinitions(model)]) {
      const guard = guardAround(model, file, region, inDebug)
      if (guard === null || guard.since > target.level) continue
      yield {
        file,
        ...guard.span,
        symbol: macro,
        message:
          `\`${macro}\` is not defined where \`${guard.name}\` is: no headers of level ` +
          `${showVersion(target.level)} and later need that`,
        advice: 'Define it for debug builds, too.',
      }
    }
  },
}

/** Where a level is set, or taken away. */
interface LevelPlace {
  readonly file: FileId
  readonly region: RegionId
  readonly macro: string
  /** Whether the place is compiled in debug builds where a condition asks for these, or in all others. */
  readonly inDebug: 'yes' | 'no'
}

/** Where files take the level away: `#undef Py_LIMITED_API`. */
const undefinitions = (model: ProjectModel): readonly LevelPlace[] =>
  model.files.flatMap(({ undefinitions: all }, file) =>
    all.flatMap(({ name, region }): LevelPlace[] =>
      name === 'Py_LIMITED_API' ? [{ file, region, macro: name, inDebug: 'yes' }] : [],
    ),
  )

/** The first headers that take the Limited API where a macro is defined: tried with gcc and those of 3.8 to 3.15. */
const firstHeaders: ReadonlyMap<string, Minor> = new Map([
  ['Py_DEBUG', 10],
  ['Py_REF_DEBUG', 10],
  ['Py_TRACE_REFS', 13],
])

interface Guard {
  readonly name: string
  readonly span: Span
  /** The first headers that do not need it. */
  readonly since: Minor
}

/**
 * The innermost condition around a region that is for debug builds alone, or for all others.
 * @param inDebug whether it is compiled in debug builds
 */
function guardAround(model: ProjectModel, file: FileId, region: RegionId, inDebug: 'yes' | 'no'): Guard | null {
  const { regions } = model.files[file]!
  for (let at = region; at > 0; at = regions[at]!.parent) {
    const { condition } = regions[at]!
    const names = definedIn(condition)
    const known = names.filter((name) => firstHeaders.has(name))
    if (known.length === 0 || known.length < names.length || !tells(condition, inDebug)) continue
    const place = placeOf(model, file, at, known)
    if (place) return { ...place, since: greatest(known.map((name) => firstHeaders.get(name)!)) }
  }
  return null
}

/** Whether a condition has one outcome where debug builds define their macros, and the other where they do not. */
const tells = (condition: Condition, inDebug: 'yes' | 'no'): boolean =>
  evaluate(condition, () => ({ state: 'defined', value: null, parameters: null })) === inDebug &&
  evaluate(condition, () => ({ state: 'undefined' })) === (inDebug === 'yes' ? 'no' : 'yes')

/** The macros that a condition asks for. */
function definedIn(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case 'defined':
    case 'macro':
      return [condition.name]
    case 'unary':
      return definedIn(condition.operand)
    case 'binary':
      return [...definedIn(condition.left), ...definedIn(condition.right)]
    case 'number':
      return []
    default:
      return ['']
  }
}
