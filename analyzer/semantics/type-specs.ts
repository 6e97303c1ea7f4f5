import type { FileCode } from '../code/file-code.ts'
import { assignedTo, callsAround, leadOf } from '../code/placement.ts'
import { valuesInCode } from '../code/statements.ts'
import type { CallValue, Entry, FunctionCode, ItemEntry, Value, Variable } from '../code/tree.ts'
import {
  bare,
  calleeName,
  eachValue,
  fieldValues,
  isNull,
  itemsOf,
  plainText,
  pointedName,
  slotName,
} from '../code/values.ts'
import { variablesOfTypes } from '../code/variables.ts'
import { offsetMembers } from '../knowledge/slots.ts'
import { addAll } from '../source/lists.ts'
import type { RegionId, Span } from '../source/text.ts'
import { type MadeValue, madeEntries } from './table-macros.ts'

/** What one file says of the types that it makes of specs: tables and calls, whatever the target. */

/** A place, and the region of the preprocessor that it stands in. */
interface Placed {
  readonly span: Span
  readonly region: RegionId
}

/** What a `PyType_Spec`, or a `PyTypeObject`, says of a type besides its slots. The place is that of its name. */
export interface TypeHead extends Placed {
  readonly variable: string
  /** The type's name, where it is written out; with its place. */
  readonly name: { readonly text: string; readonly span: Span } | null
  /** Its sizes, several where conditions choose. */
  readonly basicSizes: readonly Value[]
  /** Its item sizes, several where conditions choose, but for zeros. */
  readonly itemSizes: readonly Placed[]
  readonly flags: readonly (Placed & { readonly name: string })[]
  /** The other names among them, which may be macros of the project. */
  readonly flagNames: readonly (Placed & { readonly name: string })[]
  /** Whether the flags may be more than all of these: what is no name among them, or an assignment. */
  readonly hasOpenFlags: boolean
}

/** A variable of type `PyType_Spec`, with its initialiser. */
export interface TypeSpec extends TypeHead {
  /** The variable with its slots; null where that is not written out. */
  readonly slots: string | null
}

/** An array of `PyType_Slot`. The place is that of its name. */
export interface SlotTable extends Placed {
  readonly variable: string
  readonly entries: readonly SlotEntry[]
  /** Whether all that is in it is among the entries: no macro stands for more, nothing is written into it later. */
  readonly isWhole: boolean
  /** What it ends with: an entry of zeros, an entry that is none, or what cannot be told. */
  readonly last: 'sentinel' | 'entry' | 'unknown'
  /** Whether it is declared with a size. */
  readonly hasSize: boolean
}

/** An entry of a table of slots, with its braces; of one that a macro makes, the place is that of the call. */
export interface SlotEntry extends Placed {
  /** `Py_tp_dealloc`; empty for the entry that ends the table. */
  readonly slot: string
  /** What parts it from what stands before: a line end and blanks, or a blank; null where a macro makes it. */
  readonly lead: string | null
  /** The name that its value is, behind casts and `&`; null for anything else. */
  readonly value: string | null
  readonly isNull: boolean
}

/** An entry of an array of `PyMemberDef`, with its braces. */
export interface Member extends Placed {
  /** The array's variable. */
  readonly table: string
  /** Empty where it is not written out. */
  readonly name: string
  readonly type: Value
  readonly offset: Value | null
  readonly flags: Value | null
}

/** A call that makes a type of a spec, or an instance of a type, or that gets a spec. */
export interface TypeCall extends Placed {
  readonly name: string
  readonly call: CallValue
  readonly around: FunctionCode
  /** What its value is put into, as plain text: `state->Spam_Type`; null for nothing. */
  readonly result: string | null
}

export interface FileSpecs {
  readonly specs: readonly TypeSpec[]
  readonly slotTables: readonly SlotTable[]
  readonly members: readonly Member[]
  /** Those of them whose names `PyType_FromSpec` looks for: `__weaklistoffset__`. */
  readonly offsetMembers: readonly Member[]
  /** Whether a table of members or attributes has `__module__`. */
  readonly hasModuleMember: boolean
  readonly calls: readonly TypeCall[]
}

const makers = (
  'PyType_FromSpec PyType_FromSpecWithBases PyType_FromModuleAndSpec PyType_FromMetaclass PyTuple_Pack ' +
  'PyObject_New PyObject_NEW PyObject_NewVar PyObject_NEW_VAR PyObject_GC_New PyObject_GC_NewVar PyObject_GC_Track'
).split(' ')

/** The fields of `PyType_Spec`, in order. */
export const specFields = ['name', 'basicsize', 'itemsize', 'flags', 'slots']
const slotFields = ['slot', 'pfunc']
const memberFields = ['name', 'type', 'offset', 'flags', 'doc']
const memberNames: ReadonlySet<string> = new Set(Object.values(offsetMembers))

const nothing: FileSpecs = {
  specs: [],
  slotTables: [],
  members: [],
  offsetMembers: [],
  hasModuleMember: false,
  calls: [],
}

const known = new WeakMap<FileCode, FileSpecs>()

/** Reads what a file says of types that are made of specs; once. */
export function specsIn(code: FileCode): FileSpecs {
  let found = known.get(code)
  if (!found) {
    found = /\bPy(?:Type_(?:Spec|Slot)|MemberDef)\b/.test(code.text) ? new SpecReader(code).read() : nothing
    known.set(code, found)
  }
  return found
}

class SpecReader {
  private readonly specs: TypeSpec[] = []
  private readonly slotTables: SlotTable[] = []
  private readonly members: Member[] = []

  constructor(private readonly code: FileCode) {}

  read(): FileSpecs {
    for (const variable of variablesOfTypes(this.code, ['PyType_Spec', 'PyType_Slot', 'PyMemberDef']))
      this.variable(variable)
    const { code, specs, slotTables, members } = this
    const offsets = members.filter(({ name }) => memberNames.has(name))
    const hasModuleMember = code.text.includes('"__module__"') && /[{=]\s*"__module__"/.test(code.text)
    return { specs, slotTables, members, offsetMembers: offsets, hasModuleMember, calls: this.calls() }
  }

  private placed(span: Span): Placed {
    return { span, region: this.code.regionAt(span.start) }
  }

  private variable({ name, type, nameSpan, initialiser }: Variable): void {
    if (initialiser?.kind !== 'braces') return
    const { entries } = initialiser
    const isArray = type.endsWith('[]')
    const element = type.replace(/^struct /, '')
    if (element.startsWith('PyType_Slot')) {
      if (isArray) this.slotTables.push(this.slotTable(name, nameSpan, entries))
    } else if (element.startsWith('PyMemberDef')) {
      if (isArray && entries) this.readMembers(name, entries)
    } else if (isArray) {
      for (const { value } of itemsOf(entries ?? []))
        if (value.kind === 'braces' && value.entries) this.specs.push(this.spec(`${name}[]`, nameSpan, value.entries))
    } else if (entries) this.specs.push(this.spec(name, nameSpan, entries))
  }

  private spec(variable: string, nameSpan: Span, entries: readonly Entry[]): TypeSpec {
    const values = fieldValues(specFields, entries)
    const only = (field: string): Value | null => (values.get(field)?.length === 1 ? values.get(field)![0]! : null)
    const name = only('name')
    const flagValues = values.get('flags') ?? []
    const { flags, flagNames, isAll } = flagsIn(this.code, flagValues)
    const hasOpenFlags =
      !isAll || (entries.some(({ kind }) => kind === 'branches') && flagValues.length === 0) || this.isWritten(variable)
    const slots = only('slots')
    return {
      variable,
      ...this.placed(nameSpan),
      name: textIn(name),
      basicSizes: values.get('basicsize') ?? [],
      itemSizes: (values.get('itemsize') ?? []).filter((each) => !isNull(each)).map(({ span }) => this.placed(span)),
      flags,
      flagNames,
      hasOpenFlags,
      slots: slots ? pointedName(slots) : null,
    }
  }

  /** Whether a variable is written into after it was declared: `spec.flags |= ...`, `slots[3].pfunc = ...`. */
  private isWritten(variable: string): boolean {
    return this.code
      .occurrences(variable)
      .some(
        ({ before, behind, isInDirective }) =>
          !isInDirective &&
          /^(?:\.|\[)$/.test(behind) &&
          !/^(?:PyType_Slot|PyType_Spec|PyMemberDef|const|::|\*)$/.test(before),
      )
  }

  private slotTable(variable: string, nameSpan: Span, entries: readonly Entry[] | null): SlotTable {
    const found: SlotEntry[] = []
    let isWhole = entries !== null && !this.isWritten(variable)
    for (const item of itemsOf(entries ?? [])) {
      const all = this.slotEntries(item)
      if (all === null) isWhole = false
      else
        addAll(
          found,
          all.filter(({ slot }) => slot !== ''),
        )
    }
    const last = entries?.at(-1)
    const lastEntry = last?.kind === 'item' ? this.slotEntries(last)?.at(-1) : undefined
    return {
      variable,
      ...this.placed(nameSpan),
      entries: found,
      isWhole,
      last:
        lastEntry === undefined || hasRoom(this.code, nameSpan, entries)
          ? 'unknown'
          : lastEntry.slot === ''
            ? 'sentinel'
            : 'entry',
      hasSize: sizeIn(this.code, nameSpan) !== null,
    }
  }

  /** `{Py_tp_dealloc, spam_dealloc}`, or what a macro makes; with an empty slot for the sentinel; null for others. */
  private slotEntries({ value, designator }: ItemEntry): readonly SlotEntry[] | null {
    if (designator !== null) return null
    if (value.kind === 'braces') {
      const entry = value.entries === null ? null : this.slotEntry(value.entries, value.span)
      return entry && [entry]
    }
    const made = value.kind === 'call' || value.kind === 'name' ? madeEntries(this.code, value) : null
    if (made === null) return null
    const all = made.map(([slot, pointer]) => this.madeEntry(slot, pointer, value.span))
    return all.every((each) => each !== null) ? all : null
  }

  private slotEntry(entries: readonly Entry[], span: Span): SlotEntry | null {
    const values = fieldValues(slotFields, entries)
    const [slot, ...otherSlots] = values.get('slot') ?? []
    const [pointer, ...otherPointers] = values.get('pfunc') ?? []
    const base = { ...this.placed(span), lead: leadOf(this.code.text, span) }
    if (slot === undefined || isNull(slot)) return { ...base, slot: '', value: null, isNull: true }
    const name = plainText(slot)
    if (!/^Py_[a-z]+_\w+$/.test(name) || otherSlots.length > 0 || otherPointers.length > 0) return null
    const isEmpty = pointer !== undefined && isNull(pointer)
    return { ...base, slot: name, value: pointer && !isEmpty ? slotName(pointer) : null, isNull: isEmpty }
  }

  private madeEntry(slot: MadeValue | undefined, pointer: MadeValue | undefined, span: Span): SlotEntry | null {
    const base = { ...this.placed(span), lead: null }
    if (slot === undefined || (slot.pasted === null && isNull(slot.value)))
      return { ...base, slot: '', value: null, isNull: true }
    const name = slot.pasted ?? plainText(slot.value)
    if (!/^Py_[a-z]+_\w+$/.test(name)) return null
    const isEmpty = pointer !== undefined && pointer.pasted === null && isNull(pointer.value)
    const value = pointer && !isEmpty ? (pointer.pasted ?? slotName(pointer.value)) : null
    return { ...base, slot: name, value, isNull: isEmpty }
  }

  private readMembers(table: string, entries: readonly Entry[]): void {
    for (const { value } of itemsOf(entries)) {
      if (value.kind !== 'braces' || value.entries === null) continue
      const values = fieldValues(memberFields, value.entries)
      const [name] = values.get('name') ?? []
      const [type] = values.get('type') ?? []
      const [flags] = values.get('flags') ?? []
      const [offset] = values.get('offset') ?? []
      if (!name || isNull(name) || !type) continue
      const literal = bare(name)
      const isWritten = literal.kind === 'literal' && literal.literal === 'string'
      const text = isWritten ? stringOf(literal.text, literal.span).text : ''
      this.members.push({
        table,
        name: text,
        ...this.placed(value.span),
        type,
        offset: offset ?? null,
        flags: flags ?? null,
      })
    }
  }

  /** The calls that make types and instances, and those that get a spec. */
  private calls(): TypeCall[] {
    const found: TypeCall[] = []
    const seen = new Set<CallValue>()
    const add = (offset: number, isWanted: (call: CallValue) => boolean): void => {
      const around = this.code.functionAt(offset)
      if (around === null) return
      for (const call of callsAround(around, offset)) {
        if (seen.has(call) || !isWanted(call)) continue
        seen.add(call)
        found.push({
          name: plainText(call.callee),
          call,
          around,
          result: resultOf(around, call),
          ...this.placed(call.span),
        })
      }
    }
    const starts = (name: string): number[] => this.code.occurrences(name).map(({ span }) => span.start)
    for (const name of makers)
      for (const start of starts(name))
        add(start, (call) => calleeName(call) === name && call.span.start <= start && start < call.open)
    for (const { variable } of this.specs) {
      for (const start of starts(variable)) {
        add(start, ({ operands }) =>
          operands.some(({ span }) => span.start <= start && start < span.end && span.end - span.start < longestSize),
        )
      }
    }
    return found
  }
}

/** The string that a value is, as it is written, with its place; null for anything else. */
export function textIn(value: Value | null): TypeHead['name'] {
  const literal = value === null ? null : bare(value)
  return literal?.kind === 'literal' && literal.literal === 'string' ? stringOf(literal.text, literal.span) : null
}

/** The names among flags of a type, and whether these are all flags that there can be. */
export function flagsIn(
  code: FileCode,
  values: readonly Value[],
): Pick<TypeHead, 'flags' | 'flagNames'> & { readonly isAll: boolean } {
  const flags: TypeHead['flags'][number][] = []
  const flagNames: TypeHead['flags'][number][] = []
  let isAll = true
  for (const value of values) {
    // A condition in the middle of them hides some: then all names count, as far as they are compiled.
    const isSplit = code.holdsDirectives(value.span)
    for (const each of isSplit ? code.namesIn(value.span) : eachValue(value)) {
      if (each.kind === 'name') {
        const found = /^Py_TPFLAGS_\w+$/.test(each.name) ? flags : flagNames
        found.push({ name: each.name, span: each.span, region: code.regionAt(each.span.start) })
      } else if (each.kind === 'binary') isAll &&= each.operator === '|'
      else if (each.kind === 'literal') isAll &&= /^0[uUlL]*$/.test(each.text)
      else isAll &&= each.kind === 'group' || each.kind === 'cast'
    }
  }
  return { flags, flagNames, isAll }
}

/** What gets the value of a call: of the shims `PepType_Ready(&T, &T_spec, base)` and `PepType_Make` that is `T`. */
function resultOf(around: FunctionCode, call: CallValue): string | null {
  const [first] = call.operands
  if (/^PepType_(?:Make|Ready)$/.test(calleeName(call) ?? '') && first?.kind === 'unary' && first.operator === '&')
    return plainText(first.operand)
  const target = assignedTo(around, call)
  return target === null ? null : target.kind === 'variable' ? target.name : plainText(target)
}

/** Characters; the size of an array, and an operand that names a spec, are not longer. */
const longestSize = 200

/** Whether an array is declared with a size that may be more than what is written in it. */
export function hasRoom(code: FileCode, nameSpan: Span, entries: readonly Entry[] | null): boolean {
  const size = sizeIn(code, nameSpan)
  if (size === null) return false
  const items = (entries ?? []).filter(({ kind }) => kind === 'item')
  const isCounted =
    items.length === entries?.length && [...itemsOf(entries)].every(({ value }) => value.kind === 'braces')
  return !isCounted || !/^\d+\s*$/.test(size) || Number(size) > items.length
}

/** The size that an array is declared with, behind its name; null for none. */
export const sizeIn = ({ text }: FileCode, { end }: Span): string | null =>
  /^\s*\[\s*([^\]\s][^\]]*)\]/.exec(text.slice(end, end + longestSize))?.[1] ?? null

/** What strings that follow each other say, with their place. */
const stringOf = (text: string, span: Span): { readonly text: string; readonly span: Span } => ({
  text: [...text.matchAll(/"([^"\\]*(?:\\.[^"\\]*)*)"/g)].map(([, inner]) => inner!).join(''),
  span,
})

/** Whether fields of what a call makes are given values other than zero later in the function. */
export function isFilled({ result, call, around }: TypeCall): boolean {
  if (result === null) return false
  const root = (value: Value): string => {
    let at = bare(value)
    while (at.kind === 'index' || (at.kind === 'member' && !(at.arrow && plainText(at.object) === result)))
      at = bare(at.object)
    return at.kind === 'member' ? plainText(at.object) : ''
  }
  for (const value of valuesInCode(around.body)) {
    if (value.span.start < call.span.end) continue
    if (value.kind === 'unary' && value.operator === '&' && root(value.operand) === result) return true
    if (value.kind !== 'assign' || value.operator !== '=' || root(value.target) !== result) continue
    let given = bare(value.value)
    while (given.kind === 'assign') given = bare(given.value)
    if (!isNull(given)) return true
  }
  return false
}
