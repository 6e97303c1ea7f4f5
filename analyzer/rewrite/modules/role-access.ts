import type { FunctionCode, Variable } from '../../code/tree.ts'
import { bare, slotName } from '../../code/values.ts'
import { passedWith } from '../../knowledge/calling-conventions.ts'
import type { FunctionRole } from '../../semantics/function-roles.ts'
import { type MethodDef, methodDefs } from '../../semantics/method-tables.ts'
import { capsuleOfFunction } from '../../semantics/table-functions.ts'
import type { Offset } from '../../source/text.ts'
import { aboveComment } from '../places.ts'
import type { CodeIn, Sources } from '../sources.ts'

/** How a function comes by the module's state. */
export type Access =
  /**
   * By the module, which is one of its parameters, or a variable of the function that makes it; empty where that has
   * none, and gets a parameter.
   */
  | { readonly by: 'module'; readonly module: string }
  /** By a type of the module, or one derived from that: the C that gives it. */
  | { readonly by: 'type'; readonly type: string }
  /** By the types of two or three operands, of which one at least is of the module. */
  | { readonly by: 'operands'; readonly operands: readonly string[] }
  /** By the class that defines the method, a parameter. */
  | { readonly by: 'defining class'; readonly type: string }
  /**
   * A parameter that a function of its own hands over, which gets the class that defines the method, and its callers if
   * there are any.
   */
  | { readonly by: 'method'; readonly def: MethodDef; readonly flags: number }
  /**
   * A parameter that its callers hand over, and a function of its own that stands in tables, and finds it.
   * `offsets`: where tables name the function; `at`: where the other one goes.
   */
  | {
      readonly by: 'entry'
      readonly way: Extract<Access, { readonly by: 'type' | 'operands' }>
      readonly offsets: readonly Offset[]
      readonly at: Offset
    }
  /** A parameter that its callers hand over: the state, or the module where types are made with it. */
  | { readonly by: 'parameter'; readonly what: 'state' | 'module' }
  /** A macro, which uses the variable of the function that it stands in. */
  | { readonly by: 'macro' }
  /** It does not, which is an obstacle. */
  | { readonly by: 'none' }

/** Where the objects stand that a slot gets. `none`: its object is going away, and its module may be gone. */
type SlotObject = 'self' | 'either' | 'any' | 'type' | 'none'

const binary =
  /^nb_(?:add|subtract|multiply|remainder|divmod|lshift|rshift|and|xor|or|floor_divide|true_divide|matrix_multiply)$/
const going = /^(?:tp_(?:dealloc|free|finalize|del|traverse|clear|is_gc)|bf_releasebuffer)$/

/** Whether a function is called where its object goes away, and for nothing else. */
export const isGoing = (roles: readonly FunctionRole[]): boolean =>
  roles.length > 0 && roles.every((role) => role.kind === 'slot' && going.test(role.name))

function slotObject(slot: string): SlotObject {
  if (going.test(slot)) return 'none'
  if (binary.test(slot)) return 'either'
  // `pow(1, 2, spam)` calls that of `spam` (Objects/abstract.c, ternary_op); what changes an object is its own.
  if (slot === 'nb_power') return 'any'
  return slot === 'tp_new' || slot === 'tp_alloc' ? 'type' : 'self'
}

/** How a function comes by the state, or why it does not. */
export type AccessOrNot = Access | { readonly by: 'none'; readonly why: string }

const none = (why: string): AccessOrNot => ({ by: 'none', why })

/**
 * How a function comes by the state that CPython calls in a role.
 * @param isPlain whether it has no roles but that of a method: then it may get the class that defines it
 */
export function accessIn(sources: Sources, place: CodeIn, role: FunctionRole, isPlain: boolean): AccessOrNot {
  const { code } = place
  switch (role.kind) {
    case 'module function': {
      const module = operand(sources, place, 0)
      return module === null ? notRead(code) : { by: 'module', module }
    }
    case 'getter':
    case 'setter':
      return byInstance(sources, place)
    case 'method':
      return ofMethod(sources, place, isPlain)
    case 'slot':
      return ofSlot(sources, place, role.name)
    case 'exec':
    case 'create':
    case 'init':
      return none(`\`${code.name}\` initialises a module, too`)
    case 'module':
      return none(`\`${code.name}\` is the module's \`${role.name}\``)
    case 'function':
      return none(`it is not known whether \`${code.name}\` is a function of a module or a method of a type`)
    case 'callback': {
      const capsule = capsuleOfFunction(sources.model, sources.body(place))
      if (capsule !== null) return none(handedOut(code, capsule))
      const where = role.name === '' ? '' : ` (it goes to \`${role.name}\`)`
      return none(`\`${code.name}\` is called by others${where}, which do not hand over the module`)
    }
  }
}

/** Why a function of a table has no state, and what to do. */
export function handedOut({ name }: FunctionCode, capsule: string): string {
  const module = capsule.slice(0, Math.max(0, capsule.lastIndexOf('.')))
  const imported = module === '' ? 'of the module, which it imports' : `of \`PyImport_ImportModule("${module}")\``
  return (
    `\`${name}\` is in the table of the capsule "${capsule}", whose users do not hand over the module: by hand, ` +
    `let it take the objects that it uses as attributes ${imported}, and not from variables; then rewrite the module`
  )
}

const notRead = ({ name }: FunctionCode): AccessOrNot => none(`the parameters of \`${name}\` are not understood`)

/** A parameter as a `PyObject *`; null where not all are understood. */
function operand(sources: Sources, { file, code }: CodeIn, index: number): string | null {
  const parameter = code.hasParameters ? code.parameters[index] : undefined
  if (!parameter) return null
  const name = parameterName(sources, file, code, parameter)
  return parameter.type === 'PyObject*' ? name : `(PyObject *)${name}`
}

/** What a parameter is called, or is to be called where it has no name. */
export function parameterName(sources: Sources, file: string, code: FunctionCode, parameter: Variable): string {
  if (parameter.name !== '') return parameter.name
  const text = sources.text(file).slice(code.headStart, code.span.end)
  const own = `operand${code.parameters.indexOf(parameter)}`
  const isFree = (name: string): boolean => !sources.declares(name) && !new RegExp(`\\b${name}\\b`).test(text)
  return (code.parameters[0] === parameter ? ['self', 'object', own] : [own]).find(isFree) ?? `${own}_`
}

function byInstance(sources: Sources, place: CodeIn): AccessOrNot {
  const object = operand(sources, place, 0)
  return object === null ? notRead(place.code) : { by: 'type', type: `Py_TYPE(${object})` }
}

function byClass(sources: Sources, { file, code }: CodeIn): AccessOrNot {
  const parameter = code.hasParameters ? code.parameters[0] : undefined
  if (!parameter) return notRead(code)
  const name = parameterName(sources, file, code, parameter)
  return { by: 'type', type: parameter.type === 'PyTypeObject*' ? name : `(PyTypeObject *)${name}` }
}

function ofSlot(sources: Sources, place: CodeIn, slot: string): AccessOrNot {
  const { code } = place
  const object = slotObject(slot)
  if (object === 'self') return byInstance(sources, place)
  if (object === 'type') return byClass(sources, place)
  if (object === 'none') return none(`\`${code.name}\` is a \`${slot}\`, which may be called when its module is gone`)
  const operands = Array.from({ length: object === 'any' ? 3 : 2 }, (_, index) => operand(sources, place, index))
  const known = operands.flatMap((each) => each ?? [])
  return known.length < operands.length ? notRead(code) : { by: 'operands', operands: known }
}

/** `METH_METHOD`, `METH_CLASS`, `METH_STATIC` (Include/methodobject.h). */
const definingClass = 0x200
const classMethod = 0x10
const staticMethod = 0x20

function ofMethod(sources: Sources, place: CodeIn, isPlain: boolean): AccessOrNot {
  const { file, code } = place
  const defs = methodDefs(sources.model).filter(({ functions }) => functions.some((each) => each.code === code))
  const flags = defs.map(({ flagBits }) => flagBits)
  const [first] = flags
  if (first === undefined || first === null || flags.some((each) => each !== first))
    return none(`how \`${code.name}\` is called is not understood`)
  if ((first & staticMethod) !== 0) return none(`\`${code.name}\` is a static method, which does not know its type`)
  if ((first & definingClass) !== 0) {
    const type = code.hasParameters ? code.parameters[1] : undefined
    return type ? { by: 'defining class', type: parameterName(sources, file, code, type) } : notRead(code)
  }
  const [def] = defs
  if (isPlain && def && defs.length === 1 && mayGetClass(sources, file, code, def, first))
    return { by: 'method', def, flags: first }
  return (first & classMethod) !== 0 ? byClass(sources, place) : byInstance(sources, place)
}

/** The first level at which a method can ask for the class that defines it, with its arguments in an array. */
const firstDefiningClass = 10

/** Whether a function of its own can stand in the table for a method. */
function mayGetClass(sources: Sources, file: string, code: FunctionCode, def: MethodDef, flags: number): boolean {
  if (sources.settings.level < firstDefiningClass || def.written === null || !code.hasParameters) return false
  const { called, name } = def.written
  const passed = passedWith(flags)
  const given = code.parameters.length
  return (
    sources.model.files[def.file]!.file === file &&
    slotName(called) === code.name &&
    bare(name).kind === 'literal' &&
    passed !== null &&
    (given === passed.length || (given === 1 && passed[1] === 'null')) &&
    placeFor(sources, { file, code }, def) !== null
  )
}

/**
 * Where the function goes that stands in the table for a method: above the table, or behind the method where the table
 * has it in some builds, in which both are there. Null where its table is not found, or is above the method.
 */
export function placeFor(
  sources: Sources,
  { file, code: method }: CodeIn,
  { table, span, written }: MethodDef,
): { readonly at: Offset; readonly isBehind: boolean } | null {
  const code = sources.code(file)
  const found = code.variables.find(
    ({ name, declaration }) =>
      name === table && declaration.span.start <= span.start && span.end <= declaration.span.end,
  )
  if (!found) return null
  const { start } = found.declaration.span
  const text = sources.text(file)
  // Of methods of one name, of which conditions choose one, each has its own.
  const isAlways = code.regionAt(start) === code.regionAt(span.start) && code.functionsNamed(method.name).length === 1
  if (isAlways) return { at: aboveComment(text, start), isBehind: false }
  const isOne = code.regionAt(written!.called.span.start) === code.regionAt(span.start)
  const { end } = method.span
  return isOne && end <= start && /^[ \t]*\r?\n/.test(text.slice(end, end + longestBlank))
    ? { at: text.indexOf('\n', end) + 1, isBehind: true }
    : null
}

/** Blanks behind a function that are looked at. */
const longestBlank = 100

/** What a function returns for an error, as a statement; null where that is not known. */
export function errorOf({ result }: FunctionCode): string | null {
  if (result === 'void') return 'return;'
  if (/[*]$/.test(result)) return 'return NULL;'
  return /^(?:(?:unsigned |signed )?(?:int|long|long long|short|char)|s?size_t|Py_s?size_t|Py_u?hash_t)$/.test(result)
    ? 'return -1;'
    : null
}
