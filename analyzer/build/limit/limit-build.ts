import posix from 'path-browserify'
import type { Minor } from '../../knowledge/version.ts'
import type { BuildFile } from '../build-file.ts'
import { buildSets } from '../build-sets.ts'
import { type ModuleDefinition, moduleDefinitions } from '../module-definitions.ts'
import { at, toml } from '../pyproject.ts'
import { limitBazel } from './bazel.ts'
import { limitCMake, scikitTag } from './cmake.ts'
import { type BuildEdit, type ByHand, type LimitedFile, type LimitRequest, untouched } from './limited-file.ts'
import { limitMeson, mesonTag } from './meson.ts'
import { limitSetup } from './setup-script.ts'
import { abi3tFloor } from './setuptools-floor.ts'
import { stableAbi } from './stable-abi.ts'
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
 * `.abi3.so`, and tag the wheel where no module is left. What is not written plainly is left to be done by hand. For
 * abi3t nothing is edited where anything is left.
 */
export function limitBuild(buildFiles: readonly BuildFile[], request: LimitRequest): LimitedBuild {
  const results = new Map(buildFiles.map((file) => [file, limitedFile(file, request, buildFiles)]))
  const edits = new Map<string, readonly BuildEdit[]>()
  for (const { others } of results.values()) for (const other of others ?? []) edits.set(other.file.path, other.edits)
  for (const [file, { edits: own }] of results) if (own.length > 0) edits.set(file.path, own)
  const limited = [...results.values()].flatMap((each) => each.limited)
  for (const { root, files } of buildSets(buildFiles)) {
    const project = files.find(({ kind, path }) => kind === 'pyproject.toml' && posix.dirname(path) === root)
    const own = project === undefined || request.abi3t === true ? [] : tagEdits(project, files, limited, request.level)
    if (own.length > 0) edits.set(project!.path, [...(edits.get(project!.path) ?? []), ...own])
  }
  const floor = request.abi3t === true && edits.size > 0 ? abi3tFloor(buildFiles) : { edits: new Map(), byHand: [] }
  for (const [file, own] of floor.edits) edits.set(file, [...(edits.get(file) ?? []), ...own])
  const byHand = [...[...results.values()].flatMap((each) => each.byHand), ...floor.byHand]
  const isSilent = limited.length === 0 && edits.size === 0 && byHand.length === 0
  if (isSilent && request.isReady(null)) return { edits, limited, byHand: unseen(buildFiles, request) }
  const isPart = byHand.length > 0 || limited.length < buildFiles.flatMap(moduleDefinitions).length
  return request.abi3t === true && isPart ? { edits: new Map(), limited: [], byHand } : { edits, limited, byHand }
}

/** The tag of the wheel that Meson or CMake make, where all their modules are limited. */
function tagEdits(
  project: BuildFile,
  files: readonly BuildFile[],
  limited: readonly ModuleDefinition[],
  level: Minor,
): readonly BuildEdit[] {
  const backend = backendOf(project)
  const known = new Set(limited)
  const ofKind = (kind: BuildFile['kind']): boolean => {
    const modules = files.filter((file) => file.kind === kind).flatMap((file) => moduleDefinitions(file))
    return modules.length > 0 && modules.every((each) => known.has(each))
  }
  if (backend === 'mesonpy' && ofKind('meson.build')) return mesonTag(project)
  return isScikit(backend) && ofKind('CMakeLists.txt') ? scikitTag(project, level) : []
}

const backendOf = (project: BuildFile): string => String(at(toml(project), 'build-system', 'build-backend') ?? '')
const isScikit = (backend: string): boolean => backend.startsWith('scikit_build_core')

function limitedFile(file: BuildFile, request: LimitRequest, buildFiles: readonly BuildFile[]): LimitedFile {
  if (request.abi3t === true && file.kind !== 'setup.py') return abi3tByHand(file, request)
  switch (file.kind) {
    case 'setup.py':
      return limitSetup(file, request, buildFiles)
    case 'pyproject.toml':
      return limitTables(file, request)
    case 'meson.build':
      return limitMeson(file, request, buildFiles)
    case 'CMakeLists.txt':
      return limitCMake(
        file,
        request,
        buildFiles.some((each) => each.kind === 'pyproject.toml' && isScikit(backendOf(each))),
      )
    case 'BUILD.bazel':
      return limitBazel(file, request)
    case 'setup.cfg':
    case 'meson.options':
    case 'Cargo.toml':
      return untouched
  }
}

/** What other build tools than setuptools, with a `setup.py`, have to be told of abi3t. */
function abi3tByHand(file: BuildFile, { isReady }: LimitRequest): LimitedFile {
  if (!moduleDefinitions(file).some(isReady)) return untouched
  const advice: Readonly<Partial<Record<BuildFile['kind'], string>>> = {
    'BUILD.bazel':
      'define `Py_TARGET_ABI3T=0x030F0000` where a free-threaded Python from 3.15 on builds, and name the modules ' +
      '`.abi3t.so` there',
    'pyproject.toml':
      'says the same for every Python that builds: move the modules to a `setup.py`, so that free-threaded Pythons ' +
      'from 3.15 on alone define `Py_TARGET_ABI3T`',
    'meson.build':
      "give the modules `limited_api: '3.15'` where a free-threaded Python from 3.15 on builds: meson-python 0.21 " +
      'and later name and tag them for abi3t then',
    'CMakeLists.txt':
      'ask for `wheel.py-api = "cp315t"` where a free-threaded Python from 3.15 on builds: scikit-build-core and ' +
      'CMake 4.4 and later build for abi3t then',
  }
  const message = advice[file.kind]
  return message === undefined ? untouched : { ...untouched, byHand: [{ file, message }] }
}

/** Nothing tells how the modules are built. */
function unseen(buildFiles: readonly BuildFile[], request: LimitRequest): readonly ByHand[] {
  const file = buildFiles.find(({ kind }) => kind === 'setup.py') ?? buildFiles[0]
  if (file === undefined) return []
  const { macro, value, suffix, wheel } = stableAbi(request)
  const message =
    `how the extension modules are built does not show: define \`${macro}\` as ${value}, let their files end in ` +
    `\`${suffix}\`, and tag the wheel \`${wheel}\``
  return [{ file, message }]
}
