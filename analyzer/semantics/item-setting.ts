import { callStarting, callsIn, mayBeSkipped, parentsIn } from '../code/placement.ts'
import type { CallValue, DeclaredVariable, FunctionCode, LoopStatement, Variable } from '../code/tree.ts'
import { calleeName, nameOf } from '../code/values.ts'
import { declaresName, variablesNamed } from '../code/variables.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset, Span } from '../source/text.ts'
import { type IndexForm, indexForm, numberOf } from './index-forms.ts'
import { isInRange, rangeOf } from './index-ranges.ts'
import { macroWaysIn } from './macro-loops.ts'
import { type Change, changesOf, isPrivate } from './variable-steps.ts'
import { isDoneOnce, isIn, Ways } from './ways.ts'

/** Whether an item of a new container is set once, on all ways through a function. */

const sets = /^P(?:y|ep)(?:Tuple|List)_(?:SET_ITEM|SetItem)$/

/**
 * Whether a call that sets an item of a container sets another one each time that it is reached, and none that other
 * calls in the function have set for sure; and no macro names the container. A loop counts unless the container is
 * made in it.
 * @param start where the call begins, in bytes
 * @param made where the container is made
 */
export function setsEachItemOnce(model: ProjectModel, file: FileId, start: Offset, made: Offset): boolean {
  const code = model.project.code(file).codeAt(start)
  const call = code && callStarting(code, start)
  const container = call?.operands[0] && nameOf(call.operands[0])
  if (!code || !call || call.operands[1] === undefined || !container) return false
  if (!isPrivate(model, file, code, container, { start: made, end: call.span.end })) return false
  if (declarationFor(code, container, made) !== declarationFor(code, container, start)) return false
  if (callsIn(code).some((each) => each.span.start < start && /setjmp$/.test(calleeName(each) ?? ''))) return false
  return new ItemSetting(model, file, code, call, container, made).isOnce()
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

class ItemSetting {
  /** The loops around the call, not around what makes the container, the innermost first. */
  private readonly loops: readonly Span[]
  private readonly ways: Ways

  constructor(
    private readonly model: ProjectModel,
    private readonly file: FileId,
    private readonly code: FunctionCode,
    private readonly call: CallValue,
    private readonly container: string,
    private readonly made: Offset,
  ) {
    this.ways = new Ways(model, file, code)
    const around = [
      ...this.ways.around(call).filter((each): each is LoopStatement => each.kind === 'loop' && !isDoneOnce(each)),
      ...macroWaysIn(model, file, code).loops,
    ].map((each) => ('span' in each ? each.span : each))
    this.loops = around
      .filter((each) => each.start >= made && isIn(call, each))
      .sort((one, other) => one.end - one.start - (other.end - other.start))
  }

  isOnce(): boolean {
    const form = indexForm(this.call.operands[1]!)
    const outer = this.loops.at(-1)
    const others = settingIn(this.code).filter(
      (each) => each !== this.call && each.span.start > this.made && nameOf(each.operands[0]!) === this.container,
    )
    if (outer === undefined) return !others.some((each) => this.isSetBefore(each, form))
    if (form === null) return false
    const inside = others.filter((each) => isIn(each, outer))
    const outside = others.filter((each) => !isIn(each, outer))
    if (outside.some((each) => this.isSetBefore(each, form))) return false
    if (this.ways.leaves(this.call, outer))
      return (
        form.times.size === 0 &&
        inside.every((each) => numberOf(each.operands[1]!) !== null && !this.isSame(each, form))
      )
    const name = this.counter(form, outer)
    if (name === null || !this.isStepped(this.call, this.call, name, outer)) return false
    return inside.every((each) => this.differs(each, form, name, outer))
  }

  /** The variable in an index that is only counted in one direction in a loop, while all others there stay the same. */
  private counter({ times }: IndexForm, outer: Span): string | null {
    const names = [...times].filter(([, count]) => count !== 0).map(([name]) => name)
    if (!names.every((name) => isPrivate(this.model, this.file, this.code, name, outer))) return null
    const changing = names.filter((name) => this.changesWithin(name, outer).length > 0)
    const [name] = changing
    if (changing.length !== 1 || name === undefined) return null
    const steps = this.changesWithin(name, outer).map(({ step }) => step?.by ?? 0)
    const count = times.get(name)!
    const isOneWay = steps.every((by) => by > 0) || steps.every((by) => by < 0)
    return isOneWay && steps.every((by) => Number.isInteger(by * count)) ? name : null
  }

  /** Where a variable changes in a loop, but for what the loop begins with. */
  private changesWithin(name: string, outer: Span): readonly Change[] {
    const loop = this.loopOf(outer)
    const first = loop?.loop === 'for' ? loop.head[0] : undefined
    const begins =
      first !== undefined && this.ways.textOf(first.span).endsWith(';') && this.ways.isFirstInHead(first) ? first : null
    return changesOf(this.code, name).filter(({ node }) => isIn(node, outer) && !(begins && isIn(node, begins.span)))
  }

  private loopOf(span: Span): LoopStatement | null {
    return (
      this.ways
        .around(this.call)
        .find(
          (each): each is LoopStatement =>
            each.kind === 'loop' && each.span.start === span.start && each.span.end === span.end,
        ) ?? null
    )
  }

  /** Whether a variable is counted on each way from one call to the next turn of another one, which may be the same. */
  private isStepped(from: CallValue, to: CallValue, name: string, outer: Span): boolean {
    return this.changesWithin(name, outer).some(({ step }) => {
      if (step === null || mayBeSkipped(this.code, step.value)) return false
      const { value } = step
      const isBefore = value.kind === 'unary' && !value.operator.startsWith('x')
      const isBehind = value.kind === 'unary' && value.operator.startsWith('x')
      const [, fromIndex] = from.operands
      const [, toIndex] = to.operands
      if (from === to && fromIndex && isIn(value, fromIndex.span)) return true
      if (fromIndex && isIn(value, fromIndex.span)) return isBehind
      if (toIndex && isIn(value, toIndex.span)) return isBefore
      return (
        this.ways.isInHead(value, from, to, outer) ||
        this.ways.isAlways(value, from, outer, false) ||
        this.ways.isAhead(value, to, outer)
      )
    })
  }

  /** Whether another call in the loop sets other items than this one, in all turns, as far as one can tell. */
  private differs(other: CallValue, form: IndexForm, name: string, outer: Span): boolean {
    const its = indexForm(other.operands[1]!)
    if (its === null) return false
    const isConstant = its.times.size === 0
    if (isConstant) return false
    const isAlike =
      its.times.size === form.times.size && [...its.times].every(([each, count]) => form.times.get(each) === count)
    if (!isAlike) return true
    const apart = Math.abs(its.plus - form.plus)
    const steps = this.changesWithin(name, outer)
    if (apart === 0)
      return (
        this.ways.isExclusive(this.call, other) ||
        (this.isStepped(other, this.call, name, outer) && this.isStepped(this.call, other, name, outer))
      )
    const by = Math.abs((steps[0]?.step?.by ?? 0) * form.times.get(name)!)
    return steps.length === 1 && by !== 0 && apart % by !== 0
  }

  /**
   * Whether a call before this one may have been done, and has then set the same item, or one that is not understood.
   */
  private isSetBefore(other: CallValue, form: IndexForm | null): boolean {
    if (other.span.start > this.call.span.start) return false
    if (form === null || indexForm(other.operands[1]!) === null) return this.ways.leadsTo(other, this.call)
    if (!this.isSame(other, form)) return this.meets(other) && this.ways.leadsTo(other, this.call)
    const isBetween = ({ node: { span } }: Change): boolean =>
      other.span.start <= span.start && span.end <= this.call.span.start
    // What counts itself up behind itself is another one the next time.
    const isCounted = indexForm(other.operands[1]!)!.steps.some(({ operator }) => operator.startsWith('x'))
    if (isCounted || [...form.times.keys()].some((name) => changesOf(this.code, name).some(isBetween)))
      return this.meets(other) && this.ways.leadsTo(other, this.call)
    return this.ways.leadsTo(other, this.call)
  }

  /** Whether numbers say that a call before this one has set an item that this one sets, too. */
  private meets(other: CallValue): boolean {
    if (this.isConstantOfOthers(this.call, other) || this.isConstantOfOthers(other, this.call)) return true
    const [one, its] = [rangeOf(this.code, this.call), rangeOf(this.code, other)]
    return one !== null && its !== null && (isInRange(one.first, its) || isInRange(its.first, one))
  }

  /** Whether an index is a name that the function does not declare, and that of another call a number. */
  private isConstantOfOthers(call: CallValue, other: CallValue): boolean {
    const name = nameOf(call.operands[1]!)
    return name !== null && !declaresName(this.code, name) && indexForm(other.operands[1]!)?.times.size === 0
  }

  private isSame(other: CallValue, form: IndexForm): boolean {
    const its = indexForm(other.operands[1]!)
    if (its === null || its.plus !== form.plus || its.times.size !== form.times.size) return false
    return [...its.times].every(([name, count]) => form.times.get(name) === count)
  }
}
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
