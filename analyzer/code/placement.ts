import { addTo } from '../source/multimap.ts'
import { Nesting } from '../source/nesting.ts'
import type { Offset, Span } from '../source/text.ts'
import { innerStatements, valuesInCode, valuesOf } from './statements.ts'
import type { CallValue, FunctionCode, MemberValue, NameValue, Statement, Value, Variable } from './tree.ts'
import { addressed, bare, eachValue, operandsOf } from './values.ts'

/** Where values and statements stand in their function. */

/** What a value is a part of. */
export type Parent = Value | Variable | Statement

interface CodeIndex {
  readonly parents: ReadonlyMap<Value | Variable | Statement, Parent>
  readonly statements: ReadonlySet<Parent>
  /** By the offset where they begin, and of qualified ones also by that of their last identifier. */
  readonly names: ReadonlyMap<Offset, NameValue>
  /** Accesses to fields, by the offset where they end. */
  readonly members: ReadonlyMap<Offset, readonly MemberValue[]>
}

const indexes = new WeakMap<FunctionCode, CodeIndex>()

function indexOf(code: FunctionCode): CodeIndex {
  const known = indexes.get(code)
  if (known) return known
  const parents = new Map<Value | Variable | Statement, Parent>()
  const all = new Set<Statement>()
  const names = new Map<Offset, NameValue>()
  const members = new Map<Offset, MemberValue[]>()
  const value = (each: Value): void => {
    if (each.kind === 'name') {
      names.set(each.span.start, each)
      names.set(each.span.end - each.name.length, each)
    } else if (each.kind === 'member') addTo(members, each.span.end, each)
    for (const inner of operandsOf(each)) {
      parents.set(inner, each)
      value(inner)
    }
    if (each.kind !== 'code') return
    for (const inner of each.body) parents.set(inner, each)
    statements(each.body)
  }
  const statements = (list: readonly Statement[]): void => {
    for (const statement of list) {
      all.add(statement)
      for (const inner of innerStatements(statement)) parents.set(inner, statement)
      if (statement.kind === 'declaration') {
        for (const variable of statement.variables) {
          parents.set(variable, statement)
          if (variable.initialiser) parents.set(variable.initialiser, variable)
        }
      } else for (const each of valuesOf(statement)) parents.set(each, statement)
      for (const each of valuesOf(statement)) value(each)
      statements(innerStatements(statement))
    }
  }
  statements(code.body)
  const index = { parents, statements: all, names, members }
  indexes.set(code, index)
  return index
}

/**
 * What each value, each variable and each statement of a function directly stands in; outermost statements in nothing.
 * Those of lambdas are among them.
 */
export const parentsIn = (code: FunctionCode): CodeIndex['parents'] => indexOf(code).parents

/** A value with what is around it that changes nothing of it, and what that is directly a part of. */
export interface Placed {
  readonly whole: Value
  /** Undefined for nothing. */
  readonly parent: Parent | undefined
}

/** A value with the parentheses around it. */
export const inParentheses = (code: FunctionCode, value: Value): Placed => placedIn(code, value, ['group'])

/** A value with the parentheses and casts around it: what `bare` makes that value of. */
export const inCasts = (code: FunctionCode, value: Value): Placed => placedIn(code, value, ['group', 'cast'])

function placedIn(code: FunctionCode, value: Value, kinds: readonly Parent['kind'][]): Placed {
  const parents = parentsIn(code)
  let whole = value
  let parent = parents.get(whole)
  while (parent && kinds.includes(parent.kind)) {
    whole = parent as Value
    parent = parents.get(whole)
  }
  return { whole, parent }
}

/** The name that stands at an offset of a function, that of its last identifier; null where none was read there. */
export const nameAt = (code: FunctionCode, offset: Offset): NameValue | null => indexOf(code).names.get(offset) ?? null

/** The access to a field that ends at an offset; null where none was read there. @param name that of the field */
export const memberAt = (code: FunctionCode, end: Offset, name?: string): MemberValue | null =>
  indexOf(code)
    .members.get(end)
    ?.find((each) => name === undefined || each.name === name) ?? null

/** The statement that a value is directly a part of: the innermost one around it. */
export function statementOf(code: FunctionCode, value: Value): Statement | null {
  const { parents, statements } = indexOf(code)
  for (let at = parents.get(value); at !== undefined; at = parents.get(at))
    if (statements.has(at)) return at as Statement
  return null
}

/** Whether a simple statement is all of what an `if`, a loop or an `else` does, without braces around it. */
export function isBraceless(code: FunctionCode, statement: Statement): boolean {
  const { parents } = indexOf(code)
  let around = parents.get(statement)
  while (around?.kind === 'branches') around = parents.get(around)
  return around !== undefined && around.kind !== 'block' && around.kind !== 'code'
}

/** Whether a statement stands in the parentheses of a loop. */
export function isInLoopHead(code: FunctionCode, statement: Statement): boolean {
  const around = parentsIn(code).get(statement)
  return around?.kind === 'loop' && around.body !== statement
}

/** Whether a value may be left out where the statement around it is done: a part of `&&`, `||` or `?:`. */
export function mayBeSkipped(code: FunctionCode, value: Value): boolean {
  const { parents, statements } = indexOf(code)
  let child: Parent = value
  for (let at = parents.get(child); at !== undefined && !statements.has(at); at = parents.get(child)) {
    if (at.kind === 'conditional' && at.condition !== child) return true
    if (at.kind === 'binary' && (at.operator === '&&' || at.operator === '||') && at.right === child) return true
    child = at
  }
  return false
}

/**
 * The branches of `if` and `switch`, and the bodies of loops, that a statement stands in, the innermost first: where
 * they are not done it is not. The body of `do` is done in any case.
 */
export function branchesAround(code: FunctionCode, statement: Statement): readonly Statement[] {
  const { parents, statements } = indexOf(code)
  const found: Statement[] = []
  let child: Parent = statement
  for (let at = parents.get(child); at !== undefined; at = parents.get(child)) {
    const isChosen = at.kind === 'if' || at.kind === 'switch' || (at.kind === 'loop' && at.loop !== 'do')
    if (isChosen && statements.has(child)) found.push(child as Statement)
    child = at
  }
  return found
}

/** The outermost statement of a function that holds an offset, those within `#if` around it included; null for none. */
export function outermostStatement(code: FunctionCode, offset: Offset): Statement | null {
  let list = code.body
  for (;;) {
    const found = list.find(({ span }) => span.start <= offset && offset < span.end)
    if (found === undefined) return null
    if (found.kind !== 'branches') return found
    list = found.branches.flatMap(({ statements }) => statements)
  }
}

/** The outermost statements of a function, those within `#if` around them included, in the order of the text. */
export const outermostStatements = (statements: readonly Statement[]): readonly Statement[] =>
  statements.flatMap((each) =>
    each.kind === 'branches' ? outermostStatements(each.branches.flatMap((branch) => branch.statements)) : [each],
  )

/** A statement that a value is all of, casts to `void` apart, and whether others may stand beside it. */
export interface AloneStatement {
  readonly statement: Statement
  readonly inBlock: boolean
}

/** The statement that a value is all of; null where it is a part of more. */
export function aloneStatement(code: FunctionCode, value: Value): AloneStatement | null {
  const at = inCasts(code, value).parent
  if (at?.kind !== 'expression' || at.value === null || bare(at.value) !== value) return null
  return { statement: at, inBlock: !isBraceless(code, at) }
}

/**
 * What the value of an expression is put into: of `state->type = (T *)f()` the target, of a declaration the variable;
 * null for nothing.
 */
export function assignedTo(code: FunctionCode, value: Value): Value | Variable | null {
  const all = parentsIn(code)
  let child = value
  for (let at = all.get(child); at !== undefined; at = all.get(child)) {
    if (at.kind === 'variable') return at
    if (at.kind === 'assign') return at.value === child ? at.target : null
    if (at.kind !== 'group' && at.kind !== 'cast' && at.kind !== 'conditional') return null
    child = at
  }
  return null
}

/** The blanks by which a statement is parted from what stands before it: a line end and blanks, or a blank. */
export function leadOf(text: string, { start }: Span): string {
  return /\r?\n[ \t]*$/.exec(text.slice(Math.max(start - longestLead, 0), start))?.[0] ?? ' '
}

/** Characters; a statement that is indented by more gets a blank. */
const longestLead = 300

/** All values in a function of some kind, outer ones first. */
export function* valuesOfKind<K extends Value['kind']>(value: Value, kind: K): Iterable<Extract<Value, { kind: K }>> {
  for (const each of eachValue(value)) if (each.kind === kind) yield each as Extract<Value, { kind: K }>
}

const callLists = new WeakMap<FunctionCode, readonly CallValue[]>()

/** All calls in a function, outer ones first, in the order of the text. */
export function callsIn(code: FunctionCode): readonly CallValue[] {
  let found = callLists.get(code)
  if (!found) {
    found = valuesInCode(code.body).filter((value): value is CallValue => value.kind === 'call')
    callLists.set(code, found)
  }
  return found
}

/** An operand of a call, by its number. */
export interface CallOperand {
  readonly call: CallValue
  readonly index: number
}

const operandIndexes = new WeakMap<FunctionCode, Nesting<CallOperand & Span>>()

/** The operands of calls in a function that hold an offset, outer ones first. */
export function operandsAround(code: FunctionCode, offset: Offset): readonly CallOperand[] {
  let index = operandIndexes.get(code)
  if (!index) {
    index = new Nesting(
      callsIn(code).flatMap((call) =>
        call.operands.map(({ span: { start, end } }, index) => ({ call, index, start, end })),
      ),
    )
    operandIndexes.set(code, index)
  }
  return [...index.at(offset)].reverse()
}

const callNests = new WeakMap<FunctionCode, Nesting<Span & { readonly call: CallValue }>>()

/** The calls in a function that hold an offset, outer ones first. */
export function callsAround(code: FunctionCode, offset: Offset): readonly CallValue[] {
  let index = callNests.get(code)
  if (!index) {
    index = new Nesting(callsIn(code).map((call) => ({ ...call.span, call })))
    callNests.set(code, index)
  }
  return Array.from(index.at(offset), ({ call }) => call).reverse()
}

const byStart = new WeakMap<FunctionCode, ReadonlyMap<Offset, CallValue>>()

/** The outermost call in a function that begins at an offset; null for none. */
export function callStarting(code: FunctionCode, start: Offset): CallValue | null {
  let known = byStart.get(code)
  if (!known) {
    known = new Map([...callsIn(code)].reverse().map((call) => [call.span.start, call]))
    byStart.set(code, known)
  }
  return known.get(start) ?? null
}

const byCallee = new WeakMap<FunctionCode, ReadonlyMap<Offset, CallValue>>()

/** The call in a function whose callee ends at an offset; null for none. */
export function callAt(code: FunctionCode, calleeEnd: Offset): CallValue | null {
  let known = byCallee.get(code)
  if (!known) {
    known = new Map([...callsIn(code)].reverse().map((call) => [call.callee.span.end, call]))
    byCallee.set(code, known)
  }
  return known.get(calleeEnd) ?? null
}

/** The calls in a function that get the address of a variable: `f(&x)`. */
export const addressOperands = (code: FunctionCode, name: string): readonly CallValue[] =>
  callsIn(code).filter(({ operands }) => operands.some((operand) => addressed(operand) === name))
