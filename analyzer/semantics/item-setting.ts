import { callStarting, callsIn, mayBeSkipped, type Parent, parentsIn, statementOf } from '../code/placement.ts'
import { eachStatement, expressionOf } from '../code/statements.ts'
import type {
  CallValue,
  DeclaredVariable,
  FunctionCode,
  LoopStatement,
  Statement,
  Value,
  Variable,
} from '../code/tree.ts'
import { calleeName, nameOf } from '../code/values.ts'
import { variablesNamed } from '../code/variables.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset, Span } from '../source/text.ts'
import { isCxxFile } from './functions.ts'
import { hiddenWays } from './hidden-ways.ts'
import { type IndexForm, indexForm } from './index-forms.ts'
import { changesOf, isPrivate } from './variable-steps.ts'
import { isIn, leadsTo, loopsAround } from './ways.ts'

/** Whether an item of a new container is set once, on all ways through a function. */

const sets = /^P(?:y|ep)(?:Tuple|List)_(?:SET_ITEM|SetItem)$/

/**
 * Whether a call that sets an item of a container sets another one each time that it is reached, and none that other
 * calls in the function have set, both for sure. A loop counts unless the container is made in it.
 * @param start where the call begins, in bytes
 * @param made where the container is made
 */
export function setsEachItemOnce(model: ProjectModel, file: FileId, start: Offset, made: Offset): boolean {
  const code = model.project.code(file).codeAt(start)
  const call = code && callStarting(code, start)
  const container = call?.operands[0] && nameOf(call.operands[0])
  if (!code || !call || call.operands[1] === undefined || !container) return false
  const outer = loopsAround(code, call).findLast(({ span }) => span.start >= made) ?? null
  const part = { start: made, end: outer?.span.end ?? call.span.end }
  const place: Place = { model, file, code, part, outer }
  if (!isPrivate(model, file, code, container, part)) return false
  if (declarationFor(code, container, made) !== declarationFor(code, container, start)) return false
  if (callsIn(code).some((each) => each.span.start < start && /setjmp$/.test(calleeName(each) ?? ''))) return false
  if (eachStatement(code.body).some((each) => isJumpLabel(each) && isIn(each, part))) return false
  if (hiddenWays(model, file, part).loops || isForEach(model, file, code, call)) return false
  const others = settingIn(code).filter(
    (each) => each !== call && isIn(each, part) && nameOf(each.operands[0]!) === container,
  )
  if (outer !== null && stepsFor(place, call).length === 0) return false
  return others.every((each) =>
    outer !== null && isIn(each, outer.span) ? isApartInLoop(place, each, call) : isApart(place, each, call),
  )
}

interface Place {
  readonly model: ProjectModel
  readonly file: FileId
  readonly code: FunctionCode
  /** From where the container is made to the call, or to the end of the outermost loop around it. */
  readonly part: Span
  /** The outermost loop around the call, but for those around what makes the container. */
  readonly outer: LoopStatement | null
}

/** The declaration that a name means at a place: the last one before it in a block around; null for none. */
function declarationFor(code: FunctionCode, name: string, place: Offset): Variable | null {
  const parents = parentsIn(code)
  const isAround = ({ declaration }: DeclaredVariable): boolean => {
    const block = parents.get(declaration)
    return block === undefined || ('span' in block && block.span.start <= place && place < block.span.end)
  }
  return variablesNamed(code, name).findLast((each) => each.nameSpan.start <= place && isAround(each)) ?? null
}

/** Whether a statement of C++ does a call for each of a pack: `(PyTuple_SET_ITEM(t, 0, all), ...)`. */
function isForEach(model: ProjectModel, file: FileId, code: FunctionCode, call: CallValue): boolean {
  const { start, end } = (statementOf(code, call) ?? call).span
  return isCxxFile(model, file) && model.project.code(file).text.slice(start, end).includes('...')
}

const isJumpLabel = (each: Statement): boolean =>
  each.kind === 'label' && each.name !== 'case' && each.name !== 'default'

/** How the index of a call in a loop becomes another one, before the call is done again. */
interface Stepped {
  readonly name: string
  readonly form: IndexForm
  /** Between the turns, or on the way to the call, or from it. */
  readonly when: 'turn' | 'before' | 'after'
  readonly step: Span
}

/** What counts the index of a call in the outermost loop around it, always in one direction. */
function stepsFor(place: Place, call: CallValue): readonly Stepped[] {
  const { model, file, code, outer } = place
  const form = indexForm(call.operands[1]!)
  if (form === null || outer === null) return []
  const names = [...form.times.keys()]
  if (!names.every((each) => isPrivate(model, file, code, each, outer.span))) return []
  const begins = outer.loop === 'for' ? initOf(model, file, outer) : null
  const changesWithin = (name: string) =>
    changesOf(code, name).filter(({ node }) => isIn(node, outer.span) && !(begins && isIn(node, begins.span)))
  const [name, ...more] = names.filter((each) => changesWithin(each).length > 0)
  if (name === undefined || more.length > 0 || form.times.get(name) === 0) return []
  const changes = changesWithin(name)
  const by = changes.map(({ step }) => step?.by ?? 0)
  if (!by.every((each) => each > 0) && !by.every((each) => each < 0)) return []
  return changes.flatMap(({ step }) => {
    const when = step && whenDone(place, call, step.value)
    return when ? [{ name, form, when, step: step.value.span }] : []
  })
}

/** When a value is done for sure, as often as a call is; null where that is not known. */
function whenDone({ model, file, code, outer }: Place, call: CallValue, value: Value): Stepped['when'] | null {
  if (value.kind === 'unary' && isIn(value, call.operands[1]!.span))
    return value.operator.startsWith('x') ? 'after' : 'before'
  const statement = statementOf(code, value)
  if (statement === null || !isAlwaysIn(code, value)) return null
  const parents = parentsIn(code)
  const block = parents.get(statement)
  if (block === outer) return loopsAround(code, call)[0] === outer && !isIn(value, outer!.body.span) ? 'turn' : null
  if (block?.kind !== 'block') return null
  let own: Parent = statementOf(code, call)!
  for (let at = parents.get(own); at && at !== block; at = parents.get(at)) own = at
  if (parents.get(own) !== block || !('span' in own)) return null
  if (loopsAround(code, own)[0] !== loopsAround(code, call)[0]) return null
  const isBefore = statement.span.end <= own.span.start
  const [first, second] = isBefore ? [statement, own] : [own, statement]
  const between = { start: first.span.start, end: second.span.start }
  const leaves = (each: Statement): boolean =>
    each.kind === 'label' || (!isBefore && each.kind === 'jump' && each.jump !== 'goto')
  if (eachStatement(code.body).some((each) => isIn(each, between) && leaves(each))) return null
  if (isBefore) return 'before'
  return hiddenWays(model, file, between).jumps ? null : 'after'
}

/** Whether a value is done whenever its statement is. */
function isAlwaysIn(code: FunctionCode, value: Value): boolean {
  const parents = parentsIn(code)
  let at = parents.get(value)
  while (at && /^(?:group|cast|assign|binary)$/.test(at.kind)) at = parents.get(at)
  return at?.kind === 'expression' && !mayBeSkipped(code, value)
}

/** What a `for` begins with; null for nothing. */
function initOf(model: ProjectModel, file: FileId, { head: [first], span }: LoopStatement): Statement | null {
  if (first === undefined) return null
  const { text } = model.project.code(file)
  const isFirst = text.slice(span.start, first.span.start).trimEnd().endsWith('(')
  return isFirst && text.slice(first.span.start, first.span.end).endsWith(';') ? first : null
}

/** Whether two calls in one loop set different items, in all turns. */
function isApartInLoop(place: Place, one: CallValue, other: CallValue): boolean {
  const [first, second] = one.span.start < other.span.start ? [one, other] : [other, one]
  const isExclusive = !leadsTo(place.code, first, second)
  return stepsFor(place, first).some((its) =>
    stepsFor(place, second).some((own) => {
      if (its.name !== own.name || its.when !== own.when || its.form.plus !== own.form.plus) return false
      if (!isSame(its.form, own.form)) return false
      if (isExclusive) return true
      if (its.when === 'after') return its.step.end <= second.span.start
      return its.when === 'before' && own.step.start >= first.span.end
    }),
  )
}

/** Whether what an earlier call has set is not what this one sets. */
function isApart(place: Place, earlier: CallValue, call: CallValue): boolean {
  const { code, part } = place
  if (earlier.span.start > call.span.start || !leadsTo(code, earlier, call)) return true
  const [its, own] = [indexForm(earlier.operands[1]!), indexForm(call.operands[1]!)]
  if (its === null || own === null) return false
  const around = loopsAround(code, earlier).findLast(({ span }) => span.start >= part.start)
  const between = { start: (around ?? earlier).span.start, end: part.end }
  if (its.steps.length > 0 && own.steps.length > 0 && its.plus === own.plus && isSame(its, own))
    return [...its.times.keys()].every((each) => isOneWay(place, each, between))
  const [first, second] = [numbersOf(place, earlier, its), numbersOf(place, call, own)]
  return isBelow(place, first, second, between) || isBelow(place, second, first, between)
}

/** Whether a variable changes in a part of a function only by being counted, in one direction. */
function isOneWay({ model, file, code }: Place, name: string, part: Span): boolean {
  if (!isPrivate(model, file, code, name, part)) return false
  const by = changesOf(code, name).flatMap(({ node, step }) => (isIn(node, part) ? [step?.by ?? 0] : []))
  return by.every((each) => each > 0) || by.every((each) => each < 0)
}

/** Which numbers an index takes: from one, to before another one; null where that is not known. */
interface Numbers {
  readonly from: IndexForm | null
  readonly end: IndexForm | null
}

function numbersOf({ model, file, code }: Place, call: CallValue, form: IndexForm): Numbers {
  const [entry, ...more] = form.times
  const plus = (first: IndexForm | null, by: number): IndexForm | null => first && { ...first, plus: first.plus + by }
  for (const loop of entry?.[1] === 1 && more.length === 0 ? loopsAround(code, call) : []) {
    const [name] = entry!
    const changes = changesOf(code, name).filter(({ node }) => isIn(node, loop.span))
    if (changes.length === 0) continue
    const init = loop.loop === 'for' ? initOf(model, file, loop) : null
    const steps = changes.filter(({ node }) => !init || !isIn(node, init.span))
    const isUp = steps.every(({ step }) => step !== null && step.by > 0)
    if (init === null || !isUp || !isPrivate(model, file, code, name, loop.span)) return { from: null, end: null }
    const isCountedInBody = steps.some(({ node }) => isIn(node, loop.body.span))
    return {
      from: plus(givenIn(init, name), form.plus),
      end: isCountedInBody ? null : plus(limitIn(loop, name), form.plus),
    }
  }
  return { from: form, end: plus(form, 1) }
}

/** What the begin of a `for` gives a variable, if it is a sum. */
function givenIn(init: Statement, name: string): IndexForm | null {
  const [variable] = init.kind === 'declaration' ? init.variables : []
  if (variable) return variable.name === name && variable.initialiser ? indexForm(variable.initialiser) : null
  const value = init.kind === 'expression' ? init.value : null
  if (value?.kind !== 'assign' || value.operator !== '=' || nameOf(value.target) !== name) return null
  return indexForm(value.value)
}

/** What a variable is less than in a loop, by its condition, if it is a sum. */
function limitIn({ head }: LoopStatement, name: string): IndexForm | null {
  for (const each of head) {
    const value = expressionOf(each)
    if (value?.kind === 'binary' && value.operator === '<' && nameOf(value.left) === name) return indexForm(value.right)
  }
  return null
}

/** Whether the numbers of one index end before those of another one begin. */
function isBelow({ model, file, code }: Place, { end }: Numbers, { from }: Numbers, part: Span): boolean {
  if (end === null || from === null || !isSame(end, from) || end.plus > from.plus) return false
  return [...from.times.keys()].every(
    (each) => isPrivate(model, file, code, each, part) && !changesOf(code, each).some(({ node }) => isIn(node, part)),
  )
}

const isSame = (one: IndexForm, other: IndexForm): boolean =>
  one.times.size === other.times.size && [...one.times].every(([name, count]) => other.times.get(name) === count)

const known = new WeakMap<FunctionCode, readonly CallValue[]>()

/** The calls in a function that set an item of what has a name. */
function settingIn(code: FunctionCode): readonly CallValue[] {
  const found =
    known.get(code) ??
    callsIn(code).filter(
      (each) => sets.test(calleeName(each) ?? '') && each.operands.length > 2 && nameOf(each.operands[0]!) !== null,
    )
  known.set(code, found)
  return found
}
