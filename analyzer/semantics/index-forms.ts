import type { UnaryValue, Value } from '../code/tree.ts'
import { bare, nameOf } from '../code/values.ts'
import type { CType } from '../knowledge/ctype.ts'

/** Which number an index is, as a sum of variables and a number: `n - i - 1`, `n++`. */
export interface IndexForm {
  /** By the name of a variable: how often it counts. */
  readonly times: ReadonlyMap<string, number>
  readonly plus: number
  /** What counts a variable up or down as the index is read. */
  readonly steps: readonly UnaryValue[]
}

/** The form of an index; null where it is no such sum. */
export function indexForm(value: Value): IndexForm | null {
  let inner = value
  // Many numbers become one in a type that has few.
  for (; inner.kind === 'group' || inner.kind === 'cast'; inner = inner.kind === 'group' ? inner.inner : inner.operand)
    if (inner.kind === 'cast' && hasFewNumbers(inner.type)) return null
  switch (inner.kind) {
    case 'name':
      return { times: new Map([[inner.name, 1]]), plus: 0, steps: [] }
    case 'literal': {
      const number = numberOf(inner)
      return number === null ? null : { times: new Map(), plus: number, steps: [] }
    }
    case 'unary':
      return ofUnary(inner)
    case 'binary': {
      const left = indexForm(inner.left)
      const right = indexForm(inner.right)
      return left && right && joined(inner.operator, left, right)
    }
    default:
      return null
  }
}

/** Whether a type holds so few numbers that one counts up to itself again: `bool`, `char`. */
export const hasFewNumbers = (type: CType): boolean => /\b(?:_?[Bb]ool|char|u?int8_t)$/.test(type)

function ofUnary(value: UnaryValue): IndexForm | null {
  const form = indexForm(value.operand)
  if (form === null) return null
  if (value.operator === '-') return negative(form)
  if (value.operator === '+') return form
  const step = stepOf(value)
  if (step === null) return null
  // Behind its operand a step changes only what the next one reads.
  return { ...form, plus: value.operator.startsWith('x') ? 0 : step.by, steps: [value] }
}

function joined(operator: string, left: IndexForm, right: IndexForm): IndexForm | null {
  if (operator === '+') return sum(left, right)
  if (operator === '-') return sum(left, negative(right))
  return null
}

function sum(left: IndexForm, right: IndexForm): IndexForm {
  const times = new Map(left.times)
  for (const [name, count] of right.times) times.set(name, (times.get(name) ?? 0) + count)
  return { times, plus: left.plus + right.plus, steps: [...left.steps, ...right.steps] }
}

const negative = ({ times, plus, steps }: IndexForm): IndexForm => ({
  times: new Map([...times].map(([name, count]) => [name, -count])),
  plus: -plus,
  steps,
})

/** The number that a literal is; null for what is none. */
export function numberOf(value: Value): number | null {
  const inner = bare(value)
  if (inner.kind !== 'literal' || inner.literal !== 'number' || !/^\d+[uUlLzZ]*$/.test(inner.text)) return null
  return /^0\d/.test(inner.text) ? null : Number.parseInt(inner.text, 10)
}

/** How a value counts a variable up or down: `i++`, `i += 2`, `i = i + 1`; null where it does not. */
export function stepOf(value: Value): { readonly name: string; readonly by: number } | null {
  if (value.kind === 'unary') {
    const by = /^(?:x?\+\+|\+\+x?)$/.test(value.operator) ? 1 : /^(?:x?--|--x?)$/.test(value.operator) ? -1 : 0
    const name = nameOf(value.operand)
    return name !== null && by !== 0 ? { name, by } : null
  }
  if (value.kind !== 'assign') return null
  const target = bare(value.target)
  if (target.kind !== 'name') return null
  if (value.operator === '=') {
    const form = indexForm(value.value)
    const isSelf = form?.times.size === 1 && form.times.get(target.name) === 1 && form.steps.length === 0
    return isSelf && form.plus !== 0 ? { name: target.name, by: form.plus } : null
  }
  const number = numberOf(value.value)
  if (number === null || number === 0) return null
  if (value.operator === '+=') return { name: target.name, by: number }
  return value.operator === '-=' ? { name: target.name, by: -number } : null
}
