import type { BuildFile } from '../analyzer/build/build-file.ts'
import { type BuildSet, buildSets, buildsFile, namesFile, setOf } from '../analyzer/build/build-sets.ts'
import { buildLevels } from '../analyzer/build/build-settings.ts'
import { buildText, lineIn } from '../analyzer/build/build-text.ts'
import { type Contradiction, contradictions } from '../analyzer/build/contradictions.ts'
import { type BuildLevel, type SourceLevel, sourceLevels } from '../analyzer/build/level-settings.ts'
import { levelOf } from '../analyzer/build/level-value.ts'
import { limitedApiSwitch } from '../analyzer/build/meson-switch.ts'
import { moduleAround } from '../analyzer/build/module-definitions.ts'
import { asksForPython } from '../analyzer/build/python-value.ts'
import { stableAbiClaims } from '../analyzer/build/stable-abi-claims.ts'
import { type LowerBound, requiredPythons, wheelTags } from '../analyzer/build/wheel-tags.ts'
import type { Finding, Rule } from '../analyzer/check/rule.ts'
import type { Target } from '../analyzer/knowledge/target.ts'
import { type Minor, showVersion, showVersionHex } from '../analyzer/knowledge/version.ts'
import { type MissingLevel, missingLevels } from '../analyzer/semantics/missing-level.ts'

export const mismatchedLimitedApi: Rule = {
  name: 'mismatched-limited-api',
  summary: 'level of the Limited API that does not fit what the build says elsewhere',
  explanation: `The level is said in several places: \`Py_LIMITED_API\` in C and in the build, the wheel's tag
(\`cp39-abi3\`), \`requires-python\`. If the macro is above the tag, pip installs the wheel on Pythons that cannot
load it. If it is above the lower bound of \`requires-python\`, a build on such a Python cannot work. Say the same
version everywhere.

\`py_limited_api=True\` and the tag name the module and the wheel, and define nothing: without \`Py_LIMITED_API\` the
sources are compiled for one Python, under a name that every later one loads. The tag alone names no module: without
\`py_limited_api=True\` of its \`Extension\` it is named for the Python that builds it, and no other finds it in
the wheel.`,
  severity: 'warning',
  effect: 'import-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      file: 'setup.py',
      code:
        'setup(ext_modules=[Extension("spam", ["spam.c"], define_macros=[("Py_LIMITED_API", "0x030A0000")], ' +
        'py_limited_api=True)],\n      options={"bdist_wheel": {"py_limited_api": "cp39"}})',
      reports: {
        at: '1:84 "0x030A0000"',
        message: 'level 3.10 of `Py_LIMITED_API` is above the tag of the wheel, 3.9',
        severity: 'error',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      file: 'setup.py',
      code:
        'setup(python_requires=">=3.8", ext_modules=[Extension("spam", ["spam.c"], ' +
        'define_macros=[("Py_LIMITED_API", "0x030A0000")], py_limited_api=True)])',
      reports: {
        at: '1:109 "0x030A0000"',
        message: 'level 3.10 of `Py_LIMITED_API` is above the oldest Python that may install the package, 3.8',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      file: 'meson.build',
      code: "py.extension_module('spam', 'spam.c', limited_api: '3.9', c_args: ['-DPy_LIMITED_API=0x030B0000'])",
      reports: {
        at: '1:86 0x030B0000',
        message: 'level 3.11 of `Py_LIMITED_API` differs from 3.9, which the same module is given',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      file: 'setup.py',
      code: 'setup(ext_modules=[Extension("spam", ["spam.c"], py_limited_api=True)])',
      reports: {
        at: '1:50 py_limited_api=True',
        message: 'the module is named for the stable ABI, and nothing defines `Py_LIMITED_API`',
        severity: 'info',
        notes: ['`spam.c` was not read'],
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      file: 'BUILD.bazel',
      code:
        'load("@rules_python//python/cc:py_extension.bzl", "py_extension")\n' +
        'py_extension(name = "spam", srcs = ["spam.c"], py_limited_api = "3.9")',
      reports: {
        at: '2:48 py_limited_api = "3.9"',
        message: 'the module is named for the stable ABI, and nothing defines `Py_LIMITED_API`',
        severity: 'info',
        notes: ['`spam.c` was not read'],
      },
    },
    {
      kind: 'good',
      target: '3.9',
      compiler: 'silent',
      file: 'BUILD.bazel',
      code:
        'load("@rules_python//python/cc:py_extension.bzl", "py_extension")\n' +
        'py_extension(name = "spam", srcs = ["spam.c"], local_defines = ["Py_LIMITED_API=0x03090000"], ' +
        'py_limited_api = "3.9")',
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      file: 'meson.build',
      code:
        "project('spam', 'c', default_options: ['python.allow_limited_api=false'])\n" +
        "py.extension_module('spam', 'spam.c', limited_api: '3.9')",
      reports: {
        at: '1:41 python.allow_limited_api=false',
        message: '`python.allow_limited_api=false` cancels `limited_api`: nothing is built with `Py_LIMITED_API`',
        notes: ['the Limited API is asked for in meson.build, line 2'],
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      file: 'setup.py',
      code:
        'setup(options={"bdist_wheel": {"py_limited_api": "cp39"}}, ext_modules=[\n' +
        '    Extension("spam", ["spam.c"], define_macros=[("Py_LIMITED_API", "0x03090000")])])',
      reports: {
        at: '2:5 Extension("spam", ["spam.c"], define_macros=[("Py_LIMITED_API", "0x03090000")])])',
        message: 'the wheel is tagged for the stable ABI, and `spam` is named for the Python that builds it',
        severity: 'error',
      },
    },
    {
      kind: 'good',
      target: '3.9',
      file: 'setup.py',
      code:
        'setup(python_requires=">=3.9", ext_modules=[Extension("spam", ["spam.c"], py_limited_api=True, ' +
        'define_macros=[("Py_LIMITED_API", "0x03090000")])],\n      options={"bdist_wheel": {"py_limited_api": ' +
        '"cp39"}})',
    },
    {
      kind: 'good',
      target: '3.9',
      file: 'setup.py',
      code:
        'import sys\nmacros = [("Py_LIMITED_API", "0x030A0000")] if sys.version_info >= (3, 10) else ' +
        '[]\nsetup(python_requires=">=3.8", ext_modules=[Extension("spam", ["spam.c"], define_macros=macros)])',
    },
    {
      kind: 'good',
      target: '3.9',
      file: 'setup.py',
      code:
        'setup(ext_modules=[Extension("a", ["a.c"], define_macros=[("Py_LIMITED_API", "0x03080000")], ' +
        'py_limited_api=True),\n      ' +
        'Extension("b", ["b.c"], define_macros=[("Py_LIMITED_API", "0x03090000")], ' +
        'py_limited_api=True)], options={"bdist_wheel": ' +
        '{"py_limited_api": "cp39"}})',
    },
  ],
  *check(context) {
    const sets = buildSets(context.buildFiles)
    for (const set of sets) {
      const inBuild = set.files.flatMap((file) =>
        buildLevels(file).flatMap((setting) => {
          const level =
            setting.misspelled === null && setting.macro === 'Py_LIMITED_API' ? levelOf(setting.value) : null
          return level === null ? [] : [{ setting, level }]
        }),
      )
      const inC = sourceLevels(context.model).flatMap((setting) => {
        const path = context.model.files[setting.file]!.file
        const level = setting.macro === 'Py_LIMITED_API' && setOf(path, sets) === set ? levelOf(setting.value) : null
        return level === null || !namesFile(set, path) ? [] : [{ setting, level, path }]
      })
      const bounds = [soleBound(set, wheelTags, 'the wheel is tagged'), required(set)]
      const done = new Set<unknown>()
      for (const bound of bounds) {
        if (bound === null) continue
        for (const { setting, level } of [...inBuild, ...inC]) {
          if (level <= bound.level || done.has(setting) || !appliesEverywhere(setting, bound)) continue
          done.add(setting)
          yield above(setting, level, bound)
        }
      }
      for (const { setting, level, path } of inC) {
        if (done.has(setting) || setting.fallback || setting.active !== 'yes') continue
        const other = inBuild.find((each) => {
          const { file, start } = each.setting
          return each.level !== level && (set.modules === 1 || buildsFile(file, start, path))
        })
        if (other && inBuild.every((each) => each.level === other.level)) yield differs(setting, level, other)
      }
      yield* withinCall(inBuild, done)
      yield* switchedOff(set)
      const missing = missingLevels(context.model, set, sets)
      for (const each of missing) yield undefinedLevel(each, context.target)
      // What is said of the whole build already is not said of each module again.
      const isSaid = ({ level }: Contradiction): boolean => (level === null ? missing.length : done.size) > 0
      for (const each of contradictions(context.buildFiles))
        if (setOf(each.file.path, sets) === set && !isSaid(each)) yield unfit(each)
    }
  },
}

interface Leveled<T> {
  readonly setting: T
  readonly level: Minor
}
interface Bound {
  readonly level: Minor
  readonly file: BuildFile
  readonly start: number
  /** What it says of Python, to go before the version. */
  readonly says: string
  readonly isTag: boolean
}

/** What all places that name a bound agree on; null where there is none or they do not agree. */
function soleBound(set: BuildSet, read: (file: BuildFile) => LowerBound[], says: string): Bound | null {
  const all = set.files.flatMap(read)
  const [first] = all
  if (!first || typeof first.level !== 'number' || all.some(({ level }) => level !== first.level)) return null
  return { level: first.level, file: first.file, start: first.start, says, isTag: true }
}

/**
 * `requires-python`, unless the build looks at the Python that runs it: then it may build something else for older
 * ones.
 */
function required(set: BuildSet): Bound | null {
  const bound = soleBound(set, requiredPythons, 'the package installs on Python')
  return bound === null || set.files.some(isConditional) ? null : { ...bound, isTag: false }
}

const isConditional = (file: BuildFile): boolean =>
  asksForPython(file) ||
  (/meson|CMake/.test(file.kind) &&
    /SKBUILD|Python3?_VERSION|language_version|get_option|\bif\b/.test(buildText(file).code))

/** Whether a setting holds wherever the bound does. */
function appliesEverywhere(setting: BuildLevel | SourceLevel, bound: Bound): boolean {
  if ('fallback' in setting) return setting.active === 'yes' && !setting.fallback
  if (bound.isTag) return true
  // Indented below an `if`: somebody thought of when it applies.
  const { code } = buildText(setting.file)
  const line = code.slice(code.lastIndexOf('\n', setting.start - 1) + 1, setting.start)
  return firstBranch(setting.file) >= setting.start && !branchLine.test(line)
}

const branchLine = /^[ \t]*(?:if|elif|else|try|except)\b[^\n]*:[ \t]*$/m

const branches = new WeakMap<BuildFile, number>()

/** Where the first line ends that something hangs on; behind the end for none. */
function firstBranch(file: BuildFile): number {
  let known = branches.get(file)
  if (known === undefined) {
    const match = branchLine.exec(buildText(file).code)
    known = match === null ? Number.POSITIVE_INFINITY : match.index + match[0].length
    branches.set(file, known)
  }
  return known
}

/** What the modules of a package were to have from Meson, and `python.allow_limited_api` takes away. */
function* switchedOff(set: BuildSet): Iterable<Finding> {
  const off = limitedApiSwitch(set)
  const levels = set.files.flatMap(buildLevels)
  const asked = levels.find(({ written, file }) => written === 'version' && file.kind === 'meson.build')
  const claim = asked ?? set.files.flatMap(stableAbiClaims).find(({ file }) => file.kind === 'pyproject.toml')
  if (off === null || claim === undefined || levels.some(({ written }) => written === 'macro')) return
  const cancelled = asked ? '`limited_api`' : '`limited-api`'
  yield {
    file: off.file,
    start: off.start,
    end: off.end,
    symbol: 'Py_LIMITED_API',
    effect: 'abi-break',
    message: `\`python.allow_limited_api=false\` cancels ${cancelled}: nothing is built with \`Py_LIMITED_API\``,
    advice: 'Leave it to who builds for one Python, with `-Dpython.allow_limited_api=false` on the command line.',
    notes: [`the Limited API is asked for in ${place(claim.file, claim.start)}`],
  }
}

function undefinedLevel({ claim, without, doubts }: MissingLevel, target: Target): Finding {
  const { file, start, end, module } = claim
  const says = module === null ? 'the wheel is made for the stable ABI' : 'the module is named for the stable ABI'
  const [first, ...others] = without
  const what =
    first === undefined
      ? 'nothing defines `Py_LIMITED_API`'
      : `\`${first}\`${others.length > 0 ? ` and ${others.length} more` : ''} is compiled without \`Py_LIMITED_API\``
  const level = showVersionHex(target.level)
  return {
    file,
    start,
    end,
    symbol: 'Py_LIMITED_API',
    effect: 'abi-break',
    ...(doubts.length > 0 ? { severity: 'info' as const } : {}),
    message: `${says}, and ${what}`,
    advice: `Define it for every source: ${definitionIn(file.kind, level, target)}.`,
    notes: doubts,
  }
}

/** How the language of a build file defines the level. */
function definitionIn(kind: BuildFile['kind'], level: string, { level: minor }: Target): string {
  switch (kind) {
    case 'meson.build':
      return `\`limited_api: '${showVersion(minor)}'\``
    case 'CMakeLists.txt':
      return `\`USE_SABI ${showVersion(minor)}\``
    case 'BUILD.bazel':
      return `\`local_defines = ["Py_LIMITED_API=${level}"]\``
    case 'setup.py':
      return `\`define_macros=[("Py_LIMITED_API", "${level}")]\``
    default:
      return `\`Py_LIMITED_API=${level}\` among the macros of the compiler`
  }
}

const moduleStart = ({ file, start }: BuildLevel): number => moduleAround(file, start)?.start ?? -1

const place = (file: BuildFile, offset: number): string => `${file.path}, line ${lineIn(file, offset)}`

function above(setting: BuildLevel | SourceLevel, level: Minor, bound: Bound): Finding {
  const sure = bound.isTag && typeof setting.file !== 'number'
  const than = bound.isTag ? 'the tag of the wheel' : 'the oldest Python that may install the package'
  return {
    file: setting.file,
    start: setting.start,
    end: setting.end,
    symbol: setting.macro,
    ...(sure ? { severity: 'error' as const } : {}),
    message: `level ${showVersion(level)} of \`Py_LIMITED_API\` is above ${than}, ${showVersion(bound.level)}`,
    advice: bound.isTag
      ? `Tag the wheel \`cp3${level}\`, or lower the level to ${showVersion(bound.level)}.`
      : `Require Python ${showVersion(level)}, or lower the level to ${showVersion(bound.level)}.`,
    notes: [
      `${bound.says} ${bound.isTag ? `\`cp3${bound.level}\`` : showVersion(bound.level)}: ` +
        `${place(bound.file, bound.start)}`,
    ],
  }
}

/** A module that does not fit the tag of its wheel. */
function unfit({ file, start, end, module, tag, level }: Contradiction): Finding {
  const given = { file, start, end, symbol: 'Py_LIMITED_API', severity: 'error' as const }
  if (level === null)
    return {
      ...given,
      message: `the wheel is tagged for the stable ABI, and \`${module}\` is named for the Python that builds it`,
      advice: 'Give its `Extension` `py_limited_api=True`: no other Python finds a module of that name.',
      notes: [`the wheel is tagged \`cp3${tag}-abi3\``],
    }
  return {
    ...given,
    message: `\`${module}\` is built for level ${showVersion(level)}, above the tag of the wheel, ${showVersion(tag)}`,
    advice: `Tag the wheel \`cp3${level}\`, or lower the level to ${showVersion(tag)}.`,
  }
}

function differs(setting: SourceLevel, level: Minor, other: Leveled<BuildLevel>): Finding {
  return {
    file: setting.file,
    start: setting.start,
    end: setting.end,
    symbol: setting.macro,
    message: `level ${showVersion(level)} of \`Py_LIMITED_API\` is not the build's, ${showVersion(other.level)}`,
    advice: 'Set the level in one place, best for the whole build.',
    notes: [`the build sets ${showVersion(other.level)}: ${place(other.setting.file, other.setting.start)}`],
  }
}

/** Two levels in the definition of one module. */
function* withinCall(all: readonly Leveled<BuildLevel>[], done: ReadonlySet<unknown>): Iterable<Finding> {
  // Of each module the first setting of each level.
  const earlier = new Map<string, Leveled<BuildLevel>[]>()
  for (const { setting, level } of all) {
    const module = moduleStart(setting)
    if (module < 0) continue
    const key = `${setting.file.path}:${module}`
    const before = earlier.get(key) ?? []
    const other = before.find((each) => each.level !== level)
    if (before.every((each) => each.level !== level)) earlier.set(key, [...before, { setting, level }])
    if (!other || done.has(setting)) continue
    yield {
      file: setting.file,
      start: setting.start,
      end: setting.end,
      symbol: setting.macro,
      message:
        `level ${showVersion(level)} of \`Py_LIMITED_API\` differs from ${showVersion(other.level)}, which ` +
        `the same module is given`,
      advice: 'Set the level in one place.',
      notes: [`the other is at ${place(other.setting.file, other.setting.start)}`],
    }
  }
}
