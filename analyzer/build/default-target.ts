import type { Api } from '../knowledge/api.ts'
import { parseTarget, type Target } from '../knowledge/target.ts'
import { type Minor, newest, oldest, oldestSupported } from '../knowledge/version.ts'
import { linkedUnits } from '../project/linked-units.ts'
import { type Project, ProjectModel } from '../project/model.ts'
import { greatest, least } from '../source/lists.ts'
import type { FileId } from '../source/text.ts'
import type { BuildFile } from './build-file.ts'
import { buildsFile } from './build-sets.ts'
import { buildLevels } from './build-settings.ts'
import { type BuildLevel, type LevelSetting, type SourceLevel, sourceLevels } from './level-settings.ts'
import { isImplicit, type LevelValue, levelOf, readLevel } from './level-value.ts'
import { type LowerBound, requiredPythons, wheelTags } from './wheel-tags.ts'

export interface DefaultTarget {
  readonly target: Target
  /** Where it comes from, to go after "from": `` `requires-python` in pyproject.toml``. */
  readonly source: string
  /** Where translation units set different levels: each target with its units, the lowest first; else empty. */
  readonly ofUnits: readonly UnitTarget[]
}

/** A target of some translation units, by the names of their first files. */
export interface UnitTarget extends Target {
  readonly units: ReadonlySet<string>
}

/** The level that the headers make of a value; null where it names none that is known. */
const levelMeant = (value: LevelValue): Minor | null => (isImplicit(value) ? oldest : levelOf(value))

/** Which target decides conditions does not matter here: levels are looked for as if none were set from outside. */
const modelOf = (project: Project, api: Api): ProjectModel =>
  new ProjectModel(project, api, { level: newest, headers: newest, abi3t: false })

/** The values that compiler options give a macro. */
const optionsOf = ({ options }: Project, macro: string): LevelValue[] =>
  [options.definitions, ...[...options.ofFile.values()].map(({ definitions }) => definitions)].flatMap((each) =>
    each.has(macro) ? [readLevel(each.get(macro) ?? '')] : [],
  )

/**
 * The lowest level that the project itself is built for: of all that compiler options, sources and build files set
 * `Py_LIMITED_API` to. Null where nothing sets it to a level that is known.
 * @param counts whether what a source sets is asked for
 */
export function lowestLevel(
  project: Project,
  api: Api,
  buildFiles: readonly BuildFile[],
  counts: (file: FileId) => boolean = () => true,
): Minor | null {
  const sources = sourceLevels(modelOf(project, api)).filter(({ file }) => counts(file))
  const settings = [...sources, ...buildFiles.flatMap(buildLevels)]
  const values = settings.flatMap(({ macro, value }) => (macro === 'Py_LIMITED_API' ? [value] : []))
  const levels = [...optionsOf(project, 'Py_LIMITED_API'), ...values].flatMap((each) => levelMeant(each) ?? [])
  return levels.length > 0 ? least(levels) : null
}

/**
 * The target of a project that is checked without one being named: the level that its compiler options define, else
 * its sources, else its build configuration, else its wheel tag, else the oldest Python that may install it, else the
 * oldest that is maintained. Of several levels the lowest, but that each translation unit keeps the one it sets.
 * @param headers the CPython whose headers are assumed, null for the newest known
 */
export function defaultTarget(
  project: Project,
  api: Api,
  buildFiles: readonly BuildFile[],
  headers: Minor | null,
): DefaultTarget {
  const model = modelOf(project, api)
  const fileName = (file: FileId | BuildFile): string =>
    typeof file === 'number' ? model.files[file]!.file : file.path
  const made = (level: Minor | 'abi3t', source: string): DefaultTarget => ({
    target: parseTarget(level === 'abi3t' ? level : `3.${level}`, headers)!,
    source,
    ofUnits: [],
  })

  const fromSettings = (settings: readonly LevelSetting[]): DefaultTarget | null => {
    const levels = settings.flatMap((setting) => {
      const level = levelMeant(setting.value)
      return level === null ? [] : [{ setting, level }]
    })
    const limited = levels
      .filter(({ setting }) => setting.macro === 'Py_LIMITED_API')
      .sort((a, b) => a.level - b.level)[0]
    if (limited) return made(limited.level, `\`Py_LIMITED_API\` in ${fileName(limited.setting.file)}`)
    const abi3t = levels[0]
    return abi3t ? made('abi3t', `\`Py_TARGET_ABI3T\` in ${fileName(abi3t.setting.file)}`) : null
  }
  const inOptions = '`Py_LIMITED_API` in the compiler options'
  const fromOptions = (): DefaultTarget | null => {
    const levels = (macro: string): Minor[] => optionsOf(project, macro).flatMap((each) => levelMeant(each) ?? [])
    const limited = levels('Py_LIMITED_API').sort((a, b) => a - b)[0]
    if (limited !== undefined) return made(limited, inOptions)
    return levels('Py_TARGET_ABI3T').length > 0 ? made('abi3t', '`Py_TARGET_ABI3T` in the compiler options') : null
  }
  const sources = sourceLevels(model)
  const builds = buildFiles.flatMap(buildLevels)
  const byUnits = (chosen: DefaultTarget | null): DefaultTarget | null => {
    if (chosen === null || chosen.target.abi3t) return chosen
    const levels = unitLevels(project, sources, builds, chosen.target.level)
    const first = levels.size > 0 ? least(levels.values()) : chosen.target.level
    const lowest =
      first === chosen.target.level
        ? chosen
        : (fromSettings([...sources, ...builds].filter(({ value }) => levelMeant(value) === first)) ??
          made(first, inOptions))
    return { ...lowest, ofUnits: new Set(levels.values()).size > 1 ? unitTargets(project, levels, headers) : [] }
  }
  const fromBounds = (what: string, bounds: readonly LowerBound[]): DefaultTarget | null => {
    const known = bounds.flatMap(({ file, level }) => (typeof level === 'number' ? [{ file, level }] : []))
    const lowest = known.sort((a, b) => a.level - b.level)[0]
    return lowest ? made(lowest.level, `${what} in ${lowest.file.path}`) : null
  }

  return (
    byUnits(fromOptions() ?? fromSettings(sources) ?? fromSettings(builds)) ??
    fromBounds('the wheel tag', buildFiles.flatMap(wheelTags)) ??
    fromBounds('the oldest Python', buildFiles.flatMap(requiredPythons)) ??
    made(oldestSupported, 'the oldest Python that is still maintained')
  )
}

/**
 * The targets of translation units that set different levels, the lowest first. A library is loaded by no Python that
 * is older than the highest level of what is linked into it: each unit requires that.
 */
function unitTargets(project: Project, levels: ReadonlyMap<FileId, Minor>, headers: Minor | null): UnitTarget[] {
  const required = new Map<FileId, Minor>()
  for (const linked of linkedUnits(project)) {
    const highest = greatest([...linked].map((unit) => levels.get(unit) ?? 0))
    for (const unit of linked) required.set(unit, highest)
  }
  const targets = new Map<string, Target & { readonly units: Set<string> }>()
  for (const [unit, level] of [...levels].sort(([, a], [, b]) => a - b)) {
    const requires = required.get(unit) ?? level
    const key = `${level} ${requires}`
    const target = targets.get(key) ?? {
      ...parseTarget(`3.${level}`, headers)!,
      ...(requires > level ? { requires } : {}),
      units: new Set(),
    }
    targets.set(key, target)
    target.units.add(project.files[unit]!.file)
  }
  return [...targets.values()]
}

/**
 * The level that each translation unit sets: in its compiler options, in its first file, in the definition of the
 * module that it is built into, else in headers, where of several the lowest counts.
 * @param otherwise the level of those that set none
 */
function unitLevels(
  { files, graph, options }: Project,
  sources: readonly SourceLevel[],
  builds: readonly BuildLevel[],
  otherwise: Minor,
): ReadonlyMap<FileId, Minor> {
  const levelsOf = (settings: readonly LevelSetting[]): Minor[] =>
    settings.flatMap(({ macro, value }) => (macro === 'Py_LIMITED_API' ? (levelMeant(value) ?? []) : []))
  const lowest = (levels: readonly Minor[]): Minor | null => (levels.length > 0 ? least(levels) : null)
  const ofOptions = (file: string): Minor | null => {
    const value = [options.ofFile.get(file), options].find((each) => each?.definitions.has('Py_LIMITED_API'))
    return value ? levelMeant(readLevel(value.definitions.get('Py_LIMITED_API') ?? '')) : null
  }
  const units = new Map<FileId, Minor>()
  files.forEach(({ file }, id) => {
    if (graph.includers[id]!.length > 0 && graph.roots(id)[0] !== id) return
    const own = sources.filter((each) => each.file === id)
    const inHeaders = sources.filter((each) => each.file !== id && graph.closure(id).has(each.file))
    const level =
      ofOptions(file) ??
      lowest(levelsOf(own.filter(({ fallback }) => !fallback))) ??
      lowest(levelsOf(builds.filter((each) => buildsFile(each.file, each.start, file)))) ??
      lowest(levelsOf(own)) ??
      lowest(levelsOf(inHeaders)) ??
      otherwise
    units.set(id, level)
  })
  return units
}
