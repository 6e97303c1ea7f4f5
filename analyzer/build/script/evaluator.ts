import { addAll } from '../../source/lists.ts'
import { DoubtfulCalls } from './doubtful-calls.ts'
import type { BuildEnvironment } from './environment.ts'
import { callExternal, externalValue, isBuiltin } from './externals.ts'
import { operate } from './operations.ts'
import type { Argument, Block, Expression } from './syntax.ts'
import {
  type ClassValue,
  dict,
  external,
  type FunctionValue,
  formatted,
  list,
  number,
  type ObjectValue,
  reasonOf,
  type Scope,
  same,
  shown,
  string,
  truth,
  unknown,
  type Value,
} from './values.ts'

/** Expressions that are read of one script, with those that it imports, and calls in each other. */
const mostSteps = 100_000
export const deepestCalls = 20

/** What expressions stand for. */
export abstract class Evaluator {
  /** What it depends on whether what is read now is done; null where it is done. */
  protected doubt: string | null = null
  protected readonly doubtfulCalls = new DoubtfulCalls()
  protected isIncomplete = false
  private steps = 0

  constructor(protected readonly environment: BuildEnvironment) {}

  protected abstract assign(target: Expression, value: Value, scope: Scope): void
  protected abstract callFunction(
    called: FunctionValue,
    args: readonly Value[],
    named: ReadonlyMap<string, Value>,
    open: string | null,
  ): Value
  protected abstract call(call: Expression & { kind: 'call' }, scope: Scope): Value
  protected abstract comprehension(of: Expression & { kind: 'comprehension' }, scope: Scope): Value
  abstract newScope(script: string, outer: Scope | null): Scope

  protected mayGoOn(): boolean {
    this.isIncomplete ||= ++this.steps > mostSteps
    return !this.isIncomplete
  }

  protected inDoubt<T>(why: string | null, run: () => T): T {
    const before = this.doubt
    this.doubt ??= why
    const result = run()
    this.doubt = before
    return result
  }

  protected set(name: string, value: Value, scope: Scope): void {
    const old = scope.names.get(name)
    const isSure = this.doubt === null || old === undefined || same(old, value) === true || value.kind === 'external'
    scope.names.set(name, isSure ? value : unknown(this.doubt!))
  }

  /** What it depends on whether a value is changed now; null for nothing. */
  protected doubtOf(value: Value): string | null {
    return this.doubt ?? this.doubtfulCalls.changing(value)
  }

  protected setAttribute(of: ObjectValue, name: string, value: Value): void {
    const old = of.attributes.get(name)
    const doubt = this.doubtOf(of)
    const isSure = doubt === null || (old !== undefined && same(old, value) === true)
    of.attributes.set(name, isSure ? value : unknown(doubt!))
  }

  /** What an expression stands for. */
  value(expression: Expression, scope: Scope): Value {
    if (!this.mayGoOn()) return unknown('too much for the reader of build scripts')
    switch (expression.kind) {
      case 'string':
        return string(expression.value)
      case 'number':
        return Number.isNaN(expression.value) ? unknown('a number') : number(expression.value)
      case 'constant':
        return expression.value === null ? { kind: 'none' } : { kind: 'bool', value: expression.value }
      case 'format':
        return this.format(expression, scope)
      case 'name':
        return this.lookUp(expression.name, scope)
      case 'attribute':
        return this.attribute(this.value(expression.of, scope), expression.name, scope)
      case 'item':
      case 'slice':
        return this.part(expression, scope)
      case 'call':
        return this.call(expression, scope)
      case 'list':
        return this.doubtfulCalls.making(this.list(expression.items, scope))
      case 'dict':
        return this.doubtfulCalls.making(this.table(expression, scope))
      case 'comprehension':
        return this.doubtfulCalls.making(this.comprehension(expression, scope))
      case 'not': {
        const of = this.value(expression.of, scope)
        const is = truth(of)
        return is === null ? unknown(reasonOf(of)) : { kind: 'bool', value: !is }
      }
      case 'minus': {
        const of = this.value(expression.of, scope)
        return of.kind === 'number' ? number(-of.value) : unknown(reasonOf(of))
      }
      case 'operation':
        return this.operation(expression, scope)
      case 'choice': {
        const test = this.value(expression.test, scope)
        const is = truth(test)
        if (is !== null) return this.value(is ? expression.yes : expression.no, scope)
        const [yes, no] = [this.value(expression.yes, scope), this.value(expression.no, scope)]
        return same(yes, no) === true ? yes : unknown(reasonOf(test))
      }
      case 'lambda': {
        const { parameters, value, start } = expression
        const body: Block = [{ kind: 'return', start, value }]
        return { kind: 'function', name: 'lambda', parameters, body, scope, isProperty: false }
      }
      case 'other':
        return unknown(`\`${expression.what}\``)
    }
  }

  private operation({ sign, left, right }: Expression & { kind: 'operation' }, scope: Scope): Value {
    const first = this.value(left, scope)
    if (sign !== 'and' && sign !== 'or')
      return this.doubtfulCalls.making(operate(sign, first, this.value(right, scope)))
    const is = truth(first)
    if (is !== null) return is === (sign === 'or') ? first : this.value(right, scope)
    const second = this.value(right, scope)
    // Whatever the left side is, the right one decides.
    return truth(second) === (sign === 'or') ? second : unknown(reasonOf(first))
  }

  private format({ parts }: Expression & { kind: 'format' }, scope: Scope): Value {
    const texts: string[] = []
    for (const part of parts) {
      if (typeof part === 'string') texts.push(part)
      else {
        const value = this.value(part.of, scope)
        const text = formatted(value, part.spec)
        if (text === null) return unknown(reasonOf(value))
        texts.push(text)
      }
    }
    return string(texts.join(''))
  }

  protected lookUp(name: string, scope: Scope): Value {
    for (let at: Scope | null = scope; at !== null; at = at.outer) {
      const value = at.names.get(name)
      if (value !== undefined) return value
    }
    return isBuiltin(name) ? external(name) : unknown(`\`${name}\``)
  }

  attribute(of: Value, name: string, scope: Scope): Value {
    switch (of.kind) {
      case 'external':
        return externalValue(`${of.path}.${name}`, this.environment)
      case 'script':
        return of.scope.names.get(name) ?? unknown(`\`${name}\``)
      case 'class':
        return this.inherited(of, name) ?? unknown(`\`${of.name}.${name}\``)
      case 'object': {
        const own = of.attributes.get(name)
        if (own !== undefined) return own
        const member = of.of && this.inherited(of.of, name)
        if (member?.kind === 'function' && member.isProperty) return this.callFunction(member, [of], new Map(), null)
        if (member?.kind === 'function') return { kind: 'method', of, name }
        return member ?? (of.open === null ? { kind: 'method', of, name } : unknown(of.open))
      }
      case 'unknown':
        return of
      case 'list': {
        const index = ['major', 'minor', 'micro'].indexOf(name)
        return index >= 0 && of.items[index] ? of.items[index] : { kind: 'method', of, name }
      }
      case 'string':
        if (name === 'parent') return this.callPath('os.path.dirname', of)
        if (name === 'name' || name === 'stem') {
          const base = this.callPath('os.path.basename', of)
          return name === 'stem' && base.kind === 'string' ? string(base.value.replace(/\.[^.]*$/, '')) : base
        }
        return { kind: 'method', of, name }
      default:
        return scope ? { kind: 'method', of, name } : of
    }
  }

  private callPath(path: string, of: Value): Value {
    return callExternal(path, { args: [of], named: new Map(), open: null }, this.environment)
  }

  /** What a class or one of its bases in the script gives a name. */
  protected inherited(of: ClassValue, name: string, depth = 0): Value | null {
    const own = of.scope.names.get(name)
    if (own !== undefined || depth > deepestCalls) return own ?? null
    for (const base of of.bases) {
      const found = base.kind === 'class' ? this.inherited(base, name, depth + 1) : null
      if (found !== null) return found
    }
    return null
  }

  private part(expression: Expression & { kind: 'item' | 'slice' }, scope: Scope): Value {
    const of = this.value(expression.of, scope)
    const index = (each: Expression | null, otherwise: number, length: number): number | null => {
      if (each === null) return otherwise
      const value = this.value(each, scope)
      return value.kind !== 'number' ? null : value.value < 0 ? length + value.value : value.value
    }
    if (expression.kind === 'slice') {
      const length =
        of.kind === 'string' ? of.value.length : of.kind === 'list' && of.open === null ? of.items.length : 0
      const [from, to] = [index(expression.from, 0, length), index(expression.to, length, length)]
      if (from === null || to === null) return unknown(reasonOf(of))
      if (of.kind === 'string') return string(of.value.slice(from, to))
      if (of.kind !== 'list') return unknown(reasonOf(of))
      return this.doubtfulCalls.making(list(of.items.slice(from, to), of.open))
    }
    const key = this.value(expression.key, scope)
    if (of.kind === 'dict') {
      const name = shown(key)
      const value = name === null ? undefined : of.entries.get(name)
      return value ?? unknown(of.open ?? reasonOf(key))
    }
    const at = key.kind === 'number' ? (key.value < 0 ? -1 : key.value) : null
    if (of.kind === 'list' && at !== null && (at >= 0 || of.open === null))
      return of.items.at(key.kind === 'number' ? key.value : 0) ?? unknown(of.open ?? 'a list')
    if (of.kind === 'string' && key.kind === 'number') return string(of.value.at(key.value) ?? '')
    return unknown(of.kind === 'external' ? `\`${of.path}[]\`` : reasonOf(of.kind === 'list' ? key : of))
  }

  private list(items: readonly Argument[], scope: Scope): Value {
    const all = list([])
    for (const { stars, value } of items) {
      const each = this.value(value, scope)
      if (stars === '') all.items.push(each)
      else if (each.kind === 'list') {
        for (const item of each.items) all.items.push(item)
        addAll(all.perhaps, each.perhaps)
        all.open ??= each.open
      } else all.open ??= reasonOf(each)
    }
    return all
  }

  private table({ entries }: Expression & { kind: 'dict' }, scope: Scope): Value {
    const made = dict()
    for (const { key, value } of entries) {
      const each = this.value(value, scope)
      if (key !== null) {
        const name = shown(this.value(key, scope))
        if (name === null) made.open ??= 'a key'
        else made.entries.set(name, each)
      } else if (each.kind === 'dict') {
        for (const [name, item] of each.entries) made.entries.set(name, item)
        made.open ??= each.open
      } else made.open ??= reasonOf(each)
    }
    return made
  }
}
