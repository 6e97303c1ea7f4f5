import posix from 'path-browserify'
import { Assigner } from './assigner.ts'
import type { Setup } from './caller.ts'
import type { BuildEnvironment } from './environment.ts'
import type { Block, Statement } from './syntax.ts'
import { external, reasonOf, type Scope, string, truth, unknown, type Value, written } from './values.ts'

/** How a block ends: it goes on, it stops with an exception, it leaves a loop, or a function with a value. */
type Outcome = 'next' | 'raise' | 'break' | 'continue' | 'return'

/** Blocks in loops are read so often. */
const mostTurns = 300

/** What a script does until it ends, read and not run. */
export interface ScriptReading {
  /** The calls of `setup`. */
  readonly setups: readonly Setup[]
  readonly scope: Scope
  /** The interpreter, which may be asked to call what the script defines. */
  readonly interpreter: Interpreter
}

/**
 * Reads what a script does: as Python would run it, but that no file is read, no program started, and that what is not
 * known stays unknown. Where it depends on that what is done, both is looked at, and what differs is unknown.
 * @param script its name relative to the project's root
 */
export function readScript(script: string, block: Block, environment: BuildEnvironment): ScriptReading {
  const interpreter = new Interpreter(environment)
  const scope = interpreter.newScope(script, null)
  scope.names.set('__name__', string('__main__'))
  interpreter.run(block, scope)
  return { setups: interpreter.setups, scope, interpreter }
}

/** Runs statements on values that may be unknown. */
export class Interpreter extends Assigner {
  private readonly scripts = new Map<string, Scope>()
  /** What functions that are being called have returned so far. */
  private returned: { value: Value; doubt: string | null }[] = []
  /** The first statement that is done and not understood; null for none. */
  unread: string | null = null
  /** Why the function that is being called may have ended before; null where it has not. */
  private mayHaveReturned: string | null = null

  newScope(script: string, outer: Scope | null): Scope {
    const names = new Map<string, Value>()
    if (outer === null) names.set('__file__', string(script))
    return { names, outer, script }
  }

  run(block: Block, scope: Scope): Outcome {
    for (const statement of block) {
      if (!this.mayGoOn()) return 'raise'
      const outcome = this.statement(statement, scope)
      if (outcome !== 'next') return outcome
    }
    return 'next'
  }

  /** Runs the body of a function. @returns what it returns */
  protected body(block: Block, scope: Scope): Value {
    const [outer, doubt, mayHaveReturned] = [this.returned, this.doubt, this.mayHaveReturned]
    this.returned = []
    this.doubt = this.mayHaveReturned = null
    this.run(block, scope)
    const [first, ...others] = this.returned
    this.returned = outer
    this.doubt = doubt
    this.mayHaveReturned = mayHaveReturned
    if (first === undefined) return { kind: 'none' }
    return first.doubt === null || (others.length === 0 && this.isIncomplete) ? first.value : unknown(first.doubt)
  }

  private statement(statement: Statement, scope: Scope): Outcome {
    switch (statement.kind) {
      case 'expression':
        return this.ends(this.value(statement.value, scope))
      case 'assign':
        this.assignment(statement, scope)
        return 'next'
      case 'return':
        this.returned.push({
          value: statement.value ? this.value(statement.value, scope) : { kind: 'none' },
          doubt: this.doubt,
        })
        return 'return'
      case 'if':
        return this.branch(statement, scope)
      case 'for':
        return this.loop(statement, scope)
      case 'while':
      case 'with':
        for (const name of statement.names) this.assign(name, unknown('what `with` gives'), scope)
        if (statement.kind === 'with') return this.run(statement.body, scope)
        this.inDoubt('a loop', () => this.run(statement.body, scope))
        return 'next'
      case 'try':
        return this.attempt(statement, scope)
      case 'import':
        return this.importation(statement, scope)
      case 'def': {
        const { name, parameters, body, isProperty } = statement
        this.set(name, { kind: 'function', name, parameters, body, scope, isProperty }, scope)
        return 'next'
      }
      case 'class': {
        const inner = this.newScope(scope.script, scope)
        this.run(statement.body, inner)
        const bases = statement.bases.map((each) => this.value(each, scope))
        this.set(statement.name, { kind: 'class', name: statement.name, bases, scope: inner }, scope)
        return 'next'
      }
      case 'delete':
        for (const target of statement.targets) this.remove(target, scope)
        return 'next'
      case 'global':
        this.bindOutside(statement, scope)
        return 'next'
      case 'unread':
        this.unread ??= statement.what
        for (const name of statement.names) this.lose(name, statement.what, scope)
        return 'next'
      case 'pass':
        return 'next'
      default:
        return statement.kind
    }
  }

  /** `sys.exit()` ends a script. */
  private ends(value: Value): Outcome {
    return value.kind === 'unknown' && /^`(?:sys\.exit|exit|quit|os\._exit)\(\)`$/.test(value.why) ? 'raise' : 'next'
  }

  private branch(statement: Statement & { kind: 'if' }, scope: Scope): Outcome {
    const test = this.value(statement.test, scope)
    const is = truth(test)
    if (is !== null) return this.run(is ? statement.yes : statement.no, scope)
    // What ends in an exception is none of a build that works.
    if (alwaysRaises(statement.yes)) return this.run(statement.no, scope)
    if (alwaysRaises(statement.no)) return this.run(statement.yes, scope)
    const why = reasonOf(test)
    const yes = this.inDoubt(why, () => this.run(statement.yes, scope))
    const no = this.inDoubt(why, () => this.run(statement.no, scope))
    if (yes === 'raise' || no === 'raise') return yes === 'raise' ? (no === 'raise' ? 'raise' : no) : yes
    if (yes === 'return' && no === 'return') return 'return'
    // What follows is done in one of both cases: in the loop, or in the function.
    if (yes !== 'next' || no !== 'next') this.doubt ??= why
    if (yes === 'return' || no === 'return') this.mayHaveReturned ??= why
    return 'next'
  }

  private loop(statement: Statement & { kind: 'for' }, scope: Scope): Outcome {
    const before = this.doubt
    const outcome = this.turns(statement, scope)
    this.doubt = before ?? this.mayHaveReturned
    return outcome
  }

  private turns({ target, of, body, no }: Statement & { kind: 'for' }, scope: Scope): Outcome {
    const all = this.value(of, scope)
    const items = all.kind === 'dict' ? [...all.entries.keys()].map(string) : all.kind === 'list' ? all.items : []
    for (const item of items.slice(0, mostTurns)) {
      this.assign(target, item, scope)
      const outcome = this.run(body, scope)
      if (outcome === 'return' || outcome === 'raise') return outcome
      if (outcome === 'break') return 'next'
    }
    const why = all.kind === 'dict' || all.kind === 'list' ? all.open : reasonOf(all)
    for (const each of all.kind === 'list' ? all.perhaps : []) {
      this.assign(target, each.value, scope)
      this.inDoubt(each.why, () => this.run(body, scope))
    }
    if (why === null) return this.run(no, scope)
    this.assign(target, unknown(why), scope)
    this.inDoubt(why, () => [this.run(body, scope), this.run(no, scope)])
    return 'next'
  }

  private attempt({ body, handlers, no, last }: Statement & { kind: 'try' }, scope: Scope): Outcome {
    const outcome = this.run(body, scope)
    // It is taken to work, but where something is imported that the build does not ask for.
    const after = outcome === 'raise' ? (handlers[0] ? this.run(handlers[0], scope) : 'raise') : outcome
    const otherwise = outcome === 'next' ? this.run(no, scope) : after
    const end = this.run(last, scope)
    return end === 'next' ? otherwise : end
  }

  private importation({ from, names }: Statement & { kind: 'import' }, scope: Scope): Outcome {
    if (from === null) {
      for (const { name, as } of names) {
        const module = this.module(name, scope)
        if (module === null) return 'raise'
        const first = name.split('.')[0]!
        this.set(as === name ? first : as, as === name && module.kind === 'external' ? external(first) : module, scope)
      }
      return 'next'
    }
    const module = this.module(from, scope)
    if (module === null) return 'raise'
    for (const { name, as } of names) {
      if (name !== '*') this.set(as, this.attribute(module, name, scope), scope)
      else if (module.kind === 'script') for (const [each, value] of module.scope.names) scope.names.set(each, value)
    }
    return 'next'
  }

  /** A module by its name; null for one that is not there in the build. */
  private module(name: string, scope: Scope): Value | null {
    const path = name.replace(/^\.+/, '').replace(/\./g, '/')
    const beside = posix.join(posix.dirname(scope.script), `${path}.py`)
    for (const candidate of [beside, `${path}.py`, ...this.searched.map((each) => posix.join(each, `${path}.py`))]) {
      const known = this.scripts.get(candidate)
      if (known) return { kind: 'script', scope: known }
      const block = this.environment.script(candidate)
      if (block === null) continue
      const inner = this.newScope(candidate, null)
      this.scripts.set(candidate, inner)
      this.run(block, inner)
      return { kind: 'script', scope: inner }
    }
    return this.isThere(name) ? external(name) : null
  }
}

/** Whether a block ends in an exception, whatever it does before. */
const alwaysRaises = (block: Block): boolean => {
  const last = block.at(-1)
  if (last === undefined) return false
  if (last.kind === 'raise') return true
  const call = last.kind === 'expression' && last.value.kind === 'call' ? written(last.value.called) : ''
  return /^(?:sys\.exit|exit|quit|os\._exit)$/.test(call)
}
