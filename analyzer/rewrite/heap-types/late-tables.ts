import type { Value } from '../../code/tree.ts'
import { isNull } from '../../code/values.ts'
import { slotFields } from '../../knowledge/slots.ts'
import { allFields } from '../../semantics/type-fields.ts'
import type { Offset } from '../../source/text.ts'
import { aboveFunction, withBlankLine } from '../places.ts'
import type { PlaceIn, Sources } from '../sources.ts'
import { isDeclaredBefore, namesOf } from './declared-before.ts'
import type { SlotStruct } from './type-objects.ts'
import type { TypeUses } from './uses.ts'

/** Tables of slots that stand below their type, and hold what is declared below it: the spec goes to where they are. */

/** Where a spec has to stand below its type, or why it cannot. */
export type LatePlace = PlaceIn | { readonly why: string } | DeclaredFunctions

/** Functions of another file that have to be declared where a spec stands: the C of their prototypes. */
interface DeclaredFunctions {
  readonly prototypes: readonly string[]
}

/** The place of the last table that names what is not declared where the type stands; null for none. */
export function latePlace(sources: Sources, { type, assignedTables }: TypeUses): LatePlace | null {
  const [home] = type.homes
  if (home === undefined) return null
  const { file } = home
  const late = [...type.tables.values(), ...assignedTables.values()].flatMap((table) => {
    const names = lateNames(sources, table, { file, offset: home.span.start })
    return names.length === 0 ? [] : [{ table, names, name: names[0]! }]
  })
  const [first] = late
  if (first === undefined) return null
  const refuse = (why: string): LatePlace => ({
    why: `its table \`${first.table.variable.name}\` names \`${first.name}\`, which is declared below it, and ${why}`,
  })
  if (type.definitions.length > 1) return refuse('it is defined more than once')
  if (sources.code(file).functionAt(home.span.start) !== null) return refuse('it stands in a function')
  const ends = late.map(({ table }) => endIn(sources, file, table))
  const last = ends.reduce((a, b) => (a === null || b === null ? null : a.offset > b.offset ? a : b))
  if (last === null) return prototypesOf(sources, file, late) ?? refuse(`the table stands in ${first.table.file}`)
  return conditionsOf(sources, { file, offset: home.span.start }).every((each) =>
    conditionsOf(sources, { file, offset: last.from }).includes(each),
  )
    ? { file, offset: last.offset }
    : refuse('the two stand under different conditions')
}

/** The conditions that code stands under, as they are written; where it is compiled for all versions none. */
const conditionsOf = (sources: Sources, place: PlaceIn): readonly string[] =>
  sources
    .regionsAround(place)
    .filter(({ start }) => sources.settings.coverageOf(place.file, start) !== 'always')
    .map(
      ({ start, group, branch }) =>
        (branch === 0 ? sources.code(place.file).directiveBefore(start) : null) ?? `${group} ${branch}`,
    )

/** The names in a table that are not declared at a place. */
function lateNames(sources: Sources, table: SlotStruct, place: PlaceIn): readonly string[] {
  const named = (value: Value): readonly string[] => namesOf(sources, table.file, value)
  return [...allFields(table.fields)].flatMap(({ field, item }) =>
    slotFields.has(field) && !isNull(item.value)
      ? named(item.value).filter((name) => !isDeclaredBefore(sources, name, place))
      : [],
  )
}

/** The prototypes of what tables of other files name; null where one of them cannot be declared in a file. */
function prototypesOf(
  sources: Sources,
  file: string,
  late: readonly { readonly table: SlotStruct; readonly names: readonly string[] }[],
): DeclaredFunctions | null {
  const found = new Set<string>()
  for (const { table, names } of late) {
    if (table.file === file || sources.settings.isCxx(file) || sources.settings.isCxx(table.file)) return null
    for (const name of names) {
      const prototype = prototypeOf(sources, name, table.file)
      if (prototype === null) return null
      found.add(prototype)
    }
  }
  return { prototypes: [...found] }
}

/** Words of C in the types of slots, and CPython's types. */
const plainType = /^(?:const )?(?:void|int|long|double|char|PyObject|PyTypeObject|Py_\w+)\**$/

/** The prototype of a function that other files may call and whose types all of them know; null for any other. */
function prototypeOf(sources: Sources, name: string, file: string): string | null {
  const [helper, ...others] = sources.functions(name, file)
  if (!helper || others.length > 0 || helper.code.storage === 'static' || !helper.code.hasParameters) return null
  const { result, parameters, headStart, nameSpan } = helper.code
  const types = parameters.map(({ type }) => type)
  const isOwn = (type: string): boolean => sources.isType(type.replace(/^const |\*/g, ''))
  if (![result, ...types].every((type) => plainType.test(type) && !isOwn(type))) return null
  if (sources.namesIn(helper.file, { start: headStart, end: nameSpan.start }).includes('inline')) return null
  const shown = (type: string): string => type.replace(/(\w)\*/, '$1 *')
  return `${shown(result)}${result.endsWith('*') ? '' : ' '}${name}(${types.map(shown).join(', ') || 'void'});`
}

/** Where a file has a table, or the line that includes it, and the offset behind that; null where it does not. */
function endIn(
  sources: Sources,
  file: string,
  table: SlotStruct,
): { readonly from: Offset; readonly offset: Offset } | null {
  const text = sources.text(file)
  if (table.file === file && table.around !== null) {
    // What a table in a function names is known above the function.
    const offset = aboveFunction(text, table.around)
    return { from: offset, offset }
  }
  if (table.file === file)
    return { from: table.span.start, offset: withBlankLine(text, table.span.start, table.span.end).end }
  const include = sources.includesIn(file).find(({ target }) => sources.includes(target, table.file))
  if (include === undefined) return null
  const newline = text.indexOf('\n', include.offset)
  return { from: include.offset, offset: newline < 0 ? text.length : newline + 1 }
}
