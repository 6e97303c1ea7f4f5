/**
 * Preprocessor conditions stay symbolic: an expression over macros, decided only when a target gives the macros a
 * meaning. Plain JSON.
 */
export type Condition =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'macro'; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly operands: readonly Condition[] }
  | { readonly kind: 'defined'; readonly name: string }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Condition }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'choice'; readonly test: Condition; readonly yes: Condition; readonly no: Condition }
  /** What cannot be read: `__has_include(...)`, a broken line. */
  | { readonly kind: 'opaque'; readonly text: string }

export type Verdict = 'yes' | 'no' | 'unknown'

/** What a macro is at the place of the condition. */
export type MacroState =
  | { readonly state: 'undefined' }
  /**
   * `follows`: it is defined if another macro was at a time, or if that was not. `since` null: it is that macro itself,
   * whenever it is asked for.
   */
  | {
      readonly state: 'unknown'
      readonly follows?: { readonly name: string; readonly since: number | null; readonly when: boolean }
    }
  /**
   * `value` null: defined, but not to a value that can be read. Its names mean what they mean where `environment`
   * says.
   */
  | { readonly state: 'defined'; readonly value: Condition | null; readonly parameters: readonly string[] | null }

/** Looks a macro up. Answers the same for the same name during one evaluation. */
export type Environment = (name: string) => MacroState

export const always: Condition = { kind: 'number', value: 1 }
export const nowhere: Condition = { kind: 'number', value: 0 }

export const not = (operand: Condition): Condition => ({ kind: 'unary', operator: '!', operand })
export const both = (left: Condition, right: Condition): Condition =>
  left === always ? right : right === always ? left : { kind: 'binary', operator: '&&', left, right }

/** How deep and how long a condition may be, macros expanded; beyond that it is unknown. */
const deepest = 200
const mostSteps = 5000

/**
 * The value of a condition as a number; null where it depends on what is not known. Undefined macros are 0, as in C.
 */
export function value(condition: Condition, environment: Environment): number | null {
  const budget = { steps: mostSteps }
  return worthOf(condition, environment, budget, 0)
}

/** @param budget how many more operators and macros may be looked at; it is used up here */
function worthOf(
  condition: Condition,
  environment: Environment,
  budget: { steps: number },
  depth: number,
): number | null {
  // Macros may be defined by themselves: `#define X (X + X)`.
  if (depth > deepest || budget.steps-- <= 0) return null
  switch (condition.kind) {
    case 'number':
      return condition.value
    case 'opaque':
      return null
    case 'defined': {
      const macro = environment(condition.name)
      return macro.state === 'unknown' ? null : macro.state === 'defined' ? 1 : 0
    }
    case 'macro': {
      const macro = environment(condition.name)
      if (macro.state === 'undefined') return 0
      if (macro.state === 'unknown' || macro.value === null || macro.parameters !== null) return null
      return worthOf(macro.value, environment, budget, depth + 1)
    }
    case 'call': {
      const macro = environment(condition.name)
      if (macro.state !== 'defined' || macro.value === null || macro.parameters === null) return null
      return worthOf(substitute(macro.value, macro.parameters, condition.operands), environment, budget, depth + 1)
    }
    case 'unary': {
      const operand = worthOf(condition.operand, environment, budget, depth + 1)
      return operand === null ? null : unary(condition.operator, operand)
    }
    case 'choice': {
      const test = worthOf(condition.test, environment, budget, depth + 1)
      if (test === null) return null
      return worthOf(test !== 0 ? condition.yes : condition.no, environment, budget, depth + 1)
    }
    case 'binary':
      return binary(
        condition.operator,
        worthOf(condition.left, environment, budget, depth + 1),
        worthOf(condition.right, environment, budget, depth + 1),
      )
  }
}

function unary(operator: string, operand: number): number {
  switch (operator) {
    case '!':
      return operand === 0 ? 1 : 0
    case '-':
      return -operand
    case '~':
      return -operand - 1
    default:
      return operand
  }
}

/** One known operand may settle `&&` and `||`. */
function binary(operator: string, left: number | null, right: number | null): number | null {
  if (operator === '&&') {
    if (left === 0 || right === 0) return 0
    return left === null || right === null ? null : 1
  }
  if (operator === '||') {
    if ((left !== null && left !== 0) || (right !== null && right !== 0)) return 1
    return left === null || right === null ? null : 0
  }
  if (left === null || right === null || !Number.isSafeInteger(left) || !Number.isSafeInteger(right)) return null
  return arithmetic(operator, left, right)
}

/** An operator applied to two safe integers; null where C gives it no value. */
function arithmetic(operator: string, left: number, right: number): number | null {
  switch (operator) {
    case '|':
      return Number(BigInt(left) | BigInt(right))
    case '^':
      return Number(BigInt(left) ^ BigInt(right))
    case '&':
      return Number(BigInt(left) & BigInt(right))
    case '==':
      return left === right ? 1 : 0
    case '!=':
      return left !== right ? 1 : 0
    case '<':
      return left < right ? 1 : 0
    case '<=':
      return left <= right ? 1 : 0
    case '>':
      return left > right ? 1 : 0
    case '>=':
      return left >= right ? 1 : 0
    case '<<':
      return isShift(right) ? left * 2 ** right : null
    case '>>':
      return isShift(right) ? Math.floor(left / 2 ** right) : null
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return right === 0 ? null : Math.trunc(left / right)
    case '%':
      return right === 0 ? null : left % right
    default:
      return null
  }
}

/** Whether a number may be shifted by so many bits: preprocessors compute in 64. */
const isShift = (bits: number): boolean => bits >= 0 && bits <= 63

/** Whether code under a condition is compiled. */
export function evaluate(condition: Condition, environment: Environment): Verdict {
  const result = value(condition, environment)
  return result === null ? 'unknown' : result !== 0 ? 'yes' : 'no'
}

/** The body of a function-like macro with its arguments in place. */
function substitute(body: Condition, parameters: readonly string[], operands: readonly Condition[]): Condition {
  const inside = (each: Condition): Condition => substitute(each, parameters, operands)
  switch (body.kind) {
    case 'macro': {
      const index = parameters.indexOf(body.name)
      return index >= 0 ? (operands[index] ?? body) : body
    }
    case 'call':
      return { ...body, operands: body.operands.map(inside) }
    case 'unary':
      return { ...body, operand: inside(body.operand) }
    case 'binary':
      return { ...body, left: inside(body.left), right: inside(body.right) }
    case 'choice':
      return { ...body, test: inside(body.test), yes: inside(body.yes), no: inside(body.no) }
    default:
      return body
  }
}
