import { Caller } from './caller.ts'
import { addTo, extend, setEntry } from './methods.ts'
import { operate } from './operations.ts'
import type { Expression, Statement } from './syntax.ts'
import { doubtAll, list, reasonOf, type Scope, unknown, type Value, written } from './values.ts'

/** What assignments do to names and to parts of values. */
export abstract class Assigner extends Caller {
  /** Names of functions that are bound outside of them. */
  private readonly outside = new WeakMap<Scope, Map<string, Scope>>()

  protected assignment({ targets, sign, value }: Statement & { kind: 'assign' }, scope: Scope): void {
    const given = this.value(value, scope)
    for (const target of targets) {
      if (sign === '') this.assign(target, given, scope)
      else {
        const old = this.value(target, scope)
        if (sign === '+' && old.kind === 'list') extend(old, given, this.doubtOf(old))
        else this.assign(target, operate(sign, old, given), scope)
      }
    }
  }

  /** Gives what stands on the left of `=` a value. */
  protected assign(target: Expression, value: Value, scope: Scope): void {
    if (target.kind === 'name') this.set(target.name, value, scope)
    else if (target.kind === 'attribute') {
      const of = this.value(target.of, scope)
      if (of.kind === 'object') this.setAttribute(of, target.name, value)
      else if (of.kind === 'class') this.set(target.name, value, of.scope)
    } else if (target.kind === 'item') {
      const of = this.value(target.of, scope)
      const key = this.value(target.key, scope)
      if (of.kind === 'dict') setEntry(of, key, value, this.doubtOf(of))
      else if (of.kind === 'list') of.open ??= `what is set in \`${written(target.of)}\``
    } else if (target.kind === 'list') this.unpack(target, value, scope)
    else if (target.kind === 'slice') this.replace(target, value, scope)
    else if (target.kind === 'other' && target.of) this.changeUnseen(target.of, target.what, scope)
  }

  /** `all[from:to] = value` */
  private replace(target: Expression & { kind: 'slice' }, value: Value, scope: Scope): void {
    const of = this.value(target.of, scope)
    if (of.kind !== 'list') return
    const doubt = this.doubtOf(of)
    const isWhole = target.from === null && target.to === null && value.kind === 'list'
    if (isWhole && doubt === null) {
      const items = [...value.items]
      of.items.splice(0)
      of.perhaps.splice(0)
      of.open = null
      extend(of, { ...value, items }, null)
    } else {
      doubtAll(of, doubt ?? `what is set in \`${written(target.of)}\``)
      extend(of, value, doubt ?? `what is set in \`${written(target.of)}\``)
    }
  }

  /** What is done to a part of a value that is not followed. */
  private changeUnseen(target: Expression, what: string, scope: Scope): void {
    const of = this.value(target, scope)
    if (of.kind !== 'list' && of.kind !== 'dict') return
    if (of.kind === 'list') doubtAll(of, `\`${what}\``)
    of.open ??= `\`${what}\``
  }

  /** `del all[key]` */
  protected remove(target: Expression, scope: Scope): void {
    if (target.kind === 'other' && target.of) this.changeUnseen(target.of, target.what, scope)
    if (target.kind !== 'item' && target.kind !== 'slice') return
    const of = this.value(target.of, scope)
    const key = target.kind === 'item' ? this.value(target.key, scope) : unknown('a slice')
    const doubt = this.doubtOf(of)
    const why = doubt ?? reasonOf(key)
    const isSure = doubt === null && (key.kind === 'number' || key.kind === 'string')
    if (of.kind === 'list') {
      if (isSure && key.kind === 'number') of.items.splice(key.value, 1)
      else doubtAll(of, why)
    } else if (of.kind === 'dict') {
      if (isSure && key.kind === 'string') of.entries.delete(key.value)
      else of.open ??= why
    }
  }

  private unpack({ items }: Expression & { kind: 'list' }, value: Value, scope: Scope): void {
    const all = value.kind === 'list' && value.open === null && value.perhaps.length === 0 ? value.items : null
    items.forEach(({ value: target, stars }, index) => {
      const rest = all?.slice(index, all.length - (items.length - index - 1))
      const one = stars === '*' ? rest && list(rest) : all?.[index]
      this.assign(target, one ?? unknown(reasonOf(value)), scope)
    })
  }

  protected collect(item: Value, into: Value): void {
    if (into.kind === 'list') addTo(into, item, this.doubtOf(into))
  }
  /** Says of names of a function that they are those of the script, or of a function around it. */
  protected bindOutside({ names, isGlobal }: Statement & { kind: 'global' }, scope: Scope): void {
    const bound = this.outside.get(scope) ?? new Map<string, Scope>()
    this.outside.set(scope, bound)
    for (const name of names) {
      let at = scope
      while (at.outer !== null && (isGlobal || at === scope || !at.names.has(name))) at = at.outer
      bound.set(name, at)
    }
  }

  protected override set(name: string, value: Value, scope: Scope): void {
    const outer = this.outside.get(scope)?.get(name)
    if (outer === undefined || outer === scope) super.set(name, value, scope)
    else this.inDoubt(this.doubtfulCalls.why, () => super.set(name, value, outer))
  }

  /** Takes a name for what is not known any more, if it is that of a value. */
  protected lose(name: string, why: string, scope: Scope): void {
    const old = this.lookUp(name, scope)
    if (/^(?:external|function|class|unknown)$/.test(old.kind)) return
    if (old.kind === 'list' || old.kind === 'dict') old.open ??= why
    scope.names.set(name, unknown(why))
  }
}
