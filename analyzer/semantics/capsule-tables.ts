import { inCasts, memberAt, nameAt } from '../code/placement.ts'
import { bodyValue } from '../code/statements.ts'
import type { FunctionCode, IndexValue, Value, Variable } from '../code/tree.ts'
import { bare, fieldValues, itemsOf, nameOf, plainText, pointedName } from '../code/values.ts'
import type { CType } from '../knowledge/ctype.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset } from '../source/text.ts'
import { compiledAt } from './calls.ts'
import { type CapsuleMade, capsulesOf } from './capsules.ts'
import { functionsOf } from './functions.ts'

/** A table of functions or data that a module exports by a capsule. */
export interface CapsuleTable {
  readonly capsule: CapsuleMade
  /** `array` of pointers, or `struct` with fields. */
  readonly shape: 'array' | 'struct'
  /** The variable of an array, or the type of a struct. */
  readonly name: string
  /** Of an array how many pointers it has room for; of a struct its fields. Null where that is not known. */
  readonly size: number | null
  /** Its fields; of an array what its entries are, as they are written. */
  readonly entries: readonly string[]
  /** What each entry is: the type of a field, of a function what it gives and takes; empty where that is not known. */
  readonly types: readonly CType[]
  /**
   * What the field that tells its version begins with, or what is written into it where the table is new: the number,
   * or else as it is written; null for none.
   */
  readonly version: string | null
  /** The same of the field that tells its minor version. */
  readonly minor: string | null
  /** Whether it says which version it is, or how long. */
  readonly isVersioned: boolean
  /** Fields that hold objects or types. */
  readonly objects: readonly string[]
}

/** What names of fields and entries say that tell a version or a size. */
const versioning = /version|abi|magic|major|revision|size|length|count|signature|checksum|features?|flags/i

/** What names of functions say that tell a version: one that is called `count` counts something else. */
const tellingFunction = /version|abi/i

/** Whether a type is no pointer, array or function. */
const isNumber = (type: CType): boolean => /^[\w ]+$/.test(type) && !/^(?:struct|union)\b/.test(type)

/** A number, or a function that gives one: `get_version`. */
const tellsVersion = ({ name, type }: Variable): boolean =>
  versioning.test(name) && (isNumber(type) || (type.includes('(') && tellingFunction.test(name)))

/** The tables that a project exports and whose entries are known. */
export const capsuleTables = (model: ProjectModel): readonly CapsuleTable[] =>
  capsulesOf(model).made.flatMap((capsule) => {
    const isExported = capsule.kind === 'table' && capsule.origins.length === 1
    const found = isExported ? (arrayTable(model, capsule) ?? structTable(model, capsule)) : null
    return found ?? []
  })

/** Whether neither a table nor the name of its capsule says which version it is. */
export const isUnversioned = ({ isVersioned, capsule }: CapsuleTable): boolean =>
  !isVersioned && !/_v?\d+$/i.test(capsule.names[0] ?? '')

/** A table that is an array of pointers: `static void *api[] = {f, g};`, `api[0] = (void *)f;` */
function arrayTable(model: ProjectModel, capsule: CapsuleMade): CapsuleTable | null {
  const [origin] = capsule.origins
  const variable = origin?.variable
  if (!origin || !variable || !/\*\[\]$/.test(variable.type) || /^(?:char|const char)\*/.test(variable.type))
    return null
  const { file } = origin
  const entries = entriesOf(model, file, variable)
  // What nothing is known of may have anything in it.
  if (entries.length === 0) return null
  return {
    capsule,
    shape: 'array',
    name: variable.name,
    size: sizeOf(model, file, variable),
    entries,
    types: entries.map((each) => signatureOf(model, file, each)),
    version: null,
    minor: null,
    isVersioned: entries.some((each) => (tellingFunction.test(each) && !/Type$/.test(each)) || /^\d/.test(each)),
    objects: entries.filter((each) => /_?Type$|^PyExc_/.test(each)),
  }
}

function entriesOf(model: ProjectModel, file: FileId, { name, initialiser }: Variable): readonly string[] {
  const text = (value: Value): string => {
    const inner = bare(value)
    return inner.kind === 'unary' && inner.operator === '&' ? plainText(inner.operand) : plainText(inner)
  }
  if (initialiser?.kind === 'braces') return [...itemsOf(initialiser.entries ?? [])].map(({ value }) => text(value))
  const code = model.project.code(file)
  return code.references(name).flatMap((start) => {
    const around = code.functionAt(start)
    const value = around && nameAt(around, start)
    const item = around && value ? inCasts(around, value).parent : undefined
    const assign = around && item?.kind === 'index' ? inCasts(around, item).parent : undefined
    return assign?.kind === 'assign' && bare(assign.target) === item ? [text(assign.value)] : []
  })
}

/** How many items an array has room for; null where conditions choose, or what says so is not read. */
function sizeOf(model: ProjectModel, file: FileId, { nameSpan, initialiser }: Variable): number | null {
  const { text } = model.project.code(file)
  const written = /^\[(\w*)\]/.exec(text.slice(nameSpan.end, nameSpan.end + 200).replace(/\s/g, ''))?.[1]
  if (written === undefined) return null
  if (written !== '') return numberOf(model, file, written)
  const entries = initialiser?.kind === 'braces' ? initialiser.entries : null
  const isPlain = entries?.every((each) => each.kind === 'item' && each.designator === null && !each.holdsDirectives)
  return entries && isPlain ? entries.length : null
}

/** The number that a literal or a macro without parameters stands for; null for anything else. */
function numberOf(model: ProjectModel, file: FileId, text: string, depth = 0): number | null {
  if (/^(?:\d+|0[xX][\da-fA-F]+)[uUlL]*$/.test(text)) {
    const digits = text.replace(/[uUlL]+$/, '')
    return /^0\d/.test(digits) ? Number.parseInt(digits, 8) : Number(digits)
  }
  if (!/^[A-Za-z_]\w*$/.test(text) || depth > 4) return null
  const [macro, ...others] = functionsOf(model).macrosNamed(file, text)
  const body = macro && others.length === 0 && macro.code.parameters.length === 0 ? bodyValue(macro.code) : null
  return macro && body ? numberOf(model, macro.file, plainText(body), depth + 1) : null
}

/** A struct of which one field at least is a function. */
function structTable(model: ProjectModel, capsule: CapsuleMade): CapsuleTable | null {
  const name = capsule.type.replace(/^(?:const |struct )+/, '')
  const fields = /^\w+$/.test(name) ? fieldsOf(model, name) : null
  if (!fields?.some(({ type }) => type.includes('('))) return null
  const all = withHead(model, fields)
  const numberOfField = (is: RegExp): string | null =>
    numberIn(model, capsule, fields, is) ?? numberWritten(model, capsule, all, is)
  return {
    capsule,
    shape: 'struct',
    name,
    size: fields.length,
    entries: fields.map((each) => each.name),
    types: fields.map(({ written }) => written),
    version: numberOfField(versionName),
    minor: numberOfField(minorName),
    isVersioned: all.some(tellsVersion),
    objects: fields.filter(({ type }) => /^Py(?:Type)?Object\*+$/.test(type)).map((each) => each.name),
  }
}

/** What a function gives and takes: `int(int)`; empty for anything else, and for several of that name. */
function signatureOf(model: ProjectModel, file: FileId, name: string): CType {
  const [only, ...others] = functionsOf(model).named(file, name)
  if (!only || others.length > 0) return ''
  return `${only.code.result}(${only.code.parameters.map(({ type }) => type).join(', ')})`
}

/** What fields are called that tell a version, and a minor one. */
const versionName = /^(?!.*minor).*(?:version|major|abi|revision)/i
const minorName = /minor/i

/** The first number of such a name. */
const numberField = (fields: readonly Variable[], is: RegExp): string | undefined =>
  fields.find(({ name, type }) => isNumber(type) && is.test(name))?.name

/** What the first field that tells a version begins with. */
function numberIn(
  model: ProjectModel,
  { origins }: CapsuleMade,
  fields: readonly Variable[],
  is: RegExp,
): string | null {
  const field = numberField(fields, is)
  const [origin] = origins
  const initialiser = origin?.variable?.initialiser
  const entries = initialiser?.kind === 'braces' ? initialiser.entries : null
  if (field === undefined || !origin || !entries) return null
  const [only, ...others] =
    fieldValues(
      fields.map(({ name }) => name),
      entries,
    ).get(field) ?? []
  return only && others.length === 0 ? numberText(model, origin.file, only) : null
}

/** What the function that makes a capsule writes into that field: `api->head.major = 2`. */
function numberWritten(
  model: ProjectModel,
  { file, around, call }: CapsuleMade,
  fields: readonly Variable[],
  is: RegExp,
): string | null {
  const field = numberField(fields, is)
  const pointer = call.operands[0] && pointedName(call.operands[0])
  if (field === undefined || !pointer) return null
  const written = model.project
    .code(file)
    .occurrencesIn(field, around.span)
    .flatMap(({ span }): readonly Value[] => {
      const member = memberAt(around, span.end, field)
      const parent = member && rootName(member) === pointer ? inCasts(around, member).parent : undefined
      return member && parent?.kind === 'assign' && bare(parent.target) === member ? [parent.value] : []
    })
  return written.length === 1 ? numberText(model, file, written[0]!) : null
}

/** The variable that a field belongs to: `api` of `api->head.major`. */
function rootName(value: Value): string | null {
  const inner = bare(value)
  return inner.kind === 'member' ? rootName(inner.object) : nameOf(inner)
}

/** A value as a number, or else as it is written. */
function numberText(model: ProjectModel, file: FileId, value: Value): string {
  const text = plainText(value)
  return String(numberOf(model, file, text) ?? text)
}

/** A field, with its type as it is written: of functions with what they take. */
interface Field extends Variable {
  readonly written: string
}

function writtenType(text: string, { type, name, nameSpan }: Variable): string {
  if (!type.includes('(')) return type
  const before = /[^;{}]*$/.exec(text.slice(Math.max(0, nameSpan.start - longestType), nameSpan.start))?.[0] ?? ''
  const behind = /^[^;{}]*/.exec(text.slice(nameSpan.start + name.length, nameSpan.start + longestType))?.[0] ?? ''
  const plain = `${before}${behind}`.replace(/\/\*[^*]*\*\//g, ' ').replace(/\/\/.*/g, ' ')
  return withoutNames(plain)
    .replace(/\s+/g, ' ')
    .replace(/\s*([*(),])\s*/g, '$1')
    .trim()
}

/** Characters before and behind a field's name that its type has. */
const longestType = 1000

/** What functions take, without the names of parameters: these may change. */
const withoutNames = (type: string): string =>
  type.replace(/([\w*\]]\s*[\s*])(\w+)(?=\s*[,)[])/g, (whole, head: string, name: string) =>
    typeWords.test(name) || /\b(?:struct|enum|union|const|volatile)\s*$/.test(head) ? whole : head,
  )

const typeWords = /^(?:int|long|short|char|double|float|void|signed|unsigned|bool|_Bool|const|\w+_t)$/

/** The fields of a struct of the project, by its tag or its name; null where there is none, or several that differ. */
function fieldsOf(model: ProjectModel, name: string): readonly Field[] | null {
  const known = knownFields.get(model) ?? new Map<string, readonly Field[] | null>()
  knownFields.set(model, known)
  if (!known.has(name)) known.set(name, readFields(model, name))
  return known.get(name)!
}

/** They are looked for in all declarations of the project. */
const knownFields = new WeakMap<ProjectModel, Map<string, readonly Field[] | null>>()

function readFields(model: ProjectModel, name: string): readonly Field[] | null {
  const found = [...model.project.filesWith(name)].flatMap((file) => {
    const code = model.project.code(file)
    if (code.occurrences(name).length === 0) return []
    return code.declarations.flatMap(({ struct, types, span }) => {
      const isIt = struct !== null && (struct.tag === `struct ${name}` || struct.tag === name || types.includes(name))
      if (!isIt || compiledAt(model, file, span.start) === 'no') return []
      const fields = code.fieldsIn(struct.span)
      return [fields?.map((each): Field => ({ ...each, written: writtenType(code.text, each) }))]
    })
  })
  // Modules without a header for all may have copies of it.
  const [first, ...others] = found
  return first && others.every((each) => each && isSameStruct(each, first)) ? first : null
}

const isSameStruct = (one: readonly Field[], other: readonly Field[]): boolean =>
  one.length === other.length &&
  one.every(({ name, written }, at) => name === other[at]!.name && written === other[at]!.written)

/** Fields, and those of the struct that the first one is: what all tables of a family begin with. */
function withHead(model: ProjectModel, fields: readonly Field[]): readonly Field[] {
  const type = fields[0]?.type.replace(/^struct /, '') ?? ''
  const head = /^[A-Za-z_]\w*$/.test(type) ? fieldsOf(model, type) : null
  return [...(head ?? []), ...fields]
}

/** An entry of a table that is taken by its number. */
export interface IndexedEntry {
  readonly file: FileId
  /** The macro or the function that takes it. */
  readonly around: FunctionCode
  readonly value: IndexValue
  readonly index: number
}

/** Where code takes entries of the table behind a variable by their numbers. */
export function indexedEntries(model: ProjectModel, variable: string): readonly IndexedEntry[] {
  const seen = new Set<string>()
  return [...model.project.filesWith(variable)].flatMap((file) => {
    const code = model.project.code(file)
    return code.references(variable).flatMap((start: Offset): IndexedEntry[] => {
      const around = code.isInDirective(start) ? code.macroAt(start) : code.functionAt(start)
      const name = around && nameAt(around, start)
      const item = around && name ? inCasts(around, name).parent : undefined
      if (!around || item?.kind !== 'index' || nameOf(item.object) !== variable) return []
      if (compiledAt(model, file, start) === 'no' || seen.has(`${file} ${start}`)) return []
      seen.add(`${file} ${start}`)
      // What is written into it is the maker's.
      const { parent } = inCasts(around, item)
      if (parent?.kind === 'assign' && bare(parent.target) === item) return []
      const index = numberOf(model, file, plainText(item.index))
      return index === null ? [] : [{ file, around, value: item, index }]
    })
  })
}

/** A struct of functions that tells its version or size, and that code takes out of a capsule. */
export interface UsedTable {
  /** The type of the struct. */
  readonly name: string
  /** The fields that tell its version or size. */
  readonly telling: readonly string[]
  /** Whether code of the project asks for one of them. */
  readonly isAsked: boolean
}

/** The struct that a pointer of that type points to; null where it is no table that tells its version. */
export function usedTable(model: ProjectModel, type: CType): UsedTable | null {
  const name = type.replace(/^(?:const |struct )+/, '').replace(/\*$/, '')
  const fields = type.endsWith('*') && /^\w+$/.test(name) ? fieldsOf(model, name) : null
  if (!fields?.some((each) => each.type.includes('('))) return null
  const telling = withHead(model, fields)
    .filter(({ name: field, type: held }) => isNumber(held) && /version|abi|major|size|magic/i.test(field))
    .map((each) => each.name)
  if (telling.length === 0) return null
  const isAsked = telling.some((field) =>
    [...model.project.filesWith(field)].some((file) =>
      model.project
        .code(file)
        .occurrences(field)
        .some(({ isField }) => isField),
    ),
  )
  return { name, telling, isAsked }
}
