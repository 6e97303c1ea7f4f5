import { innerStatements, valuesOf } from '../code/statements.ts'
import type {
  AssignValue,
  BinaryValue,
  BracesValue,
  CallValue,
  CodeValue,
  DeclarationStatement,
  FunctionCode,
  Statement,
  UnaryValue,
  Value,
  Variable,
} from '../code/tree.ts'
import { bare, calleeName, eachValue, isNull, itemsOf, plainText } from '../code/values.ts'
import type { CType } from '../knowledge/ctype.ts'
import { leavesObjectsAlone, needsObject, objectFunction } from '../knowledge/object-functions.ts'
import type { ProjectModel } from '../project/model.ts'
import { cleanupOf } from './cleanup.ts'
import { type Branches, type Effect, EffectList } from './effect-list.ts'
import { type Body, functionsOf } from './functions.ts'
import type { Scope } from './scope-names.ts'
import { type Denotation, partOf } from './scopes.ts'

/** Whether a macro begins or ends a trashcan, CPython's or that of shims: what it puts off is done all the same. */
const isTrashcan = (name: string): boolean => /^P(?:y|ep)_TRASHCAN_(?:BEGIN|END)$/.test(name)

/** A variable that a function is called for where it goes out of scope. */
interface CleanupOf {
  readonly variable: Variable
  readonly by: string
}

/** Macros within macros that are followed. */
const deepest = 8

/** Calls in the bodies of macros that are looked at for one function; what they hold beyond is not known. */
const mostCalls = 20_000

const known: Readonly<Record<Branches, WeakMap<ProjectModel, WeakMap<FunctionCode, readonly Effect[]>>>> = {
  compiled: new WeakMap(),
  all: new WeakMap(),
}

/**
 * What a function does to its parameters and to what they refer to, in the order of the text. Calls are followed
 * through macros, helpers and other files of the run.
 */
export function effectsOf(model: ProjectModel, body: Body, branches: Branches = 'compiled'): readonly Effect[] {
  let found = known[branches].get(model)
  if (!found) {
    found = new WeakMap()
    known[branches].set(model, found)
  }
  let effects = found.get(body.code)
  if (!effects) {
    // A function that calls itself does by that what it does anyhow.
    found.set(body.code, [])
    const reader = new EffectReader(functionsOf(model), branches)
    effects = reader.read(body)
    found.set(body.code, effects)
  }
  return effects
}

/** Reads the effects of one function. */
class EffectReader extends EffectList {
  private calls = 0
  /** Variables that a function is called for where they go out of scope. */
  private readonly cleanups: CleanupOf[] = []
  /** The macros whose bodies are being read. */
  private readonly expanding = new Set<FunctionCode>()

  read(body: Body): readonly Effect[] {
    const scope = this.scopes.ofFunction(body)
    this.statements(body.code.body, scope, null)
    for (const { variable, by } of this.cleanups) this.cleanup(variable, by, scope)
    return this.effects
  }

  /** @param above the place in the function itself, in the body of a macro */
  private statements(statements: readonly Statement[], scope: Scope, above: CallValue | null): void {
    for (const statement of statements) {
      // A head that is not compiled may have a body that is: `#if X`, `if (a) b; else`, `#endif`, `{ c; }`.
      if (this.isCompiled(scope.file, statement.span.start)) {
        for (const value of valuesOf(statement)) this.value(value, scope, above)
        if (statement.kind === 'if') this.look('test', statement.condition, scope, above)
        if (statement.kind === 'declaration' && above === null) this.declaration(statement, scope)
      }
      if (statement.kind !== 'branches') {
        this.statements(innerStatements(statement), scope, above)
        continue
      }
      for (const { start, statements: inner } of statement.branches)
        if (this.isCompiled(scope.file, start)) this.statements(inner, scope, above)
    }
  }

  private value(value: Value, scope: Scope, above: CallValue | null): void {
    for (const each of eachValue(value)) {
      if (each.kind === 'call') {
        if (this.isCompiled(scope.file, each.span.start)) this.call(each, scope, above)
      } else if (each.kind === 'code') this.nested(each, scope, above)
      else if (each.kind === 'braces') this.braces(each, scope, above)
      else if (each.kind === 'unary') this.unary(each, scope, above)
      else if (each.kind === 'assign') this.assignment(each, scope, above)
      else if (each.kind === 'name') this.macroAlone(each.name, scope, above)
      else if (each.kind === 'binary') this.binary(each, scope, above)
      else if (each.kind === 'conditional') this.look('test', each.condition, scope, above)
      else if (each.kind === 'index' || (each.kind === 'member' && each.arrow))
        this.look('read', each.object, scope, above)
    }
  }

  private binary({ operator, left, right }: BinaryValue, scope: Scope, above: CallValue | null): void {
    const isEquality = operator === '==' || operator === '!='
    if (operator !== '&&' && operator !== '||' && !(isEquality && (isNull(left) || isNull(right)))) return
    this.look('test', left, scope, above)
    this.look('test', right, scope, above)
  }

  /** A lambda is taken to be called where it stands. */
  private nested({ lambda, body }: CodeValue, scope: Scope, above: CallValue | null): void {
    if (lambda === null) {
      this.statements(body, scope, above)
      return
    }
    this.lambdas++
    this.statements(body, this.scopes.ofLambda(lambda, scope), above)
    this.lambdas--
  }

  /** What is put into a struct or handed to a constructor is not followed. */
  private braces({ entries }: BracesValue, scope: Scope, above: CallValue | null): void {
    for (const { value } of itemsOf(entries ?? [])) {
      const on = this.scopes.denotation(value, scope)
      if (on?.as === 'type' || on?.as === 'object') this.escape(on, 'what is initialised with it', value, above)
    }
  }

  /** `Guard guard = Py_TYPE(self);`, and functions that are called where a variable goes out of scope. */
  private declaration(declaration: DeclarationStatement, scope: Scope): void {
    for (const variable of declaration.variables) {
      const { initialiser, type, name } = variable
      if (initialiser === null) continue
      const on = this.scopes.denotation(initialiser, scope)
      if (on?.as !== 'type') continue
      const by = cleanupOf(this.functions, scope.file, declaration)
      if (by !== null) this.cleanups.push({ variable, by })
      if (isObject(type)) this.escape(on, `\`${name}\``, initialiser, null)
    }
  }

  private cleanup({ name, initialiser }: Variable, by: string, scope: Scope): void {
    const given = this.scopes.denotation(initialiser!, scope)!
    const bodies = this.functions.named(scope.file, by)
    if (bodies.length === 0) this.escape(given, `\`${name}\``, initialiser!, null)
    for (const body of bodies)
      for (const effect of effectsOf(this.model, body, this.branches)) {
        const on = effect.on && partOf(given, effect.on)
        if (on !== null) this.addFrom(effect, on, effect.type, initialiser!)
      }
  }

  private unary(value: UnaryValue, scope: Scope, above: CallValue | null): void {
    const { operator, operand } = value
    if (operator === '!') this.look('test', operand, scope, above)
    else if (operator === '*') this.look('read', operand, scope, above)
    else if (operator === 'delete') {
      const on = this.scopes.denotation(operand, scope)
      if (on?.as === 'object') this.push('free', on, 'delete', above ?? value, this.isOwn(above))
    } else if (operator.includes('++')) this.countReference('incref', value, operand, scope, above)
    else if (operator.includes('--')) this.countReference('decref', value, operand, scope, above)
  }

  private assignment(value: AssignValue, scope: Scope, above: CallValue | null): void {
    if (value.operator === '+=') this.countReference('incref', value, value.target, scope, above)
    if (value.operator === '-=') this.countReference('decref', value, value.target, scope, above)
    if (value.operator !== '=') return
    this.countReference('incref', value, value.target, scope, above)
    const on = this.scopes.denotation(value.value, scope)
    if (on?.as === 'type' && (bare(value.target).kind !== 'name' || !this.scopes.isLocal(value.target, scope)))
      this.escape(on, `\`${plainText(value.target)}\``, value, above)
    if (on?.as !== 'object' || this.scopes.isLocal(value.target, scope)) return
    // `self->self = self`
    const target = bare(value.target)
    const holder = target.kind === 'member' ? this.scopes.denotation(target.object, scope) : null
    if (holder?.as !== 'object' || holder.parameter !== on.parameter)
      this.push('store', on, '=', above ?? value, this.isOwn(above))
  }

  /** `self->ob_refcnt = 1`, `Py_REFCNT(self)++`: references that nobody has been given. */
  private countReference(
    what: 'incref' | 'decref',
    value: UnaryValue | AssignValue,
    target: Value,
    scope: Scope,
    above: CallValue | null,
  ): void {
    const count = bare(target)
    const holder =
      count.kind === 'member' && count.name === 'ob_refcnt'
        ? count.object
        : count.kind === 'call' && calleeName(count) === 'Py_REFCNT'
          ? count.operands[0]
          : undefined
    const on = holder ? this.scopes.denotation(holder, scope) : null
    if (on !== null) this.push(what, on, 'ob_refcnt', above ?? value, this.isOwn(above))
  }

  /** A macro without parameters that stands for statements: `ACQUIRE_LOCK;`. */
  private macroAlone(name: string, scope: Scope, above: CallValue | null): void {
    if (this.scopes.isBound(name, scope) || isTrashcan(name)) return
    for (const { file, code } of this.functions.macrosNamed(scope.file, name)) {
      if (code.parameters.length > 0 || this.expanding.has(code) || this.expanding.size > deepest) continue
      this.expanding.add(code)
      this.statements(code.body, this.scopes.ofMacro({ file, code }, null, scope), above)
      this.expanding.delete(code)
    }
  }

  private call(call: CallValue, scope: Scope, above: CallValue | null): void {
    const top = above ?? call
    // What stands in the function itself is looked at, however much it is.
    if (above !== null && ++this.calls > mostCalls) {
      if (this.calls === mostCalls + 1) this.tellRest(top)
      return
    }
    const isOwn = this.isOwn(above)
    const slot = this.scopes.denotation(call.callee, scope)
    if (slot !== null && slot.as === 'slot') {
      this.slotCall(call, slot, scope, top, isOwn)
      return
    }
    const name = this.scopes.calledName(call.callee, scope)
    if (name === null) {
      const visited = this.scopes.isParameter(call.callee, scope) ? call.operands[0] : undefined
      // `visit(Py_TYPE(self), arg)`
      if (visited && call.operands.length === 2) this.reference('visit', visited, 'visit', scope, top, isOwn)
      else this.unread(call, scope, top, isOwn, `what is called as \`${plainText(call.callee)}\` is not known`)
      return
    }
    this.push('call', null, name, top, isOwn)
    const macros = isTrashcan(name) ? [] : this.functions.macrosNamed(scope.file, name)
    const bodies = macros.length > 0 ? [] : this.functions.named(scope.file, name)
    const does = macros.length + bodies.length === 0 || objectFunction(name) !== null ? objectFunction(name) : null
    // Where CPython's headers are among the sources, their own bodies write to lists of the collector.
    const isCollectors = does === 'track' || does === 'untrack'
    if (does !== null && (isCollectors || this.model.isProjectDefined(scope.file, name) !== 'yes')) {
      this.reference(does, call.operands[0], name, scope, top, isOwn)
      return
    }
    if (macros.length > 0) for (const macro of macros) this.expand(macro, call, scope, top)
    else if (bodies.length > 0) for (const body of bodies) this.follow(body, call, scope, top)
    else if (
      !leavesObjectsAlone(name) &&
      !isTrashcan(name) &&
      !this.functions.isOfApi(scope.file, name) &&
      !isCast(name, call)
    )
      this.unread(call, scope, top, isOwn, `\`${name}\` is not among the files that were read`)
    else {
      const on = needsObject(name) && call.operands[0] ? this.scopes.denotation(call.operands[0], scope) : null
      if (on?.as === 'object') this.push('read', on, name, top, isOwn)
      this.handOver(name, call, scope, top, isOwn)
    }
  }

  /** The body of a macro is read with what it gets in the place of its parameters. */
  private expand(macro: Body, call: CallValue, scope: Scope, top: CallValue): void {
    if (this.expanding.has(macro.code)) return
    if (this.expanding.size > deepest) {
      this.unread(call, scope, top, false, `\`${macro.code.name}\` stands in too many macros`)
      return
    }
    this.expanding.add(macro.code)
    this.statements(macro.code.body, this.scopes.ofMacro(macro, call, scope), top)
    this.expanding.delete(macro.code)
  }

  /** What a function does to its parameters is done to what it gets. */
  private follow(body: Body, call: CallValue, scope: Scope, top: CallValue): void {
    const given = call.operands.map((operand) => this.scopes.denotation(operand, scope))
    // What gets nothing of a parameter does nothing to it, and may be most of a program.
    if (given.every((each) => each === null)) {
      for (const type of this.types.releasedIn(body))
        this.add({ what: 'decref', on: null, how: '', type, top, isOwn: false, reason: '' })
      return
    }
    if (isConstructor(body)) {
      const reason = `what an object of \`${body.code.name}\` does is not followed`
      this.unread(call, scope, top, false, reason)
    }
    for (const effect of effectsOf(this.model, body, this.branches)) {
      if (effect.on === null) {
        this.addFrom(effect, null, effect.type, top)
        continue
      }
      const argument = given[effect.on.parameter]
      const on = argument ? partOf(argument, effect.on) : null
      // What is done to something else of the caller's counts as far as a reference to it goes.
      if (on !== null) this.addFrom(effect, on, effect.type, top)
      else if (effect.what === 'decref' || effect.what === 'visit') {
        const operand = call.operands[effect.on.parameter]
        const type = operand && effect.on.as === 'object' ? this.types.textOf(operand, scope) : ''
        this.addFrom(effect, on, type, top)
      }
    }
  }

  /** All that is not looked at may do anything to the object. */
  private tellRest(top: CallValue): void {
    const on: Denotation = { parameter: 0, as: 'object', isCertain: true, slot: '', type: '' }
    const reason = `only the first ${mostCalls} calls in its macros were followed`
    this.add({ what: 'unknown', on, how: '', type: '', top, isOwn: false, reason })
  }
}

/** Functions that C++ names no result of: what an object does with what it is made of is done later. */
const isConstructor = ({ code }: Body): boolean => code.kind === 'function' && code.result === ''

/** Whether a variable of a type is an object of C++ rather than a pointer. */
const isObject = (type: CType): boolean => type !== '' && type !== 'auto' && !/[*\]]$/.test(type)

/** `pyobject_cast(self)`: its value is looked at where it is used. */
const isCast = (name: string, { operands }: CallValue): boolean => /cast/i.test(name) && operands.length === 1

/** The parameter that something is done to, or the type of it, if it is a given one. */
export const isOn = (effect: Effect, parameter: number, as: Denotation['as']): boolean =>
  effect.on !== null && effect.on.parameter === parameter && effect.on.as === as

/** A value without casts, to be compared as text. */
export const bareText = (text: string, value: Value): string => {
  const { start, end } = bare(value).span
  return text.slice(start, end)
}
