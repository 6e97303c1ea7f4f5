import type { CType } from '../knowledge/ctype.ts'
import type { Condition } from '../preprocess/condition.ts'
import type { FileId, Offset, RegionId } from '../source/text.ts'

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
  /** Names of the C API that are something else between two offsets: a parameter, a local variable, a field. */
  readonly shadows: readonly { readonly name: string; readonly start: Offset; readonly end: Offset }[]
  /** Calls of project macros whose bodies read fields of their arguments. */
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
  /** Formats with `#` handed to the argument parsers and builders: function, format, place. */
  readonly formats: readonly {
    readonly called: string
    readonly format: string
    readonly start: Offset
    readonly end: Offset
    readonly region: RegionId
  }[]
  /** Item sizes in the initialisers of `PyType_Spec` that are not 0. */
  readonly itemSizes: readonly { readonly start: Offset; readonly end: Offset; readonly region: RegionId }[]
  /** Specs of types, and what the functions in their slots do. */
  readonly heapTypes: HeapTypeFacts
  /** Spans that the parser did not understand, in some view. */
  readonly unparsed: readonly { readonly start: Offset; readonly end: Offset }[]
}

/** What a file that makes types of specs says of them, from the tokens alone. */
export interface HeapTypeFacts {
  readonly specs: readonly SpecFact[]
  readonly slotTables: readonly SlotTable[]
  /**
   * Tables of members that say where an instance has its dictionary, its weak references or its vectorcall function.
   */
  readonly offsetMembers: readonly OffsetMember[]
  /** Whether a table of members or attributes has `__module__`. */
  readonly hasModuleMember: boolean
  /** The functions that slots name, and those of the file, functions and macros, to which these hand their object. */
  readonly functions: readonly FunctionBody[]
  /** Calls that make types of specs or instances of types, and all that are handed a spec, anywhere in the file. */
  readonly makers: readonly MakerFact[]
}

/** A variable of type `PyType_Spec`, with its initialiser. */
export interface SpecFact {
  readonly variable: string
  /** Of the variable's name. */
  readonly start: Offset
  readonly end: Offset
  readonly region: RegionId
  /** The type's name, where it is written out; with its place. */
  readonly name: { readonly text: string; readonly start: Offset; readonly end: Offset } | null
  /** The size of instances, as it is written. */
  readonly basicsize: string
  readonly flags: readonly {
    readonly name: string
    readonly start: Offset
    readonly end: Offset
    readonly region: RegionId
  }[]
  /** Whether the flags may be more than those: other names among them, or an assignment. */
  readonly hasOpenFlags: boolean
  /** The variable with its slots; null where that is not written out. */
  readonly slots: string | null
}

/** An array of `PyType_Slot`. */
export interface SlotTable {
  readonly variable: string
  readonly start: Offset
  readonly end: Offset
  readonly region: RegionId
  readonly entries: readonly SlotEntry[]
  /** Whether all that is in it is among the entries: no macro stands for more, nothing is written into it later. */
  readonly isWhole: boolean
  /** What it ends with: an entry of zeros, an entry that is none, or what cannot be told. */
  readonly last: 'sentinel' | 'entry' | 'unknown'
}

export interface SlotEntry {
  /** `Py_tp_dealloc` */
  readonly slot: string
  /** Of the entry, with its braces. */
  readonly start: Offset
  readonly end: Offset
  /** What parts it from what stands before: a line end and blanks, or a blank. */
  readonly lead: string
  readonly region: RegionId
  /** The name that its value is, behind casts and `&`; null for anything else. */
  readonly value: string | null
  readonly isNull: boolean
}

/** An entry of an array of `PyMemberDef` whose name is one that `PyType_FromSpec` looks for. */
export interface OffsetMember {
  /** The array's variable. */
  readonly table: string
  /** `__weaklistoffset__` */
  readonly name: string
  readonly start: Offset
  readonly end: Offset
  readonly region: RegionId
  /** As written: `T_PYSSIZET`, `READONLY`; with their places. */
  readonly type: PlacedText
  readonly flags: PlacedText | null
}

export interface PlacedText {
  readonly text: string
  readonly start: Offset
  readonly end: Offset
}

/** What a function or a macro does, as far as rules on heap types ask: the calls in it, and what its variables are. */
export interface FunctionBody {
  readonly name: string
  readonly isMacro: boolean
  readonly start: Offset
  readonly end: Offset
  readonly region: RegionId
  /** Names, with the types of those of a function: `PyObject*`. */
  readonly parameters: readonly { readonly name: string; readonly type: string }[]
  /**
   * What stands behind `x =`, without casts, at most a line of it; the type where that is a declaration. From `start`
   * to `until` the block goes on.
   */
  readonly variables: readonly {
    readonly name: string
    readonly type: string
    readonly value: string
    readonly start: Offset
    readonly until: Offset
  }[]
  /** The outermost statements of a function. */
  readonly statements: readonly StatementFact[]
  /** In the order of the text. */
  readonly calls: readonly CallFact[]
  /** All identifiers in it, but those behind `.` and `->`. */
  readonly words: readonly string[]
  /** Whether the file names it elsewhere than in slots: in a static type, or as an argument. */
  readonly isShared: boolean
  /** Whether other functions of the file call it. */
  readonly isCalled: boolean
}

export interface MakerFact extends CallFact {
  /** Whether fields of the instance that it makes are given values other than zero later in the function. */
  readonly isFilled: boolean
}

export interface PlacedStatement {
  readonly start: Offset
  readonly end: Offset
  /** What parts it from the statement before: a line end and blanks, or a blank. */
  readonly lead: string
}

export interface StatementFact extends PlacedStatement {
  readonly region: RegionId
  readonly isDeclaration: boolean
}

/** A call. What is called and its operands are written without blanks and casts: `Py_TYPE(self)->tp_free`, `self`. */
export interface CallFact {
  readonly callee: string
  readonly operands: readonly PlacedText[]
  readonly start: Offset
  readonly end: Offset
  readonly region: RegionId
  /**
   * The statement that it is all of, with its semicolon; whether that stands alone in a block, so that others may
   * stand beside it.
   */
  readonly statement: (PlacedStatement & { readonly inBlock: boolean }) | null
  /** The outermost statement of its function in which it stands; only of calls in functions that were read. */
  readonly outermost: Offset
  /** The function in which it stands, by where its body begins; -1 for none. */
  readonly around: Offset
  /**
   * What its value is assigned to, without casts: `state->Spam_Type` of `state->Spam_Type = (PyTypeObject
   * *)PyType_FromSpec(...)`.
   */
  readonly result: string | null
}

export interface NameReference {
  readonly offset: Offset
  /** Of a name of the C library: that is called here. */
  readonly called?: true
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
   * Parameters whose arguments do not come out of it, by number: not mentioned, or only made part of a name or a
   * string.
   */
  readonly drops: readonly number[] | null
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
  /** Of the id of a slot: what stops it from being handed to every Python, where something does. */
  readonly held?: 'compared' | 'asks-version'
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
  /**
   * Of what sets an item of its first operand: that was made before in the same function, and nobody else has seen
   * it.
   */
  readonly fresh?: boolean
}

/** The first operand of a call. */
export interface ObjectArgument extends Operand {
  /** The function: `Py_INCREF`. */
  readonly called: string
  readonly region: RegionId
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

/**
 * Of what a macro makes in its body: the call that does it, by index of the file. It counts only where that is
 * compiled.
 */
export interface Expansion {
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
  readonly uses: readonly (Omit<Use, 'name' | 'within' | 'form'> & {
    readonly name: PastedName
    readonly end: Offset
  })[]
  readonly members: readonly (Omit<MemberAccess, 'field' | 'within' | 'form'> & {
    readonly field: PastedName
    readonly end: Offset
  })[]
  readonly sizes: readonly (Omit<CompleteTypeUse, 'how' | 'initialised'> & {
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
  /** A body or an object, rather than a promise of one. */
  readonly defines: boolean
}

export interface StructDeclaration {
  /** `struct name`, `union name`; `struct @offset` without a name. */
  readonly tag: string
  readonly fields: Readonly<Record<string, CType>>
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
