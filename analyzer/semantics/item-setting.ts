import {
  branchesAround,
  callStarting,
  callsIn,
  mayBeSkipped,
  type Parent,
  parentsIn,
  statementOf,
} from '../code/placement.ts'
import { eachStatement } from '../code/statements.ts'
import type {
  BranchesStatement,
  CallValue,
  DeclaredVariable,
  FunctionCode,
  JumpStatement,
  LoopStatement,
  Statement,
  Value,
  Variable,
} from '../code/tree.ts'
import { bare, calleeName, nameOf } from '../code/values.ts'
import { declaresName, variablesNamed } from '../code/variables.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset, Span } from '../source/text.ts'
import { type IndexForm, indexForm, numberOf } from './index-forms.ts'
import { isInRange, rangeOf } from './index-ranges.ts'
import { macroWaysIn } from './macro-loops.ts'
import { type Change, changesOf, isPrivate } from './variable-steps.ts'

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

  constructor(
    private readonly model: ProjectModel,
    private readonly file: FileId,
    private readonly code: FunctionCode,
    private readonly call: CallValue,
    private readonly container: string,
    private readonly made: Offset,
  ) {
    const around = [
      ...this.around(call).filter((each): each is LoopStatement => each.kind === 'loop' && !isDoneOnce(each)),
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
    if (this.leaves(outer))
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
      first !== undefined && this.textOf(first.span).endsWith(';') && this.isFirstInHead(first) ? first : null
    return changesOf(this.code, name).filter(({ node }) => isIn(node, outer) && !(begins && isIn(node, begins.span)))
  }

  private textOf({ start, end }: Span): string {
    return this.model.project.code(this.file).text.slice(start, end)
  }

  private isFirstInHead({ span }: Statement): boolean {
    return this.textOf({ start: Math.max(0, span.start - 200), end: span.start })
      .trimEnd()
      .endsWith('(')
  }

  private loopOf(span: Span): LoopStatement | null {
    return (
      this.around(this.call).find(
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
        this.isInHead(value, from, to, outer) ||
        this.isAlways(value, from, outer, false) ||
        this.isAhead(value, to, outer)
      )
    })
  }

  /** Whether a value is what the innermost loop around two calls does between its turns. */
  private isInHead(value: Value, from: CallValue, to: CallValue, outer: Span): boolean {
    const loop = this.innermost(from)
    if (loop === null || loop !== this.innermost(to) || !isIn(loop, outer)) return false
    const head = loop.head.find((each) => isIn(value, each.span))
    if (head === undefined || (loop.loop === 'for' && head === loop.head[0] && this.isFirstInHead(head))) return false
    if (!this.isUnconditional(value)) return false
    if (loop.span.start === outer.start && loop.span.end === outer.end) return !this.jumpsTo(outer, loop.span)
    const leaves = (each: JumpStatement): boolean =>
      each.jump === 'break' && this.around(each).find(isBreakable) === loop
    if (this.jumpsIn(loop.span).some(leaves) || this.hasMacroJumps(loop.span)) return false
    return !this.jumpsTo(outer, loop.span)
  }

  /** Whether a `goto` leads to a label in one part and not in another one. */
  private jumpsTo(outer: Span, inner: Span): boolean {
    return this.labels().some(({ span }) => isIn({ span }, outer) && !isIn({ span }, inner))
  }

  /** Whether nothing around a value, in its statement, can leave it out, or says whether the next turn is taken. */
  private isUnconditional(value: Value): boolean {
    const parents = parentsIn(this.code)
    for (let at: Parent | undefined = parents.get(value); at && at.kind !== 'expression'; at = parents.get(at)) {
      const isPlain =
        at.kind === 'group' ||
        at.kind === 'cast' ||
        at.kind === 'assign' ||
        (at.kind === 'binary' && at.operator !== '||')
      if (!isPlain) return at.kind === 'loop'
    }
    return true
  }

  /**
   * Whether a value or a statement behind a call is done whenever the call is, before the innermost loop around that
   * takes another turn.
   */
  private isAlways(part: Value | Statement, from: CallValue, outer: Span, isJump: boolean): boolean {
    const statement = isJump ? (part as Statement) : statementOf(this.code, part as Value)
    if (statement === null || part.span.start < from.span.end) return false
    const block = parentsIn(this.code).get(statement)
    if (block?.kind !== 'block' || !isIn(from, block.span) || !isIn(block, this.innermostSpan(from, outer)))
      return false
    if (statement.kind === 'loop' || statement.kind === 'block' || statement.kind === 'branches') return false
    if (statement.kind === 'if' && !isIn(part, statement.condition.span)) return false
    if (this.hasMacroJumps({ start: from.span.end, end: part.span.start })) return false
    return this.jumpsIn({ start: from.span.end, end: statement.span.start }).every((jump) =>
      this.comesTo(jump, part.span.start, from, outer),
    )
  }

  /** Whether a jump between a call and a later place leads there all the same, or out of all loops. */
  private comesTo(jump: JumpStatement, place: Offset, from: CallValue, outer: Span): boolean {
    if (jump.jump === 'goto') {
      const labels = this.labels().filter(({ name }) => name === jump.label)
      return (
        labels.length > 0 &&
        labels.every(({ span }) => !isIn({ span }, outer) || (from.span.end <= span.start && span.end <= place))
      )
    }
    const target = this.around(jump).find(jump.jump === 'break' ? isBreakable : isLoop)
    if (target === undefined) return false
    return target.span.end <= place || (jump.jump === 'break' && target.span.start === outer.start)
  }

  /** Whether a value before a call, in a block around it, is done whenever the call is. */
  private isAhead(value: Value, to: CallValue, outer: Span): boolean {
    const statement = statementOf(this.code, value)
    if (statement === null || statement.span.end > to.span.start) return false
    if (statement.kind !== 'expression' && statement.kind !== 'declaration') return false
    const block = parentsIn(this.code).get(statement)
    if (block?.kind !== 'block' || !isIn(to, block.span) || !isIn(block, this.innermostSpan(to, outer))) return false
    return !this.labels().some(({ span }) => statement.span.end <= span.start && span.start < to.span.start)
  }

  /** Whether the loop is left whenever the call is done, before the loop takes another turn. */
  private leaves(outer: Span): boolean {
    return eachStatement(this.code.body).some((each) => {
      if (each.span.start < this.call.span.end || !isIn(each, outer) || !this.isLeaving(each, outer)) return false
      return this.isAlways(each, this.call, outer, true)
    })
  }

  private isLeaving(each: Statement, outer: Span): boolean {
    if (each.kind === 'return') return true
    if (each.kind !== 'jump' || each.jump === 'continue') return false
    if (each.jump === 'break') return this.around(each).find(isBreakable)?.span.start === outer.start
    const labels = this.labels().filter(({ name }) => name === each.label)
    return labels.length > 0 && labels.every(({ span }) => span.start >= outer.end)
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
        this.isExclusive(other) ||
        (this.isStepped(other, this.call, name, outer) && this.isStepped(this.call, other, name, outer))
      )
    const by = Math.abs((steps[0]?.step?.by ?? 0) * form.times.get(name)!)
    return steps.length === 1 && by !== 0 && apart % by !== 0
  }

  /** Whether another call and this one stand in different branches of one statement. */
  private isExclusive(other: CallValue): boolean {
    const [mine, its] = [this.call, other].map((each) => {
      const statement = statementOf(this.code, each)
      return statement === null ? [] : [statement, ...branchesAround(this.code, statement)]
    })
    const parents = parentsIn(this.code)
    return mine!.some((one) => {
      const around = parents.get(one)
      if (around?.kind === 'branches' && areApart(around, other, this.call)) return true
      return around?.kind === 'if' && its!.some((each) => each !== one && parents.get(each) === around)
    })
  }

  /**
   * Whether a call before this one may have been done, and has then set the same item, or one that is not understood.
   */
  private isSetBefore(other: CallValue, form: IndexForm | null): boolean {
    if (other.span.start > this.call.span.start) return false
    if (form === null || indexForm(other.operands[1]!) === null) return this.leadsHere(other)
    if (!this.isSame(other, form)) return this.meets(other) && this.leadsHere(other)
    const isBetween = ({ node: { span } }: Change): boolean =>
      other.span.start <= span.start && span.end <= this.call.span.start
    // What counts itself up behind itself is another one the next time.
    const isCounted = indexForm(other.operands[1]!)!.steps.some(({ operator }) => operator.startsWith('x'))
    if (isCounted || [...form.times.keys()].some((name) => changesOf(this.code, name).some(isBetween)))
      return this.meets(other) && this.leadsHere(other)
    return this.leadsHere(other)
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

  /** Whether there is a way from an earlier call to this one that takes no loop around both. */
  private leadsHere(other: CallValue): boolean {
    const parents = parentsIn(this.code)
    let at: Parent = other
    for (let parent = parents.get(at); ; at = parent, parent = parents.get(at)) {
      const list = parent === undefined ? this.code.body : parent.kind === 'block' ? parent.statements : null
      for (const each of list ?? []) {
        if (each.span.start < spanOf(at).end) continue
        if (each.span.start >= this.call.span.start || isIn(this.call, each.span)) break
        if (isReturning(each)) return false
        if (each.kind !== 'jump') continue
        const target = each.jump === 'goto' ? undefined : this.around(each).find(isBreakable)
        if (target === undefined || isIn(this.call, target.span)) return false
      }
      if (parent === undefined) return true
      if (parent.kind === 'branches' && isIn(this.call, parent.span)) return !areApart(parent, other, this.call)
      if (parent.kind !== 'if' && parent.kind !== 'conditional') continue
      if (at !== parent.condition && isIn(this.call, parent.span)) return isIn(this.call, spanOf(at))
    }
  }

  private around(part: Parent): Statement[] {
    const parents = parentsIn(this.code)
    const found: Statement[] = []
    for (let at = parents.get(part); at !== undefined; at = parents.get(at)) found.push(at as Statement)
    return found
  }

  private innermost(call: CallValue): LoopStatement | null {
    return this.around(call).find((each): each is LoopStatement => each.kind === 'loop' && !isDoneOnce(each)) ?? null
  }

  /** The innermost loop around a call, or the outermost of those that count. */
  private innermostSpan(call: CallValue, outer: Span): Span {
    const opened = this.loops.filter((each) => isIn(call, each))[0] ?? outer
    const loop = this.innermost(call)
    return loop && isIn(loop, opened) ? loop.span : opened
  }

  private jumpsIn(part: Span): readonly JumpStatement[] {
    return eachStatement(this.code.body).filter(
      (each): each is JumpStatement => each.kind === 'jump' && isIn(each, part),
    )
  }

  private hasMacroJumps({ start, end }: Span): boolean {
    return macroWaysIn(this.model, this.file, this.code).jumps.some((each) => start <= each && each < end)
  }

  private labels(): readonly (Statement & { readonly kind: 'label' })[] {
    return eachStatement(this.code.body).filter(
      (each): each is Statement & { readonly kind: 'label' } =>
        each.kind === 'label' && each.name !== 'case' && each.name !== 'default',
    )
  }
}

const isIn = ({ span }: { readonly span: Span }, part: Span): boolean =>
  part.start <= span.start && span.end <= part.end

/** Whether two calls stand in different branches of one `#if`. */
function areApart({ branches }: BranchesStatement, one: CallValue, other: CallValue): boolean {
  const branchOf = (call: CallValue) => branches.findLastIndex(({ start }) => start <= call.span.start)
  return branchOf(one) !== branchOf(other)
}

const spanOf = (part: Parent): Span => ('span' in part ? part.span : part.nameSpan)

const isLoop = ({ kind }: Parent): boolean => kind === 'loop'
const isBreakable = ({ kind }: Parent): boolean => kind === 'loop' || kind === 'switch'

/** `do { ... } while (0)` */
const isDoneOnce = ({ loop, head: [first] }: LoopStatement): boolean =>
  loop === 'do' &&
  first?.kind === 'expression' &&
  first.value !== null &&
  /^(?:0|false)$/.test(((value) => (value.kind === 'literal' ? value.text : (nameOf(value) ?? '')))(bare(first.value)))

/** Whether a statement leaves the function: also by CPython's macros, and by what never comes back. */
function isReturning(each: Statement): boolean {
  if (each.kind === 'return') return true
  if (each.kind !== 'expression' || each.value === null) return false
  const value = bare(each.value)
  if (value.kind === 'unary') return value.operator === 'throw'
  const name = value.kind === 'call' ? calleeName(value) : nameOf(value)
  return /^(?:Py_RETURN_\w+|Py_UNREACHABLE|Py_FatalError|abort|exit)$/.test(name ?? '')
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
