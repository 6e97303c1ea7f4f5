import type { FileCode } from '../../code/file-code.ts'
import { bodyValue } from '../../code/statements.ts'
import type { DeclaredVariable, FunctionCode, Value, Variable } from '../../code/tree.ts'
import { addressed, bare, isNull, itemsOf } from '../../code/values.ts'
import { variablesIn } from '../../code/variables.ts'
import { slotStructs, subTables } from '../../knowledge/slots.ts'
import {
  allFields,
  type Field,
  type FieldPart,
  initialFields,
  macroOfFields,
  miscountedMacro,
  slotStructOf,
} from '../../semantics/type-fields.ts'
import { addTo } from '../../source/multimap.ts'
import type { Offset, Span } from '../../source/text.ts'
import type { CodeIn, PlaceIn, Sources } from '../sources.ts'
import { seenAs } from './seen-names.ts'

/** Why a type object is left as it is, and the place that is in the way. */
export interface Obstacle {
  readonly file: string
  readonly offset: Offset
  /** A sentence without full stop that begins in lower case. */
  readonly text: string
}

/** A declaration of a variable of one of the structs that types are written down with, or its definition. */
export interface DeclaredIn {
  readonly file: string
  readonly struct: string
  readonly variable: Variable
  /** The whole declaration, with its semicolon. */
  readonly span: Span
  /** It declares more than this variable. */
  readonly isShared: boolean
}

/** A definition with a value. */
export interface DefinedIn extends DeclaredIn {
  readonly fields: readonly FieldPart[]
  /** The braces of the initialiser, and what is between them. */
  readonly braces: Span
}

/** A pointer at file level that begins as the address of a type, and that nothing sets to anything else. */
export interface PointerIn {
  readonly file: string
  readonly variable: Variable
  /** What makes it begin so: from behind the declarator to the end of the initialiser. */
  readonly initialiser: Span
  /** Where it is named, but for its declarations. */
  readonly references: readonly PlaceIn[]
}

/** A static type object as the whole project knows it: everything that goes by its name. */
export interface TypeObject {
  readonly name: string
  /** Where it is declared, or defined without a value. */
  readonly declarations: readonly DeclaredIn[]
  /** Where it gets its value; more than one under conditions. */
  readonly definitions: readonly DefinedIn[]
  /** Where it stands: its definitions, or the declarations that are as good as one. */
  readonly homes: readonly DeclaredIn[]
  /** Where its name is declared or defined, whatever it is defined with. */
  readonly places: readonly PlaceIn[]
  /** The variable by which everything else knows it: `PyTypeObject *T = &t;`; null for none. */
  readonly pointer: PointerIn | null
  /**
   * The name of the pointer, where the type's own name becomes a macro for what that points to: headers name the type
   * for other modules as well, which see another macro of its name. Null where the pointer has the type's name.
   */
  readonly pointerName: string | null
  /** Macros that stand for it: `#define T (*(PyTypeObject *)API[3])`. */
  readonly macros: readonly CodeIn[]
  /** Where its name stands, declarations included. */
  readonly references: readonly PlaceIn[]
  /** The tables that its initialisers point to, by their names, with what stands in them. */
  readonly tables: ReadonlyMap<string, SlotStruct>
  /** What of this alone is in the way of rewriting it. */
  readonly obstacles: readonly Obstacle[]
}

/** A `PyNumberMethods` and its like. */
export interface SlotStruct extends DeclaredIn {
  readonly fields: readonly FieldPart[]
  readonly braces: Span | null
  /** Declarations without a value. */
  readonly forward: readonly DeclaredIn[]
  /** The function whose variable it is; null for one at file level. */
  readonly around: FunctionCode | null
}

/**
 * All static type objects of the project. One that is `static` is known in its file and in what includes it or is
 * included by it; any other one everywhere.
 */
export function typeObjects(sources: Sources): TypeObject[] {
  const related = (file: string): ReadonlySet<string> => sources.settings.related(file)
  const byName = new Map<string, DeclaredIn[]>()
  const isNamed = typeBeforeName(sources)
  for (const [file, text] of sources.texts) {
    if (!isNamed.test(text)) continue
    for (const declared of declarationsIn(sources, file)) {
      if (declared.struct !== 'PyTypeObject') continue
      addTo(byName, declared.variable.name, declared)
    }
  }
  const found: TypeObject[] = []
  for (const [name, all] of byName) {
    const groups = groupsOf(all, related)
    for (const group of groups) {
      const isLocal = groups.length > 1 || group.every(({ variable }) => variable.storage === 'static')
      const scope = isLocal ? new Set(group.flatMap(({ file }) => [...related(file)])) : null
      // Where a macro of that name stands for it, so it does for all who see the macro.
      for (const { file } of scope === null ? [] : sources.macros(name))
        if (scope!.has(file)) for (const other of related(file)) scope!.add(other)
      const references = scope === null ? sources.references(name) : sources.referencesIn(scope, name)
      found.push(typeObject(sources, name, group, references, sharedObstacles(sources, name, group)))
    }
  }
  return found
}

/** What keeps a type that is not `static` from being rewritten, as who uses it cannot be followed. */
function sharedObstacles(sources: Sources, name: string, all: readonly DeclaredIn[]): readonly Obstacle[] {
  const shared = all.filter(({ variable }) => variable.storage !== 'static')
  const unseen = shared.flatMap((each) => {
    const text = sources.settings.unseen(each.file)
    return text === null ? [] : [{ file: each.file, offset: offsetOf(each), text }]
  })
  const other = shared.length === 0 ? null : symbolNamed(sources, name)
  return other === null ? unseen : [...unseen, other]
}

/** Where a name is given to the linker itself: `extern PyTypeObject t __asm__("T")`; null for nowhere. */
function symbolNamed({ texts }: Sources, name: string): Obstacle | null {
  let known = symbolNames.get(texts)
  if (!known) {
    const found = new Map<string, Obstacle>()
    for (const [file, text] of texts) {
      for (const match of text.matchAll(asSymbol)) {
        const obstacle = { file, offset: match.index, text: `\`${match[0]})\` gives it another name` }
        if (!found.has(match[1]!)) found.set(match[1]!, obstacle)
      }
    }
    known = found
    symbolNames.set(texts, known)
  }
  return known.get(name) ?? null
}

/** The first place where each name is given. */
const symbolNames = new WeakMap<Sources['texts'], ReadonlyMap<string, Obstacle>>()

const asSymbol = /\b(?:asm|__asm|__asm__|alias|__alias__|weakref|__weakref__)\s*\(\s*"(\w+)"/g

/** `PyTypeObject T`, `PyAPI_DATA(PyTypeObject) T`, but not `PyTypeObject *t`; also with other names of the struct. */
function typeBeforeName({ structAliases }: Sources): RegExp {
  const others = [...structAliases].flatMap(([name, struct]) => (struct === 'PyTypeObject' ? [name] : []))
  return new RegExp(`\\b(?:${['PyTypeObject', '_typeobject', ...others].join('|')})\\b\\s*\\)?\\s*[\\w/]`)
}

const wantedStructs = ['_typeobject', ...Object.keys(slotStructs)]

const declarationLists = new WeakMap<FileCode, readonly DeclaredIn[]>()

/** The variables of the structs that types are written down with: those of a file, and those of its functions. */
export function declarationsIn(sources: Sources, file: string): readonly DeclaredIn[] {
  const code = sources.code(file)
  let found = declarationLists.get(code)
  if (!found) {
    found = readDeclarations(sources, file)
    declarationLists.set(code, found)
  }
  return found
}

function readDeclarations(sources: Sources, file: string): DeclaredIn[] {
  const code = sources.code(file)
  const found: DeclaredIn[] = []
  const local = [...functionsWith(sources, file)].flatMap((around) => [...variablesIn(around)])
  for (const variable of [...code.variables, ...local]) {
    const struct = slotStructOf(variable, sources.structAliases)
    if (struct === null) continue
    const { variables, prototypes, span } = variable.declaration
    found.push({ file, struct, variable, span, isShared: variables.length + prototypes.length > 1 })
  }
  return found.sort((a, b) => a.variable.nameSpan.start - b.variable.nameSpan.start)
}

/** The functions of a file in which one of the structs stands before a name. */
function functionsWith(sources: Sources, file: string): ReadonlySet<FunctionCode> {
  const code = sources.code(file)
  const found = new Set<FunctionCode>()
  for (const struct of [...wantedStructs, ...sources.structAliases.keys()]) {
    for (const offset of code.references(struct)) {
      if (!/^\s+\w/.test(code.text.slice(offset + struct.length, offset + struct.length + longestGap))) continue
      const around = code.functionAt(offset)
      if (around) found.add(around)
    }
  }
  return found
}

/** Characters between a type and a name; where there are more the variable is not found. */
const longestGap = 40

/**
 * Declarations of one name that mean one object: those that see each other; all, where one that is not static does
 * not see a definition.
 */
function groupsOf(all: readonly DeclaredIn[], related: (file: string) => ReadonlySet<string>): DeclaredIn[][] {
  const inFile = new Map<string, DeclaredIn[]>()
  for (const each of all) addTo(inFile, each.file, each)
  const groups: DeclaredIn[][] = []
  for (const [name, own] of inFile) {
    const near = related(name)
    const meets = groups.filter((group) => group.some(({ file }) => near.has(file)))
    for (const group of meets) groups.splice(groups.indexOf(group), 1)
    groups.push([...meets.flat(), ...own])
  }
  const isApart = (group: readonly DeclaredIn[]): boolean =>
    group.some((each) => bracesOf(each) !== null) || group.every(({ variable }) => variable.storage === 'static')
  return groups.every(isApart) ? groups : [[...all]]
}

/** The braces of what a variable is defined with; null for none. */
const bracesOf = ({ variable: { initialiser } }: DeclaredIn): Span | null =>
  initialiser?.kind === 'braces' ? initialiser.span : null

function typeObject(
  sources: Sources,
  name: string,
  all: readonly DeclaredIn[],
  references: readonly PlaceIn[],
  found: readonly Obstacle[],
): TypeObject {
  const obstacles = [...found]
  const tables = new Map<string, SlotStruct>()
  const definitions = all.flatMap((declared) => definitionOf(sources, declared, obstacles))
  for (const definition of definitions) readTables(sources, definition, tables, obstacles)
  const declarations = all.filter((each) => bracesOf(each) === null)
  const own = declarations.filter(({ variable }) => variable.storage !== 'extern')
  const [first] = all
  const macros = sources.macros(name).filter(({ file }) => references.some((each) => each.file === file))
  const places = all.map((each) => ({ file: each.file, offset: offsetOf(each) }))
  const isForBoth = references.some((place) => seenAs(sources, { macros, places }, place) === 'both')
  if (definitions.length + own.length === 0 && obstacles.length === 0)
    obstacles.push({ file: first!.file, offset: offsetOf(first!), text: 'it is defined somewhere else' })
  return {
    name,
    pointer: pointerTo(sources, name, definitions, references),
    declarations,
    definitions,
    places,
    pointerName: isForBoth ? `${name}_pointer` : null,
    homes: definitions.length > 0 ? definitions : own,
    macros,
    references,
    tables,
    obstacles,
  }
}

/** The one pointer at file level that begins as the address of a type; null for none, or for several. */
function pointerTo(
  sources: Sources,
  name: string,
  definitions: readonly DefinedIn[],
  references: readonly PlaceIn[],
): PointerIn | null {
  const [definition, ...others] = definitions
  if (!definition || others.length > 0) return null
  const { file } = definition
  const found = pointersIn(sources, file).get(name) ?? []
  const [variable] = found
  const initialiser = variable?.initialiser
  if (!variable || !initialiser || found.length > 1) return null
  const before = { start: variable.declaration.span.start, end: variable.nameSpan.start }
  if (/\bconst\b/.test(sources.written(file, before)) || !references.some((each) => each.file === file)) return null
  const places =
    variable.storage === 'static'
      ? sources.referencesIn(sources.settings.related(file), variable.name)
      : sources.references(variable.name)
  return {
    file,
    variable,
    initialiser: { start: variable.nameSpan.end, end: initialiser.span.end },
    references: places.filter((place) => !isDeclaredAt(sources, place)),
  }
}

const pointers = new WeakMap<FileCode, ReadonlyMap<string, readonly DeclaredVariable[]>>()

/** The variables of a file that are pointers to types, and begin as the address of something, by its name. */
function pointersIn(sources: Sources, file: string): ReadonlyMap<string, readonly DeclaredVariable[]> {
  const code = sources.code(file)
  let known = pointers.get(code)
  if (!known) {
    const isPointer = ({ type }: Variable): boolean =>
      type.endsWith('*') &&
      !type.endsWith('**') &&
      (type === 'PyTypeObject*' || sources.structAliases.has(type.slice(0, -1)))
    const found = new Map<string, DeclaredVariable[]>()
    for (const each of code.variables) {
      const name = each.initialiser && isPointer(each) ? addressed(each.initialiser) : null
      if (name !== null) addTo(found, name, each)
    }
    known = found
    pointers.set(code, known)
  }
  return known
}

const declaredPlaces = new WeakMap<FileCode, ReadonlySet<Offset>>()

/** Whether a variable at file level, or a parameter of a function, is declared at a place. */
function isDeclaredAt(sources: Sources, { file, offset }: PlaceIn): boolean {
  const code = sources.code(file)
  let known = declaredPlaces.get(code)
  if (!known) {
    const parameters = code.allFunctions().flatMap((each) => each.parameters)
    known = new Set([...code.variables, ...parameters].map(({ nameSpan }) => nameSpan.start))
    declaredPlaces.set(code, known)
  }
  return known.has(offset)
}

/** Where the name of a declared variable stands. */
export const offsetOf = ({ variable }: DeclaredIn): Offset => variable.nameSpan.start

function definitionOf(sources: Sources, declared: DeclaredIn, obstacles: Obstacle[]): DefinedIn[] {
  const { file, variable } = declared
  const addObstacle = (offset: Offset, text: string): void => void obstacles.push({ file, offset, text })
  if (variable.type.endsWith('[]')) addObstacle(offsetOf(declared), 'it is an array of type objects')
  const braces = bracesOf(declared)
  if (braces === null) return []
  if (declared.isShared) addObstacle(offsetOf(declared), 'it is defined together with other variables')
  const unclear = unclearMacro(sources, declared)
  if (unclear !== null) addObstacle(unclear.offset, unclear.text)
  const fields = fieldsOf(sources, declared)
  if (fields !== null) return [{ ...declared, fields, braces }]
  const text = 'its initialiser cannot be split into fields: conditions begin and end in different ones'
  addObstacle(braces.start, text)
  return []
}

/** A macro in an initialiser that makes another number of values than it was read for; null for none. */
function unclearMacro(
  sources: Sources,
  { file, variable: { initialiser } }: DeclaredIn,
): { readonly offset: Offset; readonly text: string } | null {
  const items = initialiser?.kind === 'braces' ? [...itemsOf(initialiser.entries ?? [])] : []
  const found = miscountedMacro(items, sources.text(file), (name) => macroBodies(sources, name))
  if (found === null) return null
  const text = `how many values the macro \`${found.name}\` makes of its initialiser is not clear`
  return { offset: found.offset, text }
}

/** The bodies of the macros of a name, as they are written. */
const macroBodies = (sources: Sources, name: string): readonly string[] =>
  sources.macros(name).map(({ file, code }) => sources.written(file, code.span))

const fieldsOf = (sources: Sources, { file, struct, variable }: DeclaredIn): readonly FieldPart[] | null =>
  initialFields(struct, variable, (branch) => sources.settings.coverageOf(file, branch))

/** Finds the tables that a type object points to. */
function readTables(
  sources: Sources,
  { file, fields }: DefinedIn,
  tables: Map<string, SlotStruct>,
  obstacles: Obstacle[],
): void {
  for (const { field, item } of allFields(fields)) {
    const { value, written } = item
    const addObstacle = (text: string): void => void obstacles.push({ file, offset: written.start, text })
    const maker =
      item.designator === null && field !== 'ob_base'
        ? macroOfFields(value, (name) => macroBodies(sources, name))
        : null
    if (maker !== null) {
      addObstacle(`the macro \`${maker}\` stands for several of its fields`)
      return
    }
    if (!Object.hasOwn(subTables, field) || isNull(value)) continue
    const table = tableName(sources, value)
    const read =
      table === null
        ? null
        : tableNamed(sources, table, subTables[field]!, file, sources.code(file).functionAt(written.start))
    if (read !== null) tables.set(table!, read)
    else
      addObstacle(
        `\`${field}\` is \`${sources.written(file, written)}\`, which is not the address of a table that was found`,
      )
  }
}

/**
 * The table that a field of a type points to: `&table`, `table` of an array of one, or a macro for that; null for
 * what else there may be.
 */
export function tableName(sources: Sources, value: Value, depth = 0): string | null {
  const inner = bare(value)
  if (inner.kind === 'unary') return addressed(inner)
  if (inner.kind !== 'name' || depth > deepestMacro) return null
  const bodies = sources
    .macros(inner.name)
    .map(({ code }) => bodyValue(code))
    .filter((body) => body === null || !isNull(body))
  if (bodies.length === 0) return inner.name
  const names = new Set(bodies.map((body) => (body === null ? null : tableName(sources, body, depth + 1))))
  return names.size === 1 ? [...names][0]! : null
}

/** Macros for macros for a table; what nests deeper is no table that is found. */
const deepestMacro = 8

/**
 * Reads a table of slots by its name.
 * @param file where the name stands
 * @param around the function that it stands in; null for none
 */
export function tableNamed(
  sources: Sources,
  name: string,
  struct: string,
  file: string,
  around: FunctionCode | null,
): SlotStruct | null {
  const isOf = (code: FunctionCode, { file: where, variable: { nameSpan } }: DeclaredIn): boolean =>
    where === file && code.span.start <= nameSpan.start && nameSpan.start < code.span.end
  const isLocal = (each: DeclaredIn): boolean =>
    sources.code(each.file).functionAt(each.variable.nameSpan.start) !== null
  const named = (where: string): DeclaredIn[] =>
    declarationsIn(sources, where).filter((each) => each.variable.name === name && each.struct === struct)
  const [local, ...others] = around === null ? [] : named(file).filter((each) => isOf(around, each))
  if (local !== undefined) {
    const fields = fieldsOf(sources, local)
    const isOne = others.length === 0 && local.variable.storage === 'static'
    return isOne && fields ? { ...local, fields, braces: bracesOf(local), forward: [], around } : null
  }
  const own = named(file).filter((each) => !isLocal(each))
  const isOwn = own.some((each) => bracesOf(each) !== null)
  const near = sources.settings.related(file)
  const all = [...new Set(sources.references(name).map(({ file: where }) => where))].flatMap(named)
  // A table of that name in another module is another one.
  const everywhere = all.filter(
    (each) => !isLocal(each) && (!isOwn || own.includes(each) || (bracesOf(each) === null && near.has(each.file))),
  )
  const defined = everywhere.filter((each) => bracesOf(each) !== null)
  if (defined.length > 1) return null
  const it = defined[0] ?? everywhere[0]
  const fields = it ? fieldsOf(sources, it) : null
  return it && fields
    ? { ...it, fields, braces: bracesOf(it), forward: everywhere.filter((each) => each !== it), around: null }
    : null
}

/** The fields of a name in all definitions of a type that have a value other than zero. */
export const initialValues = (type: TypeObject, field: string): (Field & { readonly file: string })[] =>
  type.definitions.flatMap(({ file, fields }) =>
    [...allFields(fields)]
      .filter((each) => each.field === field && !isNull(each.item.value))
      .map((each) => ({ ...each, file })),
  )
