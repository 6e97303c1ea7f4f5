import posix from 'path-browserify'
import { showVersion } from '../../knowledge/version.ts'
import type { BuildFile } from '../build-file.ts'
import { buildSets } from '../build-sets.ts'
import { type ModuleDefinition, moduleDefinitions } from '../module-definitions.ts'
import { at, toml } from '../pyproject.ts'
import { type BuildEdit, type ByHand, type LimitedFile, type LimitRequest, untouched } from './limited-file.ts'
import { limitMeson, mesonTag } from './meson.ts'
import { limitSetup } from './setup-script.ts'
import { limitTables } from './tables.ts'

/** How the build of a project comes to make modules with the Limited API. */
export interface LimitedBuild {
  /** By the path of the build file. */
  readonly edits: ReadonlyMap<string, readonly BuildEdit[]>
  /** The definitions of modules that are limited. */
  readonly limited: readonly ModuleDefinition[]
  readonly byHand: readonly ByHand[]
}

/**
 * The edits that make the build of a project define `Py_LIMITED_API` for the modules that are ready for it, name these
 * `.abi3.so`, and tag the wheel where no module is left. What is not written plainly is left to be done by hand.
 */
export function limitBuild(buildFiles: readonly BuildFile[], request: LimitRequest): LimitedBuild {
  const results = new Map(buildFiles.map((file) => [file, limitedFile(file, request)]))
  const edits = new Map<string, readonly BuildEdit[]>()
  for (const [file, { edits: own }] of results) if (own.length > 0) edits.set(file.path, own)
  const limited = [...results.values()].flatMap((each) => each.limited)
  const byHand = [...results.values()].flatMap((each) => each.byHand)
  for (const { root, files } of buildSets(buildFiles)) {
    const meson = files.filter(({ kind }) => kind === 'meson.build').flatMap((file) => moduleDefinitions(file))
    const project = files.find(({ kind, path }) => kind === 'pyproject.toml' && posix.dirname(path) === root)
    if (meson.length === 0 || project === undefined || !meson.every((each) => limited.includes(each))) continue
    if (at(toml(project), 'build-system', 'build-backend') !== 'mesonpy') continue
    const own = mesonTag(project)
    if (own.length > 0) edits.set(project.path, [...(edits.get(project.path) ?? []), ...own])
  }
  return { edits, limited, byHand }
}

function limitedFile(file: BuildFile, request: LimitRequest): LimitedFile {
  switch (file.kind) {
    case 'setup.py':
      return limitSetup(file, request)
    case 'pyproject.toml':
      return limitTables(file, request)
    case 'meson.build':
      return limitMeson(file, request)
    case 'CMakeLists.txt':
      return cmake(file, request)
    case 'setup.cfg':
      return untouched
  }
}

/** CMake has no way that is right in every project. */
function cmake(file: BuildFile, { level, isReady }: LimitRequest): LimitedFile {
  const ready = moduleDefinitions(file).filter(isReady)
  if (ready.length === 0) return untouched
  const version = showVersion(level)
  const byHand: ByHand = {
    file,
    message:
      `build modules with \`USE_SABI ${version}\` of \`python_add_library\` and the component ` +
      `\`Development.SABIModule\`, and give scikit-build-core \`wheel.py-api = "cp3${level}"\``,
  }
  return { ...untouched, byHand: [byHand] }
}
