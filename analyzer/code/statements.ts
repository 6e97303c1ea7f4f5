import type { FunctionCode, Statement, Value } from './tree.ts'
import { addEachValue, bare, eachValue } from './values.ts'

/** Walks over statements and the values in them. */

/** The statements directly in a statement. */
export function innerStatements(statement: Statement): readonly Statement[] {
  switch (statement.kind) {
    case 'if':
      return statement.otherwise === null ? [statement.then] : [statement.then, statement.otherwise]
    case 'loop':
      return statement.loop === 'do' ? [statement.body, ...statement.head] : [...statement.head, statement.body]
    case 'switch':
      return [statement.body]
    case 'block':
      return statement.statements
    case 'branches':
      return statement.branches.flatMap(({ statements }) => statements)
    default:
      return none
  }
}

/** That of nearly all statements and values, which are asked for again and again. */
const none: readonly never[] = []

/** The values directly in a statement, without those of the statements in it. */
export function valuesOf(statement: Statement): readonly Value[] {
  switch (statement.kind) {
    case 'expression':
    case 'return':
    case 'label':
      return statement.value === null ? none : [statement.value]
    case 'declaration':
      return statement.variables.flatMap(({ initialiser }) => (initialiser === null ? [] : [initialiser]))
    case 'if':
      return [statement.condition]
    case 'switch':
      return [statement.value]
    case 'unknown':
      return statement.values
    default:
      return none
  }
}

/** Whether a statement holds no others: an expression, a declaration, or what is not understood. */
export const isSimple = ({ kind }: Statement): boolean =>
  kind === 'expression' || kind === 'declaration' || kind === 'unknown'

/** What was found in statements; a function is asked for its own often. */
const within = new WeakMap<readonly Statement[], readonly Statement[]>()

/** Statements and all in them, outer ones first, in the order of the text; lambdas are left out. */
export function eachStatement(statements: readonly Statement[]): readonly Statement[] {
  let found = within.get(statements)
  if (!found) {
    const all: Statement[] = []
    addStatements(statements, all)
    within.set(statements, all)
    found = all
  }
  return found
}

function addStatements(statements: readonly Statement[], all: Statement[]): void {
  for (const statement of statements) {
    all.push(statement)
    addStatements(innerStatements(statement), all)
    for (const value of valuesOf(statement))
      for (const inner of eachValue(value))
        if (inner.kind === 'code' && inner.lambda === null) addStatements(inner.body, all)
  }
}

/** All values of a function, outer ones first, in the order of the text; those of lambdas are left out. */
export function valuesInCode(statements: readonly Statement[]): readonly Value[] {
  const found: Value[] = []
  for (const statement of eachStatement(statements)) for (const value of valuesOf(statement)) addEachValue(value, found)
  return found
}

/** What the body of a macro gives where it is one expression; null for anything else. */
export function bodyValue({ body }: FunctionCode): Value | null {
  const [only, ...others] = body
  return only?.kind === 'expression' && others.length === 0 ? only.value : null
}

/** What a statement computes, without casts and parentheses; null for one that is no expression, or an empty one. */
export const expressionOf = (statement: Statement | undefined): Value | null =>
  statement?.kind === 'expression' && statement.value ? bare(statement.value) : null
