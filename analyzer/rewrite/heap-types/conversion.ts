import type { FunctionText } from '../../code/outline.ts'
import type { TextEdit } from '../../fix/fix.ts'
import type { Minor } from '../../knowledge/version.ts'
import type { Offset, RegionId, TokenIndex } from '../../source/text.ts'
import type { EnclosingCall, TypeReference } from './references.ts'
import type { TableSlot } from './tables.ts'
import type { CoverageOf, DeclaredIn, Obstacle, SlotStruct, TypeObject } from './type-objects.ts'

/** What the rewriting of types has to know besides the texts. */
export interface RewriteSettings {
  /** The lowest level of the Limited API that is built for. */
  readonly level: Minor
  /** For which versions of Python a branch is compiled. */
  readonly coverageOf: CoverageOf
  /** The files that a file includes or is included by, itself too, at any depth. */
  related(file: string): ReadonlySet<string>
  /** Why a file may not be edited; null where it may. */
  locked(file: string): string | null
  /** Whether a file is C++, where a function needs a cast to go into a `void *`. */
  isCxx(file: string): boolean
  /** Whether code in a region of a file is compiled for the target. */
  isCompiled(file: string, region: RegionId): boolean
}

/** An edit of a file of the project. */
export interface FileEdit extends TextEdit {
  readonly file: string
}

/** An assignment to a field before the type is ready, which becomes a slot. */
export interface FieldAssignment {
  readonly file: string
  readonly field: string
  readonly operator: string
  /** The C on the right side. */
  readonly value: string
  readonly valueTokens: { readonly first: TokenIndex; readonly last: TokenIndex }
  readonly statement: { readonly first: TokenIndex; readonly last: TokenIndex }
  readonly around: FunctionText
  /** The `#if` lines around it that are not around the type. */
  readonly conditions: readonly string[]
}

/** A call that makes the type ready, or hands it to what does. */
export interface TypeCreationCall {
  readonly file: string
  /** `PyType_Ready`, `PyModule_AddType`, or a function or macro of the project. */
  readonly how: 'ready' | 'add' | 'helper'
  readonly call: EnclosingCall
  readonly reference: Extract<TypeReference, { kind: 'address' }>
  readonly around: FunctionText
}

/** What is found out about a type object, and what is to be done with it. */
export class Conversion {
  /** Why it is left alone; none for a type that is rewritten. */
  readonly obstacles: Obstacle[]
  /** What is edited where the type is used, apart from what depends on other types. */
  readonly edits: FileEdit[] = []
  readonly fieldAssignments: FieldAssignment[] = []
  /** Where it is made ready. */
  readonly creationCalls: TypeCreationCall[] = []
  /** Its places in static tables. */
  readonly tables: TableSlot[] = []
  /** Types that must be rewritten for this one to be. */
  readonly needs = new Set<Conversion>()
  /** Uses that want the type made where nothing else makes it. */
  readonly onDemandUses: {
    readonly file: string
    readonly reference: Extract<TypeReference, { kind: 'address' }>
    readonly around: FunctionText
  }[] = []
  /** Calls of `PyModule_AddObject` that take a reference of it, and of `Py_INCREF` that make one, by function. */
  readonly stolenReferences: { readonly file: string; readonly call: EnclosingCall; readonly around: FunctionText }[] =
    []
  readonly increfSites: FunctionText[] = []
  /** Tables of slots that are assigned to it. */
  readonly assignedTables: SlotStruct[] = []
  /** Where its spec is used. */
  readonly specUses: { readonly file: string; readonly offset: Offset }[] = []
  /** Made by `PyStructSequence_NewType`. */
  isSequence = false
  /** Made ready by a macro that gets its name. */
  isMadeByMacro = false
  /** The shims that its edits use. */
  readonly shims: { readonly file: string; readonly name: string }[] = []
  /** Whether `tp_dict` of it is used: then it has to stay open for changes. */
  readsDict = false
  /** The names of its spec and its slots. */
  spec = ''
  slots = ''

  constructor(readonly type: TypeObject) {
    this.obstacles = [...type.obstacles]
  }

  /** Where the type stands: its definitions, or the declarations that are as good as one. */
  get homes(): readonly DeclaredIn[] {
    const { definitions, declarations } = this.type
    return definitions.length > 0 ? definitions : declarations.filter(({ declared }) => declared.storage !== 'extern')
  }

  /** Whether a place was found where it is made, or has to be. */
  get isUsedToMake(): boolean {
    return this.creationCalls.length + this.onDemandUses.length + this.tables.length > 0
  }

  /** Whether nothing was found so far that is in the way. */
  get isOpen(): boolean {
    return this.obstacles.length === 0
  }
}
