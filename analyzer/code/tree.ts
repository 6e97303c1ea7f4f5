import type { CType } from '../knowledge/ctype.ts'
import type { Span } from '../source/text.ts'

/**
 * An expression of C or C++ as it is written: nothing is expanded, and where a condition of the preprocessor stands in
 * the middle of one, its last branch is read. Spans are byte offsets into the file, `end` exclusive; the spans of
 * operands lie within that of their expression.
 */
export type Value =
  | NameValue
  | LiteralValue
  | CallValue
  | MemberValue
  | IndexValue
  | CastValue
  | AssignValue
  | UnaryValue
  | BinaryValue
  | ConditionalValue
  | GroupValue
  | BracesValue
  | TypeValue
  | CodeValue
  | UnknownValue

export interface NameValue {
  readonly kind: 'name'
  /** The last part of a qualified name: `f` of `ns::f<int>`. In a macro also what is pasted: `name##_Type`. */
  readonly name: string
  /** What stands before it, without blanks: `ns`; empty for nothing. */
  readonly scope: string
  readonly span: Span
}

export interface LiteralValue {
  readonly kind: 'literal'
  readonly literal: 'number' | 'string' | 'character'
  /** As written; of strings that follow each other all of them, with what stands between. */
  readonly text: string
  readonly span: Span
}

/** A call, of a function or of a macro: who asks looks at what the name means. */
export interface CallValue {
  readonly kind: 'call'
  readonly callee: Value
  readonly operands: readonly Value[]
  /** Offsets of the parentheses. */
  readonly open: number
  readonly close: number
  readonly span: Span
}

export interface MemberValue {
  readonly kind: 'member'
  readonly object: Value
  /** Of a destructor `~Spam`. */
  readonly name: string
  /** `->` rather than `.`. */
  readonly arrow: boolean
  /** Offset of the `.` or the `->`. */
  readonly dot: number
  readonly span: Span
}

export interface IndexValue {
  readonly kind: 'index'
  readonly object: Value
  readonly index: Value
  readonly span: Span
}

export interface CastValue {
  readonly kind: 'cast'
  readonly type: CType
  readonly operand: Value
  readonly span: Span
}

export interface AssignValue {
  readonly kind: 'assign'
  /** `=`, `|=` ... */
  readonly operator: string
  readonly target: Value
  readonly value: Value
  readonly span: Span
}

export interface UnaryValue {
  readonly kind: 'unary'
  /** `&`, `*`, `!`, `sizeof`, `new`, `delete`, `++` before and `x++` behind its operand. */
  readonly operator: string
  readonly operand: Value
  readonly span: Span
}

export interface BinaryValue {
  readonly kind: 'binary'
  /** The comma operator is `,`. */
  readonly operator: string
  readonly left: Value
  readonly right: Value
  readonly span: Span
}

export interface ConditionalValue {
  readonly kind: 'conditional'
  readonly condition: Value
  /** That of the condition for `a ?: b`. */
  readonly whenTrue: Value
  readonly whenFalse: Value
  readonly span: Span
}

/** An expression in parentheses. */
export interface GroupValue {
  readonly kind: 'group'
  readonly inner: Value
  readonly span: Span
}

/** An initialiser in braces. */
export interface BracesValue {
  readonly kind: 'braces'
  /** Values and `#if` branches among them, in order; null where they cannot be told apart. */
  readonly entries: readonly Entry[] | null
  readonly span: Span
}

/** What stands between the braces of an initialiser. */
export type Entry = ItemEntry | BranchesEntry

export interface ItemEntry {
  readonly kind: 'item'
  /** The field that it names: `tp_name` of `.tp_name =`; null where its position says. */
  readonly designator: string | null
  readonly value: Value
  /** The value as it is written: with the conditions that it begins with or that stand in it. */
  readonly written: Span
  /** Whether directives stand in what is written; of their branches the last one is read. */
  readonly holdsDirectives: boolean
  /** With its designator and the comma behind it. */
  readonly span: Span
}

/** `#if` to `#endif` among the values. */
export interface BranchesEntry {
  readonly kind: 'branches'
  readonly branches: readonly {
    /** Where the region of the branch begins: behind its directive. */
    readonly start: number
    /** The line of its `#if`, `#elif` or `#else`. */
    readonly directive: Span
    readonly entries: readonly Entry[]
  }[]
  readonly hasElse: boolean
  /** The line of the `#endif`. */
  readonly endif: Span
  readonly span: Span
}

/** A type where a value could stand: in `sizeof(Spam)`, as the argument of a macro. */
export interface TypeValue {
  readonly kind: 'type'
  readonly type: CType
  readonly span: Span
}

/** Statements in an expression: a lambda, or GNU's `({ ... })`. */
export interface CodeValue {
  readonly kind: 'code'
  readonly lambda: FunctionCode | null
  readonly body: readonly Statement[]
  readonly span: Span
}

/** What is not understood. */
export interface UnknownValue {
  readonly kind: 'unknown'
  /** What could be read in it. */
  readonly values: readonly Value[]
  readonly span: Span
}

/**
 * A function with a body, a macro with one, or a lambda; or a declaration or the call of a macro at file level, whose
 * only statement that is. Offsets are bytes.
 */
export interface FunctionCode {
  /** Empty for a lambda and at file level. */
  readonly name: string
  readonly kind: 'function' | 'macro' | 'lambda' | 'file'
  /** Of the name. */
  readonly nameSpan: Span
  /** Where its head begins, as far as no directive stands in it; for anything but a function the name. */
  readonly headStart: number
  /** Of the body with its braces; of a macro its body. */
  readonly span: Span
  readonly storage: Storage
  readonly parameters: readonly Variable[]
  /** Whether `parameters` are all: not where a macro stands for the head, or something is not understood. */
  readonly hasParameters: boolean
  /** Empty for a macro, a lambda, and where a macro stands for the head. */
  readonly result: CType
  readonly body: readonly Statement[]
}

export type Storage = 'static' | 'extern' | ''

export interface Variable {
  readonly kind: 'variable'
  /** Empty for a parameter without a name. */
  readonly name: string
  /** Of a parameter of a macro empty. */
  readonly type: CType
  /** An lvalue reference of C++ to what is no constant: `int &n`. */
  readonly isReference: boolean
  readonly storage: Storage
  readonly initialiser: Value | null
  readonly nameSpan: Span
}

/** A variable with the whole of its declaration. */
export interface DeclaredVariable extends Variable {
  readonly declaration: DeclarationStatement
}

/**
 * A statement. Spans are byte offsets, `end` exclusive, and hold the semicolon. Those of the statements in a block lie
 * in its own, in the order of the text, and do not overlap.
 */
export type Statement =
  | ExpressionStatement
  | DeclarationStatement
  | IfStatement
  | LoopStatement
  | SwitchStatement
  | ReturnStatement
  | JumpStatement
  | LabelStatement
  | BlockStatement
  | BranchesStatement
  | UnknownStatement

export interface ExpressionStatement {
  readonly kind: 'expression'
  /** Null for a semicolon alone. */
  readonly value: Value | null
  readonly span: Span
}

/** Variables, or what declares none: a prototype, a typedef, a struct. */
export interface DeclarationStatement {
  readonly kind: 'declaration'
  readonly variables: readonly Variable[]
  /** Names that it gives to types: of `typedef struct { ... } Spam;`. */
  readonly types: readonly string[]
  /** Names of functions that it declares without a body. */
  readonly prototypes: readonly string[]
  /** The struct, union, class or enum whose body it holds: `struct spam`, without a name `struct`; and the braces. */
  readonly struct: { readonly tag: CType; readonly span: Span } | null
  readonly span: Span
}

export interface IfStatement {
  readonly kind: 'if'
  readonly condition: Value
  readonly then: Statement
  readonly otherwise: Statement | null
  readonly span: Span
}

export interface LoopStatement {
  readonly kind: 'loop'
  /** `macro`: `FOREACH(x, list) { ... }`, whose body may be done any number of times. */
  readonly loop: 'for' | 'while' | 'do' | 'macro'
  /** What stands in the parentheses. */
  readonly head: readonly Statement[]
  readonly body: Statement
  readonly span: Span
}

export interface SwitchStatement {
  readonly kind: 'switch'
  readonly value: Value
  readonly body: Statement
  readonly span: Span
}

export interface ReturnStatement {
  readonly kind: 'return'
  readonly value: Value | null
  readonly span: Span
}

export interface JumpStatement {
  readonly kind: 'jump'
  readonly jump: 'goto' | 'break' | 'continue'
  /** The label of a `goto`; empty for the others. */
  readonly label: string
  readonly span: Span
}

/** `error:`, `case X:`, `default:`; what it stands before is the next statement. */
export interface LabelStatement {
  readonly kind: 'label'
  /** `case` and `default` for those. */
  readonly name: string
  readonly value: Value | null
  readonly span: Span
}

export interface BlockStatement {
  readonly kind: 'block'
  /** `try` and `catch` blocks are told apart from plain ones. */
  readonly block: 'plain' | 'try' | 'catch'
  readonly statements: readonly Statement[]
  readonly span: Span
}

/** `#if` to `#endif` around whole statements. */
export interface BranchesStatement {
  readonly kind: 'branches'
  readonly branches: readonly {
    /** Where the region of the branch begins, as `Region` has it: behind its directive. */
    readonly start: number
    readonly statements: readonly Statement[]
  }[]
  readonly hasElse: boolean
  readonly span: Span
}

/** What is not understood. */
export interface UnknownStatement {
  readonly kind: 'unknown'
  /** What could be read in it. */
  readonly values: readonly Value[]
  readonly span: Span
}
