import { isNull, slotName } from '../../code/values.ts'
import { wholeLines } from '../../fix/edits.ts'
import { includeEdit } from '../../fix/includes.ts'
import type { EditList } from '../edit-list.ts'
import { indentAt, lineEndOf, qualifiedStart, withBlankLine } from '../places.ts'
import type { Sources } from '../sources.ts'
import type { Conversion } from './conversion.ts'
import { hasSlot, isSpecField } from './fields.ts'
import { finalBase, refusalEntry, refusalOfSubclasses } from './final-bases.ts'
import type { Line } from './initialiser-lines.ts'
import { isFreeing } from './instances.ts'
import { latePlace } from './late-tables.ts'
import { entryInsertion, stringIn } from './members.ts'
import { type Additions, writeSpec } from './spec.ts'
import { SpecPlacement } from './spec-placement.ts'
import type { TypeCreations } from './type-creations.ts'
import type { TypeFacts } from './type-facts.ts'
import { type DeclaredIn, type DefinedIn, offsetOf, type TypeObject } from './type-objects.ts'

/** Writes what takes the place of the declarations and the definitions of a type, and of its tables. */
export function emitDefinition(
  facts: TypeFacts,
  conversion: Conversion,
  creations: TypeCreations,
  edits: EditList,
): void {
  const { type, isSequence } = conversion
  const placement = new SpecPlacement(facts, conversion, creations)
  const writer = new DefinitionWriter(facts, conversion, placement, edits)
  for (const declared of type.declarations) writer.declaration(declared)
  if (type.pointer !== null) edits.replace(type.pointer.file, type.pointer.initialiser, '')
  if (isSequence) for (const definition of type.definitions) writer.pointerOnly(definition)
  else writer.definitions(additionsOf(facts, conversion, creations))
}

class DefinitionWriter {
  private readonly sources: Sources
  private readonly type: TypeObject

  constructor(
    private readonly facts: TypeFacts,
    private readonly conversion: Conversion,
    private readonly placement: SpecPlacement,
    private readonly edits: EditList,
  ) {
    this.sources = facts.sources
    this.type = conversion.type
  }

  declaration(declared: DeclaredIn): void {
    const { file, variable, span } = declared
    const { spec } = this.conversion
    const text = this.sources.text(file)
    const storage = this.placement.declarationOfSpec(declared)
    if (this.type.pointer !== null) {
      const whole = storage === null ? wholeLines(text, span.start, span.end) : span
      this.edits.replace(file, whole, storage === null ? '' : `${storage} PyType_Spec ${spec};`)
      return
    }
    const start = qualifiedStart(text, variable.nameSpan.start)
    if (this.type.pointerName === null) this.edits.replace(file, { start, end: start }, '*')
    else this.nameMacro(declared, this.type.pointerName)
    if (storage === null) return
    const line = `${lineEndOf(text)}${indentAt(text, span.start)}${storage} PyType_Spec ${spec};`
    this.edits.replace(file, { start: span.end, end: span.end }, line)
  }

  /** Gives the pointer its own name, and makes that of the type a macro for what it points to, on a line of its own. */
  private nameMacro({ file, variable: { nameSpan }, span }: DeclaredIn, pointerName: string): void {
    const text = this.sources.text(file)
    this.edits.replace(file, nameSpan, `*${pointerName}`)
    const lineEnd = lineEndOf(text)
    const rest = /^[^\r\n]*/.exec(text.slice(span.end))![0]
    const isWhole = /^[ \t]*(?:\/\*[^*]*(?:\*(?!\/)[^*]*)*\*\/[ \t]*|\/\/.*)?$/.test(rest)
    const at = isWhole ? span.end + rest.length : span.end
    this.edits.replace(file, { start: at, end: at }, `${lineEnd}${this.macroLine}${isWhole ? '' : lineEnd}`)
  }

  private get macroLine(): string {
    return `#define ${this.type.name} (*${this.type.pointerName})`
  }

  /** Puts the pointer alone in the place of a definition. */
  pointerOnly(definition: DefinedIn): void {
    this.edits.replace(definition.file, definition.span, this.pointer(definition))
  }

  /** The declaration of the pointer that takes the place of a definition; empty where another one in the file does. */
  private pointer({ file, variable, span }: DeclaredIn): string {
    if (this.type.pointer !== null) return ''
    const { start, end } = variable.nameSpan
    const isDeclared = this.type.declarations.some((each) => each.file === file && offsetOf(each) < start)
    if (variable.storage === 'static' && isDeclared) return ''
    const text = this.sources.text(file)
    const qualified = qualifiedStart(text, start)
    const written = text.slice(span.start, qualified)
    // What stands behind a comment up to the end of its line would be a part of it.
    const head = (written.includes('//') ? written : written.replace(/\s+/g, ' ')).replace(/\bconst\s/, '')
    const { pointerName, declarations } = this.type
    if (pointerName === null) return `${head}*${text.slice(qualified, end)};`
    const isNamed = declarations.some((each) => this.sources.includes(file, each.file))
    return `${head}*${pointerName};${isNamed ? '' : `${lineEndOf(text)}${this.macroLine}`}`
  }

  definitions(additions: Additions): void {
    const { definitions, homes } = this.type
    if (additions.slots.some(({ value }) => value === refusal)) this.edits.useShim(homes[0]!.file, refusal)
    if (additions.methods.length > 0) this.edits.useShim(homes[0]!.file, refusalOfSubclasses)
    if (definitions.length === 0) this.definition(homes[0]!, null, additions)
    for (const definition of definitions) this.definition(definition, definition, additions)
    this.tables()
  }

  /** @param definition null for a type whose fields are all assigned later */
  private definition(home: DeclaredIn, definition: DefinedIn | null, additions: Additions): void {
    const { file } = home
    const { type, conversion, placement } = this
    const isCxx = this.sources.settings.isCxx(file)
    const { text: spec, members } = writeSpec(this.sources, {
      type,
      definition,
      file,
      names: conversion,
      linkage: placement.linkage(home),
      additions,
      isCxx,
    })
    const late = latePlace(this.sources, conversion.uses)
    const lines = late !== null && 'prototypes' in late ? [...late.prototypes, '', spec] : [spec]
    const text = lines.join(lineEndOf(this.sources.text(file)))
    this.entries(file, 'tp_members', members)
    this.entries(file, 'tp_methods', additions.methods)
    if (this.facts.hasOffsets(type)) this.include(file, '<structmember.h>')
    if (definition === null && placement.isInFunction) this.putInFunction(file, text)
    else if (definition === null) {
      const lineEnd = lineEndOf(this.sources.text(file))
      this.edits.insert(file, placement.offset!, `${text}${lineEnd}${lineEnd}`)
    } else this.place(definition, text)
  }

  /** Puts lines into the array that the type has for a field; nothing where it has none. */
  private entries(file: string, field: string, lines: readonly Line[]): void {
    const text = this.sources.text(file)
    const [own] = this.facts.values(this.type, field)
    const array = lines.length > 0 && own ? this.facts.arrayOf(this.type, own) : null
    const insertion = array === null ? null : entryInsertion(text, array, lines)
    if (insertion !== null) this.edits.replace(file, { start: insertion.start, end: insertion.start }, insertion.text)
  }

  private include(file: string, header: string): void {
    const include = includeEdit(this.sources.text(file), [header])
    if (include) this.edits.add(file, include)
  }

  /** Puts a spec where it belongs, and the pointer in the place of the definition. */
  private place(definition: DefinedIn, spec: string): void {
    const { file, span } = definition
    const text = this.sources.text(file)
    const lineEnd = lineEndOf(text)
    const pointer = this.pointer(definition)
    const { offset } = this.placement
    if (offset === null) {
      const behind = pointer === '' ? '' : `${lineEnd}${lineEnd}${indentAt(text, span.start)}${pointer}`
      this.edits.replace(file, span, `${spec}${behind}`)
      return
    }
    if (this.placement.isInFunction) {
      this.putInFunction(file, spec)
      this.edits.replace(file, span, pointer)
      return
    }
    const isEnd = offset === text.length
    const isInLine = text[offset - 1] !== '\n'
    const before = `${isInLine ? lineEnd : ''}${isEnd || isInLine ? lineEnd : ''}`
    this.edits.insert(file, offset, `${before}${spec}${lineEnd}${isEnd ? '' : lineEnd}`)
    const storage = this.placement.declarationAtHome(file)
    const declared = storage === null ? '' : `${lineEnd}${storage} PyType_Spec ${this.conversion.spec};`
    this.edits.replace(file, span, `${pointer}${declared}`)
  }

  /** Puts a spec behind a line of a function. */
  private putInFunction(file: string, spec: string): void {
    const text = this.sources.text(file)
    const offset = this.placement.offset!
    const lineEnd = lineEndOf(text)
    const isBlankNext = /^[^\n]*\n[ \t]*\r?\n/.test(text.slice(offset, offset + longestBlank))
    const put = `${lineEnd}${lineEnd}${indented(spec, indentAt(text, offset))}${isBlankNext ? '' : lineEnd}`
    this.edits.insert(file, offset, put)
  }

  /** The tables of the type go. */
  private tables(): void {
    for (const table of [...this.type.tables.values(), ...this.conversion.uses.assignedTables.values()]) {
      for (const { file, span } of [table, ...table.forward]) {
        const lines = withBlankLine(this.sources.text(file), span.start, span.end)
        this.edits.replace(file, lines, '')
      }
    }
  }
}

/** Characters behind an offset that are looked at for a blank line. */
const longestBlank = 500

/** C with its lines moved to the right, but for directives and what goes on in a string or behind a backslash. */
function indented(text: string, indent: string): string {
  if (/\bR"/.test(text)) return text
  return text.replace(/^(?![ \t]*(?:#|\r?$))/gm, (_, offset: number) =>
    /\\\r?\n$/.test(text.slice(Math.max(0, offset - 3), offset)) ? '' : indent,
  )
}

/** The shim that refuses to make instances. */
const refusal = 'PepType_RefuseNew'

/** What a type gets besides what its initialiser says. */
function additionsOf(facts: TypeFacts, { type, uses }: Conversion, creations: TypeCreations): Additions {
  const assigned = uses.fieldAssignments.find(({ field }) => field === 'tp_name')
  const names = facts.values(type, 'tp_name')
  const additions = {
    slots: [] as Additions['slots'][number][],
    tables: [...uses.assignedTables.values()],
    dropped: new Set<string>(),
    flags: flagsOf(facts, type, creations),
    name: assigned ? facts.qualifiedName(assigned) : null,
    names: new Map(names.map((each) => [each.text, facts.qualifiedName(each)] as const)),
    sizes: new Map<string, string>(),
    methods: finalBase(facts, type, (other) => creations.isConverted(other)) ? [refusalEntry] : [],
  }
  if (refusesNew(facts, type) && facts.sources.settings.level < 10)
    additions.slots.push({ field: 'tp_new', value: refusal, conditions: [] })
  for (const { value } of facts.values(type, 'tp_dealloc'))
    if (isFreeing(slotName(value) ?? '')) additions.dropped.add('tp_dealloc')
  const hidden = hidesDoc(facts, type)
  if (hidden) additions.dropped.add('tp_doc')
  for (const { field, value, text, operator, conditions } of uses.fieldAssignments) {
    if (isNull(value) || field === 'tp_base' || field === 'tp_name' || facts.isInherited(type, field, value)) continue
    if (field === 'tp_flags' && operator === '|=') additions.flags.push(/^[\w|\s]+$/.test(text) ? text : `(${text})`)
    else if (isSpecField(field)) additions.sizes.set(field, text)
    else if ((field !== 'tp_doc' || !hidden) && hasSlot(field)) {
      additions.slots.push({ field, value: text, conditions })
      additions.dropped.add(field)
    }
  }
  return additions
}

const flagTexts = (facts: TypeFacts, type: TypeObject): string =>
  facts
    .values(type, 'tp_flags')
    .map(({ text }) => text)
    .join(' ')

/** Whether calling the type fails as long as it is static, for want of a `tp_new`. */
function refusesNew(facts: TypeFacts, type: TypeObject): boolean {
  const base = facts.base(type)
  const hasNoBase = base === null || base.name === 'PyBaseObject_Type'
  return (
    facts.values(type, 'tp_new').length === 0 && hasNoBase && !/DISALLOW_INSTANTIATION/.test(flagTexts(facts, type))
  )
}

/** Flags that keep a heap type what the static type was. */
function flagsOf(facts: TypeFacts, type: TypeObject, creations: TypeCreations): string[] {
  const { level } = facts.sources.settings
  const own = flagTexts(facts, type)
  const flags: string[] = []
  if (level >= 10 && refusesNew(facts, type)) flags.push('Py_TPFLAGS_DISALLOW_INSTANTIATION')
  // `PyType_Ready` does not ask for it, `PyType_FromSpecWithBases` does.
  if (finalBase(facts, type, (other) => creations.isConverted(other))) flags.push('Py_TPFLAGS_BASETYPE')
  if (level >= 10 && !/IMMUTABLETYPE/.test(own) && staysImmutable(facts, type, creations))
    flags.push('Py_TPFLAGS_IMMUTABLETYPE')
  return flags
}

/** Bases of bases that are looked at. */
const deepest = 20

function staysImmutable(facts: TypeFacts, type: TypeObject, creations: TypeCreations, depth = 0): boolean {
  if (facts.usesOf(type).readsDict || depth > deepest) return false
  const base = facts.base(type)
  if (base === null) return true
  if (base.type !== null)
    return !creations.isConverted(base.type) || staysImmutable(facts, base.type, creations, depth + 1)
  return base.name?.startsWith('Py') ?? false
}

/** `PyType_FromSpec` writes the documentation over a `__doc__` of the instances. */
function hidesDoc(facts: TypeFacts, type: TypeObject): boolean {
  return (
    facts.values(type, 'tp_doc').length > 0 &&
    ['tp_getset', 'tp_members'].some((field) =>
      facts.values(type, field).some((each) => {
        const array = facts.arrayOf(type, each)
        return array !== null && stringIn(array, /^"__doc__"$/) !== null
      }),
    )
  )
}
