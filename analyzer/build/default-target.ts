import type { Api } from '../knowledge/api.ts'
import { parseTarget, type Target } from '../knowledge/target.ts'
import { type Minor, newest, oldestSupported } from '../knowledge/version.ts'
import { type Project, ProjectModel } from '../project/model.ts'
import type { FileId } from '../source/text.ts'
import type { BuildFile } from './build-file.ts'
import { buildLevels } from './build-settings.ts'
import { type LevelSetting, sourceLevels } from './level-settings.ts'
import { levelOf, readLevel } from './level-value.ts'
import { type LowerBound, requiredPythons, wheelTags } from './wheel-tags.ts'

export interface DefaultTarget {
  readonly target: Target
  /** Where it comes from, to go after "from": `` `requires-python` in pyproject.toml``. */
  readonly source: string
}

/**
 * The target of a project that is checked without one being named: the level that its compiler options define, else
 * its sources, else its build configuration, else its wheel tag, else the oldest Python that may install it, else the
 * oldest that is maintained. Of several levels the lowest.
 * @param headers the CPython whose headers are assumed, null for the newest known
 */
export function defaultTarget(
  project: Project,
  api: Api,
  buildFiles: readonly BuildFile[],
  headers: Minor | null,
): DefaultTarget {
  // Which target decides conditions does not matter here: levels are looked for as if none were set from outside.
  const model = new ProjectModel(project, api, { level: newest, headers: newest, abi3t: false })
  const fileName = (file: FileId | BuildFile): string =>
    typeof file === 'number' ? model.files[file]!.file : file.path
  const made = (level: Minor | 'abi3t', source: string): DefaultTarget => ({
    target: parseTarget(level === 'abi3t' ? level : `3.${level}`, headers)!,
    source,
  })

  const fromSettings = (settings: readonly LevelSetting[]): DefaultTarget | null => {
    const levels = settings.flatMap((setting) => {
      const level = levelOf(setting.value)
      return level === null ? [] : [{ setting, level }]
    })
    const limited = levels
      .filter(({ setting }) => setting.macro === 'Py_LIMITED_API')
      .sort((a, b) => a.level - b.level)[0]
    if (limited) return made(limited.level, `\`Py_LIMITED_API\` in ${fileName(limited.setting.file)}`)
    const abi3t = levels[0]
    return abi3t ? made('abi3t', `\`Py_TARGET_ABI3T\` in ${fileName(abi3t.setting.file)}`) : null
  }
  const fromOptions = ({ options }: Project): DefaultTarget | null => {
    const all = [options.definitions, ...[...options.ofFile.values()].map(({ definitions }) => definitions)]
    const levels = (macro: string): Minor[] => all.flatMap((each) => levelOf(readLevel(each.get(macro) ?? '')) ?? [])
    const limited = levels('Py_LIMITED_API').sort((a, b) => a - b)[0]
    if (limited !== undefined) return made(limited, '`Py_LIMITED_API` in the compiler options')
    return levels('Py_TARGET_ABI3T').length > 0 ? made('abi3t', '`Py_TARGET_ABI3T` in the compiler options') : null
  }
  const fromBounds = (what: string, bounds: readonly LowerBound[]): DefaultTarget | null => {
    const known = bounds.flatMap(({ file, level }) => (typeof level === 'number' ? [{ file, level }] : []))
    const lowest = known.sort((a, b) => a.level - b.level)[0]
    return lowest ? made(lowest.level, `${what} in ${lowest.file.path}`) : null
  }

  return (
    fromOptions(project) ??
    fromSettings(sourceLevels(model)) ??
    fromSettings(buildFiles.flatMap(buildLevels)) ??
    fromBounds('the wheel tag', buildFiles.flatMap(wheelTags)) ??
    fromBounds('the oldest Python', buildFiles.flatMap(requiredPythons)) ??
    made(oldestSupported, 'the oldest Python that is still maintained')
  )
}
