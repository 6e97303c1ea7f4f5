import type { CallValue, Value } from '../code/tree.ts'
import { bare, calleeName } from '../code/values.ts'
import type { ObjectFunction } from '../knowledge/object-functions.ts'
import { operandReference } from '../knowledge/references.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId } from '../source/text.ts'
import { compiledAt } from './calls.ts'
import type { Functions } from './functions.ts'
import type { Scope } from './scope-names.ts'
import { type Denotation, Scopes } from './scopes.ts'
import { TypeValues } from './type-values.ts'
import { typeOfValue } from './value-types.ts'

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
  /**
   * Of `call-slot`: the type whose slot it is, as written: `&PyList_Type`; empty where that is the object's own. Of
   * `decref` and `visit` of what is not a parameter or its type: what it is, where that may be a type; else empty.
   */
  readonly type: string
  /** The place in the function itself by which it comes about. */
  readonly top: Value
  /** Whether it is done there, and not in another function or a macro. */
  readonly isOwn: boolean
  /** Why it is not known, as a sentence without full stop; empty but for `unknown`. */
  readonly reason: string
}

/** Which `#if` branches are looked at: those that the target may compile, or all, as a rewrite has to change them. */
export type Branches = 'compiled' | 'all'

/** The effects of one function, each told once, and what single calls do to the operands that they get. */
export abstract class EffectList {
  protected readonly effects: Effect[] = []
  protected readonly scopes: Scopes
  protected readonly types: TypeValues
  protected readonly model: ProjectModel
  /** The lambdas that are being read. */
  protected lambdas = 0
  /** The effects that there are: what is done twice by one call is told once. */
  private readonly told = new Set<string>()

  constructor(
    protected readonly functions: Functions,
    protected readonly branches: Branches,
  ) {
    this.model = functions.model
    this.scopes = new Scopes(functions)
    this.types = new TypeValues(this.scopes, functions)
  }

  protected add(effect: Effect): void {
    if (this.isNew(effect.what, effect.on, effect.how, effect.type, effect.top)) this.effects.push(effect)
  }

  /** What a function or a macro does that is called. @param on what it does it to, here */
  protected addFrom(effect: Effect, on: Denotation | null, type: string, top: Value): void {
    const { what, how, reason } = effect
    if (this.isNew(what, on, how, type, top)) this.effects.push({ what, on, how, type, top, isOwn: false, reason })
  }

  private isNew(what: Effect['what'], on: Denotation | null, how: string, type: string, top: Value): boolean {
    const part = on === null ? '' : `${on.parameter} ${on.as} ${on.isCertain} ${on.slot}`
    const key = `${top.span.start} ${top.span.end} ${what} ${how} ${type} ${part}`
    // To ask a set for what it has costs as much as to add it.
    const before = this.told.size
    return this.told.add(key).size > before
  }

  /** A parameter is looked into, or is a condition. */
  protected look(what: 'read' | 'test', value: Value, scope: Scope, above: CallValue | null): void {
    const on = this.scopes.denotation(value, scope)
    if (on?.as !== 'object') return
    // Once is enough: fields are read everywhere.
    const key = `${what} ${on.parameter} ${on.isCertain}`
    if (this.told.has(key)) return
    this.told.add(key)
    this.effects.push({ what, on, how: '', type: '', top: above ?? value, isOwn: this.isOwn(above), reason: '' })
  }

  protected push(what: Effect['what'], on: Denotation | null, how: string, top: Effect['top'], isOwn: boolean): void {
    this.add({ what, on, how, type: '', top, isOwn, reason: '' })
  }

  /** A type is put where it is not followed, and may be given back from there. */
  protected escape(on: Denotation, into: string, value: Value, above: CallValue | null): void {
    const reason = `what becomes of ${into} is not followed`
    this.add({ what: 'unknown', on, how: '', type: '', top: above ?? value, isOwn: this.isOwn(above), reason })
  }

  /** Something is done to an object that may be, or may not be, a part of a parameter. */
  protected reference(
    what: ObjectFunction,
    operand: Value | undefined,
    how: string,
    scope: Scope,
    top: CallValue,
    isOwn: boolean,
  ): void {
    const on = operand ? this.scopes.denotation(operand, scope) : null
    const type = operand && (what === 'decref' || what === 'visit') ? this.types.textOf(operand, scope) : ''
    this.add({ what, on, how, type, top, isOwn, reason: '' })
  }

  /** A function of the C API takes over references that it gets, or keeps ones of its own. */
  protected handOver(name: string, call: CallValue, scope: Scope, top: CallValue, isOwn: boolean): void {
    call.operands.forEach((operand, parameter) => {
      const becomes = operandReference(name, parameter)
      if (becomes !== 'stolen' && becomes !== 'kept') return
      const on = this.scopes.denotation(operand, scope)
      if (on !== null) this.push(becomes === 'stolen' ? 'steal' : 'keep', on, name, top, isOwn)
    })
  }

  /** `type->tp_free(self)`, `PyList_Type.tp_dealloc(self)` */
  protected slotCall(call: CallValue, slot: Denotation, scope: Scope, top: CallValue, isOwn: boolean): void {
    const [first] = call.operands
    const on = first ? this.scopes.denotation(first, scope) : null
    const name = slot.slot
    if (name === 'tp_free') this.push('free', on, 'tp_free', top, isOwn)
    else this.add({ what: 'call-slot', on, how: name, type: slot.type, top, isOwn, reason: '' })
  }

  /** Code that is not read gets a parameter. */
  protected unread(call: CallValue, scope: Scope, top: CallValue, isOwn: boolean, reason: string): void {
    for (const operand of [...this.receiverOf(call, scope), ...call.operands]) {
      const on = this.scopes.denotation(operand, scope)
      if (on === null || on.as === 'member') continue
      const how = calleeName(call) ?? ''
      this.add({ what: 'unknown', on, how, type: '', top, isOwn, reason })
    }
  }

  /** The object whose method a call calls, destructors apart: of `self->release()`. */
  private receiverOf({ callee }: CallValue, { file, code }: Scope): readonly Value[] {
    const method = bare(callee)
    if (method.kind !== 'member' || method.name.startsWith('~') || code === null) return []
    const isField = !isCxx(this.model, file) || typeOfValue(this.model, file, code, method) !== null
    return isField ? [] : [method.object]
  }

  protected isOwn(above: CallValue | null): boolean {
    return above === null && this.lambdas === 0
  }

  protected isCompiled(file: FileId, offset: number): boolean {
    if (this.branches === 'all') return true
    return compiledAt(this.model, file, offset) !== 'no'
  }
}

const isCxx = (model: ProjectModel, file: FileId): boolean => model.files[file]!.dialect === 'cpp'
