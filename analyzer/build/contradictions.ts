import posix from 'path-browserify'
import { type Minor, newest } from '../knowledge/version.ts'
import type { BuildFile } from './build-file.ts'
import { buildText, type Span } from './build-text.ts'
import type { BuiltModule, PackageBuild } from './built-modules.ts'
import { packageBuilds } from './package-build.ts'

/** A module that does not fit the tag of the wheel that it is put into. */
export interface Contradiction extends Span {
  readonly file: BuildFile
  /** What is imported: `spam._core`. */
  readonly module: string
  /** The directory of the package. */
  readonly root: string
  /** The oldest Python in the tag. */
  readonly tag: Minor
  /** The level of the module, which is above the tag; null for a module that is named for the Python that builds it. */
  readonly level: Minor | null
}

const builds = new WeakMap<readonly BuildFile[], readonly Contradiction[]>()

/** What no wheel for the stable ABI comes without. */
const mentions = /abi3|py[_-](?:limited[_-])?api/

/**
 * The modules of packages that do not fit the tag of their abi3 wheels: as the builds are read, and only what is known
 * of them.
 */
export function contradictions(files: readonly BuildFile[]): readonly Contradiction[] {
  let found = builds.get(files)
  if (!found) {
    const isAsked = files.some((file) => mentions.test(buildText(file).code))
    found = isAsked
      ? packageBuilds(files, { python: newest, find: () => null }).flatMap((build) => within(build, files))
      : []
    builds.set(files, found)
  }
  return found
}

function within({ root, system, modules, tag }: PackageBuild, files: readonly BuildFile[]): Contradiction[] {
  if (tag.kind === 'unknown' || typeof tag.value !== 'number') return []
  const oldest = tag.value
  return modules.flatMap((module): Contradiction[] => {
    const { name, file: path, line, level, isNamedStable, maker } = module
    const file = files.find((each) => each.path === posix.normalize(path))
    if (file === undefined || name.kind === 'unknown') return []
    const given = { file, ...lineAt(file, line), module: name.value, root, tag: oldest }
    const set = level.kind === 'known' && typeof level.value === 'number' ? level.value : null
    if (set !== null && set > oldest) return [{ ...given, level: set }]
    // CMake and Meson have other ways to name a module; what Cargo makes is not read.
    const isForOne = system === 'setuptools' && maker !== 'Rust' && isPlain(module)
    return isForOne && isNamedStable.kind === 'known' ? [{ ...given, level: null }] : []
  })
}

const isPlain = ({ isNamedStable }: BuiltModule): boolean => isNamedStable.kind === 'known' && !isNamedStable.value

/** The words of a line. */
function lineAt(file: BuildFile, line: number): Span {
  const text = file.text.split('\n', line).at(-1) ?? ''
  const before = file.text.split('\n', line - 1).reduce((sum, each) => sum + each.length + 1, 0)
  const start = before + text.length - text.trimStart().length
  return { start, end: Math.max(start, before + text.trimEnd().length) }
}
