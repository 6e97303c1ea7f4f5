import type { ItemEntry } from '../../code/tree.ts'
import { isNull } from '../../code/values.ts'
import { offsetMembers, slotFields, subTables } from '../../knowledge/slots.ts'
import { isNullFor } from '../../semantics/null-values.ts'
import { allFields, type Field, type FieldPart } from '../../semantics/type-fields.ts'
import { commentBehind } from '../../source/comments.ts'
import { addAll } from '../../source/lists.ts'
import type { Span } from '../../source/text.ts'
import { indentAt, lineEndOf } from '../places.ts'
import type { Sources } from '../sources.ts'
import { isSpecField, specFields } from './fields.ts'
import { codeLine, type Line, type LineWriter, linesOf, withoutEmpty } from './initialiser-lines.ts'
import { slotValue } from './slot-values.ts'
import { type DefinedIn, type SlotStruct, type TypeObject, tableName } from './type-objects.ts'

/** The C of a `PyType_Spec` with its slots, in the style of the type object that it takes the place of. */

/** What a type gets besides what its initialiser says. */
export interface Additions {
  /** Slots whose values were assigned later, with the `#if` lines around them. */
  readonly slots: readonly { readonly field: string; readonly value: string; readonly conditions: readonly string[] }[]
  /** Tables of slots that were assigned later. */
  readonly tables: readonly SlotStruct[]
  /** Fields whose values are not carried over. */
  readonly dropped: ReadonlySet<string>
  /** Flags, by name, with what they are for. */
  readonly flags: readonly string[]
  /** Of a type whose name is assigned later: the C of it. */
  readonly name: string | null
  /** Names in initialisers that change: what they are written as, and the C of what takes their place. */
  readonly names: ReadonlyMap<string, string>
  /** Values of `tp_basicsize`, `tp_itemsize`, `tp_flags` that were assigned later. */
  readonly sizes: ReadonlyMap<string, string>
  /** Methods. */
  readonly methods: readonly Line[]
}

/** What a spec is written for. */
export interface SpecRequest {
  readonly type: TypeObject
  /** Null for a type whose fields are all assigned later. */
  readonly definition: DefinedIn | null
  readonly file: string
  readonly names: { readonly slots: string; readonly spec: string }
  /** Before the spec: `static ` or nothing. */
  readonly linkage: string
  readonly additions: Additions
  readonly isCxx: boolean
}

/** What is written for a type. */
export interface Written {
  /** The slots and the spec, declarations of their own. */
  readonly text: string
  /** Members to be put into the array that the type has already; empty for none. */
  readonly members: readonly Line[]
}

/** Writes the slots and the spec of a type. */
export const writeSpec = (sources: Sources, request: SpecRequest): Written => new SpecWriter(sources, request).write()

class SpecWriter {
  private readonly text: string
  private readonly lineEnd: string
  private readonly fields: readonly FieldPart[]
  private readonly items: readonly Field[]
  /** Between the braces of the initialiser. */
  private readonly inside: Span
  private readonly indent: string
  private readonly outer: string
  private readonly isDesignated: boolean

  constructor(
    private readonly sources: Sources,
    private readonly request: SpecRequest,
  ) {
    const { definition, file, additions } = request
    this.text = sources.text(file)
    this.lineEnd = lineEndOf(this.text)
    this.fields = definition?.fields ?? []
    this.items = [...allFields(this.fields)]
    this.inside = definition ? insideOf(definition.braces) : { start: 0, end: 0 }
    const first = this.items[0]?.item.span.start
    const isOnLines = first !== undefined && this.text.slice(this.inside.start, first).includes('\n')
    this.indent = (isOnLines ? indentAt(this.text, first) : '') || '    '
    this.outer = definition ? indentAt(this.text, definition.span.start) : ''
    this.isDesignated =
      definition === null ||
      additions.sizes.size > 0 ||
      this.items.some(({ item }) => item.designator !== null) ||
      fieldsUnderConditions(this.fields).some(isSpecField)
  }

  write(): Written {
    const { type, names, linkage, additions } = this.request
    const { slots, members } = this.slotsAndMembers()
    const parts: string[] = []
    if (members.length > 0 && !this.hasValue('tp_members')) {
      const array = `${type.name}_members`
      const head = `static PyMemberDef ${array}[] = {`
      parts.push(this.block(head, [...members, codeLine('{NULL, 0, 0, 0, NULL},')]))
      slots.push(codeLine(`{Py_tp_members, ${array}},`))
    }
    if (additions.methods.length > 0 && !this.hasValue('tp_methods')) {
      const array = `${type.name}_methods`
      const head = `static PyMethodDef ${array}[] = {`
      parts.push(this.block(head, [...additions.methods, codeLine('{NULL, NULL, 0, NULL},')]))
      slots.push(codeLine(`{Py_tp_methods, ${array}},`))
    }
    const fold = this.foldMark()
    const shown = fold === '' ? slots : slots.filter((each) => each.text !== fold.trim())
    parts.push(this.block(`static PyType_Slot ${names.slots}[] = {${fold}`, [...shown, codeLine('{0, NULL},')]))
    parts.push(this.block(`${linkage}PyType_Spec ${names.spec} = {`, this.specLines()))
    return {
      text: parts.join(this.lineEnd + this.lineEnd + this.outer),
      members: this.hasValue('tp_members') ? members : [],
    }
  }

  private block(head: string, lines: readonly Line[]): string {
    const shown = lines.map(({ text, isDirective }) => (isDirective || text === '' ? text : `${this.indent}${text}`))
    return [head, ...shown, `${this.outer}};`].join(this.lineEnd)
  }

  /** `{{{` behind the opening brace, by which editors fold. */
  private foldMark(): string {
    if (this.request.definition === null) return ''
    const comment = commentBehind(this.text, this.inside.start) ?? ''
    return comment.includes('{{{') ? comment.trimEnd() : ''
  }

  /** Whether the type has a value of its own for a field. */
  private hasValue(wanted: string): boolean {
    return (
      this.items.some(({ field, item }) => field === wanted && !isNull(item.value)) ||
      this.request.additions.slots.some(({ field }) => field === wanted)
    )
  }

  private lines(writer: LineWriter): Line[] {
    return withoutEmpty(linesOf(this.text, this.fields, this.inside, writer))
  }

  private written({ written }: ItemEntry): string {
    return this.text.slice(written.start, written.end)
  }

  private slotsAndMembers(): { readonly slots: Line[]; readonly members: readonly Line[] } {
    const { additions, file } = this.request
    const slots = this.lines({
      write: (field, item) => this.slotLines(file, field, item),
      shows: (field) => field === null || !isSpecField(field),
    })
    const members = this.lines({
      write: (field, item) =>
        Object.hasOwn(offsetMembers, field) && !isNullFor(this.sources.model, item.value)
          ? [offsetMember(field, this.written(item))]
          : [],
      shows: () => false,
    })
    for (const table of additions.tables) addAll(slots, withoutEmpty(this.tableLines(table)))
    for (const { field, value, conditions } of additions.slots) {
      if (Object.hasOwn(offsetMembers, field)) members.push(offsetMember(field, value))
      else
        slots.push(
          ...conditions.map((each) => ({ text: each, isDirective: true })),
          this.slotLine(field, value),
          ...conditions.map(() => ({ text: '#endif', isDirective: true })),
        )
    }
    return { slots, members }
  }

  private slotLine(field: string, value: string): Line {
    return codeLine(`{Py_${field}, ${this.ended(slotValue(field, value, this.request.isCxx))}},`)
  }

  /** What stands for a field's value among the slots. @param file where that is written */
  private slotLines(file: string, field: string, { value, written }: ItemEntry): readonly Line[] {
    const { type, additions } = this.request
    if (isNull(value) || additions.dropped.has(field)) return []
    if (Object.hasOwn(subTables, field)) {
      const table = type.tables.get(tableName(this.sources, value) ?? '')
      return table ? this.tableLines(table) : []
    }
    return slotFields.has(field) ? [this.slotLine(field, this.sources.written(file, written))] : []
  }

  private tableLines({ file, fields, braces }: SlotStruct): readonly Line[] {
    if (braces === null) return []
    return linesOf(this.sources.text(file), fields, insideOf(braces), {
      write: (field, item) => this.slotLines(file, field, item),
      shows: () => true,
    })
  }

  private specLines(): readonly Line[] {
    const { additions, names } = this.request
    const { isDesignated } = this
    const has = (field: string): boolean => this.items.some((each) => each.field === field)
    const designator = (field: string): string => (isDesignated ? `.${field.slice(3)} = ` : '')
    const lines = this.lines({
      write: (field, item) => {
        if (!isSpecField(field) || additions.sizes.has(field)) return []
        if (isDesignated && isNull(item.value) && field !== 'tp_flags') return []
        return [codeLine(`${designator(field)}${this.ended(this.specValue(field, this.written(item)))},`)]
      },
      shows: (field) => field !== null && isSpecField(field),
    })
    const name = this.items.find(({ field }) => field === 'tp_name')
    if (!name || isNull(name.item.value))
      lines.unshift(codeLine(`.name = ${additions.name ?? [...additions.names.values()][0]},`))
    // C++ wants designators in the order of the fields.
    for (const field of specFields) {
      const value = additions.sizes.get(field)
      if (value !== undefined) lines.push(codeLine(`.${field.slice(3)} = ${this.ended(this.specValue(field, value))},`))
    }
    const lacksFlags = !has('tp_flags') && !additions.sizes.has('tp_flags')
    // Positions that the type object did not come to.
    const positions = isDesignated ? [] : ['tp_basicsize', 'tp_itemsize'].filter((field) => !has(field))
    for (const _ of positions) lines.push(codeLine('0,'))
    if (lacksFlags) lines.push(codeLine(`${designator('tp_flags')}${this.flags('0')},`))
    lines.push(codeLine(`${designator('tp_slots')}${names.slots}${isDesignated ? ',' : ''}`))
    return lines
  }

  private specValue(field: string, value: string): string {
    const { name, names } = this.request.additions
    if (field === 'tp_flags') return this.flags(value)
    return field === 'tp_name' ? (name ?? names.get(value) ?? value) : value
  }

  /** A value that something may stand behind: a directive has its line for itself. */
  private ended(value: string): string {
    const last = value.slice(value.lastIndexOf('\n') + 1)
    return value.includes('\n') && last.trimStart().startsWith('#') ? `${value}${this.lineEnd}${this.indent}` : value
  }

  private flags(value: string): string {
    const { flags } = this.request.additions
    const own = /^0[LlUu]*$/.test(value) ? 'Py_TPFLAGS_DEFAULT' : /[?]/.test(value) ? `(${value})` : value
    // A directive has a line of its own.
    const joint = /#[ \t]*endif[^\n]*$/.test(own) ? `${this.lineEnd}${this.indent}    | ` : ' | '
    const all = [own, ...(flags.length > 0 ? [flags.join(' | ')] : [])].join(joint)
    return (value.startsWith('#') ? this.lineEnd : '') + all
  }
}

const insideOf = ({ start, end }: Span): Span => ({ start: start + 1, end: end - 1 })

const offsetMember = (field: string, value: string): Line =>
  codeLine(`{"${offsetMembers[field]}", T_PYSSIZET, ${value}, READONLY, NULL},`)

/** The fields that stand under conditions. */
const fieldsUnderConditions = (parts: readonly FieldPart[]): string[] =>
  parts.flatMap((part) =>
    part.kind === 'field' ? [] : part.branches.flatMap((branch) => [...allFields(branch)].map(({ field }) => field)),
  )
