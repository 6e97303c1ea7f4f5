import posix from 'path-browserify'
import type { Minor } from '../knowledge/version.ts'
import type { BuildFile } from './build-file.ts'
import { type BuiltLevel, type BuiltModule, known, type Read } from './built-modules.ts'
import { at, stringsIn, toml } from './pyproject.ts'

/** What a package of Rust says of itself. */
export interface RustPackage {
  /** The name of its library, `-` replaced by `_`; null where there is no such `Cargo.toml`. */
  readonly library: string | null
  /** The oldest Python of PyO3's stable ABI, `floating` for the one that builds; null for none. */
  readonly level: BuiltLevel
}

/**
 * Reads a `Cargo.toml` with what features the build asks for: PyO3's `abi3-py39` may stand there, or behind a feature.
 * @param files build files by their names relative to the project's root
 */
export function rustPackage(
  files: ReadonlyMap<string, BuildFile>,
  path: string,
  asked: readonly string[],
): RustPackage {
  const file = files.get(posix.normalize(path))
  if (file === undefined) return { library: null, level: null }
  const table = toml(file)
  const name = at(table, 'lib', 'name') ?? at(table, 'package', 'name')
  const workspace = [...files].find(
    ([, each]) => each.kind === 'Cargo.toml' && at(toml(each), 'workspace') !== undefined,
  )
  const shared = workspace ? at(toml(workspace[1]), 'workspace', 'dependencies', 'pyo3', 'features') : undefined
  const features = new Set([...asked, 'default'].map((each) => each.replace(/^pyo3\//, '')))
  const own = at(table, 'features')
  // A feature may ask for others.
  for (const each of features)
    for (const other of stringsIn(at(own, each))) features.add(other.replace(/^pyo3\??\//, ''))
  const pyo3 = at(table, 'dependencies', 'pyo3')
  const given = [...stringsIn(at(pyo3, 'features')), ...(at(pyo3, 'workspace') === true ? stringsIn(shared) : [])]
  const levels = [...given, ...features].flatMap((each): BuiltLevel[] => {
    const match = /^abi3(?:-py3(\d{1,2}))?$/.exec(each)
    return match ? [match[1] === undefined ? 'floating' : (Number(match[1]) as Minor)] : []
  })
  const level = levels.find((each) => each !== 'floating') ?? levels[0] ?? null
  return { library: typeof name === 'string' ? name.replace(/-/g, '_') : null, level }
}

/**
 * What maturin makes: one module of the library of a package of Rust, named by `module-name`, else by the library. It
 * stands in a package of the same name where no other is said.
 * @param files build files by their names relative to the project's root
 */
export function maturinBuild(files: ReadonlyMap<string, BuildFile>): {
  readonly modules: readonly BuiltModule[]
  readonly otherModules: string | null
  readonly tag: Read<BuiltLevel>
} {
  const project = files.get('pyproject.toml')!
  const settings = at(toml(project), 'tool', 'maturin')
  const bindings = at(settings, 'bindings')
  if (bindings === 'bin') return { modules: [], otherModules: null, tag: known(null) }
  const manifest = at(settings, 'manifest-path')
  const path = typeof manifest === 'string' ? manifest : 'Cargo.toml'
  const { library, level } = rustPackage(files, path, stringsIn(at(settings, 'features')))
  const given = at(settings, 'module-name')
  const name = typeof given === 'string' ? given : library
  if (name === null) return { modules: [], otherModules: `\`${path}\``, tag: known(null) }
  const module: BuiltModule = {
    name: known(name.includes('.') ? name : `${name}.${name}`),
    file: files.has(path) ? path : 'pyproject.toml',
    line: 1,
    sources: [],
    otherSources: null,
    maker: 'Rust',
    level: known(null),
    isNamedStable: known(level !== null),
  }
  return { modules: [module], otherModules: null, tag: known(level) }
}
