import { bodyValue } from '../../code/statements.ts'
import { isNull } from '../../code/values.ts'
import { slotFields, subTables } from '../../knowledge/slots.ts'
import { assignmentOf, contextAt } from './contexts.ts'
import { conditionsAround, type FoundUses } from './found-uses.ts'
import { lineOf } from './places.ts'
import type { PlaceIn, Sources } from './sources.ts'
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
  for (const { file, field, value, text, statement, conditions } of uses.fieldAssignments) {
    if (!Object.hasOwn(subTables, field) || isNull(value)) continue
    const name = tableName(sources, value)
    const table = name === null ? null : tableNamed(sources, name, subTables[field]!, file)
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
    const places =
      table.variable.storage === 'static'
        ? this.sources.referencesIn(this.sources.inOrder(this.sources.settings.related(table.file)), name)
        : this.sources.references(name)
    for (const place of places) {
      if (own.has(`${place.file}:${place.offset}`) || this.isNameOfTable(uses, place, name)) continue
      const user = this.userAt(place)
      if (user !== null && this.hasTable(user, name)) {
        if (user !== uses.type) uses.needs.add(user)
      } else if (!this.assigns(uses, place, name) && !this.sources.isHistory(place)) {
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

  private hasTable(type: TypeObject, name: string): boolean {
    return type.tables.has(name) || this.found.get(type)!.assignedTables.has(name)
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
  private assigns(uses: FoundUses, place: PlaceIn, name: string): boolean {
    const { file, offset } = place
    const code = this.sources.code(file).codeAt(offset)
    const context = code?.kind === 'function' ? contextAt(code, offset) : null
    if (context?.kind !== 'field' || !slotFields.has(context.field)) return false
    const assignment = assignmentOf(code!, context.value)
    if (assignment === null || assignment === 'part' || assignment.operator !== '=') return false
    const users = [...this.found.keys()].filter((type) => this.hasTable(type, name))
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

  /**
   * Whether a table is mentioned by a macro that is another name for it, and that nothing but types uses, which then
   * go with this one.
   */
  private isNameOfTable(uses: FoundUses, { file, offset }: PlaceIn, name: string): boolean {
    const all = this.sources.code(file)
    const macro = all.isInDirective(offset) ? all.macroAt(offset) : null
    if (macro === null || macro.parameters.length > 0) return false
    const value = bodyValue(macro)
    if (value === null || tableName(this.sources, value) !== name) return false
    const owners = this.sources
      .references(macro.name)
      .filter((place) => !this.sources.code(place.file).isInDirective(place.offset))
      .map((place) => this.index.definedAround(place))
    for (const owner of owners) if (owner === null || !this.hasTable(owner, name)) return false
    for (const owner of owners) if (owner !== null && owner !== uses.type) uses.needs.add(owner)
    return true
  }
}
