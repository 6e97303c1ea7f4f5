import { deepestCalls, Evaluator } from './evaluator.ts'
import { callExternal, type Given } from './externals.ts'
import { callMethod } from './methods.ts'
import type { Argument, Block, Expression } from './syntax.ts'
import {
  type ClassValue,
  type DictValue,
  dict,
  type FunctionValue,
  list,
  type ObjectValue,
  reasonOf,
  type Scope,
  shown,
  string,
  truth,
  unknown,
  type Value,
  written,
} from './values.ts'

/** A call of `setup`. */
export interface Setup {
  readonly given: DictValue
  /** Why it may not be called at all; null where it is. */
  readonly doubt: string | null
  readonly script: string
  readonly start: number
}

/** Packages whose modules are there in every build, and those that Python itself has are. */
const thirdParty: Readonly<Record<string, string>> = {
  Cython: 'cython',
  pyximport: 'cython',
  numpy: 'numpy',
  pybind11: 'pybind11',
  mypyc: 'mypy',
  cffi: 'cffi',
  setuptools_rust: 'setuptools-rust',
  skbuild: 'scikit-build',
  torch: 'torch',
  scipy: 'scipy',
  cysignals: 'cysignals',
  nanobind: 'nanobind',
  extension_helpers: 'extension-helpers',
  sphinx: 'sphinx',
}

/** What an `Extension` that is given nothing has of lists. Source: setuptools, `Extension`. */
const listsOfExtension = [
  ...['sources', 'define_macros', 'undef_macros', 'include_dirs', 'library_dirs', 'libraries', 'depends'],
  ...['extra_compile_args', 'extra_link_args'],
]

/** What calls give, and what they do. */
export abstract class Caller extends Evaluator {
  readonly setups: Setup[] = []
  /** Directories that scripts are imported from, too. */
  protected readonly searched: string[] = []
  private calls = 0

  protected abstract body(block: Block, scope: Scope): Value

  /** Whether the build has a module that the project does not. */
  protected isThere(name: string): boolean {
    const top = name.split('.')[0]!
    const needed = Object.hasOwn(thirdParty, top) ? thirdParty[top]! : null
    return needed === null || this.environment.requires === null || this.environment.requires.has(needed)
  }

  protected override comprehension(
    { key, value, clauses }: Expression & { kind: 'comprehension' },
    scope: Scope,
  ): Value {
    const made = list([])
    const pairs = dict()
    const inner = this.newScope(scope.script, scope)
    const take = (): void => {
      const each = this.value(value, inner)
      if (key === null) made.items.push(each)
      else pairs.entries.set(shown(this.value(key, inner)) ?? '', each)
    }
    const enter = (depth: number): void => {
      const clause = clauses[depth]
      if (clause === undefined) {
        take()
        return
      }
      const of = this.value(clause.of, inner)
      const items = of.kind === 'list' ? of.items : of.kind === 'dict' ? [...of.entries.keys()].map(string) : []
      const open =
        of.kind === 'list' ? (of.open ?? of.perhaps[0]?.why ?? null) : of.kind === 'dict' ? of.open : reasonOf(of)
      made.open ??= open
      pairs.open ??= open
      for (const item of items) {
        if (!this.mayGoOn()) return
        this.assign(clause.target, item, inner)
        const tests = clause.tests.map((each) => truth(this.value(each, inner)))
        if (tests.includes(false)) continue
        if (tests.includes(null)) made.open ??= pairs.open ??= 'a condition'
        else enter(depth + 1)
      }
    }
    enter(0)
    return key === null ? made : pairs
  }

  protected given(args: readonly Argument[], scope: Scope): Given {
    const plain: Value[] = []
    const named = new Map<string, Value>()
    let open: string | null = null
    for (const { name, stars, value } of args) {
      const each = this.value(value, scope)
      if (stars === '' && name === null) plain.push(each)
      else if (stars === '') named.set(name!, each)
      else if (stars === '*' && each.kind === 'list') {
        for (const item of each.items) plain.push(item)
        open ??= each.open
      } else if (stars === '**' && each.kind === 'dict') {
        for (const [key, item] of each.entries) named.set(key, item)
        open ??= each.open
      } else open ??= reasonOf(each)
    }
    return { args: plain, named, open }
  }

  protected override call({ called, args, start }: Expression & { kind: 'call' }, scope: Scope): Value {
    if (called.kind === 'name' && called.name === 'super') return this.superior(scope, start)
    const what = this.value(called, scope)
    const given = this.given(args, scope)
    switch (what.kind) {
      case 'external':
        return this.external(what.path, given, scope, start)
      case 'function':
        return this.callFunction(what, given.args, given.named, given.open)
      case 'class':
        return this.make(what, given, scope, start)
      case 'method':
        return this.method(what.of, what.name, given)
      default:
        return this.unknownCall(written(called), given, scope, start)
    }
  }

  /** What `super()` stands for in a method: the object, seen as what the script does not define. */
  private superior(scope: Scope, start: number): Value {
    const self = this.lookUp('self', scope)
    if (self.kind !== 'object') return unknown('`super()`')
    return { ...self, of: null, attributes: self.attributes, script: scope.script, start }
  }

  /** Calls a method of an object or of a value. */
  method(of: Value, name: string, given: Given): Value {
    if (of.kind !== 'object') return this.ofValue(of, name, given)
    const member = of.of && this.inherited(of.of, name)
    if (member?.kind === 'function') return this.callFunction(member, [of, ...given.args], given.named, given.open)
    if ((name === '__init__' || name === 'set_source') && (of.of === null || name === 'set_source')) {
      this.initialise(of, given)
      return { kind: 'none' }
    }
    return of.attributes.get(`${name}()`) ?? unknown(`\`${name}()\``)
  }

  private ofValue(of: Value, name: string, given: Given): Value {
    const result = callMethod(of, name, given, this.doubtOf(of), this.environment)
    return name === 'copy' || of.kind === 'string' ? this.doubtfulCalls.making(result) : result
  }

  private external(path: string, given: Given, scope: Scope, start: number): Value {
    if (/(?:^|\.)setup$/.test(path)) return this.setup(given, scope, start)
    if (/^sys\.path\.(?:insert|append)$/.test(path)) {
      const directory = given.args.at(-1)
      if (directory?.kind === 'string') this.searched.push(directory.value)
      return { kind: 'none' }
    }
    if (path === 'functools.partial') return given.args[0] ?? unknown('`partial()`')
    return this.unknownCall(path, given, scope, start)
  }

  /** Calls what the script does not define. */
  protected unknownCall(path: string, given: Given, scope: Scope, start: number): Value {
    const name = path.slice(path.lastIndexOf('.') + 1)
    // Where it is not imported it is what it is called.
    if (name === 'setup') return this.setup(given, scope, start)
    if (/^(?:[A-Z]\w*)?Extension$/.test(name) || /^(?:cythonize|mypycify|get_extensions|FFI)$/.test(name)) {
      const made = this.newObject(path, null, scope, start)
      this.initialise(made, given)
      return made
    }
    const result = callExternal(path, given, this.environment)
    return given.args.includes(result) ? result : this.doubtfulCalls.making(result)
  }

  private setup(given: Given, scope: Scope, start: number): Value {
    const doubt = this.doubt ?? this.doubtfulCalls.why
    this.setups.push({ given: dict(given.named, given.open), doubt, script: scope.script, start })
    return { kind: 'none' }
  }

  protected newObject(made: string, of: ClassValue | null, { script }: Scope, start: number): ObjectValue {
    const object = { kind: 'object', made, of, attributes: new Map(), open: null, script, start } as const
    return this.doubtfulCalls.making<ObjectValue>(object)
  }

  /** Takes what is given to a class that the script does not define for attributes of the object. */
  protected initialise(of: ObjectValue, { args, named, open }: Given): void {
    const [name, sources] = args
    if (name) of.attributes.set('name', name)
    if (sources) of.attributes.set('sources', sources)
    for (const [key, value] of named) of.attributes.set(key, value)
    of.open ??= open
    if (of.open !== null || !/Extension$/.test(of.made)) return
    for (const key of listsOfExtension) if (!of.attributes.has(key)) of.attributes.set(key, list([]))
    if (!of.attributes.has('py_limited_api')) of.attributes.set('py_limited_api', { kind: 'bool', value: false })
  }

  private make(of: ClassValue, given: Given, scope: Scope, start: number): Value {
    const made = this.newObject(this.root(of), of, scope, start)
    const init = this.inherited(of, '__init__')
    if (init?.kind === 'function') this.callFunction(init, [made, ...given.args], given.named, given.open)
    else this.initialise(made, given)
    return made
  }

  /** The name of the first base of a class that the script does not define; its own for none. */
  private root(of: ClassValue, depth = 0): string {
    const [base] = of.bases
    if (base?.kind === 'class' && depth < deepestCalls) return this.root(base, depth + 1)
    return base?.kind === 'external' ? base.path : base?.kind === 'unknown' ? base.why.replace(/`/g, '') : of.name
  }

  /** Calls a function of the script. @param open why it may be given more; null where it is not */
  override callFunction(
    called: FunctionValue,
    args: readonly Value[],
    named: ReadonlyMap<string, Value>,
    open: string | null,
  ): Value {
    if (this.calls >= deepestCalls) return unknown(`\`${called.name}()\``)
    return this.doubtfulCalls.read(this.doubt, () => this.ofFunction(called, args, named, open))
  }

  private ofFunction(
    called: FunctionValue,
    args: readonly Value[],
    named: ReadonlyMap<string, Value>,
    open: string | null,
  ): Value {
    const scope = this.newScope(called.scope.script, called.scope)
    const rest = this.doubtfulCalls.making(dict(named, open))
    let next = 0
    for (const { name, stars, initial } of called.parameters) {
      if (stars === '*') scope.names.set(name, this.doubtfulCalls.making(list(args.slice(next))))
      else if (stars === '**') scope.names.set(name, rest)
      else {
        const value = next < args.length ? args[next++] : named.get(name)
        rest.entries.delete(name)
        const otherwise =
          open !== null ? unknown(open) : initial ? this.value(initial, called.scope) : unknown(`\`${name}\``)
        scope.names.set(name, value ?? otherwise)
      }
    }
    this.calls++
    const result = this.body(called.body, scope)
    this.calls--
    return result
  }
}
