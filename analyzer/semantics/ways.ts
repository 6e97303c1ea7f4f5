import { type Parent, parentsIn } from '../code/placement.ts'
import type { BranchesStatement, CallValue, FunctionCode, LoopStatement, Statement } from '../code/tree.ts'
import { bare, calleeName, nameOf } from '../code/values.ts'
import type { Offset, Span } from '../source/text.ts'

/** The ways through the loops and branches of a function. */

/**
 * Whether there may be a way from an earlier call to a later one that takes no loop around both.
 * @param earlier and `later`, calls in the function
 */
export function leadsTo(code: FunctionCode, earlier: CallValue, later: CallValue): boolean {
  const parents = parentsIn(code)
  let at: Parent = earlier
  for (let parent = parents.get(at); ; at = parent, parent = parents.get(at)) {
    const list = parent === undefined ? code.body : parent.kind === 'block' ? parent.statements : null
    for (const each of list ?? []) {
      if (each.span.start < endOf(at)) continue
      if (each.span.start >= later.span.start || isIn(later, each.span)) break
      if (isReturning(each)) return false
      if (each.kind !== 'jump') continue
      const target = each.jump === 'goto' ? null : breakableAround(code, each)
      if (target === null || isIn(later, target.span)) return false
    }
    if (parent === undefined) return true
    if (parent.kind === 'branches' && isIn(later, parent.span)) return !areApart(parent, earlier, later)
    if (parent.kind !== 'if' && parent.kind !== 'conditional') continue
    if (at !== parent.condition && isIn(later, parent.span)) return later.span.end <= endOf(at)
  }
}

/** The loops around a part of a function, the innermost first, but for those that are done once. */
export function loopsAround(code: FunctionCode, part: Parent): readonly LoopStatement[] {
  const parents = parentsIn(code)
  const found: LoopStatement[] = []
  for (let at = parents.get(part); at !== undefined; at = parents.get(at))
    if (at.kind === 'loop' && !isDoneOnce(at)) found.push(at)
  return found
}

/** Whether something lies in a part of the text. */
export const isIn = ({ span }: { readonly span: Span }, part: Span): boolean =>
  part.start <= span.start && span.end <= part.end

/** What a `break` ends, or a `continue` at least leaves. */
function breakableAround(code: FunctionCode, jump: Statement): Statement | null {
  const parents = parentsIn(code)
  let at = parents.get(jump)
  while (at && at.kind !== 'loop' && at.kind !== 'switch') at = parents.get(at)
  return at ?? null
}

/** Whether two calls stand in different branches of one `#if`. */
function areApart({ branches }: BranchesStatement, one: CallValue, other: CallValue): boolean {
  const branchOf = (call: CallValue) => branches.findLastIndex(({ start }) => start <= call.span.start)
  return branchOf(one) !== branchOf(other)
}

const endOf = (part: Parent): Offset => ('span' in part ? part.span : part.nameSpan).end

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
  const name = value.kind === 'call' ? calleeName(value) : nameOf(value)
  return /^(?:Py_RETURN_\w+|Py_UNREACHABLE|Py_FatalError|abort|exit)$/.test(name ?? '')
}

/** Whether nothing of the loop around a statement is done after it. */
export const leavesLoop = (each: Statement): boolean =>
  isReturning(each) || (each.kind === 'jump' && each.jump !== 'continue')
