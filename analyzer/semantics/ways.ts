import { branchesAround, type Parent, parentsIn, statementOf } from '../code/placement.ts'
import { eachStatement } from '../code/statements.ts'
import type {
  BranchesStatement,
  CallValue,
  FunctionCode,
  JumpStatement,
  LoopStatement,
  Statement,
  Value,
} from '../code/tree.ts'
import { bare, calleeName, nameOf } from '../code/values.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset, Span } from '../source/text.ts'
import { macroWaysIn } from './macro-loops.ts'

/** The ways through the loops and branches of a function: what is done whenever a call is, and what may be left out. */
export class Ways {
  constructor(
    private readonly model: ProjectModel,
    private readonly file: FileId,
    private readonly code: FunctionCode,
  ) {}

  textOf({ start, end }: Span): string {
    return this.model.project.code(this.file).text.slice(start, end)
  }

  isFirstInHead({ span }: Statement): boolean {
    return this.textOf({ start: Math.max(0, span.start - 200), end: span.start })
      .trimEnd()
      .endsWith('(')
  }

  /** Whether a value is what the innermost loop around two calls does between its turns. */
  isInHead(value: Value, from: CallValue, to: CallValue, outer: Span): boolean {
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
  isAlways(part: Value | Statement, from: CallValue, outer: Span, isJump: boolean): boolean {
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
  isAhead(value: Value, to: CallValue, outer: Span): boolean {
    const statement = statementOf(this.code, value)
    if (statement === null || statement.span.end > to.span.start) return false
    if (statement.kind !== 'expression' && statement.kind !== 'declaration') return false
    const block = parentsIn(this.code).get(statement)
    if (block?.kind !== 'block' || !isIn(to, block.span) || !isIn(block, this.innermostSpan(to, outer))) return false
    return !this.labels().some(({ span }) => statement.span.end <= span.start && span.start < to.span.start)
  }

  /** Whether the loop is left whenever the call is done, before the loop takes another turn. */
  leaves(call: CallValue, outer: Span): boolean {
    return eachStatement(this.code.body).some((each) => {
      if (each.span.start < call.span.end || !isIn(each, outer) || !this.isLeaving(each, outer)) return false
      return this.isAlways(each, call, outer, true)
    })
  }

  private isLeaving(each: Statement, outer: Span): boolean {
    if (each.kind === 'return') return true
    if (each.kind !== 'jump' || each.jump === 'continue') return false
    if (each.jump === 'break') return this.around(each).find(isBreakable)?.span.start === outer.start
    const labels = this.labels().filter(({ name }) => name === each.label)
    return labels.length > 0 && labels.every(({ span }) => span.start >= outer.end)
  }

  /** Whether another call and this one stand in different branches of one statement. */
  isExclusive(call: CallValue, other: CallValue): boolean {
    const [mine, its] = [call, other].map((each) => {
      const statement = statementOf(this.code, each)
      return statement === null ? [] : [statement, ...branchesAround(this.code, statement)]
    })
    const parents = parentsIn(this.code)
    return mine!.some((one) => {
      const around = parents.get(one)
      if (around?.kind === 'branches' && areApart(around, other, call)) return true
      return around?.kind === 'if' && its!.some((each) => each !== one && parents.get(each) === around)
    })
  }

  /** Whether there is a way from an earlier call to this one that takes no loop around both. */
  leadsTo(other: CallValue, call: CallValue): boolean {
    const parents = parentsIn(this.code)
    let at: Parent = other
    for (let parent = parents.get(at); ; at = parent, parent = parents.get(at)) {
      const list = parent === undefined ? this.code.body : parent.kind === 'block' ? parent.statements : null
      for (const each of list ?? []) {
        if (each.span.start < spanOf(at).end) continue
        if (each.span.start >= call.span.start || isIn(call, each.span)) break
        if (isReturning(each)) return false
        if (each.kind !== 'jump') continue
        const target = each.jump === 'goto' ? undefined : this.around(each).find(isBreakable)
        if (target === undefined || isIn(call, target.span)) return false
      }
      if (parent === undefined) return true
      if (parent.kind === 'branches' && isIn(call, parent.span)) return !areApart(parent, other, call)
      if (parent.kind !== 'if' && parent.kind !== 'conditional') continue
      if (at !== parent.condition && isIn(call, parent.span)) return isIn(call, spanOf(at))
    }
  }

  around(part: Parent): Statement[] {
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
    const loop = this.innermost(call)
    const around = [outer, ...(loop ? [loop.span] : []), ...macroWaysIn(this.model, this.file, this.code).loops]
    return around
      .filter((each) => isIn(call, each) && isIn({ span: each }, outer))
      .reduce((one, other) => (other.end - other.start < one.end - one.start ? other : one), outer)
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

/** Whether something lies in a part of the text. */
export const isIn = ({ span }: { readonly span: Span }, part: Span): boolean =>
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
export const isDoneOnce = ({ loop, head: [first] }: LoopStatement): boolean =>
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
