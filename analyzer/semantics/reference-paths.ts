import { callsIn } from '../code/placement.ts'
import { valuesInCode } from '../code/statements.ts'
import type { CallValue, FunctionCode, Statement, Value } from '../code/tree.ts'
import { bare, calleeName, isNull, nameOf, operandsOf, plainText } from '../code/values.ts'
import { variablesIn } from '../code/variables.ts'
import { operandReference } from '../knowledge/references.ts'
import type { ProjectModel } from '../project/model.ts'
import { compiledAt } from './calls.ts'
import { effectsOf } from './effects.ts'
import { type Body, functionsOf } from './functions.ts'

/** What becomes of the references to an object on the paths through the function that makes it. */
export interface ReferencePaths {
  /** What the object is put into, as plain text: `state->type`, `made`. */
  readonly places: ReadonlySet<string>
  /** Calls that take the last reference where the function then succeeds, with the places still set. */
  readonly losing: ReadonlySet<CallValue>
  /** Calls that give back a reference after another call has taken the last one. */
  readonly releasedTwice: ReadonlyMap<CallValue, SecondRelease>
}

export interface SecondRelease {
  /** The call that has taken the last reference. */
  readonly taker: CallValue
  /** Whether a condition that is not understood stands between them. */
  readonly isConditional: boolean
}

/** On one path: how many references the function has; null before there is an object, and where it is not followed. */
type State = {
  readonly count: number
  /** The call that took the last reference; null for none. */
  readonly taker: CallValue | null
  readonly result: Result | null
  /** Whether a condition that is not understood was met since then. */
  readonly isConditional: boolean
} | null

/** A variable that holds what a call that takes a reference gave, and whether that failed. */
interface Result {
  readonly name: string
  readonly failed: boolean
}

/** The states after a statement; those of paths that leave it otherwise are kept apart. */
type States = readonly State[]

/** States on all paths through one function; a function with more is not followed. */
const mostSteps = 20_000

/** Objects that are followed in one function: each walks through all of it. */
const mostObjects = 300

const followed = new WeakMap<FunctionCode, Set<CallValue>>()

/**
 * Follows the references to an object through a function: from the call that makes it to each end of the function that
 * returns no error.
 * @returns null where a statement is not understood, and for a function that makes more objects than anybody wants
 */
export function referencePaths(model: ProjectModel, body: Body, made: CallValue): ReferencePaths | null {
  const objects = followed.get(body.code) ?? new Set()
  followed.set(body.code, objects.add(made))
  if (objects.size > mostObjects) return null
  const places = placesOf(body.code, made)
  if (places.size === 0) return null
  return new PathReader(model, body, made, places).read()
}

/** The variables and fields that a function puts an object into. */
function placesOf(code: FunctionCode, made: CallValue): ReadonlySet<string> {
  const places = new Set<string>()
  const isIt = (value: Value): boolean => {
    const inner = bare(value)
    if (inner.kind === 'conditional') return isIt(inner.whenTrue) || isIt(inner.whenFalse)
    if (inner.kind === 'assign') return isIt(inner.value)
    if (inner.kind === 'call' && newReference.test(calleeName(inner) ?? ''))
      return isIt(inner.operands[0] ?? inner.callee)
    return inner === made || places.has(plainText(inner))
  }
  const all = settingsIn(code)
  for (let before = -1; before !== places.size; ) {
    before = places.size
    for (const { place, value } of all) if (isIt(value)) places.add(place)
  }
  return places
}

/** A variable or a field, as plain text, and what is put into it. */
interface Setting {
  readonly place: string
  readonly value: Value
}

const settings = new WeakMap<FunctionCode, readonly Setting[]>()

/** What a function puts into variables and fields; read once, for many objects may be followed. */
function settingsIn(code: FunctionCode): readonly Setting[] {
  let found = settings.get(code)
  if (!found) {
    const initial = [...variablesIn(code)].flatMap(({ name, initialiser }) =>
      initialiser ? [{ place: name, value: initialiser }] : [],
    )
    const later = valuesInCode(code.body).flatMap((value) =>
      value.kind === 'assign' && value.operator === '=' ? [{ place: plainText(value.target), value: value.value }] : [],
    )
    found = [...initial, ...later]
    settings.set(code, found)
  }
  return found
}

const newReference = /^Py_X?NewRef$/

class PathReader {
  private readonly losing = new Set<CallValue>()
  private readonly releasedTwice = new Map<CallValue, SecondRelease>()
  private readonly jumps = new Map<string, State[]>()
  private steps = 0
  private isLost = false

  constructor(
    private readonly model: ProjectModel,
    private readonly body: Body,
    private readonly made: CallValue,
    private readonly places: ReadonlySet<string>,
  ) {}

  read(): ReferencePaths | null {
    const { body } = this.body.code
    this.end(this.list(body, [null]), null)
    const seen = new Map<string, number>()
    for (let isChanged = true; isChanged && !this.isLost; ) {
      isChanged = false
      for (const [label, states] of this.jumps) {
        const known = seen.get(label) ?? 0
        const fresh = distinct(states)
        if (fresh.length === known) continue
        seen.set(label, fresh.length)
        isChanged = true
        const from = body.findIndex((each) => each.kind === 'label' && each.name === label)
        if (from < 0) return null
        this.end(this.list(body.slice(from), fresh), null)
      }
    }
    if (this.isLost) return null
    return { places: this.places, losing: this.losing, releasedTwice: this.releasedTwice }
  }

  private list(statements: readonly Statement[], states: States): States {
    let at = states
    for (const statement of statements) {
      if (at.length === 0 && statement.kind !== 'label') continue
      at = distinct(this.statement(statement, at))
    }
    return at
  }

  private statement(statement: Statement, states: States): States {
    if (++this.steps > mostSteps || this.isLost) {
      this.isLost = true
      return []
    }
    switch (statement.kind) {
      case 'expression':
        return statement.value ? this.value(statement.value, states, true) : states
      case 'declaration':
        return statement.variables.reduce<States>(
          (at, { name, initialiser }) => (initialiser ? this.assigned(name, initialiser, at) : at),
          states,
        )
      case 'if': {
        const [yes, no] = this.condition(statement.condition, states)
        const otherwise = statement.otherwise ? this.statement(statement.otherwise, no) : no
        return [...(yes.length > 0 ? this.statement(statement.then, yes) : []), ...otherwise]
      }
      case 'loop':
        return [...states, ...this.list([...statement.head, statement.body], states)]
      case 'return':
        this.end(statement.value ? this.value(statement.value, states, true) : states, statement.value)
        return []
      case 'jump':
        return this.jump(statement.jump, statement.label, states)
      case 'block':
        return this.list(statement.statements, states)
      case 'branches':
        return this.branches(statement.branches, statement.hasElse, states)
      case 'label':
        return states
      default:
        this.isLost = true
        return []
    }
  }

  private jump(kind: 'goto' | 'break' | 'continue', label: string, states: States): States {
    // What follows a loop is reached by `states` of before it as well: that is enough.
    if (kind !== 'goto') return states
    this.jumps.set(label, [...(this.jumps.get(label) ?? []), ...states])
    return []
  }

  private branches(
    branches: readonly { readonly start: number; readonly statements: readonly Statement[] }[],
    hasElse: boolean,
    states: States,
  ): States {
    const verdicts = branches.map(({ start }) => compiledAt(this.model, this.body.file, start))
    const chosen = branches.filter((_, index) =>
      verdicts.includes('yes') ? verdicts[index] === 'yes' : verdicts[index] !== 'no',
    )
    const isCertain = verdicts.includes('yes') || (hasElse && chosen.length > 0)
    return [...(isCertain ? [] : states), ...chosen.flatMap(({ statements }) => this.list(statements, states))]
  }

  /** The states where a condition holds, and where it does not. */
  private condition(value: Value, states: States): readonly [States, States] {
    const inner = bare(value)
    if (inner.kind === 'unary' && inner.operator === '!') {
      const [yes, no] = this.condition(inner.operand, states)
      return [no, yes]
    }
    if (inner.kind === 'binary' && (inner.operator === '||' || inner.operator === '&&')) {
      const [yes, no] = this.condition(inner.left, states)
      const isOr = inner.operator === '||'
      const [yes2, no2] = this.condition(inner.right, isOr ? no : yes)
      return isOr ? [[...yes, ...yes2], no2] : [yes2, [...no, ...no2]]
    }
    if (inner.kind === 'binary' && /^(?:==|!=|<|>=)$/.test(inner.operator)) {
      const other = plainText(inner.right)
      const isOfNull = isNull(inner.right)
      if (isOfNull || other === '-1') {
        const [truthy, falsy] = this.condition(inner.left, states)
        // `x == 0` and `x >= 0` hold where `x` as a condition does not; `x == -1` and `x < 0` where it does.
        const isFalsy =
          inner.operator === '>=' || (inner.operator === '==') === isOfNull ? inner.operator !== '<' : false
        return isFalsy ? [falsy, truthy] : [truthy, falsy]
      }
    }
    return this.truth(inner, states)
  }

  /** The states where a value is not zero, and where it is. */
  private truth(value: Value, states: States): readonly [States, States] {
    if (value.kind === 'call' && this.taken(value)) {
      const failed = this.operands(value, states)
      return [failed, failed.map((state) => this.take(value, state))]
    }
    const after = this.value(value, states, false)
    const place = value.kind === 'assign' ? plainText(value.target) : plainText(value)
    if (this.places.has(place)) return [after, after.map(() => null)]
    const known = (failed: boolean): States =>
      after.flatMap((state) => {
        if (state?.result?.name === place) return state.result.failed === failed ? [state] : []
        return [state && { ...state, isConditional: true }]
      })
    return [known(true), known(false)]
  }

  /** @param isAlone whether nothing is made of what it gives */
  private value(value: Value, states: States, isAlone: boolean): States {
    const inner = bare(value)
    if (inner.kind === 'assign') {
      const target = plainText(inner.target)
      if (inner.operator === '=') return this.assigned(target, inner.value, states)
      return this.value(inner.value, states, false)
    }
    if (inner.kind === 'conditional') {
      const [yes, no] = this.condition(inner.condition, states)
      return [...this.value(inner.whenTrue, yes, isAlone), ...this.value(inner.whenFalse, no, isAlone)]
    }
    if (inner.kind === 'binary' && (inner.operator === '&&' || inner.operator === '||'))
      return this.condition(inner, states).flat()
    if (inner.kind !== 'call') return operandsOf(inner).reduce((at, each) => this.value(each, at, false), states)
    const after = this.operands(inner, states)
    if (this.taken(inner)) return after.map((state) => (isAlone ? this.take(inner, state) : null))
    return after.map((state) => this.call(inner, state))
  }

  private operands(call: CallValue, states: States): States {
    return call.operands.reduce((at, each) => this.value(each, at, false), states)
  }

  private assigned(target: string, given: Value, states: States): States {
    const inner = bare(given)
    if (inner.kind === 'call' && this.taken(inner)) {
      const before = this.operands(inner, states)
      const result = (state: State, failed: boolean): State => state && { ...state, result: { name: target, failed } }
      return before.flatMap((state) => [result(state, true), result(this.take(inner, state), false)])
    }
    const after = this.value(given, states, false)
    if (!this.places.has(target)) return after
    if (inner === this.made || inner.kind === 'conditional') return after.map(() => made)
    // A second name for it is nothing new; anything else ends what is followed.
    const isSame =
      this.places.has(plainText(inner)) || (inner.kind === 'call' && newReference.test(calleeName(inner) ?? ''))
    return isSame || inner.kind === 'assign' ? after : after.map(() => null)
  }

  private isIt(value: Value | undefined): boolean {
    return value !== undefined && this.places.has(plainText(value))
  }

  /** Whether a call takes a reference to the object over, if it succeeds. */
  private taken(call: CallValue): boolean {
    if (calleeName(call) === 'PyModule_AddObject') return this.isIt(call.operands[2])
    return this.effectOf(call) === 'steal'
  }

  private take(call: CallValue, state: State): State {
    return state && { ...state, count: state.count - 1, taker: call, isConditional: false }
  }

  private call(call: CallValue, state: State): State {
    if (state === null) return state
    const name = calleeName(call) ?? ''
    const [first] = call.operands
    if (/^Py_X?(?:INCREF|NewRef)$|^Py_IncRef$/.test(name))
      return this.isIt(first) ? { ...state, count: state.count + 1 } : state
    if (/^Py_X?DECREF$|^Py_(?:CLEAR|DecRef)$/.test(name)) {
      if (!this.isIt(first)) return state
      if (state.count <= 0 && state.taker) this.tellTwice(call, state.taker, state.isConditional)
      return name === 'Py_CLEAR' ? null : { ...state, count: state.count - 1 }
    }
    if (call.operands.some((each, index) => this.isIt(each) && operandReference(name, index) === 'stolen'))
      return this.take(call, state)
    return this.effectOf(call) === 'unknown' ? null : state
  }

  private tellTwice(call: CallValue, taker: CallValue, isConditional: boolean): void {
    const known = this.releasedTwice.get(call)
    if (!known?.isConditional && known) return
    this.releasedTwice.set(call, { taker, isConditional })
  }

  /** What a function or macro of the project does to the references to an object that it gets. */
  private effectOf(call: CallValue): 'steal' | 'unknown' | null {
    const at = call.operands.findIndex((each) => this.isIt(each))
    const name = calleeName(call)
    if (at < 0 || name === null) return null
    const functions = functionsOf(this.model)
    const macros = functions.macrosNamed(this.body.file, name)
    if (macros.length > 0) return macros.length === 1 ? macroEffect(macros[0]!.code, at) : 'unknown'
    const bodies = functions.named(this.body.file, name)
    if (bodies.length === 0) return /^_?Py/.test(name) ? null : 'unknown'
    if (bodies.length > 1) return 'unknown'
    const counted = effectsOf(this.model, bodies[0]!).filter(
      ({ what, on }) =>
        on?.parameter === at && on.as === 'object' && /^(?:steal|incref|decref|store|keep|unknown)$/.test(what),
    )
    if (counted.length === 0) return null
    return counted.length === 1 && counted[0]!.what === 'steal' ? 'steal' : 'unknown'
  }

  /** The function ends. @param given what it returns; null for nothing */
  private end(states: States, given: Value | null): void {
    if (given !== null && (nameOf(given) === 'NULL' || isNegativeText(plainText(given)))) return
    for (const state of states) if (state && state.count <= 0 && state.taker) this.losing.add(state.taker)
  }
}

/** What a macro does to the references to an object that one of its parameters is. */
function macroEffect(macro: FunctionCode, parameter: number): 'steal' | 'unknown' | null {
  const name = macro.parameters[parameter]?.name
  const isIt = (value: Value): boolean => nameOf(value) === name
  const calls = callsIn(macro).filter(({ operands }) => operands.some(isIt))
  if (calls.length === 0) return null
  const [first, ...others] = calls
  const isSteal = calleeName(first!) === 'PyModule_AddObject' && first!.operands.findIndex(isIt) === 2
  return isSteal && others.length === 0 ? 'steal' : 'unknown'
}

const isNegativeText = (text: string): boolean => /^-\d+$|^nullptr$/.test(text)

const made: State = { count: 1, taker: null, result: null, isConditional: false }

function distinct(states: States): States {
  const key = (state: State): string =>
    state === null
      ? ''
      : `${state.count} ${state.taker?.span.start} ${state.result?.name} ${state.result?.failed} ${state.isConditional}`
  return [...new Map(states.map((state) => [key(state), state])).values()]
}
