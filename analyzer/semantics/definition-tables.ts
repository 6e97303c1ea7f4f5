import type { FileCode } from '../code/file-code.ts'
import { callsIn, inCasts, leadOf, nameAt, parentsIn } from '../code/placement.ts'
import type { Entry, FunctionCode, NameValue, Variable } from '../code/tree.ts'
import { addressed, bare, calleeName, isNull, itemsOf, nameOf } from '../code/values.ts'
import { variablesIn } from '../code/variables.ts'
import type { Verdict } from '../preprocess/condition.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset, Span } from '../source/text.ts'
import { compiledAt } from './calls.ts'
import { lastMade } from './table-macros.ts'
import { hasRoom, sizeIn } from './type-specs.ts'

/** An array that CPython reads up to an entry of zeros, and that has none. The place is that of its name. */
export interface UnendedTable {
  readonly file: FileId
  readonly variable: string
  /** `PyMethodDef` */
  readonly type: string
  readonly span: Span
  /** Its last entry, and what parts that from what stands before; null for a condition, and where the size is fixed. */
  readonly last: { readonly span: Span; readonly lead: string } | null
  /** Whether the target compiles it. */
  readonly compiled: Exclude<Verdict, 'no'>
}

const tableTypes = ['PyMethodDef', 'PyMemberDef', 'PyGetSetDef', 'PyModuleDef_Slot', 'PySlot']

/** Fields of type objects and of module definitions that hold such tables. */
const tableFields = new Set(['m_methods', 'm_slots', 'tp_methods', 'tp_members', 'tp_getset'])

/** The slots that do. */
const tableSlots = new Set([
  'Py_tp_methods',
  'Py_tp_members',
  'Py_tp_getset',
  'Py_mod_methods',
  'Py_mod_slots',
  'Py_slot_subslots',
])

/** The functions that get one, with its place among their parameters. */
const tableFunctions: Readonly<Record<string, number>> = {
  PyModule_AddFunctions: 1,
  PyModule_FromSlotsAndSpec: 0,
  PyType_FromSlots: 0,
}

/** Where such a field may stand without its name. */
const tableHolders = new Set(['PyModuleDef', 'PyTypeObject', '_typeobject'])

/** The macros of CPython that make a `PySlot`; `PySlot_END` is no call. */
const slotMakers = /^PySlot_[A-Z]/

/** The tables of methods, members, attributes and module slots that CPython gets and that have no end. */
export function* unendedTables(model: ProjectModel): Iterable<UnendedTable> {
  for (const file of model.files.keys()) {
    const code = model.project.code(file)
    for (const variable of tablesIn(code)) {
      const compiled = compiledAt(model, file, variable.nameSpan.start)
      const last = compiled === 'no' ? null : lastEntry(model, file, variable)
      if (last === null || compiled === 'no' || !isReadToItsEnd(model, file, variable)) continue
      yield {
        file,
        variable: variable.name,
        type: tableType(variable),
        span: variable.nameSpan,
        last:
          last.kind === 'item' &&
          sizeIn(code, variable.nameSpan) === null &&
          !lastMade(model, file, last.value)?.hasComma
            ? { span: last.value.span, lead: leadOf(code.text, last.value.span) }
            : null,
        compiled,
      }
    }
  }
}

const tableType = ({ type }: Pick<Variable, 'type'>): string => /^(?:struct )?(\w*)/.exec(type)![1]!

/** An entry of a table of module slots. */
export interface SlotEntry {
  /** The lines that it has for itself, with the comma behind it; null where something else stands on them. */
  readonly lines: Span | null
  /** Its first two fields, where they are names. */
  readonly names: readonly NameValue[]
  /**
   * The calls of `PyModuleDef_Init` with the definition that has the table, where the table may be changed before and
   * is used for nothing else; empty else.
   */
  readonly inits: readonly Span[]
}

/** The entry of a table of module slots that a place stands in; null for none. */
export function slotEntryAt(model: ProjectModel, file: FileId, offset: Offset): SlotEntry | null {
  const code = model.project.code(file)
  const isAround = ({ span: { start, end } }: { readonly span: Span }): boolean => start <= offset && offset < end
  for (const variable of tablesIn(code)) {
    if (variable.initialiser?.kind !== 'braces' || !isAround(variable.initialiser)) continue
    const entry = itemsIn(variable.initialiser.entries ?? []).find((each) => isAround(each.value))?.value
    if (entry?.kind !== 'braces' || tableType(variable) !== 'PyModuleDef_Slot') return null
    const names = itemsIn(entry.entries ?? []).flatMap(({ value }) => (value.kind === 'name' ? [value] : []))
    return { lines: linesOf(code.text, entry.span), names, inits: initsOf(code, variable) }
  }
  return null
}

function linesOf(text: string, span: Span): Span | null {
  const start = text.lastIndexOf('\n', span.start - 1) + 1
  const rest = /^[ \t]*(?:,[ \t]*)?(?:\/\*[^\r\n]*?\*\/[ \t]*|\/\/[^\r\n]*)?(?=\r?\n)/.exec(text.slice(span.end))
  if (rest === null || text.slice(start, span.start).trim() !== '') return null
  return { start, end: span.end + rest[0].length }
}

/** The names of the functions called that make a module of the definition that has a table of slots. */
function initsOf(code: FileCode, { name, type, nameSpan, storage }: Variable): Span[] {
  if (storage !== 'static' || /\bconst\b/.test(type)) return []
  const uses = code.occurrences(name).filter(({ span, isField }) => !isField && span.start !== nameSpan.start)
  const [use, ...others] = uses
  const definition = code.variables.find(
    (each) => use !== undefined && /\bPyModuleDef$/.test(each.type) && isIn(use.span, each.initialiser?.span),
  )
  if (others.length > 0 || definition === undefined) return []
  const calls = code.occurrences(definition.name).flatMap(({ span, isField, isInDirective }) => {
    if (isField || span.start === definition.nameSpan.start) return []
    const around = isInDirective ? null : code.functionAt(span.start)
    const call =
      around && callsIn(around).find((each) => each.operands.some((one) => addressed(one) === definition.name))
    return call && calleeName(call) === 'PyModuleDef_Init' ? [call.callee.span] : [null]
  })
  return calls.every((each) => each !== null) ? calls : []
}

const isIn = (inner: Span, outer: Span | undefined): boolean =>
  outer !== undefined && outer.start <= inner.start && inner.end <= outer.end

/** The items among entries, those in branches of conditions too. */
const itemsIn = (entries: readonly Entry[]): Extract<Entry, { kind: 'item' }>[] =>
  entries.flatMap((each) =>
    each.kind === 'item'
      ? [each]
      : each.kind === 'branches'
        ? each.branches.flatMap((one) => itemsIn(one.entries))
        : [],
  )

/** The arrays of those types, at file level and in functions. */
function* tablesIn(code: FileCode): Iterable<Variable> {
  const isTable = (each: Variable): boolean => each.type.endsWith('[]') && tableTypes.includes(tableType(each))
  const places = tableTypes.flatMap((type) => code.occurrences(type).map(({ span }) => span.start))
  if (places.length === 0) return
  yield* code.variables.filter(isTable)
  const functions = new Set(places.flatMap((place) => code.functionAt(place) ?? []))
  for (const each of functions) yield* [...variablesIn(each)].filter(isTable)
}

/** The last entry of a table, where that is surely none of zeros; of several branches the condition; else null. */
function lastEntry(model: ProjectModel, file: FileId, { initialiser, nameSpan }: Variable): Entry | null {
  if (initialiser?.kind !== 'braces' || hasRoom(model.project.code(file), nameSpan, initialiser.entries)) return null
  const { start, end } = initialiser.span
  // What is included stands there too.
  if (model.files[file]!.includes.some(({ offset }) => start <= offset && offset < end)) return null
  const last = initialiser.entries?.at(-1)
  return last && endsFilled(model, file, initialiser.entries!) ? last : null
}

/** Whether what stands last among entries is surely none of zeros, whatever the conditions. */
function endsFilled(model: ProjectModel, file: FileId, entries: readonly Entry[]): boolean {
  const last = entries.at(-1)
  if (last === undefined) return false
  if (last.kind === 'branches') {
    const isFilledBefore = last.hasElse || endsFilled(model, file, entries.slice(0, -1))
    return (
      isFilledBefore &&
      last.branches.every((each) =>
        each.entries.length === 0
          ? endsFilled(model, file, entries.slice(0, -1))
          : endsFilled(model, file, each.entries),
      )
    )
  }
  if (last.holdsDirectives || last.designator !== null) return false
  // A macro among the others may hold several, but the last one ends what is written.
  const { value } = last
  if (value.kind === 'call' && slotMakers.test(calleeName(value) ?? '')) return true
  if (value.kind === 'call' || value.kind === 'name') return lastMade(model, file, value)?.hasText ?? false
  return value.kind === 'braces' && isFilled(value.entries?.[0])
}

/** Whether the first field of an entry is a name in quotes, or the number of a slot. */
function isFilled(first: Entry | undefined): boolean {
  if (first?.kind !== 'item' || first.holdsDirectives) return false
  if (first.designator !== null && first.designator !== 'ml_name' && first.designator !== 'name') {
    return /^(?:slot|sl_id)$/.test(first.designator) && !isNull(first.value)
  }
  const value = bare(first.value)
  if (value.kind === 'literal') return value.literal === 'string'
  return value.kind === 'name' && !isNull(value) && /^Py_(?:mod|tp|slot)_\w+$/.test(value.name)
}

/** Whether CPython gets a table, and the project does nothing else with it. */
function isReadToItsEnd(model: ProjectModel, file: FileId, { name, nameSpan, storage }: Variable): boolean {
  let isGiven = false
  for (const each of storage === 'static' ? [file] : model.project.filesWith(name)) {
    const code = model.project.code(each)
    for (const { span, isField, isInDirective } of code.occurrences(name)) {
      if (isField || (each === file && span.start === nameSpan.start)) continue
      if (isInDirective) return false
      const around = code.codeAt(span.start)
      const value = around && nameAt(around, span.start)
      if (!around || value === null) {
        // `extern PyMethodDef methods[];`
        if (around?.body.some((statement) => declares(statement, name))) continue
        return false
      }
      if (!isGivenTo(around, value)) return false
      isGiven ||= compiledAt(model, each, span.start) !== 'no'
    }
  }
  return isGiven
}

const declares = (statement: FunctionCode['body'][number], name: string): boolean =>
  statement.kind === 'declaration' && statement.variables.some((each) => each.name === name)

/** Whether a name stands where CPython reads a table up to its end. */
function isGivenTo(around: FunctionCode, name: NameValue): boolean {
  const { whole: child, parent: at } = inCasts(around, name)
  switch (at?.kind) {
    case 'assign': {
      const target = bare(at.target)
      return at.value === child && target.kind === 'member' && tableFields.has(target.name)
    }
    case 'return':
      return /^PyModExport_/.test(around.name)
    case 'call': {
      const called = calleeName(at) ?? ''
      if (slotMakers.test(called)) return tableSlots.has(nameOf(at.operands[0]!) ?? '') && at.operands[1] === child
      return at.operands[tableFunctions[called] ?? -1] === child
    }
    case 'braces': {
      const items = [...itemsOf(at.entries ?? [])]
      const item = items.find((each) => each.value === child)
      if (item && item.designator !== null && item.designator !== 'pfunc' && item.designator !== 'value')
        return tableFields.has(item.designator)
      if (items[0] && tableSlots.has(nameOf(items[0].value) ?? '')) return true
      const holder = parentsIn(around).get(at)
      return holder?.kind === 'variable' && tableHolders.has(holder.type.split(' ').at(-1)!)
    }
    default:
      return false
  }
}
