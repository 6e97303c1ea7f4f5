import type { FileCode } from '../code/file-code.ts'
import { callStarting, callsIn, isBraceless, type Parent, parentsIn, statementOf } from '../code/placement.ts'
import type { CallValue, FunctionCode, Value } from '../code/tree.ts'
import { bare, calleeName, plainText } from '../code/values.ts'
import { variablesNamed } from '../code/variables.ts'
import { objectFunction } from '../knowledge/object-functions.ts'
import { operandReference } from '../knowledge/references.ts'
import type { ProjectModel } from '../project/model.ts'
import { addTo } from '../source/multimap.ts'
import type { FileId, Offset, Span } from '../source/text.ts'
import { effectsOf, isOn } from './effects.ts'
import { functionsOf } from './functions.ts'

/** What code does with the item of a tuple or a list that another one takes the place of. */

const give = /^P(?:y|ep)(?:Tuple_(?:GET_ITEM|GetItem)|List_(?:GET_ITEM|GetItem)|Sequence_Fast_GET_ITEM)$/

/**
 * Where the item is released that a call of `PyTuple_SET_ITEM` or `PyList_SET_ITEM` puts another one for.
 * @param start where the call begins, in bytes
 * @returns null where nothing before the call in its function or macro may release an item; the text from a statement
 * that does nothing but release that item up to the call, if it stands just before; else `released`
 */
export function formerItem(model: ProjectModel, file: FileId, start: Offset): Span | 'released' | null {
  const text = model.project.code(file)
  const code = text.codeAt(start)
  const call = code && callStarting(code, start)
  if (!code || !call) return 'released'
  const taking = callsTakingItems(code)
  if (taking.length > mostTaking) return 'released'
  const releases = taking.filter((each) => mayRelease(model, file, code, each, call))
  if (releases.length === 0) return null
  const [only] = releases
  if (releases.length > 1 || only === undefined || !isReleasing(only)) return 'released'
  if (only.span.start > call.span.start) return 'released'
  const item = itemOf(code, only.operands[0])!
  const [one, other] = [statementOf(code, only), statementOf(code, call)]
  const isAlone = (value: CallValue): boolean => {
    const statement = parentsIn(code).get(value)
    return statement?.kind === 'expression' && !isBraceless(code, statement)
  }
  const isSame = [0, 1].every(
    (at) => isSimple(item.operands[at]) && plainText(item.operands[at]!) === plainText(call.operands[at]!),
  )
  const isJust = (before: Span, behind: Span): boolean => /^[\s\\]*$/.test(text.text.slice(before.end, behind.start))
  if (one === null || other === null || !isJust(one.span, other.span)) return 'released'
  if (!/^Py_X?DECREF$/.test(calleeName(only)!) || !isSame || !isAlone(only) || !isAlone(call)) return 'released'
  const first = bare(only.operands[0]!) === item ? one.span : declarationFor(code, text, only, item)
  return first !== null && (first === one.span || isJust(first, one.span))
    ? { start: first.start, end: other.span.start }
    : 'released'
}

/** In a function with more of them an item counts as released: each is asked about each place where one is set. */
const mostTaking = 1000

const takingItems = new WeakMap<FunctionCode, readonly CallValue[]>()

/** The calls that have an item of a container among their operands. */
function callsTakingItems(code: FunctionCode): readonly CallValue[] {
  const known =
    takingItems.get(code) ??
    callsIn(code).filter(({ operands }) => operands.some((operand) => itemOf(code, operand) !== null))
  takingItems.set(code, known)
  return known
}

/** The declaration of a variable that holds an item for its release, and is named nowhere else; null for others. */
function declarationFor(code: FunctionCode, text: FileCode, release: CallValue, item: CallValue): Span | null {
  const held = bare(release.operands[0]!)
  if (held.kind !== 'name') return null
  const [declared, another] = variablesNamed(code, held.name)
  if (declared === undefined || another !== undefined || declared.initialiser === null) return null
  const isIt = bare(declared.initialiser) === item && declared.declaration.variables.length === 1
  return isIt && text.referencesIn(held.name, code.span).length === 2 ? declared.declaration.span : null
}

/**
 * Whether a call may release an item that another call then puts something in the place of: one behind that does so
 * only where both stand in one loop, and the item is not fetched there.
 */
function mayRelease(model: ProjectModel, file: FileId, code: FunctionCode, each: CallValue, call: CallValue): boolean {
  const name = calleeName(each)
  const isRelease = isReleasing(each)
  const isBehind = each.span.start > call.span.start
  if (isBehind && !(isRelease && inOneLoop(code, each, call))) return false
  const [container] = call.operands
  if (!isBehind && container !== undefined && isSetBetween(code, plainText(container), each, call)) return false
  return each.operands.some((operand, parameter) => {
    const item = itemOf(code, operand)
    if (item === null) return false
    if (isRelease) return parameter === 0 && (!isBehind || bare(operand) === item)
    const isSame = container !== undefined && plainText(item.operands[0]!) === plainText(container)
    if (!isSame || give.test(name ?? '')) return false
    // What takes its address may give it back and put another one there.
    if (bare(operand).kind === 'unary') return true
    return (
      name === null || operandReference(name, parameter) === 'stolen' || releasesOperand(model, file, name, parameter)
    )
  })
}

/** Whether a container is another one by the time of the second call: `args = PyTuple_New(1)`. */
function isSetBetween(code: FunctionCode, container: string, first: CallValue, second: CallValue): boolean {
  const isBetween = ({ span }: Value): boolean => first.span.end <= span.start && span.end <= second.span.start
  return (assignmentsIn(code).get(container) ?? []).some(isBetween)
}

const isReleasing = (call: CallValue): boolean => objectFunction(calleeName(call) ?? '') === 'decref'

/** Whether a function or a macro of the project releases what it is called with, or hands it to what does. */
function releasesOperand(model: ProjectModel, file: FileId, name: string, operand: number): boolean {
  const functions = functionsOf(model)
  return [...functions.named(file, name), ...functions.macrosNamed(file, name)].some((body) =>
    effectsOf(model, body).some(
      (effect) => (effect.what === 'decref' || effect.what === 'steal') && isOn(effect, operand, 'object'),
    ),
  )
}

function inOneLoop(code: FunctionCode, one: CallValue, other: CallValue): boolean {
  const parents = parentsIn(code)
  for (let at: Parent | undefined = parents.get(one); at !== undefined; at = parents.get(at))
    if (at.kind === 'loop' && at.span.start <= other.span.start && other.span.end <= at.span.end) return true
  return false
}

/** The call that gives the item of a container that an operand is, at once, by its address or as a variable. */
function itemOf(code: FunctionCode, operand: Value | undefined, depth = 0): CallValue | null {
  if (operand === undefined || depth > 5) return null
  const value = bare(operand)
  if (value.kind === 'unary' && value.operator === '&') return itemOf(code, value.operand, depth + 1)
  if (value.kind === 'call') return give.test(calleeName(value) ?? '') ? value : null
  const held = plainText(value)
  if (held === '') return null
  for (const source of assignmentsIn(code).get(held) ?? []) {
    const item = itemOf(code, source, depth + 1)
    if (item !== null) return item
  }
  return null
}

const assignments = new WeakMap<FunctionCode, ReadonlyMap<string, readonly Value[]>>()

/** What is put into each variable and field, by its text, as declarations and assignments say. */
function assignmentsIn(code: FunctionCode): ReadonlyMap<string, readonly Value[]> {
  const known = assignments.get(code)
  if (known) return known
  const found = new Map<string, Value[]>()
  for (const [part, parent] of parentsIn(code)) {
    if (parent.kind === 'assign' && parent.value === part && parent.operator === '=')
      addTo(found, plainText(parent.target), parent.value)
    else if (parent.kind === 'variable' && parent.initialiser === part) addTo(found, parent.name, parent.initialiser)
  }
  assignments.set(code, found)
  return found
}

/** Whether an operand does nothing and is the same twice. */
const isSimple = (value: Value | undefined): boolean =>
  value !== undefined && /^[\w.>-]+$/.test(plainText(value)) && !/--/.test(plainText(value))
