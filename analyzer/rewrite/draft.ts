import type { TextEdit } from '../fix/edits.ts'
import type { Minor } from '../knowledge/version.ts'
import type { FunctionText } from '../preprocess/outline.ts'
import type { Offset } from '../source/text.ts'
import type { Call, Mention } from './mentions.ts'
import type { TableSlot } from './tables.ts'
import type { FateOf, Obstacle, Table, TypeObject } from './type-objects.ts'

export interface RewriteSettings {
  /** The lowest level of the Limited API that is built for. */
  readonly level: Minor
  readonly fateOf: FateOf
  /** The files that a file includes or is included by, itself too, at any depth. */
  related(file: string): ReadonlySet<string>
  /** Why a file may not be edited; null where it may. */
  locked(file: string): string | null
  isCxx(file: string): boolean
  /** Whether code in a region of a file is compiled for the target. */
  isCompiled(file: string, region: number): boolean
}

/** An edit of a file of the project. */
export interface Edit extends TextEdit {
  readonly file: string
}

/** An assignment to a field before the type is ready, which becomes a slot. */
export interface Late {
  readonly file: string
  readonly field: string
  readonly operator: string
  readonly value: string
  readonly valueTokens: { readonly first: number; readonly last: number }
  readonly statement: { readonly first: number; readonly last: number }
  readonly around: FunctionText
  readonly conditions: readonly string[]
}

/** A call that makes the type ready, or hands it to what does. */
export interface Site {
  readonly file: string
  readonly how: 'ready' | 'add' | 'helper'
  readonly call: Call
  readonly mention: Extract<Mention, { kind: 'address' }>
  readonly around: FunctionText
}

/** What is found out about a type object, and what is to be done with it. */
export class Draft {
  readonly obstacles: Obstacle[]
  readonly edits: Edit[] = []
  readonly late: Late[] = []
  readonly sites: Site[] = []
  readonly tables: TableSlot[] = []
  /** Types that must be rewritten for this one to be. */
  readonly needs = new Set<Draft>()
  /** Uses that want the type made where nothing else makes it. */
  readonly eager: { readonly file: string; readonly mention: Extract<Mention, { kind: 'address' }>; readonly around: FunctionText }[] = []
  /** Calls of `PyModule_AddObject` that take a reference of it, and of `Py_INCREF` that make one, by function. */
  readonly stolen: { readonly file: string; readonly call: Call; readonly around: FunctionText }[] = []
  readonly counted: FunctionText[] = []
  readonly lateTables: Table[] = []
  /** Where its spec is used. */
  readonly specUses: { readonly file: string; readonly offset: Offset }[] = []
  /** Made by `PyStructSequence_NewType`. */
  isSequence = false
  /** Made ready by a macro that gets its name. */
  isMadeByMacro = false
  /** The shims that its edits use. */
  readonly shims: { readonly file: string; readonly name: string }[] = []
  readsDict = false
  isImmutable = false
  spec = ''
  slots = ''

  constructor(readonly type: TypeObject) {
    this.obstacles = [...type.obstacles]
  }

  get isOpen(): boolean {
    return this.obstacles.length === 0
  }
}

