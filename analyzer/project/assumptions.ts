import { type Condition, type Environment, evaluate, type MacroState } from '../preprocess/condition.ts'
import { defined, notDefined } from './macro-states.ts'

/** What is true wherever a region is compiled of macros of which nothing else is known. */
export interface Assumptions {
  /** Whether each is defined, by name. */
  readonly macros: ReadonlyMap<string, boolean>
  /** Whether the region is compiled wherever that is true. */
  readonly isAll: boolean
}

/** A region that is compiled in any case, and one of which nothing is known. */
export const assumesNothing: Assumptions = { macros: new Map(), isAll: true }
export const isInDoubt: Assumptions = { macros: new Map(), isAll: false }

/** What macros are where assumptions hold. */
export const environmentUnder = ({ macros }: Assumptions, environment: Environment): Environment =>
  macros.size === 0
    ? environment
    : (name) => {
        const state = environment(name)
        const is = state.state === 'unknown' && state.follows ? macros.get(state.follows.name) : undefined
        if (is === undefined || state.state !== 'unknown' || !state.follows) return state
        return is === state.follows.when ? defined : notDefined
      }

/**
 * What is true where a condition is, too.
 * @param outer what is true around it
 * @returns null where it cannot be true
 */
export function assuming(outer: Assumptions, condition: Condition, environment: Environment): Assumptions | null {
  const macros = new Map(outer.macros)
  let isPossible = true
  /** @returns whether what was taken down says it all */
  const take = (of: Condition, isTrue: boolean): boolean => {
    switch (of.kind) {
      case 'defined': {
        const state = environment(of.name)
        if (state.state !== 'unknown' || !state.follows) break
        const { name, when } = state.follows
        const is = isTrue === when
        if ((macros.get(name) ?? is) !== is) isPossible = false
        macros.set(name, is)
        return true
      }
      case 'unary':
        if (of.operator === '!') return take(of.operand, !isTrue)
        break
      case 'binary':
        if (of.operator === (isTrue ? '&&' : '||')) {
          const left = take(of.left, isTrue)
          return take(of.right, isTrue) && left
        }
    }
    return evaluate(of, environment) === (isTrue ? 'yes' : 'no')
  }
  const isAll = take(condition, true) && outer.isAll
  return isPossible ? { macros, isAll } : null
}

/**
 * What a macro is after a `#define` that is compiled where assumptions hold; null where they do not tell.
 * @param before what it was
 * @param following gives the state of a macro that is defined if, and only if, another one is, or is not
 */
export function definedUnder(
  { macros, isAll }: Assumptions,
  before: MacroState,
  following: (name: string, when: boolean) => MacroState,
): MacroState | null {
  const [only] = macros
  if (!isAll || only === undefined || macros.size > 1) return null
  const [name, when] = only
  if (before.state === 'undefined') return following(name, when)
  const isRest = before.state === 'unknown' && before.follows?.name === name && before.follows.when !== when
  return isRest ? defined : null
}
