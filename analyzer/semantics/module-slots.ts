import { eachStatement } from '../code/statements.ts'
import type { Entry, Value, Variable } from '../code/tree.ts'
import { bare, calleeName, fieldValues, isNull, nameOf, pointedName, slotName } from '../code/values.ts'
import { variablesOfTypes } from '../code/variables.ts'
import type { Verdict } from '../preprocess/condition.ts'
import { initFunctions } from '../project/init-functions.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Span } from '../source/text.ts'
import { compiledAt } from './calls.ts'

/** An entry of a table of slots, but for the one that ends it. */
export interface ModuleSlot {
  /** `Py_mod_exec` */
  readonly name: string
  readonly span: Span
  readonly compiled: Exclude<Verdict, 'no'>
  /** The branch of `#if` that it stands in, by its number among the file's. */
  readonly region: number
  /** The name of what it is given; null for anything else. */
  readonly value: string | null
}

/** A table of slots of a module, as the target sees it. */
export interface ModuleSlotTable {
  readonly file: FileId
  readonly variable: string
  /** Of its name. */
  readonly span: Span
  readonly type: 'PyModuleDef_Slot' | 'PySlot'
  readonly slots: readonly ModuleSlot[]
  /** Whether all of its entries are written out. */
  readonly isWhole: boolean
}

/** The tables of module slots that a target may compile, in the order of files. */
export const moduleSlotTables = (model: ProjectModel): readonly ModuleSlotTable[] =>
  [...model.files.keys()].flatMap((file) => {
    const code = model.project.code(file)
    if (!code.text.includes('PyModuleDef_Slot') && !code.text.includes('PySlot')) return []
    return [...variablesOfTypes(code, ['PyModuleDef_Slot', 'PySlot'])].flatMap(
      (each) => tableOf(model, file, each) ?? [],
    )
  })

function tableOf(model: ProjectModel, file: FileId, variable: Variable): ModuleSlotTable | null {
  const { name, nameSpan, type, initialiser } = variable
  if (initialiser?.kind !== 'braces' || initialiser.entries === null) return null
  if (compiledAt(model, file, nameSpan.start) === 'no') return null
  const { start, end } = initialiser.span
  const includes = model.files[file]!.includes.some(({ offset }) => start <= offset && offset < end)
  const read = entriesOf(model, file, initialiser.entries)
  const isNew = /\bPySlot\b/.test(type)
  return {
    file,
    variable: name,
    span: nameSpan,
    type: isNew ? 'PySlot' : 'PyModuleDef_Slot',
    slots: read.flatMap((each) => each ?? []),
    isWhole: !includes && !read.includes(null),
  }
}

/** Its slots; null for what is not understood. */
function entriesOf(model: ProjectModel, file: FileId, entries: readonly Entry[]): readonly (ModuleSlot | null)[] {
  return entries.flatMap((entry) => {
    if (entry.kind === 'branches') return entry.branches.flatMap((each) => entriesOf(model, file, each.entries))
    const { start } = entry.value.span
    const compiled = compiledAt(model, file, start)
    if (compiled === 'no') return []
    if (entry.holdsDirectives || entry.designator !== null) return [null]
    const [id, value] = partsOf(entry.value)
    if (id === undefined) return [null]
    if (id === null || isNull(id)) return []
    const slot = nameOf(id)
    if (slot === null) return [null]
    const region = model.project.code(file).regionAt(start)
    return [{ name: slot, span: id.span, compiled, region, value: value ? slotName(value) : null }]
  })
}

/** What stands for the number and for the value of a slot; null for the end, nothing for what is not understood. */
function partsOf(value: Value): readonly (Value | null | undefined)[] {
  const inner = bare(value)
  if (inner.kind === 'name') return inner.name === 'PySlot_END' ? [null] : []
  if (inner.kind === 'call') return /^PySlot_[A-Z]/.test(calleeName(inner) ?? '') ? inner.operands : []
  if (inner.kind !== 'braces' || inner.entries === null) return []
  if (inner.entries.length === 0) return [null]
  const isOld = !inner.entries.some((each) => each.kind === 'item' && /^sl_/.test(each.designator ?? ''))
  const fields = fieldValues(isOld ? ['slot', 'value'] : ['sl_id', 'sl_flags', 'sl_reserved', 'sl_ptr'], inner.entries)
  const [id] = fields.get(isOld ? 'slot' : 'sl_id') ?? []
  const [given] = fields.get(isOld ? 'value' : 'sl_ptr') ?? []
  return [id, given]
}

/** A table of slots that a `PyModExport_` function gives CPython. */
export interface ExportedTable {
  readonly module: string
  readonly table: ModuleSlotTable
  /** Whether all of its slots are known: none of them is a table of more. */
  readonly isWhole: boolean
}

/** The tables that functions return by their names, in the file of the function. */
export function exportedTables(model: ProjectModel): readonly ExportedTable[] {
  const tables = moduleSlotTables(model)
  return initFunctions(model.project).flatMap(({ module, kind, file, bodies }) =>
    bodies.flatMap((code): ExportedTable[] => {
      if (kind !== 'PyModExport' || compiledAt(model, file, code.nameSpan.start) === 'no') return []
      const returned = eachStatement(code.body).flatMap((statement) =>
        statement.kind === 'return' && statement.value ? (pointedName(statement.value) ?? []) : [],
      )
      return tables
        .filter((table) => table.file === file && table.type === 'PySlot' && returned.includes(table.variable))
        .map((table) => {
          const isWhole = table.isWhole && !table.slots.some(({ name }) => nested.test(name))
          return { module, table, isWhole }
        })
    }),
  )
}

/** Slots with tables of more. */
const nested = /^Py_(?:slot_subslots|mod_slots)$/
