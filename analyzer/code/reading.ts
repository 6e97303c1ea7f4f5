import type { Cursor } from './cursor.ts'
import type { BracesValue, FunctionCode, Statement, Value } from './tree.ts'

/** What the readers of expressions ask of each other and of the readers around them. */

/** What expressions hold that is not an expression. */
export interface Nested {
  /** The statements between two braces. @param open the token of the first */
  statements(cursor: Cursor, open: number, close: number): readonly Statement[]
  /** A lambda, from its `[`, which is taken; null where there is none. */
  lambda(cursor: Cursor): FunctionCode | null
  /** An initialiser in braces that pair. @param open the token of the first */
  initialiser(cursor: Cursor, open: number): BracesValue
  /** Whether a name is a variable where it stands, and so no type. */
  isVariable(name: string): boolean
  /** Whether a name is known to be a type. */
  isType(name: string): boolean
  /** Whether a name is known to be a function. */
  isFunction(name: string): boolean
  /** Whether it is C++. */
  readonly isCxx: boolean
}

/** Brackets that nest deeper than this are not read: what is in them is unknown. */
export const deepest = 60

/** Operators, calls and fields in a row; what has more is unknown, with its operands side by side. */
export const longestChain = 100

/** Expressions, as the readers of their parts ask for them. All give null where none begins. */
export interface Values {
  /** An expression with commas, as far as it goes. */
  expression(): Value | null
  /** An expression without commas, as far as it goes. */
  assignment(): Value | null
  /** An operand with what stands before and behind it. */
  prefix(): Value | null
  /** All up to the cursor's limit as one value: unknown where it is more than what is read. */
  whole(read: () => Value | null): Value
  /** The operands between two parentheses; the cursor stands behind the second then. */
  operands(open: number, close: number): readonly Value[]
  /** One operand up to the limit: a type where it can be nothing else, statements where a semicolon is in it. */
  operand(): Value
}
