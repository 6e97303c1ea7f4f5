import posix from 'path-browserify'
import { Conditions, type FindTarget } from './bazel/conditions.ts'
import { type BazelOptions, noOptions, readOptions } from './bazel/options.ts'
import { type BazelEnvironment, type BazelExtension, type BazelTarget, labelled, readBazel } from './bazel/run.ts'
import type { BuildFile } from './build-file.ts'
import { lineIn } from './build-text.ts'
import { type BuiltLevel, type BuiltModule, known, notKnown, type PackageBuild, type Read } from './built-modules.ts'
import { levelOf, readLevel } from './level-value.ts'
import { makerOf } from './python-build.ts'
import { parseScript } from './script/parse-script.ts'
import type { Block } from './script/syntax.ts'
import { type ListValue, list, reasonOf, truth, type Value } from './script/values.ts'

/** What a BUILD file has that makes an extension module, or a wheel. */
const mentions = /(?:py|pybind|nanobind)_extension|\blinkshared\b|\bpy_wheel\b/

/** The files at the root of a workspace. */
const workspaceFile = /^(?:MODULE\.bazel|WORKSPACE|WORKSPACE\.bazel)$/
const buildName = /^BUILD(?:\.bazel)?$/

/** Targets that depend on each other are followed so deep. */
const deepest = 10

/**
 * What BUILD files make of the workspaces that they belong to, read and not run: the modules of `py_extension`, of the
 * like of pybind11 and nanobind, of a project's own macros with such names, and of `cc_binary` with `linkshared`.
 */
export function bazelBuilds(
  files: readonly BuildFile[],
  surroundings: Pick<BazelEnvironment, 'python' | 'find'>,
): PackageBuild[] {
  const own = files.filter(({ kind }) => kind === 'BUILD.bazel')
  const asked = own.filter(({ path, text }) => buildName.test(posix.basename(path)) && mentions.test(text))
  if (asked.length === 0) return []
  const roots = own
    .filter(({ path }) => workspaceFile.test(posix.basename(path)))
    .map(({ path }) => posix.dirname(path))
  const isWithin = (path: string, root: string): boolean => root === '.' || path.startsWith(`${root}/`)
  const rootOf = (path: string): string =>
    roots.filter((root) => isWithin(path, root)).reduce((a, b) => (a === '.' || b.length > a.length ? b : a), '.')
  const all = new Set(asked.map(({ path }) => rootOf(path)))
  return [...all].flatMap((root) => {
    const named = new Map(
      own.flatMap((each) => (isWithin(each.path, root) ? [[posix.relative(root, each.path), each]] : [])),
    )
    const find = (pattern: string): readonly string[] | null =>
      surroundings.find(posix.join(root, pattern))?.map((each) => posix.relative(root, each)) ?? null
    const scripts = asked.filter(({ path }) => rootOf(path) === root)
    const build = new WorkspaceReader(root, named, { ...surroundings, find }).build(scripts)
    return build.modules.length === 0 && build.otherModules === null ? [] : [build]
  })
}

class WorkspaceReader {
  private readonly blocks = new Map<string, Block | null>()
  private readonly packages = new Map<string, readonly BazelTarget[]>()
  private readonly environment: BazelEnvironment
  private readonly options: BazelOptions

  constructor(
    private readonly root: string,
    private readonly files: ReadonlyMap<string, BuildFile>,
    surroundings: Pick<BazelEnvironment, 'python' | 'find'>,
  ) {
    const options = files.get('.bazelrc')
    this.options = options === undefined ? noOptions : readOptions(options.text)
    const conditions = new Conditions((label, from) => this.target(label, from), this.options)
    const holds = (label: string, from: string): boolean | null => conditions.holds(label, from)
    this.environment = { ...surroundings, script: (path) => this.script(path), holds }
  }

  build(scripts: readonly BuildFile[]): PackageBuild {
    const modules: BuiltModule[] = []
    let others: string | null = null
    let tag: Read<BuiltLevel> = known(null)
    for (const { path } of scripts) {
      const name = posix.relative(this.root, path)
      const block = this.script(name)
      if (block === null) {
        if (/^load\s*\(/m.test(this.files.get(name)!.text)) others ??= `\`${name}\`, which is not understood`
        continue
      }
      const { targets, extensions, others: more } = readBazel(name, block, this.environment)
      this.packages.set(posix.dirname(name), targets)
      // Else it may be a text for people.
      if (targets.length + extensions.length === 0) continue
      others ??= more
      const file = this.files.get(name)!
      for (const each of [...extensions, ...targets.flatMap(plainModule)]) {
        if (each.doubt === null)
          modules.push(new ModuleReader(each, (label, from) => this.target(label, from), this.options).read(file))
        else others ??= each.doubt
      }
      for (const each of targets) if (each.rule === 'py_wheel') tag = wheelTag(each)
    }
    const built = modules.map((each) => ({ ...each, file: posix.join(this.root, each.file) }))
    return { root: this.root, system: 'bazel', backend: '', modules: built, otherModules: others, tag }
  }

  private script(path: string): Block | null {
    const name = posix.normalize(path)
    let block = this.blocks.get(name)
    if (block === undefined) {
      const file = this.files.get(name)
      block = file === undefined ? null : parsed(file)
      this.blocks.set(name, block)
    }
    return block
  }

  /** The target that a label means; null for none that was read. */
  private target(label: string, from: string): BazelTarget | null {
    const place = labelled(label, from)
    if (place === null) return null
    let targets = this.packages.get(place.directory)
    if (targets === undefined) {
      this.packages.set(place.directory, [])
      const path = ['BUILD.bazel', 'BUILD']
        .map((each) => posix.normalize(posix.join(place.directory, each)))
        .find((each) => this.files.has(each))
      const block = path === undefined ? null : this.script(path)
      targets = block === null ? [] : readBazel(path!, block, this.environment).targets
      this.packages.set(place.directory, targets)
    }
    return targets.find(({ given }) => textOf(given.named.get('name')) === place.name) ?? null
  }
}

function parsed({ text }: BuildFile): Block | null {
  try {
    return parseScript(text)
  } catch {
    return null
  }
}

const textOf = (value: Value | undefined): string | null => (value?.kind === 'string' ? value.value : null)

/** `cc_binary(name = "_spam.so", linkshared = True, deps = [... headers of Python ...])` */
function plainModule(target: BazelTarget): BazelExtension[] {
  const { rule, given } = target
  const name = textOf(given.named.get('name'))
  const linked = given.named.get('linkshared')
  if (rule !== 'cc_binary' || name === null || !libraryName.test(name) || !linked || truth(linked) !== true) return []
  const needsPython = itemsOf(given.named.get('deps')).some((each) =>
    /py_cc_headers|python_headers|pybind11/.test(each),
  )
  return needsPython ? [{ ...target, origin: '', inner: [target] }] : []
}

/** The name of a shared library that Python loads, with its ending. */
const libraryName = /(?:\.(?:abi3t?|cpython-[\w-]+))?\.(?:so|pyd)$/

/** The tag of `py_wheel(python_tag = "cp39", abi = "abi3")`. Source: rules_python, `py_wheel`. */
function wheelTag({ given }: BazelTarget): Read<BuiltLevel> {
  const [abi, python] = [given.named.get('abi'), given.named.get('python_tag')]
  if (abi === undefined) return known(null)
  if (abi.kind !== 'string') return notKnown(reasonOf(abi))
  const minor = /^cp3(\d{1,2})$/.exec(textOf(python) ?? '')?.[1]
  if (abi.value !== 'abi3') return known(null)
  return minor === undefined ? notKnown(python ? reasonOf(python) : '`python_tag`') : known(Number(minor))
}

/** The texts of a list that are certain. */
const itemsOf = (value: Value | undefined): readonly string[] =>
  value?.kind === 'list' ? value.items.flatMap((each) => (each.kind === 'string' ? [each.value] : [])) : []

const asList = (value: Value | undefined): ListValue =>
  value === undefined
    ? list([])
    : value.kind === 'list'
      ? value
      : list([], value.kind === 'none' ? null : reasonOf(value))

/** Reads one module. */
class ModuleReader {
  private readonly sources = new Set<string>()
  private otherSources: string | null = null
  /** What compiles it. */
  private readonly units: readonly BazelTarget[]

  constructor(
    private readonly extension: BazelExtension,
    private readonly find: FindTarget,
    private readonly options: BazelOptions,
  ) {
    const { inner } = extension
    const compiled = inner.filter(({ rule, given }) => /^cc_/.test(rule) && given.named.has('srcs'))
    const certain = compiled.filter(({ doubt }) => doubt === null)
    const own = certain.length > 0 ? certain : compiled.length > 0 ? compiled : [extension]
    const isEmpty = own.every(({ given }) => asList(given.named.get('srcs')).items.length === 0)
    // An extension without sources is made of libraries.
    this.units = isEmpty ? [...own, ...own.flatMap((each) => this.dependencies(each))] : own
  }

  read(file: BuildFile): BuiltModule {
    for (const each of this.units) this.addSources(asList(each.given.named.get('srcs')), each.directory, 0)
    const plain = [...this.sources].filter((each) => !/\.(?:h|hh|hpp|hxx|inc)$/i.test(each))
    return {
      name: this.name(),
      file: this.extension.script,
      line: lineIn(file, this.extension.start),
      sources: plain,
      otherSources: this.otherSources,
      maker: makerOf(plain),
      level: this.level(),
      isNamedStable: this.isNamedStable(),
    }
  }

  private argument(name: string): Value | undefined {
    return this.extension.given.named.get(name)
  }

  /** The name of the file that a macro makes; null where that does not show. */
  private output(): string | null {
    const names = this.extension.inner.flatMap(({ given }) => [
      ...['name', 'out', 'shared_lib_name'].flatMap((each) => textOf(given.named.get(each)) ?? []),
      ...itemsOf(given.named.get('outs')),
    ])
    const files = names.filter((each) => libraryName.test(each))
    return files.find((each) => /\.abi3t?\.(?:so|pyd)$/.test(each)) ?? files[0] ?? null
  }

  /** Modules are imported by their path from the workspace, or from a directory of `imports`. */
  private name(): Read<string> {
    const { directory, given, inner } = this.extension
    const written = this.argument('module_name') ?? this.argument('name')
    const made = this.output()
    if (made === null && written?.kind !== 'string')
      return notKnown(written ? reasonOf(written) : (given.open ?? 'its name'))
    const name = (made ?? textOf(written)!).replace(libraryName, '')
    const path = posix.normalize(posix.join(directory, name))
    const all = [this.extension, ...inner].map(({ given: each }) => each.named.get('imports'))
    const base = all
      .flatMap((each) => itemsOf(each))
      .map((each) => posix.normalize(posix.join(directory, each)).replace(/\/$/, ''))
      .find((each) => each !== '.' && path.startsWith(`${each}/`))
    const inPackage = base === undefined ? path : path.slice(base.length + 1)
    return known(inPackage.split('/').join('.'))
  }

  private isNamedStable(): Read<boolean> {
    const { rule, origin } = this.extension
    if (/nanobind/.test(rule)) return this.ofNanobind((level) => level !== null)
    const output = this.output()
    if (output !== null) return known(/\.abi3t?\.(?:so|pyd)$/.test(output))
    if (isOfRulesPython(origin)) {
      const limited = this.argument('py_limited_api')
      const is = limited === undefined ? false : truth(limited)
      return is === null ? notKnown(reasonOf(limited!)) : known(is)
    }
    return /pybind/.test(rule) ? known(false) : notKnown(`what \`${rule}()\` names its file`)
  }

  /** What defines `Py_LIMITED_API`: options of the target, and `defines` of all that it depends on. */
  private level(): Read<BuiltLevel> {
    const { rule, origin, inner } = this.extension
    const ofAll = list(this.options.copts.map((value) => ({ kind: 'string', value })))
    const lists = this.units.flatMap((unit) => [
      ofAll,
      ...['copts', 'cxxopts', 'conlyopts', 'local_defines'].map((each) => asList(unit.given.named.get(each))),
      ...this.definesOf(unit, 0),
    ])
    const sure = lists.flatMap(({ items }) => items.flatMap(levelIn))[0]
    const doubt = this.units.find((each) => each.doubt !== null && inner.includes(each))?.doubt ?? null
    if (sure !== undefined) return doubt === null ? sure : notKnown(doubt)
    const perhaps = lists.flatMap((each) => each.perhaps).find(({ value }) => levelIn(value).length > 0)
    if (perhaps) return notKnown(perhaps.why)
    const open = lists.find((each) => each.open !== null)?.open
    if (open != null) return notKnown(open)
    if (/nanobind/.test(rule)) return this.ofNanobind((level) => level)
    // What a macro adds that was not read is not known.
    const isOwn = inner.length === 0 && !isOfRulesPython(origin) && !/pybind/.test(rule)
    return isOwn ? notKnown(`what \`${rule}()\` does`) : known(null)
  }

  /** What the flag for the level says: `unset` or `cp312`. Source: nanobind_bazel, `py_limited_api` */
  private ofNanobind<T>(told: (level: BuiltLevel) => T): Read<T> {
    const value = this.options.flags.get(`@${nanobindFlag}`) ?? this.options.flags.get(`@@${nanobindFlag}`)
    const minor = /^cp3(\d{1,2})$/.exec(value ?? '')?.[1]
    if (minor !== undefined) return known(told(Number(minor) as BuiltLevel))
    return value === 'unset' ? known(told(null)) : notKnown(`the flag \`--@${nanobindFlag}\``)
  }

  private dependencies({ given, directory }: BazelTarget): BazelTarget[] {
    return ['deps', 'implementation_deps'].flatMap((each) =>
      itemsOf(given.named.get(each)).flatMap((label) => this.find(label, directory) ?? []),
    )
  }

  private definesOf(target: BazelTarget, depth: number): ListValue[] {
    if (depth > deepest) return []
    const own = asList(target.given.named.get('defines'))
    return [own, ...this.dependencies(target).flatMap((each) => this.definesOf(each, depth + 1))]
  }

  private addSources({ items, perhaps, open }: ListValue, directory: string, depth: number): void {
    this.otherSources ??= open ?? perhaps[0]?.why ?? null
    for (const each of items) {
      if (each.kind === 'string') this.addSource(each.value, directory, depth)
      else this.otherSources ??= reasonOf(each)
    }
  }

  private addSource(label: string, directory: string, depth: number): void {
    const place = labelled(label, directory)
    const target = place && depth < deepest ? this.find(label, directory) : null
    if (target?.given.named.has('srcs') && target.rule !== 'genrule')
      this.addSources(asList(target.given.named.get('srcs')), target.directory, depth + 1)
    else if (place !== null && /\.\w+$/.test(place.name)) this.sources.add(posix.join(place.directory, place.name))
    else this.otherSources ??= `\`${label}\``
  }
}

const nanobindFlag = 'nanobind_bazel//:py-limited-api'

const isOfRulesPython = (origin: string): boolean => /^@+(?:rules_python|io_bazel_rules_python)\/\//.test(origin)

/** The level of an option or of a definition; none where it is another. */
function levelIn(value: Value): Read<BuiltLevel>[] {
  const match = /^(?:[-/]D)?Py_LIMITED_API(?:=(.*))?$/.exec(textOf(value) ?? '')
  if (match === null) return []
  const read = readLevel(match[1] ?? '1')
  const level = levelOf(read)
  return [level !== null ? known(level) : read.kind === 'number' ? known(2) : notKnown(`\`${textOf(value)}\``)]
}
