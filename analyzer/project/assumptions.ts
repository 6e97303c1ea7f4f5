import { type Condition, type Environment, evaluate, type MacroState } from '../preprocess/condition.ts'
import { defined, notDefined } from './macro-states.ts'

/** What is true wherever a region is compiled of macros of which nothing else is known. */
export interface Assumptions {
  /** Whether each is defined, by a time, a blank and its name. */
  readonly macros: ReadonlyMap<string, boolean>
  /** Whether the region is compiled wherever that is true. */
  readonly isAll: boolean
}

/** A region that is compiled in any case, and one of which nothing is known. */
export const assumesNothing: Assumptions = { macros: new Map(), isAll: true }
export const isInDoubt: Assumptions = { macros: new Map(), isAll: false }

/** What a macro is that others may follow, at a time: as assumptions name it. */
const rootOf = (state: MacroState, now: number): { readonly root: string; readonly when: boolean } | null =>
  state.state === 'unknown' && state.follows
    ? { root: `${state.follows.since ?? now} ${state.follows.name}`, when: state.follows.when }
    : null

/** What macros are where assumptions hold. @param now the time at which they are asked for */
export const environmentUnder = ({ macros }: Assumptions, environment: Environment, now: number): Environment =>
  macros.size === 0
    ? environment
    : (name) => {
        const state = environment(name)
        const followed = rootOf(state, now)
        const is = followed === null ? undefined : macros.get(followed.root)
        return is === undefined ? state : is === followed!.when ? defined : notDefined
      }

/** Where more is assumed, conditions within others tell nothing new. */
const mostAssumptions = 200

/**
 * What is true where a condition is, too.
 * @param outer what is true around it
 * @param now the time of the condition
 * @returns null where it cannot be true
 */
export function assuming(
  outer: Assumptions,
  condition: Condition,
  environment: Environment,
  now: number,
): Assumptions | null {
  if (outer.macros.size >= mostAssumptions) return { macros: outer.macros, isAll: false }
  // Most conditions add nothing.
  let own: Map<string, boolean> | null = null
  let isPossible = true
  /** @returns whether what was taken down says it all */
  const take = (of: Condition, isTrue: boolean): boolean => {
    switch (of.kind) {
      case 'defined': {
        const followed = rootOf(environment(of.name), now)
        if (followed === null) break
        const is = isTrue === followed.when
        const before = (own ?? outer.macros).get(followed.root)
        if (before === undefined) {
          own ??= new Map(outer.macros)
          own.set(followed.root, is)
        } else if (before !== is) isPossible = false
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
  return isPossible ? { macros: own ?? outer.macros, isAll } : null
}

/**
 * What a macro is after a `#define` that is compiled where assumptions hold; null where they do not tell.
 * @param before what it was
 * @param now the time of the `#define`
 * @param following gives the state of a macro that follows another one
 */
export function definedUnder(
  { macros, isAll }: Assumptions,
  before: MacroState,
  now: number,
  following: (name: string, since: number, when: boolean) => MacroState,
): MacroState | null {
  const [only] = macros
  if (!isAll || only === undefined || macros.size > 1) return null
  const [root, when] = only
  const [since, name] = root.split(' ') as [string, string]
  if (before.state === 'undefined') return following(name, Number(since), when)
  const followed = rootOf(before, now)
  return followed?.root === root && followed.when !== when ? defined : null
}
