import { isZero } from '../../code/declarations.ts'
import {
  type FunctionText,
  indentAt,
  isBraceless,
  type Outline,
  outermostStatement,
  previousToken,
  simpleStatement,
  wordAt,
} from '../../code/outline.ts'
import { includeEdit } from '../../fix/includes.ts'
import { offsetMembers, slotFields } from '../../knowledge/slots.ts'
import { addTo } from '../../source/multimap.ts'
import type { Offset, TokenIndex } from '../../source/text.ts'
import type { Conversion, FileEdit, RewriteSettings, TypeCreationCall } from './conversion.ts'
import type { Conversions } from './conversions.ts'
import { isFreeing, lineEndOf, releasingEdits, visitingEdits } from './instances.ts'
import { namesAmong, qualifiedStart, withBlankLine } from './places.ts'
import type { Sources } from './sources.ts'
import { type Additions, memberInsertion, writeSpec } from './spec.ts'
import type { TableSlot } from './tables.ts'
import { nameIn, type TypeObject, valuesOf } from './type-objects.ts'
import type { UseClassifier } from './use-classifier.ts'

/** Makes the edits of all types that are rewritten. */
export class Rewriting {
  private readonly sources: Sources
  private readonly settings: RewriteSettings

  constructor(
    private readonly all: Conversions,
    private readonly helpers: UseClassifier['helperEdits'],
  ) {
    this.sources = all.sources
    this.settings = all.settings
  }

  readonly edits: FileEdit[] = []

  readonly shims = new Map<string, Set<string>>()

  private readonly inserted = new Map<string, string[]>()

  private readonly fills = new Map<
    string,
    { readonly slot: TableSlot; readonly lines: { readonly test: string; readonly conditions: readonly string[] }[] }
  >()

  /** Writes types that can be rewritten, all of them. */
  write(open: readonly Conversion[]): void {
    for (const conversion of open) this.writeUses(conversion)
    for (const fill of this.fills.values()) this.writeFill(fill)
    // Which files use a spec is known by now.
    for (const conversion of open) this.writeDefinition(conversion)
    this.finish()
  }

  /** Everything that is written for a type but its declarations and definitions. */
  private writeUses(conversion: Conversion): void {
    this.namesFor(conversion)
    const { creationCalls } = conversion
    for (const { file, name } of conversion.shims) this.useShim(file, name)
    this.edits.push(...conversion.edits)
    for (const creation of creationCalls) this.writeSite(conversion, creation)
    for (const { file, reference } of conversion.onDemandUses) {
      const { tokens } = this.sources.outline(file)
      this.edits.push({
        file,
        start: tokens.start[reference.first]!,
        end: tokens.end[reference.last]!,
        text: this.making(conversion, file, tokens.start[reference.first]!, new Set()),
      })
    }
    for (const slot of conversion.tables) this.writeTableSlot(conversion, slot)
    if (
      !conversion.isSequence &&
      !conversion.isUsedToMake &&
      !conversion.isMadeByMacro &&
      !this.all.isBaseOfMade(conversion)
    )
      this.writeCreation(conversion)
    this.writeReferences(conversion)
  }

  private useShim(file: string, name: string): void {
    this.shims.set(file, (this.shims.get(file) ?? new Set()).add(name))
  }

  private namesFor(conversion: Conversion): void {
    if (conversion.spec !== '') return
    const { name } = conversion.type
    const isFree = (each: string): boolean =>
      this.sources
        .references(each)
        .every(
          ({ file }) =>
            !conversion.type.references.some((reference) => this.settings.related(reference.file).has(file)),
        )
    const free = (suffixes: readonly string[]): string =>
      suffixes.map((suffix) => name + suffix).find(isFree) ?? `${name}_${suffixes[0]}_`
    conversion.spec = free(['_spec', '_type_spec'])
    conversion.slots = free(['_slots', '_type_slots'])
  }

  /**
   * The C that gives the base of a type where it is made: `NULL` for none.
   * @param made the types that were made before, in the same function
   */
  private baseText(conversion: Conversion, file: string, at: Offset, made: ReadonlySet<Conversion>): string {
    const base = this.all.baseOf(conversion)
    if (base === '') return 'NULL'
    const other = this.all.baseConversion(conversion)
    if (other === null || !other.isOpen) return base
    if (made.has(other)) return other.type.name
    return this.making(other, file, at, made)
  }

  /** `PepType_Make(&T, &T_spec, base)` @param at where that is put */
  private making(conversion: Conversion, file: string, at: Offset, made: ReadonlySet<Conversion>): string {
    this.namesFor(conversion)
    this.useShim(file, 'PepType_Make')
    conversion.specUses.push({ file, offset: at })
    return `PepType_Make(&${conversion.type.name}, &${conversion.spec}, ${this.baseText(conversion, file, at, made)})`
  }

  private writeSite(conversion: Conversion, { file, how, call, reference, around }: TypeCreationCall): void {
    const outline = this.sources.outline(file)
    const { tokens, text } = outline
    const made = new Set(
      this.all.conversions.filter(
        (other) =>
          other.isOpen &&
          other.creationCalls.some(
            (creation) =>
              creation.file === file &&
              creation.how === 'ready' &&
              creation.around.body === around.body &&
              creation.call.calleeToken < call.calleeToken,
          ),
      ),
    )
    const at = tokens.start[call.calleeToken]!
    conversion.specUses.push({ file, offset: at })
    const base = this.baseText(conversion, file, at, made)
    if (how === 'ready') {
      this.useShim(file, 'PepType_Ready')
      this.edits.push({
        file,
        start: tokens.start[call.calleeToken]!,
        end: tokens.end[call.calleeToken]!,
        text: 'PepType_Ready',
      })
      const address = text.slice(tokens.start[reference.first], tokens.end[reference.last])
      this.edits.push({
        file,
        start: tokens.end[call.open]!,
        end: tokens.start[call.close]!,
        text: `${address}, &${conversion.spec}, ${base}`,
      })
    } else if (how === 'add') {
      this.useShim(file, 'PepType_Ready')
      this.edits.push({
        file,
        start: tokens.start[call.calleeToken]!,
        end: tokens.start[call.calleeToken]!,
        text: `(PepType_Ready(&${conversion.type.name}, &${conversion.spec}, ${base}) < 0 ? -1 : `,
      })
      this.edits.push(this.all.pointer(file, reference, conversion.type.name))
      this.edits.push({ file, start: tokens.end[call.close]!, end: tokens.end[call.close]!, text: ')' })
    } else
      this.edits.push({
        file,
        start: tokens.start[reference.first]!,
        end: tokens.end[reference.last]!,
        text: this.making(conversion, file, at, made),
      })
  }

  private writeTableSlot(conversion: Conversion, slot: TableSlot): void {
    const { file, reference } = slot
    const { tokens } = this.sources.outline(file)
    this.edits.push({ file, start: tokens.start[reference.first]!, end: tokens.end[reference.last]!, text: 'NULL' })
    const key = `${file}:${slot.nameToken}`
    const fill = this.fills.get(key) ?? { slot, lines: [] }
    this.fills.set(key, fill)
    fill.lines.push({
      test: `(${slot.place} = ${slot.cast}${this.making(conversion, file, tokens.end[slot.last]!, new Set())}) == NULL`,
      conditions: slot.conditions,
    })
  }

  /** The function that makes types and puts them into a table, and its call. */
  private writeFill({
    slot,
    lines,
  }: {
    readonly slot: TableSlot
    readonly lines: readonly { readonly test: string; readonly conditions: readonly string[] }[]
  }): void {
    const { file, call } = slot
    const outline = this.sources.outline(file)
    const { text, tokens } = outline
    const lineEnd = lineEndOf(text)
    const name = `${slot.name}_init`
    const end = tokens.end[slot.last]!
    const fill = (error: string): string[] =>
      lines.flatMap(({ test, conditions }) => [
        ...conditions,
        ...failing(test, error),
        ...conditions.map(() => '#endif'),
      ])
    if (slot.isLocal) {
      this.insertBefore(file, outermostStatement(outline, call.around, call.token).first, fill(call.error))
      return
    }
    const body = fill('-1').map((line) => (line.startsWith('#') ? line : `    ${line}`))
    this.edits.push({
      file,
      start: end,
      end,
      text: [
        '',
        '',
        `/* Makes the types that ${slot.name} points to. */`,
        'static int',
        `${name}(void)`,
        '{',
        ...body,
        '    return 0;',
        '}',
      ].join(lineEnd),
    })
    const statement = outermostStatement(outline, call.around, call.token)
    this.insertBefore(file, statement.first, failing(`${name}() < 0`, call.error))
  }

  /** Puts lines before a statement; several puts at one place keep their order. */
  private insertBefore(file: string, token: TokenIndex, lines: readonly string[]): void {
    const { text, tokens } = this.sources.outline(file)
    const start = tokens.start[token]!
    const lineStart = text.lastIndexOf('\n', start - 1) + 1
    const indent = indentAt(text, start)
    const lineEnd = lineEndOf(text)
    const isOwnLine = /^\s*$/.test(text.slice(lineStart, start))
    const put = lines.map((line) => `${line.startsWith('#') ? '' : indent}${line}${lineEnd}`).join('')
    this.insertAt(file, isOwnLine ? lineStart : start, isOwnLine ? put : `${lines.join(' ')} `)
  }

  private insertAt(file: string, offset: Offset, text: string): void {
    addTo(this.inserted, `${file}:${offset}`, text)
  }

  private writeCreation(conversion: Conversion): void {
    const init = this.all.initFunction(conversion)
    if (init === null) return
    this.useShim(init.file, 'PepType_Ready')
    const outline = this.sources.outline(init.file)
    const statement = outermostStatement(outline, init.around, init.token)
    const at = outline.tokens.start[statement.first]!
    conversion.specUses.push({ file: init.file, offset: at })
    const { type, spec } = conversion
    const base = this.baseText(conversion, init.file, at, new Set())
    const test = `PepType_Ready(&${type.name}, &${spec}, ${base}) < 0`
    this.insertBefore(init.file, statement.first, failing(test, init.error))
  }

  /** `PyModule_AddObject` takes a reference; of a static type nobody had to have one. */
  private writeReferences({ stolenReferences, increfSites, type }: Conversion): void {
    const left = [...increfSites]
    for (const { file, call, around } of stolenReferences) {
      const index = left.findIndex(({ body }) => body === around.body)
      if (index >= 0) {
        left.splice(index, 1)
        continue
      }
      const outline = this.sources.outline(file)
      const statement = simpleStatement(outline, call.calleeToken)
      const start = outline.tokens.start[call.calleeToken]!
      if (statement?.first === call.calleeToken && !isBraceless(outline, statement))
        this.insertBefore(file, statement.first, [`Py_INCREF((PyObject *)${type.name});`])
      else {
        const end = outline.tokens.end[call.close]!
        this.edits.push(
          { file, start, end: start, text: `(Py_INCREF((PyObject *)${type.name}), ` },
          { file, start: end, end, text: ')' },
        )
      }
    }
  }

  private writeDefinition(conversion: Conversion): void {
    const { type, fieldAssignments } = conversion
    for (const { file, declared } of type.declarations) this.writeDeclaration(conversion, file, declared)
    if (conversion.isSequence) {
      for (const { file, declared } of type.definitions) {
        const { tokens } = this.sources.outline(file)
        this.edits.push({
          file,
          start: tokens.start[declared.first]!,
          end: tokens.end[declared.last]!,
          text: this.pointerDeclaration(conversion, file, declared),
        })
      }
      return
    }
    const values = (field: string): string[] => this.all.valuesOf(conversion, field)
    const flagTexts = values('tp_flags').join(' ')
    const flags: string[] = []
    const slots: Additions['slots'][number][] = []
    const dropped = new Set<string>()
    const base = this.all.baseOf(conversion)
    const hasNoBase = base === '' || /^&\s*PyBaseObject_Type$/.test(base)
    const { level } = this.settings
    const [home] = conversion.homes
    if (values('tp_new').length === 0 && hasNoBase && !/DISALLOW_INSTANTIATION/.test(flagTexts)) {
      if (level >= 10) flags.push('Py_TPFLAGS_DISALLOW_INSTANTIATION')
      else {
        slots.push({ field: 'tp_new', value: 'PepType_RefuseNew', conditions: [] })
        this.useShim(home!.file, 'PepType_RefuseNew')
      }
    }
    // `PyType_Ready` does not ask for it, `PyType_FromSpecWithBases` does.
    if (
      !/BASETYPE/.test(flagTexts) &&
      this.all.conversions.some((other) => other.isOpen && this.all.baseConversion(other) === conversion)
    )
      flags.push('Py_TPFLAGS_BASETYPE')
    if (this.staysImmutable(conversion) && level >= 10 && !/IMMUTABLETYPE/.test(flagTexts))
      flags.push('Py_TPFLAGS_IMMUTABLETYPE')
    for (const value of values('tp_dealloc')) if (isFreeing(nameIn(value) ?? '')) dropped.add('tp_dealloc')
    // `PyType_FromSpec` writes the documentation over a `__doc__` of the instances.
    const hidesDoc =
      values('tp_doc').length > 0 &&
      ['tp_getset', 'tp_members'].some((field) =>
        values(field).some((value) => this.all.arrayText(home!.file, nameIn(value) ?? '').includes('"__doc__"')),
      )
    if (hidesDoc) dropped.add('tp_doc')
    const sizes = new Map<string, string>()
    for (const { field, value, operator, conditions } of fieldAssignments) {
      if (isZero(value) || field === 'tp_base' || field === 'tp_name' || this.all.isInherited(conversion, field, value))
        continue
      if (field === 'tp_flags' && operator === '|=') flags.push(/^[\w|\s]+$/.test(value) ? value : `(${value})`)
      else if (/^tp_(?:basicsize|itemsize|flags)$/.test(field)) sizes.set(field, value)
      else if (field === 'tp_doc' && hidesDoc) continue
      else if (slotFields.has(field) || Object.hasOwn(offsetMembers, field)) {
        slots.push({ field, value, conditions })
        dropped.add(field)
      }
    }
    const lateName = fieldAssignments.find(({ field }) => field === 'tp_name')?.value
    const place = this.specPlace(conversion)
    const definitions = type.definitions.length > 0 ? type.definitions : [null]
    for (const definition of definitions) {
      const { file, declared } = definition ?? home!
      const outline = this.sources.outline(file)
      const { text, tokens } = outline
      const isCxx = this.settings.isCxx(file)
      const lineEnd = lineEndOf(text)
      // C++ has no declarations of what is static and defined later.
      const linkage =
        (declared.storage === 'static' || !this.isSpecShared(conversion)) &&
        !(isCxx && this.isUsedEarly(conversion, file))
          ? 'static '
          : ''
      const name = lateName ?? (definition ? valuesOf(this.sources, type, 'tp_name')[0] : undefined)
      const additions: Additions = {
        slots,
        tables: conversion.assignedTables,
        dropped,
        flags,
        sizes,
        name: name === undefined ? null : this.all.qualified(name),
      }
      const written = writeSpec(
        this.sources,
        type,
        definition,
        file,
        { slots: conversion.slots, spec: conversion.spec },
        linkage,
        additions,
        isCxx,
      )
      if (written.members.length > 0) {
        const insertion = memberInsertion(
          this.sources,
          file,
          nameIn(values('tp_members')[0] ?? '') ?? '',
          written.members,
        )
        if (insertion !== null)
          this.edits.push({ file, start: insertion.start, end: insertion.start, text: insertion.text })
      }
      if (this.all.hasOffsets(conversion)) {
        const include = includeEdit(text, ['<structmember.h>'])
        if (include) this.edits.push({ file, ...include })
      }
      const start = tokens.start[declared.first]!
      const end = tokens.end[declared.last]!
      const pointer = this.pointerDeclaration(conversion, file, declared)
      const outer = indentAt(text, start)
      if (definition === null) {
        this.insertAt(file, place!.offset, `${written.text}${lineEnd}${lineEnd}`)
        continue
      }
      if (place !== null) {
        const isEnd = place.offset === text.length
        this.insertAt(
          file,
          place.offset,
          isEnd
            ? `${text.endsWith('\n') ? '' : lineEnd}${lineEnd}${written.text}${lineEnd}`
            : `${written.text}${lineEnd}${lineEnd}`,
        )
        this.edits.push({ file, start, end, text: pointer })
      } else
        this.edits.push({
          file,
          start,
          end,
          text: `${written.text}${pointer === '' ? '' : `${lineEnd}${lineEnd}${outer}${pointer}`}`,
        })
    }
    for (const table of type.tables.values()) {
      for (const { file, declared } of [table, ...table.forward]) {
        const { text, tokens } = this.sources.outline(file)
        this.edits.push({
          file,
          ...withBlankLine(text, tokens.start[declared.first]!, tokens.end[declared.last]!),
          text: '',
        })
      }
    }
  }

  /**
   * Where the spec goes, if what is assigned later is declared after the type; null for the place of the type itself.
   */
  private specPlace(conversion: Conversion): { readonly offset: Offset } | null {
    const { type, fieldAssignments } = conversion
    const [first] = fieldAssignments
    if (!first) return null
    const outline = this.sources.outline(first.file)
    const home = type.definitions.find(({ file }) => file === first.file)
    if (home === undefined && type.definitions.length > 0) {
      // The type stands in another file, and so does its spec: at its end, if what is assigned is declared below the
      // type.
      const [where] = type.definitions
      const from = this.sources.outline(where!.file)
      const isBelow = fieldAssignments.some(
        ({ file, valueTokens, field, value }) =>
          field !== 'tp_base' &&
          !isZero(value) &&
          namesAmong(this.sources.outline(file), valueTokens).some((name) => {
            const [seen] = this.sources.references(name).filter((each) => each.file === where!.file)
            return seen !== undefined && from.tokens.start[seen.token]! > from.tokens.start[where!.declared.first]!
          }),
      )
      return isBelow ? { offset: from.text.length } : null
    }
    const start = home ? outline.tokens.start[home.declared.first]! : -1
    const needsLater =
      home === undefined ||
      fieldAssignments.some(({ valueTokens, field, value }) => {
        if (field === 'tp_base' || isZero(value)) return false
        for (const word of namesAmong(outline, valueTokens)) {
          const seen = this.sources.references(word).find((each) => each.file === first.file)
          const isOwn =
            this.sources.functions(word, first.file).some(({ file }) => file === first.file) ||
            new RegExp(`\\b${word}\\s*(?:\\[[^\\]]*\\])?\\s*=`).test(outline.text)
          if (isOwn && seen && outline.tokens.start[seen.token]! > start) return true
        }
        return false
      })
    if (!needsLater) return null
    // Above the function, with the comment that stands before it.
    const boundary = this.functionStart(outline, first.around)
    return { offset: boundary }
  }

  private functionStart(outline: Outline, { nameToken }: FunctionText): Offset {
    let first = nameToken
    for (let back = previousToken(outline, nameToken); back >= 0; back = previousToken(outline, back)) {
      if (/^[;{}]$/.test(wordAt(outline, back))) break
      if (back < first - 1 && outline.tokens.directive[back + 1] !== -1) break
      first = back
    }
    const start = outline.text.lastIndexOf('\n', outline.tokens.start[first]! - 1) + 1
    const before = outline.text.slice(0, start)
    const comment = /(?:^|\n)([ \t]*\/\*(?:(?!\*\/)[\s\S])*\*\/[ \t]*\r?\n|(?:[ \t]*\/\/[^\n]*\n)+)$/.exec(before)
    return comment ? start - comment[1]!.length : start
  }

  private staysImmutable(conversion: Conversion, depth = 0): boolean {
    if (conversion.readsDict || depth > 20) return false
    const base = this.all.baseOf(conversion)
    if (base === '') return true
    const other = this.all.baseConversion(conversion)
    if (other !== null) return other.isOpen ? this.staysImmutable(other, depth + 1) : true
    return /^\(?&\s*Py\w+_Type\)?$|^\(\s*PyTypeObject\s*\*\s*\)\s*\(?PyExc_\w+\)?$/.test(base)
  }

  /** The declaration of the pointer that takes the place of a definition; empty where another one in the file does. */
  private pointerDeclaration(
    { type }: Conversion,
    file: string,
    declared: TypeObject['definitions'][number]['declared'],
  ): string {
    const outline = this.sources.outline(file)
    if (
      declared.storage === 'static' &&
      type.declarations.some((each) => each.file === file && each.declared.nameToken < declared.nameToken)
    )
      return ''
    const { text, tokens } = outline
    const qualified = qualifiedStart(outline, declared.nameToken)
    const head = text
      .slice(tokens.start[declared.first], tokens.start[qualified])
      .replace(/\s+/g, ' ')
      .replace(/\bconst /, '')
    return `${head}*${text.slice(tokens.start[qualified], tokens.end[declared.nameToken])};`
  }

  private writeDeclaration(
    conversion: Conversion,
    file: string,
    declared: TypeObject['declarations'][number]['declared'],
  ): void {
    const outline = this.sources.outline(file)
    const { text, tokens } = outline
    const start = tokens.start[qualifiedStart(outline, declared.nameToken)]!
    this.edits.push({ file, start, end: start, text: '*' })
    const end = tokens.end[declared.last]!
    const lineEnd = lineEndOf(text)
    const outer = indentAt(text, tokens.start[declared.first]!)
    const homes = new Set(conversion.type.definitions.map((each) => each.file))
    if (declared.storage === 'extern' && this.isSpecShared(conversion)) {
      this.edits.push({ file, start: end, end, text: `${lineEnd}${outer}extern PyType_Spec ${conversion.spec};` })
    } else if (homes.has(file) && this.isUsedEarly(conversion, file)) {
      this.edits.push({
        file,
        start: end,
        end,
        text: `${lineEnd}${outer}${this.settings.isCxx(file) ? 'extern' : 'static'} PyType_Spec ${conversion.spec};`,
      })
    }
  }

  /** Whether the spec of a type that is not static is used where only its declaration is seen. */
  private isSpecShared(conversion: Conversion): boolean {
    const homes = conversion.type.definitions.map(({ file }) => file)
    return (
      conversion.specUses.some(({ file }) => !homes.includes(file)) ||
      (conversion.type.declarations.some(({ declared }) => declared.storage === 'extern') &&
        homes.some((file) => this.isUsedEarly(conversion, file)))
    )
  }

  /** Whether the spec is used above the place where it stands. */
  private isUsedEarly(conversion: Conversion, file: string): boolean {
    const home = conversion.type.definitions.find((each) => each.file === file)
    const place =
      this.specPlace(conversion)?.offset ?? (home ? this.sources.outline(file).tokens.start[home.declared.first]! : 0)
    return conversion.specUses.some((each) => each.file === file && each.offset < place)
  }

  /** Functions in slots, tables that are filled, and what was put before statements: once all types are written. */
  private finish(): void {
    for (const { of, ...edit } of this.helpers) {
      if (
        this.all.conversions.some(
          (conversion) =>
            conversion.isOpen &&
            conversion.creationCalls.some(
              ({ how, call }) => how === 'helper' && `${call.callee}/${call.argument}` === of,
            ),
        )
      )
        this.edits.push(edit)
    }
    const deallocs = this.all.usersOf('tp_dealloc')
    const traverses = this.all.usersOf('tp_traverse')
    for (const [name, conversions] of deallocs) {
      if (![...conversions].some(({ isOpen }) => isOpen)) continue
      for (const { file, found } of this.all.functionsOf(name, conversions))
        this.apply(
          file,
          releasingEdits(this.sources.model, this.sources.slotFunction(file, found), this.all.owners(name, deallocs)),
        )
    }
    const visiting = new Set(
      [...traverses].filter(([, conversions]) => [...conversions].some(({ isOpen }) => isOpen)).map(([name]) => name),
    )
    const condition =
      this.settings.level >= 9
        ? null
        : 'PY_VERSION_HEX >= 0x03090000 && (!defined(Py_LIMITED_API) || Py_LIMITED_API + 0 >= 0x03090000)'
    for (const name of visiting) {
      for (const { file, found } of this.all.functionsOf(name, traverses.get(name)!))
        this.apply(
          file,
          visitingEdits(
            this.sources.model,
            this.sources.slotFunction(file, found),
            visiting,
            (type) => this.all.fate(type),
            condition,
          ),
        )
    }
    for (const [key, texts] of this.inserted) {
      const colon = key.lastIndexOf(':')
      const offset = Number(key.slice(colon + 1))
      this.edits.push({ file: key.slice(0, colon), start: offset, end: offset, text: texts.join('') })
    }
  }

  private apply(file: string, result: ReturnType<typeof releasingEdits>): void {
    if ('edits' in result) this.edits.push(...result.edits.map((edit) => ({ file, ...edit })))
  }
}

/** Lines that return where a test holds. @param error what is returned; empty for nothing */
const failing = (test: string, error: string): string[] => [
  `if (${test})`,
  `    return${error === '' ? '' : ` ${error}`};`,
]
