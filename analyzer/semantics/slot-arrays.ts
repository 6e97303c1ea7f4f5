import type { Entry, Value, Variable } from '../code/tree.ts'
import { bare, calleeName, isNull, nameOf } from '../code/values.ts'
import { variablesOfTypes } from '../code/variables.ts'
import type { Verdict } from '../preprocess/condition.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Span } from '../source/text.ts'
import { compiledAt } from './calls.ts'

/** An entry of an array of `PySlot`, but for the one that ends it. */
export interface SlotEntry {
  /** `Py_tp_repr` */
  readonly name: string
  /** `PySlot_FUNC`; null where no macro of CPython's makes it. */
  readonly macro: string | null
  /** What it is given; null where that is not known. */
  readonly value: Value | null
  readonly span: Span
  readonly compiled: Exclude<Verdict, 'no'>
  /** The branch of `#if` that it stands in, by its number among the file's. */
  readonly region: number
}

/** An array of `PySlot` (PEP 820), of a module or of a type, as the target sees it. */
export interface SlotArray {
  readonly file: FileId
  readonly variable: Variable
  readonly entries: readonly SlotEntry[]
  /** Whether all of its entries are written out. */
  readonly isWhole: boolean
}

/** The arrays of `PySlot` that a target may compile, in the order of files. */
export function slotArrays(model: ProjectModel): readonly SlotArray[] {
  return [...model.project.filesWith('PySlot')].flatMap((file) =>
    [...variablesOfTypes(model.project.code(file), ['PySlot'])].flatMap((variable): SlotArray[] => {
      const { initialiser, nameSpan } = variable
      if (initialiser?.kind !== 'braces' || initialiser.entries === null) return []
      if (compiledAt(model, file, nameSpan.start) === 'no') return []
      const read = entriesOf(model, file, initialiser.entries)
      return [{ file, variable, entries: read.flatMap((each) => each ?? []), isWhole: !read.includes(null) }]
    }),
  )
}

/** Its entries; null for what is not understood. */
function entriesOf(model: ProjectModel, file: FileId, entries: readonly Entry[]): readonly (SlotEntry | null)[] {
  return entries.flatMap((entry) => {
    if (entry.kind === 'branches') return entry.branches.flatMap((each) => entriesOf(model, file, each.entries))
    const inner = bare(entry.value)
    const { span } = inner
    const compiled = compiledAt(model, file, span.start)
    if (compiled === 'no' || nameOf(inner) === 'PySlot_END') return []
    if (entry.holdsDirectives || entry.designator !== null) return [null]
    const at = { span, compiled, region: model.project.code(file).regionAt(span.start) }
    if (inner.kind === 'call') {
      const macro = calleeName(inner) ?? ''
      const name = inner.operands[0] ? nameOf(inner.operands[0]) : null
      if (!/^PySlot_[A-Z]/.test(macro) || name === null) return [null]
      return [{ ...at, name, macro, value: inner.operands[1] ?? null }]
    }
    if (inner.kind !== 'braces' || inner.entries === null) return [null]
    const [first] = inner.entries
    if (!first) return []
    if (first.kind !== 'item') return [null]
    if (isNull(first.value)) return []
    const name = nameOf(first.value)
    return name === null ? [null] : [{ ...at, name, macro: null, value: null }]
  })
}
