import type { CType } from '../knowledge/ctype.ts'
import type { Condition } from '../preprocess/condition.ts'
import type { FileId, Offset, RegionId } from '../source/text.ts'

/**
 * A name of the C API that is something else between two offsets: a parameter, a local variable, a field, a function.
 */
export interface Shadow {
  readonly name: string
  readonly start: Offset
  readonly end: Offset
  /** It is a function that a block declares for itself: `extern int _PySpam_Count(PyObject *);` in a function. */
  readonly isPrototype?: true
}

/**
 * What one file says, as plain data: no target, no setting and no other file is in it. Offsets are bytes. `region`
 * is an index into `regions`, `macro` an index into `macros` (the body that holds the fact) or -1.
 */
export interface FileFacts {
  readonly file: string
  readonly dialect: 'c' | 'cpp'
  readonly size: number
  readonly regions: readonly RegionFact[]
  readonly includes: readonly IncludeFact[]
  readonly macros: readonly MacroFact[]
  readonly undefinitions: readonly { readonly name: string; readonly offset: Offset; readonly region: RegionId }[]
  readonly uses: readonly Use[]
  readonly members: readonly MemberAccess[]
  readonly completeTypeUses: readonly CompleteTypeUse[]
  readonly declarations: readonly Declaration[]
  readonly structs: readonly StructDeclaration[]
  /** Names of the C API that are something else between two offsets. */
  readonly shadows: readonly Shadow[]
  /** Calls of project macros whose bodies read fields of their arguments, or take them for objects. */
  readonly macroCalls: readonly MacroCall[]
  /** Calls of project macros whose bodies make names of their arguments, from the tokens alone. */
  readonly macroCallTexts: readonly MacroCallText[]
  /** What bodies of macros do with names that they make; each call of the macro makes a fact of it. */
  readonly pasted: PastedFacts
  /**
   * Where each macro of the project, and each name of the C library, is used: the first place in each region and in
   * each macro's body.
   */
  readonly names: Readonly<Record<string, readonly NameReference[]>>
  /**
   * What is handed to functions that take a `PyObject *` and were macros with a cast before, where its type may be
   * another.
   */
  readonly objectArguments: readonly ObjectArgument[]
  /** Spans that the parser did not understand, in some view. */
  readonly unparsed: readonly { readonly start: Offset; readonly end: Offset }[]
}

export interface NameReference {
  readonly offset: Offset
  readonly region: RegionId
  readonly macro: number
}

export interface RegionFact {
  readonly parent: RegionId
  readonly condition: Condition
  readonly start: Offset
  readonly end: Offset
  /**
   * The `#if` ... `#endif` of the file that it is a branch of, -1 for the whole file. Its branches follow each other.
   */
  readonly group: number
}

export interface IncludeFact {
  readonly path: string
  readonly quoted: boolean
  readonly offset: Offset
  readonly region: RegionId
}

export interface MacroFact {
  readonly name: string
  readonly offset: Offset
  readonly bodyStart: Offset
  readonly bodyEnd: Offset
  readonly parameters: readonly string[] | null
  /**
   * Where what it is called with comes out of it, by parameter: the calls around each place, from the outside in. There
   * is no place for what is not mentioned, or only made part of a name or a string. Null where each argument comes out
   * in no call.
   */
  readonly arguments: readonly (readonly Use['within'][])[] | null
  /** What it is worth in a condition; null where the body is no such expression. */
  readonly value: Condition | null
  /** What its body gives as an expression; null where that is unknown. */
  readonly result: Expression
  readonly region: RegionId
}

/** A name of the C API in the text, wherever it stands but in comments, strings, conditions and after `.` or `->`. */
export interface Use {
  readonly name: string
  readonly start: Offset
  readonly region: RegionId
  readonly macro: number
  /** Followed by `(`. */
  readonly called: boolean
  /** Where it ends, if it is not as long as its name: one that a macro makes. */
  readonly end?: Offset
  readonly expansion?: Expansion
  /** The calls of project macros among whose arguments it stands, and which argument it is, from 0. */
  readonly within: readonly (readonly [macro: string, argument: number])[]
  readonly context?: UseContext
  /** Of a struct: a `*` follows, so that only a pointer to it is meant. */
  readonly pointer?: true
}

/** How a name or a field that may be rewritten stands in the code: the whole expression, and what is done with it. */
export interface UseContext {
  /** A call with its parentheses, a field with its object, or the name alone. */
  readonly start: Offset
  readonly end: Offset
  /** Those of the call; of a field its object alone. */
  readonly operands: readonly Operand[]
  /** Of a field: reached by `->`. */
  readonly arrow?: boolean
  /**
   * Of a field that is the object of another one: that one, and where it ends. `nb_add` in
   * `type->tp_as_number->nb_add`.
   */
  readonly outer?: { readonly field: string; readonly end: Offset; readonly role: UseContext['role'] }
  /** Of a call that is a statement of its own in a block: that, with its semicolon. */
  readonly alone?: { readonly start: Offset; readonly end: Offset }
  /**
   * Of a name that is all of a macro's body, where that has no parameters: where the macro's name ends. `#define AS
   * PyBytes_AS_STRING`
   */
  readonly alias?: Offset
  /** `statement`: its value is not used. `target`: it is assigned to, its address is taken or its size asked for. */
  readonly role: 'value' | 'statement' | 'target'
  /** Of a `target`: an element of what it points to is meant. `PyBytes_AS_STRING(b)[0] = 'a'` */
  readonly element?: true
  /**
   * Of what sets an item of its first operand: where in the same function that was made. As far as its file says,
   * nobody else has seen it, and no item stands at that place: see `setsEachItemOnce`.
   */
  readonly fresh?: Offset
  /**
   * Of what reads or sets an item of its first operand: the function sets the size of that as well, so that the item
   * may lie behind the others.
   */
  readonly resized?: true
}

/** The first operand of a call. */
export interface ObjectArgument extends Operand {
  /** The function: `Py_INCREF`. */
  readonly called: string
  /** It points to what must not be changed: `const PyObject *`. */
  readonly isConst?: true
  readonly region: RegionId
  readonly macro: number
}

/** How an operand may be written elsewhere. */
export interface OperandText {
  /** A name, a literal, fields of a name or a cast of them: it may be left out or written twice. */
  readonly duplicable: boolean
  /** A cast may not stand before it as it is. */
  readonly needsParentheses: boolean
}

export interface Operand extends OperandText {
  readonly start: Offset
  readonly end: Offset
  readonly type: Expression
  /** Of a literal, or a name: how it is written. */
  readonly literal?: string
  /** What is in its parentheses and behind its cast to a pointer, if it has any: `x` of `((PyTypeObject *)x)`. */
  readonly within?: OperandText & {
    readonly start: Offset
    readonly end: Offset
    readonly type: Expression
    readonly cast: CType | null
  }
}

/** Of what a macro makes of its arguments: the call that does it. It counts only where all of this is compiled. */
export interface Expansion {
  /** The call, by index of the file. */
  readonly file: FileId
  readonly region: RegionId
  /** Definitions of the macros that the call goes through, but for those of its own file that hang on no condition. */
  readonly definitions: readonly RegionOfFile[]
  /** Where an `#undef` may take one of them away before the call: it counts where none of these is compiled. */
  readonly undefinitions: readonly RegionOfFile[]
}

/** A region of a file, by index. */
export interface RegionOfFile {
  readonly file: FileId
  readonly region: RegionId
}

export interface MemberAccess {
  readonly field: string
  readonly start: Offset
  /** As for `Use`. */
  readonly end?: Offset
  readonly expansion?: Expansion
  readonly object: Expression
  readonly within: Use['within']
  readonly context?: UseContext
  readonly region: RegionId
  readonly macro: number
}

/** A place where a type must be complete. */
export interface CompleteTypeUse {
  /** The type, or the expression whose type it is: `sizeof(spam)`. */
  readonly of: CType | Expression
  /** The name of what is declared, else the type. */
  readonly start: Offset
  readonly end: Offset
  readonly how: 'variable' | 'field' | 'sizeof' | 'base' | 'new' | 'value'
  readonly initialised: boolean
  readonly expansion?: Expansion
  readonly region: RegionId
  readonly macro: number
}

export interface MacroCall {
  readonly name: string
  readonly offset: Offset
  readonly operands: readonly Expression[]
  /** The types of the local variables that the macro's body mentions. */
  readonly locals: Readonly<Record<string, Expression>>
  readonly macro: number
}

/** A name put together in a macro's body: text, and parameters by number. `Py##x##_Type` is `['Py', 0, '_Type']`. */
export type PastedName = readonly (string | number)[]

export interface MacroCallText {
  /** A name, or a parameter of the macro around it: `X(Int)` in the body of `LIST(X)`. */
  readonly callee: PastedName
  readonly offset: Offset
  readonly region: RegionId
  readonly macro: number
  /** The first identifier of each argument, and whether it is all of it; null where the argument begins otherwise. */
  readonly operands: readonly ({
    readonly name: PastedName
    readonly start: Offset
    readonly end: Offset
    readonly whole: boolean
  } | null)[]
}

export interface PastedFacts {
  readonly uses: readonly (Omit<Use, 'name' | 'within' | 'context'> & {
    readonly name: PastedName
    readonly end: Offset
  })[]
  readonly members: readonly (Omit<MemberAccess, 'field' | 'within' | 'context'> & {
    readonly field: PastedName
    readonly end: Offset
  })[]
  readonly completeTypeUses: readonly (Omit<CompleteTypeUse, 'how' | 'initialised'> & {
    readonly how: 'variable'
    readonly name: PastedName
  })[]
  readonly declarations: readonly (Omit<Declaration, 'name'> & { readonly name: PastedName; readonly macro: number })[]
}

export interface Declaration {
  readonly kind: 'function' | 'variable' | 'typedef' | 'constant'
  readonly name: string
  readonly type: CType
  readonly offset: Offset
  readonly region: RegionId
  readonly expansion?: Expansion
  /** A body or an object, rather than a promise of one. */
  readonly defines: boolean
  /** It points to what must not be changed, or gives a pointer that does, or is that itself. */
  readonly isConst?: true
}

export interface StructDeclaration {
  /** `struct name`, `union name`; `struct @offset` without a name. */
  readonly tag: string
  readonly fields: Readonly<Record<string, CType>>
  /** Those of the fields that point to what must not be changed: `const PyObject *`. */
  readonly constants?: readonly string[]
  readonly bases: readonly string[]
  readonly offset: Offset
  readonly region: RegionId
}

/** An expression, as far as its type may depend on other files. Null is unknown. */
export type Expression =
  | null
  | readonly ['type', CType]
  | readonly ['name', string]
  | readonly ['parameter', number]
  | readonly ['pasted', PastedName]
  | readonly ['member', Expression, string]
  | readonly ['call', Expression, ...Expression[]]
  | readonly ['deref', Expression]
  | readonly ['address', Expression]
  | readonly ['either', Expression, Expression]
