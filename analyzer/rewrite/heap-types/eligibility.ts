import { allFields, isZero } from '../../code/declarations.ts'
import { type FunctionText, isBraceless, type Outline, simpleStatement, wordAt } from '../../code/outline.ts'
import type { Variable } from '../../code/tree.ts'
import { idleFields, offsetMembers, slotFields, subTables } from '../../knowledge/slots.ts'
import { Kind } from '../../preprocess/scanner.ts'
import type { TokenIndex } from '../../source/text.ts'
import type { Conversion, FieldAssignment, RewriteSettings } from './conversion.ts'
import type { Conversions } from './conversions.ts'
import { isFreeing, releasingEdits } from './instances.ts'
import { lineOf, namesAmong } from './places.ts'
import { argumentsOf, assignmentAt, textOf, typeReferenceAt } from './references.ts'
import type { Sources, TokenPlace } from './sources.ts'
import { memberInsertion } from './spec.ts'
import { nameIn, tableName, tableNamed, valuesOf } from './type-objects.ts'

/**
 * Types of CPython's that nothing may be derived from, at least in some versions. Source: their `tp_flags` in
 * Objects/.
 */
const finalTypes = new RegExp(
  String.raw`^\(?&\s*Py(?:${[
    'Bool|Function|Method|CFunction|Gen|Coro|AsyncGen|Slice|Range|MemoryView|DictProxy|Ellipsis|Cell|Frame|Code',
    'Capsule|ClassMethodDescr|GetSetDescr|MemberDescr|MethodDescr|WrapperDescr|CallIter|SeqIter',
  ].join('|')})_Type\)?$`,
)

/** Decides which types can be rewritten. */
export class Eligibility {
  private readonly sources: Sources
  private readonly settings: RewriteSettings

  constructor(private readonly all: Conversions) {
    this.sources = all.sources
    this.settings = all.settings
  }

  private readonly bases = new Map<Conversion, Conversion>()

  /** Looks at one type by itself. */
  check(conversion: Conversion): void {
    const { type, fieldAssignments } = conversion
    const [home] = conversion.homes
    if (!home) return
    if (
      ![...type.definitions, home].some(({ file, declared }) =>
        this.settings.isCompiled(
          file,
          this.all.regionAt(file, this.sources.outline(file).tokens.start[declared.nameToken]!),
        ),
      )
    ) {
      this.all.addObstacle(conversion, home.file, home.declared.nameToken, 'it is not compiled for the target')
      return
    }
    const values = (field: string): string[] => this.all.valuesOf(conversion, field)
    const at = (text: string): void => this.all.addObstacle(conversion, home.file, home.declared.nameToken, text)
    for (const { file, fields } of type.definitions) {
      const text = this.sources.texts.get(file)!
      for (const { field, item } of allFields(fields)) {
        const value = text.slice(item.start, item.end)
        if (field === 'ob_base' && /&\s*(?!PyType_Type\b)\w+/.test(value))
          this.all.addObstacle(conversion, file, item.firstToken, `it has a metaclass: \`${value}\``)
        if (item.holdsDirectives && !/^tp_(?:flags|doc)$/.test(field))
          this.all.addObstacle(
            conversion,
            file,
            item.firstToken,
            `\`${field}\` has a condition in the middle of its value`,
          )
        if (!isZero(value) && /^tp_(?:dict|bases)$/.test(field))
          this.all.addObstacle(conversion, file, item.firstToken, `\`${field}\` is given by hand`)
      }
    }
    if (conversion.isSequence) {
      if (
        fieldAssignments.length > 0 ||
        conversion.creationCalls.length > 0 ||
        type.definitions.some(({ fields, file }) =>
          [...allFields(fields)].some(({ item }) =>
            /[A-Za-z_]/.test(
              this.sources.texts
                .get(file)!
                .slice(item.start, item.end)
                .replace(/_?Py\w*HEAD_INIT|NULL|PyType_Type/g, ''),
            ),
          ),
        )
      )
        at('it is a struct sequence, and has fields of its own')
      for (const { file } of [...conversion.edits, ...type.declarations, ...type.definitions])
        this.refuseLocked(conversion, file)
      return
    }
    if (values('tp_name').length === 0) at('it has no name')
    this.checkName(conversion, home, values('tp_name'))
    if (type.definitions.length > 1 && fieldAssignments.length > 0) at('it is defined more than once, and assigned to')
    for (const each of fieldAssignments) this.checkFieldAssignment(conversion, each)
    if (this.settings.level < 9) {
      for (const field of ['tp_weaklistoffset', 'tp_dictoffset', 'tp_as_buffer'])
        if (values(field).length > 0) at(`\`${field}\` of heap types works from Python 3.9 on`)
    }
    for (const value of values('tp_vectorcall_offset')) {
      if (!/\boffsetof\b|^\(?\d/.test(value)) at(`\`tp_print\` is \`${value}\`: nothing calls that any more`)
      else if (this.settings.level < 9) at('`tp_vectorcall_offset` of heap types works from Python 3.9 on')
    }
    const [members] = values('tp_members')
    if (
      members !== undefined &&
      this.all.hasOffsets(conversion) &&
      memberInsertion(this.sources, home.file, nameIn(members) ?? '', []) === null
    )
      at(`its members, \`${members}\`, are not found, and one has to be added`)
    for (const field of ['tp_dealloc', 'tp_traverse']) {
      for (const value of values(field)) {
        const name = nameIn(value)
        if (name !== null && (isFreeing(name) || this.sources.functions(name, home.file).length > 0)) continue
        if (field === 'tp_dealloc')
          at(`its \`tp_dealloc\`, \`${value.replace(/\s+/g, ' ')}\`, is no function that was found`)
      }
    }
    if (
      !conversion.isUsedToMake &&
      !conversion.isMadeByMacro &&
      !this.all.isBaseOfMade(conversion) &&
      this.all.initFunction(conversion) === null
    ) {
      at('nothing was found that makes it ready')
    }
    const base = this.all.baseOf(conversion)
    if (
      base !== '' &&
      this.all.baseConversion(conversion) === null &&
      !/^\(?&\s*\(?\w+\)?\)?$|^\(\s*PyTypeObject\s*\*\s*\)\s*\(?PyExc_\w+\)?$/.test(base)
    ) {
      // Known at run time only: where it is made ready the base must be in reach.
      const assigned = fieldAssignments.find(({ field }) => field === 'tp_base')
      if (
        !assigned ||
        conversion.creationCalls.length !== 1 ||
        conversion.creationCalls[0]!.around.body !== assigned.around.body
      )
        at(`its base, \`${base}\`, is known at run time only`)
    }
    const other = this.all.baseConversion(conversion)
    if (finalTypes.test(base)) at(`its base, \`${base}\`, lacks \`Py_TPFLAGS_BASETYPE\``)
    if (other !== null && other !== conversion) this.bases.set(conversion, other)
    for (const field of ['tp_getset', 'tp_members']) {
      for (const value of values(field)) {
        const shown = /"__(?:module|annotations)__"/.exec(this.all.arrayText(home.file, nameIn(value) ?? ''))
        if (shown)
          at(
            `\`${shown[0].slice(1, -1)}\` of its instances would be that of the type as well: only static types ` +
              `keep the two apart`,
          )
      }
    }
    for (const { file, how, call } of conversion.creationCalls) {
      if (how !== 'helper' && argumentsOf(this.sources.outline(file), call.open).length > 2)
        this.all.addObstacle(conversion, file, call.calleeToken, `\`${call.callee}\` is called in an unusual way`)
    }
    for (const { file } of conversion.edits) this.refuseLocked(conversion, file)
    for (const { file } of [...type.declarations, ...type.definitions, ...type.tables.values()])
      this.refuseLocked(conversion, file)
    for (const [name, table] of type.tables) this.checkTable(conversion, name, table.file)
  }

  /**
   * A name without a module gets one; code that reads it to make something of it then has to ask for the name alone.
   */
  private checkName(
    conversion: Conversion,
    home: { readonly file: string; readonly declared: { readonly nameToken: TokenIndex } },
    names: readonly string[],
  ): void {
    if (!names.some((name) => this.all.qualified(name) !== name)) return
    const reads = this.all.nameReads(home.file)
    if (reads.length === 0) return
    const others = this.all.conversions.filter(({ type }) =>
      type.references.some(({ file }) => this.settings.related(home.file).has(file)),
    )
    const isDotted = others.some((other) =>
      this.all.valuesOf(other, 'tp_name').some((name) => this.all.qualified(name) === name),
    )
    for (const { file, first, last, of } of reads) {
      const { tokens } = this.sources.outline(file)
      if (isDotted || of === null)
        this.all.addObstacle(
          conversion,
          file,
          first,
          `its name has no module and would get one, and \`${lineOf(this.sources.outline(file), first)}\` makes ` +
            `something of it`,
        )
      else {
        conversion.edits.push({
          file,
          start: tokens.start[first]!,
          end: tokens.end[last]!,
          text: `PepType_GetNameStr(${of})`,
        })
        conversion.shims.push({ file, name: 'PepType_GetNameStr' })
      }
    }
  }

  private checkFieldAssignment(conversion: Conversion, assignment: FieldAssignment): void {
    const { file, field, operator, value, around, statement } = assignment
    const addObstacle = (text: string): void => this.all.addObstacle(conversion, file, statement.first, text)
    const outline = this.sources.outline(file)
    const known =
      slotFields.has(field) ||
      Object.hasOwn(offsetMembers, field) ||
      /^tp_(?:name|basicsize|itemsize|flags|base)$/.test(field) ||
      idleFields.has(field)
    if (Object.hasOwn(subTables, field)) {
      const name = tableName(this.sources, value)
      const table =
        name === null ? null : tableNamed(this.sources, name, subTables[field]!, file, this.settings.coverageOf)
      if (table === null || assignment.conditions.length > 0)
        addObstacle(`\`${field}\` is assigned \`${value}\`, which is not the address of a table that was found`)
      else {
        conversion.type.tables.set(name!, table)
        conversion.assignedTables.push(table)
      }
      return
    }
    if (!known) {
      addObstacle(`\`${field}\` is assigned to, which has no slot`)
      return
    }
    if (operator !== '=' && field !== 'tp_flags') addObstacle(`\`${field}\` is changed by \`${operator}\``)
    if (operator === '&=') addObstacle('flags are taken away from it')
    const sites = [
      ...conversion.creationCalls,
      ...conversion.onDemandUses.map(({ file: where, reference, around: within }) => ({
        file: where,
        reference,
        around: within,
      })),
    ]
    const here = sites.filter((site) => site.file === file && site.around.body === around.body)
    const isBefore =
      here.length > 0 &&
      here.every(({ reference }) => outline.tokens.start[statement.last]! < outline.tokens.start[reference.first]!)
    const isHarmless = here.length > 0 && slotFields.has(field) && !/^tp_(?:methods|members|getset|doc)$/.test(field)
    if (sites.length > 0 && !isBefore && !isHarmless)
      addObstacle(`\`${field}\` is assigned ${here.length > 0 ? 'after' : 'in another function than'} \`PyType_Ready\``)
    if (field === 'tp_base' || isZero(value) || this.all.isInherited(conversion, field, value)) return
    const [home] = conversion.type.definitions
    if (home && home.file !== file) {
      for (const word of namesAmong(outline, assignment.valueTokens)) {
        if (/^_?Py/.test(word) || this.sources.references(word).some((each) => each.file === home.file)) continue
        addObstacle(`\`${field}\` is assigned in another file, and \`${word}\` is not known where the type is`)
        break
      }
    }
    if (!isConstant(outline, assignment.valueTokens, around, this.sources.body(file, around).code.parameters))
      addObstacle(`\`${field}\` gets a value that is known at run time only: \`${value}\``)
  }

  /** Tables of slots go: nobody else may look at them. */
  private checkTable(conversion: Conversion, name: string, file: string): void {
    const table = conversion.type.tables.get(name)!
    const own = new Set([table, ...table.forward].map((each) => `${each.file}:${each.declared.nameToken}`))
    for (const place of this.sources.references(name)) {
      if (table.declared.storage === 'static' && !this.settings.related(file).has(place.file)) continue
      if (own.has(`${place.file}:${place.token}`)) continue
      const outline = this.sources.outline(place.file)
      const offset = outline.tokens.start[place.token]!
      const user = this.all.conversions.find(({ type }) =>
        type.definitions.some(
          (each) =>
            each.file === place.file &&
            outline.tokens.start[each.declared.brace]! < offset &&
            offset < outline.tokens.start[outline.matchingBracket[each.declared.brace]!]!,
        ),
      )
      const assignee = this.all.conversions.find((other) =>
        other.fieldAssignments.some(
          (each) =>
            each.file === place.file && each.statement.first <= place.token && place.token <= each.statement.last,
        ),
      )
      const users = this.all.conversions.filter(({ type }) => type.tables.has(name))
      if (this.isNameOfTable(place, name)) continue
      const reference = typeReferenceAt(outline, place.token)
      const assignment = reference.kind === 'field' ? assignmentAt(outline, reference) : null
      if (user?.type.tables.has(name) || assignee?.type.tables.has(name)) {
        if ((user ?? assignee) !== conversion) conversion.needs.add((user ?? assignee)!)
      } else if (
        reference.kind === 'field' &&
        assignment?.operator === '=' &&
        users.length === 1 &&
        slotFields.has(reference.field) &&
        !isBraceless(outline, assignment)
      ) {
        const conditions = this.all.conditionsOf(conversion.type, place.file, offset)
        const each: FieldAssignment = {
          file: place.file,
          field: reference.field,
          operator: '=',
          value: textOf(outline, assignment.value.first, assignment.value.last),
          valueTokens: assignment.value,
          statement: assignment,
          around: assignment.around,
          conditions: conditions ?? [],
        }
        if (conditions === null)
          this.all.addObstacle(
            conversion,
            place.file,
            place.token,
            `\`${name}.${reference.field}\` is assigned in the \`#else\` of a condition`,
          )
        conversion.fieldAssignments.push(each)
        this.checkFieldAssignment(conversion, each)
        this.all.remove(conversion, place.file, assignment)
      } else if (!this.all.isHistory(place.file, offset))
        this.all.addObstacle(
          conversion,
          place.file,
          place.token,
          `its table \`${name}\` is used by something else: \`${lineOf(outline, place.token)}\``,
        )
    }
    if (table.declared.isShared)
      this.all.addObstacle(
        conversion,
        file,
        table.declared.nameToken,
        `its table \`${name}\` is declared together with others`,
      )
  }

  /** Whether a table is mentioned by a macro that is another name for it, and that nothing but types uses. */
  private isNameOfTable({ file, token }: TokenPlace, name: string): boolean {
    const macro = this.sources
      .directives(file)
      .macros.find(({ firstToken, endToken }) => firstToken <= token && token < endToken)
    if (!macro || macro.parameters !== null || tableName(this.sources, macro.name) !== name) return false
    return this.sources.references(macro.name).every((place) => {
      const { tokens, matchingBracket } = this.sources.outline(place.file)
      if (tokens.directive[place.token] !== -1) return true
      const offset = tokens.start[place.token]!
      return this.all.conversions.some(
        ({ type }) =>
          type.tables.has(name) &&
          type.definitions.some(
            (each) =>
              each.file === place.file &&
              tokens.start[each.declared.brace]! < offset &&
              offset < tokens.start[matchingBracket[each.declared.brace]!]!,
          ),
      )
    })
  }

  private refuseLocked(conversion: Conversion, file: string): void {
    const why = this.settings.locked(file)
    if (why !== null && !conversion.obstacles.some(({ text }) => text === why))
      conversion.obstacles.push({ file, offset: 0, text: why })
  }

  /** A type whose instances do not give back their references is left alone. */
  checkDeallocs(): void {
    const deallocs = this.all.usersOf('tp_dealloc')
    for (const [name, conversions] of deallocs) {
      for (const { file, found } of this.all.functionsOf(name, conversions)) {
        const result = releasingEdits(
          this.sources.model,
          this.sources.slotFunction(file, found),
          this.all.owners(name, deallocs),
        )
        if ('why' in result)
          for (const conversion of conversions) this.all.addObstacle(conversion, file, result.token, result.why)
      }
    }
  }

  /** Types that need others go with them; until nothing changes. */
  settle(): void {
    for (let changed = true; changed; ) {
      changed = false
      for (const conversion of this.all.conversions) {
        if (!conversion.isOpen) continue
        const base = this.bases.get(conversion)
        if (base && !base.isOpen && !/BASETYPE/.test(valuesOf(this.sources, base.type, 'tp_flags').join())) {
          const [home] = base.type.definitions
          if (home)
            conversion.obstacles.push({
              file: home.file,
              offset: this.sources.outline(home.file).tokens.start[home.declared.nameToken]!,
              text: `its base \`${base.type.name}\` is left alone, and lacks \`Py_TPFLAGS_BASETYPE\``,
            })
          changed ||= home !== undefined
          continue
        }
        for (const other of conversion.needs) {
          if (other.isOpen) continue
          const [home] = [...other.type.definitions, ...other.type.declarations]
          conversion.obstacles.push({
            file: home!.file,
            offset: this.sources.outline(home!.file).tokens.start[home!.declared.nameToken]!,
            text: `\`${other.type.name}\` is left alone, and it goes with it`,
          })
          changed = true
          break
        }
      }
    }
  }
}

/**
 * Whether a value is known before the program runs: names that no function's variable has, literals, `&`, casts,
 * `sizeof`.
 */
function isConstant(
  outline: Outline,
  { first, last }: { readonly first: TokenIndex; readonly last: TokenIndex },
  around: FunctionText,
  parameters: readonly Variable[],
): boolean {
  for (let at = first; at <= last; at++) {
    const word = wordAt(outline, at)
    if (word === '->' || word === '.' || word === '[') return false
    if (
      word === '(' &&
      outline.tokens.kind[at - 1] === Kind.identifier &&
      at > first &&
      !/^(?:sizeof|offsetof|PyDoc_STR|_PyCFunction_CAST)$/.test(wordAt(outline, at - 1))
    )
      return false
    if (outline.tokens.kind[at] !== Kind.identifier || /^[A-Z_0-9]+$/.test(word)) continue
    if (parameters.some(({ name }) => name === word)) return false
    // A variable of the function, unless that is static.
    for (let back = around.body + 1; back < first; back++) {
      if (wordAt(outline, back) !== word || outline.tokens.directive[back] !== -1) continue
      const statement = simpleStatement(outline, back)
      if (
        statement &&
        wordAt(outline, statement.first) !== 'static' &&
        /^[\w*\s]+$/.test(textOf(outline, statement.first, back)) &&
        back > statement.first
      )
        return false
    }
  }
  return true
}
