import type { Value } from '../code/tree.ts'
import type { FileId } from '../source/text.ts'
import type { SlotEntry, SlotTable, TypeHead, TypeSpec } from './type-specs.ts'

/**
 * The functions and flags of a type as the target sees it, wherever they are written: in a `PyType_Spec` and its slots,
 * in the initialiser of a `PyTypeObject`, in assignments to its fields.
 */
export interface TypeDefinition {
  readonly kind: 'heap' | 'static'
  readonly file: FileId
  /** Its name, sizes and flags. */
  readonly head: TypeHead
  /** The slots that may be compiled; of a static type its own fields, called as slots are: `Py_tp_dealloc`. */
  readonly entries: readonly TypeEntry[]
  /** Whether the type has no other slots than those, but for what it inherits. */
  readonly isWhole: boolean
}

/** A slot of a type, or a field that is one; of a field the place is that of its value. */
export interface TypeEntry extends SlotEntry {
  /** The file that it stands in: fields are assigned in others, too. */
  readonly file: FileId
  /** The value of a field as it is written; null for an entry of a table. */
  readonly given: Value | null
}

/** A type that is made of a spec. */
export interface HeapType extends TypeDefinition {
  readonly kind: 'heap'
  readonly spec: TypeSpec
  readonly table: SlotTable | null
}

/** A type that is a variable, `PyTypeObject Spam_Type`. */
export interface StaticType extends TypeDefinition {
  readonly kind: 'static'
  /** Whether other files may name it. */
  readonly isShared: boolean
}
