import { innerStatements, valuesOf } from '../code/statements.ts'
import type { AssignValue, BinaryValue, CallValue, FunctionCode, Statement, UnaryValue, Value } from '../code/tree.ts'
import { bare, calleeName, eachValue, isNull, plainText } from '../code/values.ts'
import { leavesObjectsAlone, needsObject, type ObjectFunction, objectFunction } from '../knowledge/object-functions.ts'
import { operandReference } from '../knowledge/references.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId } from '../source/text.ts'
import { compiledAt } from './calls.ts'
import { type Body, type Functions, functionsOf } from './functions.ts'
import type { Scope } from './scope-names.ts'
import { type Denotation, partOf, Scopes } from './scopes.ts'

/** Something that a function does to one of its parameters, or by way of the functions and macros that it calls. */
export interface Effect {
  /**
   * `call`: a function or macro of that name is called, whatever it gets. `call-slot`: a slot of a type is called for
   * it. `steal`: CPython takes over a reference to it. `keep`: something of CPython's keeps a reference of its own.
   * `store`: it is assigned to what is no variable of the function and no field of the object.
   * `read`: CPython looks into it, or its fields are read, so it may not be `NULL`. `test`: it is compared with
   * `NULL`, or a condition.
   * `unknown`: code that is not read gets it, or what is done with it is not understood.
   */
  readonly what: ObjectFunction | 'call' | 'call-slot' | 'steal' | 'keep' | 'store' | 'read' | 'test' | 'unknown'
  /** What it is done to; null for something that is no part of a parameter. */
  readonly on: Denotation | null
  /** The function: `PyObject_Del`; `tp_free` where the type says which; of `call-slot` the slot: `tp_dealloc`. */
  readonly how: string
  /** Of `call-slot`: the type whose slot it is, as written: `&PyList_Type`; empty where that is the object's own. */
  readonly type: string
  /** The place in the function itself by which it comes about. */
  readonly top: Value
  /** Whether it is done there, and not in another function or a macro. */
  readonly isOwn: boolean
  /** Why it is not known, as a sentence without full stop; empty but for `unknown`. */
  readonly reason: string
}

/** Macros within macros that are followed. */
const deepest = 8

/** Calls in the bodies of macros that are looked at for one function; what they hold beyond is not known. */
const mostCalls = 20_000

/** Which `#if` branches are looked at: those that the target may compile, or all, as a rewrite has to change them. */
export type Branches = 'compiled' | 'all'

const known: Readonly<Record<Branches, WeakMap<ProjectModel, Map<FunctionCode, readonly Effect[]>>>> = {
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
    found = new Map()
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
class EffectReader {
  private readonly effects: Effect[] = []
  private readonly scopes: Scopes
  private readonly model: ProjectModel
  private calls = 0
  /** The effects that there are: what is done twice by one call is told once. */
  private readonly told = new Set<string>()
  /** The macros whose bodies are being read. */
  private readonly expanding = new Set<FunctionCode>()

  constructor(
    private readonly functions: Functions,
    private readonly branches: Branches,
  ) {
    this.model = functions.model
    this.scopes = new Scopes(functions)
  }

  read(body: Body): readonly Effect[] {
    this.statements(body.code.body, this.scopes.ofFunction(body), null)
    return this.effects
  }

  /** @param above the place in the function itself, in the body of a macro */
  private statements(statements: readonly Statement[], scope: Scope, above: CallValue | null): void {
    for (const statement of statements) {
      if (!this.isCompiled(scope.file, statement.span.start)) continue
      for (const value of valuesOf(statement)) this.value(value, scope, above)
      if (statement.kind === 'if') this.look('test', statement.condition, scope, above)
      if (statement.kind !== 'branches') {
        this.statements(innerStatements(statement), scope, above)
        continue
      }
      for (const { start, statements: inner } of statement.branches)
        if (this.isCompiled(scope.file, start)) this.statements(inner, scope, above)
    }
  }

  private isCompiled(file: FileId, offset: number): boolean {
    if (this.branches === 'all') return true
    return compiledAt(this.model, file, offset) !== 'no'
  }

  private value(value: Value, scope: Scope, above: CallValue | null): void {
    for (const each of eachValue(value)) {
      if (each.kind === 'call') {
        if (this.isCompiled(scope.file, each.span.start)) this.call(each, scope, above)
      } else if (each.kind === 'code' && each.lambda === null) this.statements(each.body, scope, above)
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

  /** A parameter is looked into, or is a condition. */
  private look(what: 'read' | 'test', value: Value, scope: Scope, above: CallValue | null): void {
    const on = this.scopes.denotation(value, scope)
    if (on?.as !== 'object') return
    // Once is enough: fields are read everywhere.
    const key = `${what} ${on.parameter} ${on.isCertain}`
    if (this.told.has(key)) return
    this.told.add(key)
    this.effects.push({ what, on, how: '', type: '', top: above ?? value, isOwn: above === null, reason: '' })
  }

  private unary(value: UnaryValue, scope: Scope, above: CallValue | null): void {
    const { operator, operand } = value
    if (operator === '!') this.look('test', operand, scope, above)
    else if (operator === '*') this.look('read', operand, scope, above)
    else if (operator === 'delete') {
      const on = this.scopes.denotation(operand, scope)
      if (on?.as === 'object') this.push('free', on, 'delete', above ?? value, above === null)
    } else if (operator === '++' || operator === 'x++') this.countReference(value, operand, scope, above)
  }

  private assignment(value: AssignValue, scope: Scope, above: CallValue | null): void {
    if (value.operator === '+=') this.countReference(value, value.target, scope, above)
    if (value.operator !== '=') return
    this.countReference(value, value.target, scope, above)
    const on = this.scopes.denotation(value.value, scope)
    if (on?.as !== 'object' || this.scopes.isLocal(value.target, scope)) return
    // `self->self = self`
    const target = bare(value.target)
    const holder = target.kind === 'member' ? this.scopes.denotation(target.object, scope) : null
    if (holder?.as !== 'object' || holder.parameter !== on.parameter)
      this.push('store', on, '=', above ?? value, above === null)
  }

  /** `self->ob_refcnt = 1`, `Py_REFCNT(self)++`: references that nobody has been given. */
  private countReference(value: UnaryValue | AssignValue, target: Value, scope: Scope, above: CallValue | null): void {
    const count = bare(target)
    const holder =
      count.kind === 'member' && count.name === 'ob_refcnt'
        ? count.object
        : count.kind === 'call' && calleeName(count) === 'Py_REFCNT'
          ? count.operands[0]
          : undefined
    const on = holder ? this.scopes.denotation(holder, scope) : null
    if (on !== null) this.push('incref', on, 'ob_refcnt', above ?? value, above === null)
  }

  /** A macro without parameters that stands for statements: `ACQUIRE_LOCK;`. */
  private macroAlone(name: string, scope: Scope, above: CallValue | null): void {
    if (this.scopes.isBound(name, scope)) return
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
    const isOwn = above === null
    const slot = this.scopes.denotation(call.callee, scope)
    if (slot !== null && slot.as === 'slot') {
      this.slotCall(call, slot, scope, top, isOwn)
      return
    }
    const name = this.scopes.calledName(call.callee, scope)
    if (name === null) {
      const visited = this.scopes.isParameter(call.callee, scope) ? call.operands[0] : undefined
      // `visit(Py_TYPE(self), arg)`
      if (visited && call.operands.length === 2)
        this.push('visit', this.scopes.denotation(visited, scope), 'visit', top, isOwn)
      else this.unread(call, scope, top, isOwn, `what is called as \`${plainText(call.callee)}\` is not known`)
      return
    }
    this.push('call', null, name, top, isOwn)
    const macros = this.functions.macrosNamed(scope.file, name)
    const bodies = macros.length > 0 ? [] : this.functions.named(scope.file, name)
    const does = macros.length + bodies.length === 0 || objectFunction(name) !== null ? objectFunction(name) : null
    if (does !== null && this.model.isProjectDefined(scope.file, name) !== 'yes') {
      const on = call.operands[0] ? this.scopes.denotation(call.operands[0], scope) : null
      this.push(does, on, name, top, isOwn)
      return
    }
    if (macros.length > 0) for (const macro of macros) this.expand(macro, call, scope, top)
    else if (bodies.length > 0) for (const body of bodies) this.follow(body, call, scope, top)
    else if (!leavesObjectsAlone(name) && !isCast(name, call))
      this.unread(call, scope, top, isOwn, `\`${name}\` is not among the files that were read`)
    else {
      const on = needsObject(name) && call.operands[0] ? this.scopes.denotation(call.operands[0], scope) : null
      if (on?.as === 'object') this.push('read', on, name, top, isOwn)
      this.handOver(name, call, scope, top, isOwn)
    }
  }

  /** A function of the C API takes over references that it gets, or keeps ones of its own. */
  private handOver(name: string, call: CallValue, scope: Scope, top: CallValue, isOwn: boolean): void {
    call.operands.forEach((operand, parameter) => {
      const becomes = operandReference(name, parameter)
      if (becomes !== 'stolen' && becomes !== 'kept') return
      const on = this.scopes.denotation(operand, scope)
      if (on !== null) this.push(becomes === 'stolen' ? 'steal' : 'keep', on, name, top, isOwn)
    })
  }

  /** `type->tp_free(self)`, `PyList_Type.tp_dealloc(self)` */
  private slotCall(call: CallValue, slot: Denotation, scope: Scope, top: CallValue, isOwn: boolean): void {
    const [first] = call.operands
    const on = first ? this.scopes.denotation(first, scope) : null
    const name = slot.slot
    if (name === 'tp_free') this.push('free', on, 'tp_free', top, isOwn)
    else this.add({ what: 'call-slot', on, how: name, type: slot.type, top, isOwn, reason: '' })
  }

  /** Code that is not read gets a parameter. */
  private unread(call: CallValue, scope: Scope, top: CallValue, isOwn: boolean, reason: string): void {
    for (const operand of call.operands) {
      const on = this.scopes.denotation(operand, scope)
      if (on === null || on.as === 'member') continue
      const how = calleeName(call) ?? ''
      this.add({ what: 'unknown', on, how, type: '', top, isOwn, reason })
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
    if (given.every((each) => each === null)) return
    for (const effect of effectsOf(this.model, body, this.branches)) {
      if (effect.on === null) {
        this.add({ ...effect, top, isOwn: false })
        continue
      }
      const argument = given[effect.on.parameter]
      const on = argument ? partOf(argument, effect.on) : null
      // What is done to something else of the caller's counts as far as a reference to it goes.
      if (on !== null || effect.what === 'decref') this.add({ ...effect, on, top, isOwn: false })
    }
  }

  /** All that is not looked at may do anything to the object. */
  private tellRest(top: CallValue): void {
    const on: Denotation = { parameter: 0, as: 'object', isCertain: true, slot: '', type: '' }
    const reason = `only the first ${mostCalls} calls in its macros were followed`
    this.add({ what: 'unknown', on, how: '', type: '', top, isOwn: false, reason })
  }

  private add(effect: Effect): void {
    const { what, on, how, type, top } = effect
    const key = [what, on?.parameter, on?.as, on?.isCertain, on?.slot, how, type, top.span.start, top.span.end].join(
      ' ',
    )
    if (this.told.has(key)) return
    this.told.add(key)
    this.effects.push(effect)
  }

  private push(what: Effect['what'], on: Denotation | null, how: string, top: Effect['top'], isOwn: boolean): void {
    this.add({ what, on, how, type: '', top, isOwn, reason: '' })
  }
}

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
