import type { Offset, Span } from '../source/text.ts'
import { innerStatements, valuesOf } from './statements.ts'
import type { FunctionCode, Statement, Value, Variable } from './tree.ts'
import { bare, eachValue, operandsOf } from './values.ts'

/** Where values and statements stand in their function. */

/** What a value is a part of. */
export type Parent = Value | Variable | Statement

const parents = new WeakMap<FunctionCode, ReadonlyMap<Value | Statement, Parent>>()

/** What each value and each statement of a function directly stands in; outermost statements in nothing. */
export function parentsIn(code: FunctionCode): ReadonlyMap<Value | Statement, Parent> {
  const known = parents.get(code)
  if (known) return known
  const found = new Map<Value | Statement, Parent>()
  const value = (each: Value): void => {
    for (const inner of operandsOf(each)) {
      found.set(inner, each)
      value(inner)
    }
  }
  const statements = (list: readonly Statement[]): void => {
    for (const statement of list) {
      for (const inner of innerStatements(statement)) found.set(inner, statement)
      if (statement.kind === 'declaration') {
        for (const variable of statement.variables) if (variable.initialiser) found.set(variable.initialiser, variable)
      } else for (const each of valuesOf(statement)) found.set(each, statement)
      for (const each of valuesOf(statement)) value(each)
      statements(innerStatements(statement))
    }
  }
  statements(code.body)
  parents.set(code, found)
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
  const all = parentsIn(code)
  let at: Parent | undefined = all.get(value)
  while (at?.kind === 'group' || at?.kind === 'cast') at = all.get(at)
  if (at?.kind !== 'expression' || at.value === null || bare(at.value) !== value) return null
  const around = all.get(at)
  const inBlock = around === undefined || around.kind === 'block' || around.kind === 'branches'
  return { statement: at, inBlock }
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
