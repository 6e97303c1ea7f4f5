import posix from 'path-browserify'
import type { BuildFile } from './build-file.ts'
import { lineIn } from './build-text.ts'
import { type BuiltLevel, type BuiltModule, known, type Maker, notKnown, type Read } from './built-modules.ts'
import { levelOf, readLevel } from './level-value.ts'
import type { BuildEnvironment } from './script/environment.ts'
import { type Interpreter, readScript, type ScriptReading } from './script/interpreter.ts'
import {
  type DictValue,
  dict,
  list,
  type ObjectValue,
  reasonOf,
  shown,
  string,
  truth,
  unknown,
  type Value,
} from './script/values.ts'

import { commandOf, instanceOf, nothingGiven, wheelTag } from './wheel-command.ts'

/** What a `setup.py` makes. */
export interface ScriptBuild {
  readonly modules: readonly BuiltModule[]
  readonly otherModules: string | null
  /** What the script says of the tag of abi3 wheels; null where it says nothing. */
  readonly tag: Read<BuiltLevel> | null
}

/**
 * What a build script in Python makes, read as Python would run it, but without running anything.
 * @param tag what other build files say of the tag of abi3 wheels: `cp39`; null for nothing
 */
export function scriptBuild(
  files: ReadonlyMap<string, BuildFile>,
  script: string,
  environment: BuildEnvironment,
  tag: string | null,
): ScriptBuild | { readonly unread: string } {
  const block = environment.script(script)
  if (block === null) return { unread: `${script}, which is not understood` }
  return new SetupReader(files, readScript(script, block, environment), environment, tag).build()
}

class SetupReader {
  private readonly modules: BuiltModule[] = []
  private others: string | null = null

  constructor(
    private readonly files: ReadonlyMap<string, BuildFile>,
    private readonly reading: ScriptReading,
    private readonly environment: BuildEnvironment,
    private readonly tag: string | null,
  ) {}

  private get interpreter(): Interpreter {
    return this.reading.interpreter
  }

  build(): ScriptBuild {
    const { setups, scope } = this.reading
    // `build.py` of Poetry has a function that is given the arguments of `setup`.
    const build = scope.names.get('build')
    const update = scope.names.get('pdm_build_update_setup_kwargs')
    const setup = setups.find(({ doubt }) => doubt === null) ?? setups[0]
    const given = setup?.given ?? dict()
    const isCalled = update?.kind === 'function' || (build?.kind === 'function' && build.parameters.length === 1)
    if (update?.kind === 'function')
      this.interpreter.callFunction(update, [unknown('`context`'), given], new Map(), null)
    else if (isCalled && build?.kind === 'function') this.interpreter.callFunction(build, [given], new Map(), null)
    if (setup === undefined && !isCalled)
      this.others ??= this.interpreter.unread ?? 'a script that calls no `setup`, as far as it is read'
    else if (setup !== undefined && setup.doubt !== null) this.others ??= setup.doubt
    const inside = given.entries.get('ext_package')
    const prefix = inside?.kind === 'string' ? `${inside.value}.` : ''
    const extensions = this.extensions(given.entries.get('ext_modules') ?? list([], given.open))
    for (const each of this.changedByCommands(given, extensions)) this.modules.push(this.module(each, prefix))
    for (const each of this.extensions(given.entries.get('rust_extensions') ?? list([])))
      this.modules.push(this.module(each, ''))
    this.foreign(given.entries.get('cffi_modules'), prefix)
    this.others ??= this.interpreter.unread
    const tag = wheelTag(this.interpreter, given, this.tag, this.environment.python)
    const { unread } = this.interpreter
    const isUnsaid = tag === null ? this.tag === null : tag.kind === 'known' && tag.value === null
    return {
      modules: this.modules,
      otherModules: this.others,
      // What is not understood may have to do with that, too.
      tag: isUnsaid && unread !== null ? notKnown(unread) : tag,
    }
  }

  /** The objects of a list of extensions; what else may be in it is taken down. */
  private extensions(value: Value, depth = 0): ObjectValue[] {
    if (depth > 8 || value.kind === 'none') return []
    if (value.kind === 'list') {
      this.others ??= value.open ?? value.perhaps[0]?.why ?? null
      return value.items.flatMap((each) => this.extensions(each, depth + 1))
    }
    if (value.kind !== 'object') {
      this.others ??= reasonOf(value)
      return []
    }
    const maker = value.made.slice(value.made.lastIndexOf('.') + 1)
    const first = value.attributes.get('name')
    if (maker === 'cythonize') return this.cythonized(value, first ?? value.attributes.get('module_list'), depth)
    if (maker === 'mypycify') return this.compiledByMypyc(value, first ?? value.attributes.get('paths'))
    if (maker === 'get_extensions') {
      this.others ??= `\`${maker}()\``
      return []
    }
    return [value]
  }

  private cythonized(of: ObjectValue, given: Value | undefined, depth: number): ObjectValue[] {
    const all = given?.kind === 'list' ? given.items : given ? [given] : []
    if (given?.kind === 'list') this.others ??= given.open ?? given.perhaps[0]?.why ?? null
    return all.flatMap((each) => {
      if (each.kind !== 'string') return this.extensions(each, depth + 1)
      const files = each.value.includes('*') ? this.environment.find(each.value) : [each.value]
      if (files === null) this.others ??= `the files \`${each.value}\``
      return (files ?? []).map((path) => this.ofSource(of, path))
    })
  }

  /**
   * A module for each file that mypyc is given, and one for all with their code, whose name is a hash. Source: mypyc,
   * `mypycify` and `construct_groups`.
   */
  private compiledByMypyc(of: ObjectValue, given: Value | undefined): ObjectValue[] {
    this.others ??= given?.kind === 'list' ? (given.open ?? given.perhaps[0]?.why ?? null) : '`mypycify()`'
    const paths = given?.kind === 'list' ? given.items : []
    this.others ??= paths.find(({ kind }) => kind !== 'string') ? '`mypycify()`' : null
    const files = paths.flatMap((each) => (each.kind === 'string' && each.value.endsWith('.py') ? [each.value] : []))
    const isAlone = files.length < 2 && files.every((path) => !this.qualified(path).includes('.'))
    if (!isAlone) this.others ??= 'the name that mypyc gives the module with the code of all'
    return files.map((path) => ({ ...this.ofSource(of, path), made: 'mypycify' }))
  }

  private ofSource(of: ObjectValue, path: string): ObjectValue {
    const attributes = new Map<string, Value>([
      ['name', string(this.qualified(path))],
      ['sources', list([string(path)])],
      ['define_macros', list([])],
      ['extra_compile_args', list([])],
      ['py_limited_api', { kind: 'bool', value: false }],
    ])
    return { ...of, made: 'setuptools.Extension', attributes }
  }

  /** The name of a module by its path: directories count from the first that is a package. */
  private qualified(path: string): string {
    const parts = posix
      .normalize(path)
      .replace(/\.\w+$/, '')
      .split('/')
    for (let from = 0; from < parts.length - 1; from++) {
      const files = this.environment.find(`${parts.slice(0, from + 1).join('/')}/__init__.py`)
      if (files === null || files.length > 0) return parts.slice(from).join('.')
    }
    return parts.at(-1)!
  }

  /** What is built of a list of extensions: commands of the script may change it, `build_ext`. */
  private changedByCommands(given: DictValue, extensions: readonly ObjectValue[]): readonly ObjectValue[] {
    const command = commandOf(given, 'build_ext')
    if (command === null) return extensions
    const all = list(extensions)
    const isOff: Value = { kind: 'bool', value: false }
    const self: ObjectValue = {
      ...instanceOf(command, [
        ['compiler', instanceOf(null, [['compiler_type', string('unix')]])],
        ['extensions', all],
        ...['inplace', 'editable_mode', 'debug', 'force'].map((each) => [each, isOff] as const),
      ]),
      open: 'an option of `build_ext`',
    }
    for (const name of ['initialize_options', 'finalize_options', 'run', 'build_extensions'])
      if (command.scope.names.has(name)) this.interpreter.method(self, name, nothingGiven)
    // Some may have been added and removed, and others put in the place of all.
    const built = this.extensions(self.attributes.get('extensions') ?? all)
    if (command.scope.names.has('build_extension'))
      for (const each of built) this.interpreter.method(self, 'build_extension', { ...nothingGiven, args: [each] })
    return built
  }

  /** The level that a module is built with, by its macros and options. */
  private level(of: ObjectValue): Read<BuiltLevel> {
    if (of.open !== null && !of.attributes.has('define_macros')) return notKnown(of.open)
    const macros = of.attributes.get('define_macros')
    const args = of.attributes.get('extra_compile_args')
    const found: Read<BuiltLevel>[] = []
    for (const { value, why } of elements(macros)) {
      const [name, given] = value.kind === 'list' ? value.items : []
      if (name?.kind === 'string' && name.value === 'Py_LIMITED_API') found.push(why ?? this.levelOf(given))
    }
    for (const { value, why } of elements(args)) {
      const match = value.kind === 'string' ? /^-DPy_LIMITED_API(?:=(.*))?$/.exec(value.value) : null
      if (match) found.push(why ?? this.levelOf(string(match[1] ?? '1')))
    }
    if (found.length > 0) return found.at(-1)!
    const open = [macros, args].map((each) => (each?.kind === 'list' ? each.open : each ? reasonOf(each) : null))
    const why = open.find((each) => each !== null && each !== undefined)
    return why ? notKnown(why) : known(null)
  }

  private levelOf(value: Value | undefined): Read<BuiltLevel> {
    const text = value === undefined || value.kind === 'none' ? '1' : shown(value)
    if (text === null) return notKnown(reasonOf(value!))
    const level = readLevel(text)
    const minor = levelOf(level)
    if (minor !== null) return known(minor)
    return level.kind === 'number' || level.kind === 'empty' ? known(2) : notKnown(`\`${text}\``)
  }

  private module(of: ObjectValue, prefix: string): BuiltModule {
    const name = of.attributes.get('name') ?? of.attributes.get('target')
    const sources = elements(of.attributes.get('sources'))
    const texts = sources.flatMap(({ value }) => (value.kind === 'string' ? [value.value] : []))
    const isRust = /Rust/.test(of.made)
    const given = of.attributes.get('sources')
    const stable = of.attributes.get('py_limited_api')
    // setuptools-rust asks Cargo unless it is told.
    const isStable = isRust && stable?.kind !== 'bool' ? null : stable ? truth(stable) : of.open === null ? false : null
    const unread = sources.find(({ value }) => value.kind !== 'string')
    const file = this.files.get(of.script)
    return {
      name:
        name?.kind === 'string'
          ? known(`${prefix}${name.value}`)
          : notKnown(name ? reasonOf(name) : (of.open ?? 'its name')),
      file: of.script,
      line: file ? lineIn(file, of.start) : 1,
      sources: isRust ? [] : texts,
      otherSources:
        given?.kind === 'list'
          ? (given.open ?? (unread ? reasonOf(unread.value) : null))
          : given
            ? reasonOf(given)
            : null,
      maker: isRust ? 'Rust' : of.made === 'mypycify' ? 'mypyc' : makerOf(texts),
      level: isRust ? known(null) : this.level(of),
      isNamedStable:
        isStable === null
          ? notKnown(isRust ? 'the features of PyO3' : stable ? reasonOf(stable) : of.open!)
          : known(isStable),
    }
  }

  /** The modules of cffi: `cffi_modules=['build.py:ffi']`. */
  private foreign(value: Value | undefined, prefix: string): void {
    for (const { value: each } of elements(value)) {
      const [path, name] = each.kind === 'string' ? each.value.split(':') : []
      const block = path === undefined ? null : this.environment.script(path)
      if (path === undefined || name === undefined || block === null) {
        this.others ??= `\`cffi_modules\``
        continue
      }
      const { scope, interpreter } = readScript(path, block, this.environment)
      const found = scope.names.get(name)
      const ffi = found?.kind === 'function' ? interpreter.callFunction(found, [], new Map(), null) : found
      if (ffi?.kind !== 'object') {
        this.others ??= ffi ? reasonOf(ffi) : `\`${each.kind === 'string' ? each.value : ''}\``
        continue
      }
      const module = this.module({ ...ffi, made: 'cffi', script: path }, prefix)
      const isLimited = ffi.attributes.has('py_limited_api') ? truth(ffi.attributes.get('py_limited_api')!) : true
      const sources = ffi.attributes.get('extra_sources')
      this.modules.push({
        ...module,
        sources: elements(sources).flatMap((one) => (one.value.kind === 'string' ? [one.value.value] : [])),
        otherSources: null,
        maker: 'cffi',
        isNamedStable: isLimited === null ? notKnown('`py_limited_api`') : known(isLimited),
      })
    }
  }
}

/** What is in a list, and what may be, with what that depends on. */
function elements(value: Value | undefined): { readonly value: Value; readonly why: Read<never> | null }[] {
  if (value?.kind !== 'list') return []
  return [
    ...value.items.map((each) => ({ value: each, why: null })),
    ...value.perhaps.map(({ value: each, why }) => ({ value: each, why: notKnown(why) })),
  ]
}

/** What makes C of sources, by their names; null for C and C++. */
export function makerOf(sources: readonly string[]): Maker | null {
  const has = (end: RegExp): boolean => sources.some((each) => end.test(each))
  if (has(/\.(?:pyx|py)$/)) return 'Cython'
  if (has(/\.(?:i|swg)$/)) return 'SWIG'
  if (has(/\.sip$/)) return 'sip'
  if (has(/\.pyf$/)) return 'f2py'
  return has(/\.rs$/) ? 'Rust' : null
}
