import {
  endOfTemplate,
  type FunctionText,
  functionAround,
  nextToken,
  type Outline,
  previousToken,
  type StatementTokens,
  simpleStatement,
  wordAt,
} from '../../code/outline.ts'
import { Kind } from '../../preprocess/scanner.ts'
import type { TokenIndex } from '../../source/text.ts'
import { qualifiedStart } from './places.ts'

/** How the name of a type object stands in the code. Numbers are tokens. */
export type TypeReference =
  /** In a directive that asks for it, or as a string. */
  | { readonly kind: 'nothing' }
  /** `&T`, `&(T)`: from the `&` to the end of it. */
  | {
      readonly kind: 'address'
      readonly first: TokenIndex
      readonly last: TokenIndex
      readonly call: EnclosingCall | null
    }
  /** `T.tp_x`, also behind `&`. */
  | {
      readonly kind: 'field'
      readonly first: TokenIndex
      readonly dot: TokenIndex
      readonly field: string
      readonly after: number
    }
  /** `T` alone as an argument. */
  | { readonly kind: 'argument'; readonly first: TokenIndex; readonly call: EnclosingCall }
  | { readonly kind: 'other' }

/** A call among whose arguments something is, casts and parentheses apart. */
export interface EnclosingCall {
  readonly callee: string
  readonly calleeToken: TokenIndex
  readonly open: TokenIndex
  readonly close: TokenIndex
  /** From 0. */
  readonly argument: number
}

/** Reads how a name stands at a token. @param end the last token of a name that is put together: `name##_Type` */
export function typeReferenceAt(outline: Outline, token: TokenIndex, end = token): TypeReference {
  let first = qualifiedStart(outline, token)
  let last = end
  const beside = (at: number, step: 1 | -1): number => stepIn(outline, at, step)
  const next = beside(last, 1)
  if (wordAt(outline, next) === '.' && outline.tokens.kind[next + 1] === Kind.identifier) {
    let field = next + 1
    while (wordAt(outline, field + 1) === '.' && outline.tokens.kind[field + 2] === Kind.identifier) field += 2
    return { kind: 'field', first, dot: next, field: wordAt(outline, field), after: beside(field, 1) }
  }
  // `&(T)`
  while (
    wordAt(outline, beside(first, -1)) === '(' &&
    wordAt(outline, beside(last, 1)) === ')' &&
    outline.matchingBracket[beside(first, -1)] === beside(last, 1) &&
    outline.tokens.kind[beside(beside(first, -1), -1)] !== Kind.identifier
  ) {
    first = beside(first, -1)
    last = beside(last, 1)
    if (wordAt(outline, beside(first, -1)) === '&') break
  }
  const before = beside(first, -1)
  if (wordAt(outline, before) === '&' && isUnary(outline, before, beside))
    return { kind: 'address', first: before, last, call: callAround(outline, before) }
  const call = callAround(outline, first)
  const isAlone = /^[(,]$/.test(wordAt(outline, before)) && /^[),]$/.test(wordAt(outline, beside(last, 1)))
  if (call !== null && isAlone && call.callee !== 'sizeof') return { kind: 'argument', first, call }
  return { kind: 'other' }
}

/** The token beside one: in a directive the next in it, else the next that is in none. */
function stepIn(outline: Outline, at: number, step: 1 | -1): number {
  const { tokens } = outline
  const directive = tokens.directive[at]!
  let to = at + step
  if (directive >= 0) return to >= 0 && to < tokens.count && tokens.directive[to] === directive ? to : -1
  while (to >= 0 && to < tokens.count && tokens.directive[to] !== -1) to += step
  return to < tokens.count ? to : -1
}

function isUnary(outline: Outline, at: number, beside: (at: number, step: 1 | -1) => number): boolean {
  const before = beside(at, -1)
  if (before < 0) return true
  const kind = outline.tokens.kind[before]
  if (kind === Kind.identifier) return /^(?:return|case|else|do)$/.test(wordAt(outline, before))
  // `(x) & T` would take the bits of a struct: it is a cast.
  return kind === Kind.punctuation && wordAt(outline, before) !== ']'
}

/** The call among whose arguments a token stands, with nothing but casts and parentheses around it. */
export function callAround(outline: Outline, at: number): EnclosingCall | null {
  let inner = at
  for (
    let open = outline.enclosingBracket[inner]!;
    open >= 0 && wordAt(outline, open) === '(';
    open = outline.enclosingBracket[inner]!
  ) {
    const callee = stepIn(outline, open, -1)
    if (
      callee >= 0 &&
      outline.tokens.kind[callee] === Kind.identifier &&
      !/^(?:if|while|for|switch|return|case|else)$/.test(wordAt(outline, callee))
    ) {
      let argument = 0
      for (let back = inner - 1; back > open; back--) {
        if (outline.enclosingBracket[back] === open && wordAt(outline, back) === ',') argument++
      }
      return {
        callee: wordAt(outline, callee),
        calleeToken: callee,
        open,
        close: outline.matchingBracket[open]!,
        argument,
      }
    }
    if (callee >= 0 && /^(?:if|while|for|switch|return)$/.test(wordAt(outline, callee))) return null
    // Only a cast may stand before it in these parentheses.
    inner = open
  }
  return null
}

/** The arguments of a call as spans of tokens, `last` inclusive; empty for none. */
export function argumentsOf(
  outline: Outline,
  open: number,
): { readonly first: TokenIndex; readonly last: TokenIndex }[] {
  const close = outline.matchingBracket[open]!
  const found: { first: number; last: number }[] = []
  let first = stepIn(outline, open, 1)
  if (first === close || first < 0) return found
  let last = first
  for (let at = first; at !== close && at >= 0; at = stepIn(outline, at, 1)) {
    if (outline.enclosingBracket[at] === open && wordAt(outline, at) === ',') {
      found.push({ first, last })
      first = stepIn(outline, at, 1)
      last = first
    } else {
      if (wordAt(outline, at) === '<') at = endOfTemplate(outline, at, close)
      last = at
    }
  }
  found.push({ first, last })
  return found
}

/** The text of tokens, with what is between them. */
export const textOf = ({ text, tokens }: Outline, first: number, last: number): string =>
  text.slice(tokens.start[first], tokens.end[last])

/** What a statement assigns to a field: `T.tp_new = PyType_GenericNew;` and nothing else in it. */
export interface FieldAssignment extends StatementTokens {
  readonly operator: '=' | '|=' | '&='
  readonly value: { readonly first: TokenIndex; readonly last: TokenIndex }
  readonly around: FunctionText
}

/** @param first,after of the field's reference: where it begins, and the token behind it */
export function assignmentAt(
  outline: Outline,
  { first, after }: { readonly first: TokenIndex; readonly after: number },
): FieldAssignment | null {
  const operator = wordAt(outline, after)
  if (operator !== '=' && operator !== '|=' && operator !== '&=') return null
  const statement = simpleStatement(outline, first)
  const around = functionAround(outline, first)
  if (statement === null || around === null || statement.first !== first) return null
  const value = { first: nextToken(outline, after), last: previousToken(outline, statement.last) }
  for (let at = value.first; at <= value.last; at++)
    if (wordAt(outline, at) === '=' || outline.tokens.directive[at] !== -1) return null
  return { ...statement, operator, value, around }
}
