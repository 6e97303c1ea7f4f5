import { aloneStatement, branchesAround, nameAt, statementOf } from '../../code/placement.ts'
import { bodyValue } from '../../code/statements.ts'
import { addressed, bare, calleeName, isNull } from '../../code/values.ts'
import { variablesIn } from '../../code/variables.ts'
import { slotFields, subTables } from '../../knowledge/slots.ts'
import { lineOf } from '../places.ts'
import type { PlaceIn, Sources } from '../sources.ts'
import { assignmentOf, contextAt } from './contexts.ts'
import { conditionsAround, type FoundUses } from './found-uses.ts'
import type { TypeIndex } from './type-index.ts'
import { offsetOf, type SlotStruct, type TypeObject, tableName, tableNamed } from './type-objects.ts'

/**
 * Finds the uses of the tables of slots that types have, the assigned ones included. Tables go with the types: nobody
 * else may look at them.
 */
export function findTableUses(sources: Sources, index: TypeIndex, found: ReadonlyMap<TypeObject, FoundUses>): void {
  for (const uses of found.values()) findAssignedTables(sources, uses)
  const finder = new TableUses(sources, index, found)
  for (const uses of found.values())
    for (const [name, table] of [...uses.type.tables, ...uses.assignedTables]) finder.find(uses, name, table)
}

/** `T.tp_as_number = &numbers;` */
function findAssignedTables(sources: Sources, uses: FoundUses): void {
  for (const { file, field, value, text, statement, conditions, around } of uses.fieldAssignments) {
    if (!Object.hasOwn(subTables, field) || isNull(value)) continue
    const name = tableName(sources, value)
    const table = name === null ? null : tableNamed(sources, name, subTables[field]!, file, around)
    if (table !== null && conditions.length === 0) uses.assignedTables.set(name!, table)
    else
      uses.addObstacle(
        { file, offset: statement.span.start },
        `\`${field}\` is assigned \`${text}\`, which is not the address of a table that was found`,
      )
  }
}

class TableUses {
  constructor(
    private readonly sources: Sources,
    private readonly index: TypeIndex,
    private readonly found: ReadonlyMap<TypeObject, FoundUses>,
  ) {}

  /** Looks at all places where a table of a type is named. */
  find(uses: FoundUses, name: string, table: SlotStruct): void {
    const own = new Set([table, ...table.forward].map((each) => `${each.file}:${offsetOf(each)}`))
    for (const place of this.placesOf(name, table)) {
      if (own.has(`${place.file}:${place.offset}`) || this.isNameOfTable(uses, place, name, table)) continue
      const user = this.userAt(place)
      if (user !== null && this.hasTable(user, name, table)) {
        if (user !== uses.type) uses.needs.add(user)
      } else if (!this.assigns(uses, place, name, table) && !this.sources.isHistory(place)) {
        const line = lineOf(this.sources.text(place.file), place.offset)
        uses.addObstacle(place, `its table \`${name}\` is used by something else: \`${line}\``)
      }
    }
    if (table.isShared)
      uses.addObstacle(
        { file: table.file, offset: offsetOf(table) },
        `its table \`${name}\` is declared together with others`,
      )
  }

  /** Where a table is named, and in other functions and files perhaps another thing of that name. */
  private placesOf(name: string, { file, variable, around }: SlotStruct): readonly PlaceIn[] {
    if (around !== null)
      return this.sources
        .code(file)
        .referencesIn(name, around.span)
        .map((offset) => ({ file, offset }))
    const { settings } = this.sources
    const all =
      variable.storage === 'static'
        ? this.sources.referencesIn(settings.related(file), name)
        : this.sources.references(name)
    return all.filter((place) => {
      const code = this.sources.code(place.file).functionAt(place.offset)
      return code === null || ![...variablesIn(code)].some((each) => each.name === name && each.storage !== 'extern')
    })
  }

  private hasTable(type: TypeObject, name: string, table: SlotStruct): boolean {
    const own = type.tables.get(name) ?? this.found.get(type)!.assignedTables.get(name)
    return own !== undefined && own.file === table.file && offsetOf(own) === offsetOf(table)
  }

  /** The type in whose initialiser a place stands, or to one of whose fields something is assigned there. */
  private userAt(place: PlaceIn): TypeObject | null {
    const owner = this.index.definedAround(place)
    if (owner !== null) return owner
    for (const { type, fieldAssignments } of this.found.values()) {
      const isAround = fieldAssignments.some(
        ({ file, statement: { span } }) => file === place.file && span.start <= place.offset && place.offset < span.end,
      )
      if (isAround) return type
    }
    return null
  }

  /** `table.nb_add = spam_add;`, where no other type has the table. */
  private assigns(uses: FoundUses, place: PlaceIn, name: string, table: SlotStruct): boolean {
    const { file, offset } = place
    const code = this.sources.code(file).codeAt(offset)
    const context = code?.kind === 'function' ? contextAt(code, offset) : null
    if (this.isCleared(uses, place, name, table)) return true
    if (context?.kind !== 'field' || !slotFields.has(context.field)) return false
    const assignment = assignmentOf(code!, context.value)
    if (assignment === null || assignment === 'part' || assignment.operator !== '=') return false
    const users = [...this.found.keys()].filter((type) => this.hasTable(type, name, table))
    const { operator, value, statement } = assignment
    if (users.length !== 1 || this.sources.code(file).holdsDirectives(statement.span)) return false
    const { field } = context
    const conditions = conditionsAround(this.sources, uses.type, place)
    if (conditions === null) uses.addObstacle(place, `\`${name}.${field}\` is assigned in the \`#else\` of a condition`)
    const text = this.sources.written(file, value.span)
    uses.addFieldAssignment({
      file,
      field,
      operator,
      value,
      text,
      statement,
      around: code!,
      conditions: conditions ?? [],
      isByHelper: false,
    })
    return true
  }

  /** `memset(&table, 0, sizeof(table));` before anything is assigned: a table in a spec begins empty. */
  private isCleared(uses: FoundUses, { file, offset }: PlaceIn, name: string, table: SlotStruct): boolean {
    const code = this.sources.code(file).functionAt(offset)
    const value = code && nameAt(code, offset)
    const statement = value && statementOf(code, value)
    if (statement?.kind !== 'expression' || statement.value === null || table.braces !== null) return false
    const call = bare(statement.value)
    if (call.kind !== 'call' || calleeName(call) !== 'memset' || !isNull(call.operands[1] ?? call)) return false
    if (addressed(call.operands[0]!) !== name) return false
    if (!aloneStatement(code!, call)?.inBlock || branchesAround(code!, statement).length > 0) return false
    const { span } = statement
    const isOther = (place: PlaceIn): boolean => {
      const around = this.sources.code(place.file).functionAt(place.offset)
      return around !== null && (around !== code || (place.offset < span.start && place.offset !== offsetOf(table)))
    }
    if (this.placesOf(name, table).some(isOther)) return false
    uses.removals.push({ file, span })
    return true
  }

  /**
   * Whether a table is mentioned by a macro that is another name for it, and that nothing but types uses, which then
   * go with this one.
   */
  private isNameOfTable(uses: FoundUses, { file, offset }: PlaceIn, name: string, table: SlotStruct): boolean {
    const all = this.sources.code(file)
    const macro = all.isInDirective(offset) ? all.macroAt(offset) : null
    if (macro === null || macro.parameters.length > 0) return false
    const value = bodyValue(macro)
    if (value === null || tableName(this.sources, value) !== name) return false
    const owners = this.sources
      .references(macro.name)
      .filter((place) => !this.sources.code(place.file).isInDirective(place.offset))
      .map((place) => this.index.definedAround(place))
    for (const owner of owners) if (owner === null || !this.hasTable(owner, name, table)) return false
    for (const owner of owners) if (owner !== null && owner !== uses.type) uses.needs.add(owner)
    return true
  }
}
