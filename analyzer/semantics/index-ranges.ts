import { type Parent, parentsIn } from '../code/placement.ts'
import type { CallValue, FunctionCode, LoopStatement, Value } from '../code/tree.ts'
import { bare, nameOf } from '../code/values.ts'
import { indexForm, numberOf, stepOf } from './index-forms.ts'
import { changesOf } from './variable-steps.ts'

/** Which numbers an index takes, where literals say so. */
export interface IndexRange {
  readonly first: number
  /** From one to the next; 0 for one number alone. */
  readonly by: number
  /** The first that it does not reach; null where that is not known. */
  readonly end: number | null
}

/** The numbers that the second operand of a call takes: a literal, or a variable that a `for` counts; else null. */
export function rangeOf(code: FunctionCode, call: CallValue): IndexRange | null {
  const form = indexForm(call.operands[1]!)
  if (form === null) return null
  const [entry, another] = [...form.times].filter(([, count]) => count !== 0)
  if (entry === undefined) return { first: form.plus, by: 0, end: null }
  if (another !== undefined) return null
  const [name, count] = entry
  const counted = countedBy(code, call, name)
  if (counted === null) return null
  const place = (number: number): number => count * number + form.plus
  return { first: place(counted.first), by: count * counted.by, end: counted.end === null ? null : place(counted.end) }
}

/** What the innermost loop around a call that counts a variable makes of it; else the number that it has. */
function countedBy(code: FunctionCode, call: CallValue, name: string): IndexRange | null {
  const parents = parentsIn(code)
  const changes = changesOf(code, name)
  for (let at: Parent | undefined = parents.get(call); at !== undefined; at = parents.get(at)) {
    if (at.kind !== 'loop') continue
    const { span } = at
    const inside = changes.filter(({ node }) => span.start <= node.span.start && node.span.end <= span.end)
    const steps = inside.filter(({ step }) => step !== null)
    if (steps.length === 0) continue
    const others = inside.filter(({ step }) => step === null)
    const before = changes.filter(({ node }) => node.span.end <= span.start)
    const first = others.length === 1 ? firstIn(at, name) : others.length === 0 ? lastBefore(code, name, before) : null
    return first === null ? null : { first, by: steps[0]!.step!.by, end: endIn(at, name) }
  }
  const before = changes.filter(({ node }) => node.span.end <= call.span.start)
  const first = before.length === 1 ? lastBefore(code, name, before) : null
  return first === null ? null : { first, by: 0, end: null }
}

/** The number that a `for` gives its variable first. */
function firstIn({ loop, head: [first] }: LoopStatement, name: string): number | null {
  if (loop !== 'for' || first === undefined) return null
  if (first.kind === 'declaration') {
    const initialiser = first.variables.find((each) => each.name === name)?.initialiser
    return initialiser ? numberOf(initialiser) : null
  }
  return first.kind === 'expression' && first.value !== null ? givenIn(first.value, name) : null
}

function givenIn(value: Value, name: string): number | null {
  if (value.kind === 'binary' && value.operator === ',') return givenIn(value.left, name) ?? givenIn(value.right, name)
  return value.kind === 'assign' && value.operator === '=' && nameOf(value.target) === name
    ? numberOf(value.value)
    : null
}

/** The number that a variable has before a loop, where it gets one once. */
function lastBefore(code: FunctionCode, name: string, before: ReturnType<typeof changesOf>): number | null {
  const parents = parentsIn(code)
  const numbers = [...parents.keys()].flatMap((each) => {
    const isBefore = before.some(({ node: { span } }) => {
      const own = each.kind === 'variable' ? each.nameSpan : each.span
      return own.start === span.start && own.end === span.end
    })
    if (!isBefore) return []
    if (each.kind === 'variable') return each.name === name && each.initialiser ? [numberOf(each.initialiser)] : []
    return each.kind === 'assign' ? [stepOf(each) ? null : givenIn(each, name)] : [null]
  })
  return numbers.length === 1 ? numbers[0]! : null
}

/** The number before which the condition of a loop ends it: 3 of `i < 3`. */
function endIn({ head }: LoopStatement, name: string): number | null {
  for (const statement of head) {
    const value = statement.kind === 'expression' && statement.value ? bare(statement.value) : null
    if (value?.kind !== 'binary' || nameOf(value.left) !== name) continue
    const number = numberOf(value.right)
    if (number !== null && /^(?:<|!=)$/.test(value.operator)) return number
    if (number !== null && value.operator === '<=') return number + 1
  }
  return null
}

/** Whether a range has a number. */
export function isInRange(number: number, { first, by, end }: IndexRange): boolean {
  if (by === 0) return number === first
  const turns = (number - first) / by
  const isBeforeEnd = end === null || (by > 0 ? number < end : number > end)
  return Number.isInteger(turns) && turns >= 0 && isBeforeEnd
}
