import type { FileCode } from '../code/file-code.ts'
import { inCasts, leadOf, nameAt, parentsIn } from '../code/placement.ts'
import type { FunctionCode, ItemEntry, NameValue, Value, Variable } from '../code/tree.ts'
import { bare, calleeName, isNull, itemsOf, nameOf } from '../code/values.ts'
import { variablesIn } from '../code/variables.ts'
import type { Verdict } from '../preprocess/condition.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Span } from '../source/text.ts'
import { compiledAt } from './calls.ts'
import { hasSize } from './type-specs.ts'

/** An array that CPython reads up to an entry of zeros, and that has none. The place is that of its name. */
export interface UnendedTable {
  readonly file: FileId
  readonly variable: string
  /** `PyMethodDef` */
  readonly type: string
  readonly span: Span
  /** Its last entry, and what parts that from what stands before. */
  readonly last: Span
  readonly lead: string
  /** Whether the target compiles it. */
  readonly compiled: Exclude<Verdict, 'no'>
}

const tableTypes = ['PyMethodDef', 'PyMemberDef', 'PyGetSetDef', 'PyModuleDef_Slot']

/** Fields of type objects and of module definitions that hold such tables. */
const tableFields = new Set(['m_methods', 'm_slots', 'tp_methods', 'tp_members', 'tp_getset'])

/** The slots that do. */
const tableSlots = new Set(['Py_tp_methods', 'Py_tp_members', 'Py_tp_getset', 'Py_mod_methods', 'Py_mod_slots'])

/** Where such a field may stand without its name. */
const tableHolders = new Set(['PyModuleDef', 'PyTypeObject', '_typeobject'])

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
        last: last.value.span,
        lead: leadOf(code.text, last.value.span),
        compiled,
      }
    }
  }
}

const tableType = ({ type }: Variable): string => /^\w*/.exec(type)![0]

/** The arrays of those types, at file level and in functions. */
function* tablesIn(code: FileCode): Iterable<Variable> {
  const isTable = ({ type }: Variable): boolean => type.endsWith('[]') && tableTypes.includes(type.slice(0, -2))
  const places = tableTypes.flatMap((type) => code.occurrences(type).map(({ span }) => span.start))
  if (places.length === 0) return
  yield* code.variables.filter(isTable)
  const functions = new Set(places.flatMap((place) => code.functionAt(place) ?? []))
  for (const each of functions) yield* [...variablesIn(each)].filter(isTable)
}

/** The last entry of a table, where that is surely none of zeros; else null. */
function lastEntry(model: ProjectModel, file: FileId, { initialiser, nameSpan }: Variable): ItemEntry | null {
  if (initialiser?.kind !== 'braces' || hasSize(model.project.code(file), nameSpan)) return null
  const { start, end } = initialiser.span
  // What is included stands there too.
  if (model.files[file]!.includes.some(({ offset }) => start <= offset && offset < end)) return null
  const last = initialiser.entries?.at(-1)
  if (last?.kind !== 'item' || last.holdsDirectives || last.designator !== null) return null
  // A macro among the others may hold several, but the last one ends what is written.
  return last.value.kind === 'braces' && isFilled(last.value.entries?.[0]) ? last : null
}

/** Whether the first field of an entry is a name in quotes, or the number of a slot. */
function isFilled(first: NonNullable<Extract<Value, { kind: 'braces' }>['entries']>[number] | undefined): boolean {
  if (first?.kind !== 'item' || first.holdsDirectives) return false
  if (first.designator !== null && first.designator !== 'ml_name' && first.designator !== 'name') {
    return first.designator === 'slot' && !isNull(first.value)
  }
  const value = bare(first.value)
  if (value.kind === 'literal') return value.literal === 'string'
  return value.kind === 'name' && /^Py_mod_\w+$/.test(value.name)
}

/** Whether CPython gets a table, and the project does nothing else with it. */
function isReadToItsEnd(model: ProjectModel, file: FileId, { name, nameSpan, storage }: Variable): boolean {
  let isGiven = false
  for (const each of storage === 'static' ? [file] : model.files.keys()) {
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
    case 'call':
      return calleeName(at) === 'PyModule_AddFunctions' && at.operands[1] === child
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
