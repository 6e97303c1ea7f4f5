import { callsIn, inCasts, memberAt } from '../code/placement.ts'
import { bodyValue, eachStatement, valuesInCode } from '../code/statements.ts'
import type { CallValue, FunctionCode, MemberValue, Value } from '../code/tree.ts'
import { bare, calleeName, isNull, nameOf, plainText } from '../code/values.ts'
import { alternativesOf } from '../code/variables.ts'
import { objectFunction } from '../knowledge/object-functions.ts'
import { operandReference, resultOf } from '../knowledge/references.ts'
import type { ProjectModel } from '../project/model.ts'
import { addTo } from '../source/multimap.ts'
import type { FileId } from '../source/text.ts'
import { compiledAt } from './calls.ts'
import { type Body, functionsOf } from './functions.ts'
import { ownsName } from './new-references.ts'
import type { StructPlace } from './object-members.ts'
import { referencePaths } from './reference-paths.ts'
import { typeOfValue } from './value-types.ts'

/** A place where a member of a struct is named. */
export interface MemberUse {
  readonly file: FileId
  readonly around: FunctionCode
  readonly member: MemberValue
}

/** What a member of a struct is given. */
export interface MemberValues {
  /**
   * `new`: references of its own, every time; `borrowed`: references that something else may give back; `unknown`:
   * what it is given is not understood; `none`: nothing that could be seen.
   */
  readonly reference: 'new' | 'borrowed' | 'unknown' | 'none'
  /**
   * Whether what it is given may refer to the module. `yes`: a type that is made with the module; `no`: strings,
   * numbers and their like.
   */
  readonly refersToModule: 'yes' | 'maybe' | 'no'
  /** The function of the C API that gives it a borrowed reference; empty for none. */
  readonly lender: string
}

/** The places in code that may be compiled where a member of a struct is named by way of a pointer to it. */
export const memberUses = (model: ProjectModel, place: StructPlace, name: string): readonly MemberUse[] =>
  place.files.flatMap((file) => {
    const { byStruct, untyped } = fieldUses(model, file, name)
    const own = byStruct.get(place.struct) ?? []
    // A value whose type is not known may point to the struct.
    return file === place.home && untyped.length > 0
      ? [...new Set([...own, ...untyped])].sort((a, b) => a.member.span.start - b.member.span.start)
      : own
  })

/** The places where a file names a field, by the structs that it is one of, or that are within others. */
interface FieldUses {
  readonly byStruct: ReadonlyMap<string, readonly MemberUse[]>
  readonly untyped: readonly MemberUse[]
}

const fieldIndexes = new WeakMap<ProjectModel, Map<string, FieldUses>>()

function fieldUses(model: ProjectModel, file: FileId, name: string): FieldUses {
  const known = fieldIndexes.get(model) ?? new Map<string, FieldUses>()
  fieldIndexes.set(model, known)
  const key = `${file} ${name}`
  let found = known.get(key)
  if (!found) {
    found = findFieldUses(model, file, name)
    known.set(key, found)
  }
  return found
}

function findFieldUses(model: ProjectModel, file: FileId, name: string): FieldUses {
  const byStruct = new Map<string, MemberUse[]>()
  const untyped: MemberUse[] = []
  const code = model.project.code(file)
  for (const { span, isField } of code.occurrences(name)) {
    const around = isField ? code.codeAt(span.start) : null
    const member = around && memberAt(around, span.end, name)
    if (!around || !member || compiledAt(model, file, span.start) === 'no') continue
    const use = { file, around, member }
    for (let at: Value = member; at.kind === 'member'; at = bare(at.object)) {
      const type = typeOfValue(model, file, around, at.object)
      if (type === null) {
        untyped.push(use)
        break
      }
      addTo(byStruct, model.apiType(file, type).replace(/\*$/, ''), use)
    }
  }
  return { byStruct, untyped }
}

/** One value of several that a member is given. */
interface Given {
  readonly reference: 'new' | 'borrowed' | 'unknown'
  readonly refersToModule: MemberValues['refersToModule']
  readonly lender?: string
}

const unknown: Given = { reference: 'unknown', refersToModule: 'maybe' }

/** What the functions of a project put into a member of a struct. */
export function memberValues(model: ProjectModel, uses: readonly MemberUse[]): MemberValues {
  const given = uses.flatMap((use) => givenTo(model, use))
  const all = (what: Given['reference']): boolean => given.some(({ reference }) => reference === what)
  const refers = given.map(({ refersToModule }) => refersToModule)
  const lenders = given.flatMap(({ lender }) => lender ?? [])
  return {
    lender: lenders.length === given.length ? (lenders[0] ?? '') : '',
    reference: given.length === 0 ? 'none' : all('borrowed') ? 'borrowed' : all('unknown') ? 'unknown' : 'new',
    refersToModule: refers.includes('yes')
      ? 'yes'
      : refers.length > 0 && refers.every((each) => each === 'no')
        ? 'no'
        : 'maybe',
  }
}

/** What a member is given where it is named: by `=`, or by a function or macro that gets it or its address. */
function givenTo(model: ProjectModel, { file, around, member }: MemberUse): readonly Given[] {
  const { whole, parent } = inCasts(around, member)
  const body = { file, code: around }
  if (parent?.kind === 'assign' && parent.target === whole)
    return parent.operator === '=' ? valuesOf(model, body, parent.value, plainText(member)) : []
  const exchanged = parent?.kind === 'call' ? exchangedFor(parent, whole) : null
  if (exchanged) return valuesOf(model, body, exchanged, plainText(member))
  if (parent?.kind === 'call') return byMacro(model, file, parent, whole)
  if (parent?.kind !== 'unary' || parent.operator !== '&') return []
  const { whole: address, parent: user } = inCasts(around, parent)
  return user?.kind === 'call' ? byAddress(model, file, user, address) : user?.kind === 'expression' ? [] : [unknown]
}

/** `MAKE_TYPE(state->type, &spec)`, of a macro that assigns to its parameter. */
function byMacro(model: ProjectModel, file: FileId, call: CallValue, operand: Value): readonly Given[] {
  const name = calleeName(call)
  const at = call.operands.indexOf(operand)
  return (name === null ? [] : functionsOf(model).macrosNamed(file, name)).flatMap((macro) => {
    const parameter = macro.code.parameters[at]?.name
    return valuesInCode(macro.code.body).flatMap((value) =>
      value.kind === 'assign' && parameter !== undefined && nameOf(value.target) === parameter
        ? valuesOf(model, macro, value.value, parameter)
        : [],
    )
  })
}

/** `add_type(m, &state->type, &spec)`, of a function that assigns to what its parameter points to. */
function byAddress(model: ProjectModel, file: FileId, call: CallValue, operand: Value): readonly Given[] {
  const name = calleeName(call)
  if (name !== null && /^Py_(?:CLEAR|SETREF|XSETREF)$/.test(name)) return []
  const bodies = name === null ? [] : functionsOf(model).named(file, name)
  if (bodies.length === 0) return [unknown]
  return bodies.flatMap((body) => {
    const parameter = body.code.parameters[call.operands.indexOf(operand)]?.name
    const found = valuesInCode(body.code.body).flatMap((value) => {
      const target = value.kind === 'assign' && value.operator === '=' ? bare(value.target) : null
      if (value.kind !== 'assign' || target?.kind !== 'unary' || target.operator !== '*') return []
      return nameOf(target.operand) === parameter ? valuesOf(model, body, value.value, plainText(target)) : []
    })
    return found.length === 0 ? [unknown] : found
  })
}

/** @param target what is given the value, as plain text */
function valuesOf(model: ProjectModel, body: Body, value: Value, target: string): readonly Given[] {
  return alternativesOf(body.code, value).flatMap((each) =>
    isNull(each) ? [] : [givenBy(model, body, each, value, target)],
  )
}

function givenBy(model: ProjectModel, body: Body, value: Value, written: Value, target: string): Given {
  const inner = bare(value)
  if (isCounted(body.code, [plainText(written), plainText(inner), target]))
    return { reference: 'new', refersToModule: 'maybe' }
  if (inner.kind === 'assign') return givenBy(model, body, inner.value, written, target)
  if (inner.kind !== 'call') return unknown
  const name = calleeName(inner) ?? ''
  if (/^Py_X?NewRef$/.test(name)) return { reference: 'new', refersToModule: 'maybe' }
  const made = resultFrom(model, body.file, inner, 0)
  if (made.reference !== 'new') return made
  const lost = body.code.kind === 'macro' ? isStolen(body.code, target) : isLost(model, body, inner, target)
  if (lost) return { ...made, reference: 'borrowed' }
  const variable = bare(written)
  const isHandedOn = variable.kind === 'name' && body.code.kind === 'function'
  return isHandedOn && !ownsName(model, body, variable) ? { ...made, reference: 'unknown' } : made
}

/** Whether a function takes a reference to what one of some texts is, and hands it to nobody else. */
function isCounted(code: FunctionCode, texts: readonly string[]): boolean {
  const { taken, stolen } = referencesIn(code)
  return texts.some((each) => taken.has(each)) && !texts.some((each) => stolen.has(each))
}

/** Whether a function hands over the only reference to what it has made. */
function isLost(model: ProjectModel, body: Body, made: CallValue, target: string): boolean {
  const paths = referencePaths(model, body, made)
  return paths === null ? isStolen(body.code, target) : paths.losing.size > 0
}

/** Whether a call in a function takes over what is written in some way. */
const isStolen = (code: FunctionCode, target: string): boolean => referencesIn(code).stolen.has(target)

/** To what a function takes references, and what calls in it take over, as plain text. */
interface References {
  readonly taken: ReadonlySet<string>
  readonly stolen: ReadonlySet<string>
}

const references = new WeakMap<FunctionCode, References>()

function referencesIn(code: FunctionCode): References {
  let found = references.get(code)
  if (!found) {
    const [taken, stolen] = [new Set<string>(), new Set<string>()]
    for (const call of callsIn(code)) {
      const name = calleeName(call) ?? ''
      if (/^(?:Py_X?INCREF|Py_IncRef|Py_X?NewRef)$/.test(name) && call.operands[0])
        taken.add(plainText(call.operands[0]))
      for (const [index, each] of call.operands.entries())
        if (operandReference(name, index) === 'stolen') stolen.add(plainText(bare(each)))
    }
    found = { taken, stolen }
    references.set(code, found)
  }
  return found
}

/** Functions of the C API that the table of references does not have, and that give a new one. */
const makers = /^(?:PyType_From\w+|_?PyImport_(?:GetModule|ImportModule)AttrString|PyObject_(?:Gc)?New\w*)$/

/** Those whose result is a type that refers to the module, by the operand that is the module or `NULL`. */
const withModule: Readonly<Record<string, number>> = { PyType_FromModuleAndSpec: 0, PyType_FromMetaclass: 1 }

/** What they give refers to nothing. */
const plain = /^Py(?:Unicode|Bytes|Long|Float|Bool|Complex)_/

/** Functions of functions that are followed. */
const deepest = 3

/** What a call gives. */
function resultFrom(model: ProjectModel, file: FileId, call: CallValue, depth: number): Given {
  const name = calleeName(call)
  if (name === null) return unknown
  const functions = functionsOf(model)
  if (functions.isOfApi(file, name)) {
    if (resultOf(name) === 'borrowed') return { reference: 'borrowed', refersToModule: 'maybe', lender: name }
    if (resultOf(name) !== 'new' && !makers.test(name)) return unknown
    const module = call.operands[withModule[name] ?? -1]
    const refersToModule = module && !isNull(module) ? 'yes' : plain.test(name) ? 'no' : 'maybe'
    return { reference: 'new', refersToModule }
  }
  if (depth > deepest) return unknown
  const macros = functions.macrosNamed(file, name)
  const results =
    macros.length > 0
      ? macros.map((macro) => expansionOf(model, macro, call, depth + 1))
      : functions.named(file, name).flatMap((body) => returnedBy(model, body, depth + 1))
  const [first] = results
  if (!first || results.some(({ reference }) => reference !== 'new')) return unknown
  const refers = new Set(results.map(({ refersToModule }) => refersToModule))
  return { reference: 'new', refersToModule: refers.size === 1 ? first.refersToModule : 'maybe' }
}

/** What the call of a macro gives that stands for another call, or for the name of a function. */
function expansionOf(model: ProjectModel, { file, code }: Body, call: CallValue, depth: number): Given {
  const inner = bodyValue(code)
  const value = inner && bare(inner)
  if (value?.kind === 'call') return resultFrom(model, file, value, depth)
  return value?.kind === 'name' ? resultFrom(model, file, { ...call, callee: value }, depth) : unknown
}

function returnedBy(model: ProjectModel, { file, code }: Body, depth: number): readonly Given[] {
  return eachStatement(code.body).flatMap((statement) => {
    if (statement.kind !== 'return' || statement.value === null) return []
    return alternativesOf(code, statement.value).flatMap((each): Given[] => {
      const inner = bare(each)
      if (isNull(inner)) return []
      return [inner.kind === 'call' ? resultFrom(model, file, inner, depth) : unknown]
    })
  })
}

/** Whether a use gives back the reference of a member: `Py_CLEAR(state->type)`. */
export function isReleased({ around, member }: MemberUse): boolean {
  const { whole, parent } = inCasts(around, member)
  return (
    parent?.kind === 'call' && parent.operands[0] === whole && objectFunction(calleeName(parent) ?? '') === 'decref'
  )
}

/** Whether a use gives a member a value. */
export function isSet({ around, member }: MemberUse): boolean {
  const { whole, parent } = inCasts(around, member)
  if (parent?.kind === 'assign') return parent.target === whole
  const exchanged = parent?.kind === 'call' ? exchangedFor(parent, whole) : null
  return exchanged !== null && !isNull(exchanged)
}

/** What `Py_XSETREF` puts into its first operand; null for other calls and operands. */
const exchangedFor = (call: CallValue, operand: Value): Value | null =>
  /^Py_X?SETREF$/.test(calleeName(call) ?? '') && call.operands[0] === operand ? (call.operands[1] ?? null) : null

/**
 * Whether a function takes what is in a member out of it, and hands it on with its reference: it names the member, and
 * sets it to `NULL` and to nothing else.
 */
export function isTakenOut(uses: readonly MemberUse[]): boolean {
  const setters = uses.filter(isSet)
  const setsNull = (use: MemberUse): boolean => {
    const { parent } = inCasts(use.around, use.member)
    return parent?.kind === 'assign' && isNull(parent.value)
  }
  return setters.some(
    (use) =>
      setsNull(use) &&
      setters.every((other) => other.around !== use.around || setsNull(other)) &&
      uses.some((other) => other.around === use.around && !isSet(other)),
  )
}
