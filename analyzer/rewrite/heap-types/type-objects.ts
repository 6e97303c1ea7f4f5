import {
  allFields,
  type DeclaredVariable,
  type FieldPart,
  initialFields,
  isZero,
  type VersionCoverage,
} from '../../code/declarations.ts'
import { subTables } from '../../knowledge/slots.ts'
import type { MacroDefinition } from '../../preprocess/directives.ts'
import type { Offset, TokenIndex } from '../../source/text.ts'
import type { Sources, TokenPlace } from './sources.ts'

/** Why a type object is left as it is, and the place that is in the way. */
export interface Obstacle {
  readonly file: string
  readonly offset: Offset
  /** A sentence without full stop that begins in lower case. */
  readonly text: string
}

export interface DeclaredIn {
  readonly file: string
  readonly declared: DeclaredVariable
}

/** A static type object as the whole project knows it: everything that goes by its name. */
export interface TypeObject {
  readonly name: string
  /** Where it is declared, or defined without a value. */
  readonly declarations: readonly DeclaredIn[]
  /** Where it gets its value; more than one under conditions. */
  readonly definitions: readonly (DeclaredIn & { readonly fields: readonly FieldPart[] })[]
  /** Macros that stand for it: `#define T (*(PyTypeObject *)API[3])`. */
  readonly macros: readonly { readonly file: string; readonly macro: MacroDefinition }[]
  /** Where its name stands, declarations included. */
  readonly references: readonly TokenPlace[]
  /** The tables that it points to, by their names, with what stands in them. */
  readonly tables: Map<string, SlotStruct>
  readonly obstacles: Obstacle[]
}

/** A `PyNumberMethods` and its like. */
export interface SlotStruct extends DeclaredIn {
  readonly fields: readonly FieldPart[]
  /** Declarations without a value. */
  readonly forward: readonly DeclaredIn[]
}

export type CoverageOf = (file: string, branch: Offset) => VersionCoverage

/**
 * All static type objects of the project. One that is `static` is known in its file and in what includes it or is
 * included by it; any other one everywhere.
 * @param related the files that a file includes or is included by, itself too, at any depth
 */
export function typeObjects(
  sources: Sources,
  coverageOf: CoverageOf,
  related: (file: string) => ReadonlySet<string>,
): TypeObject[] {
  const byName = new Map<string, DeclaredIn[]>()
  for (const [file, text] of sources.texts) {
    if (!/PyTypeObject|_typeobject/.test(text)) continue
    for (const declared of sources.declarations(file)) {
      if (declared.struct === 'PyTypeObject' && !declared.isField)
        byName.set(declared.name, [...(byName.get(declared.name) ?? []), { file, declared }])
    }
  }
  const found: TypeObject[] = []
  for (const [name, all] of byName) {
    const groups = groupsOf(all, related)
    for (const group of groups) {
      const isLocal = groups.length > 1 || group.every(({ declared }) => declared.storage === 'static')
      const scope = isLocal ? new Set(group.flatMap(({ file }) => [...related(file)])) : null
      // Where a macro of that name stands for it, so it does for all who see the macro.
      for (const { file } of scope === null ? [] : sources.macros(name))
        if (scope!.has(file)) for (const other of related(file)) scope!.add(other)
      const references = sources.references(name).filter(({ file }) => scope === null || scope.has(file))
      found.push(typeObject(sources, name, group, references, coverageOf))
    }
  }
  return found
}

/**
 * Declarations of one name that mean one object: those that see each other; all, where one that is not static does
 * not see a definition.
 */
function groupsOf(all: readonly DeclaredIn[], related: (file: string) => ReadonlySet<string>): DeclaredIn[][] {
  const groups: DeclaredIn[][] = []
  for (const each of all) {
    const near = related(each.file)
    const meets = groups.filter((group) => group.some(({ file }) => near.has(file)))
    for (const group of meets) groups.splice(groups.indexOf(group), 1)
    groups.push([...meets.flat(), each])
  }
  const isApart = (group: readonly DeclaredIn[]): boolean =>
    group.some(({ declared }) => declared.brace >= 0) || group.every(({ declared }) => declared.storage === 'static')
  return groups.every(isApart) ? groups : [[...all]]
}

function typeObject(
  sources: Sources,
  name: string,
  all: readonly DeclaredIn[],
  references: readonly TokenPlace[],
  coverageOf: CoverageOf,
): TypeObject {
  const obstacles: Obstacle[] = []
  const tables = new Map<string, SlotStruct>()
  const definitions: (DeclaredIn & { fields: readonly FieldPart[] })[] = []
  const addObstacle = (file: string, token: TokenIndex, text: string): void => {
    obstacles.push({ file, offset: sources.outline(file).tokens.start[token]!, text })
  }
  for (const { file, declared } of all) {
    if (declared.isArray) addObstacle(file, declared.nameToken, 'it is an array of type objects')
    if (declared.brace < 0) continue
    const outline = sources.outline(file)
    if (declared.isShared) addObstacle(file, declared.nameToken, 'it is defined together with other variables')
    const fields = initialFields(outline, declared, (branch) => coverageOf(file, branch))
    if (fields === null) {
      addObstacle(
        file,
        declared.brace,
        'its initialiser cannot be split into fields: conditions begin and end in different ones',
      )
      continue
    }
    definitions.push({ file, declared, fields })
    for (const { field, item } of allFields(fields)) {
      const value = outline.text.slice(item.start, item.end)
      const maker = item.designator === null && field !== 'ob_base' ? macroOfFields(sources, value) : null
      if (maker !== null) {
        addObstacle(file, item.firstToken, `the macro \`${maker}\` stands for several of its fields`)
        break
      }
      if (!Object.hasOwn(subTables, field) || isZero(value)) continue
      const table = tableName(sources, value)
      const read = table === null ? null : tableNamed(sources, table, subTables[field]!, file, coverageOf)
      if (read === null)
        addObstacle(
          file,
          item.firstToken,
          `\`${field}\` is \`${value}\`, which is not the address of a table that was found`,
        )
      else tables.set(table!, read)
    }
  }
  const macros = sources.macros(name).filter(({ file }) => references.some((each) => each.file === file))
  const isDefinedHere = definitions.length > 0 || all.some(({ declared }) => declared.storage !== 'extern')
  if (!isDefinedHere && obstacles.length === 0)
    addObstacle(all[0]!.file, all[0]!.declared.nameToken, 'it is defined somewhere else')
  return {
    name,
    declarations: all.filter(({ declared }) => declared.brace < 0),
    definitions,
    macros,
    references,
    tables,
    obstacles,
  }
}

/** The macro that stands for several values of an initialiser, if one does. */
function macroOfFields(sources: Sources, value: string): string | null {
  const name = /^(\w+)\s*(?:\([\s\S]*\))?$/.exec(value)?.[1]
  const isSeveral = (body: string): boolean =>
    /^\s*\.\w+\s*=/.test(body) ||
    /,/.test(
      body
        .replace(/\([^()]*\)/g, '')
        .replace(/\([^()]*\)/g, '')
        .replace(/"(?:\\.|[^"\\])*"/g, ''),
    )
  return name !== undefined &&
    sources
      .macros(name)
      .some(({ file, macro }) => isSeveral(sources.texts.get(file)!.slice(macro.bodyStart, macro.bodyEnd)))
    ? name
    : null
}

/**
 * The table that a field of a type points to: `&table`, `table` of an array of one, or a macro for that; null for
 * what else there may be.
 */
export function tableName(sources: Sources, value: string): string | null {
  const written = /^\(?(?:\(\s*[\w\s]+\*\s*\)\s*)?(&?)\s*(\w+)\)?$/.exec(value.trim())
  if (!written) return null
  if (written[1] === '&') return written[2]!
  const bodies = sources
    .macros(written[2]!)
    .map(({ file, macro }) => sources.texts.get(file)!.slice(macro.bodyStart, macro.bodyEnd))
    .filter((body) => !isZero(body))
  if (bodies.length === 0) return written[2]!
  const names = new Set(bodies.map((body) => tableName(sources, body)))
  return names.size === 1 ? [...names][0]! : null
}

/** Reads a table of slots by its name. */
export function tableNamed(
  sources: Sources,
  name: string,
  struct: string,
  file: string,
  coverageOf: CoverageOf,
): SlotStruct | null {
  const own = sources.declarations(file).filter((declared) => declared.name === name && declared.struct === struct)
  const where = own.some(({ brace }) => brace >= 0)
    ? [{ file, all: own }]
    : [...sources.texts.keys()]
        .filter((each) => sources.texts.get(each)!.includes(name))
        .map((each) => ({
          file: each,
          all: sources.declarations(each).filter((declared) => declared.name === name && declared.struct === struct),
        }))
  const everywhere = where.flatMap(({ file: each, all }) => all.map((declared) => ({ file: each, declared })))
  const defined = everywhere.filter(({ declared }) => declared.brace >= 0)
  if (defined.length > 1 || everywhere.length === 0) return null
  const [it] = defined.length === 1 ? defined : everywhere
  const fields = initialFields(sources.outline(it!.file), it!.declared, (branch) => coverageOf(it!.file, branch))
  return fields === null ? null : { ...it!, fields, forward: everywhere.filter((each) => each !== it) }
}

/** The field's value in all definitions, without conditions: its texts. */
export function valuesOf(sources: Sources, type: TypeObject, field: string): string[] {
  return type.definitions.flatMap(({ file, fields }) =>
    [...allFields(fields)]
      .filter((each) => each.field === field)
      .map(({ item }) => sources.texts.get(file)!.slice(item.start, item.end))
      .filter((value) => !isZero(value)),
  )
}

/** The name that a value is behind casts and `&`; null where it is more than that. */
export const nameIn = (value: string): string | null =>
  /^(?:\w+\((?=[\w:<>*\s]+\)$))?(?:\((?:[^()]|\([^()]*\))*\)\s*|&\s*)*((?:\w+\s*::\s*)*\w+)(?:<.*>)?\)?$/s
    .exec(value.replace(/\/\*[\s\S]*?\*\//g, '').trim())?.[1]
    ?.replace(/.*::\s*/, '') ?? null
