import posix from 'path-browserify'
import type { BuildFile } from '../analyzer/build/build-file.ts'
import { type BuildSet, buildSets } from '../analyzer/build/build-sets.ts'
import { buildLevels } from '../analyzer/build/build-settings.ts'
import { type BuildText, bracketsAround, buildText, lineIn, type Span } from '../analyzer/build/build-text.ts'
import {
  asksForGil,
  type FreeThreadedBuild,
  freeThreadedWheels,
  gilDefinitions,
} from '../analyzer/build/free-threading.ts'
import { activeWith, type BuildLevel, type SourceLevel, sourceLevels } from '../analyzer/build/level-settings.ts'
import { type LevelValue, levelOf, levelValue, readLevel } from '../analyzer/build/level-value.ts'
import type { ModuleDefinition } from '../analyzer/build/module-definitions.ts'
import type { CheckContext, Finding, Rule } from '../analyzer/check/rule.ts'
import type { MacroFact } from '../analyzer/facts/file-facts.ts'
import { type Minor, oldestAbi3t, showVersion, versionHex } from '../analyzer/knowledge/version.ts'
import type { Verdict } from '../analyzer/preprocess/condition.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { firstPythonInclude } from '../analyzer/semantics/python-include.ts'
import { lastUpTo } from '../analyzer/source/search.ts'
import type { FileId, RegionId } from '../analyzer/source/text.ts'

export const invalidAbi3tLevel: Rule = {
  name: 'invalid-abi3t-level',
  summary: 'level below 3.15 for abi3t or a build without the GIL',
  explanation: `The stable ABI for builds without the GIL, \`Py_TARGET_ABI3T\`, begins with 3.15. The headers of 3.15
stop with an \`#error\` at a lower value, older headers do not know the macro and compile the full API.
\`Py_LIMITED_API\` below 3.15 beside it, or together with \`Py_GIL_DISABLED\`, gives headers that do not fit
together: those of 3.13 and 3.14 refuse, those of 3.15 leave \`Py_TYPE\` undeclared.

Write \`0x030F0000\`, and do not define a lower \`Py_LIMITED_API\` in the same build.`,
  severity: 'error',
  effect: 'build-break',
  examples: () => [
    {
      kind: 'bad',
      target: 'abi3t',
      code: '#define Py_TARGET_ABI3T\n#include <Python.h>\nint f(void);',
      reports: { at: '1:9 Py_TARGET_ABI3T', message: '`Py_TARGET_ABI3T` is empty, but abi3t begins with 3.15' },
    },
    {
      kind: 'bad',
      target: 'abi3t',
      code: '#define Py_TARGET_ABI3T 0x030E0000\n#include <Python.h>\nint f(void);',
      reports: { at: '1:25 0x030E0000', message: '`Py_TARGET_ABI3T` is 3.14, but abi3t begins with 3.15' },
    },
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code: '#define Py_TARGET_ABI3T 0x030F0000\n#define Py_LIMITED_API 0x03090000\n#include <Python.h>\nint f(void);',
      reports: {
        at: '2:24 0x03090000',
        message: 'level 3.9 of `Py_LIMITED_API` does not go with `Py_TARGET_ABI3T`, which needs 3.15',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: '#ifdef Py_GIL_DISABLED\n#define Py_LIMITED_API 0x03090000\n#endif\n#include <Python.h>\nint f(void);',
      reports: {
        at: '2:24 0x03090000',
        message: 'level 3.9 of `Py_LIMITED_API` does not go with `Py_GIL_DISABLED`, which needs 3.15',
      },
    },
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      file: 'setup.py',
      code: 'Extension("spam", ["spam.c"], define_macros=[("Py_TARGET_ABI3T", "0x030d0000")])',
      reports: { at: '1:66 "0x030d0000"', message: '`Py_TARGET_ABI3T` is 3.13, but abi3t begins with 3.15' },
    },
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      file: 'setup.py',
      code:
        'Extension("spam", ["spam.c"], define_macros=[("Py_TARGET_ABI3T", "0x030f0000"), ("Py_LIMITED_API", ' +
        '"0x030a0000")])',
      reports: {
        at: '1:100 "0x030a0000"',
        message: 'level 3.10 of `Py_LIMITED_API` does not go with `Py_TARGET_ABI3T`, which needs 3.15',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      file: 'meson.build',
      code: `py.extension_module('spam','spam.c', install: true, limited_api: '3.10', c_args: ['-DPy_GIL_DISABLED=1'])`,
      reports: {
        at: "1:66 '3.10'",
        message: 'level 3.10 of `Py_LIMITED_API` does not go with `Py_GIL_DISABLED`, which needs 3.15',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      file: 'CMakeLists.txt',
      code: `Python_add_library(spam MODULE USE_SABI 3.10 spam.c)
target_compile_definitions(spam PRIVATE Py_GIL_DISABLED=1)`,
      reports: {
        at: '1:41 3.10',
        message: 'level 3.10 of `Py_LIMITED_API` does not go with `Py_GIL_DISABLED`, which needs 3.15',
      },
    },
    {
      kind: 'good',
      target: '3.10',
      file: 'CMakeLists.txt',
      code: `Python_add_library(spam MODULE USE_SABI 3.10 spam.c)
Python_add_library(eggs MODULE eggs.c)
target_compile_definitions(eggs PRIVATE Py_GIL_DISABLED=1)`,
    },
    { kind: 'good', target: 'abi3t', code: '#define Py_TARGET_ABI3T 0x030F0000\n#include <Python.h>\nint f(void);' },
    {
      kind: 'good',
      target: '3.9',
      code:
        '#ifndef Py_GIL_DISABLED\n#define Py_LIMITED_API 0x03090000\n#else\n#define Py_TARGET_ABI3T ' +
        '0x030F0000\n#endif\n#include <Python.h>\nint f(void);',
    },
    {
      kind: 'good',
      target: 'abi3t',
      file: 'setup.py',
      code:
        'if free_threaded:\n    macros = [("Py_TARGET_ABI3T", "0x030f0000")]\nelse:\n    macros = ' +
        '[("Py_LIMITED_API", "0x03090000")]',
    },
  ],
  *check(context) {
    const levels = sourceLevels(context.model)
    for (const level of levels) {
      if (level.macro === 'Py_TARGET_ABI3T') yield* ofAbi3t(level)
      else if (isOld(level.value)) yield* ofSource(context, level, levels)
    }
    yield* ofOptions(context, levels)
    for (const set of buildSets(context.buildFiles)) yield* ofWheels(context, set, levels)
    for (const file of context.buildFiles) {
      const inFile = buildLevels(file).filter(({ misspelled }) => misspelled === null)
      for (const level of inFile) {
        if (level.macro === 'Py_TARGET_ABI3T') yield* ofAbi3t(level)
        else if (isOld(level.value)) yield* ofBuild(level, inFile)
      }
    }
  },
}

const first = showVersion(oldestAbi3t)
/** The first CPython that can be built without the GIL (PEP 703). */
const firstFreeThreaded: Minor = 13
const isOld = (value: LevelValue): boolean =>
  value.kind === 'empty' || (value.kind === 'number' && value.value < versionHex(oldestAbi3t))

function* ofAbi3t({ file, start, end, value, macro }: SourceLevel | BuildLevel): Iterable<Finding> {
  if (!isOld(value)) return
  const level = levelOf(value)
  const given = value.kind === 'empty' ? 'empty' : level === null ? 'no version' : showVersion(level)
  yield {
    file,
    start,
    end,
    symbol: macro,
    message: `\`${macro}\` is ${given}, but abi3t begins with ${first}`,
    advice: 'Write `0x030F0000`.',
    notes: ['headers up to 3.14 ignore the macro and compile the full API'],
  }
}

type OldLevel = Pick<SourceLevel | BuildLevel, 'file' | 'start' | 'end' | 'value'> & { readonly macro: string }

function old({ file, start, end, macro, value }: OldLevel, beside: string): Finding {
  const level = levelOf(value)
  return {
    file,
    start,
    end,
    symbol: macro,
    message: `level ${showVersion(level ?? 2)} of \`Py_LIMITED_API\` does not go with ${beside}, which needs ${first}`,
    advice: `Leave \`Py_LIMITED_API\` out there and define \`Py_TARGET_ABI3T\` as \`0x030F0000\`.`,
  }
}

function* ofSource(
  { model, buildFiles }: CheckContext,
  level: SourceLevel,
  all: readonly SourceLevel[],
): Iterable<Finding> {
  const facts = model.files[level.file]!
  const encloses = (outer: number, inner: number): boolean => {
    for (let region = inner; region >= 0; region = facts.regions[region]!.parent) if (region === outer) return true
    return false
  }
  const together = (region: RegionId): boolean => encloses(region, level.region) || encloses(level.region, region)
  const { abi3t, gilDisabled } = regionsOf(all, level.file, facts.macros)
  if (abi3t.some(together)) {
    yield old(level, '`Py_TARGET_ABI3T`')
    return
  }
  const activeIf = (gilDisabled: boolean): Verdict =>
    activeWith(model, level.file, level.region, (name) => (name === 'Py_GIL_DISABLED' ? gilDisabled : null))
  const needsIt = activeIf(false) === 'no' && activeIf(true) !== 'no'
  const defined = gilDisabled.some(
    (region) => together(region) && activeWith(model, level.file, region, () => null) !== 'no',
  )
  if (needsIt || defined) {
    yield old(level, '`Py_GIL_DISABLED`')
    return
  }
  const byBuild = buildFiles.flatMap(gilDefinitions).find(({ module }) => isBuiltInto(model, level.file, module))
  if (byBuild && activeIf(true) !== 'no')
    yield { ...old(level, '`Py_GIL_DISABLED`'), notes: [`it is defined in ${placeIn(byBuild)}`] }
}

/** Where a file sets the level of abi3t, and defines `Py_GIL_DISABLED`: each region once. */
interface MacroRegions {
  readonly abi3t: readonly RegionId[]
  readonly gilDisabled: readonly RegionId[]
}

const regions = new WeakMap<readonly SourceLevel[], Map<FileId, MacroRegions>>()

function regionsOf(levels: readonly SourceLevel[], file: FileId, macros: readonly MacroFact[]): MacroRegions {
  const byFile = regions.get(levels) ?? new Map<FileId, MacroRegions>()
  regions.set(levels, byFile)
  let known = byFile.get(file)
  if (!known) {
    const abi3t = levels.filter((each) => each.macro === 'Py_TARGET_ABI3T' && each.file === file)
    const gilDisabled = macros.filter(({ name }) => name === 'Py_GIL_DISABLED')
    const unique = (list: readonly { readonly region: RegionId }[]): RegionId[] => [
      ...new Set(list.map(({ region }) => region)),
    ]
    known = { abi3t: unique(abi3t), gilDisabled: unique(gilDisabled) }
    byFile.set(file, known)
  }
  return known
}

/** Whether a file is compiled into a module, by itself or since a source that the module names includes it. */
function isBuiltInto({ files, project }: ProjectModel, file: FileId, module: ModuleDefinition): boolean {
  const text = buildText(module.file).code.slice(module.start, module.end)
  return project.graph.roots(file).some((root) => text.includes(posix.basename(files[root]!.file)))
}

const placeIn = ({ file, start }: FreeThreadedBuild): string => `${file.path}, line ${lineIn(file, start)}`

/** What `-D` and the compilation database define: `Py_GIL_DISABLED`, to whatever value, beside a level below 3.15. */
function* ofOptions({ model, target }: CheckContext, levels: readonly SourceLevel[]): Iterable<Finding> {
  // Headers before 3.13 do not know the macro.
  if (target.abi3t || target.level >= oldestAbi3t || target.headers < firstFreeThreaded) return
  const { options, graph } = model.project
  const inSources = new Set<SourceLevel>()
  const units: FileId[] = []
  model.files.forEach(({ file }, index) => {
    const own = options.ofFile.get(file)?.definitions
    const given = (name: string): string | null => own?.get(name) ?? options.definitions.get(name) ?? null
    if (given('Py_GIL_DISABLED') === null || given('Py_TARGET_ABI3T') !== null) return
    const level = given('Py_LIMITED_API')
    if (level !== null && !isOld(readLevel(level))) return
    if (graph.includers[index]!.length > 0 || firstPythonInclude(model, index) === null) return
    const text = new Set([index, ...graph.closure(index)])
    const setting = levels.filter((level) => text.has(level.file))
    if (setting.length === 0) units.push(index)
    for (const level of setting) {
      const active = activeWith(model, level.file, level.region, (name) => (name === 'Py_GIL_DISABLED' ? true : null))
      if (active !== 'no' && level.macro === 'Py_LIMITED_API' && isOld(level.value)) inSources.add(level)
    }
  })
  const notes = ['the options of the compiler define `Py_GIL_DISABLED`']
  for (const level of inSources) yield { ...old(level, '`Py_GIL_DISABLED`'), notes }
  const [file, ...others] = units
  const include = file === undefined ? null : firstPythonInclude(model, file)!.include
  if (file === undefined || include === null) return
  const setting = { file, start: include.offset, end: include.offset + '#include'.length, macro: 'Py_LIMITED_API' }
  yield {
    ...old({ ...setting, value: levelValue(target.level) }, '`Py_GIL_DISABLED`'),
    notes: [...notes, ...(others.length > 0 ? [`so it is in ${others.length} more sources`] : [])],
  }
}

/** What cibuildwheel builds for free-threaded Pythons, although the level is set for them too. */
function* ofWheels({ model }: CheckContext, set: BuildSet, levels: readonly SourceLevel[]): Iterable<Finding> {
  const [wheel] = set.files.flatMap(freeThreadedWheels)
  if (!wheel || set.files.some((file) => file !== wheel.file && asksForGil(file))) return
  const isSet = (level: SourceLevel): boolean => {
    const known = (name: string): boolean => name === 'Py_GIL_DISABLED'
    const { file, region, macro, value } = level
    const isOurs = model.files[file]!.file.startsWith(set.root === '.' ? '' : `${set.root}/`)
    return isOurs && macro === 'Py_LIMITED_API' && isOld(value) && activeWith(model, file, region, known) === 'yes'
  }
  const inBuild = set.files.flatMap(buildLevels).filter(({ misspelled }) => misspelled === null)
  if (inBuild.some(({ macro }) => macro === 'Py_TARGET_ABI3T')) return
  const inC = levels.find(isSet)
  const setting = inC ?? inBuild.find(({ value }) => isOld(value))
  if (!setting) return
  const decides = inC === undefined && /\bif\b/.test(buildText(setting.file as BuildFile).code)
  const level = showVersion(levelOf(setting.value) ?? 2)
  const where =
    typeof setting.file === 'number'
      ? model.files[setting.file]!.file
      : placeIn({ ...wheel, ...setting } as FreeThreadedBuild)
  yield {
    file: wheel.file,
    start: wheel.start,
    end: wheel.end,
    symbol: 'Py_LIMITED_API',
    ...(decides ? { severity: 'warning' as const } : {}),
    message:
      `wheels are built for \`${wheel.written}\`, and level ${level} of \`Py_LIMITED_API\` does not go with ` +
      `free-threaded Pythons, which need ${first}`,
    advice: 'Leave `Py_LIMITED_API` out where `sysconfig.get_config_var("Py_GIL_DISABLED")` is 1.',
    notes: [`it is set in ${where}`, ...(decides ? ['the build file may decide otherwise there'] : [])],
  }
}

function* ofBuild(level: BuildLevel, inFile: readonly BuildLevel[]): Iterable<Finding> {
  const text = buildText(level.file)
  // A list of pairs in Python, a command in CMake, a list of arguments in Meson.
  const before = text.code.slice(level.start - 40, level.start)
  const name = before.lastIndexOf(level.macro)
  const paired = name >= 0 && /^["']\s*,/.test(before.slice(name + level.macro.length))
  const around = bracketsAround(text, level.start, paired ? 2 : 1)
  if (around.start === 0) return
  const { abi3t, gilDisabled } = placesOf(inFile, text)
  if (isAnyIn(abi3t, around)) yield old(level, '`Py_TARGET_ABI3T`')
  else if (isAnyIn(gilDisabled, around) || definesForTarget(level, around)) yield old(level, '`Py_GIL_DISABLED`')
}

/** Where the levels of a build file have others that go with them, or do not, in the order of the text. */
interface MacroPlaces {
  readonly abi3t: readonly number[]
  readonly gilDisabled: readonly number[]
}

const places = new WeakMap<readonly BuildLevel[], MacroPlaces>()

function placesOf(inFile: readonly BuildLevel[], { code }: BuildText): MacroPlaces {
  let known = places.get(inFile)
  if (!known) {
    const abi3t = inFile.flatMap(({ macro, start }) => (macro === 'Py_TARGET_ABI3T' ? [start] : []))
    const gilDisabled = [...code.matchAll(/(?:["']|[-/]D\s?)Py_GIL_DISABLED\b/g)].map(({ index }) => index)
    known = { abi3t: abi3t.sort((a, b) => a - b), gilDisabled }
    places.set(inFile, known)
  }
  return known
}

/** Whether any of some places, in the order of the text, is in a part of it. */
const isAnyIn = (sorted: readonly number[], { start, end }: Span): boolean =>
  (sorted[lastUpTo(sorted, start - 1) + 1] ?? end) < end

/** Whether CMake defines `Py_GIL_DISABLED` for the target of a command, or for all, whatever is asked. */
function definesForTarget({ file }: BuildLevel, { start, end }: Span): boolean {
  if (file.kind !== 'CMakeLists.txt') return false
  let known = definedTargets.get(file)
  if (!known) {
    known = readDefinedTargets(buildText(file).code)
    definedTargets.set(file, known)
  }
  return known.has('') || known.has(/^\s*(\S+)/.exec(buildText(file).code.slice(start, end))![1]!)
}

const definedTargets = new WeakMap<BuildFile, ReadonlySet<string>>()

/** The targets that CMake defines `Py_GIL_DISABLED` for, whatever is asked; empty for all of them. */
function readDefinedTargets(code: string): ReadonlySet<string> {
  if (/\bif\s*\(/i.test(code)) return new Set()
  const defining =
    /\b(target_compile_\w+|add_compile_\w+|add_definitions)\s*\(\s*([^\s()]{1,200})[^()]*?\bPy_GIL_DISABLED\b/gi
  return new Set(
    [...code.matchAll(defining)].map((match) => (match[1]!.toLowerCase().startsWith('target') ? match[2]! : '')),
  )
}
