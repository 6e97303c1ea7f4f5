import type { FileCode } from '../code/file-code.ts'
import { inParentheses, memberAt, nameAt, type Parent, parentsIn } from '../code/placement.ts'
import { valuesInCode } from '../code/statements.ts'
import type { CallValue, FunctionCode, MemberValue, NameValue, Value } from '../code/tree.ts'
import { bare, calleeName, nameOf } from '../code/values.ts'
import type { Use } from '../facts/file-facts.ts'
import type { Verdict } from '../preprocess/condition.ts'
import type { ProjectModel } from '../project/model.ts'
import { addTo } from '../source/multimap.ts'
import type { FileId, Offset, Span } from '../source/text.ts'
import { type Body, functionsOf, isCxxFile } from './functions.ts'
import { lvalueUse } from './lvalues.ts'
import { referenceTo } from './references-to.ts'

/** Whether a value is taken for an lvalue by what macros make of it, or by references of C++. */

/**
 * Macros of CPython's that give an lvalue to those who build without limits. Source: headers of 3.11 to 3.15, asked by
 * `auto &r = PyTuple_GET_ITEM(o, 0)`.
 */
const ofLvalues: ReadonlySet<string> = new Set([
  ...['PyTuple_GET_ITEM', 'PyList_GET_ITEM', 'PySequence_Fast_GET_ITEM', 'PyStructSequence_GET_ITEM', 'PyCell_GET'],
  ...['PyDateTime_GET_MONTH', 'PyDateTime_GET_DAY', 'PyDateTime_DATE_GET_HOUR', 'PyDateTime_DATE_GET_MINUTE'],
  ...['PyDateTime_DATE_GET_SECOND', 'PyDateTime_DATE_GET_FOLD', 'PyDateTime_TIME_GET_HOUR'],
  ...['PyDateTime_TIME_GET_MINUTE', 'PyDateTime_TIME_GET_SECOND', 'PyDateTime_TIME_GET_FOLD'],
  ...['PyDateTime_DELTA_GET_DAYS', 'PyDateTime_DELTA_GET_SECONDS', 'PyDateTime_DELTA_GET_MICROSECONDS'],
  ...['PyFunction_GET_CODE', 'PyFunction_GET_GLOBALS', 'PyFunction_GET_MODULE', 'PyFunction_GET_DEFAULTS'],
  ...['PyInstanceMethod_GET_FUNCTION', 'PyMethod_GET_FUNCTION', 'PyMethod_GET_SELF', 'PyMemoryView_GET_BASE'],
])

/**
 * Whether a call, a field with its object, or a name is taken for an lvalue by what macros of the project make of it,
 * or may have a reference of C++ bound to it; what is done with it where it stands, the tree says.
 * @param name of the C API, `PyTypeObject.tp_free` for a field
 * @param span of the value
 * @param place the macro in whose body it stands, among those of the file, -1 for none; and the calls around it
 */
export function isTakenForLvalue(
  model: ProjectModel,
  file: FileId,
  name: string,
  span: Span,
  { macro, within }: Pick<Use, 'macro' | 'within'>,
): Verdict {
  const source = model.project.code(file)
  const before = wordsBefore(model, source, span.start)
  if (before === 'takes it') return 'yes'
  const isLvalue = name.includes('.') || ofLvalues.has(name)
  const isReferable = isLvalue && isCxxFile(model, file)
  // Most uses stand in no macro: for these no function is read.
  if (macro < 0 && within.length === 0 && before === 'nothing' && !isReferable) return 'no'
  const code = source.codeAt(span.start)
  if (code === null || code.kind === 'file') return isReferable ? 'unknown' : 'no'
  const value = valueAt(code, span)
  if (value === null) return isReferable ? 'unknown' : 'no'
  return new Places(model, isLvalue, isReferable).isTaken({ file, code, value }, 0)
}

/** The call, the field with its object, or the name that has a span in a function. */
const valueAt = (code: FunctionCode, { start, end }: Span): Value | null =>
  memberAt(code, end) ??
  namedAt(code)
    .get(start)
    ?.find((each) => each.span.end === end) ??
  null

type Named = CallValue | MemberValue | NameValue

const named = new WeakMap<FunctionCode, ReadonlyMap<Offset, readonly Named[]>>()

/** The calls, fields and names in a function, by where they begin. */
function namedAt(code: FunctionCode): ReadonlyMap<Offset, readonly Named[]> {
  let found = named.get(code)
  if (!found) {
    const all = new Map<Offset, Named[]>()
    for (const each of parentsIn(code).keys())
      if (each.kind === 'call' || each.kind === 'member' || each.kind === 'name') addTo(all, each.span.start, each)
    found = all
    named.set(code, found)
  }
  return found
}

/** Macros of CPython's, and shims of them, that assign to their first operand. */
const isAssigning = /^P(?:y|ep)_(?:CLEAR|MOVEREF|X?SETREF)$/

/** So many tokens before a value are searched for macros. */
const nearby = 300

/**
 * What stands before a value in its statement: a macro that assigns to what follows it directly, or the code of an
 * assembler; some other macro that may take it for an lvalue; or nothing of that.
 */
function wordsBefore(model: ProjectModel, source: FileCode, start: Offset): 'takes it' | 'macros' | 'nothing' {
  let isDirect = true
  let tokens = 0
  const found = source.firstBefore(start, (word, isName) => {
    if (word === ';' || word === '{' || word === '}') return 'nothing'
    if (++tokens > nearby) return 'macros'
    if (isName) {
      const assigns = isAssigning.test(word)
      if ((assigns && isDirect) || isAssembler.has(word)) return 'takes it'
      if (assigns || model.project.declarations.macro(word).length > 0) return 'macros'
    }
    isDirect &&= word === '('
    return null
  })
  return found ?? 'nothing'
}

const isAssembler: ReadonlySet<string> = new Set(['asm', '__asm', '__asm__'])

/** A value with the function or macro that it stands in. */
interface Place extends Body {
  readonly value: Value
}

/** Macros within macros that are followed. */
const deepest = 8

/** One that says yes, else one that does not know. */
const strongest = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.includes('yes') ? 'yes' : verdicts.includes('unknown') ? 'unknown' : 'no'

const knownVerdicts = new WeakMap<ProjectModel, WeakMap<FunctionCode, Map<string, Verdict>>>()

/** What is known of a macro's operands, by what was asked. */
function verdictsOf(model: ProjectModel, macro: FunctionCode): Map<string, Verdict> {
  const ofModel = knownVerdicts.get(model) ?? new WeakMap<FunctionCode, Map<string, Verdict>>()
  knownVerdicts.set(model, ofModel)
  const found = ofModel.get(macro) ?? new Map<string, Verdict>()
  ofModel.set(macro, found)
  return found
}

/** Follows a value through macros to what is done with it. */
class Places {
  /**
   * @param isLvalue whether the value is an lvalue for those who build without limits
   * @param isReferable whether a reference of C++ may be bound to it
   */
  constructor(
    private readonly model: ProjectModel,
    private readonly isLvalue: boolean,
    private readonly isReferable: boolean,
  ) {}

  /**
   * Where it stands, or where macros put it: it is what a macro begins or ends with, and a call of that is assigned
   * to; or a macro assigns to what it is given.
   */
  isTaken(place: Place, depth: number): Verdict {
    const { file, code, value } = place
    if (lvalueUse(code, value) !== null) return 'yes'
    if (depth > deepest) return 'no'
    const { whole, parent } = inParentheses(code, value)
    const found: Verdict[] = []
    const lent = parent ? placeLentBy(parent, whole) : null
    if (lent) found.push(this.isTaken({ file, code, value: lent }, depth))
    else if (isEndOfMacro(code, parent))
      for (const each of callsOfMacro(this.model, code)) found.push(this.isTaken(each, depth + 1))
    else if (parent?.kind === 'call' && parent.operands.includes(whole))
      found.push(this.isTakenByCall(place, parent, parent.operands.indexOf(whole), depth))
    else if (this.isReferable) found.push(referenceTo(this.model, place))
    return strongest(found)
  }

  private isTakenByCall(place: Place, call: CallValue, operand: number, depth: number): Verdict {
    const { model, isLvalue, isReferable } = this
    const names = this.calledNames(place.file, calleeName(call) ?? '')
    if (operand === 0 && names.some((name) => isAssigning.test(name))) return 'yes'
    const macros = names.flatMap((name) => functionsOf(model).macrosNamed(place.file, name))
    const verdicts = macros.map((macro) => this.isTakenByMacro(macro, operand, depth + 1))
    if (verdicts.includes('yes')) return 'yes'
    const callee = bare(call.callee)
    if (isLvalue && callee.kind === 'call' && isMacroCall(model, place.file, callee)) return 'unknown'
    if (verdicts.includes('unknown')) return 'unknown'
    return macros.length === 0 && isReferable ? referenceTo(model, place) : 'no'
  }

  /** What a macro does with one of its operands; asked once, as macros that call each other ask again and again. */
  private isTakenByMacro(macro: Body, operand: number, depth: number): Verdict {
    const known = verdictsOf(this.model, macro.code)
    const key = `${operand} ${depth} ${this.isLvalue} ${this.isReferable}`
    let found = known.get(key)
    if (found === undefined) {
      const uses = usesIn(macro.code, parameterAt(macro.code, operand))
      found = strongest(uses.map((value) => this.isTaken({ ...macro, value }, depth)))
      known.set(key, found)
    }
    return found
  }

  /** A name, and those that macros without parameters make of it. */
  private calledNames(file: FileId, name: string): readonly string[] {
    const names = [name]
    for (let index = 0; index < names.length && index < deepest; index++)
      for (const { code } of functionsOf(this.model).macrosNamed(file, names[index]!)) {
        const [only] = code.body
        const alias = code.body.length === 1 && only?.kind === 'expression' && only.value ? nameOf(only.value) : null
        if (code.parameters.length === 0 && alias !== null && !names.includes(alias)) names.push(alias)
      }
    return names
  }
}

/** What stands for an operand in the body of a macro; undefined for nothing. */
function parameterAt({ parameters }: FunctionCode, operand: number): string | undefined {
  const last = parameters.at(-1)?.name
  const name = operand < parameters.length ? parameters[operand]!.name : last
  return name === '...' ? '__VA_ARGS__' : name
}

/** `CAT(Py_, CLEAR)(x)` */
const isMacroCall = (model: ProjectModel, file: FileId, call: CallValue): boolean =>
  functionsOf(model).macrosNamed(file, calleeName(call) ?? '').length > 0

const isEndOfMacro = (code: FunctionCode, parent: Parent | undefined): boolean =>
  code.kind === 'macro' && parent?.kind === 'expression' && [code.body[0], code.body.at(-1)].includes(parent)

/**
 * What a part stands in, where what is written before or behind that, or done with it in C++, may be done with the
 * part: of `a, b` in a macro `M`, `M = 0` assigns to `b` and `&M` takes the address of `a`. Else null.
 */
function placeLentBy(value: Parent, part: Value): Value | null {
  if (value.kind === 'binary') return value.operator === ',' ? value : null
  if (value.kind === 'conditional') return value.condition !== part ? value : null
  return value.kind === 'assign' && value.value === part ? value : null
}

/** Where a macro is used, as a call or, without parameters, as a name or what that calls. */
function callsOfMacro(model: ProjectModel, { name, parameters, span: own }: FunctionCode): Place[] {
  return [...model.project.filesWith(name)].flatMap((file) => {
    const text = model.project.code(file)
    return text.references(name).flatMap((start): Place[] => {
      const code = text.definesMacro(start) ? null : text.codeAt(start)
      const used = code && nameAt(code, start)
      if (!code || !used || code.span === own) return []
      const { whole, parent } = inParentheses(code, used)
      if (parent?.kind === 'call' && parent.callee === whole) return [{ file, code, value: parent }]
      return parameters.length === 0 ? [{ file, code, value: used }] : []
    })
  })
}

const usedNames = new WeakMap<FunctionCode, ReadonlyMap<string, readonly NameValue[]>>()

/** The places where the body of a macro uses a name. */
function usesIn(code: FunctionCode, name: string | undefined): readonly NameValue[] {
  let found = usedNames.get(code)
  if (!found) {
    const all = new Map<string, NameValue[]>()
    for (const each of valuesInCode(code.body)) if (each.kind === 'name') addTo(all, each.name, each)
    found = all
    usedNames.set(code, found)
  }
  return (name !== undefined && found.get(name)) || []
}
