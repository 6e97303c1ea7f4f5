import { Kind, type Tokens, tokenText } from './scanner.ts'

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
  | { readonly state: 'unknown' }
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

/** Binary operators by how strongly they bind. */
const strength: Readonly<Record<string, number>> = {
  '||': 1,
  '&&': 2,
  '|': 3,
  '^': 4,
  '&': 5,
  '==': 6,
  '!=': 6,
  '<': 7,
  '<=': 7,
  '>': 7,
  '>=': 7,
  '<<': 8,
  '>>': 8,
  '+': 9,
  '-': 9,
  '*': 10,
  '/': 10,
  '%': 10,
}

/** The value of an integer literal in a condition; null where it is none. */
export function integerLiteral(text: string): number | null {
  const plain = text.replace(/'/g, '').replace(/[uUlLzZ]+$/, '')
  if (/^0[xX][0-9a-fA-F]+$/.test(plain)) return Number.parseInt(plain.slice(2), 16)
  if (/^0[bB][01]+$/.test(plain)) return Number.parseInt(plain.slice(2), 2)
  if (/^0[0-7]*$/.test(plain)) return Number.parseInt(plain, 8)
  if (/^[1-9][0-9]*$/.test(plain)) return Number.parseInt(plain, 10)
  return null
}

/**
 * Reads the expression of an `#if`, or the body of a macro that stands in one.
 * @param first,end the tokens, `end` exclusive
 * @returns an `opaque` condition where the tokens are no expression; never throws
 */
export function readCondition(tokens: Tokens, first: number, end: number): Condition {
  let at = first
  const opaque = (): Condition => ({
    kind: 'opaque',
    text: first < end ? tokens.text.slice(tokens.start[first], tokens.end[end - 1]) : '',
  })
  const peek = (): string => (at < end ? tokenText(tokens, at) : '')
  let depth = 0
  let choices = 0

  const primary = (): Condition | null => {
    if (at >= end || ++depth > 200) return null
    const text = peek()
    const kind = tokens.kind[at]
    at++
    if (text === '(') {
      const inner = expression(0)
      if (inner === null || peek() !== ')') return null
      at++
      return inner
    }
    if (text === '!' || text === '-' || text === '+' || text === '~') {
      const operand = primary()
      return operand && { kind: 'unary', operator: text, operand }
    }
    if (kind === Kind.number) {
      const value = integerLiteral(text)
      return value === null ? null : { kind: 'number', value }
    }
    if (kind === Kind.character) return text.length === 3 ? { kind: 'number', value: text.charCodeAt(1) } : null
    if (kind !== Kind.identifier) return null
    if (text === 'defined') {
      const open = peek() === '('
      if (open) at++
      if (at >= end || tokens.kind[at] !== Kind.identifier) return null
      const name = peek()
      at++
      if (open) {
        if (peek() !== ')') return null
        at++
      }
      return { kind: 'defined', name }
    }
    if (text === 'true') return always
    if (text === 'false') return nowhere
    if (peek() !== '(') return { kind: 'macro', name: text }
    at++
    if (text.startsWith('__has_')) return null
    const operands: Condition[] = []
    while (peek() !== ')') {
      const operand = expression(0)
      if (operand === null) return null
      operands.push(operand)
      if (peek() === ',') at++
      else if (peek() !== ')') return null
    }
    at++
    return { kind: 'call', name: text, operands }
  }

  const expression = (least: number): Condition | null => {
    const before = depth
    let left = primary()
    depth = before
    for (let length = 0; ; length++) {
      // A chain of operators is a deep tree too.
      if (left === null || length > longest) return null
      const operator = peek()
      if (operator === '?' && least === 0) {
        at++
        if (++choices > 100) return null
        const yes = expression(0)
        if (yes === null || peek() !== ':') return null
        at++
        const no = expression(0)
        if (no === null) return null
        left = { kind: 'choice', test: left, yes, no }
        continue
      }
      const shift =
        operator === '>' && at + 1 < end && tokenText(tokens, at + 1) === '>' && tokens.start[at + 1] === tokens.end[at]
      const binding = shift ? strength['>>'] : strength[operator]
      if (binding === undefined || binding <= least) return left
      at += shift ? 2 : 1
      const right = expression(binding)
      left = right && { kind: 'binary', operator: shift ? '>>' : operator, left, right }
    }
  }

  const result = expression(0)
  if (result !== null && at === end) return result
  // One unreadable part must not hide the others: `defined(A) && __has_include(<b>)`
  return (end - first <= longest ? splitAtTopLevel(tokens, first, end) : null) ?? opaque()
}

/** Conditions of more tokens are read whole or not at all. */
const longest = 500

/** Reads `A && B` or `A || B` by its parts, so that what can be read of it is. Null where there is nothing to split. */
function splitAtTopLevel(tokens: Tokens, first: number, end: number): Condition | null {
  for (const operator of ['||', '&&']) {
    let depth = 0
    for (let at = first; at < end; at++) {
      const text = tokenText(tokens, at)
      if (text === '(') depth++
      else if (text === ')') depth--
      else if (depth === 0 && text === operator && at > first && at + 1 < end) {
        return {
          kind: 'binary',
          operator,
          left: readCondition(tokens, first, at),
          right: readCondition(tokens, at + 1, end),
        }
      }
    }
  }
  return null
}

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

function worthOf(
  condition: Condition,
  environment: Environment,
  budget: { steps: number },
  depth: number,
): number | null {
  // Macros may be defined by themselves: `#define X (X + X)`.
  if (depth > deepest || budget.steps-- <= 0) return null
  const of = (inner: Condition): number | null => worthOf(inner, environment, budget, depth + 1)
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
      return of(macro.value)
    }
    case 'call': {
      const macro = environment(condition.name)
      if (macro.state !== 'defined' || macro.value === null || macro.parameters === null) return null
      return of(substitute(macro.value, macro.parameters, condition.operands))
    }
    case 'unary': {
      const operand = of(condition.operand)
      if (operand === null) return null
      switch (condition.operator) {
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
    case 'choice': {
      const test = of(condition.test)
      return test === null ? null : of(test !== 0 ? condition.yes : condition.no)
    }
    case 'binary': {
      const left = of(condition.left)
      const right = of(condition.right)
      if (condition.operator === '&&') {
        if ((left !== null && left === 0) || (right !== null && right === 0)) return 0
        return left === null || right === null ? null : 1
      }
      if (condition.operator === '||') {
        if ((left !== null && left !== 0) || (right !== null && right !== 0)) return 1
        return left === null || right === null ? null : 0
      }
      if (left === null || right === null) return null
      if (!Number.isSafeInteger(left) || !Number.isSafeInteger(right)) return null
      if (/^(?:<<|>>)$/.test(condition.operator) && (right < 0 || right > 63)) return null
      switch (condition.operator) {
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
          return left * 2 ** right
        case '>>':
          return Math.floor(left / 2 ** right)
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
  }
}

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
