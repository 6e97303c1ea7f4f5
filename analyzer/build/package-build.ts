import posix from 'path-browserify'
import type { Minor } from '../knowledge/version.ts'
import { bazelBuilds } from './bazel-build.ts'
import type { BuildFile } from './build-file.ts'
import { lineIn } from './build-text.ts'
import {
  type BuildSystem,
  type BuiltLevel,
  type BuiltModule,
  known,
  notKnown,
  type PackageBuild,
  type Read,
} from './built-modules.ts'
import { cmakeBuild } from './cmake-build.ts'
import { levelOf, readLevel } from './level-value.ts'
import { mesonOptions } from './meson/options.ts'
import { parseMeson } from './meson/parse-meson.ts'
import { mesonBuild } from './meson-build.ts'
import { limitedApiSwitch } from './meson-switch.ts'
import { moduleDefinitions } from './module-definitions.ts'
import { at, ownBackend, stringsIn, toml } from './pyproject.ts'
import { makerOf, type ScriptBuild, scriptBuild } from './python-build.ts'
import { maturinBuild, rustPackage } from './rust-build.ts'
import { parseScript } from './script/parse-script.ts'
import type { Block } from './script/syntax.ts'

/** What is known besides the build files. */
export interface BuildSurroundings {
  /** The version of the Python that builds: CPython with the GIL, on Linux with an x86-64 processor. */
  readonly python: Minor
  /** The files that fit a pattern such as `src/*.c`, relative to the root; null where that is not known. */
  readonly find: (pattern: string) => readonly string[] | null
}

/**
 * What the build files of packages make, read and not run: which extension modules, of what, for which level, and with
 * which tag. What does not show is unknown, with its reason. A package that lies in another one is left out.
 */
export function packageBuilds(files: readonly BuildFile[], surroundings: BuildSurroundings): PackageBuild[] {
  const isRoot = (path: string): boolean => /^(?:setup\.py|pyproject\.toml)$/.test(posix.basename(path))
  const roots = [...new Set(files.filter(({ path }) => isRoot(path)).map(({ path }) => posix.dirname(path)))]
  const isWithin = (path: string, root: string): boolean => root === '.' || path.startsWith(`${root}/`)
  const outermost = roots.filter((root) => !roots.some((other) => other !== root && isWithin(root, other)))
  const ofPackages = outermost.map((root) => {
    const own = files.filter(({ path }) => isWithin(path, root))
    const named = new Map(own.map((file) => [posix.relative(root, file.path), file]))
    const find = (pattern: string): readonly string[] | null =>
      surroundings.find(posix.join(root, pattern))?.map((each) => posix.relative(root, each)) ?? null
    return new PackageReader(root, named, { ...surroundings, find }).build()
  })
  return [...ofPackages, ...bazelBuilds(files, surroundings)]
}

interface Made {
  readonly modules: readonly BuiltModule[]
  readonly otherModules: string | null
  readonly tag?: Read<BuiltLevel> | null
}

class PackageReader {
  private readonly project: unknown
  private readonly backend: string
  private readonly blocks = new Map<string, Block | null>()

  constructor(
    private readonly root: string,
    private readonly files: ReadonlyMap<string, BuildFile>,
    private readonly surroundings: BuildSurroundings,
  ) {
    const file = files.get('pyproject.toml')
    this.project = file ? toml(file) : {}
    const backend = at(this.project, 'build-system', 'build-backend')
    this.backend = typeof backend === 'string' ? backend : ''
  }

  build(): PackageBuild {
    const system = this.system()
    const made = this.made(system)
    const modules = made.modules.map((each) => ({ ...each, file: posix.join(this.root, each.file) }))
    const tag = modules.length === 0 && made.otherModules === null ? known(null) : (made.tag ?? known(null))
    return { root: this.root, system, backend: this.backend, modules, otherModules: made.otherModules, tag }
  }

  private system(): BuildSystem {
    if (this.backend === '' || /^setuptools\b/.test(this.backend)) return 'setuptools'
    if (this.backend === 'mesonpy') return 'meson-python'
    if (/^scikit_build_core\b/.test(this.backend)) return 'scikit-build-core'
    // A backend of the project's own that goes on from that of setuptools; it may bring what is built itself.
    const hasModules = this.files.has('setup.py') || at(this.project, 'tool', 'setuptools', 'ext-modules') !== undefined
    const isSetuptools = (path: string): boolean => /\bbuild_meta\b/.test(this.files.get(path)?.text ?? '')
    if (hasModules && ownBackend(this.project).some(isSetuptools)) return 'setuptools'
    return this.backend === 'maturin' ? 'maturin' : 'other'
  }

  private made(system: BuildSystem): Made {
    switch (system) {
      case 'setuptools':
        return this.bySetuptools('setup.py')
      case 'meson-python':
        return this.byMeson()
      case 'scikit-build-core':
        return this.byScikit()
      case 'maturin':
        return maturinBuild(this.files)
      case 'bazel':
      case 'other':
        return this.byOther()
    }
  }

  /** Backends that run a script of the project: Poetry, PDM. */
  private byOther(): Made {
    const poetry = at(this.project, 'tool', 'poetry', 'build')
    const script =
      typeof poetry === 'string'
        ? poetry
        : (at(poetry, 'script') ?? at(this.project, 'tool', 'pdm', 'build', 'setup-script'))
    if (typeof script === 'string') return this.bySetuptools(script)
    if (at(this.project, 'tool', 'pdm', 'build', 'run-setuptools') === true)
      return this.bySetuptools(this.files.has('pdm_build.py') ? 'pdm_build.py' : 'setup.py')
    const isPlain = /^(?:flit_core|flit|hatchling|poetry|pdm|uv_build)\b/.test(this.backend)
    const hooks =
      at(this.project, 'tool', 'hatch', 'build', 'hooks') ??
      at(this.project, 'tool', 'hatch', 'build', 'targets', 'wheel', 'hooks')
    if (isPlain && hooks === undefined) return { modules: [], otherModules: null }
    const why = hooks === undefined ? `what \`${this.backend}\` does` : 'hooks of hatchling'
    return { modules: [], otherModules: why, tag: notKnown(why) }
  }

  private script(path: string): Block | null {
    const name = posix.normalize(path)
    let block = this.blocks.get(name)
    if (block === undefined) {
      const file = this.files.get(name)
      block =
        file && (file.kind === 'setup.py' || file.kind === 'meson.build' || file.kind === 'meson.options')
          ? parsed(file)
          : null
      this.blocks.set(name, block)
    }
    return block
  }

  private bySetuptools(script: string): Made {
    const requires = at(this.project, 'build-system', 'requires')
    const names = stringsIn(requires).map(
      (each) => /^[\w.-]+/.exec(each)?.[0].toLowerCase().replace(/[_.]/g, '-') ?? '',
    )
    const environment = {
      ...this.surroundings,
      requires: requires === undefined ? null : new Set(names),
      script: (path: string) => this.script(path),
    }
    const tables = this.tables()
    const tag = this.tagInFiles()
    const fixed = tag === null ? null : tagLevel(tag)
    if (!this.files.has(script)) return { modules: tables, otherModules: null, tag: fixed }
    const made = scriptBuild(this.files, script, environment, tag)
    if ('unread' in made)
      return { modules: tables, otherModules: `\`${made.unread}\``, tag: fixed ?? notKnown(made.unread) }
    const isEmpty = tables.length === 0 && !this.hasSetup(made)
    const otherModules = isEmpty ? (made.otherModules ?? null) : made.otherModules
    return { modules: [...tables, ...made.modules], otherModules, tag: made.tag ?? fixed }
  }

  private hasSetup({ modules }: ScriptBuild): boolean {
    return modules.length > 0
  }

  /** `[bdist_wheel] py_limited_api = cp39` of `setup.cfg`, and the same of `pyproject.toml`. */
  private tagInFiles(): string | null {
    const file = this.files.get('setup.cfg')
    const section = file && /^[ \t]*\[bdist_wheel\][^\n]*\n((?:(?![ \t]*\[)[^\n]*\n?)*)/m.exec(file.text)?.[1]
    const inFile = section && /^[ \t]*py[_-]limited[_-]api[ \t]*=[ \t]*(\S+)/m.exec(section)?.[1]
    const table = at(this.project, 'tool', 'distutils', 'bdist_wheel')
    const inProject = at(table, 'py-limited-api') ?? at(table, 'py_limited_api')
    return inFile ?? (typeof inProject === 'string' ? inProject : null)
  }

  /** `[[tool.setuptools.ext-modules]]`, and the modules of setuptools-rust. */
  private tables(): BuiltModule[] {
    const file = this.files.get('pyproject.toml')
    const tables = at(this.project, 'tool', 'setuptools', 'ext-modules')
    const places = file ? moduleDefinitions(file) : []
    const plain = (Array.isArray(tables) ? tables : []).map((table: unknown, index): BuiltModule => {
      const name = at(table, 'name')
      const sources = stringsIn(at(table, 'sources'))
      return {
        ...nothing,
        name: typeof name === 'string' ? known(name) : notKnown('its name'),
        line: places[index] ? lineIn(file!, places[index].start) : 1,
        sources,
        maker: makerOf(sources),
        level: tableLevel(table),
        isNamedStable: known(at(table, 'py-limited-api') === true),
      }
    })
    const rust = at(this.project, 'tool', 'setuptools-rust', 'ext-modules')
    const made = (Array.isArray(rust) ? rust : []).map((table: unknown): BuiltModule => {
      const name = at(table, 'target')
      const path = at(table, 'path')
      const { level } = rustPackage(
        this.files,
        typeof path === 'string' ? path : 'Cargo.toml',
        stringsIn(at(table, 'features')),
      )
      return {
        ...nothing,
        name: typeof name === 'string' ? known(name) : notKnown('its name'),
        maker: 'Rust',
        isNamedStable: known(level !== null),
      }
    })
    return [...plain, ...made]
  }

  private byMeson(): Made {
    const isOff = limitedApiSwitch({ root: this.root, files: [...this.files.values()], modules: 0 }) !== null
    const { python } = this.surroundings
    const block = this.script('meson.options') ?? this.script('meson_options.txt')
    const given = stringsIn(at(this.project, 'tool', 'meson-python', 'args', 'setup'))
    const options = block === null ? new Map() : mesonOptions(block, given)
    const made = mesonBuild(this.files, '.', { python, script: (path) => this.script(path), options }, isOff)
    // meson-python tags wheels with the Python that builds.
    const isLimited = at(this.project, 'tool', 'meson-python', 'limited-api') === true && !isOff
    return { ...made, tag: known(isLimited ? 'floating' : null) }
  }

  private byScikit(): Made {
    const settings = at(this.project, 'tool', 'scikit-build')
    const api = at(settings, 'wheel', 'py-api')
    const place = at(settings, 'cmake', 'source-dir')
    const root = typeof place === 'string' ? posix.normalize(place) : '.'
    const tag = typeof api === 'string' && api !== '' ? tagLevel(api) : known(null)
    const level = tag.kind === 'known' && typeof tag.value === 'number' ? tag.value : null
    const name = at(this.project, 'project', 'name')
    const defined = Object.entries((at(settings, 'cmake', 'define') ?? {}) as Record<string, unknown>)
    const variables = new Map([
      ...defined.flatMap(([key, value]): [string, string][] => (typeof value === 'string' ? [[key, value]] : [])),
      ['SKBUILD', '2'],
      ['SKBUILD_STATE', 'wheel'],
      ['SKBUILD_PROJECT_NAME', typeof name === 'string' ? name.replace(/[-_.]+/g, '_') : ''],
      ['SKBUILD_PLATLIB_DIR', '.'],
      ['SKBUILD_SABI_COMPONENT', level === null ? '' : 'Development.SABIModule'],
      ['SKBUILD_SABI_VERSION', level === null ? '' : `3.${level}`],
    ])
    const file = (path: string): BuildFile | null => {
      const found = this.files.get(posix.normalize(path))
      return found?.kind === 'CMakeLists.txt' ? found : null
    }
    const { python } = this.surroundings
    const made = cmakeBuild(posix.join(root, 'CMakeLists.txt'), { python, file, variables })
    const prefix = at(settings, 'wheel', 'install-dir')
    const inside =
      typeof prefix === 'string'
        ? prefix
            .split('/')
            .filter((each) => each !== '')
            .join('.')
        : ''
    const modules = made.modules.map((each) =>
      inside === '' || each.name.kind === 'unknown' ? each : { ...each, name: known(`${inside}.${each.name.value}`) },
    )
    const isNewer = level === null || python >= level
    return { modules, otherModules: made.otherModules, tag: isNewer ? tag : known(null) }
  }
}

const nothing: BuiltModule = {
  name: notKnown('its name'),
  file: 'pyproject.toml',
  line: 1,
  sources: [],
  otherSources: null,
  maker: null,
  level: known(null),
  isNamedStable: known(false),
}

function tagLevel(tag: string): Read<BuiltLevel> {
  const match = /^cp3(\d{1,2})(?:\.|$)/.exec(tag)
  return match ? known(Number(match[1])) : tag.startsWith('py') ? known(null) : notKnown(`\`${tag}\``)
}

/** `define-macros = [["Py_LIMITED_API", "0x03090000"]]` */
function tableLevel(table: unknown): Read<BuiltLevel> {
  const macros = at(table, 'define-macros')
  const found = (Array.isArray(macros) ? macros : []).find(
    (each) => Array.isArray(each) && each[0] === 'Py_LIMITED_API',
  )
  const value = Array.isArray(found) ? found[1] : undefined
  const inArguments = stringsIn(at(table, 'extra-compile-args')).flatMap(
    (each) => /^-DPy_LIMITED_API=(.*)$/.exec(each)?.[1] ?? [],
  )
  const text = typeof value === 'string' ? value : found ? '1' : inArguments[0]
  return text === undefined ? known(null) : known(levelOf(readLevel(text)) ?? 2)
}

function parsed(file: BuildFile): Block | null {
  try {
    return file.kind === 'setup.py' ? parseScript(file.text) : parseMeson(file.text)
  } catch {
    return null
  }
}
