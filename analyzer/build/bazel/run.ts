import posix from 'path-browserify'
import type { Minor } from '../../knowledge/version.ts'
import { addAll } from '../../source/lists.ts'
import type { Given } from '../script/externals.ts'
import { Interpreter } from '../script/interpreter.ts'
import type { Block, Expression } from '../script/syntax.ts'
import {
  type DictValue,
  external,
  type ListValue,
  list,
  none,
  type Scope,
  same,
  shorten,
  truth,
  unknown,
  type Value,
} from '../script/values.ts'

/** A target that a BUILD file makes: a call of a rule. */
export interface BazelTarget {
  readonly rule: string
  readonly given: Given
  /** The directory of the BUILD file, which labels are relative to. */
  readonly directory: string
  /** What it depends on whether it is made; null where it is. */
  readonly doubt: string | null
  /** The file that it stands in, and where. */
  readonly script: string
  readonly start: number
}

/** A call of a rule or a macro that makes an extension module. */
export interface BazelExtension extends BazelTarget {
  /** The file that it is loaded from: `@rules_python//python/cc:py_extension.bzl`; empty for a macro that was read. */
  readonly origin: string
  /** What a macro makes of it. */
  readonly inner: readonly BazelTarget[]
}

/** What Bazel is told from outside. */
export interface BazelEnvironment {
  readonly python: Minor
  /** The statements of a file, by its name relative to the workspace; null where it is not there or not understood. */
  readonly script: (path: string) => Block | null
  readonly find: (pattern: string) => readonly string[] | null
  /** Whether a condition of `select` holds, by its label and the directory that it stands in; null for not known. */
  readonly holds: (label: string, from: string) => boolean | null
}

/** What a BUILD file makes. */
export interface BazelReading {
  readonly targets: readonly BazelTarget[]
  readonly extensions: readonly BazelExtension[]
  /** Why there may be other modules; null where there are none. */
  readonly others: string | null
}

/** Names of rules and macros that make extension modules. */
export const makesModule = /(?:^|_)(?:py|pybind|nanobind)_extension$/

/** Reads what Bazel would do with a BUILD file, but that nothing is built. @param path relative to the workspace */
export function readBazel(path: string, block: Block, environment: BazelEnvironment): BazelReading {
  const interpreter = new BazelInterpreter(environment, posix.dirname(path))
  interpreter.run(block, interpreter.newScope(path, null))
  return interpreter
}

/** A label as its directory and its name: `//spam:eggs.c`; null for one of another repository. */
export function labelled(label: string, directory: string): { directory: string; name: string } | null {
  const match = /^(?:@?@?(?:\/\/)|@\/\/|\/\/)([^:]*)(?::(.*))?$/.exec(label)
  if (match) return { directory: match[1] === '' ? '.' : match[1]!, name: match[2] ?? posix.basename(match[1]!) }
  return label.startsWith('@') ? null : { directory, name: label.replace(/^:/, '') }
}

class BazelInterpreter extends Interpreter implements BazelReading {
  readonly targets: BazelTarget[] = []
  readonly extensions: BazelExtension[] = []
  get others(): string | null {
    return this.unread
  }

  private readonly loaded = new Map<string, Scope | null>()
  private inner: BazelTarget[] | null = null

  constructor(
    private readonly bazel: BazelEnvironment,
    private readonly directory: string,
  ) {
    super({ python: bazel.python, requires: null, script: () => null, find: bazel.find })
  }

  protected override call(expression: Expression & { kind: 'call' }, scope: Scope): Value {
    const { called, start } = expression
    if (called.kind !== 'name' || this.inner !== null || !makesModule.test(called.name))
      return super.call(expression, scope)
    const macro = this.lookUp(called.name, scope)
    if (macro.kind !== 'function') return super.call(expression, scope)
    const given = this.given(expression.args, scope)
    const [inner, doubt] = [[] as BazelTarget[], this.doubt]
    this.inner = inner
    this.callFunction(macro, given.args, given.named, given.open)
    this.inner = null
    this.extend({ rule: called.name, origin: '', given, inner, script: scope.script, start, doubt })
    return none
  }

  private extend(extension: Omit<BazelExtension, 'directory'>): void {
    this.extensions.push({ ...extension, directory: this.directory })
  }

  protected override unknownCall(path: string, given: Given, scope: Scope, start: number): Value {
    const [origin, symbol = origin] = path.split('%') as [string, string?]
    const name = symbol.slice(symbol.lastIndexOf('.') + 1)
    switch (name) {
      case 'load':
        this.load(given, scope)
        return none
      case 'select':
      case 'with_or':
        return selected(given.args[0], (key) => this.bazel.holds(key, this.directory))
      case 'glob':
        return this.glob(given)
      case 'package_name':
        return { kind: 'string', value: this.directory === '.' ? '' : this.directory }
      case 'Label':
        return given.args[0] ?? unknown('`Label()`')
      case 'fail':
        return unknown('`exit()`')
    }
    if (!given.named.has('name')) return super.unknownCall(name, given, scope, start)
    const target = { rule: name, given, directory: this.directory, doubt: this.doubt, script: scope.script, start }
    if (this.inner !== null) this.inner.push(target)
    else if (makesModule.test(name)) this.extend({ ...target, origin, inner: [] })
    else this.targets.push(target)
    return none
  }

  /** `load("//spam:defs.bzl", "rule", other = "name")` */
  private load({ args, named }: Given, scope: Scope): void {
    const [file, ...symbols] = args
    const label = file?.kind === 'string' ? file.value : ''
    const names = [
      ...symbols.map((each) => [each, each] as const),
      ...[...named].map(([as, each]) => [{ kind: 'string', value: as } as Value, each] as const),
    ]
    const from = this.scopeOf(label, posix.dirname(scope.script))
    for (const [as, symbol] of names) {
      if (as.kind !== 'string' || symbol.kind !== 'string') continue
      const value = from === null ? external(`${label}%${symbol.value}`) : from.names.get(symbol.value)
      this.set(as.value, value ?? unknown(`\`${symbol.value}\``), scope)
    }
  }

  /** The names of a file that is loaded; null for one that is not there. */
  private scopeOf(label: string, directory: string): Scope | null {
    const place = labelled(label, directory)
    if (place === null) return null
    const path = posix.join(place.directory, place.name)
    const known = this.loaded.get(path)
    if (known !== undefined) return known
    // A file that loads itself is refused by Bazel.
    this.loaded.set(path, null)
    const block = this.bazel.script(path)
    if (block === null) return null
    const scope = this.newScope(path, null)
    this.run(block, scope)
    this.loaded.set(path, scope)
    return scope
  }

  private glob({ args, named }: Given): Value {
    const patterns = textsOf(args[0] ?? named.get('include'))
    const excluded = textsOf(named.get('exclude') ?? list([]))
    if (patterns === null || excluded === null) return list([], '`glob()`')
    const files = (all: readonly string[]): readonly string[] | null => {
      const found = all.map((each) => this.bazel.find(posix.join(this.directory, each)))
      return found.every((each) => each !== null) ? found.flat() : null
    }
    const [found, without] = [files(patterns), files(excluded)]
    if (found === null || without === null) return list([], `the files \`${patterns[0] ?? ''}\``)
    const left = new Set(found)
    for (const each of without) left.delete(each)
    return list([...left].sort().map((value) => ({ kind: 'string', value: posix.relative(this.directory, value) })))
  }
}

/** The texts of a list; null where one is not known. */
function textsOf(value: Value | undefined): readonly string[] | null {
  if (value?.kind !== 'list' || value.open !== null || value.perhaps.length > 0) return null
  const texts = value.items.map((each) => (each.kind === 'string' ? each.value : null))
  return texts.every((each) => each !== null) ? texts : null
}

/**
 * What `select` gives: of a choice that is not known all that may be in it.
 * @param isChosen whether a condition holds
 */
function selected(table: Value | undefined, isChosen: (key: string) => boolean | null): Value {
  if (table?.kind !== 'dict') return unknown('`select()`')
  const branches = [...table.entries].filter(([key]) => key !== '//conditions:default' && isChosen(key) !== false)
  const otherwise = table.entries.get('//conditions:default')
  const open = table.open ?? null
  const sure = branches.filter(([key]) => isChosen(key) === true)
  // Of several Bazel takes the one that asks for more, or refuses.
  if (sure.length > 0 && open === null)
    return sure.length === 1
      ? sure[0]![1]
      : oneOf(
          table,
          sure.map(([, value]) => value),
          sure[0]![0],
        )
  if (branches.length === 0 && open === null && otherwise) return otherwise
  return oneOf(table, [...branches.map(([, value]) => value), ...(otherwise ? [otherwise] : [])], branches[0]?.[0])
}

function oneOf(table: DictValue, values: readonly Value[], key = ''): Value {
  const why = key === '' ? '`select()`' : `\`select()\` of \`${key}\``
  const [first] = values
  if (first && values.every((each) => same(first, each) === true)) return first
  if (!values.every((each) => each.kind === 'list')) return unknown(why)
  const made: ListValue = list([], table.open === null ? (values.find(({ open }) => open)?.open ?? null) : why)
  for (const each of values) {
    for (const value of each.items) made.perhaps.push({ value, why })
    addAll(made.perhaps, each.perhaps)
  }
  shorten(made)
  return made
}

/** Whether an argument is true; null where that is not known. @param name of the argument */
export const isSet = ({ named }: Given, name: string): boolean | null => {
  const value = named.get(name)
  return value === undefined ? false : truth(value)
}
