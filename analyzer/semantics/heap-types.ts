import type { FileCode } from '../code/file-code.ts'
import type { Occurrence } from '../code/name-index.ts'
import { outermostStatement } from '../code/placement.ts'
import { bodyValue, eachStatement } from '../code/statements.ts'
import type { FunctionCode, Value, Variable } from '../code/tree.ts'
import { bare, calleeName, eachValue, isNull, nameOf, plainText, pointedName } from '../code/values.ts'
import { alternativesOf, variablesNamed, variablesOfTypes } from '../code/variables.ts'
import { isStaticType } from '../knowledge/object-functions.ts'
import { freeingFunctions } from '../knowledge/slots.ts'
import type { Verdict } from '../preprocess/condition.ts'
import type { ProjectModel } from '../project/model.ts'
import { addTo } from '../source/multimap.ts'
import { lastUpTo } from '../source/search.ts'
import type { FileId, Offset, RegionId, Span } from '../source/text.ts'
import { buildDoubts } from './calls.ts'
import { type Body, functionsOf } from './functions.ts'
import { staticEntriesIn, staticTypes } from './static-types.ts'
import type { HeapType, TypeDefinition, TypeEntry } from './type-definition.ts'
import { type FileSpecs, type SlotTable, specsIn, type TypeCall } from './type-specs.ts'

/** What a file says of types that are made of specs. */
export const specsOf = (model: ProjectModel, file: FileId): FileSpecs => specsIn(model.project.code(file))

const remembered = new WeakMap<ProjectModel, readonly HeapType[]>()

/** The types that the project makes of specs that may be compiled for the target. */
export function heapTypes(model: ProjectModel): readonly HeapType[] {
  const known = remembered.get(model)
  if (known) return known
  const found: HeapType[] = []
  for (const file of model.files.keys()) {
    const { specs, slotTables } = specsOf(model, file)
    const byVariable = new Map<string, SlotTable[]>()
    for (const table of slotTables)
      if (model.active(file, table.region) !== 'no') addTo(byVariable, table.variable, table)
    for (const spec of specs) {
      if (model.active(file, spec.region) === 'no') continue
      const tables = byVariable.get(spec.slots ?? '') ?? []
      // Local tables of several functions may have one name: the last before the spec is meant.
      const table = tables.filter(({ span }) => span.start < spec.span.start).at(-1) ?? tables[0] ?? null
      const entries = (table?.entries ?? []).flatMap((each) =>
        model.active(file, each.region) === 'no' ? [] : [{ file, given: null, ...each }],
      )
      found.push({ kind: 'heap', file, head: spec, spec, table, entries, isWhole: table?.isWhole ?? false })
    }
  }
  remembered.set(model, found)
  return found
}

/** The types of the project that may be compiled for the target, however they are written down. */
export const typeDefinitions = (model: ProjectModel): readonly TypeDefinition[] => [
  ...heapTypes(model),
  ...staticTypes(model),
]

/** Whether a type is made of a spec. */
export const isHeapType = (type: TypeDefinition): type is HeapType => type.kind === 'heap'

/** Whether a type has a flag: `Py_TPFLAGS_BASETYPE`. What a static type inherits is not among them. */
export function hasFlag(model: ProjectModel, { file, head }: TypeDefinition, flag: string): Verdict {
  const named = head.flags.filter(({ name }) => name === flag)
  const verdicts = isNothing(model, file, named.length, flag)
    ? []
    : named.map(({ region }) => model.active(file, region))
  for (const { name, region } of head.flagNames)
    if (model.active(file, region) !== 'no') verdicts.push(macroHasFlag(model, file, name, flag, 0))
  if (verdicts.includes('yes')) return 'yes'
  return head.hasOpenFlags || verdicts.includes('unknown') ? 'unknown' : 'no'
}

/** Whether the project makes 0 of the name of a flag that headers lack: `#define Py_TPFLAGS_IMMUTABLETYPE 0`. */
function isNothing(model: ProjectModel, file: FileId, uses: number, flag: string): boolean {
  const macros = uses === 0 ? [] : functionsOf(model).macrosNamed(file, flag)
  return (
    macros.length > 0 &&
    macros.every(({ code }) => {
      const body = bodyValue(code)
      return body !== null && isNull(body)
    })
  )
}

/** Whether the body of a macro without parameters holds a flag; `unknown` also where several macros differ. */
function macroHasFlag(model: ProjectModel, file: FileId, macro: string, flag: string, depth: number): Verdict {
  const macros = functionsOf(model).macrosNamed(file, macro)
  const [first, ...others] = macros.map(({ file: at, code }): Verdict => {
    const body = code.parameters.length === 0 ? bodyValue(code) : null
    return body === null || depth > deepestMacro ? 'unknown' : valueHasFlag(model, at, body, flag, depth)
  })
  return first !== undefined && others.every((each) => each === first) ? first : 'unknown'
}

function valueHasFlag(model: ProjectModel, file: FileId, value: Value, flag: string, depth: number): Verdict {
  const inner = bare(value)
  if (inner.kind === 'literal') return /^0[uUlL]*$/.test(inner.text) ? 'no' : 'unknown'
  if (inner.kind === 'name')
    return inner.name === flag
      ? 'yes'
      : /^Py_TPFLAGS_\w+$/.test(inner.name)
        ? 'no'
        : macroHasFlag(model, file, inner.name, flag, depth + 1)
  if (inner.kind !== 'binary' || inner.operator !== '|') return 'unknown'
  const sides = [inner.left, inner.right].map((each) => valueHasFlag(model, file, each, flag, depth))
  return sides.includes('yes') ? 'yes' : sides.includes('unknown') ? 'unknown' : 'no'
}

/** Macros within macros that are followed. */
const deepestMacro = 8

/** Whether a type has a flag wherever a function is compiled, not just in some of these builds. */
export const hasFlagWith = ({ head }: TypeDefinition, flag: string, region: RegionId): boolean =>
  head.flags.some((each) => each.name === flag && (each.region === 0 || each.region === region))

/** The entry for a slot; null where there is none, or more than one that may be compiled. */
export function entryOf({ entries }: TypeDefinition, slot: string): TypeEntry | null {
  const found = entries.filter((each) => each.slot === slot)
  return found.length === 1 ? found[0]! : null
}

/** The function in a slot, read; null where it is none of the project's, or several may be compiled. */
export function functionOf(model: ProjectModel, type: TypeDefinition, slot: string): Body | null {
  const entry = entryOf(type, slot)
  if (entry === null || entry.value === null) return null
  const bodies = functionsOf(model).named(entry.file, entry.value)
  return bodies.length === 1 ? bodies[0]! : null
}

/** Types of a file in whose slots, or in whose tables of methods and attributes, a function stands. */
export function typesWith(model: ProjectModel, file: FileId, { name }: FunctionCode): readonly HeapType[] {
  const tables = [...variablesOfTypes(model.project.code(file), ['PyMethodDef', 'PyGetSetDef'])].filter(
    ({ initialiser }) =>
      initialiser !== null && [...eachValue(initialiser)].some((each) => each.kind === 'name' && each.name === name),
  )
  const holders = new Set([name, ...tables.map((table) => table.name)])
  return heapTypes(model).filter(
    (type) => type.file === file && type.entries.some(({ value }) => value !== null && holders.has(value)),
  )
}

/** The region that a function stands in. */
export const regionOf = (model: ProjectModel, { file, code }: Body): RegionId =>
  model.project.code(file).regionAt(code.nameSpan.start)

/**
 * Whether a type has other bases than `object`: `no` where all that makes it of its spec is in its file and names none.
 */
export function hasBase(model: ProjectModel, type: TypeDefinition): Verdict {
  if (type.entries.some(({ slot, isNull: isEmpty }) => /^Py_tp_bases?$/.test(slot) && !isEmpty)) return 'yes'
  if (!type.isWhole) return 'unknown'
  if (!isHeapType(type)) return 'no'
  const calls = callsWithSpec(model, type)
  if (calls.length === 0) return 'unknown'
  const hasNone = (call: TypeCall): boolean => {
    if (call.name === 'PyType_FromSpec') return true
    const bases = basesOf(call)
    return bases !== null && isNull(bases)
  }
  return calls.every(hasNone) ? 'no' : 'unknown'
}

/** Whether the base of a type is `object` or another static type of CPython's, as far as that is written out. */
export function hasStaticBase(model: ProjectModel, type: HeapType): boolean {
  if (hasBase(model, type) === 'no') return true
  const base = entryOf(type, 'Py_tp_base')
  if (base !== null && !base.isNull) return base.value !== null && isStaticType(base.value)
  const calls = callsWithSpec(model, type)
  return calls.length > 0 && calls.every((call) => isStaticType(pointedName(basesOf(call) ?? call.call) ?? ''))
}

/** The operand that gives a type its bases; null for none, or where a function of the project's own makes the type. */
export const basesOf = ({ name, call }: TypeCall): Value | null => call.operands[basesAt[name] ?? -1] ?? null

const basesAt: Readonly<Record<string, number>> = {
  PyType_FromSpecWithBases: 1,
  PyType_FromModuleAndSpec: 2,
  PyType_FromMetaclass: 3,
  // The shims for types that were static.
  PepType_Make: 2,
  PepType_Ready: 2,
}

/** The calls in a type's own file that get its spec. */
export const callsWithSpec = (model: ProjectModel, { file, spec }: HeapType): readonly TypeCall[] =>
  (callIndex(specsOf(model, file)).bySpec.get(spec.variable) ?? []).filter(
    ({ region }) => model.active(file, region) !== 'no',
  )

/** Calls that make types. */
interface CallIndex {
  /** By the variables whose addresses they are given, or may be. */
  readonly bySpec: ReadonlyMap<string, readonly TypeCall[]>
  readonly specs: ReadonlyMap<TypeCall, ReadonlySet<string>>
  /** By the last name of what their value is put into. */
  readonly byResult: ReadonlyMap<string, readonly TypeCall[]>
}

const callIndexes = new WeakMap<FileSpecs, CallIndex>()

function callIndex(file: FileSpecs): CallIndex {
  let known = callIndexes.get(file)
  if (!known) {
    const bySpec = new Map<string, TypeCall[]>()
    const specs = new Map<TypeCall, ReadonlySet<string>>()
    const byResult = new Map<string, TypeCall[]>()
    for (const call of file.calls) {
      const names = new Set(call.call.operands.flatMap((operand) => addressedBy(operand, call.around)))
      specs.set(call, names)
      for (const name of names) addTo(bySpec, name, call)
      const last = /\w+$/.exec(call.result ?? '')?.[0]
      if (last !== undefined) addTo(byResult, last, call)
    }
    known = { bySpec, specs, byResult }
    callIndexes.set(file, known)
  }
  return known
}

/** The variables whose address a value is, or may be. */
const addressedBy = (value: Value, around: FunctionCode): readonly string[] =>
  alternativesOf(around, value).flatMap((each) =>
    each.kind === 'unary' && each.operator === '&' ? (pointedName(each.operand) ?? []) : [],
  )

const typesBySpec = new WeakMap<ProjectModel, ReadonlyMap<string, readonly HeapType[]>>()

/** The types that a call makes. */
function typesMadeBy(model: ProjectModel, file: FileId, call: TypeCall): readonly HeapType[] {
  let known = typesBySpec.get(model)
  if (!known) {
    const found = new Map<string, HeapType[]>()
    for (const type of heapTypes(model)) addTo(found, `${type.file} ${type.spec.variable}`, type)
    known = found
    typesBySpec.set(model, known)
  }
  if (model.active(file, call.region) === 'no') return []
  const names = callIndex(specsOf(model, file)).specs.get(call)!
  return [...names].flatMap((name) => known.get(`${file} ${name}`) ?? [])
}

/**
 * The type that an expression of a file is: a variable of the file, or a field, that is assigned what is made of one
 * spec and nothing else that is.
 * @param text as `plainText` gives it
 * @param around the function that it stands in, whose own variables are then meant, too
 */
export function typeBehind(
  model: ProjectModel,
  file: FileId,
  text: string,
  around: FunctionCode | null = null,
): HeapType | null {
  const [, field, name] = /^[\w.]+(?:->|\.)(?:\w+(?:->|\.))*(\w+)$|^(\w+)$/.exec(text) ?? []
  const isLocal = around !== null && variablesNamed(around, name).length > 0
  if (
    name !== undefined &&
    !isLocal &&
    !model.files[file]!.declarations.some((each) => each.kind === 'variable' && each.name === name)
  )
    return null
  const makers = (callIndex(specsOf(model, file)).byResult.get(name ?? field ?? '') ?? []).filter(
    ({ result, around: maker }) =>
      (!isLocal || maker === around) && (name === undefined ? /(?:->|\.)\w+$/.test(result!) : result === name),
  )
  const found = new Set(
    makers.flatMap((call): readonly (HeapType | null)[] => {
      const made = typesMadeBy(model, file, call)
      return made.length === 0 ? [null] : made
    }),
  )
  return found.size === 1 ? [...found][0]! : null
}

/**
 * Whether a function may be read as that of one type: nothing but slots names it, and no other function calls it.
 */
export const isOfSlot = (model: ProjectModel, body: Body): boolean => otherUses(model, body).length === 0

/**
 * Where a function is named elsewhere than in a table of slots or a field of a static type, its definition or a
 * prototype: `call` where another function calls it. Each kind once.
 */
export function otherUses(model: ProjectModel, { file, code }: Body): readonly ('call' | 'other')[] {
  const all = model.project.code(file)
  const { starts, ends } = slotPlaces(model, file)
  const isInTable = (offset: Offset): boolean => offset < (ends[lastUpTo(starts, offset)] ?? 0)
  return [...new Set(all.occurrences(code.name).flatMap((occurrence) => otherUse(all, occurrence, isInTable)))]
}

const knownPlaces = new WeakMap<ProjectModel, Map<FileId, SlotPlaces>>()

/** Where the entries of tables of slots, and the values of fields of static types, stand in a file. */
interface SlotPlaces {
  /** Sorted. */
  readonly starts: readonly Offset[]
  /** For each the end of what stands there, or before and reaches further. */
  readonly ends: readonly Offset[]
}

function slotPlaces(model: ProjectModel, file: FileId): SlotPlaces {
  const byFile = knownPlaces.get(model) ?? new Map<FileId, SlotPlaces>()
  knownPlaces.set(model, byFile)
  let found = byFile.get(file)
  if (!found) {
    const ofTables = specsOf(model, file).slotTables.flatMap(({ entries }) => entries)
    const spans = [...ofTables, ...staticEntriesIn(model, file)].map(({ span }) => span)
    spans.sort((a, b) => a.start - b.start)
    let end = 0
    found = { starts: spans.map(({ start }) => start), ends: spans.map((span) => (end = Math.max(end, span.end))) }
    byFile.set(file, found)
  }
  return found
}

function otherUse(
  all: FileCode,
  { span, before, behind, isInDirective }: Occurrence,
  isInTable: (offset: number) => boolean,
): ('call' | 'other')[] {
  if (isInDirective || isInTable(span.start)) return []
  if (before === '->' || (before === '.' && behind !== '(')) return []
  if (behind !== '(') return ['other']
  return all.functionAt(span.start) === null ? [] : ['call']
}

/** The object of a slot's function as a `PyObject *`; null where its parameter has no plain name. */
export function objectOf({ code: { parameters } }: Body): string | null {
  const [self] = parameters
  if (self === undefined || !/^[A-Za-z_]\w*$/.test(self.name) || self.type === '') return null
  return self.type === 'PyObject*' ? self.name : `(PyObject *)${self.name}`
}

/** The variable that holds the type of a function's object, in the block of a place; null for none. */
export function typeVariable({ code }: Body, place: number): string | null {
  const self = code.parameters[0]?.name
  const objects = new Set(self === undefined ? [] : [self])
  const variables: (Variable & { readonly until: number })[] = []
  collectVariables(code, variables)
  for (const { name, initialiser } of variables)
    if (initialiser && objects.has(nameOf(initialiser) ?? '')) objects.add(name)
  const found = variables.find(
    ({ type, initialiser, nameSpan, until }) =>
      type === 'PyTypeObject*' &&
      initialiser !== null &&
      isTypeOfObject(initialiser, objects) &&
      nameSpan.start < place &&
      place < until,
  )
  return found?.name ?? null
}

function collectVariables(code: FunctionCode, into: (Variable & { readonly until: number })[]): void {
  const blocks: Span[] = [code.span]
  for (const statement of eachStatement(code.body)) {
    if (statement.kind === 'block') blocks.push(statement.span)
    if (statement.kind !== 'declaration') continue
    const around = blocks.findLast(({ start, end }) => start <= statement.span.start && statement.span.end <= end)
    for (const variable of statement.variables) into.push({ ...variable, until: around?.end ?? 0 })
  }
}

/** `Py_TYPE(self)`, `self->ob_type` */
function isTypeOfObject(value: Value, objects: ReadonlySet<string>): boolean {
  const inner = bare(value)
  if (inner.kind === 'call')
    return (
      /^(?:Py_TYPE|PyObject_Type)$/.test(calleeName(inner) ?? '') &&
      inner.operands.length === 1 &&
      objects.has(nameOf(inner.operands[0]!) ?? '')
    )
  const text = plainText(inner)
  return [...objects].some(
    (name) =>
      text === `${name}->ob_type` ||
      (/^->ob_base(?:\.ob_base)?\.ob_type$/.test(text.slice(name.length)) && text.startsWith(name)),
  )
}

/** What to say of a type that is compiled in some builds only. */
export const doubtsOf = (model: ProjectModel, { file, head }: TypeDefinition, body: Body | null): readonly string[] => {
  const doubts = buildDoubts(model.active(file, head.region))
  return doubts.length > 0 || body === null ? doubts : buildDoubts(model.active(body.file, regionOf(model, body)))
}

/**
 * Whether a type allocates or frees its instances by a function of the project's own, which may do more or less than
 * that.
 */
export const hasOwnMemory = ({ entries }: TypeDefinition): boolean =>
  entries.some(
    ({ slot, value, isNull: isEmpty }) =>
      (slot === 'Py_tp_free' || slot === 'Py_tp_alloc') &&
      !isEmpty &&
      !freeingFunctions.has(value ?? '') &&
      value !== 'PyType_GenericAlloc',
  )

/** What a slot of a type is called where it is written: `Py_tp_free` in a spec, `tp_free` in a static type. */
export const writtenSlot = ({ kind }: TypeDefinition, field: string): string =>
  kind === 'static' ? field : `Py_${field}`

/** The struct that a type is written down with. */
export const structOf = ({ kind }: TypeDefinition): string => (kind === 'static' ? 'PyTypeObject' : 'PyType_Spec')

/** What a type is called in messages: not by its name where a macro stands for the module, `MODULE ".Spam"`. */
export const shownType = ({ kind, head: { name, variable } }: TypeDefinition): string =>
  name && !name.text.startsWith('.')
    ? `\`${name.text.slice(0, 60)}\``
    : kind === 'static'
      ? `\`${variable}\``
      : `the type of \`${variable}\``

/** The place before which something can be put to be done before a given place: an outermost statement. */
export interface InsertionPoint {
  readonly span: Span
  readonly isDeclaration: boolean
}

/** The outermost statement around a place; null where it stands under other conditions than its function. */
export function insertionPoint(model: ProjectModel, body: Body, offset: number): InsertionPoint | null {
  const statement = outermostStatement(body.code, offset)
  if (statement === null) return null
  const region = model.project.code(body.file).regionAt(statement.span.start)
  if (region !== regionOf(model, body)) return null
  return { span: statement.span, isDeclaration: statement.kind === 'declaration' }
}
