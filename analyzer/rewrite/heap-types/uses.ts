import type { FunctionCode, Statement, Value } from '../../code/tree.ts'
import type { Offset, Span } from '../../source/text.ts'
import type { CallOperand } from './contexts.ts'
import type { TableEntry } from './table-entries.ts'
import type { Obstacle, SlotStruct, TypeObject } from './type-objects.ts'

/** What a project does with a static type object, as it is found in the code: the first of three steps. */

/** A part of a file's text. */
export interface SpanIn {
  readonly file: string
  readonly span: Span
}

/** An assignment to a field before the type is ready, which becomes a slot. */
export interface FieldAssignment {
  readonly file: string
  readonly field: string
  readonly operator: string
  /** The right side, and the C of it. */
  readonly value: Value
  readonly text: string
  readonly statement: Statement
  readonly around: FunctionCode
  /** The `#if` lines around it that are not around the type. */
  readonly conditions: readonly string[]
  /** It stands in a function or macro of the project that makes ready what it gets, before that. */
  readonly isByHelper: boolean
}

/** A call that makes the type ready, or hands it to what does. */
export interface TypeCreationCall {
  readonly file: string
  /** `PyType_Ready`, `PyModule_AddType`, or a function or macro of the project. */
  readonly how: 'ready' | 'add' | 'helper'
  readonly operand: CallOperand
  /** `&T` */
  readonly address: Span
  readonly around: FunctionCode
  /** Of a helper: the calls in it that make ready what it gets, which have to cope with nothing. */
  readonly guarded: readonly GuardedCall[]
}

/** A call of `PyType_Ready` in a helper, and what that gets as C. */
export interface GuardedCall extends SpanIn {
  readonly argument: string
}

/** A call in the body of a macro that makes ready a type that it gets, or whose name it makes. */
export interface MacroCreation {
  readonly file: string
  /** The name of the function that is called. */
  readonly callee: Span
  /** The closing parenthesis. */
  readonly close: Offset
  /** The type's name as the macro writes it: `name##_Type`. */
  readonly name: string
}

/** `PyStructSequence_InitType(&T, &description)` */
export interface SequenceCall extends SpanIn {
  readonly callee: string
  /** The C of the description. */
  readonly description: string
}

/** `&T` where a pointer will be. */
export interface AddressUse extends SpanIn {
  /** The type's name as it stands there. */
  readonly name: string
}

/** A place that looks into the type object, so there has to be one by then. */
export interface TypeLook {
  readonly file: string
  readonly offset: Offset
  readonly around: FunctionCode
  /** `T.tp_name`, `Py_INCREF` */
  readonly what: string
}

/** Everything that is done with one type. */
export interface TypeUses {
  readonly type: TypeObject
  /** What is in the way of rewriting it, as far as the uses say. */
  readonly obstacles: readonly Obstacle[]
  /** Types that must be rewritten for this one to be. */
  readonly needs: ReadonlySet<TypeObject>
  readonly addresses: readonly AddressUse[]
  /** Offsets of the `.` of `T.field`. */
  readonly dots: readonly { readonly file: string; readonly offset: Offset }[]
  /** Conditions that ask whether the type is ready. */
  readonly readyTests: readonly (SpanIn & { readonly text: string })[]
  /** Places that look into the type object, and what does so. */
  readonly looks: readonly TypeLook[]
  /** Statements that nothing has to take the place of. */
  readonly removals: readonly SpanIn[]
  readonly fieldAssignments: readonly FieldAssignment[]
  /** Tables of slots that are assigned to it. */
  readonly assignedTables: ReadonlyMap<string, SlotStruct>
  /** Where it is made ready. */
  readonly creationCalls: readonly TypeCreationCall[]
  readonly macroCreations: readonly MacroCreation[]
  readonly sequenceCalls: readonly SequenceCall[]
  /** Its places in static tables. */
  readonly tableEntries: readonly TableEntry[]
  /** Uses that want the type made where nothing else makes it. */
  readonly onDemandUses: readonly (SpanIn & { readonly around: FunctionCode })[]
  /** Calls of `PyModule_AddObject` that take a reference of it. */
  readonly stolenReferences: readonly {
    readonly file: string
    readonly operand: CallOperand
    readonly around: FunctionCode
  }[]
  /** Functions that call `Py_INCREF` for it. */
  readonly increfSites: readonly FunctionCode[]
  /** Whether `tp_dict` of it is used: then it has to stay open for changes. */
  readonly readsDict: boolean
}
