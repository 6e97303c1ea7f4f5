import { inCasts } from '../code/placement.ts'
import type { CallValue, FunctionCode, Value, Variable } from '../code/tree.ts'
import { bare, nameOf } from '../code/values.ts'
import type { Offset } from '../source/text.ts'
import type { LocalNames } from './local-names.ts'

/** What is asked about a pointer on its way through a function. */
export interface PointerQuestions {
  /** More is done with it than is understood. */
  refuse(): void
  /** Whether what takes it is a pointer through which nobody writes: it is not followed any further. */
  isSettled(taker: Value | Variable | FunctionCode): boolean
  /** Whether what a call gives that gets it may point to the same data. @param operand which one, with its casts */
  isGivenBack(call: CallValue, operand: Value): boolean
  /** What it points to is read or written, or its address is taken: `p[i]`, `*p`. */
  element(value: Value): void
  /** A variable that holds it is used. */
  used(offset: Offset): void
}

/** Follows pointers into some data to where they go in one function. */
export class DataPointers {
  private readonly seen = new Set<Variable>()

  constructor(
    private readonly code: FunctionCode,
    private readonly local: LocalNames,
    private readonly questions: PointerQuestions,
  ) {}

  /** Follows a value that points into the data. */
  follow(value: Value): void {
    const { questions } = this
    const { whole, parent } = inCasts(this.code, value)
    if (whole.kind === 'cast' && questions.isSettled(whole)) return
    switch (parent?.kind) {
      case 'variable':
        if (!questions.isSettled(parent)) this.hold(parent.name, value.span.start)
        return
      case 'assign': {
        if (parent.target === whole ? parent.operator === '=' : questions.isSettled(parent.target)) return
        const target = nameOf(bare(parent.target))
        if (target === null) questions.refuse()
        else this.hold(target, value.span.start)
        this.follow(parent)
        return
      }
      case 'return':
        if (!questions.isSettled(this.code)) questions.refuse()
        return
      case 'call':
        if (questions.isGivenBack(parent, whole)) this.follow(parent)
        return
      case 'conditional':
        if (parent.condition !== whole) this.follow(parent)
        return
      case 'index':
        if (parent.object === whole) this.followElement(parent)
        return
      case 'unary':
        if (parent.operator === '*') this.followElement(parent)
        else if (/\+\+|--/.test(parent.operator)) this.follow(parent)
        else if (!/^(?:!|sizeof)$/.test(parent.operator)) questions.refuse()
        return
      case 'binary':
        if (/^[+-]$/.test(parent.operator)) {
          if (!this.isDistance(parent.operator, whole, parent)) this.follow(parent)
        } else if (parent.operator === ',') {
          if (parent.right === whole) this.follow(parent)
        } else if (!/^(?:[<>]=?|[!=]=|&&|\|\|)$/.test(parent.operator)) questions.refuse()
        return
      case 'expression':
      case 'if':
      case 'loop':
        return
      default:
        questions.refuse()
    }
  }

  /** Whether a difference is that of two pointers: `end - p`. */
  private isDistance(operator: string, whole: Value, { right }: { readonly right: Value }): boolean {
    if (operator === '+') return false
    const name = nameOf(right)
    return right === whole || (name !== null && !!this.local.variableAt(name, right.span.start)?.type.endsWith('*'))
  }

  /** What a pointer points to, whose address may be taken. */
  private followElement(element: Value): void {
    const { parent } = inCasts(this.code, element)
    if (parent?.kind === 'unary' && parent.operator === '&') this.follow(parent)
    else this.questions.element(element)
  }

  /** Follows a variable that holds a pointer into the data. */
  private hold(name: string, offset: Offset): void {
    const variable = this.local.variableAt(name, offset)
    if (variable === null || variable.storage === 'static' || variable.isReference) {
      this.questions.refuse()
      return
    }
    if (this.seen.has(variable)) return
    this.seen.add(variable)
    for (const place of this.local.places(name)) {
      if (place === null) this.questions.refuse()
      else if (this.local.variableAt(name, place.span.start) === variable) {
        this.questions.used(place.span.start)
        this.follow(place)
      }
    }
  }
}
